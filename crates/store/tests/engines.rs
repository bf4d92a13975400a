//! What each engine has of its own: files and their rights, partitions, locks, lost connections; and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod common;

use std::sync::Barrier;
use std::thread;

use common::{Database, REGION, batch, commit, key, record_after, sheet_of};
use store::{Batch, Error, Mode, Postgres, Sqlite, Store};
use testkit::postgres::Server;

fn refusal(url: &str) -> String {
    match store::open(url) {
        Err(Error::Unfit(text)) => text,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("{url} was opened"),
    }
}

fn sql(database: &Database, sql: &str) -> String {
    Server::shared().sql(&database.url, &format!("SET search_path = tongchou; {sql}"))
}

/// Runs the same on both engines.
fn on_both(test: fn(&Database)) {
    test(&Database::sqlite());
    test(&Database::postgres());
}

#[test]
fn opening_again_changes_nothing_and_books_of_a_newer_program_are_refused() {
    let file = Database::sqlite();
    drop(file.open());
    let raw = rusqlite::Connection::open(&file.url).unwrap();
    let steps: i64 = raw.query_row("SELECT count(*) FROM migration", [], |row| row.get(0)).unwrap();
    assert!(steps >= 2);
    raw.execute("INSERT INTO migration VALUES (900, 'of later')", ()).unwrap();
    assert!(refusal(&file.url).contains("newer program"));

    let served = Database::postgres();
    drop(served.open());
    assert!(sql(&served, "SELECT count(*) FROM migration").parse::<i64>().unwrap() >= 2);
    sql(&served, "INSERT INTO migration VALUES (900, 'of later')");
    assert!(refusal(&served.url).contains("newer program"));
}

#[test]
fn two_that_open_an_empty_database_at_once_make_it_once() {
    for database in [Database::empty_sqlite(), Database::empty_postgres()] {
        let together = Barrier::new(4);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    together.wait();
                    let mut store = database.open();
                    store.begin().unwrap();
                    store.open_region(REGION).unwrap();
                    store.commit().unwrap();
                });
            }
        });
        assert_eq!(database.open().regions().unwrap(), [REGION]);
    }
}

#[test]
fn what_is_not_ours_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let notes = "Dear diary, this is no database at all. ".repeat(30);
    std::fs::write(path("notes.txt"), &notes).unwrap();
    assert!(refusal(&path("notes.txt")).contains("not a database"));
    assert_eq!(std::fs::read_to_string(path("notes.txt")).unwrap(), notes);

    let other = rusqlite::Connection::open(path("other.db")).unwrap();
    other.execute_batch("CREATE TABLE journal (text TEXT)").unwrap();
    assert!(refusal(&path("other.db")).contains("another program"));
    assert!(refusal(folder.path().to_str().unwrap()).contains("folder"));
    assert!(refusal(&path("missing/books.db")).contains("folder is there"));
    assert!(refusal("mysql://localhost/books").contains("postgres://"));
}

#[test]
fn only_what_is_there_is_opened_when_asked_so() {
    let file = Database::empty_sqlite();
    assert!(matches!(store::open_existing(&file.url), Err(Error::Unfit(text)) if text.contains("no books")));
    assert!(!std::path::Path::new(&file.url).exists());
    drop(file.open());
    drop(store::open_existing(&file.url).unwrap());

    let served = Database::empty_postgres();
    assert!(matches!(store::open_existing(&served.url), Err(Error::Unfit(text)) if text.contains("no books")));
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = 'tongchou'";
    assert_eq!(Server::shared().sql(&served.url, schemas), "0");
    drop(served.open());
    drop(Postgres::open(&served.url, Mode::Existing).unwrap());
    let gone = Server::shared().url("nothing_here");
    assert!(refusal(&gone).contains("nothing_here"));
}

