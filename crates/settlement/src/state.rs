//! A person's running amounts: deductible used, position in the bands, cap used, admissions, and what earlier years left.
//!
//! Amounts live in numbered slots. A slot's name stays the same over all plans of a region, so that a change of terms inside
//! the year keeps what was used before it.

use std::collections::BTreeMap;

/// The most slots a region may use; a plan that needs more is refused when it is compiled.
pub const MAX_SLOTS: usize = 128;

/// Number of a slot.
pub type SlotId = u8;

/// The slot of what needs none: always nothing. It is the last, so that a run reads and adds without asking.
pub const NO_SLOT: SlotId = (MAX_SLOTS - 1) as SlotId;

/// The slots of a region: their names, and whether they end with the year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    by_name: BTreeMap<String, SlotId>,
    yearly: Vec<bool>,
}

impl Slots {
    /// The slot of a name, made if it is new. `None` when there are too many.
    pub fn slot(&mut self, name: &str, yearly: bool) -> Option<SlotId> {
        if let Some(slot) = self.by_name.get(name) {
            return Some(*slot);
        }
        let slot = u8::try_from(self.yearly.len()).ok().filter(|slot| *slot < NO_SLOT)?;
        self.by_name.insert(name.to_owned(), slot);
        self.yearly.push(yearly);
        Some(slot)
    }

    /// The slot of a name, if it exists.
    pub fn find(&self, name: &str) -> Option<SlotId> {
        self.by_name.get(name).copied()
    }

    /// The names, with their slots.
    pub fn iter(&self) -> impl Iterator<Item = (&str, SlotId)> {
        self.by_name.iter().map(|(name, slot)| (name.as_str(), *slot))
    }

    /// How many slots there are.
    pub fn len(&self) -> usize {
        self.yearly.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.yearly.is_empty()
    }

    /// Whether any lasts beyond a year.
    pub fn any_lasting(&self) -> bool {
        self.yearly.contains(&false)
    }

    /// Ends a year: what is yearly goes back to nothing.
    pub fn end_year(&self, state: &mut State) {
        for (slot, yearly) in self.yearly.iter().enumerate() {
            if *yearly {
                state.amounts[slot] = 0;
            }
        }
        state.admissions = 0;
    }
}

/// The running amounts of one person, in fen unless a slot says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// By slot.
    pub amounts: [i64; MAX_SLOTS],
    /// Admissions of the year so far.
    pub admissions: u8,
    /// Carry rules whose flag the person holds this year.
    pub flags: u32,
}

impl Default for State {
    fn default() -> State {
        State { amounts: [0; MAX_SLOTS], admissions: 0, flags: 0 }
    }
}
