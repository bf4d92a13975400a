//! Sixty-four clients and the same hundred people: the outcome is that of some one-at-a-time order, on both engines, and no
//! limit is spent twice.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use books::Answer;
use common::crowd::{Record, same_as_one_at_a_time};
use common::{all_postings, fields, made, number, policies, settling_in, today, visit};
use jiff::civil::date;
use serde_json::{Map, Value, json};
use service::verify::{Difference, verify};
use service::{Service, SetClock, Setup};
use testkit::random::Random;

const PERSONS: u32 = 100;
/// The most that the funds pay for a person in a year, fen.
const CAP: i64 = 500_000;

/// Settles, takes back, and now and then changes a person's category, so that what was settled is settled anew.
fn next(random: &mut Random, answers: &[Answer]) -> (&'static str, Map<String, Value>) {
    let running = random.below(u64::from(PERSONS)) as u32;
    let settlements: Vec<&Value> = answers.iter().filter_map(|answer| answer.fields.get("settlement")).collect();
    match random.below(10) {
        0 => {
            let from = format!("2022-0{}-01", random.between(1, 2));
            let holds =
                json!({ "person": number(running), "category": "minimum-allowance", "from": from, "reason": "核对" });
            ("category assert", fields(holds))
        }
        1 | 2 if !settlements.is_empty() => {
            let taken = random.pick(&settlements);
            ("care reverse", fields(json!({ "settlement": taken, "reason": "误结" })))
        }
        // Few visits a person, so that clients meet over the same one.
        _ => {
            let number = random.below(40);
            ("care settle", visit(running, &format!("{running}-{number}"), 100 * (number as i64 + 1)))
        }
    }
}

fn a_crowd_comes_to_what_one_at_a_time_does(url: &str) {
    let clock = Arc::new(SetClock::at(date(2021, 12, 10), 1_000));
    let vault = books::Vault::new(&[7; 32]);
    let setup = Setup { clock: Arc::clone(&clock) as _, ..Setup::new(made(url), policies(), "town", vault) };
    let service = Service::open(setup).unwrap();
    let record = Record::default();
    for (verb, fields) in settling_in(PERSONS) {
        record.ask(&service, verb, fields, "clerk").unwrap();
    }
    clock.set(today());
    let seed = 20_220_301;
    println!("seed {seed}");
    record.crowd(&service, 64, 20, seed, &next);
    drop(service);
    let served = record.all();
    let of_crowd = &served[served.len() - 64 * 20..];
    for (verb, least) in [("care settle", 500), ("care reverse", 20), ("category assert", 20)] {
        let good = of_crowd.iter().filter(|one| one.verb == verb && one.outcome.is_ok()).count();
        assert!(good >= least, "{verb}: {good}");
    }
    let mut store = store::open_existing(url).unwrap();
    same_as_one_at_a_time(store.as_mut(), &served);
    let mut found: Vec<Difference> = Vec::new();
    let compared = verify(store.as_mut(), "town", &mut |_| {}, &mut |one| found.push(one)).unwrap();
    assert_eq!(found, []);
    assert!(compared.settlements >= 500, "{compared:?}");
    no_cap_is_spent_twice(store.as_mut());
}

/// By the postings alone: what the funds paid for each person, all differences and reversals counted.
fn no_cap_is_spent_twice(store: &mut dyn store::Store) {
    let mut spent: BTreeMap<String, i64> = BTreeMap::new();
    for posting in all_postings(store).iter().filter(|posting| posting.account.starts_with("expense/")) {
        *spent.entry(posting.key.subject.clone()).or_default() += posting.amount;
    }
    assert!(spent.values().any(|paid| *paid == CAP), "somebody reaches the cap");
    assert!(spent.values().all(|paid| (0..=CAP).contains(paid)), "{spent:?}");
}

#[test]
fn on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    a_crowd_comes_to_what_one_at_a_time_does(&folder.path().join("books.db").display().to_string());
}

#[test]
fn on_postgresql() {
    a_crowd_comes_to_what_one_at_a_time_does(&testkit::postgres::Server::shared().database());
}
