//! What is written to SQLite. A statement costs no journey here, so that each row is one step of a prepared statement.

use std::collections::HashMap;

use rusqlite::{Connection, Result};

use super::{read, session};
use crate::batch::sheets_with_before;
use crate::{Batch, Error, Key, Posting, Record, Run, Seal, SessionChange, Sheet};

const NEW_SHEET: &str =
    "INSERT INTO sheet (region, subject, year, entries, head, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

const LATER_SHEET: &str = "UPDATE sheet SET entries = ?4, head = ?5, body = ?6
    WHERE region = ?1 AND subject = ?2 AND year = ?3 AND entries = ?7";

/// Gives where the last entry of the batch lies, here and below.
pub(super) fn batch(c: &Connection, region: &str, batch: &Batch) -> Result<Option<i64>, Error> {
    let changed = sheets(c, region, &sheets_with_before(batch)?).map_err(session::error)?;
    if let Some((sheet, before)) = changed {
        return Err(Error::Conflict(format!(
            "{} {} no longer has {before} entries",
            sheet.key.subject, sheet.key.year
        )));
    }
    rest(c, region, batch)
}

pub(super) fn load(c: &Connection, region: &str, batch: &Batch) -> Result<Option<i64>, Error> {
    let all: Vec<(&Sheet, u32)> = batch.sheets.iter().map(|sheet| (sheet, 0)).collect();
    sheets(c, region, &all).map_err(session::error)?;
    rest(c, region, batch)
}

/// Writes sheets that had so many entries when they were read. Gives the first that no longer has.
fn sheets<'b>(c: &Connection, region: &str, sheets: &[(&'b Sheet, u32)]) -> Result<Option<(&'b Sheet, u32)>> {
    let (mut new, mut later) = (c.prepare_cached(NEW_SHEET)?, c.prepare_cached(LATER_SHEET)?);
    for &(sheet, before) in sheets {
        let Sheet { key, entries, head, body } = sheet;
        if before == 0 {
            new.execute((region, &key.subject, key.year, entries, head, body))?;
        } else if later.execute((region, &key.subject, key.year, entries, head, body, before))? != 1 {
            return Ok(Some((sheet, before)));
        }
    }
    Ok(None)
}

/// All of a batch but its sheets.
fn rest(c: &Connection, region: &str, batch: &Batch) -> Result<Option<i64>, Error> {
    let places = records(c, region, &batch.records).map_err(session::error)?;
    for posting in &batch.postings {
        let Posting { key, number, .. } = posting;
        let known = places.get(&(key, *number)).copied();
        let known = known.map_or_else(|| read::place(c, region, key, *number), |place| Ok(Some(place)));
        let Some(place) = known.map_err(session::error)? else {
            return Err(Error::Other(format!(
                "postings of {} {}, entry {number}, which is not there",
                key.subject, key.year
            )));
        };
        post(c, region, place, posting).map_err(session::error)?;
    }
    found_by(c, region, batch).map_err(session::error)?;
    Ok(places.into_values().max())
}

/// Writes entries. Gives where each lies.
fn records<'b>(c: &Connection, region: &str, records: &'b [Record]) -> Result<HashMap<(&'b Key, u32), i64>> {
    let mut record = c.prepare_cached(
        "INSERT INTO journal (region, subject, year, number, at, request, actor, kind, body, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    let one = |r: &'b Record| {
        let (key, hash) = (&r.key, r.hash);
        let values = (region, &key.subject, key.year, r.number, r.at, &r.request, &r.actor, &r.kind, &r.body, hash);
        Ok(((key, r.number), record.insert(values)?))
    };
    records.iter().map(one).collect()
}

fn post(c: &Connection, region: &str, place: i64, posting: &Posting) -> Result<()> {
    let Posting { key, line, account, party, amount, .. } = posting;
    c.prepare_cached(
        "INSERT INTO posting (entry, line, region, year, account, party, amount) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute((place, line, region, key.year, account, party, amount))?;
    Ok(())
}

/// Writes the names by which subjects are found, and the answers by which requests are.
fn found_by(c: &Connection, region: &str, batch: &Batch) -> Result<()> {
    let mut link = c.prepare_cached("INSERT INTO link (region, kind, name, subject) VALUES (?1, ?2, ?3, ?4)")?;
    for l in &batch.links {
        link.execute((region, &l.kind, &l.name, &l.subject))?;
    }
    let mut answer =
        c.prepare_cached("INSERT INTO answer (region, request, input, answer, at) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for a in &batch.answers {
        answer.execute((region, &a.request, a.input, &a.answer, a.at))?;
    }
    Ok(())
}

pub(super) fn region(c: &Connection, region: &str) -> Result<()> {
    c.prepare_cached("INSERT INTO region (name) VALUES (?1) ON CONFLICT DO NOTHING")?.execute([region])?;
    Ok(())
}

pub(super) fn note(c: &Connection, name: &str, text: &str) -> Result<()> {
    c.prepare_cached("INSERT INTO note (name, text) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?.execute((name, text))?;
    Ok(())
}

pub(super) fn seal(c: &Connection, region: &str, seal: &Seal) -> Result<()> {
    let sql = "INSERT INTO seal (region, number, before, entries, root, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    c.prepare_cached(sql)?.execute((region, seal.number, seal.before, seal.entries, seal.root, seal.hash))?;
    Ok(())
}

pub(super) fn session(c: &Connection, region: &str, change: &SessionChange) -> Result<()> {
    match change {
        SessionChange::Begin(session) => {
            let sql = "INSERT INTO session (region, token, user, changes, ends, used) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let values = (region, session.token, &session.user, session.changes, session.ends, session.used);
            c.prepare_cached(sql)?.execute(values)?;
        }
        SessionChange::Used(token, at) => {
            let sql = "UPDATE session SET used = max(used, ?3) WHERE region = ?1 AND token = ?2";
            c.prepare_cached(sql)?.execute((region, token, at))?;
        }
        SessionChange::End(token) => {
            c.prepare_cached("DELETE FROM session WHERE region = ?1 AND token = ?2")?.execute((region, token))?;
        }
        SessionChange::Expire { now, idle_since } => {
            let sql = "DELETE FROM session WHERE region = ?1 AND (ends <= ?2 OR used <= ?3)";
            c.prepare_cached(sql)?.execute((region, now, idle_since))?;
        }
    }
    Ok(())
}

pub(super) fn run(c: &Connection, region: &str, run: &Run) -> Result<()> {
    let sql = "INSERT INTO uptime (region, run, begun, seen, stopped) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (region, run) DO UPDATE SET seen = max(seen, excluded.seen), stopped = excluded.stopped";
    c.prepare_cached(sql)?.execute((region, &run.id, run.begun, run.seen, run.stopped))?;
    Ok(())
}
