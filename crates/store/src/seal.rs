//! Seals: what had been recorded before a moment, as one hash that hangs on the seal before it.
//!
//! The hashes of a stream hang on each other from the first on, so that nothing can be changed in its middle; but its last
//! entries could be taken away, and the sheet set back. A seal covers the entries of all streams between two moments. Who
//! keeps the hash of the last seal elsewhere (on paper, with the supervisor) can tell later that nothing before it is
//! missing or new.

use sha2::{Digest, Sha256};

use crate::{Error, Hash, Key, Store};

/// The seal of a span of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// From 1.
    pub number: u32,
    /// It covers what was recorded before this moment and not before that of the seal before; microseconds since 1970, UTC.
    pub before: i64,
    /// How many entries it covers.
    pub entries: u64,
    /// Hash of their keys, numbers and hashes, in the order of the journal.
    pub root: Hash,
    /// Hash of all this and of the hash of the seal before.
    pub hash: Hash,
}

/// Seals what was recorded before a moment and is not sealed yet; nothing, where there is nothing.
///
/// The moment must be safely past: older than any transaction under way, because an entry that comes later with an
/// earlier time would not be what was sealed. Begins and ends its own transactions.
pub fn seal(store: &mut dyn Store, region: &str, before: i64) -> Result<Option<Seal>, Error> {
    store.begin_read()?;
    let next = next(store, region, before);
    store.rollback()?;
    let Some(next) = next? else { return Ok(None) };
    store.begin()?;
    // Another's seal of the same number would be a conflict.
    if let Err(error) = store.add_seal(region, &next).and_then(|()| store.commit()) {
        let _ = store.rollback();
        return Err(error);
    }
    Ok(Some(next))
}

fn next(store: &mut dyn Store, region: &str, before: i64) -> Result<Option<Seal>, Error> {
    let last = store.seals(region)?.pop();
    let from = last.as_ref().map_or(i64::MIN, |last| last.before);
    if before <= from {
        return Ok(None);
    }
    let mut root = Root::default();
    store.recorded(region, from, before, &mut |key, number, hash| root.add(key, number, hash))?;
    let found = root.end();
    Ok((found.0 > 0).then(|| Seal::after(last.as_ref(), region, before, found)))
}

/// Hashes entries as they come.
#[derive(Clone, Default)]
pub(crate) struct Root {
    hasher: Sha256,
    entries: u64,
}

impl Root {
    pub fn add(&mut self, key: &Key, number: u32, hash: &Hash) {
        self.entries += 1;
        // Of fixed length but for the subject, which has its length before it.
        self.hasher.update((key.subject.len() as u64).to_be_bytes());
        self.hasher.update(key.subject.as_bytes());
        self.hasher.update(key.year.to_be_bytes());
        self.hasher.update(number.to_be_bytes());
        self.hasher.update(hash);
    }

    /// How many they were, and their hash.
    pub fn end(self) -> (u64, Hash) {
        (self.entries, self.hasher.finalize().into())
    }
}

impl Seal {
    /// The seal of these entries that follows another.
    pub(crate) fn after(last: Option<&Seal>, region: &str, before: i64, (entries, root): (u64, Hash)) -> Seal {
        let number = last.map_or(1, |last| last.number + 1);
        let mut hasher = Sha256::new();
        hasher.update(last.map_or([0; 32], |last| last.hash));
        hasher.update((region.len() as u64).to_be_bytes());
        hasher.update(region.as_bytes());
        hasher.update(number.to_be_bytes());
        hasher.update(before.to_be_bytes());
        hasher.update(entries.to_be_bytes());
        hasher.update(root);
        Seal { number, before, entries, root, hash: hasher.finalize().into() }
    }
}
