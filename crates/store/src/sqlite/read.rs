//! What is read from SQLite.

use rusqlite::{Connection, OptionalExtension, Params, Result, Row};
use std::ops::Range;

use crate::paging::{each_once, end_of, start, start_within};
use crate::{Answered, Balance, Counts, Each, Hash, Key, Link, Posting, Record, Run, Seal, Session, Sheet};

pub(super) fn has_region(c: &Connection, region: &str) -> Result<bool> {
    c.prepare_cached("SELECT 1 FROM region WHERE name = ?1")?.exists([region])
}

pub(super) fn regions(c: &Connection) -> Result<Vec<String>> {
    all(c, "SELECT name FROM region ORDER BY name", [], |row| row.get(0))
}

/// A number that changes when another connection has committed something.
pub(super) fn version(c: &Connection) -> Result<i64> {
    c.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
}

/// Where the last entry lies; 0 where there is none. Entries are never taken out, so that a new one lies behind all others.
pub(super) fn last_entry(c: &Connection) -> Result<i64> {
    c.prepare_cached("SELECT coalesce(max(place), 0) FROM journal")?.query_row([], |row| row.get(0))
}

/// Where an entry lies, if it is there.
pub(super) fn place(c: &Connection, region: &str, key: &Key, number: u32) -> Result<Option<i64>> {
    c.prepare_cached("SELECT place FROM journal WHERE region = ?1 AND subject = ?2 AND year = ?3 AND number = ?4")?
        .query_row((region, &key.subject, key.year, number), |row| row.get(0))
        .optional()
}

pub(super) fn answered(c: &Connection, region: &str, requests: &[&str]) -> Result<Vec<Answered>> {
    let mut one =
        c.prepare_cached("SELECT request, input, answer, at FROM answer WHERE region = ?1 AND request = ?2")?;
    let mut found = Vec::new();
    for request in each_once(requests) {
        found.extend(one.query_row((region, request), answer_of).optional()?);
    }
    Ok(found)
}

pub(super) fn sheets(c: &Connection, region: &str, keys: &[Key]) -> Result<Vec<Sheet>> {
    let mut one = c.prepare_cached(
        "SELECT subject, year, entries, head, body FROM sheet WHERE region = ?1 AND subject = ?2 AND year = ?3",
    )?;
    let mut found = Vec::with_capacity(keys.len());
    for key in each_once(keys) {
        found.extend(one.query_row((region, &key.subject, key.year), sheet_of).optional()?);
    }
    Ok(found)
}

pub(super) fn linked(c: &Connection, region: &str, names: &[(&str, &str)]) -> Result<Vec<Link>> {
    let mut one =
        c.prepare_cached("SELECT kind, name, subject FROM link WHERE region = ?1 AND kind = ?2 AND name = ?3")?;
    let mut found = Vec::new();
    for (kind, name) in each_once(names) {
        found.extend(one.query_row((region, kind, name), link_of).optional()?);
    }
    Ok(found)
}

pub(super) fn names(c: &Connection, region: &str, kind: &str, prefix: &str, limit: usize) -> Result<Vec<Link>> {
    let sql = "SELECT kind, name, subject FROM link
               WHERE region = ?1 AND kind = ?2 AND name >= ?3 AND name < ?4 ORDER BY name LIMIT ?5";
    all(c, sql, (region, kind, prefix, end_of(prefix), count(limit)), link_of)
}

pub(super) fn history(c: &Connection, region: &str, subject: &str) -> Result<Vec<Record>> {
    let sql = "SELECT subject, year, number, at, request, actor, kind, body, hash FROM journal
               WHERE region = ?1 AND subject = ?2 ORDER BY year, number";
    all(c, sql, (region, subject), record_of)
}

pub(super) fn scan(
    c: &Connection,
    region: &str,
    prefix: &str,
    year: Option<i16>,
    after: Option<&Key>,
    limit: usize,
) -> Result<Vec<Sheet>> {
    let sql = "SELECT subject, year, entries, head, body FROM sheet
               WHERE region = ?1 AND (subject, year) > (?2, ?3) AND subject < ?4 AND (?5 IS NULL OR year = ?5)
               ORDER BY subject, year LIMIT ?6";
    let (subject, last) = start_within(prefix, after);
    all(c, sql, (region, subject, last, end_of(prefix), year, count(limit)), sheet_of)
}

