//! Which files were loaded, from whom, and what became of their lines.

use domain::Date;
use serde::{Deserialize, Serialize};

use super::file::Source;
use crate::fold::{Fold, Stamp};

/// How many lines went which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Codes that were not known.
    pub new: u32,
    /// Lines that tell something else, or of another day, of a known code.
    pub changed: u32,
    /// Lines that were known.
    pub same: u32,
    /// Lines that were not taken.
    pub rejected: u32,
}

/// A file that was loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// SHA-256 of the file.
    pub hash: String,
    /// The day.
    pub on: Date,
    /// Where it comes from.
    pub source: Source,
    /// What became of its lines.
    pub counts: Counts,
}

/// What can be recorded of a catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum LoadEntry {
    /// A file was loaded.
    Loaded(Load),
}

/// The files of a catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loads {
    /// In the order they were loaded.
    pub loads: Vec<Load>,
}

impl Fold for Loads {
    type Entry = LoadEntry;
    const KIND: &'static str = "catalogue";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &LoadEntry) {
        let LoadEntry::Loaded(load) = entry;
        self.loads.push(load.clone());
    }
}
