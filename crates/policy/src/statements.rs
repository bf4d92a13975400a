//! What the notices say about their own figures, held against the figures: the `[[check.*]]` statements, the national frame,
//! published figures against their rules, the order of layers, and combinations that a stage covers but no row answers.
//!
//! A statement is judged on every day on which the terms change while it holds. A figure that it needs and that is open or
//! absent gives a note, never a finding. What a stage would pay is asked of the caller ([`Payments`]): this crate knows
//! figures, not bills. `about-share` is an indicator for reports and is not judged here.

mod amounts;
mod bands;
mod exclusive;
pub(crate) mod figures;
mod payments;
mod regions;
mod structure;

use std::collections::{BTreeMap, BTreeSet};

use domain::{Basis, Date, Diagnostic, Fen, Place, Severity};

use crate::conditions::{Facts, Names};
use crate::library::Library;
use crate::notice::{Notice, NoticeKind};
use crate::region::Region;
use crate::terms::{Cited, Missing, Terms, View};

pub use figures::answering;

/// What one stage pays of a first bill of the year that leaves this burden to it; `None` where a figure is missing.
pub type StagePayments = Box<dyn Fn(&str, &Facts, Fen) -> Option<Fen>>;

/// Payments under the terms of a day. Made by who can settle; without it, statements about payments are notes.
pub type Payments<'p> = &'p dyn Fn(&Terms<'_>) -> StagePayments;

/// One finding, and the statement or key it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Name of the check (`subsidy-floor` for `[[check.subsidy-floor]]`), or the key of the table concerned.
    pub about: String,
    /// The finding.
    pub diagnostic: Diagnostic,
}

/// What came of holding figures against statements.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// What is not as stated, and what could not be judged.
    pub findings: Vec<Finding>,
    /// Names of the checks that were judged on some day and found to hold.
    pub held: BTreeSet<String>,
}

/// Holds a region's terms against all statements about them: on one day, or on every day on which they change.
pub fn check(
    library: &Library,
    region: &Region,
    view: &View<'_>,
    on: Option<Date>,
    payments: Option<Payments<'_>>,
) -> Vec<Finding> {
    judge(library, region, view, on, payments).findings
}

/// The same, with the names of the checks that hold.
pub fn judge(
    library: &Library,
    region: &Region,
    view: &View<'_>,
    on: Option<Date>,
    payments: Option<Payments<'_>>,
) -> Judgement {
    let days = on.map_or_else(|| days(library, region, view), |day| vec![day]);
    let mut report = Report::default();
    for day in days {
        let terms = library.terms(region, day, view);
        let names = terms.names();
        for (name, cited) in statements(&terms) {
            let check = Check { name, cited, terms: &terms, names: &names, payments };
            let identity = std::ptr::from_ref(cited.provision) as usize;
            report.judge(identity, name, check.judge());
        }
        let structure = structure::check(&terms, &names, &mut report.seen_tables);
        report.add(structure);
    }
    report.finish()
}

/// The days to look at: where terms change or a frame begins, and each New Year between, for figures that follow a yearly
/// statistic.
fn days(library: &Library, region: &Region, view: &View<'_>) -> Vec<Date> {
    let frames = frames(library, region, view).flat_map(|notice| &notice.provisions);
    let begins = frames.map(|provision| provision.period.from);
    let changes: BTreeSet<Date> = library.change_days(region, view).into_iter().chain(begins).collect();
    let years = changes.first().map_or(0, |day| day.year())..=changes.last().map_or(-1, |day| day.year());
    let new_years = years.filter_map(|year| Date::new(year, 1, 1).ok());
    let days: BTreeSet<Date> = changes.iter().copied().chain(new_years).collect();
    days.into_iter().collect()
}

/// The frames above a region, as far as they were known.
fn frames<'l>(library: &'l Library, region: &'l Region, view: &View<'l>) -> impl Iterator<Item = &'l Notice> {
    let (known_on, without) = (view.known_on, view.without.clone());
    let above = move |notice: &&Notice| notice.kind == NoticeKind::Frame && notice.region != region.slug;
    let kept = move |notice: &&Notice| {
        known_on.is_none_or(|known_on| notice.issued <= known_on) && !without.contains(&notice.id)
    };
    library.notices_of(region).into_iter().filter(above).filter(kept)
}

/// The statements of a day by name: the region's own, and those of the frames above it.
fn statements<'l>(terms: &Terms<'l>) -> Vec<(&'l str, Cited<'l>)> {
    let of_frames = frames(terms.library, terms.region, &terms.view).flat_map(|notice| {
        let held = notice.provisions.iter().filter(|provision| provision.period.contains(terms.day));
        held.filter_map(move |provision| Some((provision.key.strip_prefix("check.")?, Cited { provision, notice })))
    });
    terms.family("check.").chain(of_frames).collect()
}

