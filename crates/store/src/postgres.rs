//! Books in a PostgreSQL database: partitions for each region and year, one writer a region at a time, few journeys to the server.
//!
//! BEGIN travels with the first statement and COMMIT with the last ([`Store::finish`]); a statement takes a whole batch as
//! arrays. After an error in the middle of such a train the server passes over the rest, and its COMMIT is a rollback.

mod columns;
mod line;
mod parts;
mod rows;
mod session;
mod sql;
mod tls;
mod turns;
mod url;

use std::ops::Range;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use columns::{Answers, Keys, Links, Pairs, Postings, Records, Sheets};
use line::{Asked, Line, Train};
use parts::Parts;
use turns::Turns;

use crate::batch::sheets_with_before;
use crate::inside::Inside;
use crate::paging::{each_once, end_of, start, start_within};
use crate::{
    Answered, Balance, Batch, Counts, Each, Error, Hash, Key, Link, Mode, Posting, Record, Run, Seal, Session,
    SessionChange, Sheet, Store, Turn,
};

/// A connection to books in PostgreSQL.
pub struct Postgres {
    line: Line,
    parts: Parts,
    inside: Inside,
    turns: Turns,
}

type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Postgres {
    /// Connects to the database of a `postgres://` URL.
    pub fn open(url: &str, mode: Mode) -> Result<Postgres, Error> {
        Ok(Postgres {
            line: session::open(url, mode)?,
            parts: Parts::default(),
            inside: Inside::default(),
            turns: Turns::default(),
        })
    }

    /// What a statement about a region finds; nothing where the region has no books.
    fn rows(&mut self, region: &str, sql: &'static str, values: Values) -> Result<Vec<Row>, Error> {
        let found = self.parts.rows(&mut self.line, region, sql, values);
        self.inside.after(found)
    }

    fn page<T>(
        &mut self,
        region: &str,
        sql: &'static str,
        values: Values,
        one: fn(&Row) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        self.rows(region, sql, values)?.iter().map(one).collect()
    }

    fn write_all(&mut self, region: &str, batch: &Batch, sheets: &[(&Sheet, u32)], commit: bool) -> Result<(), Error> {
        self.inside.may_write()?;
        if commit {
            self.inside.may_commit()?;
        }
        let sent = self.send(region, batch, sheets, commit);
        self.inside.after(sent)
    }

    /// Sends a batch: one statement for each table that it touches, all in one train.
    fn send(&mut self, region: &str, batch: &Batch, sheets: &[(&Sheet, u32)], commit: bool) -> Result<(), Error> {
        if !self.turns.has(region) {
            self.take_turn(region, &[], &[])?;
        }
        self.parts.must_have(&mut self.line, region, batch)?;
        let (new, later): (Vec<_>, Vec<_>) = sheets.iter().copied().partition(|(_, before)| *before == 0);
        let (records, postings) = (Records::of(&batch.records)?, Postings::of(&batch.postings)?);
        let (new, later) = (Sheets::of(&new)?, Sheets::of(&later)?);
        let (links, answers) = (Links::of(&batch.links), Answers::of(&batch.answers));
        let wagons: [(&'static str, Vec<&(dyn ToSql + Sync)>); 6] = [
            (sql::NEW_SHEETS, new.values(false)),
            (sql::LATER_SHEETS, later.values(true)),
            (sql::RECORDS, records.values()),
            (sql::POSTINGS, postings.values()),
            (sql::LINKS, links.values()),
            (sql::ANSWERS, answers.values()),
        ];
        let mut train = Train::default();
        for (sql, values) in wagons {
            if !values.is_empty() {
                train.wagons.push((self.parts.statement(&mut self.line, region, sql)?, values));
            }
        }
        train.commit = commit;
        self.line.go(train)
    }

    /// The turn, what is known of requests, and sheets, in one journey: the later statements see all that was committed
    /// before the first had the turn.
    fn take_turn(&mut self, region: &str, requests: &[&str], streams: &[Key]) -> Result<Turn, Error> {
        if !self.parts.has(&mut self.line, region)? {
            return Err(crate::open::no_such_region(region));
        }
        let (requests, keys) = (each_once(requests), Keys::of(streams));
        let turn = self.parts.statement(&mut self.line, "", sql::TURN)?;
        let answered = self.parts.statement(&mut self.line, region, sql::ANSWERED)?;
        let sheets = self.parts.statement(&mut self.line, region, sql::SHEETS)?;
        let asked: [Asked; 3] =
            [(&turn, &[&region]), (&answered, &[&requests]), (&sheets, &[&keys.subjects, &keys.years])];
        let [turn, answered, sheets] = self.line.query_together(asked)?;
        let number = turn.first().map_or_else(|| Err(crate::open::no_such_region(region)), |row| rows::at(row, 0))?;
        let unchanged = self.turns.took(region, number);
        Ok(Turn {
            unchanged,
            answered: answered.iter().map(rows::answered).collect::<Result<_, _>>()?,
            sheets: sheets.iter().map(rows::sheet).collect::<Result<_, _>>()?,
        })
    }

    fn plain(&mut self, sql: &'static str, values: Values) -> Result<Vec<Row>, Error> {
        let statement = self.parts.statement(&mut self.line, "", sql);
        let found = statement.and_then(|statement| self.line.query(&statement, values));
        self.inside.after(found)
    }

    fn left(&mut self) {
        self.inside.left();
        self.parts.keep();
        self.turns.kept();
    }
}

impl Store for Postgres {
    fn begin(&mut self) -> Result<(), Error> {
        self.inside.may_begin()?;
        self.line.begin("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
        self.inside.began(true);
        Ok(())
    }

    fn begin_read(&mut self) -> Result<(), Error> {
        self.inside.may_begin()?;
        self.inside.began(false);
        // The moment is that of the first statement.
        let begun = self.line.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1");
        self.inside.after(begun)
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.inside.may_commit()?;
        let done = self.line.end("COMMIT");
        self.inside.after(done)?;
        self.left();
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), Error> {
        self.parts.forget();
        self.turns.forget();
        self.inside.left();
        self.line.end("ROLLBACK")
    }

    fn turn(&mut self, region: &str, requests: &[&str], streams: &[Key]) -> Result<Turn, Error> {
        self.inside.may_write()?;
        let taken = self.take_turn(region, requests, streams);
        self.inside.after(taken)
    }

    fn answered(&mut self, region: &str, requests: &[&str]) -> Result<Vec<Answered>, Error> {
        self.page(region, sql::ANSWERED, &[&each_once(requests)], rows::answered)
    }

    fn sheets(&mut self, region: &str, keys: &[Key]) -> Result<Vec<Sheet>, Error> {
        let keys = Keys::of(keys);
        self.page(region, sql::SHEETS, &[&keys.subjects, &keys.years], rows::sheet)
    }

    fn linked(&mut self, region: &str, names: &[(&str, &str)]) -> Result<Vec<Link>, Error> {
        let pairs = Pairs::of(names);
        self.page(region, sql::LINKED, &[&pairs.kinds, &pairs.names], rows::link)
    }

    fn names(&mut self, region: &str, kind: &str, prefix: &str, limit: usize) -> Result<Vec<Link>, Error> {
        self.page(region, sql::NAMES, &[&kind, &prefix, &end_of(prefix), &count(limit)], rows::link)
    }

    fn write(&mut self, region: &str, batch: &Batch) -> Result<(), Error> {
        let sheets = self.inside.after(sheets_with_before(batch))?;
        self.write_all(region, batch, &sheets, false)
    }

    fn finish(&mut self, region: &str, batch: &Batch) -> Result<(), Error> {
        let sheets = self.inside.after(sheets_with_before(batch))?;
        self.write_all(region, batch, &sheets, true)?;
        self.left();
        Ok(())
    }

    fn load(&mut self, region: &str, batch: &Batch) -> Result<(), Error> {
        let sheets: Vec<(&Sheet, u32)> = batch.sheets.iter().map(|sheet| (sheet, 0)).collect();
        self.write_all(region, batch, &sheets, false)
    }

    fn history(&mut self, region: &str, subject: &str) -> Result<Vec<Record>, Error> {
        self.page(region, sql::HISTORY, &[&subject], rows::record)
    }

    fn histories(&mut self, region: &str, subjects: &[&str]) -> Result<Vec<Record>, Error> {
        self.page(region, sql::HISTORIES, &[&each_once(subjects)], rows::record)
    }

    fn scan(
        &mut self,
        region: &str,
        prefix: &str,
        year: Option<i16>,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Sheet>, Error> {
        let (subject, last) = start_within(prefix, after);
        let (from, to) = years(year);
        let values: Values = &[&subject, &last, &end_of(prefix), &from, &to, &count(limit)];
        self.page(region, sql::SCAN, values, rows::sheet)
    }

    fn journal(&mut self, region: &str, after: Option<(&Key, u32)>, limit: usize) -> Result<Vec<Record>, Error> {
        let (subject, year) = start(after.map(|after| after.0));
        let number = columns::integer(after.map_or(0, |after| after.1))?;
        self.page(region, sql::JOURNAL, &[&subject, &year, &number, &count(limit)], rows::record)
    }

    fn postings(&mut self, region: &str, after: Option<(&Key, u32, u16)>, limit: usize) -> Result<Vec<Posting>, Error> {
        let (subject, year) = start(after.map(|after| after.0));
        let number = columns::integer(after.map_or(0, |after| after.1))?;
        let line = after.map_or(0, |after| i32::from(after.2));
        self.page(region, sql::POSTED, &[&subject, &year, &number, &line, &count(limit)], rows::posting)
    }

    fn links(&mut self, region: &str, after: Option<(&str, &str)>, limit: usize) -> Result<Vec<Link>, Error> {
        let (kind, name) = after.unwrap_or_default();
        self.page(region, sql::ALL_LINKS, &[&kind, &name, &count(limit)], rows::link)
    }

    fn answers(&mut self, region: &str, after: Option<&str>, limit: usize) -> Result<Vec<Answered>, Error> {
        self.page(region, sql::ALL_ANSWERS, &[&after.unwrap_or_default(), &count(limit)], rows::answered)
    }

    fn balances(&mut self, region: &str, year: Option<i16>) -> Result<Vec<Balance>, Error> {
        let (from, to) = years(year);
        self.page(region, sql::BALANCES, &[&from, &to], rows::balance)
    }

    fn unbalanced(
        &mut self,
        region: &str,
        after: Option<(&Key, u32)>,
        limit: usize,
    ) -> Result<Vec<(Key, u32, i64)>, Error> {
        let (subject, year) = start(after.map(|after| after.0));
        let number = columns::integer(after.map_or(0, |after| after.1))?;
        self.page(region, sql::UNBALANCED, &[&subject, &year, &number, &count(limit)], rows::unbalanced)
    }

    fn latest(&mut self, region: &str, from: i64) -> Result<Option<i64>, Error> {
        let found = self.page(region, sql::LATEST, &[&from], rows::latest)?;
        Ok(found.into_iter().next().flatten())
    }

    fn recorded(&mut self, region: &str, from: i64, before: i64, each: Each) -> Result<(), Error> {
        let mut one = |row: &Row| {
            let (key, number, hash) = rows::recorded(row)?;
            each(&key, number, &hash);
            Ok(())
        };
        let done = self.parts.stream(&mut self.line, region, sql::RECORDED, &[&from, &before], &mut one);
        self.inside.after(done)
    }

    fn last(&mut self, region: &str, during: Range<i64>, without: &str, limit: usize) -> Result<Vec<Record>, Error> {
        self.page(region, sql::LAST, &[&during.start, &during.end, &without, &count(limit)], rows::record)
    }

    fn counts(&mut self, region: &str) -> Result<Counts, Error> {
        self.rows(region, sql::COUNTS, &[])?.first().map_or_else(|| Ok(Counts::default()), rows::counts)
    }

    fn seals(&mut self, region: &str) -> Result<Vec<Seal>, Error> {
        let sql = "SELECT number, before, entries, root, hash FROM seal WHERE region = $1 ORDER BY number";
        self.plain(sql, &[&region])?.iter().map(rows::seal).collect()
    }

    fn add_seal(&mut self, region: &str, seal: &Seal) -> Result<(), Error> {
        self.inside.may_write()?;
        self.parts.must_have(&mut self.line, region, &Batch::default())?;
        let (number, entries) = (columns::integer(seal.number)?, columns::count(seal.entries)?);
        let sql = "INSERT INTO seal (region, number, before, entries, root, hash) VALUES ($1, $2, $3, $4, $5, $6)";
        self.plain(sql, &[&region, &number, &seal.before, &entries, &&seal.root[..], &&seal.hash[..]])?;
        Ok(())
    }

    fn session(&mut self, region: &str, token: &Hash) -> Result<Option<Session>, Error> {
        let sql = r#"SELECT token, "user", changes, ends, used FROM session WHERE region = $1 AND token = $2"#;
        self.plain(sql, &[&region, &&token[..]])?.first().map(rows::session).transpose()
    }

    fn change_session(&mut self, region: &str, change: &SessionChange) -> Result<(), Error> {
        self.inside.may_write()?;
        self.parts.must_have(&mut self.line, region, &Batch::default())?;
        match change {
            SessionChange::Begin(Session { token, user, changes, ends, used }) => {
                let sql = r#"INSERT INTO session (region, token, "user", changes, ends, used) VALUES ($1, $2, $3, $4, $5, $6)"#;
                self.plain(sql, &[&region, &&token[..], user, &columns::integer(*changes)?, ends, used])
            }
            SessionChange::Used(token, at) => {
                let sql = "UPDATE session SET used = greatest(used, $3) WHERE region = $1 AND token = $2";
                self.plain(sql, &[&region, &&token[..], &at])
            }
            SessionChange::End(token) => {
                self.plain("DELETE FROM session WHERE region = $1 AND token = $2", &[&region, &&token[..]])
            }
            SessionChange::Expire { now, idle_since } => {
                let sql = "DELETE FROM session WHERE region = $1 AND (ends <= $2 OR used <= $3)";
                self.plain(sql, &[&region, &now, &idle_since])
            }
        }?;
        Ok(())
    }

    fn runs(&mut self, region: &str) -> Result<Vec<Run>, Error> {
        let sql = "SELECT run, begun, seen, stopped FROM uptime WHERE region = $1 ORDER BY begun, run";
        self.plain(sql, &[&region])?.iter().map(rows::run).collect()
    }

    fn keep_run(&mut self, region: &str, run: &Run) -> Result<(), Error> {
        self.inside.may_write()?;
        self.parts.must_have(&mut self.line, region, &Batch::default())?;
        let Run { id, begun, seen, stopped } = run;
        let sql = "INSERT INTO uptime (region, run, begun, seen, stopped) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (region, run) DO UPDATE SET seen = greatest(uptime.seen, excluded.seen), stopped = excluded.stopped";
        self.plain(sql, &[&region, id, begun, seen, stopped])?;
        Ok(())
    }

    fn regions(&mut self) -> Result<Vec<String>, Error> {
        self.plain("SELECT name FROM region ORDER BY name", &[])?.iter().map(rows::text).collect()
    }

    fn open_region(&mut self, region: &str) -> Result<(), Error> {
        self.inside.may_write()?;
        crate::open::check_region(region)?;
        let opened = self.parts.open(&mut self.line, region);
        self.inside.after(opened)
    }

    fn note(&mut self, name: &str) -> Result<Option<String>, Error> {
        self.plain("SELECT text FROM note WHERE name = $1", &[&name])?.first().map(rows::text).transpose()
    }

    fn keep_note(&mut self, name: &str, text: &str) -> Result<(), Error> {
        self.inside.may_write()?;
        self.plain("INSERT INTO note (name, text) VALUES ($1, $2) ON CONFLICT DO NOTHING", &[&name, &text])?;
        Ok(())
    }

    fn notes(&mut self, prefix: &str) -> Result<Vec<String>, Error> {
        let sql = "SELECT name FROM note WHERE name >= $1 AND name < $2 ORDER BY name";
        self.plain(sql, &[&prefix, &end_of(prefix)])?.iter().map(rows::text).collect()
    }
}

/// One year, or all, as a range: that prunes partitions in a plan made once.
fn years(year: Option<i16>) -> (i16, i16) {
    year.map_or((i16::MIN, i16::MAX), |year| (year, year))
}

/// A limit beyond what the server counts is none.
fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
