//! The books as a transaction of the store sees them, and what a transaction posted as rows of the store.

use std::cell::RefCell;
use std::collections::BTreeMap;

use books::{Entry, Outbox, Raw, Source};
use store::{Batch, Hash, Posting, Record, Sheet, Store};

/// A source of sheets over a store. It remembers the head of every stream it gave, which the next entry is chained to; and
/// what the store failed with, for the books know only that it failed.
pub(crate) struct Ledger<'s> {
    store: &'s mut dyn Store,
    region: &'s str,
    heads: BTreeMap<store::Key, Hash>,
    failed: &'s RefCell<Option<store::Error>>,
}

impl<'s> Ledger<'s> {
    /// Over a transaction of a store.
    pub fn new(store: &'s mut dyn Store, region: &'s str, failed: &'s RefCell<Option<store::Error>>) -> Ledger<'s> {
        Ledger { store, region, heads: BTreeMap::new(), failed }
    }

    fn told<T>(&self, outcome: Result<T, store::Error>) -> Result<T, String> {
        outcome.map_err(|error| {
            let text = error.to_string();
            self.failed.replace(Some(error));
            text
        })
    }

    /// What a transaction posted, as rows: each entry chained to the one before it in its stream.
    pub fn batch(mut self, outbox: Outbox, sheets: Vec<Raw>) -> Batch {
        let Outbox { posted, links } = outbox;
        let mut records = Vec::with_capacity(posted.len());
        let mut postings = Vec::new();
        for posted in posted {
            let key = store_key(posted.key);
            let Entry { number, at, request, actor, kind, body } = posted.entry;
            for (line, amount) in (1_u16..).zip(posted.lines) {
                let books::Line { account, party, amount } = amount;
                postings.push(Posting { key: key.clone(), number, line, account, party, amount: amount.0 });
            }
            let mut record = Record { key, number, at, request, actor, kind, body, hash: Hash::default() };
            let head = self.heads.entry(record.key.clone()).or_default();
            record.hash = store::link(head, self.region, &record);
            *head = record.hash;
            records.push(record);
        }
        let sheets = sheets.into_iter().map(|Raw { key, entries, body }| {
            let key = store_key(key);
            let head = self.heads.get(&key).copied().unwrap_or_default();
            Sheet { key, entries, head, body }
        });
        let links = links.into_iter().map(|books::Link { kind, name, subject }| store::Link { kind, name, subject });
        Batch { records, sheets: sheets.collect(), postings, links: links.collect(), answers: Vec::new() }
    }
}

impl Source for Ledger<'_> {
    fn sheets(&mut self, keys: &[books::Key]) -> Result<Vec<Raw>, String> {
        let keys: Vec<store::Key> = keys.iter().cloned().map(store_key).collect();
        let found = self.store.sheets(self.region, &keys);
        let raws = self.told(found)?.into_iter().map(|sheet| {
            self.heads.insert(sheet.key.clone(), sheet.head);
            raw(sheet)
        });
        Ok(raws.collect())
    }

    fn linked(&mut self, names: &[(&str, &str)]) -> Result<Vec<books::Link>, String> {
        let found = self.store.linked(self.region, names);
        Ok(self.told(found)?.into_iter().map(link).collect())
    }

    fn names(&mut self, kind: &str, prefix: &str, limit: usize) -> Result<Vec<books::Link>, String> {
        let found = self.store.names(self.region, kind, prefix, limit);
        Ok(self.told(found)?.into_iter().map(link).collect())
    }

    fn history(&mut self, subject: &str) -> Result<Vec<(books::Key, Entry)>, String> {
        let found = self.store.history(self.region, subject);
        Ok(self.told(found)?.into_iter().map(|record| (books_key(record.key.clone()), entry(record))).collect())
    }

    fn scan(
        &mut self,
        prefix: &str,
        year: Option<i16>,
        after: Option<&books::Key>,
        limit: usize,
    ) -> Result<Vec<Raw>, String> {
        let after = after.cloned().map(store_key);
        let found = self.store.scan(self.region, prefix, year, after.as_ref(), limit);
        Ok(self.told(found)?.into_iter().map(raw).collect())
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

fn store_key(key: books::Key) -> store::Key {
    store::Key { subject: key.subject, year: key.year }
}

fn raw(sheet: Sheet) -> Raw {
    Raw { key: books_key(sheet.key), entries: sheet.entries, body: sheet.body }
}

fn link(link: store::Link) -> books::Link {
    books::Link { kind: link.kind, name: link.name, subject: link.subject }
}
