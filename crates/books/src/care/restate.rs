//! Settling anew: after a reversal, a late bill or a fact that changed the past, every bill that came after is settled again,
//! and what changes is posted as a difference. Earlier answers stay as they were given.

use std::collections::BTreeMap;

use domain::Date;
use serde_json::{Value, json};
use settlement::{PersonRun, Standing};

use super::book::{CareEntry, CareYear};
use super::record::{BillRecord, Paid, Running};
use super::settle::{care_key, pins, settlement_number, standing_before, years_from};
use crate::answer::{Refusal, Stop};
use crate::desk::Desk;
use crate::sheets::{Books, Key};
use crate::turnover::{self, Move};

/// A settlement that stands, with what has been posted of it so far.
#[derive(Clone, Debug)]
pub(crate) struct Active {
    pub year: i16,
    pub number: u32,
    /// As it was last settled.
    pub bill: BillRecord,
    /// Whether the bill has taken over other facts than those it was last settled with.
    pub refreshed: bool,
    pub by_hand: bool,
    /// The settlement with all its differences.
    pub paid: Paid,
}

/// The settlements of a person that stand, of the years from one on, in the order in which they count.
pub(crate) fn active(books: &mut Books<'_>, person: &Key, from_year: i16) -> Result<Vec<Active>, Stop> {
    let subject = care_key(person, 0).subject;
    let mut active = BTreeMap::new();
    for (key, entry, body) in books.history::<CareYear>(&subject)? {
        if key.year >= from_year {
            take(&mut active, key.year, entry.number, body);
        }
    }
    Ok(active.into_values().collect())
}

/// What an entry does to the settlements that stand.
pub(crate) fn take(active: &mut BTreeMap<(i16, u32), Active>, year: i16, number: u32, body: CareEntry) {
    match body {
        CareEntry::Settled { bill, paid, by_hand, .. } => {
            active.insert((year, number), Active { year, number, bill, refreshed: false, by_hand, paid });
        }
        CareEntry::Reinstated { settlement, bill, paid, by_hand, .. } => {
            let one = Active { year, number: settlement, bill, refreshed: false, by_hand, paid };
            active.insert((year, settlement), one);
        }
        CareEntry::Reversed { settlement, .. } => _ = active.remove(&(year, settlement)),
        CareEntry::Differed { settlement, change, bill, .. } => {
            if let Some(one) = active.get_mut(&(year, settlement)) {
                one.paid = one.paid.plus(&change);
                one.bill = bill;
            }
        }
        CareEntry::Opened { .. } | CareEntry::Stands { .. } | CareEntry::Closed { .. } | CareEntry::PaidOut { .. } => {}
    }
}

/// Settles every bill of the years from one on anew, as the books now have them. Gives the differences posted.
pub(crate) fn restate(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    from_year: i16,
    reason: &str,
) -> Result<Vec<Value>, Stop> {
    let bills = active(books, person, from_year)?;
    let before = standing_before(books, person, from_year)?;
    replay(desk, books, person, from_year, before, bills, reason)
}

/// Settles bills in order from a standing, posts the differences, and where the person stands at the end of each year.
pub(crate) fn replay(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    from_year: i16,
    before: Standing,
    bills: Vec<Active>,
    reason: &str,
) -> Result<Vec<Value>, Stop> {
    let engine = &desk.rules.engine;
    let mut run = PersonRun::resume(engine, &before).map_err(|refusal| Refusal::from(&refusal))?;
    let mut ends: BTreeMap<i16, (BillRecord, Standing)> = BTreeMap::new();
    let mut differences = Vec::new();
    for one in bills {
        let key = care_key(person, one.year);
        let number = settlement_number(person, one.year, one.number);
        // A bill that is refused leaves the person as before it.
        let standing = run.standing();
        match run.settle(&one.bill.bill()) {
            Ok(entry) => {
                let plan = engine.plan(entry.plan);
                let anew = Paid::of(plan, &entry);
                let change = anew.since(&one.paid);
                if let Some(change) = &change {
                    differences.push(json!({
                        "settlement": number,
                        "funds": change.funds().to_string(),
                        "person": change.person.to_string(),
                    }));
                }
                // Other facts are recorded though they change no payment now: a later settling anew goes by them.
                if change.is_some() || one.refreshed {
                    let change = change.unwrap_or_else(|| anew.less(&one.paid));
                    let differed = CareEntry::Differed {
                        settlement: one.number,
                        visit: one.bill.visit.clone(),
                        bill: one.bill.clone(),
                        by_hand: one.by_hand,
                        change: change.clone(),
                        reason: reason.to_owned(),
                        pins: pins(desk.rules, &plan.hash),
                    };
                    books.post::<CareYear>(&key, &differed)?;
                    if !one.by_hand && !change.stages.is_empty() {
                        turnover::post(desk, books, Move::Corrected, number, &one.bill, &change)?;
                    }
                }
                ends.insert(one.year, (one.bill, run.standing()));
            }
            Err(refusal) => {
                run = PersonRun::resume(engine, &standing).map_err(|refusal| Refusal::from(&refusal))?;
                differences.push(take_back(desk, books, person, &one, reason, &Refusal::from(&refusal))?);
            }
        }
    }
    stand(desk, books, person, from_year, &ends)?;
    Ok(differences)
}

