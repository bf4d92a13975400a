//! Stories of care in a town: a deductible of a year, half of the rest, a cap; and a better ratio for the poor.

use std::sync::Arc;

use domain::{Date, Fen};
use jiff::civil::date;
use serde_json::{Value, json};

use super::*;
use crate::fold::Entry;
use crate::testing::Town;
use crate::{Answer, Books, Refusal, Source};

pub(super) const RULES: &str = "
    [[contribution.standard]]
    clause = 'T-1'
    year = 2022
    rows = [{ tier = 'low', amount = 320 }]
    [[contribution.standard]]
    clause = 'T-1'
    year = 2023
    rows = [{ tier = 'low', amount = 350 }]
    [[enrolment.window]]
    clause = 'T-2'
    opens_day = '10-01'
    closes_day = '02-28'
    in_year = -1
    benefits_from = '01-01'
    [[stage.basic.shape]]
    clause = 'T-3'
    name = '住院统筹'
    payer = 'basic'
    layer = 'basic'
    order = 1
    base = 'in-scope'
    measure = 'visit'
    [[stage.basic.deductible]]
    clause = 'T-4'
    per = 'year'
    rows = [{ amount = 1000 }]
    [[stage.basic.bands]]
    clause = 'T-5'
    rows = [{ category = 'minimum-allowance', ratio = '80%' }, { ratio = '50%' }]
    [[stage.basic.cap]]
    clause = 'T-6'
    per = 'year'
    plus_carry = 'unused'
    rows = [{ amount = 5000 }]
    [[carry.unused]]
    clause = 'T-7'
    kind = 'unused-limit'
    care = 'inpatient'
    stage = 'basic'
";

/// A town with a hospital, and an adult who has paid for 2022 and 2023.
fn town() -> (Town, String) {
    town_by(RULES)
}

/// The same by other rules.
pub(super) fn town_by(rules: &str) -> (Town, String) {
    let mut town = Town::new(rules, date(2021, 12, 10));
    let person = town.person("1980-02-03", 1);
    let hospital = json!({
        "provider": "H99010100001", "name": "某医院", "area": "990101", "level": "2", "care": ["inpatient"],
        "online": true, "from": "2020-01-01",
    });
    town.run("provider register", hospital).unwrap();
    for (year, amount, day) in [(2022, "320", date(2021, 12, 10)), (2023, "350", date(2022, 12, 10))] {
        town.today = day;
        town.run("member enrol", json!({ "person": person, "year": year, "tier": "low" })).unwrap();
        town.run("dues bill", json!({ "person": person, "year": year, "tier": "low", "group": "adult" })).unwrap();
        let receipt = json!({
            "receipt": format!("R{year}"), "person": person, "year": year, "amount": amount, "channel": "mobile",
        });
        town.run("dues receive", receipt).unwrap();
    }
    (town, person)
}

pub(super) fn settle(town: &mut Town, person: &str, visit: &str, day: Date, yuan: i64) -> Result<Answer, Refusal> {
    town.today = town.today.max(day);
    let fields = json!({
        "person": person, "provider": "H99010100001", "visit": visit, "care": "inpatient", "date": day.to_string(),
        "a": yuan.to_string(),
    });
    town.run("care settle", fields)
}

fn funds(answer: &Answer) -> &str {
    answer.fields["funds"].as_str().unwrap()
}

fn settlement(answer: &Answer) -> Value {
    answer.fields["settlement"].clone()
}

/// What stands of each visit of a year.
pub(super) fn standing(town: &mut Town, person: &str, year: i16) -> Vec<(String, Fen)> {
    let mut books = Books::new(&mut town.memory);
    let active = restate::active(&mut books, &person_of(person), year).unwrap();
    let active = active.into_iter().filter(|one| one.year == year);
    active.map(|one| (one.bill.visit.clone(), one.paid.funds())).collect()
}

