//! What a provider sends after a visit: the settlement sheet (结算清单) of a settlement, and what a physician did about a hint
//! of the review.
//!
//! A sheet is checked against the settlement it is of, sealed as it came, and followed through its states. Deliberately absent:
//! grouping by diagnosis, and the review that gives the hints.

mod check;
mod feedback;
mod nodes;
mod questions;
mod sheet;
#[cfg(test)]
mod tests;
mod upload;

use crate::command::Command;
use crate::question::Query;

pub use feedback::{Act, Feedback, FeedbackEntry, ListFeedback, RecordFeedback};
pub use questions::{ListSheets, ReadSheet};
pub use sheet::{SettlementSheet, SheetEntry, SheetState, Summary};
pub use upload::{MoveSheet, MoveSheets, UploadSheet};

/// The commands of settlement sheets and feedback.
pub const COMMANDS: &[Command] = &[
    Command::of::<UploadSheet>(),
    Command::of::<MoveSheet>(),
    Command::of::<MoveSheets>(),
    Command::of::<ReadSheet>(),
    Command::of::<RecordFeedback>(),
];

/// The questions about settlement sheets and feedback.
pub const QUERIES: &[Query] = &[Query::of::<ListSheets>(), Query::of::<ListFeedback>()];
