//! What follows for a person's insurance when facts change: nobody has to ask (系统自动办理).
//!
//! Death ends what is open; an arrangement that bars residents' insurance ends it; who is favoured is covered from when that
//! says; and a needy person whom the terms sponsor is enrolled, where they also decide the tier.

use std::ops::RangeInclusive;

use domain::{Date, Scheme};
use enrolment::Asking;

use super::enrol::{Application, bar, enrol};
use super::facts::Facts;
use super::membership::{Cause, Channel, Membership, MembershipEntry, Move, Relation, State};
use super::moves::review_since;
use super::start::settle_start;
use crate::answer::Stop;
use crate::codec::Word;
use crate::desk::Desk;
use crate::people::{self, Arrangement};
use crate::public;
use crate::sheets::{Books, Key};

/// Lets a person's insurance follow a change of facts that holds from a day on. Gives, in sentences, what followed.
///
/// # Errors
/// When the source fails.
pub fn follow(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, from: Date) -> Result<Vec<String>, Stop> {
    let mut said = Vec::new();
    for year in years(desk, from) {
        let Some(membership) = books.find::<Membership>(&super::key(person, year))?.cloned() else { continue };
        for (number, relation) in (0_u8..).zip(&membership.relations) {
            if let Some(step) = forced(desk, books, person, year, relation)? {
                let word = if step.to.0 == State::Ended { "终止" } else { "恢复" };
                said.push(format!("{year}年度参保关系自 {} 起{word}（{}）", step.on, step.cause.0.name()));
                books.post::<Membership>(
                    &super::key(person, year),
                    &MembershipEntry::Moved { relation: number, step },
                )?;
            }
        }
        said.extend(settle_start(desk, books, person, year)?);
        review_since(desk, books, person, year)?;
    }
    said.extend(enrol_sponsored(desk, books, person)?);
    Ok(said)
}

/// The insured years that are looked at again: bills of earlier ones are not settled any more.
fn years(desk: &Desk<'_>, from: Date) -> RangeInclusive<i16> {
    let today = desk.today().year();
    from.year().saturating_sub(1).max(today.saturating_sub(6))..=today.saturating_add(1)
}

/// The sheets that [`follow`] asks for, of every person.
pub fn followed(desk: &Desk<'_>, person: &Key, from: Date) -> Vec<Key> {
    let today = desk.today().year();
    let years = years(desk, from).chain([today.saturating_sub(1), today]);
    years.map(|year| super::key(person, year)).collect()
}

/// The move that facts force on a relation.
fn forced(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    year: i16,
    relation: &Relation,
) -> Result<Option<Move>, Stop> {
    let dossier = people::dossier(books, person)?;
    let ends = super::ends(year, relation.capacity.academic);
    let last = relation.moves.last();
    let step = |to, on, cause| Some(Move { to: Word(to), on, cause: Word(cause), channel: Word(Channel::Automatic) });
    let by_death = last.is_some_and(|step| step.to.0 == State::Ended && step.cause.0 == Cause::Death);
    let after_death = dossier.died.and_then(|died| died.tomorrow().ok());
    match (after_death, last) {
        // The death was an error: back as of the day on which it ended the relation.
        (None, Some(ended)) if by_death => return Ok(step(State::Active, ended.on, Cause::Mistake)),
        (Some(after), _) if relation.is_open() && after < ends => {
            let on = after.max(last.map_or(relation.enrolled, |step| step.on));
            return Ok(step(State::Ended, on, Cause::Death));
        }
        _ => {}
    }
    if !relation.is_open() || relation.capacity.scheme.0 != Scheme::Resident {
        return Ok(None);
    }
    let begins = super::begins(year, relation.capacity.academic);
    let other = dossier.secured.iter().find(|s| {
        s.kind.0 == Arrangement::Other && s.from < ends && s.from >= begins && s.end.is_none_or(|end| end >= ends)
    });
    let Some(from) = other.map(|other| other.from.max(last.map_or(relation.enrolled, |step| step.on))) else {
        return Ok(None);
    };
    let barred = bar(&desk.rules.terms(from)?, enrolment::RecordState::OtherScheme).is_some();
    Ok(if barred { step(State::Ended, from, Cause::OtherScheme) } else { None })
}

/// Enrols a person whom the terms sponsor today, wholly or in part, in the year that runs, where they decide the tier too.
fn enrol_sponsored(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key) -> Result<Vec<String>, Stop> {
    let on = desk.today();
    let facts = Facts::on(books, person, on)?;
    let year = on.year();
    let gone = facts.died.is_some() || facts.joining.other_scheme.is_some() || facts.born.is_some_and(|b| b > on);
    if gone || facts.categories.iter().next().is_none() || enrolled_on(books, person, on)? {
        return Ok(Vec::new());
    }
    let group = facts.group(on);
    let insured = desk.rules.year(group, year)?;
    if insured.academic && on < insured.period.from {
        return Ok(Vec::new());
    }
    let (states, funding) = (facts.joining.states.clone(), public::funding(books, &facts.area, year, on)?);
    let asking = Asking { states, paid_on: Some(on), funding, ..Asking::default() };
    let sponsored = sponsor_of(desk, &insured, &facts, &asking, on);
    let Some(tier) = sponsored else { return Ok(Vec::new()) };
    let application = Application {
        year,
        tier,
        group: Some(group),
        on,
        channel: Channel::Automatic,
        employed: false,
        number: None,
        carried: None,
    };
    match enrol(desk, books, person, &application) {
        Ok(enrolled) => {
            let mut said = vec![format!("系统自动登记{year}年度参保")];
            if let Ok(bill) = &enrolled.bill {
                said.push(format!("缴费单 {}，个人应缴 {} 元", bill.number, bill.personal));
            }
            said.extend(enrolled.notes);
            Ok(said)
        }
        Err(Stop::Refused(refusal)) => Ok(vec![format!("不能自动登记参保：{refusal}")]),
        Err(stop) => Err(stop),
    }
}

/// Whether the person has a relation that has not ended and whose year has the day.
fn enrolled_on(books: &mut Books<'_>, person: &Key, on: Date) -> Result<bool, Stop> {
    for year in [on.year(), on.year().saturating_sub(1)] {
        let Some(membership) = books.find::<Membership>(&super::key(person, year))? else { continue };
        let has_day = |r: &&Relation| {
            let academic = r.capacity.academic;
            super::begins(year, academic) <= on && on < super::ends(year, academic)
        };
        // Who has ended the relation of the year is not enrolled again unasked.
        if membership.relations.iter().any(|relation| has_day(&relation)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The tier at which somebody else pays for the person, if the terms say both; `Some(None)` where there are no tiers.
fn sponsor_of(
    desk: &Desk<'_>,
    insured: &enrolment::InsuredYear<'_>,
    facts: &Facts,
    asking: &Asking,
    on: Date,
) -> Option<Option<String>> {
    let rules = desk.rules.terms(on.max(insured.period.from)).ok()?;
    let tiers = rules.library.tiers(rules.region);
    let pays = |due: &enrolment::Due| due.sponsored.iter().any(|s| s.amount.is_none_or(|a| a > domain::Fen::ZERO));
    let group = facts.group(on);
    let due = enrolment::due(insured, &facts.person(Scheme::Resident, None, group), asking).ok()?;
    if !pays(&due) {
        return None;
    }
    match due.tier {
        Some(tier) => Some(Some(tier)),
        None if tiers.is_empty() || due.scheme == Scheme::Employee => Some(None),
        None => None,
    }
}
