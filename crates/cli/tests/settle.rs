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
    let town = town();
    write(&town, "990900-town/2016-06-15-raise.toml", RAISE);
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
