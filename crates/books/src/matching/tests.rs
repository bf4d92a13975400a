//! Own items and what they are.

use jiff::civil::date;
use serde_json::{Value, json};

use super::{holding, matched, require};
use crate::source::{Key, Link, Raw, Source};
use crate::testing::Town;
use crate::{Books, Entry, Memory, Stop};

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

/// A source that counts the sheets that are read through.
struct Counted<'m> {
    memory: &'m mut Memory,
    scanned: usize,
}

impl Source for Counted<'_> {
    fn sheets(&mut self, keys: &[Key]) -> Result<Vec<Raw>, String> {
        self.memory.sheets(keys)
    }

    fn linked(&mut self, names: &[(&str, &str)]) -> Result<Vec<Link>, String> {
        self.memory.linked(names)
    }

    fn names(&mut self, kind: &str, prefix: &str, limit: usize) -> Result<Vec<Link>, String> {
        self.memory.names(kind, prefix, limit)
    }

    fn history(&mut self, subject: &str) -> Result<Vec<(Key, Entry)>, String> {
        self.memory.history(subject)
    }

    fn scan(&mut self, prefix: &str, year: Option<i16>, after: Option<&Key>, limit: usize) -> Result<Vec<Raw>, String> {
        let found = self.memory.scan(prefix, year, after, limit)?;
        self.scanned += found.len();
        Ok(found)
    }
}

#[test]
fn a_page_of_matchings_goes_on_behind_the_one_before_it_and_reads_no_others() {
    let mut town = town();
    let other = json!({ "provider": "H11", "name": "某医院", "area": "990101", "level": "2", "care": ["outpatient"], "from": "2020-01-01" });
    town.run("provider register", other).unwrap();
    let item =
        |own: u32, code: &str| json!({ "own": format!("{own:04}"), "list": "101", "code": code, "from": "2022-01-01" });
    let items = |code: &'static str| (0..2_100).map(|own| item(own, code)).collect::<Vec<_>>();
    town.run("matching record", record(items("A1").into())).unwrap();
    town.run("matching record", json!({ "provider": "H11", "items": items("A2")[..3] })).unwrap();
    let mut page = |after: Option<&str>, most: usize, code: &str| {
        let mut source = Counted { memory: &mut town.memory, scanned: 0 };
        let wanted = |_: &str, one: &super::Match| one.code == code;
        let found = holding(&mut Books::new(&mut source), "h1", date(2022, 3, 1), (after, most), wanted).unwrap();
        (found.into_iter().map(|(own, _)| own).collect::<Vec<_>>(), source.scanned)
    };
    let (first, read) = page(None, 3, "A1");
    assert_eq!(
        (first, read),
        (vec!["0000".to_owned(), "0001".to_owned(), "0002".to_owned()], 1_000),
        "one page of the store"
    );
    let (last, read) = page(Some("2096"), 10, "A1");
    assert_eq!((last.first().map(String::as_str), last.len(), read), (Some("2097"), 3, 3), "not the 2097 before it");
    assert_eq!(page(Some("2099"), 10, "A1").0, Vec::<String>::new());
    assert_eq!(page(None, 10, "A2").0, Vec::<String>::new(), "another provider's are not told");
    assert_eq!(page(None, 0, "A1"), (Vec::new(), 0));
}
