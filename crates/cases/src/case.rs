//! Reads case files: what all kinds share, and the fields of each kind, with findings for what is not understood.

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

use domain::{Date, Diagnostic, Place, Severity};
use policy::library::CaseFile;
use policy::reader::Reader;
use policy::registry::{Field, Kind};
use policy::value::Record;
use policy::{Library, Notice, NoticeKind, Region, Terms, View, notice};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::Outcome;
use crate::compare::Expect;
use crate::kinds::settle::Year;
use crate::kinds::story::Step;
use crate::kinds::{self, CaseKind};
use crate::telling::{self, Telling};

pub(crate) const fn must(name: &'static str, kind: Kind, doc: &'static str) -> Field {
    Field { name, kind, required: true, doc }
}

pub(crate) const fn may(name: &'static str, kind: Kind, doc: &'static str) -> Field {
    Field { name, kind, required: false, doc }
}

/// Fields that cases of every kind may have, beside `with` and `expect`.
pub(crate) const COMMON: &[Field] = &[
    must("name", Kind::Text, "what the case shows"),
    may("clauses", Kind::Texts, "clauses it shows"),
    may("kind", Kind::Word(kinds::NAMES), "what is run; settle if left out"),
    may("drafts", Kind::Texts, "drafts folded on top, by id"),
    may("known_on", Kind::Date, "only what was known on this day"),
    may("isolated", Kind::Bool, "without the region's supplements"),
    may("note", Kind::Text, "anything else"),
];

/// Test figures hold from this day on, unless they say otherwise: before any day that a case asks about.
const OVERLAY_FROM: Date = Date::constant(2000, 1, 1);

/// One case, read.
pub(crate) struct Case<'l> {
    pub library: &'l Library,
    /// The library for those who keep it; made when the first asks.
    pub shared: &'l OnceCell<Arc<Library>>,
    pub region: &'l Region,
    /// In which words it is told.
    pub telling: Telling<'l>,
    pub name: String,
    pub clauses: Vec<String>,
    pub kind: &'static CaseKind,
    pub place: Place,
    pub overlay: Option<Notice>,
    /// The fields of its kind.
    pub body: Record,
    /// Bills and opening state (settle).
    pub year: Year,
    /// Steps (story).
    pub story: Vec<Step>,
    pub expect: Expect,
    /// What is wrong with how it is written.
    pub findings: Vec<Diagnostic>,
    /// What is wrong with the tables laid over: wrong in general, the point of a `check`.
    pub overlay_findings: Vec<Diagnostic>,
}

/// The cases of a file, and what is wrong outside of them.
pub(crate) fn read<'l>(
    library: &'l Library,
    shared: &'l OnceCell<Arc<Library>>,
    telling: Telling<'l>,
    file: &'l CaseFile,
) -> (Vec<Case<'l>>, Vec<Diagnostic>) {
    let mut reader = Reader::new(&file.shown, &file.text);
    let document = reader.document();
    let mut cases = Vec::new();
    let Some(region) = library.regions.get(&file.region) else {
        reader.error(
            "dangling",
            0..0,
            format!("案例所属地区 “{}” 没有 region.toml", file.region),
            "在该文件夹加 region.toml",
        );
        return (cases, reader.findings);
    };
    for (key, value) in &document {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("case", DeValue::Array(array)) => {
                for entry in array {
                    match entry.get_ref().as_table() {
                        Some(table) => {
                            let case = Case::read((library, shared), region, file, table, entry.span());
                            cases.push(Case { telling, ..case });
                        }
                        None => reader.error("wrong-type", entry.span(), "案例应写成 [[case]]", "用双方括号写案例"),
                    }
                }
            }
            ("case", _) => reader.error("wrong-type", value.span(), "案例应写成 [[case]]", "用双方括号写案例"),
            (other, _) => reader.unknown_key(other, key.span(), &["case"]),
        }
    }
    (cases, reader.findings)
}

