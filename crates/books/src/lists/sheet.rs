//! A settlement sheet in the books: sealed as it came, with what may stand in clear beside it.

use domain::{Date, vocabulary};
use serde::{Deserialize, Serialize};

use crate::codec::{Word, Yuan};
use crate::fold::{Fold, Stamp};
use crate::sheets::Key;
use crate::vault::Sealed;

vocabulary! {
    /// How far a sheet has come.
    SheetState {
        Uploaded = "uploaded", "已上传", "uploaded";
        Submitted = "submitted", "已提交", "submitted";
        Returned = "returned", "已退回", "returned to the provider";
        Accepted = "accepted", "已接收", "accepted";
    }
}

impl SheetState {
    /// Whether a sheet may go from this state to that. Only what is not submitted is replaced by another upload.
    pub fn may_become(self, to: SheetState) -> bool {
        use SheetState::{Accepted, Returned, Submitted, Uploaded};
        matches!(
            (self, to),
            (Uploaded | Returned, Uploaded | Submitted)
                | (Submitted, Uploaded | Returned | Accepted)
                | (Accepted, Returned)
        )
    }
}

/// What may stand in clear of a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The provider.
    pub provider: String,
    /// Number of the visit at the provider.
    pub visit: String,
    /// Day of the visit's end.
    pub date: Date,
    /// The bill.
    pub total: Yuan,
    /// Code of the main diagnosis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main: Option<String>,
    /// How many diagnoses.
    pub diagnoses: u32,
    /// How many operations.
    pub operations: u32,
    /// Codes that no table of the day has, so that nothing was held against them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
}

/// What can be recorded of a settlement's sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum SheetEntry {
    /// It is uploaded, or takes the place of the one before.
    Uploaded {
        /// What may stand in clear.
        summary: Summary,
        /// All of it, as canonical JSON, sealed.
        sealed: Sealed,
    },
    /// It goes to another state.
    Moved {
        /// Which.
        to: Word<SheetState>,
        /// Why.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
}

/// The sheet of a settlement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementSheet {
    /// How far it has come.
    pub state: Option<Word<SheetState>>,
    /// What may stand in clear.
    pub summary: Option<Summary>,
    /// All of it, sealed.
    pub sealed: Option<Sealed>,
    /// Why it was moved last.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl Fold for SettlementSheet {
    type Entry = SheetEntry;
    const KIND: &'static str = "sheet";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &SheetEntry) {
        match entry {
            SheetEntry::Uploaded { summary, sealed } => {
                self.state = Some(Word(SheetState::Uploaded));
                self.summary = Some(summary.clone());
                self.sealed = Some(sealed.clone());
                self.reason.clear();
            }
            SheetEntry::Moved { to, reason } => {
                self.state = Some(*to);
                self.reason.clone_from(reason);
            }
        }
    }
}

/// The stream of the sheet of a settlement.
pub(super) fn key(settlement: &str) -> Key {
    Key::of(format!("sheet/{}", settlement.trim()))
}
