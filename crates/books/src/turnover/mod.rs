//! Turnover: what was settled with a provider day by day, against which the provider holds its own books.
//!
//! A stream a provider and day. Every settlement that the funds pay to the provider, every reversal and every correction posts
//! one entry, in the transaction that makes it, so that the funds of a provider's turnover are what moved on its account
//! `payable/provider`, to the fen. What the provider asked for (settled, reversed) and what followed without its asking
//! (corrected: later bills settled anew, facts that changed) are summed apart: the provider's own sums know only the first.

mod book;
mod questions;
#[cfg(test)]
mod tests;

use domain::{Date, Fen};

use crate::answer::Stop;
use crate::care::{BillRecord, Paid};
use crate::codec::{Word, Yuan};
use crate::desk::Desk;
use crate::question::Query;
use crate::sheets::{Books, Key};

pub use book::{Clearing, Day, Group, Move, Sum, Taken, TurnoverEntry};
pub use questions::{Lines, Totals, sum};

/// The questions about turnover.
pub const QUERIES: &[Query] = &[Query::of::<Totals>(), Query::of::<Lines>()];

/// A provider's turnover of a day.
pub fn key(provider: &str, day: Date) -> Key {
    let code = provider.trim().to_ascii_uppercase();
    Key::of(format!("turnover/{code}-{:04}{:02}{:02}", day.year(), day.month(), day.day()))
}

/// Posts what is paid or taken back of a bill to the day's turnover of its provider.
///
/// # Errors
/// When the source fails.
pub(crate) fn post(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    what: Move,
    settlement: String,
    bill: &BillRecord,
    change: &Paid,
) -> Result<(), Stop> {
    let taken = Taken {
        what: Word(what),
        settlement,
        visit: bill.visit.clone(),
        group: Group {
            scheme: bill.person.scheme,
            clearing: Word(Clearing::of(bill.care.0)),
            office: desk.rules.region()?.code.clone(),
        },
        total: change.total,
        funds: Yuan(change.funds()),
        account: Yuan(Fen::ZERO),
        person: change.person,
    };
    books.post::<Day>(&key(&bill.provider, desk.today()), &TurnoverEntry::Taken(taken))?;
    Ok(())
}