/// Replays all that was settled, folds all streams again, and adds up all postings.
pub(super) fn verified(town: &mut Town, person: &str) -> usize {
    let entries: Vec<(Key, Entry)> = town.memory.history(&format!("care/{person}")).unwrap();
    let rules = Arc::new(town.rules.clone());
    let (settlements, differences) = replay(entries.clone(), &mut |_, _| Ok(Arc::clone(&rules))).unwrap();
    assert_eq!(differences, vec![]);
    for raw in town.memory.scan("care/", None, None, 100).unwrap() {
        let of_year = entries.iter().filter(|(key, _)| *key == raw.key).map(|(_, entry)| entry.clone());
        let refold = crate::StreamKind::named("care/x").unwrap().refold;
        assert_eq!(refold(&of_year.collect::<Vec<_>>()).unwrap(), raw.body);
    }
    let lines = town.memory.journal.iter().flat_map(|posted| &posted.lines);
    assert_eq!(lines.map(|line| line.amount).sum::<Fen>(), Fen::ZERO);
    settlements
}

#[test]
fn a_year_is_settled_one_bill_after_the_other() {
    let (mut town, person) = town();
    let first = settle(&mut town, &person, "1", date(2022, 3, 1), 3_000).unwrap();
    assert_eq!((funds(&first), first.fields["person"].as_str()), ("1000.00", Some("2000.00")));
    assert_eq!(first.fields["columns"], json!({ "hifp_pay": "1000.00" }));
    let second = settle(&mut town, &person, "2", date(2022, 4, 1), 3_000).unwrap();
    assert_eq!(funds(&second), "1500.00", "the deductible of the year is met");
    let third = settle(&mut town, &person, "3", date(2022, 5, 1), 9_000).unwrap();
    assert_eq!(funds(&third), "2500.00", "the cap of the year is reached");
    assert_eq!(town.balance("expense/basic"), "5000.00");
    assert_eq!(town.balance("payable/provider"), "-5000.00");
    assert_eq!(verified(&mut town, &person), 3);
}

#[test]
fn the_same_bill_is_paid_once() {
    let (mut town, person) = town();
    let first = settle(&mut town, &person, "1", date(2022, 3, 1), 3_000).unwrap();
    let again = settle(&mut town, &person, "1", date(2022, 3, 1), 3_000).unwrap();
    assert_eq!((settlement(&first), Some(&json!(true))), (settlement(&again), again.fields.get("already")));
    let other = settle(&mut town, &person, "1", date(2022, 3, 1), 3_001).unwrap_err();
    assert_eq!(other.code, "already-settled");
    assert_eq!(town.balance("expense/basic"), "1000.00");
}

#[test]
fn a_reversal_settles_anew_what_came_after() {
    let (mut town, person) = town();
    let first = settle(&mut town, &person, "1", date(2022, 3, 1), 3_000).unwrap();
    settle(&mut town, &person, "2", date(2022, 4, 1), 3_000).unwrap();
    let taken = json!({ "settlement": settlement(&first), "reason": "费用录入有误" });
    let reversed = town.run("care reverse", taken.clone()).unwrap();
    assert_eq!(reversed.fields["funds"], "-1000.00");
    let second = reversed.fields["differences"][0].clone();
    assert_eq!(
        (&second["funds"], &second["person"]),
        (&json!("-500.00"), &json!("500.00")),
        "now it meets the deductible"
    );
    assert_eq!(standing(&mut town, &person, 2022), [("2".to_owned(), Fen::yuan(1_000))]);
    assert_eq!(town.run("care reverse", taken).unwrap_err().code, "not-standing");
    // The visit may be settled again, rightly; it counts after what stands.
    let again = settle(&mut town, &person, "1", date(2022, 3, 1), 2_000).unwrap();
    assert_eq!(funds(&again), "1000.00");
    assert_eq!(town.balance("expense/basic"), "2000.00");
    assert_eq!(verified(&mut town, &person), 3);
}

#[test]
fn nothing_is_left_of_a_year_whose_only_bill_is_taken_back() {
    let (mut town, person) = town();
    let only = settle(&mut town, &person, "1", date(2022, 3, 1), 3_000).unwrap();
    town.run("care reverse", json!({ "settlement": settlement(&only), "reason": "x" })).unwrap();
    let next = settle(&mut town, &person, "2", date(2022, 4, 1), 3_000).unwrap();
    assert_eq!(funds(&next), "1000.00");
    assert_eq!(verified(&mut town, &person), 2);
}

