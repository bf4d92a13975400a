//! How long a fund lasts: people by sex and age carried from year to year, what they cost and bring in, the balance that
//! comes of it, and the lines at which it warns (JS22-07.2g, JS22-07.2k, CQ21-06.3e).
//!
//! Pure: figures in, figures out. Persons are millionths of a person, money is fen, rates are parts per million; there is no
//! float, no chance and no figure of its own. Deliberately absent: where assumptions come from, scenarios, seeds (they are
//! `microsim::forecast`); migration, and moves to and from the scheme of employees; the books of a fund.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at the first surprise"))]

pub mod base;
pub mod cohorts;
pub mod factors;
pub mod indicators;
pub mod project;
pub mod warning;

pub use base::{AgeRow, Base};
pub use cohorts::{Cohorts, Lives, PERSON, Sex};
pub use factors::{Factor, Part, parts};
pub use project::{Plan, Step, Year, project};
pub use warning::{Line, line};

/// What cannot be projected, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}\n  = {cure}")]
pub struct Unfit {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub cure: String,
}

impl Unfit {
    fn new(what: impl Into<String>, cure: impl Into<String>) -> Unfit {
        Unfit { what: what.into(), cure: cure.into() }
    }
}

/// More people or money than can be counted exactly.
fn too_large(year: i16) -> Unfit {
    let what = format!("{year} 年的人数或金额大到算不准 (too large)");
    Unfit::new(what, "把费用、缴费、生育或死亡的年增长写小一些，或少预测几年")
}

/// Parts per million of the whole.
const WHOLE: i64 = 1_000_000;

/// `amount` × `part` ÷ `whole`, half upwards; `whole` is not nothing. `None` where a product is too large to be exact.
fn share(amount: i128, part: i128, whole: i128) -> Option<i128> {
    Some(amount.checked_mul(part)?.checked_mul(2)?.checked_add(whole)?.div_euclid(whole * 2))
}

/// `None` for what fits no `i64`.
fn whole(amount: i128) -> Option<i64> {
    i64::try_from(amount).ok()
}

/// A sum; `None` where it fits no `i64`.
fn sum(amounts: impl IntoIterator<Item = i64>) -> Option<i64> {
    whole(amounts.into_iter().map(i128::from).sum())
}
