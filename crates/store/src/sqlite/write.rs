//! What is written to SQLite. A statement costs no journey here, so that each row is one step of a prepared statement.

use rusqlite::{Connection, Result};

use super::session;
use crate::batch::sheets_with_before;
use crate::{Batch, Error, Seal, SessionChange, Sheet};

const NEW_SHEET: &str =
    "INSERT INTO sheet (region, subject, year, entries, head, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

pub(super) fn batch(c: &Connection, region: &str, batch: &Batch) -> Result<(), Error> {
    let sheets = sheets_with_before(batch)?;
    for (sheet, before) in sheets {
        if before == 0 {
            new_sheet(c, region, sheet).map_err(session::error)?;
        } else if !later_sheet(c, region, sheet, before).map_err(session::error)? {
            return Err(Error::Conflict(format!(
                "{} {} no longer has {before} entries",
                sheet.key.subject, sheet.key.year
            )));
        }
    }
    rest(c, region, batch).map_err(session::error)
}

pub(super) fn load(c: &Connection, region: &str, batch: &Batch) -> Result<(), Error> {
    batch.sheets.iter().try_for_each(|sheet| new_sheet(c, region, sheet)).map_err(session::error)?;
    rest(c, region, batch).map_err(session::error)
}

fn new_sheet(c: &Connection, region: &str, sheet: &Sheet) -> Result<()> {
    let values = (region, &sheet.key.subject, sheet.key.year, sheet.entries, sheet.head, &sheet.body);
    c.prepare_cached(NEW_SHEET)?.execute(values)?;
    Ok(())
}

/// Whether the sheet was still as it was read.
fn later_sheet(c: &Connection, region: &str, sheet: &Sheet, before: u32) -> Result<bool> {
    let sql = "UPDATE sheet SET entries = ?4, head = ?5, body = ?6
               WHERE region = ?1 AND subject = ?2 AND year = ?3 AND entries = ?7";
    let values = (region, &sheet.key.subject, sheet.key.year, sheet.entries, sheet.head, &sheet.body, before);
    Ok(c.prepare_cached(sql)?.execute(values)? == 1)
}

/// All of a batch but its sheets.
fn rest(c: &Connection, region: &str, batch: &Batch) -> Result<()> {
    let mut record = c.prepare_cached(
        "INSERT INTO journal (region, subject, year, number, at, request, actor, kind, body, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    for r in &batch.records {
        let (key, hash) = (&r.key, r.hash);
        record
            .execute((region, &key.subject, key.year, r.number, r.at, &r.request, &r.actor, &r.kind, &r.body, hash))?;
    }
    let mut posting = c.prepare_cached(
        "INSERT INTO posting (region, subject, year, number, line, account, party, amount)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for p in &batch.postings {
        posting.execute((region, &p.key.subject, p.key.year, p.number, p.line, &p.account, &p.party, p.amount))?;
    }
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
