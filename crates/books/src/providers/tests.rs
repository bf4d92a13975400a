//! Stories of providers: files of them, connection over time, uploads.

use jiff::civil::date;
use serde_json::{Value, json};

use crate::testing::Town;
use crate::{Books, Desk, Query, Refusal, Stop, Table};

fn town() -> Town {
    Town::new("[[upload.delay]]\nclause='T-1'\nminutes=60\nfrom=2022-01-01\n", date(2022, 12, 1))
}

fn ask(town: &mut Town, verb: &str, fields: Value) -> Result<Table, Refusal> {
    let Value::Object(fields) = fields else { panic!("fields are an object") };
    let question = Query::named(verb).unwrap().read(fields)?;
    let Town { rules, vault, memory, .. } = town;
    let noon = 1_669_867_200_000_000; // 2022-12-01 in China
    let desk = Desk { rules, vault, at: noon, actor: "tester" };
    question.ask(&desk, &mut Books::new(memory)).map_err(|stop| match stop {
        Stop::Refused(refusal) => refusal,
        Stop::Source(what) => panic!("{what}"),
    })
}

fn register(town: &mut Town, code: &str, area: &str, connected: Value, from: &str) {
    let fields = json!({ "provider": code, "name": code, "area": area, "level": "2", "care": ["outpatient", "special"],
        "connected": connected, "from": from });
    town.run("provider register", fields).unwrap();
}

const FILE: &str = "机构编码,机构名称,区划,级别,医疗类别,联网,起始日期
H1,第一医院,990101,二级,住院 普通门诊,是,2022-01-01
H2,第二医院,990102,3,inpatient,否,2022-01-01
H3,第三医院,990103,四级,inpatient,否,2022-01-01
H 4,第四医院,990103,3,inpatient,否,2022-01-01
H5,第五医院,990103,3,,否,2022-01-01
H6,第六医院,990103,3,inpatient
";

#[test]
fn a_provider_is_known_by_its_credit_code_and_grade() {
    let mut town = town();
    register(&mut town, "H1", "990101", json!([]), "2022-01-01");
    let amend = |fields: Value| {
        let mut amend = json!({ "provider": "H1", "from": "2022-02-01" });
        amend.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        amend
    };
    let wrong = town.run("provider amend", amend(json!({ "uscc": "12000000000000000R" }))).unwrap_err();
    assert_eq!(wrong.code, "bad-uscc");
    let told = json!({ "uscc": "12000000000000000Q", "grade": "2A" });
    assert_eq!(town.run("provider amend", amend(told.clone())).unwrap().fields["changed"], json!(true));
    assert_eq!(town.run("provider amend", amend(told)).unwrap().fields["changed"], json!(false));
    let known =
        |town: &mut Town, on: &str| ask(town, "provider list", json!({ "on": on })).unwrap().rows[0][10..].to_vec();
    assert_eq!(known(&mut town, "2022-01-31"), [Value::Null, Value::Null]);
    assert_eq!(known(&mut town, "2022-02-01"), [json!("12000000000000000Q"), json!("2A")]);
}

#[test]
fn a_file_is_taken_once_and_its_bad_lines_come_back() {
    let mut town = town();
    let whole = town.run("provider load", json!({ "text": FILE, "whole": true })).unwrap_err();
    assert_eq!(whole.code, "rejected-lines");
    assert!(town.memory.journal.is_empty());
    let answer = town.run("provider load", json!({ "text": FILE })).unwrap();
    let rejects = answer.fields["rejects"].as_array().unwrap();
    let told: Vec<(i64, &str)> =
        rejects.iter().map(|r| (r["line"].as_i64().unwrap(), r["code"].as_str().unwrap())).collect();
    assert_eq!(told, [(4, "bad-field"), (5, "bad-provider-code"), (6, "missing-field"), (7, "bad-file")]);
    assert_eq!((answer.fields["new"].clone(), town.memory.journal.len()), (json!(2), 4));
    let again = town.run("provider load", json!({ "text": FILE })).unwrap();
    assert_eq!((again.fields["repeated"].clone(), town.memory.journal.len()), (json!(true), 4));
    let later = "provider,name,area,level,care,online,from
H1,第一医院,990101,3,inpatient outpatient,是,2022-07-01
H2,第二医院,990102,3,inpatient,否,2022-07-01
";
    let answer = town.run("provider load", json!({ "text": later })).unwrap();
    assert_eq!((answer.fields["amended"].clone(), answer.fields["same"].clone()), (json!(1), json!(1)));
    let levels = |town: &mut Town, on: &str| {
        let table = ask(town, "provider list", json!({ "on": on })).unwrap();
        table.rows.iter().map(|row| row[3].clone()).collect::<Vec<_>>()
    };
    assert_eq!(levels(&mut town, "2022-06-30"), [json!("2"), json!("3")]);
    assert_eq!(levels(&mut town, "2022-07-01"), [json!("3"), json!("3")]);
    let heading = town.run("provider load", json!({ "text": "provider,colour\n" })).unwrap_err();
    assert_eq!(heading.code, "unknown-column");
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let mut town = town();
    let fields = |more: Value| {
        let mut fields = json!({ "provider": "H1", "name": "某", "area": "990101", "level": "2", "care": ["inpatient"], "from": "2022-01-01" });
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        fields
    };
    let mut code = |more: Value| town.run("provider register", fields(more)).unwrap_err().code;
    assert_eq!(code(json!({ "mark": ["accident"] })), "not-a-provider-mark");
    assert_eq!(code(json!({ "connected": ["outpatient"] })), "care-not-settled");
    assert_eq!(code(json!({ "until": "2021-12-31" })), "ends-before-it-starts");
    assert_eq!(code(json!({ "area": "九九" })), "bad-area");
    assert_eq!(code(json!({ "level": "4" })), "bad-field");
    town.run("provider register", fields(json!({ "until": "2022-12-31" }))).unwrap();
    assert_eq!(town.run("provider register", fields(json!({}))).unwrap_err().code, "already-registered");
    let state = |town: &mut Town, on: &str| ask(town, "provider list", json!({ "on": on })).unwrap().rows[0][4].clone();
    assert_eq!((state(&mut town, "2022-12-31"), state(&mut town, "2023-01-01")), (json!("designated"), json!("ended")));
    town.run("provider resume", json!({ "provider": "H1", "from": "2023-01-01", "until": "2023-12-31" })).unwrap();
    assert_eq!(state(&mut town, "2023-01-01"), json!("designated"));
}

