//! Two services over the same books: whatever one keeps in memory, it never decides by what the other has made untrue; on both
//! engines.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod common;

use std::sync::Arc;

use books::Answer;
use common::{fields, made, number, policies, settling_in, today, visit};
use jiff::civil::date;
use serde_json::json;
use service::verify::{Difference, verify};
use service::{Failure, Options, Service, SetClock, Setup, connect};

/// Two services by one clock, so that no two entries are of one moment; the second has room in memory for few sheets.
fn two(url: &str, clock: &Arc<SetClock>) -> [Service; 2] {
    made(url);
    [500_000, 8].map(|kept| {
        let options = Options { kept, ..Options::default() };
        let (clock, vault) = (Arc::clone(clock), books::Vault::new(&[7; 32]));
        Service::open(Setup { clock, options, ..Setup::new(connect(url), policies(), "town", vault) }).unwrap()
    })
}

fn funds(answer: Result<Answer, Failure>) -> String {
    answer.unwrap().fields["funds"].as_str().unwrap().to_owned()
}

fn neither_decides_by_what_the_other_made_untrue(url: &str) {
    let clock = Arc::new(SetClock::at(date(2021, 12, 10), 1_000));
    let [one, other] = two(url, &clock);
    let settle =
        |service: &Service, name: &str, yuan| service.submit("care settle", visit(0, name, yuan), None, "clerk");
    // What is not there is remembered as well: nobody, no hospital, no insurance.
    assert!(settle(&one, "1", 2_000).is_err());
    for (nth, (verb, asked)) in settling_in(1).into_iter().enumerate() {
        let service = if nth % 2 == 0 { &one } else { &other };
        service.submit(verb, asked, None, "clerk").unwrap();
    }
    clock.set(today());
    // Half of what is above 1000 yuan a year, up to 5000: each must know what the other settled.
    assert_eq!(funds(settle(&one, "1", 2_000)), "500.00");
    assert_eq!(funds(settle(&other, "2", 4_000)), "2000.00");
    assert_eq!(funds(settle(&one, "3", 4_000)), "2000.00");
    assert_eq!(funds(settle(&one, "4", 600)), "300.00");
    assert_eq!(funds(settle(&other, "5", 4_000)), "200.00");
    assert_eq!(funds(settle(&one, "6", 4_000)), "0.00");
    // A refusal, and a reversal by the other.
    assert!(settle(&one, "6", 1).is_err());
    let fifth = settle(&one, "5", 4_000).unwrap().fields["settlement"].clone();
    let back = fields(json!({ "settlement": fifth, "reason": "误结" }));
    other.submit("care reverse", back, None, "clerk").unwrap();
    let statement = one.ask("care statement", fields(json!({ "person": number(0), "year": 2022 })), "clerk").unwrap();
    assert_eq!(statement.rows.len(), 5);
    assert_eq!(funds(settle(&one, "7", 4_000)), "0.00");
    // Both at once: the limit is spent once.
    std::thread::scope(|scope| {
        for (service, of) in [(&one, "a"), (&other, "b"), (&one, "c"), (&other, "d")] {
            scope.spawn(move || (0..10).for_each(|nth| drop(settle(service, &format!("{of}{nth}"), 100).unwrap())));
        }
    });
    drop((one, other));
    let mut store = store::open_existing(url).unwrap();
    let mut found: Vec<Difference> = Vec::new();
    let compared = verify(store.as_mut(), "town", &mut |_| {}, &mut |difference| found.push(difference)).unwrap();
    assert_eq!(found, []);
    assert!(compared.settlements >= 46, "{compared:?}");
    let paid: i64 = common::all_postings(store.as_mut())
        .iter()
        .filter(|posting| posting.account.starts_with("expense/"))
        .map(|posting| posting.amount)
        .sum();
    assert_eq!(paid, 500_000);
}

/// The order of the entries is that of their moments, also for who comes later with a clock that is behind.
fn a_clock_that_was_set_back_comes_after_what_is_recorded(url: &str) {
    let clock = Arc::new(SetClock::at(date(2021, 12, 10), 1_000));
    let [one, other] = two(url, &clock);
    for (verb, asked) in settling_in(1) {
        one.submit(verb, asked, None, "clerk").unwrap();
    }
    clock.set(today());
    assert_eq!(funds(one.submit("care settle", visit(0, "1", 2_000), None, "clerk")), "500.00");
    clock.set(today().yesterday().unwrap());
    assert_eq!(funds(other.submit("care settle", visit(0, "2", 4_000), None, "clerk")), "2000.00");
    drop((one, other));
    let mut store = store::open_existing(url).unwrap();
    let mut found: Vec<Difference> = Vec::new();
    verify(store.as_mut(), "town", &mut |_| {}, &mut |difference| found.push(difference)).unwrap();
    assert_eq!(found, []);
}

#[test]
fn a_clock_that_was_set_back_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    a_clock_that_was_set_back_comes_after_what_is_recorded(&folder.path().join("books.db").display().to_string());
}

#[test]
fn a_clock_that_was_set_back_on_postgresql() {
    a_clock_that_was_set_back_comes_after_what_is_recorded(&testkit::postgres::Server::shared().database());
}

#[test]
fn on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    neither_decides_by_what_the_other_made_untrue(&folder.path().join("books.db").display().to_string());
}

#[test]
fn on_postgresql() {
    neither_decides_by_what_the_other_made_untrue(&testkit::postgres::Server::shared().database());
}
