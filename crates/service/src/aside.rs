//! What an estimate or a comparison posts: laid aside in parts, in a file that goes with it, and seen as if it had been written.
//!
//! A long file posts more than memory should hold. In the database it could stand for a while, and be taken back; but there
//! whoever writes would wait for something that has no effect. Memory holds only where everything lies.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Bound::{Excluded, Included, Unbounded};

use books::{Done, Entry, Key, Link, Posted, Raw, Source};

use crate::ledger::Ledger;

/// A source of sheets over the books as they are, with what was posted since.
pub(crate) struct Aside<'s, 'f> {
    ledger: Ledger<'s, 'f>,
    /// How many entries are held before they are laid aside.
    part: usize,
    /// Made when it is needed.
    file: RefCell<Option<File>>,
    streams: BTreeMap<Key, Stream>,
    links: BTreeMap<(String, String), String>,
}

/// A stream that was posted to.
struct Stream {
    entries: u32,
    head: [u8; 32],
    sheet: Span,
    /// Entries that are not in the books.
    posted: Vec<Span>,
}

/// Where something lies in the file.
#[derive(Clone, Copy, Default)]
struct Span {
    at: u64,
    bytes: usize,
}

impl<'s, 'f> Aside<'s, 'f> {
    /// Over the books, holding so many entries.
    pub fn new(ledger: Ledger<'s, 'f>, part: usize) -> Aside<'s, 'f> {
        Aside { ledger, part, file: RefCell::new(None), streams: BTreeMap::new(), links: BTreeMap::new() }
    }

    fn lay(&mut self, part: Done) -> io::Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => tempfile::tempfile()?,
        };
        let mut whole = Vec::new();
        let from = file.seek(SeekFrom::End(0))?;
        let mut put = |text: &str| {
            let span = Span { at: from + whole.len() as u64, bytes: text.len() };
            whole.extend_from_slice(text.as_bytes());
            span
        };
        for Raw { key, entries, body, head } in part.sheets {
            let posted = self.streams.remove(&key).map(|before| before.posted).unwrap_or_default();
            self.streams.insert(key, Stream { entries, head, sheet: put(&body), posted });
        }
        for Posted { key, entry: Entry { number, at, request, actor, kind, body }, .. } in part.outbox.posted {
            let span = put(&serde_json::to_string(&(number, at, request, actor, kind, body))?);
            self.streams.entry(key).and_modify(|stream| stream.posted.push(span));
        }
        self.links.extend(part.outbox.links.into_iter().map(|link| ((link.kind, link.name), link.subject)));
        file.write_all(&whole)?;
        self.file.replace(Some(file));
        Ok(())
    }

    fn text(&self, span: Span) -> io::Result<String> {
        let mut bytes = vec![0; span.bytes];
        if let Some(file) = self.file.borrow_mut().as_mut() {
            file.seek(SeekFrom::Start(span.at))?;
            file.read_exact(&mut bytes)?;
        }
        String::from_utf8(bytes).map_err(io::Error::other)
    }

    fn raw(&self, key: &Key, stream: &Stream) -> io::Result<Raw> {
        let body = self.text(stream.sheet)?;
        Ok(Raw { key: key.clone(), entries: stream.entries, body, head: stream.head })
    }

    /// The entries of a subject that are not in the books.
    fn posted(&self, subject: &str) -> io::Result<Vec<(Key, Entry)>> {
        let years = Key::in_year(subject, i16::MIN)..=Key::in_year(subject, i16::MAX);
        let mut found = Vec::new();
        for (key, stream) in self.streams.range(years) {
            for span in &stream.posted {
                let (number, at, request, actor, kind, body) = serde_json::from_str(&self.text(*span)?)?;
                found.push((key.clone(), Entry { number, at, request, actor, kind, body }));
            }
        }
        Ok(found)
    }

    fn told<T>(&self, outcome: io::Result<T>) -> Result<T, String> {
        let lost = |error| store::Error::Other(format!("the temporary file of an estimate: {error}"));
        self.ledger.told(outcome.map_err(lost))
    }
}

