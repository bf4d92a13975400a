//! Visits at a provider, as the national interface knows them: opened, described, charged line by line, discharged, settled in
//! whole or in parts, and all of it taken back.
//!
//! A stream a visit. Lines are judged by the catalogue when they are charged and add up, to the fen, to the bill that
//! [`crate::care`] settles: what a person pays is decided there and nowhere else. What is settled is never struck; it is
//! reversed first. A visit is found by its number, or by person and provider. Names, free texts and the provider's own numbers
//! are sealed. Deliberately absent: the national names of fields, which are the interface's business.

mod book;
mod charge;
mod coded;
mod describe;
mod judge;
mod open;
mod questions;
mod recall;
mod receipt;
mod reverse;
mod sell;
mod settle;
mod strike;
#[cfg(test)]
mod tests;

use domain::{Care, Date};

use crate::answer::{Refusal, Stop};
use crate::command::Command;
use crate::desk::Desk;
use crate::people;
use crate::question::Query;
use crate::sheets::{Books, Key};
use crate::vault::Sealed;

pub use book::{Certificate, Diagnosis, Discharge, Insurance, Opened, Part, Visit, VisitEntry};
pub use charge::{Approval, Charge, Line};
pub use coded::Coded;
pub use describe::{Describe, Discharged, Reopen};
pub use judge::{Charged, Kept};
pub use open::{Amend, Cancel, Open};
pub use questions::{ListDiagnoses, ListLines, ListSettlements, ListVisits};
pub use recall::{Recall, Recalls};
pub(crate) use recall::{recall_key, recalled};
pub use receipt::Share;
pub use reverse::Reverse;
pub use sell::Sell;
pub use settle::Settle;
pub use strike::Strike;

/// The commands about visits.
pub const COMMANDS: &[Command] = &[
    Command::of::<Open>(),
    Command::of::<Amend>(),
    Command::of::<Cancel>(),
    Command::of::<Describe>(),
    Command::of::<Charge>(),
    Command::of::<Strike>(),
    Command::of::<Discharged>(),
    Command::of::<Reopen>(),
    Command::of::<Settle>(),
    Command::of::<Reverse>(),
    Command::of::<Sell>(),
    Command::of::<Recall>(),
];

/// The questions about visits.
pub const QUERIES: &[Query] = &[
    Query::of::<ListVisits>(),
    Query::of::<ListLines>(),
    Query::of::<ListDiagnoses>(),
    Query::of::<ListSettlements>(),
    Query::of::<Coded>(),
];

/// The stream of a visit.
pub fn key(visit: &str) -> Key {
    Key::of(format!("visit/{}", visit.trim()))
}

/// Whether a kind of care is a stay: settled in parts where the provider asks for it, and after discharge.
pub fn is_stay(care: Care) -> bool {
    matches!(care, Care::Inpatient | Care::Delivery | Care::DaySurgery | Care::SingleDisease)
}

/// A visit that a command is about.
struct Held {
    key: Key,
    /// The person's stream.
    person: Key,
    opened: Opened,
}

/// The visit of a number, which must be this provider's and, where a person is named, this person's.
fn held(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    visit: &str,
    provider: &str,
    person: Option<&str>,
) -> Result<Held, Stop> {
    let key = key(visit);
    let found = books.find::<Visit>(&key)?;
    let Some(opened) = found.and_then(|visit| visit.opened.clone()) else { return Err(unknown(visit).into()) };
    // Whose the other visit is, is not told.
    if !opened.provider.eq_ignore_ascii_case(provider.trim()) {
        return Err(unknown(visit).into());
    }
    if found_cancelled(books, &key)? {
        let message = format!("就诊 {visit} 已撤销登记");
        return Err(Refusal::new("visit-cancelled", message, "重新登记（visit open）后再办理").into());
    }
    let whose = people::person_key(&opened.person);
    if let Some(named) = person
        && people::find(desk, books, named)? != whose
    {
        let message = format!("就诊 {visit} 不是这个人的");
        return Err(Refusal::new("other-person", message, "核对就诊号和人员").into());
    }
    Ok(Held { key, person: whose, opened })
}

fn found_cancelled(books: &mut Books<'_>, key: &Key) -> Result<bool, Stop> {
    Ok(books.find::<Visit>(key)?.is_some_and(|visit| visit.cancelled))
}

fn unknown(visit: &str) -> Refusal {
    Refusal::new("unknown-visit", format!("本机构没有就诊号 {visit}"), "核对就诊号；新就诊先登记（visit open）")
}

/// A text that is kept in clear, which must not tell the number of an identity document.
fn clear(what: &str, text: &Option<String>) -> Result<Option<String>, Refusal> {
    let Some(text) = text.as_deref().map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    if people::tells_number(text) {
        let message = format!("{what}里有身份证号码，这一项不加密");
        return Err(Refusal::new("number-in-text", message, "去掉证件号码"));
    }
    Ok(Some(text.to_owned()))
}

/// A text that tells of persons, sealed.
fn sealed(desk: &Desk<'_>, text: &Option<String>) -> Option<Sealed> {
    let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty())?;
    Some(desk.vault.seal("visit", text))
}

/// Opens a text of [`sealed`].
fn unsealed(desk: &Desk<'_>, sealed: &Option<Sealed>) -> Result<Option<String>, Refusal> {
    sealed.as_ref().map(|sealed| people::open(desk, "visit", sealed)).transpose()
}

/// Refuses a day that has not come yet.
fn past(desk: &Desk<'_>, what: &str, day: Date) -> Result<(), Refusal> {
    if day > desk.today() {
        return Err(Refusal::new("impossible-date", format!("{what} {day} 还没有到"), "核对日期"));
    }
    Ok(())
}
