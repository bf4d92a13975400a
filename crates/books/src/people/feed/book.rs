//! What a partner has sent: each file with its day and its hash, and what became of its rows.

use std::collections::BTreeMap;

use domain::Date;
use serde::{Deserialize, Serialize};

use super::fact::Fact;
use super::rows::Reject;
use crate::fold::{Fold, Stamp};

/// How many rows went which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows in the file.
    pub rows: u32,
    /// Rows that changed something.
    pub accepted: u32,
    /// Rows that were known.
    pub unchanged: u32,
    /// Rows that a later report overrides.
    pub superseded: u32,
    /// Persons whose fact ended because a full list does not have them.
    pub ended: u32,
    /// Persons who came on the register by a row.
    pub registered: u32,
    /// Rows where another register says otherwise.
    pub conflicts: u32,
    /// Rows that were not loaded.
    pub rejected: u32,
}

/// A file that was loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Keyed hash of its text.
    pub hash: String,
    /// As of which day it reports.
    pub reported: Date,
    /// On which day it was loaded.
    pub on: Date,
    /// The fact that all its rows tell, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fact: Option<Fact>,
    /// Whether it lists everybody who has the fact on the day of the report.
    pub complete: bool,
    /// What became of its rows.
    pub counts: Counts,
}

/// What can be recorded of a partner's feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum FeedEntry {
    /// A file was loaded.
    Loaded {
        /// The file.
        load: Load,
        /// Rows that were not loaded, masked.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        rejects: Vec<Reject>,
    },
}

/// The feed of a partner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedBook {
    /// Files, in the order they were loaded.
    pub loads: Vec<Load>,
    /// The days of the full lists, by fact.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lists: BTreeMap<Fact, Vec<Date>>,
}

impl FeedBook {
    /// The first full list of a fact after a day.
    pub fn listed_after(&self, fact: Fact, day: Date) -> Option<Date> {
        self.lists.get(&fact)?.iter().copied().filter(|list| *list > day).min()
    }
}

impl Fold for FeedBook {
    type Entry = FeedEntry;
    const KIND: &'static str = "feed";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &FeedEntry) {
        let FeedEntry::Loaded { load, .. } = entry;
        if let Some(fact) = load.fact.filter(|_| load.complete) {
            let days = self.lists.entry(fact).or_default();
            if !days.contains(&load.reported) {
                days.push(load.reported);
            }
        }
        self.loads.push(load.clone());
    }
}
