//! Sheets kept from one transaction of the writer to the next, so that those of a busy person or hospital are neither read nor
//! parsed again.
//!
//! What is kept is what is committed: a transaction works on the sheets as they lie here, and the writer lets all of them go
//! when it fails or when anybody else has written ([`store::Turn::unchanged`]). What is decided while the last transaction is
//! still being written works on them as that one leaves them. They are bounded between transactions: the sheets that were asked
//! for longest ago go first, half of them or more at a time.

use std::collections::HashMap;

use books::{Key, Leaf, Shelf};

/// The sheets, by stream; those without entries among them.
#[derive(Default)]
pub(crate) struct Kept {
    sheets: HashMap<Key, Sheet>,
    /// Counts the transactions.
    round: u64,
    /// Whether they have been held against the store since they were let go.
    pub held: bool,
}

struct Sheet {
    leaf: Leaf,
    /// The transaction that asked for it last.
    asked: u64,
}

impl Kept {
    /// Whether a transaction can begin as they are, without letting any go.
    pub fn room(&self, most: usize) -> bool {
        self.sheets.len() <= most
    }

    /// Begins a transaction, with no more than so many sheets.
    pub fn begin(&mut self, most: usize) {
        self.round += 1;
        if self.sheets.len() <= most {
            return;
        }
        let mut asked: Vec<u64> = self.sheets.values().map(|sheet| sheet.asked).collect();
        let last = asked.len() - 1;
        let (_, &mut middle, _) = asked.select_nth_unstable(last - (most / 2).saturating_sub(1));
        self.sheets.retain(|_, sheet| sheet.asked > middle);
    }
}

impl Shelf for Kept {
    fn leaf(&mut self, key: &Key) -> Option<&mut Leaf> {
        let sheet = self.sheets.get_mut(key)?;
        sheet.asked = self.round;
        Some(&mut sheet.leaf)
    }

    fn put(&mut self, key: Key, leaf: Leaf) {
        self.sheets.insert(key, Sheet { leaf, asked: self.round });
    }

    fn let_go(&mut self, key: &Key) {
        self.sheets.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_longest_ago_goes_first() {
        let mut kept = Kept::default();
        for number in 0..30 {
            kept.begin(20);
            kept.put(Key::of(format!("person/{number}")), Leaf::none());
            assert!(kept.leaf(&Key::of("person/0")).is_some(), "asked for each time, after {number}");
        }
        assert!(kept.sheets.len() <= 21);
        assert!(kept.leaf(&Key::of("person/29")).is_some());
        assert!(kept.leaf(&Key::of("person/1")).is_none());
        kept.begin(0);
        assert!(kept.sheets.is_empty());
    }
}
