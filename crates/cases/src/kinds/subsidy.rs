//! `subsidy`: the fiscal subsidy of a year for one area, and who pays which part.

use enrolment::Claim;
use policy::registry::{Field, Kind};
use policy::value::Value;

use super::{CaseKind, day, words};
use crate::case::{Case, may, must};
use crate::compare::{Compare, Met};

const EXCLUDED: &[Field] = &[
    may("no-id", Kind::Integer, "persons without identity data"),
    may("wrong-id", Kind::Integer, "persons whose identity data are wrong"),
    may("duplicate", Kind::Integer, "persons enrolled twice, with two entries each"),
    may("residence-permit", Kind::Integer, "holders of a residence permit"),
    may("permit-expired", Kind::Integer, "persons whose permit has expired"),
];

pub(crate) const KIND: CaseKind = CaseKind {
    name: "subsidy",
    fields: &[
        must("year", Kind::Integer, "year of the subsidy"),
        may("on", Kind::Date, "day whose terms decide; the last of the year if left out"),
        may("area", Kind::Text, "area, by its id"),
        may("code", Kind::Text, "area, by a six-digit code inside it"),
        must("heads", Kind::Integer, "entries of the register"),
        may("excluded", Kind::Table(EXCLUDED), "persons whose record is in a state that a rule decides about"),
    ],
    expect: &["per_head", "floor", "heads", "total", "central", "province", "local", "basis", "refused"],
    run,
};

fn run(case: &Case<'_>) -> Vec<String> {
    let Some(day) = day(case, 12, 31) else { return vec!["year 不是年份".to_owned()] };
    let mut compare = Compare::new("", &case.expect);
    let terms = case.terms(day);
    let excluded: Vec<(&str, i64)> = match case.body.get("excluded") {
        Some(Value::Table(table)) => EXCLUDED.iter().filter_map(|f| Some((f.name, table.integer(f.name)?))).collect(),
        _ => Vec::new(),
    };
    let claim = Claim {
        area: case.body.text("code").or(case.body.text("area")),
        heads: case.body.integer("heads").unwrap_or(0),
        excluded: &excluded,
    };
    let subsidy = match enrolment::subsidy(&terms, &claim) {
        Ok(subsidy) => subsidy,
        Err(refusal) => {
            compare.refusals(Some(&case.telling.met(&refusal)), &[]);
            return compare.finish([]);
        }
    };
    let split_refused: Vec<Met> = subsidy.split.as_ref().err().map(|open| case.telling.met(open)).into_iter().collect();
    compare.refusals(None, &split_refused);
    compare.amount("per_head", subsidy.per_head);
    compare.flag("floor", subsidy.floor);
    compare.number("heads", subsidy.heads);
    compare.amount("total", subsidy.total);
    compare.text("basis", subsidy.basis.code());
    if let Ok(split) = subsidy.split {
        compare.amount("central", split.central);
        compare.amount("province", split.province);
        compare.amount("local", split.local);
    }
    compare.finish(words(&subsidy.steps).into_iter().chain(split_refused.into_iter().map(|met| met.told)))
}
