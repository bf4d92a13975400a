//! Sheets kept from one transaction of the writer to the next, so that those of a busy person or hospital are neither read nor
//! parsed again.
//!
//! What is kept is what is committed: the writer puts sheets in when their transaction stands, and lets all of them go when
//! one fails or when anybody else has written ([`store::Turn::unchanged`]). It is bounded: the sheets that were asked for
//! longest ago go first, half of them at a time.

use std::collections::HashMap;

use books::{Key, Leaf};
use store::Hash;

/// A sheet with the hash of its last entry, which the next one is chained to.
pub(crate) struct Sheet {
    pub leaf: Leaf,
    pub head: Hash,
}

/// The sheets, by stream; those without entries among them.
#[derive(Default)]
pub(crate) struct Kept {
    /// Asked for since the others grew old.
    young: HashMap<Key, Sheet>,
    old: HashMap<Key, Sheet>,
}

impl Kept {
    /// Hands a sheet out: who takes it puts it back.
    pub fn take(&mut self, key: &Key) -> Option<Sheet> {
        self.young.remove(key).or_else(|| self.old.remove(key))
    }

    /// Keeps a sheet, and no more than so many altogether.
    pub fn put(&mut self, key: Key, sheet: Sheet, most: usize) {
        if self.young.len() >= most / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, sheet);
    }
}
