//! Refunds, sponsors, facts that change, reminders, and lists.

use jiff::civil::date;
use serde_json::{Value, json};

use super::{bill, pay, text, town};
use crate::testing::Town;

fn category(town: &mut Town, person: &str, category: &str, from: &str) -> crate::Answer {
    let fields = json!({ "person": person, "category": category, "from": from, "reason": "名单" });
    town.run("category assert", fields).unwrap()
}

pub(super) fn cell(table: &crate::Table, row: usize, name: &str) -> Value {
    let at = table.columns.iter().position(|column| column.name == name).unwrap();
    table.rows[row][at].clone()
}

#[test]
fn a_contribution_goes_back_before_benefits_begin_only() {
    let mut town = town();
    let person = town.person("1980-02-03", 1);
    bill(&mut town, &person, "low").unwrap();
    let ask = |amount: Option<&str>| json!({ "person": person, "year": 2023, "ground": "duplicate", "amount": amount });
    assert_eq!(town.run("dues refund", ask(None)).unwrap_err().code, "nothing-received");
    pay(&mut town, &person, "A1", "350").unwrap();
    assert_eq!(town.run("dues refund", ask(Some("350.01"))).unwrap_err().code, "more-than-received");
    assert_eq!(town.run("dues refund", ask(Some("100"))).unwrap_err().code, "partial-refund");
    let death = json!({ "person": person, "year": 2023, "ground": "death" });
    assert_eq!(town.run("dues refund", death).unwrap_err().code, "not-dead");
    let asked = town.run("dues refund", ask(None)).unwrap();
    let refund = text(&asked, "refund").to_owned();
    assert_eq!(town.run("dues refund-pay", json!({ "refund": refund })).unwrap_err().code, "not-approved");
    assert_eq!(text(&town.run("dues refund-approve", json!({ "refund": refund })).unwrap(), "amount"), "350.00");
    assert_eq!(town.balance("payable/person"), "-350.00");
    for _ in 0..2 {
        town.run("dues refund-pay", json!({ "refund": refund })).unwrap();
    }
    assert_eq!((town.balance("payable/person"), town.balance("bank/collection")), ("0.00".into(), "0.00".into()));
    assert_eq!(
        (town.balance("income/contribution"), town.balance("receivable/person")),
        ("0.00".into(), "0.00".into())
    );

    let other = town.person("1981-02-03", 3);
    bill(&mut town, &other, "low").unwrap();
    pay(&mut town, &other, "A2", "350").unwrap();
    town.today = date(2023, 1, 1);
    let late = json!({ "person": other, "year": 2023, "ground": "employee-scheme" });
    assert_eq!(town.run("dues refund", late).unwrap_err().code, "benefits-begun");
}

/// Enrolled and paid for, in December for the year after.
fn member(town: &mut Town, birth: &str, nth: u16, receipt: &str) -> String {
    let person = town.person(birth, nth);
    let enrol = json!({ "person": person, "year": 2023, "tier": "low", "group": "adult" });
    town.run("member enrol", enrol).unwrap();
    pay(town, &person, receipt, "350").unwrap();
    person
}

fn refunded(town: &mut Town, person: &str, ground: &str) -> String {
    let asked = town.run("dues refund", json!({ "person": person, "year": 2023, "ground": ground })).unwrap();
    text(&asked, "refund").to_owned()
}