pub(super) fn journal(c: &Connection, region: &str, after: Option<(&Key, u32)>, limit: usize) -> Result<Vec<Record>> {
    let sql = "SELECT subject, year, number, at, request, actor, kind, body, hash FROM journal
               WHERE region = ?1 AND (subject, year, number) > (?2, ?3, ?4) ORDER BY subject, year, number LIMIT ?5";
    let (subject, year) = start(after.map(|after| after.0));
    let number = after.map_or(0, |after| after.1);
    all(c, sql, (region, subject, year, number, count(limit)), record_of)
}

pub(super) fn postings(
    c: &Connection,
    region: &str,
    after: Option<(&Key, u32, u16)>,
    limit: usize,
) -> Result<Vec<Posting>> {
    let sql = "SELECT j.subject, j.year, j.number, p.line, p.account, p.party, p.amount
               FROM journal j CROSS JOIN posting p ON p.entry = j.place
               WHERE j.region = ?1 AND (j.subject, j.year, j.number) >= (?2, ?3, ?4)
               AND (j.subject, j.year, j.number, p.line) > (?2, ?3, ?4, ?5)
               ORDER BY j.subject, j.year, j.number, p.line LIMIT ?6";
    let (subject, year) = start(after.map(|after| after.0));
    let (number, line) = after.map_or((0, 0), |after| (after.1, after.2));
    all(c, sql, (region, subject, year, number, line, count(limit)), posting_of)
}

pub(super) fn links(c: &Connection, region: &str, after: Option<(&str, &str)>, limit: usize) -> Result<Vec<Link>> {
    let sql = "SELECT kind, name, subject FROM link
               WHERE region = ?1 AND (kind, name) > (?2, ?3) ORDER BY kind, name LIMIT ?4";
    let (kind, name) = after.unwrap_or_default();
    all(c, sql, (region, kind, name, count(limit)), link_of)
}

pub(super) fn answers(c: &Connection, region: &str, after: Option<&str>, limit: usize) -> Result<Vec<Answered>> {
    let sql = "SELECT request, input, answer, at FROM answer
               WHERE region = ?1 AND request > ?2 ORDER BY request LIMIT ?3";
    all(c, sql, (region, after.unwrap_or_default(), count(limit)), answer_of)
}

pub(super) fn balances(c: &Connection, region: &str, year: Option<i16>) -> Result<Vec<Balance>> {
    let sql = "SELECT account, party, sum(max(amount, 0)), sum(max(-amount, 0)) FROM posting
               WHERE region = ?1 AND (?2 IS NULL OR year = ?2) GROUP BY account, party ORDER BY account, party";
    all(c, sql, (region, year), |row| {
        Ok(Balance { account: row.get(0)?, party: row.get(1)?, debit: row.get(2)?, credit: row.get(3)? })
    })
}

pub(super) fn unbalanced(
    c: &Connection,
    region: &str,
    after: Option<(&Key, u32)>,
    limit: usize,
) -> Result<Vec<(Key, u32, i64)>> {
    let sql = "SELECT j.subject, j.year, j.number, sum(p.amount)
               FROM journal j CROSS JOIN posting p ON p.entry = j.place
               WHERE j.region = ?1 AND (j.subject, j.year, j.number) > (?2, ?3, ?4)
               GROUP BY j.subject, j.year, j.number HAVING sum(p.amount) <> 0
               ORDER BY j.subject, j.year, j.number LIMIT ?5";
    let (subject, year) = start(after.map(|after| after.0));
    let number = after.map_or(0, |after| after.1);
    all(c, sql, (region, subject, year, number, count(limit)), |row| Ok((key_of(row)?, row.get(2)?, row.get(3)?)))
}

pub(super) fn latest(c: &Connection, region: &str, from: i64) -> Result<Option<i64>> {
    let sql = "SELECT max(at) FROM journal WHERE region = ?1 AND at >= ?2";
    c.prepare_cached(sql)?.query_row((region, from), |row| row.get(0))
}

pub(super) fn recorded(c: &Connection, region: &str, from: i64, before: i64, each: Each) -> Result<()> {
    let sql = "SELECT subject, year, number, hash FROM journal
               WHERE region = ?1 AND at >= ?2 AND at < ?3 ORDER BY subject, year, number";
    let mut statement = c.prepare_cached(sql)?;
    let mut rows = statement.query((region, from, before))?;
    while let Some(row) = rows.next()? {
        each(&key_of(row)?, row.get(2)?, &row.get(3)?);
    }
    Ok(())
}

