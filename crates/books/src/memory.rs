//! Books in memory, for cases and trials: the same commands, nothing on a disk.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::answer::{Answer, Stop};
use crate::command::Request;
use crate::desk::Desk;
use crate::fold::Entry;
use crate::sheets::{Books, Key, Link, Posted, Raw, Source};

/// A region's books in memory.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    sheets: BTreeMap<Key, Raw>,
    links: BTreeMap<(String, String), String>,
    /// The journal, in the order it was written.
    pub journal: Vec<Posted>,
}

impl Memory {
    /// Runs a command; a refused one leaves no trace.
    ///
    /// # Errors
    /// When it is refused.
    pub fn run(&mut self, desk: &Desk<'_>, request: &Request) -> Result<Answer, Stop> {
        let mut books = Books::new(self);
        let answer = request.run(desk, &mut books)?;
        let (outbox, sheets) = books.finish();
        self.sheets.extend(sheets.into_iter().map(|raw| (raw.key.clone(), raw)));
        self.links.extend(outbox.links.into_iter().map(|link| ((link.kind, link.name), link.subject)));
        self.journal.extend(outbox.posted);
        Ok(answer)
    }
}

impl Source for Memory {
    fn sheets(&mut self, keys: &[Key]) -> Result<Vec<Raw>, String> {
        Ok(keys.iter().filter_map(|key| self.sheets.get(key).cloned()).collect())
    }

    fn linked(&mut self, names: &[(&str, &str)]) -> Result<Vec<Link>, String> {
        let found = names.iter().filter_map(|(kind, name)| {
            let at = ((*kind).to_owned(), (*name).to_owned());
            let subject = self.links.get(&at)?.clone();
            Some(Link { kind: at.0, name: at.1, subject })
        });
        Ok(found.collect())
    }

    fn names(&mut self, kind: &str, prefix: &str, limit: usize) -> Result<Vec<Link>, String> {
        let from = (kind.to_owned(), prefix.to_owned());
        let named = self.links.range(from..).take_while(|((k, name), _)| k == kind && name.starts_with(prefix));
        let links = named.map(|((kind, name), subject)| Link {
            kind: kind.clone(),
            name: name.clone(),
            subject: subject.clone(),
        });
        Ok(links.take(limit).collect())
    }

    fn history(&mut self, subject: &str) -> Result<Vec<(Key, Entry)>, String> {
        let of = self.journal.iter().filter(|posted| posted.key.subject == subject);
        let mut entries: Vec<_> = of.map(|posted| (posted.key.clone(), posted.entry.clone())).collect();
        entries.sort_by_key(|(key, entry)| (key.year, entry.number));
        Ok(entries)
    }

    fn scan(&mut self, prefix: &str, year: Option<i16>, after: Option<&Key>, limit: usize) -> Result<Vec<Raw>, String> {
        let start = match after {
            Some(key) => Bound::Excluded(key.clone()),
            None => Bound::Included(Key { subject: prefix.to_owned(), year: i16::MIN }),
        };
        let of = self.sheets.range((start, Bound::Unbounded)).take_while(|(key, _)| key.subject.starts_with(prefix));
        let of = of.filter(|(key, _)| year.is_none_or(|year| key.year == year));
        Ok(of.take(limit).map(|(_, raw)| raw.clone()).collect())
    }
}
