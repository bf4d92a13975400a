//! The books as they were at a moment: every sheet folded anew from the entries recorded up to then.
//!
//! What was recorded later is not there, however early the day it is about; so a list made of these books is the same whenever
//! it is made. Names are those of now: they are never taken back, and lead to sheets that are empty before their time.

use crate::fold::{Entry, StreamKind};
use crate::sheets::{Key, Link, Raw, Source};

/// A source as it was at a moment.
pub struct Past<'s> {
    source: &'s mut dyn Source,
    at: i64,
}

impl<'s> Past<'s> {
    /// The source with the entries recorded up to a moment (microseconds since 1970, UTC), that moment included.
    pub fn new(source: &'s mut dyn Source, at: i64) -> Past<'s> {
        Past { source, at }
    }

    fn sheet(&mut self, key: &Key) -> Result<Option<Raw>, String> {
        let Some(kind) = StreamKind::named(&key.subject) else { return Ok(None) };
        let history = self.source.history(&key.subject)?;
        let then = history.into_iter().filter(|(of, entry)| of == key && entry.at <= self.at);
        let entries: Vec<Entry> = then.map(|(_, entry)| entry).collect();
        let Ok(count) = u32::try_from(entries.len()) else { return Err(format!("{} 太长", key.subject)) };
        if count == 0 {
            return Ok(None);
        }
        Ok(Some(Raw { key: key.clone(), entries: count, body: (kind.refold)(&entries)?, head: [0; 32] }))
    }
}

impl Source for Past<'_> {
    fn sheets(&mut self, keys: &[Key]) -> Result<Vec<Raw>, String> {
        let mut found = Vec::new();
        for key in keys {
            found.extend(self.sheet(key)?);
        }
        Ok(found)
    }

    fn linked(&mut self, names: &[(&str, &str)]) -> Result<Vec<Link>, String> {
        self.source.linked(names)
    }

    fn names(&mut self, kind: &str, prefix: &str, limit: usize) -> Result<Vec<Link>, String> {
        self.source.names(kind, prefix, limit)
    }

    fn history(&mut self, subject: &str) -> Result<Vec<(Key, Entry)>, String> {
        let history = self.source.history(subject)?;
        Ok(history.into_iter().filter(|(_, entry)| entry.at <= self.at).collect())
    }

    fn scan(&mut self, prefix: &str, year: Option<i16>, after: Option<&Key>, limit: usize) -> Result<Vec<Raw>, String> {
        let mut found = Vec::new();
        let mut after = after.cloned();
        while found.len() < limit {
            let wanted = limit - found.len();
            let page = self.source.scan(prefix, year, after.as_ref(), wanted)?;
            let last = page.len() < wanted;
            after = page.last().map(|raw| raw.key.clone()).or(after);
            for raw in page {
                found.extend(self.sheet(&raw.key)?);
            }
            if last {
                break;
            }
        }
        Ok(found)
    }
}
