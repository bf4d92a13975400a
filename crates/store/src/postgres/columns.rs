//! A batch as columns: one array for each column, whatever the number of rows.

use tokio_postgres::types::ToSql;

use crate::paging::each_once;
use crate::{Answered, Error, Key, Link, Posting, Record, Sheet};

type Value<'a> = &'a (dyn ToSql + Sync);

#[derive(Default)]
pub(super) struct Keys<'a> {
    pub subjects: Vec<&'a str>,
    pub years: Vec<i16>,
}

impl<'a> Keys<'a> {
    /// Each once, in order.
    pub fn of(keys: &'a [Key]) -> Keys<'a> {
        let mut columns = Keys::default();
        each_once(keys).into_iter().for_each(|key| columns.push(key));
        columns
    }

    fn push(&mut self, key: &'a Key) {
        self.subjects.push(&key.subject);
        self.years.push(key.year);
    }
}

#[derive(Default)]
pub(super) struct Pairs<'a> {
    pub kinds: Vec<&'a str>,
    pub names: Vec<&'a str>,
}

impl<'a> Pairs<'a> {
    /// Each once.
    pub fn of(pairs: &[(&'a str, &'a str)]) -> Pairs<'a> {
        let (kinds, names) = each_once(pairs).into_iter().copied().unzip();
        Pairs { kinds, names }
    }
}

#[derive(Default)]
pub(super) struct Sheets<'a> {
    keys: Keys<'a>,
    entries: Vec<i32>,
    heads: Vec<&'a [u8]>,
    bodies: Vec<&'a str>,
    before: Vec<i32>,
}

impl<'a> Sheets<'a> {
    pub fn of(sheets: &[(&'a Sheet, u32)]) -> Result<Sheets<'a>, Error> {
        let mut columns = Sheets::default();
        for (sheet, before) in sheets {
            columns.keys.push(&sheet.key);
            columns.entries.push(integer(sheet.entries)?);
            columns.heads.push(&sheet.head);
            columns.bodies.push(&sheet.body);
            columns.before.push(integer(*before)?);
        }
        Ok(columns)
    }

    /// No values where there are no rows, here and below.
    pub fn values(&self, with_before: bool) -> Vec<Value<'_>> {
        let mut values = unless_empty(
            self.entries.len(),
            &[&self.keys.subjects, &self.keys.years, &self.entries, &self.heads, &self.bodies],
        );
        if with_before && !values.is_empty() {
            values.push(&self.before);
        }
        values
    }
}

#[derive(Default)]
pub(super) struct Records<'a> {
    keys: Keys<'a>,
    numbers: Vec<i32>,
    at: Vec<i64>,
    requests: Vec<&'a str>,
    actors: Vec<&'a str>,
    kinds: Vec<&'a str>,
    bodies: Vec<&'a str>,
    hashes: Vec<&'a [u8]>,
}

impl<'a> Records<'a> {
    pub fn of(records: &'a [Record]) -> Result<Records<'a>, Error> {
        let mut columns = Records::default();
        for record in records {
            columns.keys.push(&record.key);
            columns.numbers.push(integer(record.number)?);
            columns.at.push(record.at);
            columns.requests.push(&record.request);
            columns.actors.push(&record.actor);
            columns.kinds.push(&record.kind);
            columns.bodies.push(&record.body);
            columns.hashes.push(&record.hash);
        }
        Ok(columns)
    }

    pub fn values(&self) -> Vec<Value<'_>> {
        let (keys, texts) = (&self.keys, (&self.requests, &self.actors, &self.kinds, &self.bodies));
        unless_empty(
            self.at.len(),
            &[&keys.subjects, &keys.years, &self.numbers, &self.at, texts.0, texts.1, texts.2, texts.3, &self.hashes],
        )
    }
}

#[derive(Default)]
pub(super) struct Postings<'a> {
    keys: Keys<'a>,
    numbers: Vec<i32>,
    lines: Vec<i32>,
    accounts: Vec<&'a str>,
    parties: Vec<&'a str>,
    amounts: Vec<i64>,
}

impl<'a> Postings<'a> {
    pub fn of(postings: &'a [Posting]) -> Result<Postings<'a>, Error> {
        let mut columns = Postings::default();
        for posting in postings {
            columns.keys.push(&posting.key);
            columns.numbers.push(integer(posting.number)?);
            columns.lines.push(posting.line.into());
            columns.accounts.push(&posting.account);
            columns.parties.push(&posting.party);
            columns.amounts.push(posting.amount);
        }
        Ok(columns)
    }

    pub fn values(&self) -> Vec<Value<'_>> {
        let keys = &self.keys;
        unless_empty(
            self.lines.len(),
            &[&keys.subjects, &keys.years, &self.numbers, &self.lines, &self.accounts, &self.parties, &self.amounts],
        )
    }
}

#[derive(Default)]
pub(super) struct Links<'a> {
    pairs: Pairs<'a>,
    subjects: Vec<&'a str>,
}

impl<'a> Links<'a> {
    pub fn of(links: &'a [Link]) -> Links<'a> {
        let mut columns = Links::default();
        for link in links {
            columns.pairs.kinds.push(&link.kind);
            columns.pairs.names.push(&link.name);
            columns.subjects.push(&link.subject);
        }
        columns
    }

    pub fn values(&self) -> Vec<Value<'_>> {
        unless_empty(self.subjects.len(), &[&self.pairs.kinds, &self.pairs.names, &self.subjects])
    }
}

#[derive(Default)]
pub(super) struct Answers<'a> {
    requests: Vec<&'a str>,
    inputs: Vec<&'a [u8]>,
    answers: Vec<&'a str>,
    at: Vec<i64>,
}

impl<'a> Answers<'a> {
    pub fn of(answers: &'a [Answered]) -> Answers<'a> {
        let mut columns = Answers::default();
        for answer in answers {
            columns.requests.push(&answer.request);
            columns.inputs.push(&answer.input);
            columns.answers.push(&answer.answer);
            columns.at.push(answer.at);
        }
        columns
    }

    pub fn values(&self) -> Vec<Value<'_>> {
        unless_empty(self.at.len(), &[&self.requests, &self.inputs, &self.answers, &self.at])
    }
}

fn unless_empty<'a>(rows: usize, values: &[Value<'a>]) -> Vec<Value<'a>> {
    if rows == 0 { Vec::new() } else { values.to_vec() }
}

/// PostgreSQL has no unsigned numbers.
pub(super) fn integer(number: u32) -> Result<i32, Error> {
    i32::try_from(number)
        .map_err(|_| Error::Other(format!("entry number {number} is more than the database can count")))
}

pub(super) fn count(count: u64) -> Result<i64, Error> {
    i64::try_from(count).map_err(|_| Error::Other(format!("{count} is more than the database can count")))
}
