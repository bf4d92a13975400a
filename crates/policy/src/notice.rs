//! One legal notice as one file: its header, its provisions, and recorded adoptions of drafts.

use std::ops::Range;

use domain::{Basis, Date, Diagnostic, Period, Place};
use jiff::ToSpan;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::reader::{Reader, nearest};
use crate::region::tables;
use crate::registry::{self, COMMON, Field, Kind, PARTS};
use crate::rules;
use crate::value::{Amount, Record, Value};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoticeKind {
    /// Figures that notices leave to other texts; ranks below every notice.
    Supplement,
    /// The national frame: checks only.
    Frame,
    /// Not in force until its adoption is recorded.
    Draft,
    /// A notice in force from its effective day.
    Notice,
    /// Figures of a test, above everything.
    Overlay,
}

impl NoticeKind {
    /// The word used in files and output.
    pub fn code(self) -> &'static str {
        match self {
            NoticeKind::Supplement => "supplement",
            NoticeKind::Frame => "frame",
            NoticeKind::Draft => "draft",
            NoticeKind::Notice => "notice",
            NoticeKind::Overlay => "overlay",
        }
    }
}

/// One notice, read.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Unique id.
    pub id: String,
    /// Slug of the region it is made for.
    pub region: String,
    /// What it is.
    pub kind: NoticeKind,
    /// Title.
    pub title: String,
    /// Document number.
    pub number: Option<String>,
    /// Day of issue: known from this day on.
    pub issued: Date,
    /// In force from.
    pub effective: Date,
    /// First day out of force.
    pub expires: Option<Date>,
    /// Notice ids or document numbers that end on the effective day.
    pub repeals: Vec<String>,
    /// Prefix of its clauses in the register.
    pub clauses: Option<String>,
    /// A supplement's draft: it folds only together with this notice.
    pub accompanies: Option<String>,
    /// What it sets.
    pub provisions: Vec<Provision>,
    /// Where it is written.
    pub place: Place,
}

/// One provision of a notice.
#[derive(Clone, Debug)]
pub struct Provision {
    /// Dotted key, as `stage.catastrophic.deductible`.
    pub key: String,
    /// Clause ids.
    pub clauses: Vec<String>,
    /// Days it applies to.
    pub period: Period,
    /// On what its figures rest.
    pub basis: Basis,
    /// Its fields.
    pub record: Record,
    /// Whether it ends the key.
    pub ends: bool,
    /// Where it is written.
    pub place: Place,
}

impl Provision {
    /// Source of figures below `stated`, if given.
    pub fn source(&self) -> Option<&str> {
        self.record.text("source")
    }

    /// Whether any of its figures is left to another text.
    pub fn leaves_open(&self) -> bool {
        leaves_open(&self.record)
    }

    /// The reading taken, if one is written.
    pub fn reading(&self) -> Option<&str> {
        self.record.text("reading")
    }
}

fn leaves_open(record: &Record) -> bool {
    record.iter().any(|(name, value)| match value {
        Value::Amount(amount) => *amount == Amount::Open,
        Value::Bool(open) => name == "open" && *open,
        Value::Rows(rows) => rows.iter().any(|row| leaves_open(&row.values)),
        _ => false,
    })
}

/// A recorded adoption of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adoption {
    /// The draft's id.
    pub notice: String,
    /// Adopted and known from this day on.
    pub on: Date,
    /// Where the record is written.
    pub place: Place,
}

const fn field(name: &'static str, kind: Kind, required: bool, doc: &'static str) -> Field {
    Field { name, kind, required, doc }
}

/// Fields of `[notice]`.
pub const NOTICE: &[Field] = &[
    field("id", Kind::Text, true, "unique id"),
    field("kind", Kind::Word(&["notice", "draft", "supplement", "frame"]), true, "what the file is"),
    field("title", Kind::Text, true, "文件标题"),
    field("number", Kind::Text, false, "文号 document number"),
    field("issued", Kind::Date, true, "成文日期 day of issue"),
    field("effective", Kind::Date, false, "施行日期; the day of issue if left out"),
    field("valid_years", Kind::Integer, false, "有效期 years in force"),
    field("expires", Kind::Date, false, "first day out of force"),
    field("repeals", Kind::Texts, false, "同时废止 notice ids or document numbers"),
    field("clauses", Kind::Text, false, "prefix of its clauses in the register"),
    field("accompanies", Kind::Text, false, "supplement: id of the draft it folds together with"),
    field("note", Kind::Text, false, "anything else"),
];

/// Fields of `[[adoption]]`.
pub const ADOPTION: &[Field] = &[
    field("notice", Kind::Text, true, "id of the draft"),
    field("on", Kind::Date, true, "adopted, and known from this day on"),
    field("source", Kind::Text, true, "where the adoption is published"),
];