impl Source for Aside<'_, '_> {
    fn sheets(&mut self, keys: &[Key]) -> Result<Vec<Raw>, String> {
        let (own, others): (Vec<_>, Vec<_>) = keys.iter().cloned().partition(|key| self.streams.contains_key(key));
        let mut found = if others.is_empty() { Vec::new() } else { self.ledger.sheets(&others)? };
        for (key, stream) in own.iter().filter_map(|key| Some((key, self.streams.get(key)?))) {
            found.push(self.told(self.raw(key, stream))?);
        }
        Ok(found)
    }

    fn linked(&mut self, names: &[(&str, &str)]) -> Result<Vec<Link>, String> {
        let mut found = self.ledger.linked(names)?;
        for (kind, name) in names {
            let at = ((*kind).to_owned(), (*name).to_owned());
            found.extend(self.links.get_key_value(&at).map(link));
        }
        Ok(found)
    }

    fn names(&mut self, kind: &str, prefix: &str, limit: usize) -> Result<Vec<Link>, String> {
        let mut found = self.ledger.names(kind, prefix, limit)?;
        let own = self.links.range((kind.to_owned(), prefix.to_owned())..).map(link);
        found.extend(own.take_while(|link| link.kind == kind && link.name.starts_with(prefix)).take(limit));
        found.sort();
        found.truncate(limit);
        Ok(found)
    }

    fn history(&mut self, subject: &str) -> Result<Vec<(Key, Entry)>, String> {
        self.histories(&[subject])
    }

    fn histories(&mut self, subjects: &[&str]) -> Result<Vec<(Key, Entry)>, String> {
        let mut found = self.ledger.histories(subjects)?;
        for subject in subjects {
            found.extend(self.told(self.posted(subject))?);
        }
        found.sort_by(|one, next| (&one.0, one.1.number).cmp(&(&next.0, next.1.number)));
        Ok(found)
    }

    fn scan(&mut self, prefix: &str, year: Option<i16>, after: Option<&Key>, limit: usize) -> Result<Vec<Raw>, String> {
        let first = Key::in_year(prefix, i16::MIN);
        let from = after.filter(|after| **after >= first).map_or(Included(&first), Excluded);
        let own = self.streams.range((from, Unbounded)).take_while(|(key, _)| key.subject.starts_with(prefix));
        let own = own.filter(|(key, _)| year.is_none_or(|year| key.year == year)).take(limit);
        let own = own.map(|(key, stream)| self.raw(key, stream)).collect::<io::Result<Vec<Raw>>>();
        let own = self.told(own)?;
        let found = self.ledger.scan(prefix, year, after, limit)?;
        let merged: BTreeMap<Key, Raw> = found.into_iter().chain(own).map(|raw| (raw.key.clone(), raw)).collect();
        Ok(merged.into_values().take(limit).collect())
    }

    fn holds(&self) -> Option<usize> {
        Some(self.part)
    }

    fn write(&mut self, part: Done) -> Result<(), String> {
        let laid = self.lay(part);
        self.told(laid)
    }
}

