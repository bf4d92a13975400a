//! The law as data: notice files read, checked and folded into the terms in force for a region and a day.
//!
//! Texts come in, values and findings go out; this crate opens no file. Every field that a file may hold stands once in
//! [`registry`]. Deliberately absent: what the figures mean for a bill (settlement) or for a person (enrolment).
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at the first surprise"))]

pub mod completion;
pub mod conditions;
pub mod library;
mod links;
pub mod notice;
pub mod open;
mod order;
pub mod reader;
pub mod region;
pub mod register;
pub mod registry;
pub mod rules;
pub mod set;
pub mod statements;
mod status;
pub mod tables;
pub mod terms;
pub mod value;
pub mod vocabulary;

pub use conditions::{Conditions, Facts, Names, Space, Test};
pub use library::{CaseFile, FiguresFile, Library, SourceFile};
pub use notice::{Notice, NoticeKind, Provision};
pub use open::{OpenFigure, open_figures};
pub use order::place;
pub use region::{Region, Statistic};
pub use register::{Clause, Register};
pub use set::Set;
pub use statements::{Finding, Payments, StagePayments};
pub use status::{Status, notice_end};
pub use terms::{Cited, Held, Memo, Missing, Terms, View};
pub use value::{Amount, Derivation, Record, Row, Value};