#[test]
fn a_membership_whose_contribution_went_back_ends() {
    let mut town = town();
    let person = member(&mut town, "1980-02-03", 1, "A1");
    let refund = refunded(&mut town, &person, "moved-away");
    let show = |town: &mut Town| {
        let shown = town.ask("member show", json!({ "person": person, "year": 2023 }));
        ["state", "cause"].map(|name| cell(&shown, 0, name))
    };
    assert_eq!(show(&mut town)[0], json!("active"), "nothing is granted yet");
    town.today = date(2022, 12, 5);
    let granted = town.run("dues refund-approve", json!({ "refund": refund })).unwrap();
    assert!(granted.fields["followed"].to_string().contains("自 2022-12-01 起终止"), "{granted:?}");
    assert_eq!(show(&mut town), [json!("ended"), json!("转移接续转出")]);
    // Refused, nothing ends.
    let other = member(&mut town, "1981-02-03", 3, "A2");
    let refund = refunded(&mut town, &other, "mistake");
    town.run("dues refund-approve", json!({ "refund": refund, "refuse": "缴费无误" })).unwrap();
    let shown = town.ask("member show", json!({ "person": other, "year": 2023 }));
    assert_eq!(cell(&shown, 0, "state"), json!("active"));
}

#[test]
fn who_was_refunded_by_mistake_is_revived_and_billed_anew() {
    let mut town = town();
    let person = member(&mut town, "1980-02-03", 1, "A1");
    let refund = refunded(&mut town, &person, "mistake");
    town.run("dues refund-approve", json!({ "refund": refund })).unwrap();
    let revive = town.run("member revive", json!({ "person": person, "year": 2023 })).unwrap();
    assert_eq!(text(&revive, "state"), "new");
    assert_eq!(town.balance("receivable/person"), "350.00");
    pay(&mut town, &person, "A3", "350").unwrap();
    let shown = town.ask("member show", json!({ "person": person, "year": 2023 }));
    assert_eq!(cell(&shown, 0, "state"), json!("active"));
}

#[test]
fn bills_follow_the_registers() {
    let mut town = town();
    let person = town.person("1980-02-03", 1);
    bill(&mut town, &person, "low").unwrap();
    category(&mut town, &person, "edge", "2022-11-01");
    let shown = town.ask("dues show", json!({ "person": person, "year": 2023 }));
    assert_eq!((cell(&shown, 0, "personal"), cell(&shown, 0, "sponsors")), (json!("150.00"), json!("医疗救助 200.00")));
    pay(&mut town, &person, "A1", "150").unwrap();
    // The list comes late: the person held it before the payment, which therefore goes back.
    let answer = category(&mut town, &person, "minimum-allowance", "2022-11-15");
    assert!(answer.says.contains("个人应缴 0.00 元") && answer.says.contains("应退 150.00 元"), "{}", answer.says);
    assert_eq!(town.balance("payable/person"), "-150.00");
    let owed = town.ask("sponsor list", json!({ "year": 2023 }));
    assert_eq!((cell(&owed, 0, "payer"), cell(&owed, 0, "claimed")), (json!("finance"), json!("350.00")));
    let arrive = json!({ "payer": "finance", "area": "990101", "year": 2023, "amount": "300", "document": "D1" });
    for _ in 0..2 {
        let answer = town.run("dues sponsor-arrive", arrive.clone()).unwrap();
        assert_eq!(text(&answer, "outstanding"), "50.00");
    }
    assert_eq!((town.balance("receivable/sponsor"), town.balance("bank/treasury")), ("50.00".into(), "300.00".into()));
    let none = json!({ "payer": "province", "area": "990101", "year": 2023, "amount": "300", "document": "D1" });
    assert_eq!(town.run("dues sponsor-arrive", none).unwrap_err().code, "no-claim");
}

#[test]
fn a_category_after_the_payment_changes_nothing_and_a_death_before_the_year_all() {
    let mut town = town();
    let person = town.person("1980-02-03", 1);
    bill(&mut town, &person, "low").unwrap();
    pay(&mut town, &person, "A1", "350").unwrap();
    town.today = date(2023, 3, 1);
    category(&mut town, &person, "minimum-allowance", "2023-02-15");
    assert_eq!(town.balance("payable/person"), "0.00");

    let mut town = super::town();
    let person = town.person("1980-02-03", 1);
    bill(&mut town, &person, "low").unwrap();
    pay(&mut town, &person, "A1", "350").unwrap();
    town.today = date(2022, 12, 20);
    let died = town.run("person die", json!({ "person": person, "on": "2022-12-18", "source": "公安" })).unwrap();
    assert!(died.says.contains("应退 350.00 元"), "{}", died.says);
    assert_eq!((town.balance("receivable/person"), town.balance("payable/person")), ("0.00".into(), "-350.00".into()));
}

