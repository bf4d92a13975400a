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

/// Pays a person's part of a year.
pub(super) fn pay(town: &mut Town, person: &str, year: i16, amount: &str) {
    let receipt = format!("T{}{}", town.today, person);
    let fields = json!({ "receipt": receipt, "person": person, "year": year, "amount": amount, "channel": "mobile" });
    town.run("dues receive", fields).unwrap();
}

fn state(town: &mut Town, person: &str, year: i16) -> String {
    let table = town.ask("member show", json!({ "person": person, "year": year }));
    table.rows.last().unwrap()[4].as_str().unwrap().to_owned()
}

#[test]
fn payment_in_the_window_covers_what_came_before_it() {
    let mut town = town(date(2022, 2, 20));
    let person = town.person("1980-02-03", 1);
    town.run("member enrol", json!({ "person": person, "year": 2022, "tier": "low" })).unwrap();
    assert_eq!(state(&mut town, &person, 2022), "new");
    pay(&mut town, &person, 2022, "320");
    assert_eq!(state(&mut town, &person, 2022), "active");
    let insured = insured_on(&mut town, &person, date(2022, 1, 10)).unwrap();
    assert_eq!((insured.person.tier.as_deref(), insured.year), (Some("low"), 2022));
    assert_eq!(insured.person.insured_since, Some(date(2022, 1, 1)));
    assert_eq!(insured_on(&mut town, &person, date(2023, 1, 1)).unwrap_err().code, "not-enrolled");
}

#[test]
fn who_pays_late_waits_and_is_told_by_which_clause() {
    let mut town = town(date(2022, 2, 20));
    let person = town.person("1980-02-03", 1);
    town.run("member enrol", json!({ "person": person, "year": 2022, "tier": "low" })).unwrap();
    town.today = date(2022, 3, 2);
    pay(&mut town, &person, 2022, "320");
    let refused = insured_on(&mut town, &person, date(2022, 3, 5)).unwrap_err();
    assert_eq!(refused.code, "not-covered");
    assert!(refused.clauses.contains(&"T-3".to_owned()) && refused.message.contains("2022-06-01"));
    let insured = insured_on(&mut town, &person, date(2022, 6, 2)).unwrap();
    assert_eq!(insured.person.insured_since, Some(date(2022, 6, 2)));
}

#[test]
fn unbroken_cover_is_counted_over_the_years() {
    let rules = RULES.replace(
        "[[enrolment.window]]",
        "[[contribution.standard]]\nclause='T-8'\nyear=2023\nrows=[{amount=350}]\n[[enrolment.window]]",
    );
    let mut town = Town::new(&rules, date(2022, 1, 5));
    let person = town.person("1980-02-03", 1);
    town.run("member enrol", json!({ "person": person, "year": 2022, "tier": "low" })).unwrap();
    pay(&mut town, &person, 2022, "320");
    town.today = date(2022, 11, 1);
    town.run("member enrol", json!({ "person": person, "year": 2023, "tier": "low" })).unwrap();
    pay(&mut town, &person, 2023, "350");
    let since = |town: &mut Town| insured_on(town, &person, date(2023, 5, 1)).unwrap().person.insured_since;
    assert_eq!(since(&mut town), Some(date(2022, 1, 1)));
    // The end of the old year breaks what the new one had counted.
    let end = json!({ "person": person, "year": 2022, "on": "2022-12-01", "reason": "request" });
    town.run("member end", end).unwrap();
    assert_eq!(since(&mut town), Some(date(2023, 1, 1)));
}

#[test]
fn only_allowed_moves_are_made() {
    let mut town = town(date(2022, 2, 1));
    let person = town.person("1980-02-03", 1);
    town.run("member enrol", json!({ "person": person, "year": 2022, "tier": "low" })).unwrap();
    let pause = json!({ "person": person, "reason": "imprisoned" });
    assert_eq!(town.run("member pause", pause.clone()).unwrap_err().code, "move-not-allowed");
    assert_eq!(town.run("member resume", json!({ "person": person })).unwrap_err().code, "move-not-allowed");
    let tier = json!({ "person": person, "year": 2022, "tier": "high" });
    let changed = town.run("member change-tier", tier).unwrap();
    assert_eq!(changed.fields["personal"], "695.00");
    pay(&mut town, &person, 2022, "695");
    let back = json!({ "person": person, "year": 2022, "tier": "low" });
    assert_eq!(town.run("member change-tier", back).unwrap_err().code, "already-paid");
    town.today = date(2022, 5, 1);
    town.run("member pause", pause).unwrap();
    assert_eq!(state(&mut town, &person, 2022), "paused");
    assert_eq!(insured_on(&mut town, &person, date(2022, 5, 1)).unwrap_err().code, "not-covered");
    assert!(insured_on(&mut town, &person, date(2022, 4, 30)).is_ok());
    let early = json!({ "person": person, "on": "2022-04-01" });
    assert_eq!(town.run("member resume", early).unwrap_err().code, "day-before-record");
    town.today = date(2022, 6, 1);
    assert_eq!(town.run("member resume", json!({ "person": person })).unwrap().fields["state"], "active");
    assert!(insured_on(&mut town, &person, date(2022, 6, 1)).is_ok());
    town.run("member end", json!({ "person": person, "reason": "request", "on": "2022-07-01" })).unwrap();
    let again = town.run("member end", json!({ "person": person, "reason": "request", "on": "2022-07-02" })).unwrap();
    assert!(again.says.contains("没有变动"));
    assert_eq!(insured_on(&mut town, &person, date(2022, 7, 1)).unwrap_err().code, "not-covered");
    town.run("member revive", json!({ "person": person, "year": 2022 })).unwrap();
    assert!(insured_on(&mut town, &person, date(2022, 7, 1)).is_ok());
}

