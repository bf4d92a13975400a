//! The hash of an entry covers the entry before it in its stream: none can be changed, dropped or put between unseen.

use sha2::{Digest, Sha256};

use crate::{Hash, Record};

/// The hash of an entry that follows `before` (zeros before the first).
pub fn link(before: &Hash, region: &str, record: &Record) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(before);
    let number = record.number.to_be_bytes();
    let (year, at) = (record.key.year.to_be_bytes(), record.at.to_be_bytes());
    let parts: [&[u8]; 9] = [
        region.as_bytes(),
        record.key.subject.as_bytes(),
        &year,
        &number,
        &at,
        record.request.as_bytes(),
        record.actor.as_bytes(),
        record.kind.as_bytes(),
        record.body.as_bytes(),
    ];
    for part in parts {
        // Each part with its length, so that no two entries can be spelled alike.
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}
