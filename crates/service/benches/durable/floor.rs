//! The floors, on a copy of the town's books: the same rows by prepared statements, of one settlement or of many in a
//! transaction, and a commit of one byte.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use store::{Key, Posting, Record, Sheet};

use crate::load::{Measured, Rows};

/// An engine without anything of ours above its statements but the tables.
pub trait Floor {
    /// Where its books lie.
    fn url(&self) -> &str;
    /// Commits of one byte.
    fn commits(&self, span: Duration) -> Measured;
    /// Transactions that write the rows of so many settlements each: entries with their sheets, postings and an answer.
    fn transactions(&self, rows: &[Rows], settlements: usize, span: Duration) -> Measured;
}

const JOURNAL: &str = "INSERT INTO journal (region, subject, year, number, at, request, actor, kind, body, hash)
    VALUES ('town', $1, $2, $3, $4, $5, $6, $7, $8, $9)";
const SHEET: &str =
    "UPDATE sheet SET entries = entries + 1, head = $3, body = $4 WHERE region = 'town' AND subject = $1 AND year = $2";
const POSTING: &str = "INSERT INTO posting (region, subject, year, number, line, account, party, amount)
    VALUES ('town', $1, $2, $3, $4, $5, $6, $7)";
/// On SQLite a line lies under the place of its entry.
const PLACED: &str = "INSERT INTO posting (entry, line, region, year, account, party, amount)
    VALUES ($1, $2, 'town', $3, $4, $5, $6)";
const ANSWER: &str = "INSERT INTO answer (region, request, input, answer, at) VALUES ('town', $1, $2, $3, $4)";

/// Runs something again and again for a span.
fn again(span: Duration, mut one: impl FnMut(usize)) -> Measured {
    let begun = Instant::now();
    let mut took = Vec::new();
    while begun.elapsed() < span {
        let asked = Instant::now();
        one(took.len());
        took.push(asked.elapsed());
    }
    Measured::of(took, begun.elapsed())
}

/// A settlement that a floor writes anew.
struct Written<'r> {
    rows: &'r Rows,
    /// No two write the same entry, those of transactions of another size neither.
    number: i32,
    /// Requests and moments follow each other, as in the program.
    request: String,
    at: i64,
}

/// The settlements that the n-th transaction writes.
fn group(rows: &[Rows], settlements: usize, nth: usize) -> Vec<Written<'_>> {
    let first = nth * settlements;
    let written = |number: usize| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        Written {
            rows: &rows[number % rows.len()],
            number: (1_000_000 * settlements + number) as i32,
            request: format!("z{:035}", now.as_nanos()),
            at: now.as_micros() as i64,
        }
    };
    (first..first + settlements).map(written).collect()
}

/// The sheets that some settlements leave, each once.
fn sheets<'r>(group: &[Written<'r>]) -> Vec<&'r Sheet> {
    let all = group.iter().flat_map(|written| &written.rows.entries);
    all.map(|(_, sheet, _)| (&sheet.key, sheet)).collect::<BTreeMap<_, _>>().into_values().collect()
}

pub struct Sqlite {
    pub url: String,
}

impl Sqlite {
    /// Settings as ours.
    fn connection(&self) -> rusqlite::Connection {
        let connection = rusqlite::Connection::open(&self.url).unwrap();
        connection
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384")
            .unwrap();
        connection
    }
}

impl Floor for Sqlite {
    fn url(&self) -> &str {
        &self.url
    }

    fn commits(&self, span: Duration) -> Measured {
        let connection = self.connection();
        connection.execute_batch("CREATE TABLE IF NOT EXISTS byte (b INTEGER); INSERT INTO byte VALUES (0)").unwrap();
        again(span, |nth| {
            connection.prepare_cached("UPDATE byte SET b = $1").unwrap().execute([nth as i64 % 256]).unwrap();
        })
    }

    fn transactions(&self, rows: &[Rows], settlements: usize, span: Duration) -> Measured {
        let connection = self.connection();
        let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
            connection.prepare_cached(sql).unwrap().execute(values).unwrap();
        };
        again(span, |nth| {
            let group = group(rows, settlements, nth);
            run("BEGIN IMMEDIATE", &[]);
            for Written { rows: Rows { entries, answer }, number, request, at } in &group {
                for (record, _, postings) in entries {
                    let Record { key: Key { subject, year }, actor, kind, body, hash, .. } = record;
                    run(JOURNAL, &[subject, year, number, at, request, actor, kind, body, hash]);
                    let place = connection.last_insert_rowid();
                    for Posting { line, account, party, amount, .. } in postings {
                        run(PLACED, &[&place, line, year, account, party, amount]);
                    }
                }
                run(ANSWER, &[request, &answer.input, &answer.answer, at]);
            }
            for Sheet { key, head, body, .. } in sheets(&group) {
                run(SHEET, &[&key.subject, &key.year, head, body]);
            }
            run("COMMIT", &[]);
        })
    }
}

type Value<'v> = &'v (dyn postgres::types::ToSql + Sync);

pub struct Postgres {
    pub url: String,
}

impl Postgres {
    fn client(&self) -> postgres::Client {
        let mut client = postgres::Client::connect(&self.url, postgres::NoTls).unwrap();
        client.batch_execute("SET search_path = tongchou; SET synchronous_commit = on").unwrap();
        client
    }
}

impl Floor for Postgres {
    fn url(&self) -> &str {
        &self.url
    }

    fn commits(&self, span: Duration) -> Measured {
        let mut client = self.client();
        client.batch_execute("CREATE TABLE IF NOT EXISTS byte (b bigint); INSERT INTO byte VALUES (0)").unwrap();
        let update = client.prepare("UPDATE byte SET b = $1").unwrap();
        again(span, |nth| {
            client.execute(&update, &[&(nth as i64 % 256)]).unwrap();
        })
    }

    fn transactions(&self, rows: &[Rows], settlements: usize, span: Duration) -> Measured {
        let mut client = self.client();
        let [journal, update, posting, insert] =
            [JOURNAL, SHEET, POSTING, ANSWER].map(|sql| client.prepare(sql).unwrap());
        again(span, |nth| {
            let group = group(rows, settlements, nth);
            let mut transaction = client.transaction().unwrap();
            for Written { rows: Rows { entries, answer }, number, request, at } in &group {
                for (record, _, postings) in entries {
                    let Record { key: Key { subject, year }, actor, kind, body, .. } = record;
                    let hash = record.hash.as_slice();
                    let values: &[Value] = &[subject, year, number, at, request, actor, kind, body, &hash];
                    transaction.execute(&journal, values).unwrap();
                    for one in postings {
                        let line = i32::from(one.line);
                        let values: &[Value] = &[subject, year, number, &line, &one.account, &one.party, &one.amount];
                        transaction.execute(&posting, values).unwrap();
                    }
                }
                transaction.execute(&insert, &[request, &answer.input.as_slice(), &answer.answer, at]).unwrap();
            }
            for Sheet { key, head, body, .. } in sheets(&group) {
                transaction.execute(&update, &[&key.subject, &key.year, &head.as_slice(), body]).unwrap();
            }
            transaction.commit().unwrap();
        })
    }
}
