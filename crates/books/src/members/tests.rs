//! Stories of a town: enrolled, paid or not, covered or not.

use domain::Date;
use jiff::civil::date;
use serde_json::json;

use super::*;
use crate::testing::Town;
use crate::{Books, Refusal, Stop, people};

pub(super) const RULES: &str = "
    [[contribution.standard]]
    clause = 'T-1'
    year = 2022
    rows = [{ tier = 'low', amount = 320 }, { tier = 'high', amount = 695 }]
    [[enrolment.window]]
    clause = 'T-2'
    opens_day = '10-01'
    closes_day = '02-28'
    in_year = -1
    benefits_from = '01-01'
    [[enrolment.waiting]]
    clause = 'T-3'
    months = 3
    [[enrolment.exempt.newborn]]
    clause = 'T-4'
    kind = 'newborn'
    days = 90
    benefits_from = 'birth'
    [[enrolment.exempt.poor]]
    clause = 'T-5'
    kind = 'category'
    category = ['minimum-allowance']
    [[enrolment.bar.other]]
    clause = 'T-6'
    reason = 'other-scheme'
    [[enrolment.bar.duplicate]]
    clause = 'T-7'
    reason = 'duplicate'
";

pub(super) fn town(today: Date) -> Town {
    Town::new(RULES, today)
}

pub(super) fn insured_on(town: &mut Town, person: &str, day: Date) -> Result<Insured, Refusal> {
    let desk = crate::Desk { rules: &town.rules, vault: &town.vault, at: 0, actor: "tester" };
    let mut books = Books::new(&mut town.memory);
    insured(&desk, &mut books, &people::person_key(person), day).map_err(|stop| match stop {
        Stop::Refused(refusal) => refusal,
        Stop::Source(what) => panic!("{what}"),
    })
}

#[test]
fn enrolment_says_from_when_and_how_much() {
    let mut town = town(date(2021, 12, 20));
    let person = town.person("1980-02-03", 1);
    let answer = town.run("member enrol", json!({ "person": person, "year": 2022, "tier": "low" })).unwrap();
    assert_eq!(answer.fields["cover_from"], "2022-01-01");
    assert_eq!(answer.fields["personal"], "320.00");
    assert_eq!(answer.fields["group"], "adult");
    let refused = insured_on(&mut town, &person, date(2022, 1, 10)).unwrap_err();
    assert_eq!(refused.code, "unpaid");
    let twice = town.run("member enrol", json!({ "person": person, "year": 2022, "tier": "high" })).unwrap_err();
    assert_eq!((twice.code.as_str(), twice.clauses), ("already-enrolled", vec!["T-7".to_owned()]));
}

#[test]
fn late_enrolment_says_how_long_one_waits() {
    let mut town = town(date(2022, 3, 1));
    let person = town.person("2010-02-03", 1);
    let fields = json!({ "person": person, "year": 2022, "tier": "low" });
    let answer = town.run("member enrol", fields).unwrap();
    assert_eq!(
        (&answer.fields["cover_from"], &answer.fields["waiting_until"]),
        (&json!("2022-06-01"), &json!("2022-05-31"))
    );
    assert_eq!(answer.fields["group"], "minor");
}

#[test]
fn who_cannot_be_enrolled_is_told_why() {
    let mut town = town(date(2022, 1, 5));
    let person = town.person("1980-02-03", 1);
    let mut enrol = |fields: serde_json::Value| town.run("member enrol", fields).unwrap_err().code;
    assert_eq!(enrol(json!({ "person": "11010519491231002X", "year": 2022 })), "unknown-person");
    assert_eq!(enrol(json!({ "person": person, "year": 2022 })), "tier");
    assert_eq!(enrol(json!({ "person": person, "year": 2022, "tier": "middling" })), "tier");
    assert_eq!(enrol(json!({ "person": person, "year": 2023, "tier": "low" })), "enrolment.window");
    assert_eq!(enrol(json!({ "person": person, "year": 2020, "tier": "low" })), "enrolment.window");
    let tomorrow = json!({ "person": person, "year": 2022, "tier": "low", "on": "2022-01-06" });
    assert_eq!(enrol(tomorrow), "future-day");
}

#[test]
fn moves_go_one_way() {
    use State::{Active, Ended, New, Paused};
    let allowed: Vec<(State, State)> = State::ALL
        .iter()
        .flat_map(|from| State::ALL.iter().map(move |to| (*from, *to)))
        .filter(|(from, to)| from.may_become(*to))
        .collect();
    let expected = [
        (New, Active),
        (New, Ended),
        (Active, Paused),
        (Active, Ended),
        (Paused, Active),
        (Paused, Ended),
        (Ended, New),
        (Ended, Active),
    ];
    assert_eq!(allowed, expected);
}
