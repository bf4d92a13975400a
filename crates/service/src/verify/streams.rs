//! A stream with all that is derived from it, and the comparison of the two.

use books::{Entry, StreamKind};
use serde_json::Value;
use store::{Error, Key, Posting, Record, Sheet, Store};

use super::pages::Pages;
use super::{Difference, Differs as _};
use crate::ledger::entry;

/// The streams in the order of keys.
pub struct Streams<'r> {
    journal: Pages<'r, Record>,
    sheets: Pages<'r, Sheet>,
    postings: Pages<'r, Posting>,
}

/// What is stored under one key.
pub struct Stream {
    pub key: Key,
    pub records: Vec<Record>,
    pub sheet: Option<Sheet>,
    pub postings: Vec<Posting>,
}

impl<'r> Streams<'r> {
    pub fn new(region: &'r str) -> Streams<'r> {
        Streams { journal: Pages::journal(region), sheets: Pages::sheets(region), postings: Pages::postings(region) }
    }

    /// The next key that anything is stored under, with all of it.
    pub fn next(&mut self, store: &mut dyn Store) -> Result<Option<Stream>, Error> {
        let keys = [
            self.journal.peek(store)?.map(|record| record.key.clone()),
            self.sheets.peek(store)?.map(|sheet| sheet.key.clone()),
            self.postings.peek(store)?.map(|posting| posting.key.clone()),
        ];
        let Some(key) = keys.into_iter().flatten().min() else { return Ok(None) };
        let records = self.journal.take_while(store, |record| record.key == key)?;
        let sheet = self.sheets.take_while(store, |sheet| sheet.key == key)?.pop();
        let postings = self.postings.take_while(store, |posting| posting.key == key)?;
        Ok(Some(Stream { key, records, sheet, postings }))
    }
}

impl Stream {
    /// Compares what is derived with the entries; gives the entries as the books see them.
    pub fn check(&self, found: &mut dyn FnMut(Difference)) -> Vec<Entry> {
        let mut differs = |number, code, what: String| found(self.key.differs(number, code, what));
        let entries: Vec<Entry> = self.records.iter().cloned().map(entry).collect();
        let Some(kind) = StreamKind::named(&self.key.subject) else {
            differs(None, "unknown-kind", "这个版本的程序不认识这种账页；用写它的版本核对".to_owned());
            return entries;
        };
        self.check_sheet(kind, &entries, &mut differs);
        self.check_postings(kind, &mut differs);
        entries
    }

    fn check_sheet(
        &self,
        kind: &StreamKind,
        entries: &[Entry],
        differs: &mut impl FnMut(Option<u32>, &'static str, String),
    ) {
        // A stream without entries or without a sheet is named with the chain.
        let Some(sheet) = self.sheet.as_ref().filter(|_| !entries.is_empty()) else { return };
        match (kind.refold)(entries) {
            Ok(body) if (kind.agrees)(&sheet.body, &body) => {}
            Ok(body) => differs(None, "sheet", format!("账页与重算的不符：{}", place(&sheet.body, &body))),
            Err(what) => differs(None, "unreadable", what),
        }
    }

    fn check_postings(&self, kind: &StreamKind, differs: &mut impl FnMut(Option<u32>, &'static str, String)) {
        let mut stored = self.postings.as_slice();
        for record in &self.records {
            while let Some(stray) = stored.first().filter(|posting| posting.number < record.number) {
                differs(Some(stray.number), "stray-posting", format!("第 {} 行分录没有对应的记录", stray.line));
                stored = &stored[1..];
            }
            let count = stored.iter().take_while(|posting| posting.number == record.number).count();
            let (own, rest) = stored.split_at(count);
            stored = rest;
            // An entry that cannot be read has been named with its sheet.
            let Ok(lines) = (kind.lines)(&record.body) else { continue };
            let same = own.len() == lines.len()
                && own.iter().zip(1_u16..).zip(&lines).all(|((posting, number), line)| {
                    let amount = (posting.line, posting.amount) == (number, line.amount.0);
                    amount && posting.account == line.account && posting.party == line.party
                });
            if !same {
                let what = format!("分录与记录不符：应有 {} 行，存有 {} 行或内容不同", lines.len(), own.len());
                differs(Some(record.number), "posting", what);
            }
        }
        for stray in stored {
            differs(Some(stray.number), "stray-posting", format!("第 {} 行分录没有对应的记录", stray.line));
        }
    }
}

/// The first place in which two sheets differ. The place alone: what stands there may be about a person.
fn place(stored: &str, folded: &str) -> String {
    match (serde_json::from_str(stored), serde_json::from_str(folded)) {
        (Ok(stored), Ok(folded)) => differing(&stored, &folded).unwrap_or_else(|| "写法不同，内容相同".to_owned()),
        _ => "不是 JSON".to_owned(),
    }
}

fn differing(one: &Value, other: &Value) -> Option<String> {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let names = one.keys().chain(other.keys().filter(|name| !one.contains_key(*name)));
            names.map(|name| (name, one.get(name), other.get(name))).find_map(|(name, one, other)| match (one, other) {
                (Some(one), Some(other)) => differing(one, other).map(|below| joined(name, &below)),
                _ => Some(name.clone()),
            })
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = one.iter().zip(other).enumerate();
            pairs
                .map(|(at, (one, other))| (at, differing(one, other)))
                .find_map(|(at, below)| Some(joined(&at.to_string(), &below?)))
        }
        _ => (one != other).then(String::new),
    }
}

fn joined(name: &str, below: &str) -> String {
    if below.is_empty() { name.to_owned() } else { format!("{name}.{below}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_difference_is_named_without_what_stands_there() {
        let place = |one: &str, other: &str| place(one, other);
        assert_eq!(place(r#"{"a":{"b":[1,2]}}"#, r#"{"a":{"b":[1,3]}}"#), "a.b.1");
        assert_eq!(place(r#"{"a":1}"#, r#"{"a":1,"c":2}"#), "c");
        assert_eq!(place(r#"{"a":1,"c":2}"#, r#"{"c":2,"a":1}"#), "写法不同，内容相同");
    }
}
