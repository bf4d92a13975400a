//! Rows of PostgreSQL as values of the store.

use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use super::line;
use crate::{Answered, Balance, Counts, Error, Hash, Key, Link, Posting, Record, Run, Seal, Session, Sheet};

pub(super) fn text(row: &Row) -> Result<String, Error> {
    at(row, 0)
}

pub(super) fn sheet(row: &Row) -> Result<Sheet, Error> {
    Ok(Sheet { key: key(row)?, entries: number(row, 2)?, head: hash(row, 3)?, body: at(row, 4)? })
}

pub(super) fn record(row: &Row) -> Result<Record, Error> {
    Ok(Record {
        key: key(row)?,
        number: number(row, 2)?,
        at: at(row, 3)?,
        request: at(row, 4)?,
        actor: at(row, 5)?,
        kind: at(row, 6)?,
        body: at(row, 7)?,
        hash: hash(row, 8)?,
    })
}

pub(super) fn posting(row: &Row) -> Result<Posting, Error> {
    Ok(Posting {
        key: key(row)?,
        number: number(row, 2)?,
        line: number(row, 3)?,
        account: at(row, 4)?,
        party: at(row, 5)?,
        amount: at(row, 6)?,
    })
}

pub(super) fn link(row: &Row) -> Result<Link, Error> {
    Ok(Link { kind: at(row, 0)?, name: at(row, 1)?, subject: at(row, 2)? })
}

pub(super) fn answered(row: &Row) -> Result<Answered, Error> {
    Ok(Answered { request: at(row, 0)?, input: hash(row, 1)?, answer: at(row, 2)?, at: at(row, 3)? })
}

pub(super) fn balance(row: &Row) -> Result<Balance, Error> {
    Ok(Balance { account: at(row, 0)?, party: at(row, 1)?, debit: at(row, 2)?, credit: at(row, 3)? })
}

pub(super) fn unbalanced(row: &Row) -> Result<(Key, u32, i64), Error> {
    Ok((key(row)?, number(row, 2)?, at(row, 3)?))
}

pub(super) fn latest(row: &Row) -> Result<Option<i64>, Error> {
    at(row, 0)
}

pub(super) fn recorded(row: &Row) -> Result<(Key, u32, Hash), Error> {
    Ok((key(row)?, number(row, 2)?, hash(row, 3)?))
}

pub(super) fn counts(row: &Row) -> Result<Counts, Error> {
    Ok(Counts {
        records: count(row, 0)?,
        sheets: count(row, 1)?,
        postings: count(row, 2)?,
        links: count(row, 3)?,
        answers: count(row, 4)?,
        seals: count(row, 5)?,
    })
}

pub(super) fn seal(row: &Row) -> Result<Seal, Error> {
    Ok(Seal {
        number: number(row, 0)?,
        before: at(row, 1)?,
        entries: count(row, 2)?,
        root: hash(row, 3)?,
        hash: hash(row, 4)?,
    })
}

pub(super) fn session(row: &Row) -> Result<Session, Error> {
    Ok(Session {
        token: hash(row, 0)?,
        user: at(row, 1)?,
        changes: number(row, 2)?,
        ends: at(row, 3)?,
        used: at(row, 4)?,
    })
}

pub(super) fn run(row: &Row) -> Result<Run, Error> {
    Ok(Run { id: at(row, 0)?, begun: at(row, 1)?, seen: at(row, 2)?, stopped: at(row, 3)? })
}

fn key(row: &Row) -> Result<Key, Error> {
    Ok(Key { subject: at(row, 0)?, year: at(row, 1)? })
}

fn number<T: TryFrom<i32>>(row: &Row, column: usize) -> Result<T, Error> {
    let number: i32 = at(row, column)?;
    T::try_from(number).map_err(|_| Error::Unfit(format!("the number {number} in the database cannot be one of ours")))
}

fn count(row: &Row, column: usize) -> Result<u64, Error> {
    let count: i64 = at(row, column)?;
    u64::try_from(count).map_err(|_| Error::Unfit(format!("the count {count} in the database cannot be one of ours")))
}

fn hash(row: &Row, column: usize) -> Result<Hash, Error> {
    let bytes: &[u8] = at(row, column)?;
    bytes.try_into().map_err(|_| Error::Unfit(format!("a hash of {} bytes in the database, not 32", bytes.len())))
}

pub(super) fn at<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, Error> {
    row.try_get(column).map_err(line::error)
}
