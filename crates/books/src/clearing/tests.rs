//! Clearing, told in a few lines.

use jiff::civil::date;
use serde_json::{Value, json};

use crate::testing::Town;

fn balance(town: &Town, account: &str) -> i64 {
    let lines = town.memory.journal.iter().flat_map(|posted| &posted.lines);
    lines.filter(|line| line.account == account).map(|line| line.amount.0).sum()
}

fn doses(reference: &str, on: &str, doses: i64) -> Value {
    json!({
        "site": "V1", "reference": reference, "on": on, "product": "某疫苗", "doses": doses, "price": "20", "fee": "7.5",
        "supplier": "S1",
    })
}

const CARE: &str = "
    [[contribution.standard]]\nclause = 'T-1'\nyear = 2022\nrows = [{ tier = 'low', amount = 320 }]
    [[enrolment.window]]\nclause = 'T-2'\nopens_day = '10-01'\ncloses_day = '02-28'\nin_year = -1\nbenefits_from = '01-01'
    [[stage.basic.shape]]\nclause = 'T-3'\nname = '住院统筹'\npayer = 'basic'\nlayer = 'basic'\norder = 1\nbase = 'in-scope'\nmeasure = 'visit'
    [[stage.basic.deductible]]\nclause = 'T-4'\nper = 'visit'\nrows = [{ amount = 1000 }]
    [[stage.basic.bands]]\nclause = 'T-5'\nrows = [{ ratio = '50%' }]
    [[stage.basic.cap]]\nclause = 'T-6'\nper = 'year'\nrows = [{ amount = 5000 }]
";

#[test]
fn a_provider_applies_for_what_the_books_settled_and_for_nothing_else() {
    let mut town = Town::new(CARE, date(2021, 12, 10));
    let person = town.person("1980-02-03", 1);
    let hospital = json!({ "provider": "H1", "name": "某医院", "area": "990101", "level": "2", "care": ["inpatient"], "online": true, "from": "2020-01-01" });
    town.run("provider register", hospital).unwrap();
    town.run("member enrol", json!({ "person": person, "year": 2022, "tier": "low" })).unwrap();
    town.run("dues bill", json!({ "person": person, "year": 2022, "tier": "low", "group": "adult" })).unwrap();
    let receipt = json!({ "receipt": "R1", "person": person, "year": 2022, "amount": "320", "channel": "mobile" });
    town.run("dues receive", receipt).unwrap();
    town.today = date(2022, 3, 10);
    let stay = json!({ "person": person, "provider": "H1", "visit": "V1", "care": "inpatient", "date": "2022-03-10", "a": "2700", "c": "300" });
    town.run("care settle", stay).unwrap();
    let running = town.ask("care running", json!({ "person": person, "year": 2022 })).rows;
    let cap = running.iter().find(|row| row[4] == json!("cap")).unwrap();
    assert_eq!(
        (&cap[0], &cap[1], &cap[2], &cap[3], &cap[5]),
        (&json!("basic"), &json!("住院统筹"), &json!(1), &json!("basic"), &json!("850.00"))
    );
    let claim = |funds: &str| {
        json!({ "provider": "h1", "scheme": "resident", "clearing": "inpatient", "from": "2022-03-01", "to": "2022-03-31",
            "count": 1, "total": "3000", "funds": funds, "account": "0", "person": "2150" })
    };
    assert_eq!(town.run("clearing apply", claim("850")).unwrap_err().code, "period-not-over");
    town.today = date(2022, 4, 1);
    let uneven = town.run("clearing apply", claim("851")).unwrap_err();
    assert_eq!((uneven.code.as_str(), uneven.message.contains("851.00")), ("amounts-differ", true));
    let applied = town.run("clearing apply", claim("850")).unwrap();
    let number = applied.fields["application"].as_str().unwrap().to_owned();
    assert_eq!(town.run("clearing apply", claim("850")).unwrap_err().code, "already-applied");
    let withdraw = |provider: &str| json!({ "provider": provider, "application": number });
    assert_eq!(town.run("clearing withdraw", withdraw("H2")).unwrap_err().code, "unknown-application");
    for _ in 0..2 {
        town.run("clearing withdraw", withdraw("H1")).unwrap();
    }
    town.run("clearing apply", claim("850")).unwrap();
    let listed = town.ask("clearing applications", json!({ "provider": "H1", "state": "applied" })).rows;
    assert_eq!((listed.len(), listed[0][0] == json!(number)), (1, false), "{listed:?}");
    assert_eq!(town.memory.verify(), Vec::<String>::new());
}

