//! From terms and a bill to a settlement with its reasons, or a refusal that names what is missing.
//!
//! Terms compile once into a [`Plan`]: dense tables from facts to figures. A person's bills then run through it in order
//! against a [`State`] of running amounts; [`Engine`] holds the plans of a span of days and settles a person's bills, rolls
//! years over, takes reversals back and re-settles what came after. Nothing here reads a file or a clock, and the run over a
//! bill allocates nothing.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at the first surprise"))]

mod batch;
mod carry;
mod columns;
mod compile;
mod engine;
mod explain;
mod follow;
mod lanes;
mod person;
mod plan;
mod reach;
mod refusal;
mod run;
mod scope;
mod state;
mod year;

pub use batch::{Alike, Amounts, Batch, Classes, KindId};
pub use carry::Rolled;
pub use columns::{BillSums, Bound, Columns, MAX_FUNDS, Sink, Unfit};
pub use compile::Options;
pub use engine::{Engine, Entry, EntryKind, Opening, Settlement};
pub use explain::{Reason, reasons};
pub use lanes::{Eight, LANES, LaneSink, Lanes};
pub use person::{PersonRun, Progress, Standing};
pub use plan::{Base, Cite, Plan, Source, Stage};
pub use reach::{Difference, Limits, Reach, Reaches};
pub use refusal::Refusal;
pub use run::{NoSteps, Recorder, StageStep, Visit};
pub use state::{SlotId, Slots, State};
pub use year::Gauge;
