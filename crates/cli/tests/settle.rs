//! The verbs that settle: settle and explain.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use common::{Ran, run, run_with, town, write};

/// Two people of the town; nothing is in force before June 2016.
const BILLS: &str = "bill,person,region,date,care,level,a\n\
    b1,p,town,2016-08-01,outpatient,1,2000\n\
    b2,q,town,2016-08-01,outpatient,2,2000\n\
    b3,q,town,2015-03-01,outpatient,2,2000\n";

/// A second notice, which only raises a band.
const RAISE: &str = r#"
[notice]
id = "town-raise"
kind = "notice"
title = "提高比例"
issued = 2016-06-15

[[stage.outpatient.bands]]
clause = "T-2"
from = 2016-07-01
rows = [{ level = "1", ratio = "65.2%" }, { ratio = "50%" }]
"#;

/// What the town's first notice leaves open.
const CAP: &str = r#"
[notice]
id = "town-cap"
kind = "notice"
title = "限额"
issued = 2016-06-01

[[stage.outpatient.cap]]
clause = "T-2"
per = "year"
rows = [{ amount = 5000 }]
"#;

/// Settles some bills in the town.
fn settle(bills: &str, words: &str) -> Ran {
    settle_under(RAISE, bills, words)
}

/// The same under another later notice.
fn settle_under(notice: &str, bills: &str, words: &str) -> Ran {
    let town = town();
    write(&town, "990900-town/2016-06-15-later.toml", notice);
    write(&town, "990900-town/2016-06-01-cap.toml", CAP);
    write(&town, "bills.csv", bills);
    let file = town.path().join("bills.csv");
    run_with(town.path(), &format!("settle {} {words}", file.display()))
}

#[test]
fn a_comparison_names_what_it_refuses_and_compares_whole_people_only() {
    let refused = settle(BILLS, "--compare town-raise");
    assert_eq!((refused.code, refused.out.as_str()), (1, ""));
    assert!(refused.err.contains("不计此文件 (without)：票据 b3"), "{}", refused.err);
    assert!(refused.err.contains("计此文件 (with)：票据 b3"), "{}", refused.err);
    let compared = settle(BILLS, "--compare town-raise --keep-going");
    assert_eq!(compared.code, 1);
    assert!(compared.out.contains("\np ") && !compared.out.contains("\nq "), "{}{}", compared.err, compared.out);
    assert!(compared.err.contains("不比较 1 人"), "{}", compared.err);
    assert!(!compared.out.contains("医疗救助"), "funds with nothing on both sides are left out: {}", compared.out);
    let whole = BILLS.rsplit_once("b3").unwrap().0;
    assert_eq!(settle(whole, "--compare town-raise").code, 0);
}

#[test]
fn steps_are_refused_where_there_is_no_room_for_them() {
    let whole = BILLS.rsplit_once("b3").unwrap().0;
    for (words, cure) in [("--format csv", "--format json"), ("--compare town-raise", "去掉 --explain")] {
        let ran = settle(whole, &format!("--explain {words}"));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{words}");
        assert!(ran.err.contains(cure), "{}", ran.err);
    }
}

/// Whether a text holds a hanzi or full-width punctuation, the title of a notice's section apart.
fn chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c) && !"一二三四五六七八九十".contains(c))
        || text.contains(['，', '；', '：', '（', '、', '】'])
}

#[test]
fn an_english_explanation_is_english_to_its_sources() {
    let whole = BILLS.rsplit_once("b3").unwrap().0;
    let told = settle(whole, "--explain --lang en").good();
    assert!(told.contains("stage, ratio: 二 T-2, stated") || told.contains("二 T-2, stated"), "{told}");
    assert!(!chinese(&told), "{told}");
    let steps = settle(whole, "--explain --format jsonl").good();
    assert!(steps.contains("\"english_sources\":[") && steps.contains("二 T-2，原文"), "{steps}");
}

/// A ladder measured on all of the year's amount.
const LADDER: &str = r#"
[notice]
id = "town-ladder"
kind = "notice"
title = "阶梯"
issued = 2016-06-20

[[stage.outpatient.bands]]
clause = "T-2"
from = 2016-07-01
on = "gross"
rows = [{ bands = [{ to = 1000, ratio = "50%" }, { ratio = "60%" }] }]
"#;

/// The same, once a line is passed.
const LINE: &str = r#"
[[stage.outpatient.entry]]
clause = "T-2"
from = 2016-07-01
rows = [{ line = 200, then = "excess" }]
"#;

