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
pub mod run;

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
