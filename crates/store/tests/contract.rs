//! What every engine promises: one deck, run on SQLite files and on a real PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod common;

use common::{Database, REGION, batch, commit, key, record_after};
use store::{Batch, Error, Key, Link, Run, Session, SessionChange, Sheet, Store};

/// Each case becomes one test on each engine.
macro_rules! deck {
    ($($case:ident),+ $(,)?) => {
        mod sqlite { $(#[test] fn $case() { super::$case(&super::Database::sqlite()); })+ }
        mod postgres { $(#[test] fn $case() { super::$case(&super::Database::postgres()); })+ }
    };
}

deck![
    what_is_written_is_read_back_and_is_there_after_opening_again,
    sheets_of_many_years_are_those_that_are_there,
    a_later_batch_replaces_the_sheet_and_adds_to_the_rest,
    a_rollback_leaves_nothing,
    a_batch_that_fails_leaves_nothing,
    a_name_leads_to_one_subject,
    a_request_has_one_answer,
    of_two_writers_who_read_the_same_one_is_refused,
    of_two_writers_who_make_the_same_stream_one_is_refused,
    a_turn_tells_whether_another_has_written,
    a_reader_sees_one_moment,
    an_empty_or_unknown_region_has_nothing_and_takes_nothing,
    finish_commits_or_leaves_nothing,
    regions_and_years_stay_apart,
    what_has_failed_is_never_committed_in_part,
    a_transaction_is_begun_once_and_nothing_is_written_outside,
    a_session_is_there_after_opening_again_until_it_ends,
    sessions_take_no_turn_and_are_no_part_of_a_copy,
    when_a_server_was_up_is_kept_and_carried_along,
    what_was_recorded_last_is_told_first,
];

fn what_is_written_is_read_back_and_is_there_after_opening_again(database: &Database) {
    let mut store = database.open();
    let batch = batch("r1", &[key("person/1", 0), key("person/1", 2026), key("region", 2026)]);
    store.begin().unwrap();
    assert_eq!(store.answered(REGION, &["r1"]).unwrap(), []);
    assert_eq!(store.sheets(REGION, &[key("person/1", 0)]).unwrap(), []);
    store.write(REGION, &batch).unwrap();
    store.commit().unwrap();
    drop(store);

    let mut store = database.open();
    assert_eq!(store.regions().unwrap(), [REGION]);
    assert_eq!(store.answered(REGION, &["r0", "r1"]).unwrap(), batch.answers);
    // Asked twice, out of order and for what is not there: each once, in the order of keys.
    let asked =
        [key("region", 2026), key("person/1", 2026), key("person/1", 0), key("person/1", 0), key("person/2", 0)];
    assert_eq!(store.sheets(REGION, &asked).unwrap(), batch.sheets);
    assert_eq!(store.history(REGION, "person/1").unwrap(), batch.records[..2]);
    assert_eq!(store.histories(REGION, &["region", "person/2", "person/1", "region"]).unwrap(), batch.records);
    assert_eq!(store.journal(REGION, None, 100).unwrap(), batch.records);
    assert_eq!(store.postings(REGION, None, 100).unwrap(), batch.postings);
    assert_eq!(store.links(REGION, None, 100).unwrap(), batch.links);
    assert_eq!(store.answers(REGION, None, 100).unwrap(), batch.answers);
    assert_eq!(store.answered(REGION, &["r1", "r1"]).unwrap(), batch.answers);
    let names = [("document", "of r1"), ("document", "none"), ("document", "of r1")];
    assert_eq!(store.linked(REGION, &names).unwrap(), batch.links);
}

fn sheets_of_many_years_are_those_that_are_there(database: &Database) {
    let mut store = database.open();
    let there = [
        key("care/1", 0),
        key("care/1", 2018),
        key("care/1", 2020),
        key("care/1", 2021),
        key("care/1", i16::MAX),
        key("care/2", 2022),
    ];
    let batch = batch("r1", &there);
    commit(&mut *store, &batch);
    let mut sheets = |asked: &[Key]| -> Vec<Key> {
        store.sheets(REGION, asked).unwrap().into_iter().map(|sheet| sheet.key).collect()
    };
    let years: Vec<Key> = (2017..=2023).map(|year| key("care/1", year)).collect();
    assert_eq!(sheets(&years), there[1..4]);
    let two: Vec<Key> = (2021..=2022).flat_map(|year| [key("care/2", year), key("care/1", year)]).collect();
    assert_eq!(sheets(&two), [there[3].clone(), there[5].clone()]);
    // What lies between those asked for is not asked for.
    assert_eq!(sheets(&[key("care/1", 2017), key("care/1", 2021)]), there[3..4]);
    assert_eq!(sheets(&[key("care/1", i16::MAX), key("care/1", 0)]), [there[0].clone(), there[4].clone()]);
    assert_eq!(sheets(&[]), []);
}

fn a_later_batch_replaces_the_sheet_and_adds_to_the_rest(database: &Database) {
    let mut store = database.open();
    let streams = [key("person/1", 2026), key("person/2", 2026)];
    let first = batch("r1", &streams);
    commit(&mut *store, &first);
    store.begin().unwrap();
    let before = store.sheets(REGION, &streams).unwrap();
    let records: Vec<_> = before.iter().map(|sheet| record_after(Some(sheet), &sheet.key, "r2")).collect();
    let sheets: Vec<_> = records.iter().map(|record| common::sheet_of(record, "{\"n\":2}")).collect();
    let later = Batch { records, sheets, ..Batch::default() };
    store.write(REGION, &later).unwrap();
    store.commit().unwrap();
    assert_eq!(store.sheets(REGION, &streams).unwrap(), later.sheets);
    let history = store.history(REGION, "person/2").unwrap();
    assert_eq!(history, [first.records[1].clone(), later.records[1].clone()]);
    assert_eq!(history[1].hash, store::link(&history[0].hash, REGION, &history[1]));
}

fn a_rollback_leaves_nothing(database: &Database) {
    let mut store = database.open();
    store.begin().unwrap();
    store.rollback().unwrap();
    store.begin().unwrap();
    // A year of which this is the first entry: its partition goes as well, and comes again.
    store.write(REGION, &batch("r1", &[key("person/1", 2031)])).unwrap();
    store.keep_note("a", "text").unwrap();
    store.rollback().unwrap();
    assert_eq!(store.journal(REGION, None, 9).unwrap(), []);
    assert_eq!(store.note("a").unwrap(), None);
    commit(&mut *store, &batch("r1", &[key("person/1", 2031)]));
    assert_eq!(store.journal(REGION, None, 9).unwrap().len(), 1);
}

fn a_batch_that_fails_leaves_nothing(database: &Database) {
    let mut store = database.open();
    commit(&mut *store, &batch("r1", &[key("person/1", 0)]));
    // The last thing that is written, the answer, is there already.
    let mut second = batch("r2", &[key("person/2", 0)]);
    second.answers[0].request = "r1".to_string();
    store.begin().unwrap();
    assert!(matches!(store.write(REGION, &second), Err(Error::Conflict(_))));
    store.rollback().unwrap();
    assert_eq!(store.journal(REGION, None, 9).unwrap().len(), 1);
    assert_eq!(store.scan(REGION, "", None, None, 9).unwrap().len(), 1);
    assert_eq!(store.links(REGION, None, 9).unwrap().len(), 1);
}

fn a_name_leads_to_one_subject(database: &Database) {
    let mut store = database.open();
    let link = |name: &str, subject: &str| Link {
        kind: "document".to_string(),
        name: name.to_string(),
        subject: subject.to_string(),
    };
    let mut first = batch("r1", &[key("person/1", 0)]);
    first.links = vec![link("b", "person/1"), link("a", "person/1"), link("ab", "person/2"), link("人", "person/3")];
    commit(&mut *store, &first);
    let found = |links: Vec<Link>| links.into_iter().map(|link| link.name).collect::<Vec<_>>();
    assert_eq!(found(store.names(REGION, "document", "", 9).unwrap()), ["a", "ab", "b", "人"]);
    assert_eq!(found(store.names(REGION, "document", "a", 9).unwrap()), ["a", "ab"]);
    assert_eq!(found(store.names(REGION, "document", "", 1).unwrap()), ["a"]);
    assert_eq!(found(store.names(REGION, "receipt", "", 9).unwrap()), [""; 0]);
    assert_eq!(found(store.links(REGION, Some(("document", "ab")), 9).unwrap()), ["b", "人"]);

    let mut second = batch("r2", &[key("person/2", 0)]);
    second.links = vec![link("a", "person/2")];
    store.begin().unwrap();
    assert!(matches!(store.write(REGION, &second), Err(Error::Conflict(_))));
    store.rollback().unwrap();
    assert_eq!(store.linked(REGION, &[("document", "a")]).unwrap()[0].subject, "person/1");
}

fn a_request_has_one_answer(database: &Database) {
    let (mut one, mut other) = (database.open(), database.open());
    let answered = |subject: &str| batch("same", &[key(subject, 0)]);
    one.begin().unwrap();
    assert_eq!(one.answered(REGION, &["same"]).unwrap(), []);
    one.write(REGION, &answered("person/1")).unwrap();
    one.commit().unwrap();
    other.begin().unwrap();
    let mut second = answered("person/2");
    second.links.clear();
    assert!(matches!(other.write(REGION, &second), Err(Error::Conflict(_))));
    other.rollback().unwrap();
    let given = other.answered(REGION, &["same", "other"]).unwrap();
    assert_eq!(given.len(), 1);
    assert_eq!(given[0].input, [7; 32]);
}

fn of_two_writers_who_read_the_same_one_is_refused(database: &Database) {
    let (mut one, mut other) = (database.open(), database.open());
    let stream = [key("person/1", 2026)];
    commit(&mut *one, &batch("r1", &stream));
    // The second has read without a lock, and so holds what is no longer true.
    let stale = other.sheets(REGION, &stream).unwrap();
    let next = |sheet: &Sheet, request: &str| {
        let record = record_after(Some(sheet), &sheet.key, request);
        Batch { sheets: vec![common::sheet_of(&record, "{}")], records: vec![record], ..Batch::default() }
    };
    one.begin().unwrap();
    let fresh = one.sheets(REGION, &stream).unwrap();
    one.write(REGION, &next(&fresh[0], "r2")).unwrap();
    one.commit().unwrap();
    other.begin().unwrap();
    let refused = other.write(REGION, &next(&stale[0], "r3"));
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    other.rollback().unwrap();
    // Even a sheet alone, which would meet no entry of the same number.
    other.begin().unwrap();
    let refused = other.write(REGION, &Batch { sheets: stale, ..Batch::default() });
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    other.rollback().unwrap();
    assert_eq!(other.history(REGION, "person/1").unwrap().len(), 2);
}

fn of_two_writers_who_make_the_same_stream_one_is_refused(database: &Database) {
    let (mut one, mut other) = (database.open(), database.open());
    commit(&mut *one, &batch("r1", &[key("person/1", 0)]));
    let mut second = batch("r2", &[key("person/1", 0)]);
    second.links.clear();
    other.begin().unwrap();
    assert!(matches!(other.write(REGION, &second), Err(Error::Conflict(_))));
    other.rollback().unwrap();
}

fn a_turn_tells_whether_another_has_written(database: &Database) {
    let (mut one, mut other) = (database.open(), database.open());
    let turn = |store: &mut dyn store::Store, unchanged: bool, writes: Option<&str>| {
        store.begin().unwrap();
        let turn = store.turn(REGION, &["r1", "never"], &[]).unwrap();
        assert_eq!(turn.unchanged, unchanged, "before {writes:?}");
        match writes {
            Some(request) => store.finish(REGION, &batch(request, &[key(&format!("person/{request}"), 0)])).unwrap(),
            None => store.rollback().unwrap(),
        }
        turn.answered.len()
    };
    assert_eq!(turn(&mut *one, false, Some("r1")), 0, "nothing is known at first");
    assert_eq!(turn(&mut *one, true, Some("r2")), 1);
    turn(&mut *one, true, None);
    turn(&mut *one, true, Some("r3"));
    turn(&mut *other, false, None);
    turn(&mut *one, true, None);
    turn(&mut *other, true, Some("r4"));
    turn(&mut *one, false, None);
    turn(&mut *one, true, None);
    // A write without a turn is one too.
    commit(&mut *other, &batch("r5", &[key("person/r5", 0)]));
    turn(&mut *one, false, Some("r6"));
    turn(&mut *one, true, None);
    // What has been read meanwhile says nothing about the turn before.
    turn(&mut *other, false, Some("r7"));
    assert_eq!(one.answered(REGION, &["r7"]).unwrap().len(), 1);
    turn(&mut *one, false, None);
    // Nor does it matter that the other's transaction came to nothing.
    other.begin().unwrap();
    other.write(REGION, &batch("r8", &[key("person/r8", 0)])).unwrap();
    other.rollback().unwrap();
    turn(&mut *one, true, None);
    // Who signs in changes nothing in the books.
    change(&mut *other, &[SessionChange::Begin(session(1, 10, 1))]);
    turn(&mut *one, true, Some("r9"));
    turn(&mut *other, false, Some("r10"));
    turn(&mut *one, false, None);
    one.begin().unwrap();
    let refused = one.turn("990900", &[], &[]);
    assert!(refused.is_err(), "a region without books: {refused:?}");
    one.rollback().unwrap();
}

fn a_reader_sees_one_moment(database: &Database) {
    let (mut reader, mut writer) = (database.open(), database.open());
    commit(&mut *writer, &batch("r1", &[key("person/1", 0)]));
    reader.begin_read().unwrap();
    commit(&mut *writer, &batch("r2", &[key("person/2", 0)]));
    assert_eq!(reader.journal(REGION, None, 9).unwrap().len(), 1);
    assert_eq!(reader.answered(REGION, &["r2"]).unwrap(), []);
    reader.commit().unwrap();
    assert_eq!(reader.journal(REGION, None, 9).unwrap().len(), 2);
}

fn an_empty_or_unknown_region_has_nothing_and_takes_nothing(database: &Database) {
    let mut store = database.open();
    let unknown = "990900";
    assert_eq!(store.journal(unknown, None, 9).unwrap(), []);
    assert_eq!(store.sheets(unknown, &[key("person/1", 0)]).unwrap(), []);
    assert_eq!(store.balances(unknown, None).unwrap(), []);
    store.begin().unwrap();
    let refused = store.write(unknown, &batch("r1", &[key("person/1", 0)])).unwrap_err();
    assert!(matches!(&refused, Error::Unfit(text) if text.contains(unknown)), "{refused}");
    store.rollback().unwrap();
    for name in ["", "a b", "A", "\"x", &"1".repeat(41)] {
        store.begin().unwrap();
        assert!(matches!(store.open_region(name), Err(Error::Unfit(_))), "{name}");
        store.rollback().unwrap();
    }
    store.begin().unwrap();
    store.open_region(unknown).unwrap();
    store.open_region(unknown).unwrap();
    store.rollback().unwrap();
    assert_eq!(store.regions().unwrap(), [REGION]);
    assert_eq!(store.journal(unknown, None, 9).unwrap(), []);
}

fn finish_commits_or_leaves_nothing(database: &Database) {
    let (mut store, mut other) = (database.open(), database.open());
    store.begin().unwrap();
    store.sheets(REGION, &[key("person/1", 0)]).unwrap();
    store.finish(REGION, &batch("r1", &[key("person/1", 0)])).unwrap();
    assert_eq!(other.journal(REGION, None, 9).unwrap().len(), 1);
    // The same again is refused whole, and the connection goes on.
    store.begin().unwrap();
    assert!(matches!(store.finish(REGION, &batch("r1", &[key("person/1", 0)])), Err(Error::Conflict(_))));
    store.rollback().unwrap();
    store.begin().unwrap();
    store.finish(REGION, &batch("r2", &[key("person/2", 0)])).unwrap();
    assert_eq!(other.journal(REGION, None, 9).unwrap().len(), 2);
}

fn regions_and_years_stay_apart(database: &Database) {
    let mut store = database.open();
    let second = "320500-suzhou";
    store.begin().unwrap();
    store.open_region(second).unwrap();
    store.write(second, &batch("r1", &[key("person/1", 2026), key("person/1", 2027)])).unwrap();
    store.commit().unwrap();
    commit(&mut *store, &batch("r1", &[key("person/1", 2026)]));
    assert_eq!(store.regions().unwrap(), [REGION, second]);
    assert_eq!(store.journal(REGION, None, 9).unwrap().len(), 1);
    assert_eq!(store.history(second, "person/1").unwrap().len(), 2);
    let total = |balances: Vec<store::Balance>| balances.iter().map(|balance| balance.debit).sum::<i64>();
    assert_eq!(total(store.balances(second, Some(2027)).unwrap()), 100);
    assert_eq!(total(store.balances(second, None).unwrap()), 200);
    assert_eq!(store.scan(second, "person/", Some(2027), None, 9).unwrap().len(), 1);
    assert_eq!(store.scan(second, "provider/", None, None, 9).unwrap(), []);
}

fn what_has_failed_is_never_committed_in_part(database: &Database) {
    let mut store = database.open();
    commit(&mut *store, &batch("r1", &[key("person/1", 0)]));
    store.begin().unwrap();
    store.write(REGION, &batch("r2", &[key("person/2", 0)])).unwrap();
    let mut third = batch("r3", &[key("person/3", 0)]);
    third.answers[0].request = "r1".to_string();
    assert!(matches!(store.write(REGION, &third), Err(Error::Conflict(_))));
    assert!(store.commit().is_err());
    assert!(store.finish(REGION, &Batch::default()).is_err());
    store.rollback().unwrap();
    assert_eq!(database.open().journal(REGION, None, 9).unwrap().len(), 1);
    // So it is where the batch did not even hold together.
    store.begin().unwrap();
    third.sheets.clear();
    assert!(matches!(store.write(REGION, &third), Err(Error::Other(_))));
    store.rollback().unwrap();
    commit(&mut *store, &batch("r4", &[key("person/4", 0)]));
}

fn a_transaction_is_begun_once_and_nothing_is_written_outside(database: &Database) {
    let mut store = database.open();
    let refused = |outcome: Result<(), Error>| assert!(matches!(outcome, Err(Error::Other(_))), "{outcome:?}");
    refused(store.write(REGION, &batch("r1", &[key("person/1", 0)])));
    refused(store.keep_note("a", "b"));
    refused(store.open_region("990100"));
    refused(store.commit());
    store.rollback().unwrap();
    store.begin().unwrap();
    refused(store.begin());
    refused(store.begin_read());
    store.commit().unwrap();
    store.begin_read().unwrap();
    refused(store.write(REGION, &batch("r1", &[key("person/1", 0)])));
    refused(store.begin());
    store.rollback().unwrap();
    commit(&mut *store, &batch("r1", &[key("person/1", 0)]));
    assert_eq!(database.open().journal(REGION, None, 9).unwrap().len(), 1);
}

fn session(token: u8, ends: i64, used: i64) -> Session {
    Session { token: [token; 32], user: "li".to_owned(), changes: 3, ends, used }
}

fn change(store: &mut dyn Store, changes: &[SessionChange]) {
    store.begin().unwrap();
    changes.iter().for_each(|change| store.change_session(REGION, change).unwrap());
    store.commit().unwrap();
}

fn a_session_is_there_after_opening_again_until_it_ends(database: &Database) {
    let mut store = database.open();
    let (one, two) = (session(1, 100, 10), session(2, 200, 20));
    assert!(store.change_session(REGION, &SessionChange::Begin(one.clone())).is_err(), "nothing is written outside");
    change(store.as_mut(), &[SessionChange::Begin(one.clone()), SessionChange::Begin(two.clone())]);
    drop(store);
    let mut store = database.open();
    assert_eq!(store.session(REGION, &one.token).unwrap().as_ref(), Some(&one));
    assert_eq!(store.session(REGION, &[9; 32]).unwrap(), None);
    assert_eq!(store.session("other", &one.token).unwrap(), None, "of its region alone");
    change(store.as_mut(), &[SessionChange::Used(one.token, 50), SessionChange::Used(two.token, 5)]);
    assert_eq!(store.session(REGION, &one.token).unwrap().unwrap().used, 50);
    assert_eq!(store.session(REGION, &two.token).unwrap().unwrap().used, 20, "never back");
    change(store.as_mut(), &[SessionChange::End(one.token), SessionChange::Used(one.token, 60)]);
    assert_eq!(store.session(REGION, &one.token).unwrap(), None, "what has ended does not come back by use");
    change(store.as_mut(), &[SessionChange::Expire { now: 199, idle_since: 19 }]);
    assert!(store.session(REGION, &two.token).unwrap().is_some());
    change(store.as_mut(), &[SessionChange::Expire { now: 199, idle_since: 20 }]);
    assert_eq!(store.session(REGION, &two.token).unwrap(), None, "by idling");
    change(store.as_mut(), &[SessionChange::Begin(two.clone()), SessionChange::Expire { now: 200, idle_since: 0 }]);
    assert_eq!(store.session(REGION, &two.token).unwrap(), None, "by its end");
}

fn sessions_take_no_turn_and_are_no_part_of_a_copy(database: &Database) {
    let (mut writer, mut other) = (database.open(), database.open());
    commit(&mut *writer, &batch("r1", &[key("person/1", 0)]));
    let before = writer.counts(REGION).unwrap();
    change(other.as_mut(), &[SessionChange::Begin(session(1, 100, 10))]);
    assert_eq!(writer.counts(REGION).unwrap(), before);
    let target = Database::empty_like(database);
    store::copy(writer.as_mut(), target.open().as_mut(), None, &mut |_| {}).unwrap();
    assert_eq!(target.open().session(REGION, &[1; 32]).unwrap(), None);
}

fn when_a_server_was_up_is_kept_and_carried_along(database: &Database) {
    let run = |id: &str, begun, seen, stopped| Run { id: id.to_owned(), begun, seen, stopped };
    let (mut store, mut writer) = (database.open(), database.open());
    let mut keep = |run: Run| {
        store.begin().unwrap();
        store.keep_run(REGION, &run).unwrap();
        store.commit().unwrap();
    };
    // The books' writer neither waits for it nor must read anew.
    commit(&mut *writer, &batch("r1", &[key("person/1", 0)]));
    keep(run("b", 20, 20, false));
    keep(run("a", 10, 15, false));
    keep(run("b", 20, 30, false));
    keep(run("b", 20, 29, true));
    let kept = [run("a", 10, 15, false), run("b", 20, 30, true)];
    assert_eq!(database.open().runs(REGION).unwrap(), kept);
    assert_eq!(database.open().runs("other").unwrap(), []);
    let target = Database::empty_like(database);
    store::copy(writer.as_mut(), target.open().as_mut(), None, &mut |_| {}).unwrap();
    assert_eq!(target.open().runs(REGION).unwrap(), kept);
}

fn what_was_recorded_last_is_told_first(database: &Database) {
    let mut store = database.open();
    for (request, at) in [("r1", 10), ("r2", 30), ("r3", 20), ("r4", 40)] {
        let streams = [key(&format!("access/{request}"), 2026), key(&format!("person/{request}"), 0)];
        let mut made = batch(request, &streams);
        for record in &mut made.records {
            record.at = at;
            record.hash = store::link(&Default::default(), REGION, record);
        }
        made.sheets = made.records.iter().map(|record| common::sheet_of(record, "{\"n\":1}")).collect();
        commit(&mut *store, &made);
    }
    let mut told = |during: std::ops::Range<i64>, without: &str, limit: usize| -> Vec<String> {
        let found = store.last(REGION, during, without, limit).unwrap();
        found.into_iter().map(|record| format!("{} {}", record.at, record.key.subject)).collect()
    };
    assert_eq!(told(0..100, "access/", 9), ["40 person/r4", "30 person/r2", "20 person/r3", "10 person/r1"]);
    assert_eq!(told(0..40, "access/", 2), ["30 person/r2", "20 person/r3"]);
    assert_eq!(told(30..100, "person/", 9), ["40 access/r4", "30 access/r2"]);
    assert_eq!(told(0..20, "nothing", 9), ["10 access/r1", "10 person/r1"]);
}
