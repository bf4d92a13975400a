//! Rows of a store in their order, a page at a time.

use std::collections::VecDeque;

use store::{Answered, Error, Key, Link, Posting, Record, Sheet, Store};

use super::PAGE;

/// Gives the rows that come after one.
type Fetch<T> = fn(&mut dyn Store, &str, Option<&T>) -> Result<Vec<T>, Error>;

/// The rows of one kind.
pub struct Pages<'r, T> {
    region: &'r str,
    fetch: Fetch<T>,
    rows: VecDeque<T>,
    last: Option<T>,
    ended: bool,
}

impl<'r, T: Clone> Pages<'r, T> {
    fn new(region: &'r str, fetch: Fetch<T>) -> Pages<'r, T> {
        Pages { region, fetch, rows: VecDeque::new(), last: None, ended: false }
    }

    /// The next page; empty at the end.
    pub fn page(&mut self, store: &mut dyn Store) -> Result<Vec<T>, Error> {
        self.fill(store)?;
        Ok(std::mem::take(&mut self.rows).into())
    }

    /// The next row, which stays.
    pub fn peek(&mut self, store: &mut dyn Store) -> Result<Option<&T>, Error> {
        self.fill(store)?;
        Ok(self.rows.front())
    }

    /// The next rows as long as they are wanted.
    pub fn take_while(&mut self, store: &mut dyn Store, wanted: impl Fn(&T) -> bool) -> Result<Vec<T>, Error> {
        let mut taken = Vec::new();
        while self.peek(store)?.is_some_and(&wanted) {
            taken.extend(self.rows.pop_front());
        }
        Ok(taken)
    }

    fn fill(&mut self, store: &mut dyn Store) -> Result<(), Error> {
        if self.rows.is_empty() && !self.ended {
            self.rows = (self.fetch)(store, self.region, self.last.as_ref())?.into();
            self.ended = self.rows.len() < PAGE;
            self.last = self.rows.back().cloned().or(self.last.take());
        }
        Ok(())
    }
}

impl<'r> Pages<'r, Record> {
    pub fn journal(region: &'r str) -> Self {
        Pages::new(region, |store, region, last| {
            store.journal(region, last.map(|record: &Record| (&record.key, record.number)), PAGE)
        })
    }
}

impl<'r> Pages<'r, Sheet> {
    pub fn sheets(region: &'r str) -> Self {
        Pages::new(region, |store, region, last| {
            store.scan(region, "", None, last.map(|sheet: &Sheet| -> &Key { &sheet.key }), PAGE)
        })
    }
}

impl<'r> Pages<'r, Posting> {
    pub fn postings(region: &'r str) -> Self {
        Pages::new(region, |store, region, last| {
            store.postings(region, last.map(|posting: &Posting| (&posting.key, posting.number, posting.line)), PAGE)
        })
    }
}

impl<'r> Pages<'r, Link> {
    pub fn links(region: &'r str) -> Self {
        Pages::new(region, |store, region, last| {
            store.links(region, last.map(|link: &Link| (link.kind.as_str(), link.name.as_str())), PAGE)
        })
    }
}

impl<'r> Pages<'r, Answered> {
    pub fn answers(region: &'r str) -> Self {
        Pages::new(region, |store, region, last| {
            store.answers(region, last.map(|answered: &Answered| answered.request.as_str()), PAGE)
        })
    }
}