#[test]
fn connection_is_counted_period_by_period() {
    let mut town = town();
    register(&mut town, "H1", "990101", json!(["outpatient"]), "2021-06-01");
    register(&mut town, "H2", "990102", json!(["outpatient"]), "2022-02-01");
    register(&mut town, "H3", "990102", json!([]), "2022-02-01");
    town.run("provider amend", json!({ "provider": "H3", "from": "2022-05-01", "connected": ["outpatient"] })).unwrap();
    town.run("provider end", json!({ "provider": "H1", "from": "2022-09-30", "reason": "x" })).unwrap();
    let table = ask(&mut town, "provider connected", json!({ "from": "2022-02-02", "to": "2022-09-01" })).unwrap();
    let rows: Vec<_> = table.rows.iter().map(|r| (r[0].as_str().unwrap(), r[2].as_i64(), r[3].as_i64())).collect();
    assert_eq!(rows, [("2022Q1", Some(2), Some(1)), ("2022Q2", Some(3), Some(1)), ("2022Q3", Some(2), Some(-1))]);
    let back = ask(&mut town, "provider connected", json!({ "from": "2022-02-02", "to": "2022-01-01" }));
    assert_eq!(back.unwrap_err().code, "ends-before-it-starts");
}

#[test]
fn an_area_counts_when_all_that_is_asked_is_open() {
    let mut town = town();
    for (code, area) in [("H1", "990101"), ("H2", "990102")] {
        register(&mut town, code, area, json!(["special"]), "2022-01-01");
    }
    let amend = |code: &str, diseases: &[&str]| json!({ "provider": code, "from": "2022-06-01", "disease": diseases });
    town.run("provider amend", amend("H1", &["A", "B", "C", "D", "E"])).unwrap();
    town.run("provider amend", amend("H2", &["A", "B", "C", "D"])).unwrap();
    let asked =
        json!({ "area": ["990101", "990102", "990103"], "care": "special", "disease": ["A", "B", "C", "D", "E"] });
    let table = ask(&mut town, "provider coverage", asked).unwrap();
    let covered: Vec<_> = table.rows.iter().map(|row| (row[2].clone(), row[3].clone())).collect();
    assert_eq!(covered, [(json!(""), json!(true)), (json!("E"), json!(false)), (json!("A B C D E"), json!(false))]);
    assert!(table.foot.ends_with("1/3 = 33.33%"), "{}", table.foot);
}

#[test]
fn uploads_tell_their_delay_and_who_is_late() {
    let mut town = town();
    register(&mut town, "H1", "990101", json!([]), "2021-01-01");
    let upload = |visit: &str, happened: &str, uploaded: &str| json!({ "provider": "H1", "visit": visit, "care": "outpatient", "happened": happened, "uploaded": uploaded });
    let first = town.run("upload record", upload("v1", "2022-03-05T10:00", "2022-03-05T11:00")).unwrap();
    assert_eq!((first.fields["delay"].clone(), first.fields["late"].clone()), (json!(60), json!(false)));
    let late = town.run("upload record", upload("v2", "2022-03-05T10:00", "2022-03-05T11:01")).unwrap();
    assert_eq!(late.fields["late"], json!(true));
    let again = town.run("upload record", upload("v2", "2022-03-05T10:00", "2022-03-05T12:00")).unwrap();
    assert_eq!(again.fields["delay"], json!(61));
    // The notice sets no line for care of the year before.
    let before = town.run("upload record", upload("v3", "2021-12-31T10:00", "2022-01-01T10:00")).unwrap();
    assert_eq!((before.fields["delay"].clone(), before.fields["late"].clone()), (json!(1440), Value::Null));
    let backwards = town.run("upload record", upload("v4", "2022-03-05T10:00", "2022-03-05T09:59"));
    assert_eq!(backwards.unwrap_err().code, "impossible-date");
    let table = ask(&mut town, "upload list", json!({ "late": true })).unwrap();
    assert_eq!(table.rows.iter().map(|row| row[1].clone()).collect::<Vec<_>>(), [json!("v2")]);
    let table = ask(&mut town, "upload count", json!({ "from": "2022-01-01" })).unwrap();
    assert_eq!(table.rows, [vec![json!("H1"), json!("outpatient"), json!(2), json!(60), json!(61), json!(1)]]);
    assert_eq!(town.memory.verify(), Vec::<String>::new());
}
