//! Stories of contributions in a small town.

mod files;
mod flow;
mod random;

use jiff::civil::date;
use serde_json::json;

use crate::testing::Town;
use crate::{Answer, Refusal};

const TABLES: &str = "
    [[contribution.standard]]
    clause = 'T-1'
    year = 2022
    rows = [{ tier = 'low', amount = 320 }, { tier = 'high', amount = 950 }]
    [[contribution.standard]]
    clause = 'T-1'
    year = 2023
    rows = [{ tier = 'low', amount = 350 }, { tier = 'high', amount = 980 }]
    [[contribution.collect.open]]
    clause = 'T-2'
    year = 2023
    opens = 2022-10-01
    collector = 'tax'
    [[contribution.collect.students]]
    clause = 'T-3'
    from = 2023-01-01
    when = { group = ['student', 'university'] }
    yearly = true
    [[enrolment.window]]
    clause = 'T-4'
    opens_day = '10-01'
    closes_day = '12-31'
    in_year = -1
    benefits_from = '01-01'
    [[contribution.sponsor.poor]]
    clause = 'T-5'
    when = { category = 'minimum-allowance' }
    share = '100%'
    order = 1
    payer = 'finance'
    [[contribution.sponsor.edge]]
    clause = 'T-6'
    when = { category = 'edge' }
    amount = 200
    order = 2
    payer = 'assistance'
";

pub(super) fn town() -> Town {
    Town::new(TABLES, date(2022, 12, 1))
}

pub(super) fn bill(town: &mut Town, person: &str, tier: &str) -> Result<Answer, Refusal> {
    town.run("dues bill", json!({ "person": person, "year": 2023, "tier": tier, "group": "adult" }))
}

pub(super) fn pay(town: &mut Town, person: &str, receipt: &str, amount: &str) -> Result<Answer, Refusal> {
    let fields = json!({ "receipt": receipt, "person": person, "year": 2023, "amount": amount, "channel": "mobile" });
    town.run("dues receive", fields)
}

pub(super) fn text<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.fields[name].as_str().unwrap()
}

#[test]
fn a_bill_is_paid_by_one_receipt() {
    let mut town = town();
    let person = town.person("1980-02-03", 1);
    let billed = bill(&mut town, &person, "low").unwrap();
    assert_eq!((text(&billed, "personal"), text(&billed, "open")), ("350.00", "350.00"));
    assert!(billed.steps.iter().any(|step| step.sources == ["T-1"]));
    let paid = pay(&mut town, &person, "A1", "350").unwrap();
    assert_eq!((text(&paid, "state"), &paid.fields["in_window"]), ("paid", &json!(true)));
    assert_eq!(text(&pay(&mut town, &person, "A1", "350").unwrap(), "state"), "already");
    assert_eq!(pay(&mut town, &person, "A1", "340").unwrap_err().code, "receipt-used");
    assert_eq!(town.balance("receivable/person"), "0.00");
    assert_eq!(
        (town.balance("bank/collection"), town.balance("income/contribution")),
        ("350.00".into(), "-350.00".into())
    );
}

#[test]
fn a_short_payment_leaves_something_open_and_a_long_one_waits() {
    let mut town = town();
    let person = town.person("1980-02-03", 1);
    bill(&mut town, &person, "low").unwrap();
    assert_eq!(text(&pay(&mut town, &person, "A1", "300").unwrap(), "open"), "50.00");
    let over = pay(&mut town, &person, "A2", "80").unwrap();
    assert_eq!((text(&over, "booked"), text(&over, "over")), ("50.00", "30.00"));
    assert_eq!(town.balance("suspense/receipts"), "-30.00");
    let other = town.person("1981-02-03", 3);
    bill(&mut town, &other, "low").unwrap();
    let assigned = town.run("dues assign", json!({ "receipt": "A2", "person": other, "year": 2023 })).unwrap();
    assert_eq!((text(&assigned, "booked"), text(&assigned, "open")), ("30.00", "320.00"));
    assert_eq!(
        (town.balance("suspense/receipts"), town.balance("receivable/person")),
        ("0.00".into(), "320.00".into())
    );
    let again = town.run("dues assign", json!({ "receipt": "A2", "person": other, "year": 2023 }));
    assert_eq!(again.unwrap_err().code, "not-in-suspense");
}

#[test]
fn money_is_taken_in_time_and_by_the_tax_authority_only() {
    let mut town = town();
    let person = town.person("1980-02-03", 1);
    bill(&mut town, &person, "low").unwrap();
    let mut on = |day: &str, channel: &str, receipt: &str| {
        let fields = json!({
            "receipt": receipt, "person": person, "year": 2023, "amount": "350", "channel": channel, "on": day
        });
        town.run("dues receive", fields)
    };
    let early = on("2022-09-30", "mobile", "B1").unwrap_err();
    assert_eq!((early.code.as_str(), early.clauses), ("before-window", vec!["T-2".to_owned()]));
    let cash = on("2022-12-01", "agency-cash", "B1").unwrap_err();
    assert_eq!((cash.code.as_str(), cash.clauses.len()), ("cash-at-agency", 0));
    assert_eq!(on("2022-12-02", "mobile", "B1").unwrap_err().code, "future-day");
    town.today = date(2023, 1, 1);
    let mut on = |day: &str| {
        let fields = json!({
            "receipt": "B2", "person": person, "year": 2023, "amount": "350", "channel": "mobile", "on": day
        });
        town.run("dues receive", fields)
    };
    assert_eq!(on("2023-01-01").unwrap().fields["in_window"], json!(false));
}

#[test]
fn nobody_is_billed_for_a_year_paid_in_advance() {
    let mut town = town();
    let student = town.person("2003-02-03", 1);
    let prepay = |from: i16, to: i16, on: &str| {
        json!({
            "person": student, "receipt": "P1", "on": on, "from_year": from, "to_year": to, "group": "university"
        })
    };
    town.run("dues prepay", prepay(2022, 2023, "2021-09-10")).unwrap();
    let bill = |year: i16| json!({ "person": student, "year": year, "tier": "low", "group": "university" });
    assert_eq!(town.run("dues bill", bill(2023)).unwrap_err().code, "prepaid");
    town.today = date(2023, 9, 10);
    let refused = town.run("dues prepay", prepay(2024, 2026, "2023-09-10")).unwrap_err();
    assert_eq!((refused.code.as_str(), refused.clauses), ("yearly", vec!["T-3".to_owned()]));
}

#[test]
fn a_change_of_tier_is_billed_as_a_difference() {
    let mut town = town();
    let person = town.person("1980-02-03", 1);
    bill(&mut town, &person, "low").unwrap();
    pay(&mut town, &person, "A1", "350").unwrap();
    assert_eq!(text(&bill(&mut town, &person, "high").unwrap(), "open"), "630.00");
    pay(&mut town, &person, "A2", "630").unwrap();
    let back = bill(&mut town, &person, "low").unwrap();
    assert_eq!((text(&back, "open"), text(&back, "over")), ("0.00", "630.00"));
    assert_eq!((town.balance("payable/person"), town.balance("receivable/person")), ("-630.00".into(), "0.00".into()));
    let same = bill(&mut town, &person, "low").unwrap();
    assert_eq!(text(&same, "over"), "0.00");
}