#[test]
fn a_category_that_comes_late_changes_what_was_settled() {
    let (mut town, person) = town();
    settle(&mut town, &person, "1", date(2022, 3, 1), 3_000).unwrap();
    settle(&mut town, &person, "2", date(2022, 4, 1), 3_000).unwrap();
    let held = json!({
        "person": person, "category": "minimum-allowance", "from": "2022-03-15", "reason": "补录",
    });
    let answer = town.run("category assert", held).unwrap();
    assert_eq!(
        standing(&mut town, &person, 2022),
        [("1".to_owned(), Fen::yuan(1_000)), ("2".to_owned(), Fen::yuan(2_400))],
        "{answer:?}"
    );
    let third = settle(&mut town, &person, "3", date(2022, 5, 1), 1_000).unwrap();
    assert_eq!(funds(&third), "800.00");
    assert_eq!(verified(&mut town, &person), 3);
}

#[test]
fn a_late_bill_of_last_year_changes_what_it_left_to_this_one() {
    let (mut town, person) = town();
    settle(&mut town, &person, "1", date(2022, 3, 1), 3_000).unwrap();
    // Of the ceiling of 5,000, 2,000 were not used by in-scope costs: this year's is 7,000.
    let next = settle(&mut town, &person, "2", date(2023, 2, 1), 20_000).unwrap();
    assert_eq!(funds(&next), "7000.00");
    let late = settle(&mut town, &person, "3", date(2022, 12, 1), 1_000).unwrap();
    assert_eq!(funds(&late), "500.00");
    assert_eq!(late.fields["differences"][0]["funds"], "-1000.00");
    assert_eq!(standing(&mut town, &person, 2023), [("2".to_owned(), Fen::yuan(6_000))]);
    let closed = town.run("care close", json!({ "year": 2022 })).unwrap();
    assert_eq!((&closed.fields["closed"], &closed.fields["effect"]), (&json!(1), &json!(1)));
    assert_eq!(town.run("care close", json!({ "year": 2022 })).unwrap().fields["closed"], 0);
    assert_eq!(verified(&mut town, &person), 3);
}

#[test]
fn what_was_used_elsewhere_is_brought_in_before_the_first_bill() {
    let (mut town, person) = town();
    let used = |name: &str| json!({ "person": person, "year": 2022, "used": [format!("{name}=600")], "source": "转移接续凭证" });
    let unknown = town.run("care bring-in", used("stage.nothing.cap")).unwrap_err();
    assert_eq!(unknown.code, "unknown-amount");
    town.run("care bring-in", used("stage.basic.deductible")).unwrap();
    let first = settle(&mut town, &person, "1", date(2022, 3, 1), 3_000).unwrap();
    assert_eq!(funds(&first), "1300.00");
    assert_eq!(town.run("care bring-in", used("stage.basic.deductible")).unwrap_err().code, "books-begun");
    assert_eq!(verified(&mut town, &person), 1);
}

#[test]
fn a_claim_by_hand_is_owed_to_the_person_and_paid_out_once() {
    let (mut town, person) = town();
    town.today = date(2022, 6, 1);
    let claim = json!({
        "person": person, "provider": "H99010100001", "visit": "9", "care": "inpatient", "date": "2022-03-01",
        "a": "3000", "by_hand": true,
    });
    let settled = town.run("care settle", claim).unwrap();
    assert_eq!(town.balance("payable/person"), "-1000.00");
    let pay = json!({ "settlement": settlement(&settled) });
    assert_eq!(town.run("care pay-out", pay.clone()).unwrap().fields["amount"], "1000.00");
    assert_eq!(town.balance("payable/person"), "0.00");
    assert_eq!(town.run("care pay-out", pay).unwrap_err().code, "already-paid");
}

#[test]
fn who_is_not_covered_is_refused_and_leaves_no_trace() {
    let (mut town, _) = town();
    let stranger = town.person("1990-05-06", 2);
    let entries = town.memory.journal.len();
    let refused = settle(&mut town, &stranger, "1", date(2023, 3, 1), 3_000).unwrap_err();
    assert_eq!(refused.code, "not-enrolled");
    let future = town.run(
        "care settle",
        json!({ "person": stranger, "provider": "H99010100001", "visit": "2", "care": "inpatient", "date": "2031-01-01" }),
    );
    assert_eq!(future.unwrap_err().code, "impossible-date");
    assert_eq!(town.memory.journal.len(), entries);
}

