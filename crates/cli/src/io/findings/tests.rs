//! The same findings for people and for programs.

use domain::{Place, Severity};

use super::*;
use crate::io::bills::{InputFormat, read_bytes};

const TEXT: &str = "bill,person,date,care,level,a\nb1,甲,2022/3/1,住院,三级,100\n";

/// A bill with a wrong date, and a finding about a file that is not at hand.
fn findings() -> (Vec<Diagnostic>, Texts) {
    let loaded = read_bytes("票/bills.csv", TEXT.into(), InputFormat::Csv, &|_, _| {});
    let mut findings = loaded.findings;
    let place = Place { line: 3, column: 2, ..Place::file("b.parquet") };
    findings.push(Diagnostic::warning("some-word", place, "有疑", "核对").citing("CQ21-01"));
    (findings, Texts::from([("票/bills.csv".to_owned(), loaded.text.unwrap())]))
}

fn written(style: Style) -> String {
    let (findings, texts) = findings();
    let mut out = Vec::new();
    write(&findings, &texts, style, Lang::Zh, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn people_see_the_line_and_the_spot() {
    let text = written(Style::Text);
    let expected = "\
error[bad-date]: date（日期）“2022/3/1”不是有效日期
 --> 票/bills.csv:2:6
  |
2 | b1,甲,2022/3/1,住院,三级,100
  |       ^^^^^^^^
  |
  = help: 日期只用 ISO 写法 YYYY-MM-DD：2022-03-01

b.parquet:3:2: warning[some-word]: 有疑（CQ21-01） => 核对
";
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn programs_see_the_same() {
    let json: serde_json::Value = serde_json::from_str(&written(Style::Json)).unwrap();
    assert_eq!(json[0]["code"], "bad-date");
    assert_eq!((json[0]["line"].as_u64(), json[0]["column"].as_u64()), (Some(2), Some(3)));
    assert_eq!(json[1]["clause"], "CQ21-01");
    let sarif: serde_json::Value = serde_json::from_str(&written(Style::Sarif)).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    assert_eq!(run["tool"]["driver"]["rules"][1]["id"], "some-word");
    let place = &run["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "%E7%A5%A8/bills.csv");
    assert_eq!(place["region"]["startColumn"], 6);
    assert_eq!(place["region"]["endColumn"], 14);
    assert_eq!(run["results"][1]["ruleIndex"], 1);
    assert_eq!(run["results"][1]["locations"][0]["physicalLocation"]["region"]["startLine"], 3);
}

#[test]
fn a_million_findings_of_one_kind_are_told_once_for_all() {
    let finding = Diagnostic { severity: Severity::Note, ..Diagnostic::error("x", Place::file("f"), "m", "c") };
    let mut out = Vec::new();
    write(&vec![finding; 1000], &Texts::new(), Style::Text, Lang::Zh, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text.lines().count(), 51);
    assert!(text.ends_with("x：另有 950 处同类问题未逐一列出\n"), "{text}");
    assert_eq!(text.lines().next(), Some("f: note[x]: m => c"));
}