impl<'l> Case<'l> {
    fn read(
        (library, shared): (&'l Library, &'l OnceCell<Arc<Library>>),
        region: &'l Region,
        file: &'l CaseFile,
        table: &DeTable<'_>,
        span: Range<usize>,
    ) -> Case<'l> {
        let mut reader = Reader::new(&file.shown, &file.text);
        let kind = table.get("kind").and_then(|kind| kinds::named(kind.get_ref().as_str()?)).unwrap_or(&kinds::SETTLE);
        let mut plain = table.clone();
        plain.remove("expect");
        plain.remove("with");
        let year = if kinds::with_bills(kind.name) { Year::take(&mut reader, &mut plain) } else { Year::default() };
        let is_story = kind.name == kinds::story::KIND.name;
        let story = if is_story { Step::take(&mut reader, &mut plain) } else { Vec::new() };
        let (body, _) = reader.record(&plain, span.clone(), &[COMMON, kind.fields], false);
        let expect = Expect::read(&mut reader, table.get("expect"), kind.expect);
        let name = body.text("name").unwrap_or("（没有名称）").to_owned();
        let overlay = table.get("with").and_then(|with| overlay(&mut reader, region, &name, with));
        let checked = overlay.as_ref().map(|overlay| library.check_provisions(region, overlay, Some(overlay)));
        let place = reader.place(span);
        let mut case = Case {
            library,
            shared,
            region,
            telling: telling::CHINESE,
            name,
            clauses: body.texts("clauses").into_iter().map(str::to_owned).collect(),
            kind,
            place,
            overlay,
            body,
            year,
            story,
            expect,
            findings: reader.findings,
            overlay_findings: checked.unwrap_or_default(),
        };
        case.link();
        case
    }

    /// Notes what the case refers to and what is not there.
    fn link(&mut self) {
        let well_written = self.findings.is_empty();
        let mut wrong = |code, message, cure: &str| {
            self.findings.push(Diagnostic::error(code, self.place.clone(), message, cure));
        };
        for unknown in self.clauses.iter().filter(|clause| self.library.register.get(clause).is_none()) {
            wrong("unknown-clause", format!("登记表里没有条款 {unknown} (unknown clause)"), "查 policies/clauses.tsv");
        }
        for unknown in self.body.texts("drafts").into_iter().filter(|id| self.library.notice(id).is_none()) {
            wrong("dangling", format!("没有编号为 “{unknown}” 的通知"), "写草案文件 [notice] 的 id");
        }
        let compares_nothing =
            self.expect.is_empty() && self.year.expects_nothing() && self.story.iter().all(Step::expects_nothing);
        if well_written && compares_nothing {
            wrong("compares-nothing", "案例没有比较任何结果 (compares nothing)".to_owned(), "在 expect 里写出应得的数");
        }
    }

    /// How the case looks at the library.
    pub(crate) fn view(&self) -> View<'_> {
        View {
            known_on: self.body.date("known_on"),
            drafts: self.body.texts("drafts").into_iter().map(str::to_owned).collect(),
            without: Vec::new(),
            without_supplements: self.body.flag("isolated") == Some(true),
            overlay: self.overlay.as_ref(),
            memo: None,
        }
    }

    /// The terms of a day as the case sees them.
    pub(crate) fn terms(&self, day: Date) -> Terms<'_> {
        self.library.terms(self.region, day, &self.view())
    }

    /// Runs the case.
    pub(crate) fn run(&self) -> Outcome {
        let wrong = |finding: &&Diagnostic| finding.severity == Severity::Error && self.kind.name != "check";
        let of_overlay = self.overlay_findings.iter().filter(wrong);
        let broken: Vec<String> = self.findings.iter().chain(of_overlay).map(ToString::to_string).collect();
        if !broken.is_empty() {
            return Outcome::Failed(broken);
        }
        let failures = (self.kind.run)(self);
        if failures.is_empty() { Outcome::Passed } else { Outcome::Failed(failures) }
    }
}

/// Test figures: a notice above all others.
fn overlay(reader: &mut Reader<'_>, region: &Region, name: &str, with: &Spanned<DeValue<'_>>) -> Option<Notice> {
    let Some(body) = with.get_ref().as_table() else {
        reader.error("wrong-type", with.span(), "with 应为表", "写成 [[case.with.<键>]]");
        return None;
    };
    Some(Notice {
        id: "case".to_owned(),
        region: region.slug.clone(),
        kind: NoticeKind::Overlay,
        title: name.to_owned(),
        number: None,
        issued: OVERLAY_FROM,
        effective: OVERLAY_FROM,
        expires: None,
        repeals: Vec::new(),
        clauses: None,
        accompanies: None,
        provisions: notice::provisions(reader, body, NoticeKind::Overlay, OVERLAY_FROM),
        place: reader.place(with.span()),
    })
}
