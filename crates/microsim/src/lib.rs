//! A province that is not there: made-up people, their enrolment, hospitals and bills, by the terms of a real region.
//!
//! Files are allowed here; the clock, the network and any randomness but the seeded are not, nor is a float: the same seed
//! gives the same bytes on every machine and with any number of threads.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at the first surprise"))]

mod arrays;
pub mod bills;
pub mod files;
pub mod forecast;
pub mod generate;
pub mod outcome;
pub mod report;
pub mod run;

/// Who follows how a province is made, and may stop it.
pub trait Watch: Sync {
    /// A part is done, of so many.
    fn part(&self, _part: i64, _parts: i64) {}
    /// So many persons more are made, of one year.
    fn made(&self, _persons: i64) {}
    /// Whether it is no longer wanted: what is being done then ends with [`Stopped`].
    fn stopped(&self) -> bool {
        false
    }
}

/// Nobody follows it.
impl Watch for () {}

/// It was stopped by who followed it; the same goes on with what is left.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("已停 (stopped)")]
pub struct Stopped;

/// What was asked cannot be done, and what to do instead.
#[derive(Debug, thiserror::Error)]
#[error("{what}\n  = {cure}")]
pub struct Refused {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub cure: String,
}

impl Refused {
    /// A refusal.
    pub fn new(what: impl Into<String>, cure: impl Into<String>) -> Refused {
        Refused { what: what.into(), cure: cure.into() }
    }
}
