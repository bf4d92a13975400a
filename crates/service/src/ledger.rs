//! The books as a transaction of the store sees them, and what a transaction posted as rows of the store.

use std::cell::RefCell;
use std::collections::BTreeMap;

use books::{Entry, Key, Leaf, Outbox, Raw, Source};
use store::{Batch, Hash, Posting, Record, Sheet, Store};

use crate::kept::{self, Kept};

/// A source of sheets over a store, and over those kept from the transaction before. It remembers the head of every stream it gave, which the next entry is chained to; and
/// what the store failed with, for the books know only that it failed.
pub(crate) struct Ledger<'s> {
    store: &'s mut dyn Store,
    region: &'s str,
    kept: Option<&'s mut Kept>,
    heads: BTreeMap<Key, Hash>,
    failed: &'s RefCell<Option<store::Error>>,
}

impl<'s> Ledger<'s> {
    /// Over a transaction of a store; with sheets kept from an earlier one, where they still hold.
    pub fn new(
        store: &'s mut dyn Store,
        region: &'s str,
        kept: Option<&'s mut Kept>,
        failed: &'s RefCell<Option<store::Error>>,
    ) -> Ledger<'s> {
        Ledger { store, region, kept, heads: BTreeMap::new(), failed }
    }

    fn told<T>(&self, outcome: Result<T, store::Error>) -> Result<T, String> {
        outcome.map_err(|error| {
            let text = error.to_string();
            self.failed.replace(Some(error));
            text
        })
    }

    /// What a transaction posted, as rows: each entry chained to the one before it in its stream. The sheets are kept, `most`
    /// of them.
    pub fn batch(mut self, done: books::Done, most: usize) -> Batch {
        let books::Done { outbox: Outbox { posted, links }, sheets, leaves } = done;
        let mut records = Vec::with_capacity(posted.len());
        let mut postings = Vec::new();
        for posted in posted {
            let head = self.heads.entry(posted.key.clone()).or_default();
            let key = store_key(posted.key);
            let Entry { number, at, request, actor, kind, body } = posted.entry;
            for (line, amount) in (1_u16..).zip(posted.lines) {
                let books::Line { account, party, amount } = amount;
                postings.push(Posting { key: key.clone(), number, line, account, party, amount: amount.0 });
            }
            let mut record = Record { key, number, at, request, actor, kind, body, hash: Hash::default() };
            record.hash = store::link(head, self.region, &record);
            *head = record.hash;
            records.push(record);
        }
        let sheets = sheets.into_iter().map(|Raw { key, entries, body }| {
            let head = self.heads.get(&key).copied().unwrap_or_default();
            Sheet { key: store_key(key), entries, head, body }
        });
        let sheets = sheets.collect();
        let links = links.into_iter().map(|books::Link { kind, name, subject }| store::Link { kind, name, subject });
        let links = links.collect();
        if let Some(kept) = self.kept {
            for (key, leaf) in leaves {
                let head = self.heads.remove(&key).unwrap_or_default();
                kept.put(key, kept::Sheet { leaf, head }, most);
            }
        }
        Batch { records, sheets, postings, links, answers: Vec::new() }
    }
}

impl Source for Ledger<'_> {
    fn sheets(&mut self, keys: &[books::Key]) -> Result<Vec<Raw>, String> {
        let keys: Vec<store::Key> = keys.iter().cloned().map(store_key).collect();
        let found = self.store.sheets(self.region, &keys);
        let raws = self.told(found)?.into_iter().map(|sheet| {
            let head = sheet.head;
            let raw = raw(sheet);
            self.heads.insert(raw.key.clone(), head);
            raw
        });
        Ok(raws.collect())
    }

    fn kept(&mut self, key: &Key) -> Option<Leaf> {
        let kept::Sheet { leaf, head } = self.kept.as_mut()?.take(key)?;
        self.heads.insert(key.clone(), head);
        Some(leaf)
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
