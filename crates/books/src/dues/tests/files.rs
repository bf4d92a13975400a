//! Files of banks, of the tax platform, and of withholding.

use jiff::civil::date;
use serde_json::json;

use super::flow::cell;
use super::{bill, pay, text, town};
use crate::testing::Town;
use crate::{Answer, Refusal};

/// A town with bills under agreements, and the debit file of them: persons, their bills, number of the file.
fn debited(count: u16) -> (Town, Vec<String>, Vec<String>, String) {
    let mut town = town();
    let people: Vec<String> = (1..=count).map(|n| town.person("1980-02-03", n)).collect();
    let mut bills = Vec::new();
    for person in &people {
        bills.push(text(&bill(&mut town, person, "low").unwrap(), "bill").to_owned());
        let fields = json!({ "payer": person, "account": "6222000012345678", "bank": "某银行" });
        town.run("agreement sign", fields).unwrap();
    }
    let made = town.run("debit batch", json!({ "year": 2023 })).unwrap();
    let batch = text(&made, "batch").to_owned();
    (town, people, bills, batch)
}

fn results(town: &mut Town, batch: &str, lines: &[String], sum: &str) -> Result<Answer, Refusal> {
    let text = format!("TONGCHOU\tdebit-result\t{batch}\n{}\nEND\t{}\t{sum}\n", lines.join("\n"), lines.len());
    town.run("debit result", json!({ "batch": batch, "text": text }))
}

fn taken(at: usize, bill: &str, amount: &str, receipt: &str) -> String {
    format!("{at}\t{bill}\ttaken\t{amount}\t{receipt}\t2022-12-01")
}

#[test]
fn a_debit_file_holds_open_bills_under_active_agreements_once() {
    let (mut town, people, bills, _) = debited(2);
    assert_eq!(town.run("debit batch", json!({ "year": 2023 })).unwrap_err().code, "nothing-to-debit");
    let third = town.person("1980-02-03", 9);
    bill(&mut town, &third, "low").unwrap();
    assert_eq!(town.run("debit batch", json!({ "year": 2023 })).unwrap_err().code, "nothing-to-debit", "no agreement");
    let fields = json!({
        "payer": people[0], "person": [third], "account": "6222 0000 1234 5679", "bank": "某银行", "until": "2022-12-01"
    });
    let signed = town.run("agreement sign", fields).unwrap();
    assert_eq!(text(&signed, "account"), "****5679");
    let made = town.run("debit batch", json!({ "year": 2023 })).unwrap();
    let file = text(&made, "file");
    assert!(file.contains("\t****5679\t350.00") && !file.contains("62220000"), "{file}");
    assert!(!bills.iter().any(|bill| file.contains(bill)), "in the first file still");
    let states = |town: &mut Town| -> Vec<_> {
        let list = town.ask("agreement list", json!({}));
        let mut states: Vec<_> = (0..list.rows.len()).map(|row| cell(&list, row, "state")).collect();
        states.sort_by_key(ToString::to_string);
        states
    };
    assert_eq!(states(&mut town), ["active", "active", "active"]);
    let list = town.ask("agreement list", json!({}));
    let row = (0..3).find(|row| cell(&list, *row, "account") == "****5678").unwrap();
    let number = cell(&list, row, "agreement");
    town.run("agreement cancel", json!({ "agreement": number, "why": "换卡" })).unwrap();
    town.today = date(2022, 12, 2);
    assert_eq!(states(&mut town), ["active", "cancelled", "expired"]);
    town.today = date(2023, 1, 1);
    assert_eq!(town.run("debit batch", json!({ "year": 2023 })).unwrap_err().code, "outside-window");
}

