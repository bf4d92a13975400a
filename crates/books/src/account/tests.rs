//! Personal accounts, told in a few lines.

use jiff::civil::date;
use serde_json::{Value, json};

use crate::testing::Town;

const RULES: &str = "
    [[account.transfer]]
    clause = 'T-1'
    from = 2016-10-01
    share = '70%'
    leaves_ledger = true
    [[account.withdrawal]]
    clause = 'T-2'
    line = 50000
    counts = 'total'
    limit = 'balance'
";

fn credit(town: &mut Town, person: &str, month: &str, amount: &str) {
    let fields = json!({ "person": person, "month": month, "amount": amount, "source": "核定" });
    town.run("account credit", fields).unwrap();
}

fn balance(town: &Town, account: &str) -> i64 {
    let lines = town.memory.journal.iter().flat_map(|posted| &posted.lines);
    lines.filter(|line| line.account == account).map(|line| line.amount.0).sum()
}

#[test]
fn a_month_is_run_once_and_what_failed_is_sent_again() {
    let mut town = Town::new(RULES, date(2016, 10, 20));
    let (one, two) = (town.person("1970-01-01", 1), town.person("1970-01-02", 2));
    credit(&mut town, &one, "2016-10", "200");
    credit(&mut town, &two, "2016-10", "33.33");
    let month = json!({ "month": "2016-10" });
    let first = town.run("account transfer-month", month.clone()).unwrap();
    assert_eq!((&first.fields["lines"], &first.fields["sum"]), (&json!(2), &json!("163.33")));
    let again = town.run("account transfer-month", month.clone()).unwrap();
    assert_eq!((&again.fields["already"], &again.fields["lines"]), (&json!(true), &json!(0)));
    assert_eq!(town.run("account retry", month.clone()).unwrap_err().code, "not-answered");
    let bank = json!({ "month": "2016-10", "failed": [format!("{two}=账户已注销")] });
    assert_eq!(town.run("account transfer-result", bank.clone()).unwrap().fields["failed"], 1);
    assert_eq!(town.run("account transfer-result", bank.clone()).unwrap_err().code, "already-answered");
    let failed = town.ask("account transfers", json!({ "month": "2016-10", "failed": true })).rows;
    assert_eq!(failed, [[json!(two), json!("33.33"), json!("23.33"), json!("failed"), json!("账户已注销"), json!(1)]]);
    let retried = town.run("account retry", month.clone()).unwrap();
    assert_eq!((&retried.fields["lines"], &retried.fields["sum"]), (&json!(1), &json!("23.33")));
    let stranger = json!({ "month": "2016-10", "failed": [format!("{one}=重复")] });
    assert_eq!(town.run("account transfer-result", stranger).unwrap_err().code, "unknown-line");
    town.run("account transfer-result", month).unwrap();
    assert_eq!((balance(&town, "account/personal"), balance(&town, "transit/card")), (-7_000, 0));
    assert_eq!(balance(&town, "bank/treasury"), -16_333);
    assert_eq!(town.memory.verify(), Vec::<String>::new());
}

#[test]
fn nothing_moves_before_the_rule_holds() {
    let mut town = Town::new(RULES, date(2016, 10, 20));
    let one = town.person("1970-01-01", 1);
    credit(&mut town, &one, "2016-09", "200");
    assert_eq!(town.run("account transfer-month", json!({ "month": "2016-09" })).unwrap_err().code, "account.transfer");
    let other = json!({ "person": one, "month": "2016-09", "amount": "201", "source": "核定" });
    assert_eq!(town.run("account credit", other).unwrap_err().code, "already-credited");
}

#[test]
fn a_balance_is_applied_for_checked_and_paid_once_in_a_year() {
    let mut town = Town::new(RULES, date(2016, 8, 20));
    let person = town.person("1970-01-01", 1);
    credit(&mut town, &person, "2016-07", "8000");
    let apply = |total: &str| json!({ "person": person, "year": 2016, "total": total });
    let of = |number: &Value| json!({ "person": person, "number": number });
    let low = town.run("account apply", apply("49999.99")).unwrap().fields["number"].clone();
    assert_eq!(town.run("account check", of(&low)).unwrap().fields["state"], "refused");
    let number = town.run("account apply", apply("50000")).unwrap().fields["number"].clone();
    assert_eq!(town.run("account pay", of(&number)).unwrap_err().code, "wrong-state");
    assert_eq!(town.run("account check", of(&number)).unwrap().fields["amount"], "8000.00");
    let paid = town.run("account pay", of(&number)).unwrap();
    assert_eq!((&paid.fields["paid"], &paid.fields["balance"]), (&json!("8000.00"), &json!("0.00")));
    let again = town.run("account apply", apply("60000")).unwrap_err();
    assert_eq!((again.code.as_str(), again.clauses.as_slice()), ("already-drawn", ["T-2".to_owned()].as_slice()));
    assert_eq!((balance(&town, "account/personal"), balance(&town, "payable/person")), (0, 0));
    let rows = town.ask("account statement", json!({ "person": person })).rows;
    assert_eq!(rows.len(), 3);
    assert_eq!(town.memory.verify(), Vec::<String>::new());
}