/// What a policy file of a region holds.
#[derive(Clone, Debug, Default)]
pub struct NoticeFile {
    /// The notice, if the file holds one.
    pub notice: Option<Notice>,
    /// Adoptions recorded.
    pub adoptions: Vec<Adoption>,
    /// What is wrong with the file.
    pub findings: Vec<Diagnostic>,
}

impl NoticeFile {
    /// Reads a notice file of a region.
    pub fn read(file: &str, text: &str, region: &str) -> NoticeFile {
        let mut reader = Reader::new(file, text);
        let document = reader.document();
        let mut notice = None;
        let mut adoptions = Vec::new();
        let mut has_body = false;
        for (key, value) in &document {
            match key.get_ref().as_ref() {
                "notice" => notice = header(&mut reader, value, region),
                "adoption" => adoptions = read_adoptions(&mut reader, value),
                _ => has_body = true,
            }
        }
        let headed = document.keys().any(|key| key.get_ref().as_ref() == "notice");
        if !headed && (has_body || adoptions.is_empty()) {
            reader.error(
                "missing-key",
                0..0,
                "文件没有 [notice] 头 (no [notice] header)",
                "在文件开头写 [notice]，见 docs/guide",
            );
        }
        // Without a header nobody knows what its provisions must cite; as an overlay they need cite nothing.
        let (kind, effective) = notice.as_ref().map_or((NoticeKind::Overlay, Date::ZERO), |n| (n.kind, n.effective));
        let read = provisions(&mut reader, &document, kind, effective);
        if let Some(notice) = &mut notice {
            notice.provisions = read;
        }
        NoticeFile { notice, adoptions, findings: reader.findings }
    }
}

fn header(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>, region: &str) -> Option<Notice> {
    let table = reader.only_table(value, "notice")?;
    let (record, _) = reader.record(table, value.span(), &[NOTICE], false);
    let issued = record.date("issued")?;
    let effective = record.date("effective").unwrap_or(issued);
    if record.get("valid_years").is_some() && record.get("expires").is_some() {
        reader.error("two-periods", value.span(), "`valid_years` 与 `expires` 只能写一种", "留下其一");
    }
    let lasts = record.integer("valid_years").and_then(|years| effective.checked_add(years.years()).ok());
    Some(Notice {
        id: record.text("id")?.to_owned(),
        region: region.to_owned(),
        kind: match record.text("kind")? {
            "draft" => NoticeKind::Draft,
            "supplement" => NoticeKind::Supplement,
            "frame" => NoticeKind::Frame,
            _ => NoticeKind::Notice,
        },
        title: record.text("title")?.to_owned(),
        number: record.text("number").map(str::to_owned),
        issued,
        effective,
        expires: record.date("expires").or(lasts),
        repeals: record.texts("repeals").into_iter().map(str::to_owned).collect(),
        clauses: record.text("clauses").map(str::to_owned),
        accompanies: record.text("accompanies").map(str::to_owned),
        provisions: Vec::new(),
        place: reader.place(value.span()),
    })
}

fn read_adoptions(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>) -> Vec<Adoption> {
    let place = reader.place(value.span());
    let adoption = |record: Record| {
        Some(Adoption { notice: record.text("notice")?.to_owned(), on: record.date("on")?, place: place.clone() })
    };
    tables(reader, value, ADOPTION).into_iter().filter_map(adoption).collect()
}

/// The provisions of a notice's body (also of a test's overlay).
pub fn provisions(reader: &mut Reader<'_>, body: &DeTable<'_>, kind: NoticeKind, effective: Date) -> Vec<Provision> {
    let mut found = Vec::new();
    for (key, value) in body.iter().filter(|(key, _)| !["notice", "adoption"].contains(&key.get_ref().as_ref())) {
        descend(reader, key.get_ref().to_string(), key.span(), value, kind, effective, &mut found);
    }
    found
}

fn descend(
    reader: &mut Reader<'_>,
    key: String,
    key_span: Range<usize>,
    value: &Spanned<DeValue<'_>>,
    kind: NoticeKind,
    effective: Date,
    found: &mut Vec<Provision>,
) {
    match value.get_ref() {
        DeValue::Table(_) if registry::part(&key).is_some() => {
            let message = format!("`{key}` 应写成 [[{key}]]");
            reader.error("wrong-type", key_span, message, format!("用双方括号：写 [[{key}]]"));
        }
        DeValue::Table(table) => {
            for (name, inner) in table {
                descend(reader, format!("{key}.{}", name.get_ref()), name.span(), inner, kind, effective, found);
            }
        }
        DeValue::Array(entries) => {
            let Some(part) = registry::part(&key) else {
                unknown_family(reader, &key, key_span);
                return;
            };
            for entry in entries {
                let Some(table) = entry.get_ref().as_table() else {
                    reader.error("wrong-type", entry.span(), format!("`{key}` 应写成 [[{key}]]"), "用双方括号写条款");
                    continue;
                };
                let before = reader.findings.len();
                let (record, _) = reader.record(table, entry.span(), &[COMMON, part.fields], false);
                let ends = record.flag("ends") == Some(true);
                if !ends && reader.findings.len() == before {
                    rules::check(reader, &key, entry.span(), &record);
                }
                if ends {
                    // What ends a key sets nothing: it needs none of the key's fields.
                    let new = reader.findings.split_off(before);
                    reader.findings.extend(new.into_iter().filter(|finding| finding.code != "missing-key"));
                }
                found.push(provision(reader, &key, entry.span(), record, kind, effective));
            }
        }
        _ => unknown_family(reader, &key, key_span),
    }
}