fn link(((kind, name), subject): (&(String, String), &String)) -> Link {
    Link { kind: kind.clone(), name: name.clone(), subject: subject.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A part: to each subject of a year an entry of a number, and a name for it.
    fn part(posted: &[(&str, i16, u32)]) -> Done {
        let key = |subject: &str, year| Key::in_year(format!("person/{subject}"), year);
        let entry = |number| Entry {
            number,
            at: 5,
            request: "r".to_owned(),
            actor: "人".to_owned(),
            kind: "k".to_owned(),
            body: format!(r#"{{"is":"k","n":{number}}}"#),
        };
        let posts = posted.iter().map(|(subject, year, number)| Posted {
            key: key(subject, *year),
            entry: entry(*number),
            lines: Vec::new(),
        });
        let sheets = posted.iter().map(|(subject, year, number)| Raw {
            key: key(subject, *year),
            entries: *number,
            body: format!("{{\"entries\":{number}}}"),
            head: [0; 32],
        });
        let links = posted.iter().filter(|(_, _, number)| *number == 1).map(|(subject, year, _)| Link {
            kind: "document".to_owned(),
            name: format!("{subject}-{year}"),
            subject: format!("person/{subject}"),
        });
        Done {
            sheets: sheets.collect(),
            outbox: books::Outbox { posted: posts.collect(), links: links.collect() },
            in_parts: true,
        }
    }

    type Seen = (Vec<(Key, u32, String)>, Vec<Link>, Vec<Vec<Link>>, Vec<(Key, Entry)>, Vec<Vec<Key>>);

    fn seen(source: &mut dyn Source) -> Seen {
        let keys = ["a", "b", "c", "d"].map(|name| Key::in_year(format!("person/{name}"), 2022));
        let mut sheets = source.sheets(&keys).unwrap();
        sheets.sort_by(|one, next| one.key.cmp(&next.key));
        let sheets = sheets.into_iter().map(|raw| (raw.key, raw.entries, raw.body)).collect();
        let mut linked =
            source.linked(&[("document", "a-2022"), ("document", "c-2022"), ("document", "none")]).unwrap();
        linked.sort();
        let names = [("", 9), ("c", 9), ("", 2), ("x", 9)];
        let names = names.map(|(prefix, limit)| source.names("document", prefix, limit).unwrap()).to_vec();
        let mut journals = source.histories(&["person/b", "person/a", "person/d"]).unwrap();
        journals.sort_by(|one, next| one.0.subject.cmp(&next.0.subject));
        let mut scan = |prefix: &str, year, after: Option<&Key>, limit| {
            source.scan(prefix, year, after, limit).unwrap().into_iter().map(|raw| raw.key).collect::<Vec<_>>()
        };
        let after = Key::in_year("person/b", 2021);
        let scans = vec![
            scan("person/", None, None, 9),
            scan("person/", None, None, 3),
            scan("person/", Some(2022), None, 2),
            scan("person/", None, Some(&after), 2),
            scan("person/b", None, Some(&Key::in_year("person/a", 9)), 9),
            scan("other/", None, None, 9),
        ];
        (sheets, linked, names, journals, scans)
    }

    #[test]
    fn what_is_laid_aside_is_seen_as_if_it_had_been_written() {
        let folder = tempfile::tempdir().unwrap();
        let open = |name: &str| {
            let mut store = store::open(&folder.path().join(name).display().to_string()).unwrap();
            store.begin().unwrap();
            store.open_region("town").unwrap();
            let failed = RefCell::new(None);
            let there = part(&[("a", 2022, 1), ("b", 2021, 1), ("d", 2022, 1)]);
            Ledger::new(store.as_mut(), "town", &failed).write(there).unwrap();
            store
        };
        let parts = || [part(&[("b", 2022, 1), ("c", 2022, 1)]), part(&[("a", 2023, 1), ("c", 2022, 2)])];
        let (mut plain, mut under) = (open("plain.db"), open("under.db"));
        let failed = RefCell::new(None);
        let mut written = Ledger::new(plain.as_mut(), "town", &failed);
        parts().into_iter().for_each(|part| written.write(part).unwrap());
        let mut aside = Aside::new(Ledger::new(under.as_mut(), "town", &failed), 7);
        let before = seen(&mut aside);
        parts().into_iter().for_each(|part| aside.write(part).unwrap());
        let after = seen(&mut aside);
        assert_eq!(after, seen(&mut written));
        assert_ne!(after, before);
        drop(aside);
        assert_eq!(seen(&mut Ledger::new(under.as_mut(), "town", &failed)), before, "the books are as they were");
    }
}
