//! Own items and what they are.

use jiff::civil::date;
use serde_json::{Value, json};

use super::{matched, require};
use crate::testing::Town;
use crate::{Books, Stop};

const CATALOGUE: &str = "# publisher: 某局\n# edition: V1\n# basis: secondary\ncode,name,list,charge,class,from,end
A1,某药,101,09,A,2022-01-01,
A2,另药,101,09,A,2022-01-01,
S1,某检查,201,03,A,2022-06-01,
";

fn town() -> Town {
    let mut town = Town::new("", date(2022, 3, 1));
    let hospital = json!({ "provider": "H1", "name": "某医院", "area": "990101", "level": "2", "care": ["outpatient"], "from": "2020-01-01" });
    town.run("provider register", hospital).unwrap();
    town.run("catalogue load", json!({ "text": CATALOGUE })).unwrap();
    town
}

fn record(items: Value) -> Value {
    json!({ "provider": "h1", "items": items })
}

fn refused(town: &mut Town, own: &str, code: &str, day: domain::Date) -> Option<String> {
    match require(&mut Books::new(&mut town.memory), "H1", own, code, day) {
        Ok(()) => None,
        Err(Stop::Refused(refusal)) => Some(refusal.code),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_matching_holds_from_its_day_until_it_is_changed_or_cancelled() {
    let mut town = town();
    let first = json!([{ "own": "001", "name": "某药片", "list": "101", "code": "a1", "from": "2022-01-01" }]);
    assert_eq!(town.run("matching record", record(first.clone())).unwrap().fields["new"], json!(1));
    assert_eq!(town.run("matching record", record(first)).unwrap().fields["same"], json!(1));
    let other = json!([{ "own": "001", "list": "101", "code": "A2", "from": "2022-02-01", "until": "2022-03-31" }]);
    town.run("matching record", record(other)).unwrap();
    let (january, march) = (date(2022, 1, 31), date(2022, 3, 31));
    assert_eq!(refused(&mut town, "001", "A1", january), None);
    assert_eq!(refused(&mut town, "001", "A1", march).as_deref(), Some("matched-otherwise"));
    assert_eq!(refused(&mut town, "001", "a2", march), None);
    assert_eq!(refused(&mut town, "001", "A2", date(2022, 4, 1)).as_deref(), Some("not-matched"));
    assert_eq!(refused(&mut town, "002", "A1", march).as_deref(), Some("not-matched"));
    assert_eq!(town.ask("matching list", json!({ "provider": "H1" })).rows.len(), 2);
    assert_eq!(town.ask("matching list", json!({ "provider": "H1", "on": "2022-03-01" })).rows[0][3], json!("A2"));
    let cancel = json!({ "provider": "H1", "own": "001", "code": "A2", "from": "2022-03-10" });
    town.run("matching cancel", cancel.clone()).unwrap();
    assert_eq!(town.run("matching cancel", cancel).unwrap_err().code, "not-matched");
    let mut books = Books::new(&mut town.memory);
    assert!(matched(&mut books, "H1", "001", date(2022, 3, 9)).unwrap().is_some());
    assert!(matched(&mut books, "H1", "001", date(2022, 3, 10)).unwrap().is_none());
    assert_eq!(town.memory.verify(), Vec::<String>::new());
}

#[test]
fn one_bad_item_takes_the_others_with_it_and_is_named() {
    let mut town = town();
    let before = town.memory.journal.len();
    let good = json!({ "own": "001", "list": "101", "code": "A1", "from": "2022-01-01" });
    for (bad, code) in [
        (json!({ "own": "002", "list": "101", "code": "A9", "from": "2022-01-01" }), "unknown-item"),
        (json!({ "own": "002", "list": "201", "code": "S1", "from": "2022-01-01" }), "unknown-item"),
        (json!({ "own": "002", "list": "301", "code": "A1", "from": "2022-01-01" }), "list-differs"),
        (json!({ "own": "0/2", "list": "101", "code": "A1", "from": "2022-01-01" }), "bad-own-code"),
        (
            json!({ "own": "002", "list": "101", "code": "A1", "from": "2022-02-01", "until": "2022-01-31" }),
            "ends-before-it-starts",
        ),
    ] {
        let refusal = town.run("matching record", record(json!([good.clone(), bad]))).unwrap_err();
        assert_eq!((refusal.code.as_str(), refusal.message.contains("第 2 条")), (code, true), "{refusal}");
    }
    assert_eq!(town.memory.journal.len(), before);
}

#[test]
fn several_are_cancelled_at_once_or_none() {
    let mut town = town();
    let item = |own: &str, code: &str| json!({ "own": own, "list": "101", "code": code, "from": "2022-01-01" });
    town.run("matching record", record(json!([item("001", "A1"), item("002", "A2")]))).unwrap();
    let withdraw = |pairs: [[&str; 2]; 2]| record(pairs.map(|[own, code]| json!({ "own": own, "code": code })).into());
    let refusal = town.run("matching withdraw", withdraw([["001", "A1"], ["002", "A1"]])).unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.message.starts_with("第 2 条")), ("not-matched", true));
    assert_eq!(refused(&mut town, "001", "A1", date(2022, 3, 1)), None);
    town.run("matching withdraw", withdraw([["001", "A1"], ["002", "A2"]])).unwrap();
    assert_eq!(refused(&mut town, "001", "A1", date(2022, 3, 1)).as_deref(), Some("not-matched"));
}
