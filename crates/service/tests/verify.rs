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

/// What a sheet of a version that did not keep when something was recorded looks like.
fn without_moments(body: &str) -> String {
    let mut parts = body.split(",\"told\":");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| text + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}

#[test]
fn a_sheet_from_before_the_moment_of_recording_is_no_difference_and_what_is_changed_in_it_is() {
    let (folder, url, connection) = books();
    let clock = Arc::new(SetClock::at(today(), 1_000));
    let serving = || Service::open(Setup { clock: Arc::clone(&clock) as _, ..setup(connect(&url)) }).unwrap();
    let catalogue = "# publisher: 某局\n# edition: V1\n# basis: secondary\ncode,name,list,charge,class,from\nA1,某药,101,09,A,2022-01-01\n";
    let provider = settling_in(6).into_iter().find(|(verb, _)| *verb == "provider register").unwrap().1;
    let matched = |from: &str| {
        let item = json!({ "own": "001", "list": "101", "code": "A1", "from": from });
        fields(json!({ "provider": provider["provider"], "items": [item] }))
    };
    let service = serving();
    service.submit("catalogue load", fields(json!({ "text": catalogue })), None, "a").unwrap();
    service.submit("matching record", matched("2022-01-01"), None, "a").unwrap();
    drop(service);
    let kept = |connection: &Connection| -> Vec<(String, String)> {
        let asked = "SELECT subject, body FROM sheet WHERE subject LIKE 'item/%' OR subject LIKE 'match/%' ORDER BY 1";
        let mut rows = connection.prepare(asked).unwrap();
        rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    };
    let put = |subject: &str, body: &str| {
        let changed = connection.execute("UPDATE sheet SET body = ?2 WHERE subject = ?1", [subject, body]);
        assert_eq!(changed.unwrap(), 1);
    };
    let sheets = kept(&connection);
    assert_eq!(sheets.len(), 2);
    for (subject, body) in &sheets {
        let older = without_moments(body);
        assert!(body.contains("told") && !older.contains("told"), "{body}");
        put(subject, &older);
    }
    assert_eq!(found(&url), []);
    // The older sheet is gone on with: what is recorded now has its moment.
    let service = serving();
    service.submit("matching record", matched("2022-03-01"), None, "a").unwrap();
    drop(service);
    let going_on = kept(&connection);
    assert_eq!(going_on[1].1.matches("told").count(), 1, "{going_on:?}");
    assert_eq!(found(&url), []);
    for damaged in [going_on[1].1.replacen("A1", "A2", 1), going_on[1].1.replacen("\"told\":1", "\"told\":2", 1)] {
        assert_ne!(damaged, going_on[1].1);
        put(&going_on[1].0, &damaged);
        let codes: Vec<_> = found(&url).iter().map(|one| one.code).collect();
        assert_eq!(codes, ["sheet"], "{damaged}");
    }
    drop(folder);
}

#[test]
fn planted_damage_is_named_by_place_and_kind() {
    let the_dead = "(SELECT subject FROM journal WHERE request = 'died')";
    let first_visit =
        "entry = (SELECT place FROM journal WHERE request = 'v1' AND number = 1 AND subject LIKE 'care/%')";
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
            "INSERT INTO posting VALUES (1000000, 1, 'town', 0, 'bank/collection', '', 5)".to_owned(),
            vec!["stray-posting"],
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
