//! Copies and checks: what one database holds arrives whole in another, and what somebody changed behind our back is found.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod common;

use common::{Database, REGION, commit, key, record_after, sheet_of};
use store::{Answered, Batch, Error, Fault, Key, Link, Record, Store, check_balance, check_chain, copy, seal};
use testkit::postgres::Server;

/// Seconds, as the microseconds of the store.
const SECOND: i64 = 1_000_000;

/// Three persons over three years, four entries a stream, one entry a second; the first half sealed in two seals.
fn lived_in(database: &Database) -> Vec<Record> {
    let mut store = database.open();
    let streams: Vec<Key> =
        ["person/1", "person/2", "person/人"].iter().flat_map(|s| [0, 2025, 2026].map(|year| key(s, year))).collect();
    let mut at = 0;
    for round in 0..4 {
        for stream in &streams {
            at += SECOND;
            let request = format!("{round}/{}/{}", stream.subject, stream.year);
            let sheet = store.sheets(REGION, std::slice::from_ref(stream)).unwrap().pop();
            let mut record = record_after(sheet.as_ref(), stream, &request);
            record.at = at;
            record.hash = store::link(&sheet.map_or([0; 32], |sheet| sheet.head), REGION, &record);
            let postings = common::postings_of(&record, at);
            let link = Link { kind: "receipt".to_string(), name: request.clone(), subject: stream.subject.clone() };
            let answer = Answered { request, input: [7; 32], answer: "{}".to_string(), at };
            let sheets = vec![sheet_of(&record, &format!("{{\"round\":{round}}}"))];
            commit(
                &mut *store,
                &Batch { records: vec![record], sheets, postings, links: vec![link], answers: vec![answer] },
            );
        }
    }
    store.begin().unwrap();
    store.keep_note("key", "check value").unwrap();
    store.commit().unwrap();
    seal(&mut *store, REGION, 10 * SECOND).unwrap().unwrap();
    seal(&mut *store, REGION, 19 * SECOND).unwrap().unwrap();
    all_records(&mut *store)
}

fn all_records(store: &mut dyn Store) -> Vec<Record> {
    let (mut all, mut after) = (Vec::new(), None::<(Key, u32)>);
    // A page size that no stream is a multiple of.
    loop {
        let page = store.journal(REGION, after.as_ref().map(|(key, number)| (key, *number)), 5).unwrap();
        let Some(last) = page.last() else { return all };
        after = Some((last.key.clone(), last.number));
        all.extend(page);
    }
}

fn faults(database: &Database) -> Vec<Fault> {
    let mut found = Vec::new();
    let mut store = database.open();
    store.begin_read().unwrap();
    let checked = check_chain(&mut *store, REGION, &mut |fault| found.push(fault)).unwrap();
    check_balance(&mut *store, REGION, &mut |fault| found.push(fault)).unwrap();
    store.commit().unwrap();
    assert_eq!(checked.faults, found.iter().filter(|fault| !matches!(fault, Fault::Unbalanced { .. })).count() as u64);
    found
}

/// Changes what is stored as somebody with all rights could: past the triggers, past the program.
fn tamper(database: &Database, sql: &str) {
    if database.url.starts_with("postgres") {
        let off = "SET session_replication_role = replica; SET search_path = tongchou;";
        Server::shared().sql(&database.url, &format!("{off} {sql}"));
        return;
    }
    let file = rusqlite::Connection::open(&database.url).unwrap();
    file.execute_batch("DROP TRIGGER journal_keeps_its_rows; DROP TRIGGER journal_keeps_its_words;").unwrap();
    file.execute_batch("DROP TRIGGER seal_keeps_its_rows; DROP TRIGGER seal_keeps_its_words;").unwrap();
    file.execute_batch(sql).unwrap();
}

const STREAM: &str = "subject = 'person/2' AND year = 2025";

/// What is done to the books, and what is found then.
fn check(database: &Database, sql: &str, expected: &[Fault]) {
    lived_in(database);
    assert_eq!(faults(database), []);
    tamper(database, sql);
    assert_eq!(faults(database), expected, "{sql}");
}

fn damaged() -> Key {
    key("person/2", 2025)
}

