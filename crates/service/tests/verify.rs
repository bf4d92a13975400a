//! Verification names what is not as the journal says, and nothing else.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod common;

use std::sync::Arc;

use common::{fields, number, person, serve, settling_in, setup, today, visit};
use jiff::civil::date;
use rusqlite::Connection;
use serde_json::json;
use service::verify::{Difference, verify};
use service::{Service, SetClock, Setup, connect};

/// Books with three persons, one who died, and one who has care; and a connection that may do anything.
fn books() -> (tempfile::TempDir, String, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("books.db");
    drop(serve(&file));
    let clock = Arc::new(SetClock::at(date(2021, 12, 10), 1_000));
    let setup = Setup { clock: Arc::clone(&clock) as _, ..setup(connect(&file.display().to_string())) };
    let service = Service::open(setup).unwrap();
    for running in 0..3 {
        service.submit("person register", person(running), Some(format!("r-{running}")), "a").unwrap();
    }
    for (verb, fields) in settling_in(6).into_iter().filter(|(verb, of)| keeps(verb, of)) {
        service.submit(verb, fields, None, "a").unwrap();
    }
    clock.set(today());
    let died = fields(json!({ "person": number(1), "on": "2022-02-01" }));
    service.submit("person die", died, Some("died".to_owned()), "a").unwrap();
    for (name, yuan) in [("v1", 3_000), ("v2", 2_000)] {
        service.submit("care settle", visit(5, name, yuan), Some(name.to_owned()), "a").unwrap();
    }
    drop(service);
    let connection = Connection::open(&file).unwrap();
    connection.execute_batch("DROP TRIGGER journal_keeps_its_rows; DROP TRIGGER journal_keeps_its_words;").unwrap();
    (folder, file.display().to_string(), connection)
}

/// Of the requests that settle the town in: the hospital's, and those of the person who has care.
fn keeps(verb: &str, of: &serde_json::Map<String, serde_json::Value>) -> bool {
    let about = [of.get("person"), of.get("number")].into_iter().flatten().any(|person| *person == number(5));
    verb == "provider register" || about
}

fn found(url: &str) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut store = store::open_existing(url).unwrap();
    verify(store.as_mut(), "town", &mut |_| {}, &mut |one| found.push(one)).unwrap();
    found
}

#[test]
fn sound_books_have_no_difference() {
    let (_folder, url, connection) = books();
    assert_eq!(found(&url), []);
    let postings: i64 = connection.query_row("SELECT count(*) FROM posting", [], |row| row.get(0)).unwrap();
    assert!(postings >= 2, "there is something to compare");
    let mut moved = Vec::new();
    let mut store = store::open_existing(&url).unwrap();
    let compared = verify(store.as_mut(), "town", &mut |entries| moved.push(entries), &mut |one| panic!("{one:?}"));
    let compared = compared.unwrap();
    assert_eq!(moved.last(), Some(&compared.entries));
    assert_eq!((compared.settlements, compared.answers), (2, 11));
    assert!(compared.entries >= 11 && compared.postings as i64 == postings && compared.links >= 1, "{compared:?}");
}

#[test]
fn planted_damage_is_named_by_place_and_kind() {
    let the_dead = "(SELECT subject FROM journal WHERE request = 'died')";
    let first_visit = "subject = (SELECT subject FROM journal WHERE request = 'v1') AND number = 1";
    let cases = [
        (
            format!("UPDATE sheet SET body = replace(body, '2022-02-01', '2022-02-02') WHERE subject = {the_dead}"),
            vec!["sheet"],
        ),
        (format!("UPDATE sheet SET entries = 9 WHERE subject = {the_dead}"), vec!["missing"]),
        (format!("UPDATE sheet SET entries = 1 WHERE subject = {the_dead}"), vec!["entries"]),
        (format!("UPDATE sheet SET head = zeroblob(32) WHERE subject = {the_dead}"), vec!["head"]),
        (format!("DELETE FROM sheet WHERE subject = {the_dead}"), vec!["no-sheet"]),
        (
            "UPDATE journal SET body = replace(body, '2022-02-01', '2022-02-02') WHERE request = 'died'".to_owned(),
            vec!["chain", "sheet"],
        ),
        ("UPDATE journal SET actor = 'b' WHERE request = 'died'".to_owned(), vec!["chain"]),
        ("UPDATE journal SET body = '{' WHERE request = 'died'".to_owned(), vec!["chain", "unreadable"]),
        ("DELETE FROM journal WHERE request = 'died'".to_owned(), vec!["missing", "sheet"]),
        (format!("DELETE FROM journal WHERE number = 1 AND subject = {the_dead}"), vec!["missing", "sheet"]),
        (
            format!("UPDATE posting SET amount = amount + 1 WHERE line = 1 AND {first_visit}"),
            vec!["unbalanced", "posting"],
        ),
        (format!("UPDATE posting SET party = 'x' WHERE line = 2 AND {first_visit}"), vec!["posting"]),
        (format!("DELETE FROM posting WHERE line = 2 AND {first_visit}"), vec!["unbalanced", "posting"]),
        (
            "INSERT INTO posting VALUES ('town', 'person/x', 0, 1, 1, 'bank/collection', '', 5)".to_owned(),
            vec!["unbalanced", "stray-posting"],
        ),
        ("UPDATE link SET subject = 'person/0000000000000000' WHERE kind = 'receipt'".to_owned(), vec!["dead-link"]),
        ("UPDATE answer SET answer = '?' WHERE request = 'died'".to_owned(), vec!["bad-answer"]),
        ("DELETE FROM answer WHERE request = 'died'".to_owned(), vec!["no-answer"]),
    ];
    for (damage, codes) in cases {
        let (_folder, url, connection) = books();
        let changed = connection.execute(&damage, []).unwrap();
        assert_eq!(changed, 1, "{damage}");
        let found = found(&url);
        assert_eq!(found.iter().map(|one| one.code).collect::<Vec<_>>(), codes, "{damage}: {found:#?}");
        for difference in &found {
            assert!(!difference.what.is_empty() && !difference.subject.is_empty(), "{difference:?}");
            assert!(!difference.what.contains("99010119"), "no number of a person is told: {difference:?}");
        }
    }
}