#[test]
fn death_ends_it_and_an_error_of_death_takes_that_back() {
    let mut town = town(date(2022, 2, 1));
    let person = town.person("1980-02-03", 1);
    town.run("member enrol", json!({ "person": person, "year": 2022, "tier": "low" })).unwrap();
    pay(&mut town, &person, 2022, "320");
    town.today = date(2022, 5, 10);
    let answer = town.run("person die", json!({ "person": person, "on": "2022-05-08" })).unwrap();
    assert!(answer.says.contains("终止"), "{}", answer.says);
    assert_eq!(state(&mut town, &person, 2022), "ended");
    assert!(insured_on(&mut town, &person, date(2022, 5, 8)).is_ok());
    assert_eq!(insured_on(&mut town, &person, date(2022, 5, 9)).unwrap_err().code, "dead");
    town.run("person revive", json!({ "person": person, "reason": "误报" })).unwrap();
    assert_eq!(state(&mut town, &person, 2022), "active");
    assert!(insured_on(&mut town, &person, date(2022, 5, 9)).is_ok());
}

#[test]
fn a_category_that_comes_late_lifts_the_wait() {
    let mut town = town(date(2022, 8, 1));
    let person = town.person("1980-02-03", 1);
    town.run("member enrol", json!({ "person": person, "year": 2022, "tier": "low" })).unwrap();
    pay(&mut town, &person, 2022, "320");
    assert_eq!(insured_on(&mut town, &person, date(2022, 8, 1)).unwrap_err().code, "not-covered");
    town.today = date(2022, 9, 1);
    let category =
        json!({ "person": person, "category": "minimum-allowance", "from": "2022-07-01", "reason": "民政认定" });
    let answer = town.run("category assert", category).unwrap();
    assert!(answer.says.contains("2022-08-01"), "{}", answer.says);
    assert!(insured_on(&mut town, &person, date(2022, 8, 1)).is_ok());
}

#[test]
fn a_sponsored_person_is_enrolled_without_asking() {
    let rules = format!(
        "{RULES}
        [[tier.finance]]
        clause = 'T-9'
        rows = [{{ category = ['minimum-allowance'], becomes = 'high' }}]
        [[contribution.sponsor.poor]]
        clause = 'T-10'
        when = {{ category = 'minimum-allowance' }}
        share = '100%'
        payer = 'finance'
    "
    );
    let mut town = Town::new(&rules, date(2022, 8, 3));
    let person = town.person("1980-02-03", 1);
    let category =
        json!({ "person": person, "category": "minimum-allowance", "from": "2022-08-01", "reason": "民政认定" });
    let answer = town.run("category assert", category).unwrap();
    assert!(answer.says.contains("自动登记") && answer.says.contains("0.00"), "{}", answer.says);
    assert_eq!(state(&mut town, &person, 2022), "active");
    let insured = insured_on(&mut town, &person, date(2022, 8, 3)).unwrap();
    assert_eq!(insured.person.tier.as_deref(), Some("high"));
    let claim = town.memory.journal.iter().flat_map(|posted| &posted.lines);
    let claim: Vec<_> = claim.filter(|line| line.account == "receivable/sponsor").collect();
    assert_eq!(claim[0].amount, domain::Fen::yuan(695));
}

#[test]
fn another_arrangement_is_named() {
    let mut town = town(date(2022, 1, 5));
    let person = town.person("1980-02-03", 1);
    let army = json!({ "person": person, "kind": "other", "name": "军队医疗保障", "from": "2021-01-01" });
    town.run("arrangement record", army).unwrap();
    let refused = town.run("member enrol", json!({ "person": person, "year": 2022, "tier": "low" })).unwrap_err();
    assert_eq!(refused.code, "other-arrangement");
    assert!(refused.message.contains("军队医疗保障") && refused.clauses == ["T-6"]);
}

