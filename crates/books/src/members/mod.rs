//! Members: who is enrolled in which insured year, as what, in which state, and how a person is insured on a day.

mod batch;
mod birth;
mod coverage;
mod duplicates;
mod enrol;
mod facts;
mod follow;
mod insured;
mod join;
mod list;
#[cfg(test)]
mod lists_tests;
mod membership;
mod moves;
mod number;
mod rates;
mod snapshot;
mod snapshots;
mod start;
#[cfg(test)]
mod tests;
mod transfer;
mod transfers;

use domain::Date;

use crate::command::Command;
use crate::question::Query;
use crate::sheets::Key;

pub use batch::{Batch, Renew};
pub use birth::RecordBirth;
pub use coverage::{Coverage, Gap};
pub use duplicates::{ListDuplicates, Overlap};
pub use enrol::{Application, Enrol, Enrolled, enrol};
pub use follow::{follow, followed};
pub use insured::{Insured, gap, insured, keys};
pub use join::Join;
pub use list::{CoverOn, ListMembers, ShowMember};
pub use membership::{Capacity, Cause, Channel, Membership, MembershipEntry, Move, Relation, Start, State};
pub use moves::{ChangeTier, End, Pause, Resume, Revive, end_refunded};
pub use number::TRACKING;
pub use rates::{Rates, SetTarget, Target, TargetEntry};
pub use snapshot::{Counted, Double, Snapshot, SnapshotEntry, counted, snapshot_key};
pub use snapshots::{CheckSnapshot, CompareSnapshot, CountSnapshot, ExportSnapshot, ListSnapshot, TakeSnapshot};
pub use start::settle_start;
pub use transfer::{
    AnswerTransfer, Direction, FinishTransfer, Record, Stage, Transfer, TransferEntry, TransferIn, TransferOut,
    transfer_key,
};
pub use transfers::ListTransfers;

/// The commands of members.
pub const COMMANDS: &[Command] = &[
    Command::of::<Enrol>(),
    Command::of::<ChangeTier>(),
    Command::of::<Pause>(),
    Command::of::<Resume>(),
    Command::of::<End>(),
    Command::of::<Revive>(),
    Command::of::<RecordBirth>(),
    Command::of::<Join>(),
    Command::of::<Batch>(),
    Command::of::<Renew>(),
    Command::of::<TransferIn>(),
    Command::of::<TransferOut>(),
    Command::of::<AnswerTransfer>(),
    Command::of::<FinishTransfer>(),
    Command::of::<TakeSnapshot>(),
    Command::of::<CompareSnapshot>(),
    Command::of::<SetTarget>(),
];

/// The questions about members.
pub const QUERIES: &[Query] = &[
    Query::of::<ListMembers>(),
    Query::of::<ShowMember>(),
    Query::of::<CoverOn>(),
    Query::of::<ListTransfers>(),
    Query::of::<ListDuplicates>(),
    Query::of::<Coverage>(),
    Query::of::<Rates>(),
    Query::of::<ListSnapshot>(),
    Query::of::<CheckSnapshot>(),
    Query::of::<CountSnapshot>(),
    Query::of::<ExportSnapshot>(),
];

/// The month in which an academic year begins.
const ACADEMIC_MONTH: i8 = 9;

/// A person's number, from the stream of the dossier.
pub fn id(person: &Key) -> &str {
    person.subject.strip_prefix("person/").unwrap_or(&person.subject)
}

/// The stream of a person's insured year.
pub fn key(person: &Key, year: i16) -> Key {
    Key::in_year(format!("member/{}", id(person)), year)
}

/// First day of an insured year.
pub fn begins(year: i16, academic: bool) -> Date {
    Date::new(year, if academic { ACADEMIC_MONTH } else { 1 }, 1).unwrap_or(Date::MIN)
}

/// First day after an insured year.
pub fn ends(year: i16, academic: bool) -> Date {
    begins(year.saturating_add(1), academic)
}