/// Findings so far, each once.
#[derive(Default)]
struct Report {
    findings: Vec<Finding>,
    /// Statements that could be judged on some day, by name, and the notes of those that could not.
    judged: BTreeMap<usize, String>,
    unknown: BTreeMap<usize, Finding>,
    seen_tables: BTreeSet<(usize, usize)>,
}

impl Report {
    fn judge(&mut self, identity: usize, name: &str, verdict: Verdict) {
        match verdict {
            Ok(findings) => {
                self.judged.insert(identity, name.to_owned());
                self.add(findings);
            }
            Err(note) => {
                self.unknown.entry(identity).or_insert(*note);
            }
        }
    }

    fn add(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            if !self.findings.contains(&finding) {
                self.findings.push(finding);
            }
        }
    }

    fn finish(self) -> Judgement {
        let Report { mut findings, judged, unknown, .. } = self;
        let mut held: BTreeSet<String> = judged.values().cloned().collect();
        held.retain(|name| findings.iter().all(|finding| finding.about != *name));
        findings
            .extend(unknown.into_iter().filter(|(identity, _)| !judged.contains_key(identity)).map(|(_, note)| note));
        findings.sort_by(|a, b| (&a.diagnostic.place, &a.about).cmp(&(&b.diagnostic.place, &b.about)));
        Judgement { findings, held }
    }
}

/// What a statement came to: findings, or the note that it cannot be judged.
type Verdict = Result<Vec<Finding>, Box<Finding>>;

/// A statement on a day.
struct Check<'a, 'l> {
    name: &'l str,
    cited: Cited<'l>,
    terms: &'a Terms<'l>,
    names: &'a Names,
    payments: Option<Payments<'a>>,
}

impl<'l> Check<'_, 'l> {
    fn judge(&self) -> Verdict {
        match self.cited.provision.record.text("kind").unwrap_or_default() {
            "at-least" => self.at_least(),
            "rises-by" => self.rises_by(),
            "equals" => self.equals(),
            "about-times" => self.about_times(),
            "half-income" => self.half_income(),
            "by-level" => self.by_level(),
            "every-band-rises" => self.against_before("没有提高", |old, new| new > old),
            "unchanged" => self.against_before("应当不变", |old, new| new == old),
            "not-lower" => self.not_lower(),
            "favours" => self.favours(),
            "same-pooling" => self.same_pooling(),
            "same-in-cities" => self.same_in_cities(),
            "same-as-city" => self.same_as_city(),
            "on-list" => self.on_list(),
            "named-on-list" => self.named_on_list(),
            "one-window" => self.one_window(),
            _ => Ok(Vec::new()),
        }
    }

    /// The provision that the statement is about.
    fn what(&self) -> Result<(&'l str, Cited<'l>), Box<Finding>> {
        let record = &self.cited.provision.record;
        let key = record.text("what").ok_or_else(|| self.note("没有写 what，无法核对"))?;
        self.get(self.terms, key).map(|cited| (key, cited))
    }

    /// A provision in force, or the note that it is missing.
    fn get(&self, terms: &Terms<'l>, key: &str) -> Result<Cited<'l>, Box<Finding>> {
        terms.get(key).map_err(|why| self.missing(terms, key, &why))
    }

    fn missing(&self, terms: &Terms<'_>, key: &str, why: &Missing) -> Box<Finding> {
        let why = match why {
            Missing::Absent => "没有录入".to_owned(),
            Missing::Open => "留给另文规定".to_owned(),
            Missing::Ended(on) => format!("已于 {on} 失效"),
            Missing::Statistic(id, year) => format!("要用 {year} 年统计数 {id}，没有录入"),
        };
        self.note(format!("缺数，无法核对：{} `{key}` {why}", terms.day))
    }

    /// A statement that cannot be judged.
    fn note(&self, message: impl Into<String>) -> Box<Finding> {
        let place = self.cited.provision.place.clone();
        Box::new(self.finding(Severity::Note, place, message.into(), "录入所需的数以后再核对"))
    }

    /// A figure that is not as stated. `weight` is the most it weighs: what departs from the national frame, or rests on a
    /// figure that nobody states, is a warning.
    fn wrong(&self, weight: Severity, at: &Place, basis: Basis, message: impl Into<String>) -> Finding {
        let lighter = self.cited.notice.kind == NoticeKind::Frame || !basis.holds_when_strict();
        let weight = if lighter { weight.min(Severity::Warning) } else { weight };
        let cure = format!("核对原文：所述见 {}", self.cited.provision.place);
        self.finding(weight, at.clone(), message.into(), cure)
    }

    fn finding(&self, severity: Severity, place: Place, message: String, cure: impl Into<String>) -> Finding {
        let message = format!("{}：{message}", self.name);
        let mut diagnostic = Diagnostic { severity, ..Diagnostic::error("statement", place, message, cure) };
        if !self.cited.provision.clauses.is_empty() {
            diagnostic = diagnostic.citing(self.cited.provision.clauses.join("、"));
        }
        Finding { about: self.name.to_owned(), diagnostic }
    }
}

#[cfg(test)]
mod testing;
