//! Care: visits settled live, taken back, settled anew; a person's year and its end.
//!
//! One stream a person and year. The running amounts after each settlement stand in its entry, so that the next bill reads one
//! sheet, and a replay can begin anywhere.

mod book;
mod claims;
mod commands;
mod facts;
mod questions;
mod record;
mod reinstate;
mod replay;
mod resettle;
#[cfg(test)]
mod resettle_tests;
mod restate;
mod settle;
#[cfg(test)]
mod tests;
mod trial;

use domain::Date;

use crate::answer::Stop;
use crate::command::Command;
use crate::desk::Desk;
use crate::question::Query;
use crate::sheets::{Books, Key};

pub use book::{CareEntry, CareYear};
pub use claims::{Advances, Days, Entitled};
pub(crate) use commands::take_back;
pub use commands::{BringIn, Close, PayOut, Reverse, Settle};
pub(crate) use facts::{Visit as Told, compose, keys};
pub use questions::{Explain, RunningAmounts, Statement, provider_of};
pub use record::{BillRecord, Paid, PersonRecord};
pub(crate) use reinstate::reinstate;
pub use replay::{Difference, replay};
pub use resettle::{Affected, Resettle};
pub(crate) use restate::{Active, active};
pub(crate) use settle::{Posted, parse_settlement, post};
pub use settle::{care_key, settlement_number};
pub use trial::{Trial, trial};

/// The commands of care.
pub const COMMANDS: &[Command] = &[
    Command::of::<Settle>(),
    Command::of::<Reverse>(),
    Command::of::<PayOut>(),
    Command::of::<BringIn>(),
    Command::of::<Resettle>(),
    Command::of::<Close>(),
];

/// The questions about care.
pub const QUERIES: &[Query] = &[
    Query::of::<Explain>(),
    Query::of::<Statement>(),
    Query::of::<RunningAmounts>(),
    Query::of::<Affected>(),
    Query::of::<Days>(),
    Query::of::<Advances>(),
    Query::of::<Entitled>(),
];

/// A person's number, of any of the person's streams.
pub(crate) fn number_of(person: &Key) -> &str {
    person.subject.split_once('/').map_or("", |(_, number)| number)
}

/// The stream of a person's register sheet.
pub(crate) fn person_of(number: &str) -> Key {
    Key::of(format!("person/{number}"))
}

/// Whether a settlement stands.
///
/// # Errors
/// When the number is none, or the source fails.
pub(crate) fn stands(books: &mut Books<'_>, settlement: &str) -> Result<bool, Stop> {
    let (person, year, number) = parse_settlement(settlement)?;
    let key = care_key(&person_of(&person), year);
    Ok(books.find::<CareYear>(&key)?.is_some_and(|book| book.visits.values().any(|standing| *standing == number)))
}

/// Follows a change of facts from a day on: bills of that day and later are settled anew with the facts as they now are.
///
/// # Errors
/// When the source fails, or the terms no longer decide what they did.
pub fn follow(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, from: Date) -> Result<Vec<String>, Stop> {
    if settle::years_from(desk, books, person, from.year())?.is_empty() {
        return Ok(Vec::new());
    }
    let changed = restate::refresh(desk, books, person, from, "人员信息变化", |books, bill| {
        facts::again(desk, books, person, bill)
    })?;
    if changed.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![format!("{} 笔结算重新结算，差额已入账", changed.len())])
}

/// The sheets that [`follow`] asks for, of every person.
pub fn followed(desk: &Desk<'_>, person: &Key, from: Date) -> Vec<Key> {
    settle::keys_from(desk, person, from.year())
}
