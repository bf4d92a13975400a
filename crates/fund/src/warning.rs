//! The line at which the terms make a fund warn: so many months that its balance must pay for (JS22-07.2k).

use domain::Basis;
use policy::Terms;

/// A line of payable months.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Below so many months it warns.
    pub months: i64,
    /// Clause ids.
    pub clauses: Vec<String>,
    /// On what it rests.
    pub basis: Basis,
}

/// The line of the terms; `None` where they set none, or not any more.
pub fn line(terms: &Terms<'_>) -> Option<Line> {
    let provision = terms.get("fund.warning").ok()?.provision;
    let months = provision.record.integer("months")?;
    Some(Line { months, clauses: provision.clauses.clone(), basis: provision.basis })
}