#[test]
fn reminders_in_the_last_month_go_to_those_who_have_not_paid() {
    let mut town = town();
    let people: Vec<String> = (1..=4).map(|n| town.person("1980-02-03", n)).collect();
    for (person, phone) in people.iter().zip(["13900000001", "13900000002", "13900000003"]) {
        let fields = json!({ "person": person, "phone": phone, "reason": "本人来电" });
        town.run("person amend", fields).unwrap();
    }
    town.today = date(2022, 11, 30);
    assert_eq!(text(&town.run("remind make", json!({ "year": 2023 })).unwrap(), "scope"), "all");
    town.today = date(2022, 12, 1);
    bill(&mut town, &people[0], "low").unwrap();
    pay(&mut town, &people[0], "A1", "350").unwrap();
    let made = town.run("remind make", json!({ "year": 2023 })).unwrap();
    assert_eq!(
        (text(&made, "scope"), &made.fields["targets"], &made.fields["residents"]),
        ("unpaid", &json!(3), &json!(4))
    );
    assert_eq!((&made.fields["unreachable"], text(&made, "last_day")), (&json!(1), "2022-12-31"));
    assert!(text(&made, "message").contains("2022年12月31日"));
    assert!(text(&made, "file").contains("139****0002") && !text(&made, "file").contains("13900000002"));
    assert!(!text(&made, "file").contains(&people[0]), "who paid this morning is left out");
    let number = text(&made, "campaign").to_owned();
    let results = format!(
        "TONGCHOU\treminder-result\t{number}\n1\t{}\tsent\t2022-12-01\n2\t{}\tfailed\t2022-12-01\t空号\n3\t{}\tsent\t2022-12-01\nEND\t3\t0\n",
        people[1], people[2], people[0]
    );
    let loaded = town.run("remind result", json!({ "campaign": number, "text": results })).unwrap();
    let counts = ["sent", "failed", "waiting", "rejected"].map(|name| loaded.fields[name].clone());
    assert_eq!(counts, [json!(1), json!(2), json!(0), json!(1)]);
    let failed = town.ask("remind show", json!({ "campaign": number, "state": "failed" }));
    assert_eq!(failed.rows.len(), 2);
    town.today = date(2023, 1, 1);
    assert_eq!(town.run("remind make", json!({ "year": 2023 })).unwrap_err().code, "after-window");
}

#[test]
fn areas_are_ranked_and_a_household_is_added_up() {
    let mut town = town();
    let people: Vec<String> = (1..=3).map(|n| town.person("1980-02-03", n)).collect();
    for (person, tier) in people.iter().zip(["high", "low", "low"]) {
        let fields = json!({ "person": person, "household": "H1", "from": "2020-01-01" });
        town.run("household join", fields).unwrap();
        bill(&mut town, person, tier).unwrap();
    }
    let household = town.ask("dues household", json!({ "person": people[1], "year": 2023 }));
    assert!(household.foot.contains("1680.00"), "{}", household.foot);
    pay(&mut town, &people[1], "A1", "350").unwrap();
    let rate = town.ask("dues rate", json!({ "year": 2023 }));
    assert_eq!((cell(&rate, 0, "rank"), cell(&rate, 0, "rate")), (json!(1), json!("33.33%")));
    let open = town.ask("dues open", json!({ "year": 2023, "area": "990101" }));
    assert!(open.foot.contains("1330.00"), "{}", open.foot);
    let reasons = town.ask("dues reasons", json!({ "person": people[0], "year": 2023 }));
    assert!(reasons.rows.iter().any(|row| row[3] == json!("T-1")));
}
