//! The books as a transaction of the store sees them, and what a transaction posted as rows of the store.

use std::cell::RefCell;
use std::collections::BTreeMap;

use books::{Entry, Key, Outbox, Raw, Shelf, Source};
use store::{Batch, Hash, Posting, Record, Sheet, Store};

use crate::scribe::{self, Flight};

/// A source of sheets over a store. It remembers what the store failed with, for the books know only that it failed.
pub(crate) struct Ledger<'s, 'f> {
    store: &'s mut dyn Store,
    region: &'s str,
    failed: &'s RefCell<Option<store::Error>>,
    /// What is still being written, which the store does not show yet.
    under: Option<&'s mut Flight<'f>>,
    /// How many entries are held before a part is written.
    part: Option<usize>,
}

impl<'s, 'f> Ledger<'s, 'f> {
    /// Over a transaction of a store.
    pub fn new(store: &'s mut dyn Store, region: &'s str, failed: &'s RefCell<Option<store::Error>>) -> Ledger<'s, 'f> {
        Ledger { store, region, failed, under: None, part: None }
    }

    /// So that parts of so many entries are written in the transaction, which is another's to commit or roll back.
    pub fn in_parts(self, part: Option<usize>) -> Ledger<'s, 'f> {
        Ledger { part, ..self }
    }

    /// On top of what is still being written. The sheets that it leaves are those on the shelf, so that the store is not asked
    /// for them; before anything else that it could have changed is read, it is waited for.
    pub fn on(self, under: &'s mut Flight<'f>) -> Ledger<'s, 'f> {
        Ledger { under: Some(under), ..self }
    }

    /// Waits until the store shows all that was decided before.
    fn settle(&mut self) -> Result<(), String> {
        let stands = self.under.as_mut().is_none_or(|under| under.land());
        if stands { Ok(()) } else { self.told(Err(scribe::came_to_nothing())) }
    }

    /// What the store gave; what it failed with is remembered.
    pub fn told<T>(&self, outcome: Result<T, store::Error>) -> Result<T, String> {
        outcome.map_err(|error| {
            let text = error.to_string();
            self.failed.replace(Some(error));
            text
        })
    }
}

/// What a transaction posted, as rows: each entry chained to the one before it in its stream, the first to the head that the
/// sheet had. The new head of each stream is told.
fn rows(region: &str, done: books::Done, mut tell: impl FnMut(&Key, Hash)) -> Batch {
    let books::Done { outbox: Outbox { posted, links }, sheets, .. } = done;
    let mut heads: BTreeMap<Key, Hash> = sheets.iter().map(|sheet| (sheet.key.clone(), sheet.head)).collect();
    let mut records = Vec::with_capacity(posted.len());
    let mut postings = Vec::new();
    for posted in posted {
        let head = heads.get_mut(&posted.key);
        let key = store_key(posted.key);
        let Entry { number, at, request, actor, kind, body } = posted.entry;
        for (line, amount) in (1_u16..).zip(posted.lines) {
            let books::Line { account, party, amount } = amount;
            postings.push(Posting { key: key.clone(), number, line, account, party, amount: amount.0 });
        }
        let mut record = Record { key, number, at, request, actor, kind, body, hash: Hash::default() };
        record.hash = store::link(head.as_deref().unwrap_or(&Hash::default()), region, &record);
        if let Some(head) = head {
            *head = record.hash;
        }
        records.push(record);
    }
    let sheets = sheets.into_iter().map(|Raw { key, entries, body, .. }| {
        let head = heads.remove(&key).unwrap_or_default();
        tell(&key, head);
        Sheet { key: store_key(key), entries, head, body }
    });
    let sheets = sheets.collect();
    let links = links.into_iter().map(|books::Link { kind, name, subject }| store::Link { kind, name, subject });
    Batch { records, sheets, postings, links: links.collect(), answers: Vec::new() }
}

/// The last rows of a transaction, which writes its answers with them. The new heads go to the shelf.
pub(crate) fn batch(region: &str, done: books::Done, shelf: &mut impl Shelf) -> Batch {
    rows(region, done, |key, head| shelf.leaf(key).into_iter().for_each(|leaf| leaf.head = head))
}

impl Source for Ledger<'_, '_> {
    fn sheets(&mut self, keys: &[books::Key]) -> Result<Vec<Raw>, String> {
        let keys: Vec<store::Key> = keys.iter().cloned().map(store_key).collect();
        let found = self.store.sheets(self.region, &keys);
        Ok(self.told(found)?.into_iter().map(raw).collect())
    }

    fn linked(&mut self, names: &[(&str, &str)]) -> Result<Vec<books::Link>, String> {
        if self.under.as_ref().and_then(|under| under.batch()).is_some_and(|batch| !batch.links.is_empty()) {
            self.settle()?;
        }
        let found = self.store.linked(self.region, names);
        Ok(self.told(found)?.into_iter().map(link).collect())
    }

    fn names(&mut self, kind: &str, prefix: &str, limit: usize) -> Result<Vec<books::Link>, String> {
        self.settle()?;
        let found = self.store.names(self.region, kind, prefix, limit);
        Ok(self.told(found)?.into_iter().map(link).collect())
    }

    fn history(&mut self, subject: &str) -> Result<Vec<(books::Key, Entry)>, String> {
        self.settle()?;
        let found = self.store.history(self.region, subject);
        Ok(self.told(found)?.into_iter().map(|record| (books_key(record.key.clone()), entry(record))).collect())
    }

    fn histories(&mut self, subjects: &[&str]) -> Result<Vec<(books::Key, Entry)>, String> {
        self.settle()?;
        let found = self.store.histories(self.region, subjects);
        Ok(self.told(found)?.into_iter().map(|record| (books_key(record.key.clone()), entry(record))).collect())
    }

    fn scan(
        &mut self,
        prefix: &str,
        year: Option<i16>,
        after: Option<&books::Key>,
        limit: usize,
    ) -> Result<Vec<Raw>, String> {
        self.settle()?;
        let after = after.cloned().map(store_key);
        let found = self.store.scan(self.region, prefix, year, after.as_ref(), limit);
        Ok(self.told(found)?.into_iter().map(raw).collect())
    }

    fn holds(&self) -> Option<usize> {
        self.part
    }

    fn write(&mut self, part: books::Done) -> Result<(), String> {
        let written = self.store.write(self.region, &rows(self.region, part, |_, _| ()));
        self.told(written)
    }
}

/// An entry as the books see it.
pub(crate) fn entry(record: Record) -> Entry {
    let Record { number, at, request, actor, kind, body, .. } = record;
    Entry { number, at, request, actor, kind, body }
}

/// A key as the books see it.
pub(crate) fn books_key(key: store::Key) -> books::Key {
    books::Key { subject: key.subject, year: key.year }
}

/// A key as the store sees it.
pub(crate) fn store_key(key: books::Key) -> store::Key {
    store::Key { subject: key.subject, year: key.year }
}

/// A sheet as the books take it.
pub(crate) fn raw(sheet: Sheet) -> Raw {
    Raw { key: books_key(sheet.key), entries: sheet.entries, body: sheet.body, head: sheet.head }
}

fn link(link: store::Link) -> books::Link {
    books::Link { kind: link.kind, name: link.name, subject: link.subject }
}