#[test]
fn doses_times_price_is_the_total_of_a_statement_that_is_drawn_confirmed_and_paid() {
    let mut town = Town::new("", date(2022, 4, 2));
    town.run("covid doses", doses("1", "2022-03-05", 100)).unwrap();
    town.run("covid doses", doses("2", "2022-03-06", 60)).unwrap();
    town.run("covid doses", doses("3", "2022-04-01", 5)).unwrap();
    assert_eq!(town.run("covid doses", doses("2", "2022-03-06", 60)).unwrap().fields["already"], true);
    assert_eq!(town.run("covid doses", doses("2", "2022-03-06", 61)).unwrap_err().code, "reference-taken");
    let draw = json!({ "site": "V1", "month": "2022-03", "cost": "vaccine" });
    let drawn = town.run("covid draw", draw.clone()).unwrap();
    assert_eq!(drawn.fields["total"], "4400.00");
    assert_eq!((&drawn.fields["vaccine"], &drawn.fields["vaccination"]), (&json!("3200.00"), &json!("1200.00")));
    let number = drawn.fields["number"].clone();
    let of = json!({ "site": "V1", "number": number });
    let lines = town.ask("covid statement", of.clone()).rows;
    assert_eq!(lines[0][..5], [json!("vaccine"), json!("某疫苗"), json!(160), json!("20.00"), json!("3200.00")]);
    assert_eq!(lines[1][0], "vaccination");
    assert_eq!(town.run("covid draw", draw.clone()).unwrap_err().code, "nothing-to-clear");
    let confirm =
        |total: &str| json!({ "site": "V1", "number": number, "total": total, "by": "接种单位", "finance": "1400" });
    assert_eq!(town.run("covid confirm", confirm("4000")).unwrap_err().code, "differs");
    let pay = json!({ "site": "V1", "number": number, "voucher": "P1" });
    assert_eq!(town.run("covid pay", pay.clone()).unwrap_err().code, "wrong-state");
    town.run("covid void", json!({ "site": "V1", "number": number, "reason": "重开" })).unwrap();
    let again = town.run("covid draw", draw).unwrap().fields["number"].clone();
    assert_ne!(again, number, "a number is not used twice");
    let swap = |mut fields: Value| {
        fields["number"] = again.clone();
        fields
    };
    let confirmed = town.run("covid confirm", swap(confirm("4400"))).unwrap();
    assert_eq!((&confirmed.fields["fund"], &confirmed.fields["finance"]), (&json!("3000.00"), &json!("1400.00")));
    assert_eq!(town.run("covid pay", swap(pay)).unwrap().fields["paid"], "4400.00");
    let sums = ["expense/basic", "receivable/government", "payable/provider", "bank/treasury"];
    assert_eq!(sums.map(|account| balance(&town, account)), [300_000, 140_000, 0, -440_000]);
    let list = town.ask("covid statements", json!({ "year": 2022 })).rows;
    assert_eq!(list[0][3..], [json!("4400.00"), json!("4400.00"), json!(true), json!("paid")]);
    assert_eq!(town.memory.verify(), Vec::<String>::new());
}

#[test]
fn a_month_with_a_province_is_cleared_by_the_difference() {
    let mut town = Town::new("", date(2022, 3, 31));
    let record = |direction: &str, settlement: &str, amount: &str| {
        json!({
            "province": "320000", "month": "2022-03", "direction": direction, "settlement": settlement,
            "provider": "H1", "amount": amount,
        })
    };
    town.run("clearing record", record("payable", "a", "10000")).unwrap();
    town.run("clearing record", record("receivable", "b", "4000")).unwrap();
    assert_eq!(town.run("clearing record", record("payable", "a", "10000")).unwrap().fields["already"], true);
    assert_eq!(town.run("clearing record", record("payable", "a", "9000")).unwrap_err().code, "already-listed");
    let mut own = record("payable", "c", "1");
    own["province"] = json!("990000");
    assert_eq!(town.run("clearing record", own).unwrap_err().code, "bad-province");
    let deduct =
        json!({ "province": "320000", "month": "2022-03", "case": "K1", "amount": "500", "finding": "超标准收费" });
    assert_eq!(town.run("clearing deduct", deduct.clone()).unwrap().fields["net"], "5500.00");
    assert_eq!(town.run("clearing deduct", deduct).unwrap().fields["already"], true);
    let month = json!({ "month": "2022-03" });
    assert_eq!(town.run("clearing draw", month.clone()).unwrap_err().code, "month-not-over");
    town.today = date(2022, 4, 1);
    assert_eq!(town.run("clearing draw", month.clone()).unwrap().fields["net"], "5500.00");
    assert_eq!(town.run("clearing record", record("payable", "d", "1")).unwrap_err().code, "already-drawn");
    let settle = json!({ "province": "320000", "month": "2022-03", "voucher": "P1" });
    assert_eq!(town.run("clearing settle", settle.clone()).unwrap().fields["paid"], "5500.00");
    assert_eq!(town.run("clearing settle", settle).unwrap_err().code, "wrong-state");
    let accounts = ["payable/province", "receivable/province", "bank/treasury", "income/deduction", "payable/provider"];
    assert_eq!(accounts.map(|account| balance(&town, account)), [0, 0, -550_000, -50_000, 600_000]);
    assert_eq!(town.ask("clearing list", month.clone()).rows[0][6..], [json!("5500.00"), json!("settled")]);
    assert_eq!(town.ask("clearing details", json!({ "province": "320000", "month": "2022-03" })).rows.len(), 3);
    assert_eq!(town.memory.verify(), Vec::<String>::new());
}