#[test]
fn results_are_taken_refused_short_double_and_unknown_and_add_up() {
    let (mut town, _, bills, batch) = debited(3);
    let lines = [
        taken(1, &bills[0], "350.00", "K1"),
        taken(2, &bills[1], "300.00", "K2"),
        format!("3\t{}\trefused\t350.00\t\t2022-12-01\t余额不足", bills[2]),
        taken(4, &bills[0], "350.00", "K3"),
        taken(5, "2023-0000000000000000-1", "10.00", "K4"),
        taken(6, &bills[1], "1.00", "bad receipt"),
    ];
    assert_eq!(results(&mut town, &batch, &lines, "1010.00").unwrap_err().code, "sum-mismatch");
    assert_eq!(town.balance("bank/collection"), "0.00");
    let loaded = results(&mut town, &batch, &lines, "1011.00").unwrap();
    let counts = ["taken", "short", "refused", "double", "unknown", "rejected", "unanswered"];
    assert_eq!(counts.map(|name| loaded.fields[name].as_u64().unwrap()), [1, 1, 1, 1, 1, 1, 0]);
    assert!(text(&loaded, "report").contains("余额不足"));
    assert_eq!(
        (town.balance("bank/collection"), town.balance("suspense/receipts")),
        ("1010.00".into(), "-360.00".into())
    );
    assert_eq!(town.balance("receivable/person"), "400.00");
    assert_eq!(text(&results(&mut town, &batch, &lines, "1011.00").unwrap(), "state"), "already");
    assert_eq!(town.balance("bank/collection"), "1010.00");
    // What was refused, and what is short, goes into the next file.
    let next = town.run("debit batch", json!({ "year": 2023 })).unwrap();
    assert_eq!((&next.fields["lines"], text(&next, "total")), (&json!(2), "400.00"));
    let retried = [taken(1, &bills[2], "350.00", "K9"), taken(2, &bills[1], "50.00", "K10")];
    results(&mut town, text(&next, "batch"), &retried, "400").unwrap();
    assert_eq!(town.balance("receivable/person"), "0.00");
}

#[test]
fn a_file_is_loaded_whole_or_not_at_all_if_asked() {
    let (mut town, _, bills, batch) = debited(1);
    let text_of = format!(
        "TONGCHOU\tdebit-result\t{batch}\n{}\n{}\nEND\t2\t351\n",
        taken(1, &bills[0], "350.00", "K1"),
        taken(2, &bills[0], "1.00", "bad receipt")
    );
    let fields = json!({ "batch": batch, "text": text_of, "whole": true });
    assert_eq!(town.run("debit result", fields).unwrap_err().code, "rejected-lines");
    assert_eq!(town.balance("bank/collection"), "0.00");
    let empty = format!("TONGCHOU\tdebit-result\t{batch}\nEND\t0\t0\n");
    let last = town.run("debit result", json!({ "batch": batch, "text": empty, "last": true })).unwrap();
    assert_eq!(last.fields["unanswered"], json!(0));
    assert_eq!(town.run("debit batch", json!({ "year": 2023 })).unwrap().fields["lines"], json!(1));
}