pub(super) fn last(
    c: &Connection,
    region: &str,
    during: Range<i64>,
    without: &str,
    limit: usize,
) -> Result<Vec<Record>> {
    let sql = "SELECT subject, year, number, at, request, actor, kind, body, hash FROM journal
               WHERE region = ?1 AND at >= ?2 AND at < ?3 AND substr(subject, 1, length(?4)) <> ?4
               ORDER BY at DESC, subject, year, number LIMIT ?5";
    all(c, sql, (region, during.start, during.end, without, count(limit)), record_of)
}

pub(super) fn counts(c: &Connection, region: &str) -> Result<Counts> {
    let one = |sql: &str| c.prepare_cached(sql)?.query_row([region], |row| row.get(0));
    Ok(Counts {
        records: one("SELECT count(*) FROM journal WHERE region = ?1")?,
        sheets: one("SELECT count(*) FROM sheet WHERE region = ?1")?,
        postings: one("SELECT count(*) FROM posting WHERE region = ?1")?,
        links: one("SELECT count(*) FROM link WHERE region = ?1")?,
        answers: one("SELECT count(*) FROM answer WHERE region = ?1")?,
        seals: one("SELECT count(*) FROM seal WHERE region = ?1")?,
    })
}

pub(super) fn seals(c: &Connection, region: &str) -> Result<Vec<Seal>> {
    all(c, "SELECT number, before, entries, root, hash FROM seal WHERE region = ?1 ORDER BY number", [region], |row| {
        Ok(Seal {
            number: row.get(0)?,
            before: row.get(1)?,
            entries: row.get(2)?,
            root: row.get(3)?,
            hash: row.get(4)?,
        })
    })
}

pub(super) fn runs(c: &Connection, region: &str) -> Result<Vec<Run>> {
    all(c, "SELECT run, begun, seen, stopped FROM uptime WHERE region = ?1 ORDER BY begun, run", [region], |row| {
        Ok(Run { id: row.get(0)?, begun: row.get(1)?, seen: row.get(2)?, stopped: row.get(3)? })
    })
}

pub(super) fn note(c: &Connection, name: &str) -> Result<Option<String>> {
    c.prepare_cached("SELECT text FROM note WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()
}

pub(super) fn notes(c: &Connection, prefix: &str) -> Result<Vec<String>> {
    let sql = "SELECT name FROM note WHERE name >= ?1 AND name < ?2 ORDER BY name";
    all(c, sql, (prefix, end_of(prefix)), |row| row.get(0))
}

fn all<T>(c: &Connection, sql: &str, values: impl Params, one: impl FnMut(&Row) -> Result<T>) -> Result<Vec<T>> {
    c.prepare_cached(sql)?.query_map(values, one)?.collect()
}

/// A limit beyond what SQLite counts is none.
fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn key_of(row: &Row) -> Result<Key> {
    Ok(Key { subject: row.get(0)?, year: row.get(1)? })
}

fn sheet_of(row: &Row) -> Result<Sheet> {
    Ok(Sheet { key: key_of(row)?, entries: row.get(2)?, head: row.get(3)?, body: row.get(4)? })
}

pub(super) fn session(c: &Connection, region: &str, token: &Hash) -> Result<Option<Session>> {
    let sql = "SELECT token, user, changes, ends, used FROM session WHERE region = ?1 AND token = ?2";
    let one = |row: &Row| {
        let (user, changes) = (row.get(1)?, row.get(2)?);
        Ok(Session { token: row.get(0)?, user, changes, ends: row.get(3)?, used: row.get(4)? })
    };
    c.prepare_cached(sql)?.query_row((region, token), one).optional()
}

fn record_of(row: &Row) -> Result<Record> {
    Ok(Record {
        key: key_of(row)?,
        number: row.get(2)?,
        at: row.get(3)?,
        request: row.get(4)?,
        actor: row.get(5)?,
        kind: row.get(6)?,
        body: row.get(7)?,
        hash: row.get(8)?,
    })
}

fn posting_of(row: &Row) -> Result<Posting> {
    Ok(Posting {
        key: key_of(row)?,
        number: row.get(2)?,
        line: row.get(3)?,
        account: row.get(4)?,
        party: row.get(5)?,
        amount: row.get(6)?,
    })
}

fn link_of(row: &Row) -> Result<Link> {
    Ok(Link { kind: row.get(0)?, name: row.get(1)?, subject: row.get(2)? })
}

fn answer_of(row: &Row) -> Result<Answered> {
    Ok(Answered { request: row.get(0)?, input: row.get(1)?, answer: row.get(2)?, at: row.get(3)? })
}
