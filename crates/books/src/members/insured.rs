//! The person as the terms see one on a day: scheme, tier, group, categories and since when insured, or why the day is not covered.
//!
//! Every settlement asks this, so that it reads three sheets: the dossier, the insured year and its contributions; those of the
//! academic year before only where it has a relation.

use std::collections::BTreeSet;

use domain::{Date, Group, Person, Scheme};
use enrolment::Cover;

use super::facts::Facts;
use super::membership::{Membership, Relation, State};
use super::start::{cover_of, decide_on, waits};
use crate::answer::{Refusal, Stop};
use crate::desk::Desk;
use crate::dues::paid_on;
use crate::people::{self, Dossier};
use crate::sheets::{Books, Key};

/// A person who is covered on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insured {
    /// The person, as the terms see one on the day.
    pub person: Person,
    /// The insured year, by the year it begins in.
    pub year: i16,
    /// From when and until when, with the reasons.
    pub cover: Cover,
    /// Code of the area the person is insured in.
    pub area: String,
}

/// The sheets that are read to tell how a person is insured in a calendar year: for preloading.
pub fn keys(person: &Key, year: i16) -> Vec<Key> {
    let id = super::id(person);
    let dues = |year| Key::in_year(format!("dues/{id}"), year);
    let before = year.saturating_sub(1);
    vec![person.clone(), super::key(person, year), dues(year), super::key(person, before)]
}

/// How a person is insured on a day.
///
/// # Errors
/// When the person is not covered on the day, naming why and the clause; or when the source fails.
pub fn insured(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, day: Date) -> Result<Insured, Stop> {
    let facts = Facts::on(books, person, day)?;
    if let Some(died) = facts.died.filter(|died| *died < day) {
        let message = format!("该人已于 {died} 死亡，{day} 没有待遇");
        return Err(Refusal::new("dead", message, "核对就诊日和死亡日").into());
    }
    let mut refused = None;
    for (year, relation) in candidates(books, person, day)? {
        match covered(desk, books, person, &facts, year, &relation, day) {
            Ok(insured) => return Ok(insured),
            Err(Stop::Refused(refusal)) => refused = refused.or(Some(refusal)),
            Err(stop) => return Err(stop),
        }
    }
    Err(refused.unwrap_or_else(|| not_enrolled(day)).into())
}

/// The first day after one, up to another, on which the person is not covered, and why: for a stay whose two ends are.
///
/// # Errors
/// When the source fails.
pub fn gap(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    from: Date,
    to: Date,
) -> Result<Option<(Date, Refusal)>, Stop> {
    for day in turns(books, person, from, to)? {
        match insured(desk, books, person, day) {
            Err(Stop::Refused(refusal)) => return Ok(Some((day, refusal))),
            other => drop(other?),
        }
    }
    Ok(None)
}

/// The days after one, up to another, on which cover may turn: a year, a relation's state or its benefits begin or end, another
/// arrangement does, or the person has graduated. Between them it stays as it is.
fn turns(books: &mut Books<'_>, person: &Key, from: Date, to: Date) -> Result<BTreeSet<Date>, Stop> {
    let mut days = BTreeSet::new();
    for year in from.year().saturating_sub(1)..=to.year() {
        let Some(membership) = books.find::<Membership>(&super::key(person, year))? else { continue };
        for Relation { capacity, start, moves, .. } in &membership.relations {
            days.extend([super::begins(year, capacity.academic), super::ends(year, capacity.academic)]);
            days.extend(start.as_ref().map(|start| start.from));
            days.extend(moves.iter().map(|step| step.on));
        }
    }
    let Dossier { secured, studies, .. } = people::dossier(books, person)?;
    let after = |day: Option<Date>| day.and_then(|day| day.tomorrow().ok());
    days.extend(secured.iter().flat_map(|s| [Some(s.from), s.end, after(s.wait_until)]).flatten());
    days.extend(studies.iter().filter_map(|study| study.graduated));
    days.retain(|day| from < *day && *day <= to);
    Ok(days)
}

/// The relations whose year has the day, the likeliest first: those that are open, the later before the earlier.
fn candidates(books: &mut Books<'_>, person: &Key, day: Date) -> Result<Vec<(i16, Relation)>, Stop> {
    let mut found: Vec<(i16, Relation)> = Vec::new();
    let before = (day.month() < super::ACADEMIC_MONTH).then(|| day.year().saturating_sub(1));
    for year in [Some(day.year()), before].into_iter().flatten() {
        let Some(membership) = books.find::<Membership>(&super::key(person, year))? else { continue };
        let has_day = |r: &&Relation| {
            let academic = r.capacity.academic;
            super::begins(year, academic) <= day && day < super::ends(year, academic)
        };
        let relations = membership.relations.iter().rev().filter(has_day);
        found.extend(relations.map(|relation| (year, relation.clone())));
    }
    found.sort_by_key(|(_, relation)| !relation.is_open());
    Ok(found)
}

fn covered(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    facts: &Facts,
    year: i16,
    relation: &Relation,
    day: Date,
) -> Result<Insured, Stop> {
    let paid = paid_on(desk, books, person, year)?;
    if let Some(step) = relation.moved_by(day).filter(|step| matches!(step.to.0, State::Paused | State::Ended)) {
        let message = format!("{} 起{}（{}），{day} 没有待遇", step.on, step.to.0.name(), step.cause.0.name());
        return Err(Refusal::new("not-covered", message, "恢复参保后的费用才能结算").into());
    }
    let Some(paid) = paid else {
        let message = format!("{year}年度已登记参保，个人缴费未到账，{day} 没有待遇");
        return Err(Refusal::new("unpaid", message, "先缴清本年度个人应缴部分").into());
    };
    let decided = relation.start.as_ref().filter(|start| start.paid == paid && !facts.employee);
    let cover = match decided {
        Some(start) => cover_of(start, relation.capacity.scheme.0, super::ends(year, relation.capacity.academic), day),
        None => decide_on(desk, books, person, year, relation, paid, Some(day))?,
    };
    if cover.covered != Some(true) {
        return Err(waits(&cover, day).into());
    }
    let mut person = facts.in_capacity(&relation.capacity);
    if cover.scheme == Scheme::Employee && person.scheme == Scheme::Resident {
        // The employee scheme has taken over: no tier, and its own groups.
        person = Person { scheme: Scheme::Employee, tier: None, group: Group::Active, ..person };
    }
    let begins = super::begins(year, relation.capacity.academic);
    let here = cover.benefits_from.map(|from| from.max(begins));
    // Cover that begins with the year goes on from the year before; years that a transfer carries are counted on.
    let goes_on = here == Some(begins) || relation.carried.is_some();
    person.insured_since = if goes_on { relation.since.or(here) } else { here };
    Ok(Insured { person, year, cover, area: relation.capacity.area.clone() })
}

fn not_enrolled(day: Date) -> Refusal {
    Refusal::new("not-enrolled", format!("{day} 没有参保"), "先办理参保（member enrol），或作自费结算")
}
