//! `cover`: from when a person who joins is covered, and by which scheme on a day.

use enrolment::{InsuredYear, Joining, RecordState};
use policy::registry::Kind;

use super::{CaseKind, words, year};
use crate::case::{Case, may, must};
use crate::compare::Compare;
use crate::person::{PERSON, person};

/// The words of [`RecordState`].
pub(crate) const STATES: &[&str] =
    &["no-household", "residence-permit", "permit-expired", "flexible-worker", "other-scheme", "duplicate"];

pub(crate) const KIND: CaseKind = CaseKind {
    name: "cover",
    fields: &[
        must("person", Kind::Table(PERSON), "who"),
        must("year", Kind::Integer, "insured year; an academic year by the year it begins in"),
        may("enrolled", Kind::Date, "day of enrolment; the day of payment if left out"),
        may("paid", Kind::Date, "day of payment"),
        may("born", Kind::Date, "date of birth"),
        may("employee_last_paid", Kind::Date, "last day paid for in the employee scheme"),
        may("graduated", Kind::Date, "day of graduation"),
        may("moved_to_employee", Kind::Date, "day of moving to the employee scheme"),
        may("employee_wait_until", Kind::Date, "last day of waiting for employee benefits"),
        may("states", Kind::Words(STATES), "states of the record that rules ask about"),
        may("other_scheme", Kind::Text, "name of another scheme the person is in"),
        may("on", Kind::Date, "the day asked about"),
    ],
    expect: &["benefits_from", "waiting_until", "covered", "scheme", "reason", "basis", "refused"],
    run,
};

fn run(case: &Case<'_>) -> Vec<String> {
    let mut compare = Compare::new("", &case.expect);
    let body = &case.body;
    let mut person = match person(body, year(case)) {
        Ok(person) => person,
        Err(wrong) => return vec![wrong],
    };
    person.born = body.date("born").or(person.born);
    let joining = Joining {
        enrolled: body.date("enrolled"),
        paid: body.date("paid"),
        employee_last_paid: body.date("employee_last_paid"),
        graduated: body.date("graduated"),
        moved_to_employee: body.date("moved_to_employee"),
        employee_wait_until: body.date("employee_wait_until"),
        states: body.texts("states").into_iter().filter_map(RecordState::parse).collect(),
        other_scheme: body.text("other_scheme").map(str::to_owned),
        on: body.date("on"),
    };
    let insured = InsuredYear::of(case.library, case.region, &case.view(), person.group, year(case));
    let cover = match insured.and_then(|insured| enrolment::cover(&insured, &person, &joining)) {
        Ok(cover) => cover,
        Err(refusal) => {
            compare.refusals(Some(&case.telling.met(&refusal)), &[]);
            return compare.finish([]);
        }
    };
    compare.refusals(None, &[]);
    compare.date("benefits_from", cover.benefits_from);
    compare.date("waiting_until", cover.waiting_until);
    compare.text("scheme", cover.scheme.code());
    compare.text("basis", cover.basis.code());
    if let Some(covered) = cover.covered {
        compare.flag("covered", covered);
    }
    let told: Vec<String> = cover.steps.iter().map(|step| format!("{} {step}", step.key)).collect();
    compare.contains("reason", &told.join("；"));
    compare.finish(words(&cover.steps))
}
