//! `accident`: whether a case is one of the accident add-on, or the yearly draw of its premium.

use domain::Scheme;
use enrolment::{Refusal, accident, accident_draw};
use policy::Terms;
use policy::registry::Kind;

use super::{CaseKind, day, words, year};
use crate::case::{Case, may, must};
use crate::compare::Compare;
use crate::person::{PERSON, person};

pub(crate) const KIND: CaseKind = CaseKind {
    name: "accident",
    fields: &[
        must("person", Kind::Table(PERSON), "who, or whose fund"),
        may("year", Kind::Integer, "year; its first day decides"),
        may("on", Kind::Date, "day of the accident"),
        may("conditions", Kind::Texts, "conditions that hold"),
        may("outcome", Kind::Text, "the outcome claimed"),
        may("heads", Kind::Integer, "persons the premium is drawn for"),
    ],
    expect: &["covered", "draw", "fund", "basis", "refused"],
    run,
};

fn run(case: &Case<'_>) -> Vec<String> {
    let Some(day) = day(case, 1, 1) else { return vec!["写 year 或 on".to_owned()] };
    let scheme = match person(&case.body, year(case)) {
        Ok(person) => person.scheme,
        Err(wrong) => return vec![wrong],
    };
    let terms = case.terms(day);
    let mut compare = Compare::new("", &case.expect);
    let mut steps = Vec::new();
    let refused =
        [claim(case, &terms, scheme, &mut compare, &mut steps), draw(case, &terms, scheme, &mut compare, &mut steps)]
            .into_iter()
            .find_map(Result::err);
    compare.refusals(refused.map(|refusal| case.telling.met(&refusal)).as_ref(), &[]);
    compare.finish(steps)
}

fn claim(
    case: &Case<'_>,
    terms: &Terms<'_>,
    scheme: Scheme,
    compare: &mut Compare<'_>,
    steps: &mut Vec<String>,
) -> Result<(), Refusal> {
    let Some(outcome) = case.body.text("outcome") else { return Ok(()) };
    let found = accident(terms, scheme, &case.body.texts("conditions"), outcome)?;
    compare.flag("covered", found.covered);
    compare.text("basis", found.basis.code());
    steps.extend(words(&found.steps));
    Ok(())
}

fn draw(
    case: &Case<'_>,
    terms: &Terms<'_>,
    scheme: Scheme,
    compare: &mut Compare<'_>,
    steps: &mut Vec<String>,
) -> Result<(), Refusal> {
    let Some(heads) = case.body.integer("heads") else { return Ok(()) };
    let draw = accident_draw(terms, scheme, heads)?;
    compare.amount("draw", draw.total);
    compare.text("fund", &draw.fund);
    compare.text("basis", draw.basis.code());
    steps.push(draw.step.to_string());
    Ok(())
}
