//! What a person pays for cover and who pays the rest, which government pays which part of the subsidy, from which day
//! benefits run, and the yearly rules of personal accounts and the accident add-on.
//!
//! Pure functions over the terms in force: `(terms, facts) -> outcome with its reasons`, or a refusal that names the key that
//! is missing, its clause and the cure. Nothing here opens a file or asks the clock, and nothing missing is read as zero.
//! Deliberately absent: registers, workflows and the state of a person's payments.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at the first surprise"))]

pub mod accident;
pub mod account;
pub mod cover;
pub mod due;
mod person;
pub mod reasons;
pub mod subsidy;
#[cfg(test)]
mod testing;
pub mod year;

pub use accident::{Accident, Draw, accident, accident_draw};
pub use account::{Costs, Transfer, Withdrawal, account_transfer, account_withdrawal};
pub use cover::{Cover, Joining, RecordState, cover};
pub use due::{Asking, Due, Sponsored, due, due_in_all};
pub use reasons::{Refusal, Step};
pub use subsidy::{Claim, Split, Subsidy, subsidy};
pub use year::InsuredYear;
