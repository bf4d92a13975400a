//! Figures changed from outside the files, as `path=value`: what would be if a notice said otherwise.
//!
//! [`overlay`] makes the notice, above all others, under which exactly the named figures differ: each provision that is in
//! force at some time of a span of days is copied for the days on which it holds, and changed. A copy rests on nobody's
//! text: its basis is `illustrative`, it cites no clause, and the notice is called [`ID`]. [`listing`] tells which paths
//! there are. Deliberately absent: provisions that no notice has (write a draft), statements (`check.*`, `open.*`).

mod apply;
mod change;
mod fault;
pub mod listing;
mod path;
mod statistics;

use std::collections::BTreeSet;

use domain::{Basis, Date, Diagnostic, Period, Place, Severity};

use self::apply::Applied;
use self::fault::Fault;
pub use self::listing::{Settable, settable};
use self::path::Path;
use crate::library::{Library, derivations};
use crate::notice::{Notice, NoticeKind, Provision};
use crate::reader::{Reader, nearest};
use crate::region::Region;
use crate::registry;
use crate::rules;
use crate::terms::{Cited, Held, Terms, View};
use crate::value::{Record, Value};

/// Id of the notice that holds the changed figures; also how places in them are called.
pub const ID: &str = "set";
/// The file that places in the changes name: the lines are those of [`text`].
pub const FILE: &str = "--set";

/// Families of statements, which are no figures.
const STATEMENTS: &[&str] = &["check.", "open."];

/// One change: a path to figures and their new value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// As written.
    text: String,
    path: Path,
    /// Where the value begins in the text.
    value_at: usize,
}

impl Set {
    /// Reads `path=value`. Whether there is such a figure, only the terms of a region tell.
    ///
    /// # Errors
    /// What is wrong with it and what to write, in one text.
    pub fn parse(text: &str) -> Result<Set, String> {
        let text = text.trim();
        let told = |message: &str, cure: &str| format!("{message}\n  = {cure}");
        let Some(at) = equals_sign(text) else {
            let cure = "写成 路径=值，如 stage.inpatient.cap=200000；`tongchou policy paths 地区` 列出各条路径";
            return Err(told(&format!("“{text}” 里没有等号 (no `=`)"), cure));
        };
        let path = Path::parse(text[..at].trim_end()).map_err(|fault| told(&fault.message, &fault.cure))?;
        if STATEMENTS.iter().any(|family| path.key.starts_with(family)) {
            let cure = "check.* 和 open.* 是对数字的陈述，不是数字；改它说的那个键";
            return Err(told(&format!("`{}` 不能改 (a statement, not a figure)", path.key), cure));
        }
        let value = text[at + 1..].trim_start();
        if value.is_empty() {
            return Err(told(&format!("`{text}` 没有值 (no value)"), "如 =200000、=70%、=+5pt、=*0.9"));
        }
        Ok(Set { text: text.to_owned(), path, value_at: text.len() - value.len() })
    }

    /// The key of the provision that it changes.
    pub fn key(&self) -> &str {
        &self.path.key
    }

    /// As written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it adds to what stands, or takes off.
    fn adds(&self) -> bool {
        self.value().starts_with(change::SIGNS)
    }

    fn value(&self) -> &str {
        &self.text[self.value_at..]
    }
}

/// The first `=` outside brackets.
fn equals_sign(text: &str) -> Option<usize> {
    let mut depth = 0i32;
    text.char_indices().find_map(|(at, letter)| {
        depth += i32::from(letter == '[') - i32::from(letter == ']');
        (letter == '=' && depth == 0).then_some(at)
    })
}

/// All changes, one a line: the text that places in [`FILE`] point into.
pub fn text(sets: &[Set]) -> String {
    sets.iter().map(Set::text).collect::<Vec<_>>().join("\n")
}

