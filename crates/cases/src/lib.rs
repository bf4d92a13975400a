//! The case deck: cases written as data beside the notices, run against the terms they name; and what of the clause register
//! they show.
//!
//! A case says what goes in and what must come out; only what it names is compared, and a case that compares nothing is
//! wrong. `[[case.with.*]]` lays test figures over everything. Nothing here reads a file: the library holds the texts.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at the first surprise"))]

mod case;
mod compare;
mod coverage;
pub mod format;
mod kinds;
mod payments;
mod person;
mod telling;

use std::cell::OnceCell;
use std::collections::BTreeMap;

use domain::{Diagnostic, Place};
use policy::Library;

pub use compare::{Figure, figure};
pub use coverage::{BY_TEST, ClauseCoverage, CoverageRow, State, coverage, summary};
pub use payments::{judged, payments};
pub use telling::Telling;

/// All cases of a library, run.
#[derive(Clone, Debug, Default)]
pub struct Deck {
    /// In the order of the files.
    pub cases: Vec<CaseResult>,
    /// What is wrong with the case files themselves.
    pub findings: Vec<Diagnostic>,
}

/// One case, run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseResult {
    /// Its name.
    pub name: String,
    /// Slug of the region it is run in.
    pub region: String,
    /// Its kind, as `settle`.
    pub kind: &'static str,
    /// Clauses it shows.
    pub clauses: Vec<String>,
    /// Where it is written.
    pub place: Place,
    /// How it went.
    pub outcome: Outcome,
}

/// How a case went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All that it names is as expected.
    Passed,
    /// What is not, with expected and got; then the steps that led there.
    Failed(Vec<String>),
}

impl Deck {
    /// Whether everything passed and nothing is wrong with the files.
    pub fn passed(&self) -> bool {
        self.findings.is_empty() && self.cases.iter().all(|case| case.outcome == Outcome::Passed)
    }

    /// The cases that failed.
    pub fn failed(&self) -> impl Iterator<Item = &CaseResult> {
        self.cases.iter().filter(|case| case.outcome != Outcome::Passed)
    }
}

/// A case before it is run.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// Its name.
    pub name: &'a str,
    /// Slug of the region it is run in.
    pub region: &'a str,
    /// Clauses it shows.
    pub clauses: &'a [String],
    /// Where it is written.
    pub place: &'a Place,
}

/// Runs all cases of a library.
pub fn run(library: &Library) -> Deck {
    run_some(library, telling::CHINESE, |_| true)
}

/// Runs the cases that are wanted; how bills came out, and why what was refused was, is told in a language, where it is not as
/// expected. What is wrong with the files is found in all of them.
pub fn run_some(library: &Library, telling: Telling<'_>, wanted: impl Fn(Named<'_>) -> bool) -> Deck {
    let mut deck = Deck::default();
    let mut names: BTreeMap<(String, String), Place> = BTreeMap::new();
    let shared = OnceCell::new();
    for file in &library.cases {
        let (cases, findings) = case::read(library, &shared, telling, file);
        deck.findings.extend(findings);
        for case in cases {
            let twice = names.insert((file.region.clone(), case.name.clone()), case.place.clone());
            deck.findings.extend(twice.map(|first| {
                let what = format!("案例“{}”的名称已用于 {first}", case.name);
                Diagnostic::error("duplicate-case", case.place.clone(), what, "同一地区的案例各有其名")
            }));
            let named = Named { name: &case.name, region: &file.region, clauses: &case.clauses, place: &case.place };
            if !wanted(named) {
                continue;
            }
            let outcome = case.run();
            deck.findings.extend(case.findings.iter().cloned());
            deck.cases.push(CaseResult {
                name: case.name,
                region: file.region.clone(),
                kind: case.kind.name,
                clauses: case.clauses,
                place: case.place,
                outcome,
            });
        }
    }
    deck
}

#[cfg(test)]
mod tests;
