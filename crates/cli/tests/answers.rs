//! The verbs that answer one question: due, cover, subsidy, account.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use common::run;
use serde_json::{Value, json};

fn fields(words: &str, names: &[&str]) -> Vec<Value> {
    let answer = run(&format!("{words} --format json")).json();
    names.iter().map(|name| answer[name].clone()).collect()
}

/// The key and the first clause of a refusal, which ends in exit code 1.
fn refused(words: &str) -> (String, Option<String>) {
    let ran = run(&format!("{words} --format json"));
    assert_eq!(ran.code, 1, "{}", ran.out);
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    let clause = answer["refused"]["clauses"][0]["id"].as_str().map(str::to_owned);
    (answer["refused"]["key"].as_str().unwrap().to_owned(), clause)
}

#[test]
fn the_contribution_of_a_tier_is_due_with_its_clauses() {
    let names = ["total", "personal", "tier", "basis", "from", "until"];
    let due = fields("due 重庆 --year 2022 --tier 二档", &names);
    assert_eq!(
        due,
        [json!("695.00"), json!("695.00"), json!("second"), json!("stated"), json!("2022-01-01"), json!("2022-12-31")]
    );
    let due = fields("due chongqing --year 2021 --tier first --group university", &names);
    assert_eq!((&due[0], &due[4]), (&json!("280.00"), &json!("2021-09-01")));
    let text = run("due 重庆 --year 2022 --tier first").good();
    assert!(text.contains("CQ21-01.2b") && text.contains("= 应缴 320.00，个人 320.00"), "{text}");
}

#[test]
fn an_open_amount_is_refused_by_its_clause() {
    let needy = "due 重庆 --year 2022 --tier first --category 低保对象";
    assert_eq!(refused(needy), ("contribution.sponsor.needy".into(), Some("CQ21-01.3a".into())));
    let told = run(needy);
    assert_eq!((told.code, told.out.as_str()), (1, ""));
    assert!(told.err.contains("一 para 3 CQ21-01.3a"), "{}", told.err);
}

#[test]
fn words_of_the_field_are_read_in_either_language_and_wrong_ones_named() {
    let either = ["--category minimum-allowance", "--category 低保对象"]
        .map(|category| run(&format!("due tianjin --year 2018 --tier low {category}")).err);
    assert_eq!(either[0], either[1]);
    let wrong = run("due 重庆 --year 2022 --category 低保户");
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("minimum-allowance 低保对象"), "{}", wrong.err);
    assert!(run("due 重庆 --year 2022 --tier third").err.contains("first 一档"));
}

#[test]
fn cover_turns_on_the_last_day_of_the_window() {
    let names = ["benefits_from", "covered", "scheme"];
    let cover = fields("cover chongqing --year 2022 --paid 2022-02-28 --on 2022-01-10", &names);
    assert_eq!(cover, [json!("2022-01-01"), json!(true), json!("resident")]);
    let late = "cover chongqing --year 2022 --paid 2022-03-01";
    assert_eq!(refused(late), ("enrolment.waiting".into(), Some("CQ21-02.3a".into())));
    assert_eq!(fields(&format!("{late} --born 2022-01-15"), &["benefits_from"]), [json!("2022-03-01")]);
    assert_eq!(
        refused("cover chongqing --year 2022 --paid 2022-02-01 --state duplicate").1.as_deref(),
        Some("CQ21-07.2d")
    );
}

#[test]
fn a_subsidy_is_split_by_area_and_a_missing_split_is_named() {
    let names = ["total", "central", "province", "local"];
    let split = fields("subsidy 吉林省 --year 2022 --area 222401 --heads 1000", &names);
    assert_eq!(split, [json!("610000.00"), json!("488000.00"), json!("73200.00"), json!("48800.00")]);
    let answer = run("subsidy chongqing --year 2021 --heads 1000 --format json").json();
    assert_eq!((&answer["total"], &answer["central"]), (&json!("580000.00"), &Value::Null));
    assert_eq!(answer["lacks"]["key"], "subsidy.split");
    assert_eq!(refused("subsidy chongqing --year 2022 --heads 1").0, "subsidy.standard");
    assert_eq!(run("subsidy jilin --year 2022 --heads 1 --excluded double=3").code, 2);
}

#[test]
fn an_account_moves_its_share_and_opens_at_the_line() {
    let month = |month: &str| format!("account transfer tianjin --month {month} --credit 33.33");
    assert_eq!(fields(&month("2016-10"), &["transfer", "stays"]), [json!("23.33"), json!("10.00")]);
    assert_eq!(refused(&month("2016-09")).0, "account.transfer");
    let draw = |total: &str| format!("account withdraw tianjin --on 2020-03-01 --balance 1000 --total {total}");
    assert_eq!(fields(&draw("50000"), &["open", "withdraw"]), [json!(true), json!("1000.00")]);
    assert_eq!(fields(&draw("49999.99"), &["open", "withdraw"]), [json!(false), json!("0.00")]);
    assert_eq!(run("account transfer tianjin --month 2016-10 --credit 1.234").code, 2);
}
