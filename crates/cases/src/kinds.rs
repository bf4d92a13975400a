//! The kinds of cases: what each reads, what it may expect, and how it is run.

pub(crate) mod accident;
pub(crate) mod account;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod cover;
pub(crate) mod due;
pub(crate) mod settle;
pub(crate) mod story;
pub(crate) mod subsidy;
pub(crate) mod terms;

use domain::Date;
use enrolment::Step;
use policy::registry::Field;

use crate::case::Case;

/// One kind of case.
pub(crate) struct CaseKind {
    /// The word used in files.
    pub name: &'static str,
    /// Its fields, beside the common ones.
    pub fields: &'static [Field],
    /// What may be expected; `stage.*` for any stage.
    pub expect: &'static [&'static str],
    /// Runs a case; what is not as expected, then the steps.
    pub run: fn(&Case<'_>) -> Vec<String>,
}

/// The words of the kinds.
pub(crate) const NAMES: &[&str] =
    &["settle", "due", "subsidy", "cover", "account", "accident", "check", "terms", "compare", "story"];

/// The kind of a case that names none.
pub(crate) const SETTLE: CaseKind = settle::KIND;

pub(crate) const ALL: &[CaseKind] = &[
    SETTLE,
    due::KIND,
    subsidy::KIND,
    cover::KIND,
    account::KIND,
    accident::KIND,
    check::KIND,
    terms::KIND,
    compare::KIND,
    story::KIND,
];

/// Whether a kind has bills and an opening state.
pub(crate) fn with_bills(kind: &str) -> bool {
    [SETTLE.name, compare::KIND.name].contains(&kind)
}

/// The kind of a name.
pub(crate) fn named(name: &str) -> Option<&'static CaseKind> {
    ALL.iter().find(|kind| kind.name == name)
}

/// Steps in words.
fn words(steps: &[Step]) -> Vec<String> {
    steps.iter().map(ToString::to_string).collect()
}

/// The year of a case, or that of its day.
fn year(case: &Case<'_>) -> i16 {
    let written = case.body.integer("year").and_then(|year| i16::try_from(year).ok());
    written.or(case.body.date("on").map(Date::year)).unwrap_or(0)
}

/// The day of a case, or a day of its year.
fn day(case: &Case<'_>, month: i8, day: i8) -> Option<Date> {
    case.body.date("on").or_else(|| Date::new(year(case), month, day).ok())
}