#[test]
fn one_birth_record_registers_enrols_and_bills() {
    let mut town = town(date(2022, 5, 10));
    let mother = town.person("1990-02-03", 2);
    let household = json!({ "person": mother, "household": "H1", "role": "户主", "from": "2015-01-01" });
    town.run("household join", household).unwrap();
    let birth = json!({
        "certificate": "V120000001", "mother": mother, "born": "2022-05-01", "sex": "female", "name": "某宝", "tier": "low",
    });
    let answer = town.run("birth record", birth.clone()).unwrap();
    assert_eq!((&answer.fields["cover_from"], &answer.fields["personal"]), (&json!("2022-05-01"), &json!("320.00")));
    let baby = answer.fields["person"].as_str().unwrap().to_owned();
    let number = answer.fields["number"].clone();
    assert!(answer.fields["bill"].is_string() && answer.fields["certificate"] != "V120000001");
    let again = town.run("birth record", birth).unwrap();
    assert_eq!((&again.fields["number"], &again.fields["already"]), (&number, &json!(true)));
    pay(&mut town, &baby, 2022, "320");
    let insured = insured_on(&mut town, &baby, date(2022, 5, 2)).unwrap();
    assert_eq!(insured.person.group, domain::Group::Minor);
    let at_home = town.ask("member list", json!({ "year": 2022 }));
    assert_eq!(at_home.rows.len(), 1);
    let nobody =
        json!({ "certificate": "V120000002", "born": "2022-05-01", "sex": "male", "name": "某", "tier": "low" });
    assert_eq!(town.run("birth record", nobody).unwrap_err().code, "no-parent");
    let father = json!({
        "certificate": "V120000002", "father": mother, "born": "2022-05-01", "sex": "male", "name": "某", "tier": "low",
    });
    assert_eq!(town.run("birth record", father).unwrap_err().code, "wrong-parent");
}

#[test]
fn one_submission_registers_enrols_bills_and_pays() {
    let mut town = town(date(2022, 1, 10));
    let join = json!({
        "number": "11010519491231002X", "name": "某", "area": "990101", "year": 2022, "tier": "low",
        "receipt": "R-1", "amount": "320",
    });
    let answer = town.run("member join", join).unwrap();
    let person = answer.fields["person"].as_str().unwrap().to_owned();
    assert!(answer.fields["number"].as_str().is_some_and(|number| number.len() == 20));
    assert_eq!(answer.fields["paid"], "paid");
    assert!(insured_on(&mut town, &person, date(2022, 1, 1)).is_ok());
}

#[test]
fn a_department_enrols_only_whom_the_rule_names() {
    let rules = format!(
        "{RULES}
        [[enrolment.join.soldier]]
        clause = 'T-9'
        when = {{ category = 'disabled-soldier' }}
        scheme = 'employee'
        employer_pays = true
        payer = 'district'
    "
    );
    let mut town = Town::new(&rules, date(2022, 1, 10));
    let people: Vec<String> = (1..=4).map(|n| town.person("1970-02-03", n)).collect();
    for (person, grade) in people.iter().zip(["六级", "七级", "1"]) {
        let soldier = json!({
            "person": person, "category": "disabled-soldier", "from": "2010-01-01", "grade": grade, "reason": "退役军人证",
        });
        town.run("category assert", soldier).unwrap();
    }
    let job = json!({ "person": people[2], "kind": "employee", "name": "职工医保", "from": "2015-01-01" });
    town.run("arrangement record", job).unwrap();
    // The soldier of grade six, who has no employer, was enrolled by the system already: the batch does nothing twice.
    assert_eq!(state(&mut town, &people[0], 2022), "active");
    let batch = json!({ "department": "某区民政局", "year": 2022, "persons": people });
    let answer = town.run("member batch", batch).unwrap();
    let codes: Vec<_> = answer.fields["rejects"].as_array().unwrap().iter().map(|r| r["code"].clone()).collect();
    assert_eq!(codes, ["already-enrolled", "not-by-department", "employed", "not-by-department"]);
    let insured = insured_on(&mut town, &people[0], date(2022, 1, 10)).unwrap();
    assert_eq!(insured.person.scheme, domain::Scheme::Employee);
}

