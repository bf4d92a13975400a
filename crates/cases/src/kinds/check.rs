//! `check`: what the checker says about the region's terms with the test figures over them.

use domain::{Diagnostic, Severity};
use policy::registry::Kind;
use policy::statements::{self, Finding};

use super::CaseKind;
use crate::case::{Case, may};
use crate::compare::Compare;

pub(crate) const KIND: CaseKind = CaseKind {
    name: "check",
    fields: &[may("on", Kind::Date, "only what is found on this day")],
    expect: &["finding", "contains", "note", "holds", "clean"],
    run,
};

/// A finding with what it is about in front.
struct Told {
    about: String,
    severity: Severity,
    words: String,
}

fn run(case: &Case<'_>) -> Vec<String> {
    let mut compare = Compare::new("", &case.expect);
    let on = case.body.date("on");
    let judged = statements::judge(case.library, case.region, &case.view(), on, Some(&crate::payments));
    let told = told(case, &judged.findings);
    let held: Vec<&str> = judged.held.iter().map(String::as_str).collect();
    let part = case.expect.text("contains");
    let about = |wanted: fn(Severity) -> bool| -> Vec<&str> {
        let fitting =
            told.iter().filter(|told| wanted(told.severity) && part.is_none_or(|part| told.words.contains(part)));
        fitting.map(|told| told.about.as_str()).collect()
    };
    compare.one_of("finding", &about(|severity| severity > Severity::Note));
    compare.one_of("note", &about(|severity| severity == Severity::Note));
    compare.one_of("holds", &held);
    compare.flag("clean", told.iter().all(|told| told.severity == Severity::Note));
    let words: Vec<String> = told.into_iter().map(|told| told.words).collect();
    compare.contains("contains", &words.join("\n"));
    compare.finish(words)
}

fn told(case: &Case<'_>, stated: &[Finding]) -> Vec<Told> {
    let of_overlay = case.overlay_findings.iter().map(|finding| tell(finding.code, finding));
    of_overlay.chain(stated.iter().map(|finding| tell(&finding.about, &finding.diagnostic))).collect()
}

fn tell(about: &str, finding: &Diagnostic) -> Told {
    let words = format!("{}[{about}] {}", finding.severity.code(), finding.message);
    Told { about: about.to_owned(), severity: finding.severity, words }
}
