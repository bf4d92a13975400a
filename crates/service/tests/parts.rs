//! A long file is written in parts and is one transaction all the same: it comes to what it would in one piece, or to nothing; on
//! both engines.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod common;

use std::sync::Arc;

use common::{fields, journal, made, number, settling_in, setup, today, visit};
use jiff::civil::date;
use serde_json::{Value, json};
use service::verify::{Difference, verify};
use service::{Connect, Failure, Options, Service, SetClock, Setup, connect};
use store::Record;

/// A service that holds so many entries of a file.
fn holding(connect: Connect, part: usize) -> (Service, Arc<SetClock>) {
    let clock = Arc::new(SetClock::at(date(2021, 12, 10), 1_000));
    let options = Options { part, ..Options::default() };
    let service = Service::open(Setup { clock: Arc::clone(&clock) as _, options, ..setup(connect) }).unwrap();
    (service, clock)
}

fn feed(reported: &str, rows: impl Iterator<Item = String>, more: Value) -> serde_json::Map<String, Value> {
    let rows: Vec<String> = rows.collect();
    let text = format!("证件号码,姓名,区划,类别,起始日,终止日\n{}\n", rows.join("\n"));
    let mut all = fields(json!({ "source": "民政局", "reported": reported, "text": text }));
    all.extend(fields(more));
    all
}

fn row(person: u32, fact: &str, days: &str) -> String {
    format!("{},某{person},990101,{fact},{days}", number(person))
}

/// Persons of a file that is more than two pages long.
const MANY: u32 = 2_100;

/// What a file would be answered, and how it compares: the books are left as they are.
fn foretold(service: &Service, file: &serde_json::Map<String, Value>) -> [Value; 4] {
    let answer = service.estimate("feed load", file.clone(), "clerk").unwrap();
    let table = service.ask("feed compare", file.clone(), "clerk").unwrap();
    [json!(answer.says), json!(answer.fields), json!(table.rows), json!(table.foot)]
}

/// What a town goes through, by a service that holds so many entries: the answers, and the journal.
fn lived(url: &str, part: usize) -> (Vec<Value>, Vec<Record>) {
    let (service, clock) = holding(made(url), part);
    let mut requests = 0;
    let mut submit = |verb: &str, asked| {
        requests += 1;
        service.submit(verb, asked, Some(format!("r{requests}")), "clerk")
    };
    for (verb, asked) in settling_in(3) {
        submit(verb, asked).unwrap();
    }
    clock.set(today());
    let mut answers = vec![submit("care settle", visit(0, "1", 3_000)).unwrap()];
    // Most persons are new; the first ones come again at the end, in another part; one contradicts itself.
    let rows =
        (0..MANY).map(|n| row(n, "低保", "2022-01-01,")).chain((0..9).map(|n| row(n, "监测", "2022-01-01,2022-02-01")));
    let rows = rows.chain([row(1, "重度残疾", "2022-01-01,"), row(1, "重度残疾", "2022-01-01,2022-02-01")]);
    let file = feed("2022-01-31", rows, json!({ "register": true }));
    let told = foretold(&service, &file);
    answers.push(submit("feed load", file).unwrap());
    assert_eq!((&told[0], &told[1]), (&json!(answers[1].says), &json!(answers[1].fields)), "as the file did");
    assert_eq!(answers[1].fields["rejected"], 2);
    // The bill before the file was settled anew; one after it sees what it brought.
    answers.push(submit("care settle", visit(1, "2", 3_000)).unwrap());
    let whole = |rejected: &str| {
        let rows = (0..MANY).map(|n| row(n, "特困", "2022-02-01,")).chain([rejected.to_owned()]);
        feed("2022-02-20", rows, json!({ "whole": true }))
    };
    let before = journal(connect(url)().unwrap().as_mut());
    let refused = submit("feed load", whole("E1234567,某甲,990101,特困,2022-02-01,")).unwrap_err();
    assert!(matches!(refused, Failure::Refused(refusal) if refusal.code == "rejects"));
    assert_eq!(journal(connect(url)().unwrap().as_mut()), before, "a refused file leaves nothing");
    answers.push(submit("care settle", visit(0, "3", 1_000)).unwrap());
    // A full list: who is not on it has it no more.
    let list = feed("2022-02-28", (0..20).map(|n| row(n, "", ",")), json!({ "fact": "低保", "complete": true }));
    let ends = foretold(&service, &list);
    answers.push(submit("feed load", list).unwrap());
    assert_eq!(answers[4].fields["ended"], MANY - 20);
    assert_eq!((&ends[0], &ends[1]), (&json!(answers[4].says), &json!(answers[4].fields)), "as the list did");
    answers.push(submit("care settle", visit(2, "4", 3_000)).unwrap());
    drop(service);
    let answers = answers.into_iter().map(|answer| json!([answer.says, answer.fields]));
    let answers = answers.chain([json!(told), json!(ends)]).collect();
    (answers, journal(connect(url)().unwrap().as_mut()))
}

fn in_parts_as_in_one(urls: [&str; 2]) {
    let (one, parts) = (lived(urls[0], usize::MAX), lived(urls[1], 7));
    assert_eq!(one.0, parts.0);
    assert_eq!(one.1, parts.1);
    let mut store = store::open_existing(urls[1]).unwrap();
    let mut found: Vec<Difference> = Vec::new();
    verify(store.as_mut(), "town", &mut |_| {}, &mut |difference| found.push(difference)).unwrap();
    assert_eq!(found, []);
}

#[test]
fn on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let urls = ["one.db", "parts.db"].map(|name| folder.path().join(name).display().to_string());
    in_parts_as_in_one([&urls[0], &urls[1]]);
}

#[test]
fn on_postgresql() {
    let server = testkit::postgres::Server::shared();
    in_parts_as_in_one([&server.database(), &server.database()]);
}