#[test]
fn tax_receipts_are_booked_once_and_what_nobody_knows_waits() {
    let mut town = town();
    let people: Vec<String> = (1..=2).map(|n| town.person("1980-02-03", n)).collect();
    let first = text(&bill(&mut town, &people[0], "low").unwrap(), "bill").to_owned();
    bill(&mut town, &people[1], "low").unwrap();
    let out = town.run("tax obligations", json!({ "year": 2023 })).unwrap();
    assert_eq!((&out.fields["lines"], text(&out, "total")), (&json!(2), "700.00"));
    let lines = [
        format!("1\tT1\t{first}\t\t2023\t350.00\t2022-12-01\tmobile"),
        format!("2\tT2\t\t{}\t2023\t350.00\t2022-11-20\ttax-hall", people[1]),
        format!("3\tT1\t{first}\t\t2023\t350.00\t2022-12-01\tmobile"),
        "4\tT3\t\t0123456789abcdef\t2023\t350.00\t2022-12-01\tbank".to_owned(),
        format!("5\tT4\t\t{}\t2023\t350.00\t2022-09-01\tbank", people[1]),
        format!("6\tT5\t{first}\t\t2023\t350.00\t2022-12-01\tagency-cash"),
    ];
    let file = format!("TONGCHOU\treceipts\t20221201\n{}\nEND\t6\t2100.00\n", lines.join("\n"));
    let loaded = town.run("tax receipts", json!({ "text": file })).unwrap();
    let counts = ["booked", "double", "suspense", "rejected", "short", "over"];
    assert_eq!(counts.map(|name| loaded.fields[name].as_u64().unwrap()), [2, 1, 2, 1, 0, 0]);
    assert_eq!(text(&loaded, "difference"), "0.00");
    assert_eq!(text(&town.run("tax receipts", json!({ "text": file })).unwrap(), "state"), "already");
    assert_eq!(
        (town.balance("receivable/person"), town.balance("suspense/receipts")),
        ("0.00".into(), "-700.00".into())
    );
    let suspense = town.ask("dues suspense", json!({}));
    let why = |row: usize| cell(&suspense, row, "why");
    assert_eq!([why(0), why(1)], ["unknown-person", "out-of-time"]);
    let channels = town.ask("dues channels", json!({ "year": 2023 }));
    assert_eq!(channels.rows.len(), 3);
    let days = json!({ "text": file, "from": "2022-11-01", "until": "2022-12-31" });
    let statement = town.ask("tax reconcile", days);
    // T1 twice on their side, T4 outside the days, T5 not ours.
    assert_eq!(statement.rows.len(), 2, "{:?}", statement.rows);
    assert!(statement.foot.contains("相差 700.00 元"), "{}", statement.foot);
    town.run("dues return", json!({ "receipt": "T3", "why": "查无此人" })).unwrap();
    assert_eq!(town.balance("suspense/receipts"), "-350.00");
}

#[test]
fn withholding_stops_with_the_year_of_the_rule() {
    let mut town = Town::new(
        &format!(
            "{}
            [[contribution.collect.elderly]]
            clause = 'T-9'
            from = 2023-01-01
            when = {{ category = 'elderly-allowance' }}
            elect_tier = true
            withholding = false
            ",
            super::TABLES
        ),
        date(2022, 1, 10),
    );
    let elder = town.person("1950-02-03", 1);
    let fields = json!({
        "person": elder, "category": "elderly-allowance", "from": "2015-01-01", "reason": "名册"
    });
    town.run("category assert", fields).unwrap();
    let batch = |year: i16, amount: &str, receipt: &str, day: &str| {
        let text = format!("TONGCHOU\twithholding\t1\n1\t{receipt}\t{elder}\t{amount}\t{day}\nEND\t1\t{amount}\n");
        json!({ "year": year, "text": text })
    };
    let bill = |year: i16, tier: Option<&str>| json!({ "person": elder, "year": year, "group": "elder", "tier": tier });
    town.run("dues bill", bill(2022, Some("low"))).unwrap();
    let taken = town.run("dues withhold", batch(2022, "320", "W1", "2022-01-05")).unwrap();
    assert_eq!(taken.fields["booked"], json!(1));
    town.today = date(2022, 12, 1);
    let refused = town.run("dues withhold", batch(2023, "350", "W2", "2022-12-01")).unwrap_err();
    assert_eq!((refused.code.as_str(), refused.clauses), ("withholding-stopped", vec!["T-9".to_owned()]));
    assert_eq!(town.run("dues bill", bill(2023, None)).unwrap_err().clauses, ["T-9"], "no tier is assigned");
    assert_eq!(text(&town.run("dues bill", bill(2023, Some("high"))).unwrap(), "personal"), "980.00");
    let alone = json!({ "receipt": "W3", "person": elder, "year": 2023, "amount": "980", "channel": "allowance" });
    assert_eq!(town.run("dues receive", alone).unwrap_err().code, "withholding-stopped");
    pay(&mut town, &elder, "A1", "980").unwrap();
    assert_eq!(town.balance("receivable/person"), "0.00");
}