#[test]
fn a_ladder_says_below_the_deductible_and_counts_only_what_came_before() {
    let bills = "bill,person,region,date,care,level,a\n\
        b1,p,town,2016-08-01,outpatient,1,100\n\
        b2,p,town,2016-08-02,outpatient,1,500\n\
        b3,p,town,2016-08-03,outpatient,1,50\n";
    let told = settle_under(LADDER, bills, "--explain").good();
    assert!(told.contains("政策范围内 100.00 − 起付 100.00（标准 400.00） = 0.00，未达起付 → 支付 0.00"), "{told}");
    assert!(told.contains("200.00 × 50%（年内已计 100.00） = 100.00"), "{told}");
    assert!(told.contains("50.00 × 50%（年内已计 600.00） = 25.00"), "{told}");
    let told = settle_under(&[LADDER, LINE].concat(), bills, "--explain").good();
    assert!(told.contains("政策范围内 100.00，年内累计过 200.00 的部分计入 0.00，未过此线 → 支付 0.00"), "{told}");
    assert!(told.contains("的部分计入 400.00 − 起付 400.00 = 0.00，未达起付"), "{told}");
    let told = settle_under(&[LADDER, LINE].concat(), bills, "--explain --lang en").good();
    assert!(told.contains("counted 0.00 (what is beyond 200.00 in the year), not passed"), "{told}");
}

#[test]
fn a_tier_is_read_by_its_name_too() {
    let bill = "explain chongqing --date 2022-03-01 --a 30000 --birth 1980-01-01 --format json --tier";
    let by = |tier: &str| run(&format!("{bill} {tier}")).json()["person_pays"].clone();
    assert_eq!(by("一档"), by("first"));
    let folder = tempfile::tempdir().unwrap();
    let file = |tier: &str| {
        let text = format!(
            "bill,person,region,date,tier,birth,care,level,a\nb,p,chongqing,2022-03-01,{tier},1980-01-01,inpatient,2,30000\n"
        );
        write(&folder, "bills.csv", &text);
        run(&format!("settle {} --format json", folder.path().join("bills.csv").display())).json()[0]["person_pays"]
            .clone()
    };
    assert_eq!(file("二档"), file("second"));
}

#[test]
fn programs_are_given_codes_and_people_words() {
    let bills = "bill,person,region,date,care,level,a,reverses\n\
        b1,p,town,2016-08-01,outpatient,1,2000,\nb2,p,town,2016-08-02,,,,b1\n";
    let csv = settle(bills, "--format csv").good();
    assert!(csv.contains(",settled,outpatient,1,2000.00") && csv.contains(",derived,"), "{csv}");
    let table = settle(bills, "").good();
    assert!(table.contains("普通门诊"), "{table}");
    let sum = table.lines().rev().find(|line| line.starts_with("合计")).unwrap();
    assert_eq!(sum.split_whitespace().nth(1), Some("1"), "a reversal is no bill: {table}");
}

#[test]
fn where_nothing_is_settled_there_is_no_basis() {
    let refused = settle("bill,person,region,date,care,level,a\nb1,p,town,2015-03-01,outpatient,1,1\n", "--keep-going");
    assert_eq!(refused.code, 1);
    assert!(refused.out.contains("最弱依据：无\n"), "{}", refused.out);
}

#[test]
fn one_bill_is_explained_without_a_number_and_from_its_bare_burden() {
    let folder = tempfile::tempdir().unwrap();
    let json = r#"{"date": "2022-03-01", "tier": "一档", "birth": "1980-01-01", "care": "住院", "level": "2", "a": "30000.10"}"#;
    write(&folder, "bill.json", json);
    let file = folder.path().join("bill.json");
    let told = run(&format!("explain chongqing --json {} --format json", file.display())).json();
    assert_eq!((told["bill"].as_str(), told["total"].as_str()), (Some("1"), Some("30000.10")));
    let person = "--date 2022-03-01 --tier first --birth 1980-01-01";
    let burden = run(&format!("explain chongqing {person} --burden 50000 --format json")).json();
    assert_eq!(burden["basic"], "0.00");
    assert_ne!(burden["catastrophic"], "0.00");
}

#[test]
fn a_figure_set_for_one_run_changes_the_bills_that_meet_it() {
    let whole = BILLS.rsplit_once("b3").unwrap().0;
    let set = "--set stage.outpatient.bands[level=1].ratio=-5pt";
    let (plain, other) = (settle(whole, "--format json").json(), settle(whole, &format!("{set} --format json")).json());
    assert_ne!(plain[0]["basic"], other[0]["basic"], "level 1");
    assert_eq!(plain[1]["basic"], other[1]["basic"], "level 2");
    assert_eq!((&other[0]["basis"], &plain[0]["basis"]), (&"illustrative".into(), &"derived".into()));
    let compared = settle(whole, &format!("{set} --compare set")).good();
    assert!(compared.contains("\np ") && compared.contains("基本医保"), "{compared}");
    let ran = settle(whole, &format!("{set} --compare town-raise"));
    assert!(ran.code == 2 && ran.err.contains("--compare set"), "{}", ran.err);
    let ran = settle(whole, "--set stage.outpatient.bands.ratio=130%");
    assert!(ran.code == 2 && ran.err.contains("0 到 100%"), "{}", ran.err);
}