/// The key that was probably meant: the nearest pattern, with the names of the given key in place of its stars.
pub(crate) fn nearest_key(key: &str) -> Option<String> {
    let given: Vec<&str> = key.split('.').collect();
    let named = |part: &registry::Part| {
        let wanted = part.pattern.split('.').enumerate();
        let named: Vec<&str> =
            wanted.map(|(at, one)| if one == "*" { given.get(at).copied().unwrap_or("*") } else { one }).collect();
        named.join(".")
    };
    let known: Vec<String> = PARTS.iter().map(named).collect();
    nearest(key, &known.iter().map(String::as_str).collect::<Vec<_>>()).map(str::to_owned)
}

fn unknown_family(reader: &mut Reader<'_>, key: &str, span: Range<usize>) {
    let cure = match nearest_key(key) {
        Some(near) => format!("是否要写 [[{near}]]？"),
        None => format!("可用：{}", PARTS.iter().map(|part| part.pattern).collect::<Vec<_>>().join("、")),
    };
    reader.error("unknown-key", span, format!("不认识的条款 `{key}` (unknown provision)"), cure);
}

fn provision(
    reader: &mut Reader<'_>,
    key: &str,
    span: Range<usize>,
    record: Record,
    kind: NoticeKind,
    effective: Date,
) -> Provision {
    let year = record.integer("year").and_then(|year| i16::try_from(year).ok());
    let year_period = year.and_then(|year| {
        let (month, next) = if key == "contribution.academic" { (9, year + 1) } else { (1, year + 1) };
        Some((Date::new(year, month, 1).ok()?, Date::new(next, month, 1).ok()?))
    });
    let explicit = record.date("from").or(record.date("until"));
    if year.is_some() && explicit.is_some() {
        reader.error("two-periods", span.clone(), "`year` 与 `from`/`until` 只能写一种", "留下其一");
    }
    let from = record.date("from").or(year_period.map(|(from, _)| from)).unwrap_or(effective);
    let end = record.date("until").and_then(|until| until.tomorrow().ok()).or(year_period.map(|(_, end)| end));
    if end.is_some_and(|end| end <= from) {
        let at = record.span("until").unwrap_or(span.clone());
        reader.error("empty-period", at, "截止日早于起始日 (the period is empty)", "改正 from 或 until");
    }
    let default = if kind == NoticeKind::Overlay { Basis::Illustrative } else { Basis::Stated };
    let basis = record.text("basis").and_then(Basis::parse);
    let clauses: Vec<String> = record.texts("clause").into_iter().map(str::to_owned).collect();
    requirements(reader, &record, kind, basis, &clauses, span.clone());
    Provision {
        key: key.to_owned(),
        clauses,
        period: Period { from, end },
        basis: basis.unwrap_or(default),
        ends: record.flag("ends").unwrap_or(false),
        record,
        place: reader.place(span),
    }
}

/// What each kind of file must say beside its figures.
fn requirements(
    reader: &mut Reader<'_>,
    record: &Record,
    kind: NoticeKind,
    basis: Option<Basis>,
    clauses: &[String],
    span: Range<usize>,
) {
    match kind {
        NoticeKind::Supplement => {
            if basis.is_none_or(Basis::holds_when_strict) {
                let at = record.span("basis").unwrap_or(span.clone());
                reader.error("basis", at, "补充文件的条款须写明依据", "写 basis = \"secondary\" 或 \"illustrative\"");
            }
            if record.text("source").is_none() {
                reader.error("source", span, "补充文件的条款须写明来源", "写 source = \"…\"");
            }
        }
        NoticeKind::Overlay => {}
        NoticeKind::Notice | NoticeKind::Draft | NoticeKind::Frame => {
            if clauses.is_empty() {
                reader.error(
                    "missing-clause",
                    span.clone(),
                    "条款须引用条文 (a provision cites its clause)",
                    "写 clause = \"…\"",
                );
            }
            if basis.is_some_and(|basis| !basis.holds_when_strict()) {
                let at = record.span("basis").unwrap_or(span);
                reader.error(
                    "basis",
                    at,
                    "通知文件只能写 stated 或 derived",
                    "把这个数写进补充文件 (kind = \"supplement\")",
                );
            }
        }
    }
}
