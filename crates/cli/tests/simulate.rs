//! `simulate`, as a user runs it: the sums of `settle`, variants of every kind, and what it says when it cannot.
#![cfg(feature = "parquet")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::fs;

use common::run;
use serde_json::Value;

fn outcome(folder: &std::path::Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("outcome.json")).unwrap()).unwrap()
}

/// Fen of an amount in yuan with two decimals.
fn fen(text: &str) -> i64 {
    text.replace('.', "").parse().unwrap()
}

#[test]
fn its_sums_are_those_of_settle_under_the_terms_and_under_each_variant() {
    let folder = tempfile::tempdir().unwrap();
    let (at, out) = (folder.path().join("province"), folder.path().join("out"));
    run(&format!("generate --region chongqing --people 700 --year 2022 -o {}", at.display())).good();
    let file = folder.path().join("variants.toml");
    fs::write(
        &file,
        "[[variant]]\nname = \"half\"\nset = [\"stage.catastrophic.deductible=*0.5\", \"stage.inpatient.cap=*2\"]\n",
    )
    .unwrap();
    let words = "--set stage.inpatient.bands[level=3].ratio=+5pt";
    let ran = run(&format!("simulate {} {words} --variants {} -o {}", at.display(), file.display(), out.display()));
    assert!(ran.good().contains("stage.inpatient.bands[level=3].ratio=+5pt"));
    let told = outcome(&out);
    let funds: Vec<String> =
        told["funds"].as_array().unwrap().iter().map(|fund| fund.as_str().unwrap().replace('-', "_")).collect();
    let asked = ["", words, "--set stage.catastrophic.deductible=*0.5 --set stage.inpatient.cap=*2"];
    assert_eq!(told["variants"].as_array().unwrap().len(), asked.len());
    for (variant, set) in told["variants"].as_array().unwrap().iter().zip(asked) {
        let bills = at.join("bills/2022/part-00000.parquet");
        let settled = run(&format!("settle {} --region chongqing --format csv {set}", bills.display())).good();
        let mut rows = csv::Reader::from_reader(settled.as_bytes());
        let heads = rows.headers().unwrap().clone();
        let place = |name: &str| heads.iter().position(|head| head == name).unwrap();
        let places: Vec<usize> = funds.iter().map(|fund| place(fund)).collect();
        let (own, mut sums, mut person) = (place("person_pays"), vec![0; funds.len()], 0);
        for row in rows.records().map(Result::unwrap) {
            person += fen(&row[own]);
            sums.iter_mut().zip(&places).for_each(|(sum, place)| *sum += fen(&row[*place]));
        }
        let all = variant["groups"].as_array().unwrap().iter().find(|pair| pair[0]["by"] == "all").unwrap();
        assert_eq!(all[1]["paid"], Value::from(sums), "{set}");
        assert_eq!(all[1]["own"], Value::from(person), "{set}");
    }
    // The same again is there already; another is refused.
    run(&format!("simulate {} {words} --variants {} -o {}", at.display(), file.display(), out.display())).good();
    let refused = run(&format!("simulate {} -o {}", at.display(), out.display()));
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("another run"), "{}", refused.err);
}

#[test]
fn it_refuses_what_it_cannot_do_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let (at, out) = (folder.path().join("province"), folder.path().join("out"));
    let refused = run(&format!("simulate {} -o {}", at.display(), out.display()));
    assert!(refused.code == 2 && refused.err.contains("tongchou generate"), "{}", refused.err);
    run(&format!("generate --region chongqing --people 50 --year 2022 -o {}", at.display())).good();
    for (words, told) in [
        ("--draft no-such", "unknown draft"),
        ("--set stage.inpatient.cap", "no `=`"),
        ("--set stage.inpatient.capp=1", "did you mean stage.inpatient.cap?"),
        ("--year 2035", "no such year"),
        ("--set stage.inpatient.cap=1 --set stage.inpatient.cap=1", "named twice"),
        ("--variants nowhere.toml", "nowhere.toml"),
    ] {
        let refused = run(&format!("simulate {} {words} -o {}", at.display(), out.display()));
        assert!(refused.code != 0 && refused.err.contains(told), "{words}: {}", refused.err);
        assert!(!out.join("outcome.json").exists());
    }
}
