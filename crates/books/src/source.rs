//! Where a working set gets its sheets from, and what it leaves: streams, sheets as they are stored and as they are held.

use std::fmt;

use crate::fold::{AnyFold, Entry};
use crate::money::Line;

/// A stream: a subject in a year; year 0 for what belongs to none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The kind and the name, as `person/7f…`.
    pub subject: String,
    /// The year, or 0.
    pub year: i16,
}

impl Key {
    /// The stream of a subject that has no years.
    pub fn of(subject: impl Into<String>) -> Key {
        Key { subject: subject.into(), year: 0 }
    }

    /// The stream of a subject's year.
    pub fn in_year(subject: impl Into<String>, year: i16) -> Key {
        Key { subject: subject.into(), year }
    }
}

/// A sheet as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    /// Which stream.
    pub key: Key,
    /// How many entries it has.
    pub entries: u32,
    /// The fold, as canonical JSON.
    pub body: String,
    /// What the source knows its last entry by; the books only hand it back.
    pub head: [u8; 32],
}

/// A name that leads to a subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// The kind of name, as `document`.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The subject.
    pub subject: String,
}

/// Where sheets come from: a transaction of the store, or memory. An error is told as it is.
pub trait Source {
    /// The sheets of these streams, as far as they exist.
    fn sheets(&mut self, keys: &[Key]) -> Result<Vec<Raw>, String>;
    /// Where these names (kind, name) lead, as far as they do.
    fn linked(&mut self, names: &[(&str, &str)]) -> Result<Vec<Link>, String>;
    /// The names of a kind that begin so, in order.
    fn names(&mut self, kind: &str, prefix: &str, limit: usize) -> Result<Vec<Link>, String>;
    /// The journal of a subject, by year and number.
    fn history(&mut self, subject: &str) -> Result<Vec<(Key, Entry)>, String>;
    /// The journals of several subjects; those of each together, as [`Source::history`] gives them.
    fn histories(&mut self, subjects: &[&str]) -> Result<Vec<(Key, Entry)>, String> {
        let mut found = Vec::new();
        for subject in subjects {
            found.extend(self.history(subject)?);
        }
        Ok(found)
    }
    /// The next sheets after one, in the order of keys, of subjects that begin so, of one year or all.
    fn scan(&mut self, prefix: &str, year: Option<i16>, after: Option<&Key>, limit: usize) -> Result<Vec<Raw>, String>;
    /// How many entries are held at most before a part of them is written ([`Source::write`]); nothing, where all are held
    /// until the transaction ends.
    fn holds(&self) -> Option<usize> {
        None
    }
    /// Writes a part of what the transaction comes to. From then on the source has it, and nobody else before the end; it goes
    /// as it came, where the transaction comes to nothing.
    fn write(&mut self, _part: Done) -> Result<(), String> {
        Err("这里不能先写一部分 (nothing can be written in parts here)".to_owned())
    }
}

/// An entry posted and not yet written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Its stream.
    pub key: Key,
    /// The entry.
    pub entry: Entry,
    /// What it posts.
    pub lines: Vec<Line>,
}

/// What a transaction has to write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    /// Entries in the order they were posted.
    pub posted: Vec<Posted>,
    /// New names.
    pub links: Vec<Link>,
}

/// What a working set comes to.
#[derive(Debug)]
pub struct Done {
    /// What is to be written.
    pub outbox: Outbox,
    /// The sheets that changed, each with the head it had before.
    pub sheets: Vec<Raw>,
    /// Parts were written before this: what is left is not the whole. Where the command was refused, they are to be taken back.
    pub in_parts: bool,
}

/// Where a working set holds the sheets it has read. It may outlive the working set: what it holds is then as that left it,
/// and is right if what was to be written stands.
pub trait Shelf {
    /// The sheet of a stream, if it is held.
    fn leaf(&mut self, key: &Key) -> Option<&mut Leaf>;
    /// Holds a sheet, instead of the one that was held.
    fn put(&mut self, key: Key, leaf: Leaf);
    /// Holds a sheet no longer.
    fn let_go(&mut self, key: &Key);
}

/// A sheet as a working set holds it; one without entries is of a stream that is not there.
pub struct Leaf {
    /// As in [`Raw`].
    pub head: [u8; 32],
    pub(crate) entries: u32,
    pub(crate) sheet: Body,
}

pub(crate) enum Body {
    /// As it was read.
    Text(String),
    Open(Box<dyn AnyFold>),
}

impl Leaf {
    /// That of a stream that is not there.
    pub fn none() -> Leaf {
        Leaf { head: [0; 32], entries: 0, sheet: Body::Text(String::new()) }
    }

    /// A sheet as it was read, with its stream.
    pub fn read(Raw { key, entries, body, head }: Raw) -> (Key, Leaf) {
        (key, Leaf { head, entries, sheet: Body::Text(body) })
    }

    pub(crate) fn copy(&self) -> Leaf {
        let sheet = match &self.sheet {
            Body::Text(text) => Body::Text(text.clone()),
            Body::Open(fold) => Body::Open(fold.boxed()),
        };
        Leaf { head: self.head, entries: self.entries, sheet }
    }

    pub(crate) fn text(&self) -> String {
        match &self.sheet {
            Body::Text(text) => text.clone(),
            Body::Open(fold) => fold.json(),
        }
    }
}

impl fmt::Debug for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a sheet of {} entries", self.entries)
    }
}
