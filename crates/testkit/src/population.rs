//! Bills made ready for columns: each bill's kind, numbered as it is met, and its amounts.

use std::collections::HashMap;

use domain::Bill;
use settlement::{Alike, Batch, Classes, Engine, KindId};

/// A batch, and a bill of each of its kinds.
pub struct Population {
    alike: Alike,
    batch: Batch,
    kinds: Vec<Bill>,
    known: HashMap<String, KindId>,
}

impl Population {
    /// Without bills; kinds are what any of these engines tells apart.
    pub fn under<'e>(engines: impl IntoIterator<Item = &'e Engine>) -> Population {
        let alike = Alike::under(engines);
        Population { alike, batch: Batch::default(), kinds: Vec::new(), known: HashMap::new() }
    }

    /// Adds a person's bills, in order of their days.
    pub fn add(&mut self, bills: &[Bill]) {
        for bill in bills {
            let kind = self.alike.kind(bill);
            let next = self.kinds.len() as KindId;
            let id = *self.known.entry(format!("{kind:?}")).or_insert(next);
            if id == next {
                self.kinds.push(kind);
            }
            self.batch.push(id, &Classes::of(&bill.amounts));
        }
        self.batch.end_person();
    }

    /// The bills in columns.
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// A bill of each kind, by its number.
    pub fn kinds(&self) -> &[Bill] {
        &self.kinds
    }
}
