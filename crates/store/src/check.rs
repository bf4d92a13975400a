//! Whether the journal is whole: every hash, every number, every head, every seal; and whether its postings balance.
//!
//! One pass over the journal, in its own order, with the sheets beside it and a hash for each seal. What the entries mean,
//! and whether the sheets say what the entries add up to, is not asked here.

use crate::seal::Root;
use crate::{Error, Hash, Key, Record, Seal, Sheet, Store, link};

/// Entries and sheets held at a time.
const PAGE: usize = 500;

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The words of an entry, or its hash, or the hash of the one before it, were changed.
    #[error("{} {}, entry {number}: its hash does not follow from its words and the entry before", key.subject, key.year)]
    Changed {
        /// The stream.
        key: Key,
        /// The entry.
        number: u32,
    },
    /// Entries are not there.
    #[error("{} {}: entries {first} to {last} are missing", key.subject, key.year)]
    Missing {
        /// The stream.
        key: Key,
        /// The first that is missing.
        first: u32,
        /// The last.
        last: u32,
    },
    /// A stream without a sheet.
    #[error("{} {}: its sheet is missing", key.subject, key.year)]
    NoSheet {
        /// The stream.
        key: Key,
    },
    /// A stream has entries beyond those its sheet counts.
    #[error("{} {}: its sheet counts {counted} entries, the journal has {found}", key.subject, key.year)]
    Uncounted {
        /// The stream.
        key: Key,
        /// What its sheet says.
        counted: u32,
        /// The number of the last entry.
        found: u32,
    },
    /// The head of a sheet is not the hash of the last entry.
    #[error("{} {}: the head of its sheet is not the hash of entry {number}", key.subject, key.year)]
    Head {
        /// The stream.
        key: Key,
        /// The last entry.
        number: u32,
    },
    /// What was recorded in the time of a seal is not what was sealed.
    #[error("seal {number}: covers {sealed} entries, and the {found} of its time give another hash")]
    Unsealed {
        /// The seal.
        number: u32,
        /// Entries it was made of.
        sealed: u64,
        /// Entries now.
        found: u64,
    },
    /// A seal does not follow from the one before it.
    #[error("seal {number}: does not follow from the seal before it")]
    SealBroken {
        /// The seal.
        number: u32,
    },
    /// The postings of an entry do not sum to nothing.
    #[error("{} {}, entry {number}: its postings sum to {sum} fen", key.subject, key.year)]
    Unbalanced {
        /// The stream.
        key: Key,
        /// The entry.
        number: u32,
        /// The sum, fen.
        sum: i64,
    },
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Entries of the journal.
    pub records: u64,
    /// Streams.
    pub streams: u64,
    /// Seals.
    pub seals: u64,
    /// Faults that were told.
    pub faults: u64,
}

/// Recomputes the hashes of a region's journal, and compares numbers, sheets and seals. While others write, it must stand
/// inside [`Store::begin_read`], so that all is of one moment.
pub fn check_chain(store: &mut dyn Store, region: &str, told: &mut dyn FnMut(Fault)) -> Result<Checked, Error> {
    let mut checked = Checked::default();
    let mut faults = 0;
    let mut tell = |fault| {
        faults += 1;
        told(fault);
    };
    let mut seals = Seals::of(store, region)?;
    let mut sheets = Sheets::new(region);
    let mut stream: Option<Stream> = None;
    let mut after: Option<(Key, u32)> = None;
    loop {
        let page = store.journal(region, after.as_ref().map(|(key, number)| (key, *number)), PAGE)?;
        for record in &page {
            checked.records += 1;
            seals.add(record);
            if stream.as_ref().is_none_or(|stream| stream.key != record.key) {
                checked.streams += 1;
                end(stream.take(), &mut sheets, store, &mut tell)?;
            }
            stream.get_or_insert_with(|| Stream::new(&record.key)).take(region, record, &mut tell);
        }
        match page.into_iter().next_back() {
            Some(last) => after = Some((last.key, last.number)),
            None => break,
        }
    }
    end(stream, &mut sheets, store, &mut tell)?;
    while let Some(sheet) = sheets.next(store)? {
        checked.streams += 1;
        tell(Fault::Missing { key: sheet.key, first: 1, last: sheet.entries });
    }
    checked.seals = seals.check(region, &mut tell);
    checked.faults = faults;
    Ok(checked)
}