#[test]
fn books_in_memory_end_with_the_connection() {
    let mut store = Sqlite::open(":memory:", Mode::Create).unwrap();
    store.begin().unwrap();
    store.open_region(REGION).unwrap();
    store.write(REGION, &batch("r1", &[key("person/1", 0)])).unwrap();
    store.commit().unwrap();
    assert_eq!(store.journal(REGION, None, 9).unwrap().len(), 1);
    assert_eq!(Sqlite::open(":memory:", Mode::Create).unwrap().regions().unwrap(), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_new_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let file = Database::sqlite();
    let mut store = file.open();
    commit(&mut *store, &batch("r1", &[key("person/1", 0)]));
    for end in ["", "-wal", "-shm"] {
        let mode = std::fs::metadata(format!("{}{end}", file.url)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{end}");
    }
}

#[test]
fn the_journal_and_the_seals_keep_what_they_have() {
    let file = Database::sqlite();
    let mut store = file.open();
    commit(&mut *store, &batch("r1", &[key("person/1", 2026)]));
    store::seal(&mut *store, REGION, i64::MAX).unwrap().unwrap();
    let raw = rusqlite::Connection::open(&file.url).unwrap();
    for table in ["journal", "seal"] {
        for sql in [format!("DELETE FROM {table}"), format!("UPDATE {table} SET region = region")] {
            let refused = raw.execute_batch(&sql).unwrap_err().to_string();
            assert!(refused.contains("append-only"), "{sql}: {refused}");
        }
    }

    let served = Database::postgres();
    let mut store = served.open();
    commit(&mut *store, &batch("r1", &[key("person/1", 2026)]));
    store::seal(&mut *store, REGION, i64::MAX).unwrap().unwrap();
    for table in ["journal", "journal_120000", "journal_120000_2026", "seal"] {
        for sql in
            [format!("DELETE FROM {table}"), format!("UPDATE {table} SET region = region"), format!("TRUNCATE {table}")]
        {
            let (went, said) = Server::shared().try_sql(&served.url, &format!("SET search_path = tongchou; {sql}"));
            assert!(!went && said.contains("append-only"), "{sql}: {said}");
        }
    }
    assert_eq!(store.journal(REGION, None, 9).unwrap().len(), 1);
}

#[test]
fn each_region_and_year_has_its_partitions_and_every_text_compares_by_its_bytes() {
    let served = Database::postgres();
    let mut store = served.open();
    commit(&mut *store, &batch("r1", &[key("person/1", 2026), key("person/1", 2027)]));
    commit(&mut *store, &batch("r2", &[key("person/2", 2026)]));
    let leaves =
        "SELECT string_agg(relid::text, ' ' ORDER BY relid::text) FROM pg_partition_tree('journal') WHERE isleaf";
    assert_eq!(sql(&served, leaves), "journal_120000_0 journal_120000_2026 journal_120000_2027");
    for (table, rows) in [("journal_120000_2026", 2), ("sheet_120000_2027", 1), ("posting_120000_2026", 4)] {
        assert_eq!(sql(&served, &format!("SELECT count(*) FROM {table}")), rows.to_string());
    }
    let other = "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_collation o ON \
                 o.oid = a.attcollation WHERE c.relnamespace = 'tongchou'::regnamespace AND c.relname <> 'migration' AND \
                 c.relname <> 'migration_pkey' AND o.collname <> 'C'";
    assert_eq!(sql(&served, other), "0");
    // What an administrator granted on the whole tree, new partitions have too.
    sql(&served, "CREATE ROLE auditor; GRANT SELECT ON journal, journal_120000 TO auditor");
    commit(&mut *store, &batch("r3", &[key("person/3", 2030)]));
    assert_eq!(sql(&served, "SELECT has_table_privilege('auditor', 'journal_120000_2030', 'SELECT')"), "t");
    assert_eq!(sql(&served, "SELECT has_table_privilege('auditor', 'journal_120000_2030', 'INSERT')"), "f");
    sql(&served, "DROP OWNED BY auditor; DROP ROLE auditor");
}

#[test]
fn writers_that_meet_in_a_new_year_both_get_in() {
    let served = Database::postgres();
    let together = Barrier::new(6);
    thread::scope(|scope| {
        for n in 0..6 {
            let (served, together) = (&served, &together);
            scope.spawn(move || {
                let mut store = served.open();
                let batch = batch(&format!("r{n}"), &[key(&format!("person/{n}"), 2040 + n % 2)]);
                store.begin().unwrap();
                // All have read, and so hold locks on the tables, when the partitions are made.
                store.sheets(REGION, &[key("person/1", 0)]).unwrap();
                together.wait();
                store.finish(REGION, &batch).unwrap();
            });
        }
    });
    assert_eq!(served.open().journal(REGION, None, 99).unwrap().len(), 6);
}

/// A writer as the service is one: reads, decides, writes, and begins again on a conflict.
fn add_entries(database: &Database, who: usize, times: usize, streams: &[&str]) {
    let mut store = database.open();
    for time in 0..times {
        let request = format!("{who}/{time}");
        loop {
            store.begin().unwrap();
            let keys: Vec<_> = streams.iter().map(|subject| key(subject, 2026)).collect();
            let sheets = match store.sheets(REGION, &keys) {
                Ok(sheets) => sheets,
                Err(Error::Conflict(_)) => {
                    store.rollback().unwrap();
                    continue;
                }
                Err(other) => panic!("{other}"),
            };
            let of = |key: &store::Key| sheets.iter().find(|sheet| sheet.key == *key);
            let records: Vec<_> = keys.iter().map(|key| record_after(of(key), key, &request)).collect();
            let sheets = records.iter().map(|record| sheet_of(record, "{}")).collect();
            match store.finish(REGION, &Batch { records, sheets, ..Batch::default() }) {
                Ok(()) => break,
                Err(Error::Conflict(_)) => store.rollback().unwrap(),
                Err(other) => panic!("{other}"),
            }
        }
    }
}

#[test]
fn no_entry_is_lost_between_writers_of_the_same_streams() {
    on_both(|database| {
        thread::scope(|scope| {
            // In opposite orders: the store locks them in one.
            scope.spawn(|| add_entries(database, 1, 20, &["person/1", "person/2"]));
            scope.spawn(|| add_entries(database, 2, 20, &["person/2", "person/1"]));
        });
        let mut store = database.open();
        let sheets = store.scan(REGION, "person/", None, None, 9).unwrap();
        assert_eq!(sheets.iter().map(|sheet| sheet.entries).collect::<Vec<_>>(), [40, 40]);
        store::check_chain(&mut *store, REGION, &mut |fault| panic!("{fault}")).unwrap();
    });
}

#[test]
fn who_takes_the_turn_waits_for_the_writer_and_sees_what_it_wrote() {
    on_both(|database| {
        commit(&mut *database.open(), &batch("r1", &[key("person/1", 2026)]));
        let mut first = database.open();
        first.begin().unwrap();
        first.turn(REGION, &[], &[]).unwrap();
        let sheet = first.sheets(REGION, &[key("person/1", 2026)]).unwrap().pop().unwrap();
        thread::scope(|scope| {
            let second = scope.spawn(|| {
                let mut store = database.open();
                store.begin().unwrap();
                let answered = store.turn(REGION, &["r2"], &[]).unwrap().answered;
                assert_eq!(answered.len(), 1);
                let seen = store.sheets(REGION, &[key("person/1", 2026)]).unwrap();
                store.rollback().unwrap();
                seen[0].entries
            });
            // Time for the second to ask for the turn; were there none, it would see one entry.
            thread::sleep(std::time::Duration::from_millis(300));
            let record = record_after(Some(&sheet), &sheet.key, "r2");
            let sheets = vec![sheet_of(&record, "{}")];
            let answers = batch("r2", &[key("person/2", 0)]).answers;
            first.finish(REGION, &Batch { records: vec![record], sheets, answers, ..Batch::default() }).unwrap();
            assert_eq!(second.join().unwrap(), 2);
        });
    });
}

#[test]
fn a_look_up_reads_what_it_asks_for_whatever_there_was_when_it_was_first_made() {
    let served = Database::postgres();
    commit(&mut *served.open(), &batch("r0", &[key("person/0", 2026)]));
    let mut store = served.open();
    let look_up = |store: &mut dyn Store, request: &str| {
        store.begin().unwrap();
        assert_eq!(store.turn(REGION, &["r0", "never"], &[]).unwrap().answered.len(), 1);
        assert_eq!(store.linked(REGION, &[("document", "of r0"), ("document", "of nobody")]).unwrap().len(), 1);
        let sheet = store.sheets(REGION, &[key("person/0", 2026)]).unwrap().pop().unwrap();
        let record = record_after(Some(&sheet), &sheet.key, request);
        let sheets = vec![sheet_of(&record, "{}")];
        store.finish(REGION, &Batch { records: vec![record], sheets, ..Batch::default() }).unwrap();
    };
    look_up(&mut *store, "first");
    let many = "generate_series(1, 5000) AS n";
    sql(
        &served,
        &format!(
            "INSERT INTO sheet SELECT region, 'person/' || n, year, entries, head, body FROM sheet, {many};
             INSERT INTO answer SELECT region, 'more/' || n, input, answer, at FROM answer, {many};
             INSERT INTO link SELECT region, kind, 'more/' || n, subject FROM link, {many}"
        ),
    );
    let read = || {
        let counted =
            "SELECT sum(idx_tup_read + idx_tup_fetch) FROM pg_stat_user_indexes WHERE schemaname = 'tongchou'";
        sql(&served, counted).parse::<u64>().unwrap()
    };
    let before = read();
    look_up(&mut *store, "second");
    // What a connection has read is counted when it ends.
    drop(store);
    while Server::shared().connections(&served.url) > 0 {
        thread::yield_now();
    }
    let read = read() - before;
    assert!((1..500).contains(&read), "{read} rows read");
}

#[test]
fn a_cut_connection_is_gone_and_a_new_one_sees_what_was_committed() {
    let served = Database::postgres();
    let mut store = served.open();
    commit(&mut *store, &batch("r1", &[key("person/1", 0)]));
    store.begin().unwrap();
    store.sheets(REGION, &[key("person/1", 0)]).unwrap();
    assert_eq!(Server::shared().connections(&served.url), 1);
    Server::shared().disconnect(&served.url);
    let lost = store.write(REGION, &batch("r2", &[key("person/2", 0)]));
    assert!(matches!(lost, Err(Error::Gone(_))), "{lost:?}");
    assert!(matches!(store.rollback(), Ok(()) | Err(Error::Gone(_))));
    store.begin().unwrap();
    assert!(matches!(store.sheets(REGION, &[key("person/1", 0)]), Err(Error::Gone(_))));
    drop(store);
    assert_eq!(served.open().journal(REGION, None, 9).unwrap().len(), 1);
}

#[test]
fn a_server_that_stops_at_once_loses_nothing_it_confirmed() {
    let server = Server::start();
    let url = server.database();
    let mut store = store::open(&url).unwrap();
    store.begin().unwrap();
    store.open_region(REGION).unwrap();
    store.commit().unwrap();
    for n in 0..20 {
        commit(&mut *store, &batch(&format!("r{n}"), &[key(&format!("person/{n}"), 2026)]));
    }
    store.begin().unwrap();
    store.write(REGION, &batch("open", &[key("person/open", 2026)])).unwrap();
    server.restart_immediate();
    assert!(matches!(store.commit(), Err(Error::Gone(_))));
    let mut store = store::open_existing(&url).unwrap();
    assert_eq!(store.journal(REGION, None, 99).unwrap().len(), 20);
    server.halt();
    assert!(matches!(store.journal(REGION, None, 99), Err(Error::Gone(_))));
    let closed = store::open_existing(&url).map(|_| ());
    assert!(matches!(&closed, Err(Error::Gone(text)) if text.contains("cannot be reached")), "{closed:?}");
}

#[test]
fn the_network_of_this_machine_leads_to_the_same_books_and_tls_is_not_given_up() {
    let served = Database::postgres();
    commit(&mut *served.open(), &batch("r1", &[key("person/1", 0)]));
    let url = Server::shared().tcp_url(&served.url);
    assert_eq!(store::open_existing(&url).unwrap().journal(REGION, None, 9).unwrap().len(), 1);
    // This server speaks no TLS: then there is no connection, rather than an open one.
    let refused = store::open_existing(&format!("{url}?sslmode=verify-full")).map(|_| ());
    assert!(refused.is_err(), "{refused:?}");
}

#[test]
fn tls_holds_for_the_certificate_that_is_named_and_for_its_name_only() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let certificate = |name: &str, host: &str| {
        let made = rcgen::generate_simple_self_signed([host.to_string()]).unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, made.cert.pem()).unwrap();
        (path.display().to_string(), made)
    };
    let (trusted, made) = certificate("server.pem", "localhost");
    let (other, _) = certificate("other.pem", "localhost");
    server.speak_tls(&made.cert.pem(), &made.signing_key.serialize_pem());
    let url = server.tcp_url(&server.database());
    let named = url.replace("127.0.0.1", "localhost");
    let open =
        |url: &str, roots: &str| store::open(&format!("{url}?sslmode=verify-full&sslrootcert={roots}")).map(|_| ());
    // The server takes up its new settings a moment after it was told.
    let begun = std::time::Instant::now();
    while open(&named, &trusted).is_err() && begun.elapsed().as_secs() < 10 {
        thread::sleep(std::time::Duration::from_millis(50));
    }
    open(&named, &trusted).unwrap();
    let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND application_name = 'tongchou'";
    let held = store::open(&format!("{named}?sslmode=verify-full&sslrootcert={trusted}")).unwrap();
    assert_eq!(server.sql("postgres", encrypted), "1");
    drop(held);
    assert!(open(&named, &other).is_err());
    assert!(open(&url, &trusted).is_err());
    assert!(store::open(&format!("{named}?sslmode=require")).is_err());
    assert!(open(&named, "nothing.pem").unwrap_err().to_string().contains("PEM"));
}
