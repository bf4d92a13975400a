//! Filings: what a person declares or applies for beside enrolment, so that a claim is taken as what it is: referral, care
//! elsewhere, special diseases, chosen providers, approvals, accident reports.
//!
//! What a kind of filing asks for, and how long it holds, are terms (`filing.*`) that differ locally; what no notice sets is
//! either not asked for, or refused by its key. [`at`] puts a visit in its place: it is what a settlement reads. Deliberately
//! absent: what the place is worth in money (the stages of settlement decide that), and who may decide a filing.

mod check;
mod decide;
mod edit;
mod list;
mod open;
mod place;
mod rule;
mod sheet;
#[cfg(test)]
mod tests;

use domain::Date;

use crate::answer::{Answer, Refusal, Stop};
use crate::command::Command;
use crate::desk::Desk;
use crate::people;
use crate::question::Query;
use crate::sheets::{Books, Key};

pub use decide::Decide;
pub use edit::{Correct, End, Move, Retract};
pub use list::{CountFilings, ListFilings};
pub use open::Open;
pub use place::{Place, Referral, at, keys, under};
pub use sheet::{Content, Filed, Filings, FilingsEntry, Identified, Kind, Moved, State};

/// The commands about filings.
pub const COMMANDS: &[Command] = &[
    Command::of::<Open>(),
    Command::of::<Decide>(),
    Command::of::<Move>(),
    Command::of::<Correct>(),
    Command::of::<End>(),
    Command::of::<Retract>(),
];

/// The questions about filings.
pub const QUERIES: &[Query] = &[Query::of::<ListFilings>(), Query::of::<CountFilings>()];

/// The stream of a person's filings.
pub fn key(person: &Key) -> Key {
    Key::of(format!("filings/{}", id(person)))
}

/// The number of a filing, as people write it: the person's number and its own.
pub fn number(person: &Key, filing: u32) -> String {
    format!("{}-{filing}", id(person))
}

/// Lets benefits follow a filing that changed from a day on, if that day is past: what was settled since is settled anew.
fn followed(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, from: Date, answer: Answer) -> Result<Answer, Stop> {
    if from >= desk.today() {
        return Ok(answer);
    }
    let said = people::follow::changed(desk, books, person, from)?;
    Ok(if said.is_empty() { answer } else { answer.with("followed", said) })
}

fn id(person: &Key) -> &str {
    person.subject.split_once('/').map_or("", |(_, id)| id)
}

/// The person and the filing that a number names.
fn parse(number: &str) -> Result<(Key, u32), Refusal> {
    let parts = number.trim().split_once('-').and_then(|(id, filing)| Some((id, filing.parse().ok()?)));
    let (id, filing) = parts.ok_or_else(|| unknown(number))?;
    Ok((Key::of(format!("person/{id}")), filing))
}

/// A filing by its number.
fn filed(books: &mut Books<'_>, number: &str) -> Result<(Key, Filed), Stop> {
    let (person, filing) = parse(number)?;
    let found = books.find::<Filings>(&key(&person))?.and_then(|filings| filings.get(filing)).cloned();
    found.map(|filed| (person, filed)).ok_or_else(|| unknown(number).into())
}

/// The stream of the person whose filing a number names.
///
/// # Errors
/// When there is no such filing, or the source fails.
pub fn whose(books: &mut Books<'_>, number: &str) -> Result<Key, Stop> {
    filed(books, number).map(|(person, _)| person)
}

fn unknown(number: &str) -> Refusal {
    Refusal::new("unknown-filing", format!("没有编号为 “{number}” 的备案"), "用 filing list 查出编号")
}
