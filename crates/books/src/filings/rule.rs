//! What the terms say about filings of a kind.

use domain::Date;
use policy::{Cited, Terms};

use super::sheet::Kind;
use crate::answer::{Refusal, Step};
use crate::desk::Desk;

/// The terms of a day about one kind of filing.
pub(super) struct Rule<'l> {
    pub terms: Terms<'l>,
    pub kind: Kind,
}

impl<'l> Rule<'l> {
    /// The terms of a day.
    pub fn on(desk: &Desk<'l>, kind: Kind, day: Date) -> Result<Rule<'l>, Refusal> {
        Ok(Rule { terms: desk.rules.terms(day)?, kind })
    }

    /// The key of a part, as `filing.special.term`.
    pub fn key(&self, part: &str) -> String {
        format!("filing.{}.{part}", self.kind.code())
    }

    /// A part that is in force, where the region's books accept what it rests on.
    pub fn part(&self, desk: &Desk<'_>, part: &str) -> Result<Option<Cited<'l>>, Refusal> {
        let Ok(cited) = self.terms.get(&self.key(part)) else { return Ok(None) };
        desk.rules.accept(cited.provision.basis)?;
        Ok(Some(cited))
    }
}

/// A refusal by a provision.
pub(super) fn refused(cited: Cited<'_>, code: &str, message: String, cure: impl Into<String>) -> Refusal {
    Refusal::new(code, message, cure).by(cited.provision.clauses.iter().cloned())
}

/// The refusal of what no notice sets. Where a notice leaves it to another text, its clause and what it needs are named.
pub(super) fn unset(terms: &Terms<'_>, code: &str, key: &str, message: String) -> Refusal {
    let open = terms.family("open.").map(|(_, cited)| cited.provision).find(|p| p.record.text("what") == Some(key));
    let needs = open.and_then(|p| p.record.text("needs")).map(|needs| format!("需要：{needs}；")).unwrap_or_default();
    let cure = format!("{needs}补上 [[{key}]]：写进通知文件，或写进补充文件并注明依据和来源");
    Refusal::new(code, message, cure).by(open.into_iter().flat_map(|p| p.clauses.iter().cloned()))
}

/// A reason by a provision.
pub(super) fn step(cited: Cited<'_>, text: String) -> Step {
    let provision = cited.provision;
    Step { text, english: String::new(), sources: provision.clauses.clone(), basis: provision.basis.code().to_owned() }
}

/// A reason of plain fact.
pub(super) fn fact(text: String) -> Step {
    Step { text, english: String::new(), sources: Vec::new(), basis: domain::Basis::Stated.code().to_owned() }
}

/// A whole number of a provision that counts something.
pub(super) fn count(cited: Cited<'_>, field: &str) -> Option<i64> {
    cited.provision.record.integer(field).filter(|count| *count >= 0)
}

/// A day some months later.
pub(super) fn months(day: Date, months: i64) -> Date {
    i32::try_from(months).ok().and_then(|m| day.checked_add(jiff::Span::new().months(m)).ok()).unwrap_or(Date::MAX)
}
