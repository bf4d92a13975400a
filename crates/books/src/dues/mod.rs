//! Dues: what a person owes for an insured year and who pays it, what comes in by tax receipts, and what goes back.
//!
//! Amounts are those of `enrolment::due`; here they become bills with numbers, money that is posted, and a day from which the
//! year counts as paid. Deliberately absent: collection itself, which is the tax authority's and the banks'.

mod assess;
mod bill;
mod receive;
mod sheet;
mod suspense;
#[cfg(test)]
mod tests;

use domain::Date;

use crate::answer::Stop;
use crate::command::Command;
use crate::desk::Desk;
use crate::people;
use crate::question::Query;
use crate::sheets::{Books, Key};

pub use assess::{Billed, News, bill};
pub use bill::{Declare, MakeBill, Prepay};
pub use receive::Receive;
pub use sheet::{
    Bill, Billing, Channel, Choice, Dues, DuesEntry, Ground, Prepaid, Receipt, Refund, RefundState, Share, Undecided,
    Was,
};
pub use suspense::{Assign, Held, HeldEntry, Return, Why};

/// The commands of contributions.
pub const COMMANDS: &[Command] = &[
    Command::of::<Assign>(),
    Command::of::<Declare>(),
    Command::of::<MakeBill>(),
    Command::of::<Prepay>(),
    Command::of::<Receive>(),
    Command::of::<Return>(),
];

/// The questions about contributions.
pub const QUERIES: &[Query] = &[];

/// Day on which the person's own part of a year's contribution was fully paid; the day of the bill if nothing is due from the
/// person; `None` while something is open or nothing is billed.
///
/// # Errors
/// When the source fails.
pub fn paid_on(_desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, year: i16) -> Result<Option<Date>, Stop> {
    Ok(books.find::<Dues>(&dues_key(person, year))?.and_then(Dues::paid_on))
}

/// The streams that a command about a person's dues of a year will read, as far as its fields tell.
pub fn keys(desk: &Desk<'_>, person: &str, year: i16) -> Vec<Key> {
    let Some(person) = people::likely(desk, person) else { return Vec::new() };
    let dues = dues_key(&person, year);
    vec![person, dues]
}

/// The stream of a person's dues of a year.
pub fn dues_key(person: &Key, year: i16) -> Key {
    Key::in_year(format!("dues/{}", number_of(person)), year)
}

/// A person's number.
fn number_of(person: &Key) -> &str {
    person.subject.split_once('/').map_or("", |(_, number)| number)
}
