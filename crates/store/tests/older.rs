//! Books made by an older program are brought up to date when they are opened, with all they have.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod common;

use common::{Database, REGION, commit, key, postings_of, record_after, sheet_of};
use rusqlite::{Connection, params};
use store::{Batch, Posting, Record, check_balance, check_chain};

const STEPS: [(&str, &str); 3] = [
    ("0001_books", include_str!("../migrations/sqlite/0001_books.sql")),
    ("0002_seals", include_str!("../migrations/sqlite/0002_seals.sql")),
    ("0003_sessions", include_str!("../migrations/sqlite/0003_sessions.sql")),
];

/// A file as step 3 left it: postings under the streams and numbers of their entries. Two streams by turns.
fn of_step_3(database: &Database) -> (Connection, Vec<Record>, Vec<Posting>) {
    let file = Connection::open(&database.url).unwrap();
    file.execute_batch("PRAGMA journal_mode = WAL; PRAGMA application_id = 1413695554;").unwrap();
    file.execute_batch("CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT").unwrap();
    for ((name, sql), number) in STEPS.iter().zip(1..) {
        file.execute_batch(sql).unwrap();
        file.execute("INSERT INTO migration VALUES (?1, ?2)", params![number, name]).unwrap();
    }
    file.execute("INSERT INTO region VALUES (?1)", [REGION]).unwrap();
    let streams = [key("person/2", 2026), key("person/1", 2025)];
    let mut heads = [None, None];
    let (mut records, mut postings) = (Vec::new(), Vec::new());
    for round in 0..6 {
        let (key, head) = (&streams[round % 2], &mut heads[round % 2]);
        let record = record_after(head.as_ref(), key, &format!("r{round}"));
        *head = Some(sheet_of(&record, "{}"));
        let Record { at, request, actor, kind, body, number, hash, .. } = &record;
        let insert = "INSERT INTO journal VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let values = params![REGION, key.subject, key.year, number, at, request, actor, kind, body, hash];
        file.execute(insert, values).unwrap();
        for posting in postings_of(&record, 100) {
            let Posting { line, account, party, amount, .. } = &posting;
            let insert = "INSERT INTO posting VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
            let values = params![REGION, key.subject, key.year, number, line, account, party, amount];
            file.execute(insert, values).unwrap();
            postings.push(posting);
        }
        records.push(record);
    }
    for sheet in heads.into_iter().flatten() {
        let values = params![REGION, sheet.key.subject, sheet.key.year, sheet.entries, sheet.head, sheet.body];
        file.execute("INSERT INTO sheet VALUES (?1, ?2, ?3, ?4, ?5, ?6)", values).unwrap();
    }
    records.sort_by(|a, b| (&a.key, a.number).cmp(&(&b.key, b.number)));
    postings.sort_by(|a, b| (&a.key, a.number, a.line).cmp(&(&b.key, b.number, b.line)));
    (file, records, postings)
}

#[test]
fn postings_under_streams_come_to_lie_under_their_entries() {
    let database = Database::empty_sqlite();
    let (file, records, postings) = of_step_3(&database);
    drop(file);
    let mut store = database.open();
    assert_eq!(store.journal(REGION, None, 99).unwrap(), records);
    assert_eq!(store.postings(REGION, None, 99).unwrap(), postings);
    let middle = &postings[4];
    let rest = store.postings(REGION, Some((&middle.key, middle.number, middle.line)), 99).unwrap();
    assert_eq!(rest, postings[5..]);
    let of_a_year = store.balances(REGION, Some(2025)).unwrap();
    assert_eq!(of_a_year.iter().map(|balance| balance.debit - balance.credit).collect::<Vec<_>>(), [300, -300]);
    // It is gone on with, and all of it holds together.
    let sheet = store.sheets(REGION, &[key("person/1", 2025)]).unwrap().remove(0);
    let record = record_after(Some(&sheet), &sheet.key, "later");
    let (sheets, more) = (vec![sheet_of(&record, "{}")], postings_of(&record, 7));
    commit(&mut *store, &Batch { records: vec![record], sheets, postings: more, ..Batch::default() });
    assert_eq!(store.counts(REGION).unwrap().postings, 14);
    store.begin_read().unwrap();
    check_chain(&mut *store, REGION, &mut |fault| panic!("{fault}")).unwrap();
    check_balance(&mut *store, REGION, &mut |fault| panic!("{fault}")).unwrap();
    store.rollback().unwrap();
    let raw = Connection::open(&database.url).unwrap();
    let refused = raw.execute("DELETE FROM journal", []).unwrap_err().to_string();
    assert!(refused.contains("append-only"), "{refused}");
}

#[test]
fn a_line_without_an_entry_keeps_the_file_as_it_is() {
    let database = Database::empty_sqlite();
    let (file, ..) = of_step_3(&database);
    file.execute("INSERT INTO posting VALUES (?1, 'person/x', 0, 1, 1, 'bank', '', 5)", [REGION]).unwrap();
    let refused = store::open(&database.url).map(|_| ()).unwrap_err().to_string();
    assert!(refused.contains("0004_places"), "{refused}");
    let lines: i64 =
        file.query_row("SELECT count(*) FROM posting WHERE subject LIKE 'person/%'", [], |row| row.get(0)).unwrap();
    assert_eq!(lines, 13);
}