macro_rules! deck {
    ($($case:ident),+ $(,)?) => {
        mod sqlite { $(#[test] fn $case() { super::$case(&super::Database::sqlite()); })+ }
        mod postgres { $(#[test] fn $case() { super::$case(&super::Database::postgres()); })+ }
    };
}

deck![
    whole_books_have_no_fault,
    pages_give_everything_once_and_in_order,
    a_changed_word_is_found,
    a_dropped_entry_is_found,
    entries_that_changed_places_are_found,
    a_tail_cut_off_with_its_sheet_set_back_is_found_by_the_seal,
    a_stream_taken_away_whole_is_found_by_the_seals,
    a_lost_sheet_and_a_changed_head_are_found,
    a_changed_or_lost_seal_is_found,
    an_entry_whose_postings_do_not_balance_is_found,
    a_seal_covers_each_entry_once,
    a_copy_is_equal_on_either_engine,
    a_copy_goes_only_where_nothing_of_the_region_is,
    a_copy_in_many_pages_is_whole,
];

fn whole_books_have_no_fault(database: &Database) {
    let records = lived_in(database);
    let mut store = database.open();
    let checked = check_chain(&mut *store, REGION, &mut |fault| panic!("{fault}")).unwrap();
    assert_eq!((checked.records, checked.streams, checked.seals), (records.len() as u64, 9, 2));
    assert_eq!(check_balance(&mut *store, REGION, &mut |fault| panic!("{fault}")).unwrap(), 0);
}

fn pages_give_everything_once_and_in_order(database: &Database) {
    let records = lived_in(database);
    assert_eq!(records.len(), 36);
    let order = |record: &Record| (record.key.clone(), record.number);
    assert!(records.windows(2).all(|pair| order(&pair[0]) < order(&pair[1])));
    let mut store = database.open();
    let sheets = store.scan(REGION, "", None, None, 99).unwrap();
    assert_eq!(sheets.len(), 9);
    let mut after = None;
    for sheet in &sheets {
        let page = store.scan(REGION, "person/", None, after.as_ref(), 1).unwrap();
        assert_eq!(page, std::slice::from_ref(sheet));
        after = Some(sheet.key.clone());
    }
    assert_eq!(store.scan(REGION, "person/", None, after.as_ref(), 1).unwrap(), []);
    let of_a_year = store.scan(REGION, "person/", Some(2025), Some(&key("person/1", 2025)), 99).unwrap();
    assert_eq!(of_a_year.iter().map(|s| s.key.subject.as_str()).collect::<Vec<_>>(), ["person/2", "person/人"]);

    let postings = store.postings(REGION, None, 99).unwrap();
    assert_eq!(postings.len(), 72);
    let tenth = &postings[10];
    let rest = store.postings(REGION, Some((&tenth.key, tenth.number, tenth.line)), 99).unwrap();
    assert_eq!(rest, postings[11..]);
    let answers = store.answers(REGION, None, 99).unwrap();
    assert!(answers.windows(2).all(|pair| pair[0].request < pair[1].request));
    assert_eq!(store.answers(REGION, Some(&answers[3].request), 99).unwrap(), answers[4..]);
    let total: i64 = (1..=36).map(|n| n * SECOND).sum();
    let balances = store.balances(REGION, None).unwrap();
    assert_eq!(balances.len(), 2);
    assert_eq!((balances[0].account.as_str(), balances[0].debit, balances[0].credit), ("expense/basic", total, 0));
    assert_eq!((balances[1].party.as_str(), balances[1].debit, balances[1].credit), ("H1", 0, total));
}

fn a_changed_word_is_found(database: &Database) {
    let sql = format!("UPDATE journal SET body = '{{}}' WHERE {STREAM} AND number = 2");
    check(database, &sql, &[Fault::Changed { key: damaged(), number: 2 }]);
}

fn a_dropped_entry_is_found(database: &Database) {
    let sql = format!("DELETE FROM journal WHERE {STREAM} AND number = 3");
    // Its second (the 23rd) is after the seals.
    check(database, &sql, &[Fault::Missing { key: damaged(), first: 3, last: 3 }]);
}

fn entries_that_changed_places_are_found(database: &Database) {
    let sql = format!(
        "UPDATE journal SET number = 9 WHERE {STREAM} AND number = 3; UPDATE journal SET number = 3 WHERE {STREAM} AND \
         number = 4; UPDATE journal SET number = 4 WHERE {STREAM} AND number = 9"
    );
    let (third, fourth) = (Fault::Changed { key: damaged(), number: 3 }, Fault::Changed { key: damaged(), number: 4 });
    check(database, &sql, &[third, fourth, Fault::Head { key: damaged(), number: 4 }]);
}

fn a_tail_cut_off_with_its_sheet_set_back_is_found_by_the_seal(database: &Database) {
    // The second entry, of second 14, is sealed; what comes after it goes as well.
    let sql = format!(
        "DELETE FROM journal WHERE {STREAM} AND number > 1; UPDATE sheet SET entries = 1, head = (SELECT hash FROM journal \
         WHERE {STREAM}) WHERE {STREAM}"
    );
    check(database, &sql, &[Fault::Unsealed { number: 2, sealed: 9, found: 8 }]);
}

fn a_stream_taken_away_whole_is_found_by_the_seals(database: &Database) {
    let sql = format!("DELETE FROM journal WHERE {STREAM}; DELETE FROM sheet WHERE {STREAM}");
    let gone = |number| Fault::Unsealed { number, sealed: 9, found: 8 };
    check(database, &sql, &[gone(1), gone(2)]);
}

fn a_lost_sheet_and_a_changed_head_are_found(database: &Database) {
    let sql = format!(
        "DELETE FROM sheet WHERE {STREAM}; UPDATE sheet SET head = (SELECT head FROM sheet WHERE subject = 'person/1' AND \
         year = 0) WHERE subject = 'person/1' AND year = 2026; UPDATE sheet SET entries = 3 WHERE subject = 'person/人' AND \
         year = 0; UPDATE sheet SET entries = 6 WHERE subject = 'person/人' AND year = 2025; DELETE FROM journal WHERE \
         subject = 'person/人' AND year = 2026"
    );
    lived_in(database);
    tamper(database, &sql);
    let found = faults(database);
    let third = |year| key("person/人", year);
    assert_eq!(
        found[..5],
        [
            Fault::Head { key: key("person/1", 2026), number: 4 },
            Fault::NoSheet { key: damaged() },
            Fault::Uncounted { key: third(0), counted: 3, found: 4 },
            Fault::Missing { key: third(2025), first: 5, last: 6 },
            Fault::Missing { key: third(2026), first: 1, last: 4 },
        ]
    );
    assert!(matches!(found[5..], [Fault::Unsealed { number: 1, .. }, Fault::Unsealed { number: 2, .. }]), "{found:?}");
}

fn a_changed_or_lost_seal_is_found(database: &Database) {
    lived_in(database);
    tamper(database, "UPDATE seal SET before = before - 1 WHERE number = 1");
    assert_eq!(faults(database), [Fault::SealBroken { number: 1 }]);
    let again = Database::empty_like(database).with_region();
    lived_in(&again);
    tamper(&again, "DELETE FROM seal WHERE number = 1");
    // The second now has to answer for the time of the first.
    let late = Fault::Unsealed { number: 2, sealed: 9, found: 18 };
    assert_eq!(faults(&again), [late, Fault::SealBroken { number: 2 }]);
}

fn an_entry_whose_postings_do_not_balance_is_found(database: &Database) {
    let second = format!("{STREAM} AND number = 2");
    let by_place = format!("entry = (SELECT place FROM journal WHERE {second})");
    let at = if database.url.starts_with("postgres") { second } else { by_place };
    let sql = format!("UPDATE posting SET amount = amount + 5 WHERE {at} AND line = 1");
    check(database, &sql, &[Fault::Unbalanced { key: damaged(), number: 2, sum: 5 }]);
}

fn a_seal_covers_each_entry_once(database: &Database) {
    lived_in(database);
    let mut store = database.open();
    // Nothing new before the last moment, and nothing at all between two seconds.
    assert_eq!(seal(&mut *store, REGION, 19 * SECOND).unwrap(), None);
    assert_eq!(seal(&mut *store, REGION, 19 * SECOND - 1).unwrap(), None);
    let third = seal(&mut *store, REGION, 37 * SECOND).unwrap().unwrap();
    assert_eq!((third.number, third.entries), (3, 18));
    assert_eq!(seal(&mut *store, REGION, 38 * SECOND).unwrap(), None);
    assert_eq!(store.seals(REGION).unwrap().iter().map(|seal| seal.entries).collect::<Vec<_>>(), [9, 9, 18]);
    assert_eq!(faults(database), []);
}

fn assert_equal(one: &Database, other: &Database) {
    let (mut one, mut other) = (one.open(), other.open());
    assert_eq!(all_records(&mut *one), all_records(&mut *other));
    assert_eq!(one.scan(REGION, "", None, None, 99).unwrap(), other.scan(REGION, "", None, None, 99).unwrap());
    assert_eq!(one.postings(REGION, None, 99).unwrap(), other.postings(REGION, None, 99).unwrap());
    assert_eq!(one.links(REGION, None, 99).unwrap(), other.links(REGION, None, 99).unwrap());
    assert_eq!(one.answers(REGION, None, 99).unwrap(), other.answers(REGION, None, 99).unwrap());
    assert_eq!(one.balances(REGION, None).unwrap(), other.balances(REGION, None).unwrap());
    assert_eq!(one.seals(REGION).unwrap(), other.seals(REGION).unwrap());
    assert_eq!(one.notes("").unwrap(), other.notes("").unwrap());
    assert_eq!(one.regions().unwrap(), other.regions().unwrap());
}

fn a_copy_is_equal_on_either_engine(database: &Database) {
    lived_in(database);
    for target in [Database::empty_sqlite(), Database::empty_postgres()] {
        let mut parts = Vec::new();
        let region = target.url.starts_with("postgres").then_some(REGION);
        let copied = copy(&mut *database.open(), &mut *target.open(), region, &mut |progress| {
            parts.push((progress.part, progress.done, progress.total));
        })
        .unwrap();
        assert_eq!(copied.notes, 1);
        assert_eq!(copied.regions.len(), 1);
        assert_eq!((copied.regions[0].1.records, copied.regions[0].1.seals), (36, 2));
        assert_eq!(parts.len(), 5);
        assert!(parts.iter().all(|(_, done, total)| done == total));
        assert_equal(database, &target);
        assert_eq!(faults(&target), []);
        // Life goes on there.
        commit(&mut *target.open(), &common::batch("later", &[key("person/9", 2028)]));
    }
}

fn a_copy_goes_only_where_nothing_of_the_region_is(database: &Database) {
    lived_in(database);
    let mut from = database.open();
    let unknown = copy(&mut *from, &mut *Database::empty_like(database).open(), Some("999999"), &mut |_| ());
    assert!(matches!(unknown, Err(Error::Unfit(_))), "{unknown:?}");
    let taken = Database::empty_like(database).with_region();
    commit(&mut *taken.open(), &common::batch("r1", &[key("person/1", 0)]));
    let refused = copy(&mut *from, &mut *taken.open(), None, &mut |_| ());
    assert!(matches!(&refused, Err(Error::Unfit(text)) if text.contains(REGION)), "{refused:?}");
    assert_eq!(taken.open().notes("").unwrap(), [""; 0]);
    let other_key = Database::empty_like(database);
    let mut to = other_key.open();
    to.begin().unwrap();
    to.keep_note("key", "another").unwrap();
    to.commit().unwrap();
    let refused = copy(&mut *from, &mut *to, None, &mut |_| ());
    assert!(matches!(&refused, Err(Error::Unfit(text)) if text.contains("`key`")), "{refused:?}");
    assert_eq!(to.regions().unwrap(), [""; 0]);
    // What holds for all books of a database does not come to others with a copy, nor from them.
    for (theirs, named) in [(&["key", "today"][..], "`today`"), (&[][..], "`key`")] {
        let others = Database::empty_like(database);
        let mut to = others.open();
        to.begin().unwrap();
        to.open_region("another").unwrap();
        for name in theirs {
            to.keep_note(name, "check value").unwrap();
        }
        to.commit().unwrap();
        let refused = copy(&mut *from, &mut *to, None, &mut |_| ());
        assert!(matches!(&refused, Err(Error::Unfit(text)) if text.contains(named)), "{refused:?}");
        assert_eq!((to.regions().unwrap(), to.notes("").unwrap().len()), (vec!["another".to_owned()], theirs.len()));
    }
    // Both connections are fit for more.
    commit(&mut *from, &common::batch("more", &[key("person/8", 0)]));
}

fn a_copy_in_many_pages_is_whole(database: &Database) {
    let mut store = database.open();
    for block in 0..5 {
        let streams: Vec<Key> = (0..500).map(|n| key(&format!("person/{:04}", block * 500 + n), 2026)).collect();
        commit(&mut *store, &common::batch(&format!("r{block}"), &streams));
    }
    let target = Database::empty_sqlite();
    let mut steps = Vec::new();
    copy(&mut *store, &mut *target.open(), None, &mut |progress| steps.push(progress.done)).unwrap();
    // 2 500 entries and sheets, 5 000 postings, five names and answers, a thousand at a time.
    assert_eq!(steps, [1000, 2000, 2500, 1000, 2000, 2500, 1000, 2000, 3000, 4000, 5000, 5, 5]);
    assert_eq!(faults(&target), []);
    assert_eq!(target.open().counts(REGION).unwrap(), store.counts(REGION).unwrap());
}