/// The notice under which exactly these figures differ, on the days from `first` to `last`, both included. It goes into
/// [`View::overlay`]; an overlay that the view has already is taken along. Changes apply in their order, a later one to what
/// the earlier made.
///
/// # Errors
/// Every change that selects nothing on some of the days, is of the wrong kind, or makes a provision that a notice could
/// not hold: each with its place in [`text`] and what there is instead.
pub fn overlay(
    library: &Library,
    region: &Region,
    view: &View<'_>,
    first: Date,
    last: Date,
    sets: &[Set],
) -> Result<Notice, Vec<Diagnostic>> {
    let mut made = Made { library, region, text: text(sets), findings: Vec::new(), provisions: Vec::new() };
    let numbered = || sets.iter().enumerate();
    let keys: BTreeSet<&str> = sets.iter().map(Set::key).collect();
    let terms = terms_over(library, region, view, (first, last), &keys, sets.iter().any(Set::adds));
    for key in &keys {
        let of: Vec<(usize, &Set)> = numbered().filter(|(_, set)| set.key() == *key).collect();
        match key.strip_prefix("statistic.") {
            Some(id) => made.statistic(view, id, &of),
            None => made.key(key, &of, &terms, last),
        }
    }
    let kept = view.overlay.into_iter().flat_map(|overlay| &overlay.provisions);
    let kept = kept.filter(|provision| !keys.contains(provision.key.as_str())).cloned();
    made.provisions.extend(kept);
    if !made.findings.is_empty() {
        return Err(made.findings);
    }
    Ok(Notice {
        id: ID.to_owned(),
        region: region.slug.clone(),
        kind: NoticeKind::Overlay,
        title: sets.iter().map(Set::text).collect::<Vec<_>>().join("；"),
        number: None,
        issued: first,
        effective: first,
        expires: None,
        repeals: Vec::new(),
        clauses: None,
        accompanies: None,
        provisions: made.provisions,
        place: Place::file(FILE),
    })
}

/// The terms of the first day, and of each later one on which something else may hold for a key; with new years of the span
/// too, if asked, in which a rule on a statistic may give another figure.
fn terms_over<'l>(
    library: &'l Library,
    region: &'l Region,
    view: &View<'l>,
    (first, last): (Date, Date),
    keys: &BTreeSet<&str>,
    yearly: bool,
) -> Vec<Terms<'l>> {
    let mut days = BTreeSet::new();
    for (notice, end) in library.folded(region, view) {
        for provision in notice.provisions.iter().filter(|provision| keys.contains(provision.key.as_str())) {
            days.extend([Some(provision.period.from), provision.period.end, end].into_iter().flatten());
        }
    }
    if yearly {
        let years = (first.year() + 1)..=last.year().saturating_add(1);
        days.extend(years.filter_map(|year| Date::new(year, 1, 1).ok()));
    }
    days.retain(|day| *day > first);
    days.insert(first);
    days.into_iter().map(|day| library.terms(region, day, view)).collect()
}

/// A provision and the days of the span on which it holds.
struct Stretch<'t, 'l> {
    period: Period,
    terms: &'t Terms<'l>,
    cited: Cited<'l>,
}

/// Where a key is held by which provision; cut at each new year if asked.
fn stretches<'t, 'l>(terms: &'t [Terms<'l>], key: &str, last: Date, yearly: bool) -> Vec<Stretch<'t, 'l>> {
    let mut found: Vec<Stretch<'_, '_>> = Vec::new();
    for terms in terms {
        let held = match terms.held(key) {
            Some(Held::InForce(cited)) => Some(cited),
            _ => None,
        };
        if let Some(before) = found.last_mut().filter(|before| before.period.end.is_none()) {
            let same = held.is_some_and(|cited| std::ptr::eq(cited.provision, before.cited.provision));
            let new_year = (terms.day.month(), terms.day.day()) == (1, 1);
            if same && !(yearly && new_year && !derivations(&before.cited.provision.record).is_empty()) {
                continue;
            }
            before.period.end = Some(terms.day);
        }
        if let Some(cited) = held.filter(|_| terms.day <= last) {
            found.push(Stretch { period: Period { from: terms.day, end: None }, terms, cited });
        }
    }
    found
}

/// The notice being made, and what is wrong.
struct Made<'l> {
    library: &'l Library,
    region: &'l Region,
    /// All changes, one a line.
    text: String,
    findings: Vec<Diagnostic>,
    provisions: Vec<Provision>,
}