/// Posts where the person stands at the end of each year that has a book.
fn stand(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    from_year: i16,
    ends: &BTreeMap<i16, (BillRecord, Standing)>,
) -> Result<(), Stop> {
    for year in years_from(desk, books, person, from_year)? {
        let key = care_key(person, year);
        let end = ends.get(&year);
        let last = end.map(|(last, _)| last.clone());
        let running = end.and_then(|(_, standing)| standing.progress.as_ref()).map(Running::from);
        let same = books.find::<CareYear>(&key)?.is_some_and(|book| book.last == last && book.running == running);
        if !same {
            let plan = last.as_ref().and_then(|bill| desk.rules.engine.plan_on(bill.date));
            let pins = pins(desk.rules, plan.map_or("", |at| &desk.rules.engine.plan(at).hash));
            books.post::<CareYear>(&key, &CareEntry::Stands { last, running, pins })?;
        }
    }
    Ok(())
}

/// Bills of the day and later take over the facts of the person as they now are, and are settled anew; a bill of a day that
/// is no longer covered is taken back. Gives the differences posted.
pub(crate) fn refresh(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    from: Date,
    reason: &str,
    mut facts: impl FnMut(&mut Books<'_>, &BillRecord) -> Result<Result<BillRecord, Refusal>, Stop>,
) -> Result<Vec<Value>, Stop> {
    let year = from.year();
    let mut stay = Vec::new();
    let (mut changed, mut differences) = (false, Vec::new());
    for mut one in active(books, person, year)? {
        if one.bill.date < from {
            stay.push(one);
            continue;
        }
        match facts(books, &one.bill)? {
            Ok(bill) => {
                one.refreshed = bill != one.bill;
                changed |= one.refreshed;
                one.bill = bill;
                stay.push(one);
            }
            Err(refusal) => {
                changed = true;
                differences.push(take_back(desk, books, person, &one, reason, &refusal)?);
            }
        }
    }
    if changed {
        let before = standing_before(books, person, year)?;
        differences.extend(replay(desk, books, person, year, before, stay, reason)?);
    }
    Ok(differences)
}

/// Takes a settlement back that can no longer be paid.
fn take_back(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    one: &Active,
    reason: &str,
    refusal: &Refusal,
) -> Result<Value, Stop> {
    let reason = format!("{reason}；重新结算时不再支付：{refusal}");
    reverse(desk, books, person, one, Move::Corrected, &reason)?;
    Ok(json!({
        "settlement": settlement_number(person, one.year, one.number),
        "funds": (-one.paid.funds()).to_string(),
        "refused": refusal.code,
    }))
}

/// Posts that a settlement is taken back. Gives the entry's number.
pub(crate) fn reverse(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    one: &Active,
    what: Move,
    reason: &str,
) -> Result<u32, Stop> {
    let taken = one.paid.negated();
    let reversed = CareEntry::Reversed {
        settlement: one.number,
        visit: one.bill.visit.clone(),
        provider: one.bill.provider.clone(),
        by_hand: one.by_hand,
        paid: taken.clone(),
        reason: reason.to_owned(),
    };
    let entry = books.post::<CareYear>(&care_key(person, one.year), &reversed)?;
    if !one.by_hand {
        let settlement = settlement_number(person, one.year, one.number);
        turnover::post(desk, books, what, settlement, &one.bill, &taken)?;
    }
    Ok(entry)
}