/// Tells of each entry whose postings do not sum to nothing; gives how many.
pub fn check_balance(store: &mut dyn Store, region: &str, told: &mut dyn FnMut(Fault)) -> Result<u64, Error> {
    let mut count = 0;
    let mut after: Option<(Key, u32)> = None;
    loop {
        let page = store.unbalanced(region, after.as_ref().map(|(key, number)| (key, *number)), PAGE)?;
        let Some((key, number, _)) = page.last() else { return Ok(count) };
        after = Some((key.clone(), *number));
        for (key, number, sum) in page {
            count += 1;
            told(Fault::Unbalanced { key, number, sum });
        }
    }
}

/// A stream, as far as it has been read.
struct Stream {
    key: Key,
    number: u32,
    head: Hash,
}

impl Stream {
    fn new(key: &Key) -> Stream {
        Stream { key: key.clone(), number: 0, head: [0; 32] }
    }

    fn take(&mut self, region: &str, record: &Record, tell: &mut dyn FnMut(Fault)) {
        if record.number > self.number + 1 {
            // What it should follow is not there, so that its own hash says nothing.
            tell(Fault::Missing { key: self.key.clone(), first: self.number + 1, last: record.number - 1 });
        } else if link(&self.head, region, record) != record.hash {
            tell(Fault::Changed { key: self.key.clone(), number: record.number });
        }
        // The next one is held against the hash that stands here, so that one change is one fault.
        (self.number, self.head) = (record.number, record.hash);
    }
}

/// Holds a stream that has been read against its sheet; tells of the sheets before it, which have no entries.
fn end(
    stream: Option<Stream>,
    sheets: &mut Sheets,
    store: &mut dyn Store,
    tell: &mut dyn FnMut(Fault),
) -> Result<(), Error> {
    let Some(Stream { key, number, head }) = stream else { return Ok(()) };
    while let Some(sheet) = sheets.next_until(store, &key)? {
        if sheet.key < key {
            tell(Fault::Missing { key: sheet.key, first: 1, last: sheet.entries });
            continue;
        }
        if sheet.entries > number {
            tell(Fault::Missing { key, first: number + 1, last: sheet.entries });
        } else if sheet.entries < number {
            tell(Fault::Uncounted { key, counted: sheet.entries, found: number });
        } else if sheet.head != head {
            tell(Fault::Head { key, number });
        }
        return Ok(());
    }
    tell(Fault::NoSheet { key });
    Ok(())
}

/// The sheets, in the order of keys.
struct Sheets<'r> {
    region: &'r str,
    page: std::vec::IntoIter<Sheet>,
    after: Option<Key>,
    held: Option<Sheet>,
}

impl<'r> Sheets<'r> {
    fn new(region: &'r str) -> Sheets<'r> {
        Sheets { region, page: Vec::new().into_iter(), after: None, held: None }
    }

    fn next(&mut self, store: &mut dyn Store) -> Result<Option<Sheet>, Error> {
        if let Some(sheet) = self.held.take() {
            return Ok(Some(sheet));
        }
        if self.page.len() == 0 {
            let page = store.scan(self.region, "", None, self.after.as_ref(), PAGE)?;
            if let Some(last) = page.last() {
                self.after = Some(last.key.clone());
            }
            self.page = page.into_iter();
        }
        Ok(self.page.next())
    }

    /// The next one, if it is not of a later stream.
    fn next_until(&mut self, store: &mut dyn Store, key: &Key) -> Result<Option<Sheet>, Error> {
        let next = self.next(store)?;
        if next.as_ref().is_some_and(|sheet| sheet.key > *key) {
            self.held = next;
            return Ok(None);
        }
        Ok(next)
    }
}

/// The seals, and for each what is found now in its time.
struct Seals {
    seals: Vec<Seal>,
    roots: Vec<Root>,
}

impl Seals {
    fn of(store: &mut dyn Store, region: &str) -> Result<Seals, Error> {
        let seals = store.seals(region)?;
        Ok(Seals { roots: vec![Root::default(); seals.len()], seals })
    }

    fn add(&mut self, record: &Record) {
        // The first seal whose moment is later.
        let at = self.seals.partition_point(|seal| seal.before <= record.at);
        if let Some(root) = self.roots.get_mut(at) {
            root.add(&record.key, record.number, &record.hash);
        }
    }

    fn check(self, region: &str, tell: &mut dyn FnMut(Fault)) -> u64 {
        let mut last: Option<&Seal> = None;
        for (seal, root) in self.seals.iter().zip(self.roots) {
            let found = root.end();
            if found != (seal.entries, seal.root) {
                tell(Fault::Unsealed { number: seal.number, sealed: seal.entries, found: found.0 });
            }
            if Seal::after(last, region, seal.before, (seal.entries, seal.root)) != *seal {
                tell(Fault::SealBroken { number: seal.number });
            }
            last = Some(seal);
        }
        self.seals.len() as u64
    }
}