#[test]
fn who_must_declare_anew_is_not_carried_on() {
    let rules = RULES.replace(
        "[[enrolment.window]]",
        "[[contribution.standard]]\nclause='T-8'\nyear=2023\nrows=[{amount=350}]
        [[contribution.collect.students]]\nclause='T-9'\nwhen={group='student'}\nyearly=true\n[[enrolment.window]]",
    );
    let mut town = Town::new(&rules, date(2022, 1, 5));
    let (adult, pupil) = (town.person("1980-02-03", 1), town.person("2010-02-03", 2));
    let school = json!({ "person": pupil, "school": "某小学", "level": "school", "from": "2021-09-01" });
    town.run("study record", school).unwrap();
    for person in [&adult, &pupil] {
        town.run("member enrol", json!({ "person": person, "year": 2022, "tier": "low" })).unwrap();
        pay(&mut town, person, 2022, "320");
    }
    town.today = date(2022, 10, 5);
    let answer = town.run("member renew", json!({ "year": 2023 })).unwrap();
    assert_eq!(answer.fields["renewed"], 1);
    let left = &answer.fields["left"][0];
    assert_eq!((&left["person"], &left["clauses"]), (&json!(pupil), &json!(["T-9"])));
    let again = town.run("member renew", json!({ "year": 2023 })).unwrap();
    assert_eq!(again.fields["renewed"], 0);
}

#[test]
fn a_transfer_leaves_one_relation_and_carries_the_years() {
    let (mut old, mut new) = (town(date(2022, 1, 5)), town(date(2022, 1, 5)));
    let (here, there) = (old.person("1980-02-03", 1), new.person("1980-02-03", 1));
    old.run("member enrol", json!({ "person": here, "year": 2022, "tier": "low" })).unwrap();
    pay(&mut old, &here, 2022, "320");
    (old.today, new.today) = (date(2022, 2, 20), date(2022, 2, 20));
    // The new region asks, under its number; the old one answers and lets go; the new one enrols with the years.
    let asked = new.run("transfer in", json!({ "person": there, "region": "990100" })).unwrap();
    let number = asked.fields["number"].as_str().unwrap().to_owned();
    let unanswered = new.run("transfer finish", json!({ "number": number, "tier": "low" })).unwrap_err();
    assert_eq!(unanswered.code, "move-not-allowed");
    let request = json!({ "person": here, "region": "990200", "number": number });
    old.run("transfer out", request.clone()).unwrap();
    assert_eq!(old.run("transfer out", request).unwrap().fields["already"], true);
    let told = old.run("transfer answer", json!({ "number": number })).unwrap();
    assert_eq!((&told.fields["since"], &told.fields["months"]), (&json!("2022-01-01"), &json!(1)));
    assert_eq!(old.run("transfer finish", json!({ "number": number })).unwrap().fields["state"], "done");
    let answer = json!({ "number": number, "since": "2022-01-01", "ended": "2022-02-20" });
    new.run("transfer answer", answer).unwrap();
    let done = new.run("transfer finish", json!({ "number": number, "tier": "low" })).unwrap();
    assert_eq!((&done.fields["state"], &done.fields["personal"]), (&json!("done"), &json!("320.00")));
    pay(&mut new, &there, 2022, "320");
    assert_eq!(
        (state(&mut old, &here, 2022), state(&mut new, &there, 2022)),
        ("ended".to_owned(), "active".to_owned())
    );
    assert_eq!(insured_on(&mut old, &here, date(2022, 2, 20)).unwrap_err().code, "not-covered");
    let insured = insured_on(&mut new, &there, date(2022, 2, 20)).unwrap();
    assert_eq!(insured.person.insured_since, Some(date(2022, 1, 1)));
    for town in [&mut old, &mut new] {
        let table = town.ask("transfer list", json!({ "number": number }));
        assert_eq!((table.rows.len(), &table.rows[0][5]), (1, &json!("done")));
    }
}

#[test]
fn a_transfer_can_be_refused() {
    let mut town = town(date(2022, 2, 5));
    let person = town.person("1980-02-03", 1);
    assert_eq!(
        town.run("transfer out", json!({ "person": person, "region": "990200" })).unwrap_err().code,
        "not-enrolled"
    );
    town.run("member enrol", json!({ "person": person, "year": 2022, "tier": "low" })).unwrap();
    let here = json!({ "person": person, "region": "990200" });
    assert_eq!(town.run("transfer in", here.clone()).unwrap_err().code, "already-enrolled");
    let number = town.run("transfer out", here).unwrap().fields["number"].clone();
    assert_eq!(town.run("transfer answer", json!({ "number": number })).unwrap_err().code, "unpaid");
    let no = town.run("transfer answer", json!({ "number": number, "refuse": "本年度未缴费" })).unwrap();
    assert_eq!(no.fields["state"], "refused");
    assert_eq!(state(&mut town, &person, 2022), "new");
}
