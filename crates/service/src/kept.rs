//! Sheets kept from one transaction of the writer to the next, so that those of a busy person or hospital are neither read nor
//! parsed again.
//!
//! What is kept is what is committed: a transaction works on the sheets as they lie here, and the writer lets all of them go
//! when it fails or when anybody else has written ([`store::Turn::unchanged`]). What is decided while the last transaction is
//! still being written works on them as that one leaves them. They are bounded between transactions: a hand goes round and lets go
//! what nobody has asked for since it came by last, a few thousand at a time, so that no transaction waits long for it.

use books::{Key, Leaf, Shelf};
use indexmap::IndexMap;

/// The sheets, by stream; those without entries among them.
#[derive(Default)]
pub(crate) struct Kept {
    sheets: IndexMap<Key, Sheet>,
    /// The place of the sheet that is looked at next.
    hand: usize,
    /// Counts the transactions.
    round: u64,
    /// Whether they have been held against the store since they were let go.
    pub held: bool,
}

struct Sheet {
    leaf: Leaf,
    /// The transaction that put it here.
    put: u64,
    /// Whether another has asked for it since, or since the hand came by.
    asked: bool,
}

impl Kept {
    /// Whether a transaction can begin as they are, without letting any go.
    pub fn room(&self, most: usize) -> bool {
        self.sheets.len() <= most
    }

    /// Begins a transaction, with no more than so many sheets. Where there are more, some room is made for the next ones too.
    pub fn begin(&mut self, most: usize) {
        self.round += 1;
        if self.room(most) {
            return;
        }
        while self.sheets.len() > most - most / 64 {
            let Some((_, sheet)) = self.sheets.get_index_mut(self.hand) else {
                self.hand = 0;
                continue;
            };
            if !std::mem::take(&mut sheet.asked) {
                // The last takes its place: the newest, which is not looked at before the hand comes by again.
                self.sheets.swap_remove_index(self.hand);
            }
            self.hand += 1;
        }
    }
}

impl Shelf for Kept {
    fn leaf(&mut self, key: &Key) -> Option<&mut Leaf> {
        let sheet = self.sheets.get_mut(key)?;
        sheet.asked |= sheet.put != self.round;
        Some(&mut sheet.leaf)
    }

    fn put(&mut self, key: Key, leaf: Leaf) {
        self.sheets.insert(key, Sheet { leaf, put: self.round, asked: false });
    }

    fn let_go(&mut self, key: &Key) {
        self.sheets.swap_remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_asks_for_goes_first() {
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

    #[test]
    fn what_was_let_go_by_name_is_gone_and_the_others_stay() {
        let mut kept = Kept::default();
        let key = |number: usize| Key::of(format!("person/{number}"));
        (0..100).for_each(|number| kept.put(key(number), Leaf::none()));
        kept.begin(64);
        let (there, gone): (Vec<usize>, Vec<usize>) = (0..100).partition(|number| kept.leaf(&key(*number)).is_some());
        assert_eq!((there.len(), gone.len()), (63, 37), "some room is made for the next ones too");
        kept.let_go(&key(there[0]));
        kept.put(key(gone[0]), Leaf::none());
        let found = (0..100).filter(|number| kept.leaf(&key(*number)).is_some());
        let mut expected: Vec<usize> = there[1..].iter().chain(&gone[..1]).copied().collect();
        expected.sort_unstable();
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }
}
