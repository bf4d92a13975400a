//! A settlement whose taking back is itself recalled stands again: under its number, in its place among the person's bills, with
//! what stood of it. The bills after it are settled anew.

use std::collections::BTreeMap;

use super::book::{CareEntry, CareYear};
use super::person_of;
use super::restate::{Active, active, replay, take};
use super::settle::{care_key, parse_settlement, standing_before};
use crate::answer::{Answer, Stop};
use crate::desk::Desk;
use crate::matters::burden;
use crate::sheets::{Books, Key};
use crate::turnover::{self, Move};

/// Lets a settlement stand again that a request took back. Nothing, where the centre had taken it back before that request.
///
/// # Errors
/// When the source fails, or the terms no longer decide what they did.
pub(crate) fn reinstate(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    settlement: &str,
    request: &str,
    reason: &str,
) -> Result<(), Stop> {
    let (person, year, number) = parse_settlement(settlement)?;
    let person = person_of(&person);
    let Some(one) = taken_back(books, &person, (year, number), request)? else { return Ok(()) };
    let entry = CareEntry::Reinstated {
        settlement: number,
        bill: one.bill.clone(),
        by_hand: one.by_hand,
        paid: one.paid.clone(),
        reason: reason.to_owned(),
    };
    books.post::<CareYear>(&care_key(&person, year), &entry)?;
    if !one.by_hand {
        turnover::post(desk, books, Move::Settled, settlement.to_owned(), &one.bill, &one.paid)?;
    }
    let bills = active(books, &person, year)?;
    let before = standing_before(books, &person, year)?;
    replay(desk, books, &person, year, before, bills, &format!("{settlement} 恢复"))?;
    burden::follow(desk, books, &person, one.bill.date, Answer::default())?;
    Ok(())
}

/// What stood of a settlement when a request took it back.
fn taken_back(
    books: &mut Books<'_>,
    person: &Key,
    (year, number): (i16, u32),
    request: &str,
) -> Result<Option<Active>, Stop> {
    let mut standing = BTreeMap::new();
    for (key, entry, body) in books.history::<CareYear>(&care_key(person, 0).subject)? {
        let this = key.year == year && entry.request == request;
        if this && matches!(body, CareEntry::Reversed { settlement, .. } if settlement == number) {
            return Ok(standing.remove(&(year, number)));
        }
        take(&mut standing, key.year, entry.number, body);
    }
    Ok(None)
}
