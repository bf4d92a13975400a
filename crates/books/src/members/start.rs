//! From when a relation gives benefits: decided when it is paid, and again when facts change, and written down with its reasons,
//! so that a settlement need not ask the terms anew.

use domain::{Basis, Date};
use enrolment::{Cover, Step as Reason};

use super::facts::{Facts, joining};
use super::membership::{Membership, MembershipEntry, Relation, Start};
use crate::answer::{Refusal, Step, Stop};
use crate::desk::Desk;
use crate::dues::paid_on;
use crate::people;
use crate::sheets::{Books, Key};

/// Decides from when the relations of a year give benefits, after a payment, its return, or a change of facts. Gives what
/// changed, in words.
///
/// # Errors
/// When the source fails.
pub fn settle_start(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, year: i16) -> Result<Vec<String>, Stop> {
    let key = super::key(person, year);
    let Some(membership) = books.find::<Membership>(&key)?.cloned() else { return Ok(Vec::new()) };
    let paid = paid_on(desk, books, person, year)?;
    let mut said = Vec::new();
    for (number, relation) in (0_u8..).zip(&membership.relations).filter(|(_, relation)| relation.is_open()) {
        let decided = match paid {
            Some(paid) => match decide_on(desk, books, person, year, relation, paid, None) {
                Ok(cover) => start_of(&cover, paid),
                Err(Stop::Refused(refusal)) => {
                    said.push(format!("{year}年度已缴费，待遇起始日定不了：{refusal}"));
                    None
                }
                Err(stop) => return Err(stop),
            },
            None => None,
        };
        match (decided, &relation.start) {
            (Some((start, _)), Some(known)) if start == *known => {}
            (Some((start, because)), _) => {
                said.push(format!("{year}年度待遇从 {} 起", start.from));
                books.post::<Membership>(&key, &MembershipEntry::Starts { relation: number, start, because })?;
            }
            (None, Some(_)) => {
                said.push(format!("{year}年度待遇不再成立"));
                books.post::<Membership>(&key, &MembershipEntry::StartsNot { relation: number })?;
            }
            (None, None) => {}
        }
    }
    Ok(said)
}

/// From when a paid relation gives benefits, and whether on a day, by the terms.
pub(super) fn decide_on(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    year: i16,
    relation: &Relation,
    paid: Date,
    on: Option<Date>,
) -> Result<Cover, Stop> {
    let dossier = people::dossier(books, person)?;
    let joined = paid.max(relation.enrolled);
    // Who is favoured is so on the day of joining.
    let person = Facts::of(dossier, joined).in_capacity(&relation.capacity);
    let joining = joining(dossier, relation, Some(paid), on.unwrap_or(joined));
    let insured = desk.rules.year(relation.capacity.group.0, year)?;
    let cover = enrolment::cover(&insured, &person, &joining)?;
    desk.rules.accept(cover.basis)?;
    Ok(cover)
}

fn start_of(cover: &Cover, paid: Date) -> Option<(Start, Vec<Step>)> {
    let start = Start {
        paid,
        from: cover.benefits_from?,
        waiting_until: cover.waiting_until,
        clauses: cover.steps.iter().flat_map(|step| step.clauses.clone()).collect(),
        basis: cover.basis.code().to_owned(),
    };
    Some((start, cover.steps.iter().map(Step::from).collect()))
}

/// The cover that a decision gives on a day, without asking the terms.
pub(super) fn cover_of(start: &Start, scheme: domain::Scheme, ends: Date, on: Date) -> Cover {
    let covered = start.from <= on && on < ends;
    let text = match start.waiting_until {
        Some(until) => format!("{} 缴费，等待至 {until}，待遇从 {} 起", start.paid, start.from),
        None => format!("{} 缴费，待遇从 {} 起", start.paid, start.from),
    };
    let basis = Basis::parse(&start.basis).unwrap_or(Basis::Illustrative);
    let step = Reason { key: "cover".to_owned(), text, clauses: start.clauses.clone(), basis };
    Cover {
        benefits_from: Some(start.from),
        waiting_until: start.waiting_until,
        ends,
        scheme,
        covered: Some(covered),
        steps: vec![step],
        basis,
    }
}

/// The refusal of a day before benefits run.
pub(super) fn waits(cover: &Cover, day: Date) -> Refusal {
    let clauses: Vec<String> = cover.steps.iter().flat_map(|step| step.clauses.clone()).collect();
    let message = match (cover.waiting_until, cover.benefits_from) {
        (Some(until), Some(from)) => format!("{day} 在待遇等待期内（至 {until}），待遇从 {from} 起"),
        (None, Some(from)) if day < from => format!("{day} 待遇还未开始，从 {from} 起"),
        _ => format!("{day} 不在保障期内（止于 {} 之前）", cover.ends),
    };
    Refusal::new("not-covered", message, "待遇开始后的费用才能结算").by(clauses)
}
