//! The catalogue: what an item of the drug, service and consumable lists is, how it is paid and up to which price; and the tables
//! of terms (diagnoses, operations, chronic diseases) that records are written with.
//!
//! All is dated and comes from files, each with its publisher, edition and basis. A line of a bill is judged by what held on
//! its own day; what has ended or was never listed is judged by nobody. Deliberately absent: what a person pays of a bill
//! (`settlement`), and codes that the region keeps itself (`public::codes`).

mod book;
mod commands;
mod dated;
mod file;
mod item;
mod load;
mod questions;
mod term;
#[cfg(test)]
mod tests;
mod words;

use domain::{Basis, Date, Fen, Level, Rate};

use crate::answer::{Refusal, Stop};
use crate::command::Command;
use crate::question::Query;
use crate::sheets::{Books, Key};

pub use book::{Counts, Load, LoadEntry, Loads};
pub use commands::{LoadItems, LoadTerms};
pub use dated::Dated;
pub(crate) use dated::{Recorded, as_kept, on, put};
pub use file::Source;
pub(crate) use item::is_nothing;
pub use item::{Item, ItemEntry, Listing, Make};
pub use questions::{CatalogueHistory, ListItems, ListTerms, ShowItem, after};
pub use term::{Meaning, Term, TermEntry};
pub use words::{ChargeType, Class, ItemFlag, ListType, TermSet};

/// The commands of the catalogue.
pub const COMMANDS: &[Command] = &[Command::of::<LoadItems>(), Command::of::<LoadTerms>()];

/// The questions about the catalogue.
pub const QUERIES: &[Query] =
    &[Query::of::<ShowItem>(), Query::of::<ListItems>(), Query::of::<CatalogueHistory>(), Query::of::<ListTerms>()];

/// An item as it counts for a line of a bill on a day, at a provider of a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Name.
    pub name: String,
    /// The list it stands on.
    pub list: ListType,
    /// The class it is charged under.
    pub charge: ChargeType,
    /// How it is paid.
    pub class: Class,
    /// What the person pays of it first: nothing of class A, all of class C.
    pub share: Rate,
    /// Highest price paid for a unit; none, if it is not limited.
    pub limit: Option<Fen>,
    /// It is paid under conditions only, which the provider must have approved.
    pub limited_use: bool,
    /// The conditions.
    pub condition: Option<String>,
    /// What else is marked on it.
    pub flags: Vec<ItemFlag>,
    /// Version of the list that told it.
    pub version: String,
    /// On what it rests.
    pub basis: Basis,
}

impl Judged {
    /// Whether something is marked on it.
    pub fn has(&self, flag: ItemFlag) -> bool {
        self.flags.contains(&flag)
    }
}

/// The stream of an item.
pub fn key(code: &str) -> Key {
    Key::of(format!("item/{}", clean(code)))
}

/// The stream of a term.
pub fn term_key(set: TermSet, code: &str) -> Key {
    Key::of(format!("term/{}/{}", set.code(), clean(code)))
}

/// How many files of items were loaded: while it stays the same, so do the lists.
///
/// # Errors
/// When the source fails.
pub fn edition(books: &mut Books<'_>) -> Result<u32, Stop> {
    books.entries(&load::loads_key::<Item>())
}

/// How an item counts on a day at a provider of a level; nothing, if it is on no list that day.
///
/// # Errors
/// When the source fails.
pub fn judged(books: &mut Books<'_>, code: &str, day: Date, level: Level) -> Result<Option<Judged>, Stop> {
    let item = books.find::<Item>(&key(code))?;
    Ok(item.and_then(|item| item.on(day)).map(|listing| listing.judged(level)))
}

/// What a term means on a day; nothing, if the table does not have it that day.
///
/// # Errors
/// When the source fails.
pub fn term(books: &mut Books<'_>, set: TermSet, code: &str, day: Date) -> Result<Option<Meaning>, Stop> {
    let term = books.find::<Term>(&term_key(set, code))?;
    Ok(term.and_then(|term| term.on(day)).cloned())
}

fn clean(code: &str) -> String {
    code.trim().to_ascii_uppercase()
}

/// A code as the catalogue takes it.
pub(crate) fn code_of(text: &str) -> Result<String, Refusal> {
    let code = clean(text);
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-+*_/".contains(c);
    if (1..=50).contains(&code.len()) && code.chars().all(fits) {
        return Ok(code);
    }
    let cure = "写字母、数字和 . - + * _ /，不超过 50 位，如 XA02BCA001A001010100001";
    Err(Refusal::new("bad-item-code", format!("“{text}” 不是目录编码"), cure))
}