#[test]
fn a_stay_over_the_end_of_a_year_is_settled_by_its_last_day() {
    let (mut town, person) = town();
    town.today = date(2023, 1, 20);
    let stay = |visit: &str, from: &str, date: &str| {
        json!({
            "person": person, "provider": "H99010100001", "visit": visit, "care": "inpatient", "from": from,
            "date": date, "a": "3000",
        })
    };
    let settled = town.run("care settle", stay("1", "2022-12-28", "2023-01-05")).unwrap();
    assert_eq!(funds(&settled), "1000.00");
    assert!(settlement(&settled).as_str().unwrap().contains("-2023-"), "it counts in the year of discharge");
    let statement = town.ask("care statement", json!({ "person": person, "year": 2023 }));
    assert_eq!((&statement.rows[0][1], &statement.rows[0][2]), (&json!("2022-12-28"), &json!("2023-01-05")));
    let again = town.run("care settle", stay("1", "2022-12-28", "2023-01-05")).unwrap();
    assert_eq!(again.fields["already"], true);
    let other = town.run("care settle", stay("1", "2022-12-29", "2023-01-05")).unwrap_err();
    assert_eq!(other.code, "already-settled");
    let turned = town.run("care settle", stay("2", "2023-01-06", "2023-01-05")).unwrap_err();
    assert_eq!(turned.code, "stay-ends-before-it-begins");
    // Insured from 2022 on.
    let early = town.run("care settle", stay("3", "2021-12-31", "2022-01-10")).unwrap_err();
    assert_eq!(early.code, "stay-before-cover");
    assert_eq!(verified(&mut town, &person), 1);
}

#[test]
fn a_stay_in_which_cover_ends_or_is_broken_is_refused_until_it_is_billed_in_parts() {
    let (mut town, person) = town();
    town.today = date(2022, 6, 20);
    let of = |on: &str| json!({ "person": person, "year": 2022, "on": on });
    let stay = |visit: &str, from: &str, date: &str| {
        json!({
            "person": person, "provider": "H99010100001", "visit": visit, "care": "inpatient", "from": from,
            "date": date, "a": "3000",
        })
    };
    town.run("care settle", stay("1", "2022-04-20", "2022-05-12")).unwrap();
    let paused = json!({ "person": person, "year": 2022, "on": "2022-05-01", "reason": "imprisoned" });
    town.run("member pause", paused).unwrap();
    let ends = town.run("care settle", stay("2", "2022-04-20", "2022-05-04")).unwrap_err();
    assert_eq!(ends.code, "cover-ends-in-stay");
    town.run("member resume", of("2022-05-10")).unwrap();
    let broken = town.run("care settle", stay("2", "2022-04-20", "2022-05-12")).unwrap_err();
    assert_eq!(broken.code, "cover-broken-in-stay");
    assert!(broken.message.contains("2022-05-01"), "{broken}");
    // Up to the last covered day, and from the first one on, as parts of their own.
    assert_eq!(funds(&town.run("care settle", stay("3", "2022-04-20", "2022-04-30")).unwrap()), "1000.00");
    town.run("care settle", stay("4", "2022-05-10", "2022-05-12")).unwrap();
    let standing = standing(&mut town, &person, 2022);
    let visits: Vec<&str> = standing.iter().map(|(visit, _)| visit.as_str()).collect();
    assert_eq!(visits, ["3", "4"], "what stood before the pause was taken back");
    assert_eq!(verified(&mut town, &person), 3);
}

#[test]
fn the_statement_of_a_year_adds_up_and_explains_itself() {
    let (mut town, person) = town();
    let first = settle(&mut town, &person, "1", date(2022, 3, 1), 3_000).unwrap();
    settle(&mut town, &person, "2", date(2022, 4, 1), 3_000).unwrap();
    let statement = town.ask("care statement", json!({ "person": person, "year": 2022 }));
    assert_eq!(statement.rows.len(), 2);
    assert_eq!(statement.rows[0].last(), Some(&json!("某医院")), "who reads it knows no codes");
    assert!(statement.foot.contains("总费用 6000.00，基金支付 2500.00，个人负担 3500.00"), "{}", statement.foot);
    assert!(statement.foot.contains("住院统筹 已付起付 1000.00"), "{}", statement.foot);
    let reasons = town.ask("care explain", json!({ "settlement": settlement(&first) }));
    assert!(reasons.rows.iter().any(|row| row[1].as_str().unwrap().contains("支付 1000.00")), "{reasons:?}");
}