impl Made<'_> {
    fn key(&mut self, key: &str, sets: &[(usize, &Set)], terms: &[Terms<'_>], last: Date) {
        let stretches = stretches(terms, key, last, sets.iter().any(|(_, set)| set.adds()));
        if stretches.is_empty() {
            let fault = self.absent(key, terms);
            for (at, set) in sets {
                self.fault(*at, fault.clone().at(set.path.span.clone()));
            }
        }
        for Stretch { period, terms, cited } in stretches {
            let mut record = cited.provision.record.clone();
            let fields = registry::part(key).map_or(&[][..], |part| part.fields);
            let derive = |rule: &_| terms.derive(rule).ok();
            let mut sound = true;
            for (at, set) in sets {
                let applied = Applied::new(&set.path, set.value(), set.value_at, &derive);
                if let Err(fault) = applied.to(fields, &mut record) {
                    let message = format!("{} 起的 `{key}`：{}", cited.provision.period.from, fault.message);
                    self.fault(*at, Fault { message, ..fault });
                    sound = false;
                }
            }
            if let Some((at, set)) = sets.last().filter(|_| sound) {
                let place = self.place(*at, set.path.span.clone());
                let texts = sets.iter().map(|(_, set)| *set).collect::<Vec<_>>();
                let provision = changed(cited.provision, record, period, &texts, place);
                self.check(&provision, (*at, set));
                self.provisions.push(provision);
            }
        }
    }

    /// What is wrong where nothing holds a key on any of the days.
    fn absent(&self, key: &str, terms: &[Terms<'_>]) -> Fault {
        let known: BTreeSet<&str> = terms.iter().flat_map(Terms::iter).map(|(known, _)| known).collect();
        let known: Vec<&str> = known.into_iter().filter(|key| !STATEMENTS.iter().any(|f| key.starts_with(f))).collect();
        let family = key.rsplit_once('.').map_or(key, |(family, _)| family);
        let beside: Vec<&str> = known.iter().copied().filter(|known| known.starts_with(family)).collect();
        let cure = match nearest(key, &known) {
            Some(near) => format!("是否要写 {near}？ (did you mean {near}?)"),
            None if beside.is_empty() => format!("`tongchou policy paths {}` 列出各条路径", self.region.slug),
            None => format!("有 (there are)：{}", beside.join("、")),
        };
        let message = format!("{} 这些日子没有施行的 `{key}` (nothing in force)", self.region.name);
        Fault::new(0..0, message, cure)
    }

    /// Holds a changed provision against what a notice must keep to.
    fn check(&mut self, provision: &Provision, (at, set): (usize, &Set)) {
        let mut reader = Reader::new(FILE, "");
        rules::check(&mut reader, &provision.key, 0..0, &provision.record);
        let alone = Notice { provisions: vec![provision.clone()], ..bare(self.region) };
        let mut found = reader.findings;
        found.extend(self.library.check_provisions(self.region, &alone, Some(&alone)));
        for finding in found.into_iter().filter(|finding| finding.severity == Severity::Error) {
            let place = self.place(at, set.path.span.clone());
            self.note(Diagnostic { place, message: format!("{}：{}", set.text, finding.message), ..finding });
        }
    }

    fn place(&self, at: usize, span: std::ops::Range<usize>) -> Place {
        let before: usize = self.text.split('\n').take(at).map(|line| line.len() + 1).sum();
        Place::in_text(FILE, &self.text, before + span.start..before + span.end)
    }

    fn fault(&mut self, at: usize, fault: Fault) {
        let place = self.place(at, fault.span);
        self.note(Diagnostic::error("set", place, fault.message, fault.cure));
    }

    /// The same thing is told once, whatever number of provisions it is wrong with.
    fn note(&mut self, finding: Diagnostic) {
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }
}

/// A notice of nothing.
fn bare(region: &Region) -> Notice {
    Notice {
        id: ID.to_owned(),
        region: region.slug.clone(),
        kind: NoticeKind::Overlay,
        title: String::new(),
        number: None,
        issued: Date::ZERO,
        effective: Date::ZERO,
        expires: None,
        repeals: Vec::new(),
        clauses: None,
        accompanies: None,
        provisions: Vec::new(),
        place: Place::file(FILE),
    }
}

/// A provision as it would be. What its clauses say is no longer what it says: they are named as what it was.
fn changed(was: &Provision, mut record: Record, period: Period, sets: &[&Set], place: Place) -> Provision {
    for name in ["clause", "from", "until", "year"] {
        record.remove(name);
    }
    let sets: Vec<String> = sets.iter().map(|set| format!("--set {}", set.text)).collect();
    let clauses =
        if was.clauses.is_empty() { String::new() } else { format!("；原依 (was) {}", was.clauses.join("、")) };
    record.insert("basis", Value::Word(Basis::Illustrative.code()), 0..0);
    record.insert("source", Value::Text(format!("{}{clauses}", sets.join("；"))), 0..0);
    Provision {
        key: was.key.clone(),
        clauses: Vec::new(),
        period,
        basis: Basis::Illustrative,
        record,
        ends: false,
        place,
    }
}
