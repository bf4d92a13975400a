//! `policy show`: the terms in force in a region on a day, with the clause behind every figure.

use std::collections::BTreeMap;

use domain::{Basis, Date};
use policy::registry::{self, PARTS};
use policy::terms::Terms;
use policy::{Amount, Cited, Held, Record, Value as Given};
use serde_json::{Value, json};

use super::{Seen, clauses, day, last_day};
use crate::output::{Column, Format, Listing, Output, column, hidden};
use crate::session::{Lang, Session, Verdict, today};
use crate::words::{Words, key_name};

/// Asks for the terms of a region and a day.
#[derive(clap::Args)]
pub struct Args {
    /// Slug, code, Chinese name or alias
    region: String,
    /// The day; today if left out
    #[arg(long, value_name = "DAY", value_parser = day)]
    on: Option<Date>,
    #[command(flatten)]
    seen: Seen,
    /// Only the keys below this: stage, stage.inpatient, contribution, check …
    #[arg(long, value_name = "KEY")]
    family: Option<String>,
    #[command(flatten)]
    output: Output,
}

const COLUMNS: &[Column] = &[
    column("key", "条款", "key"),
    hidden("name"),
    hidden("status"),
    column("value", "内容", "value"),
    column("clauses", "条文", "clauses"),
    column("notice", "文件", "notice"),
    column("from", "起", "from"),
    column("until", "止", "until"),
    hidden("basis"),
    column("basis_words", "依据", "basis"),
    hidden("reading"),
    hidden("source"),
    hidden("note"),
];

impl Args {
    /// Shows them.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let library = session.library()?;
        let region = session.region(library, &self.region)?;
        let day = self.on.unwrap_or_else(today);
        let view = self.seen.view(library)?;
        let terms = library.terms(region, day, &view);
        let words = Words { lang: session.lang, terms: &terms };
        let ends: BTreeMap<&str, Option<Date>> =
            library.folded(region, &view).into_iter().map(|(notice, end)| (notice.id.as_str(), end)).collect();
        let people = self.output.format() == Format::Table;
        let mut weakest = Basis::Stated;
        let mut rows = Vec::new();
        for (key, held) in ordered(&terms) {
            if !self.wanted(key) {
                continue;
            }
            if let Held::InForce(cited) = held {
                weakest = weakest.max(cited.provision.basis);
            }
            rows.push(row(&words, &ends, key, held, people));
        }
        let foot = foot(&terms, rows.len(), weakest, session.lang);
        let title = format!("{} {day}", session.lang.of(&region.name, &region.slug));
        Listing { title, columns: COLUMNS, rows, foot }.write(&self.output, session.lang)?;
        Ok(Verdict::Good)
    }

    /// Statements about figures are not figures: they are shown when asked for.
    fn wanted(&self, key: &str) -> bool {
        match &self.family {
            Some(family) => key
                .strip_prefix(family.trim_end_matches('.'))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.')),
            None => !key.starts_with("check."),
        }
    }
}

/// All that is held, in the order of the registry; stages in their own order.
fn ordered<'l>(terms: &Terms<'l>) -> Vec<(&'l str, Held<'l>)> {
    let family = |key: &str| key.split('.').next().unwrap_or(key).to_owned();
    let place = |key: &str| {
        let kind = PARTS.iter().position(|part| registry::fits(part.pattern, key)).unwrap_or(PARTS.len());
        let first = PARTS.iter().position(|part| family(part.pattern) == family(key)).unwrap_or(PARTS.len());
        let stage = key.strip_prefix("stage.").and_then(|rest| rest.split('.').next()).unwrap_or_default();
        let shape = terms.get(&format!("stage.{stage}.shape")).ok();
        let order = shape.and_then(|shape| shape.provision.record.integer("order")).unwrap_or(i64::MAX);
        (first, order, stage.to_owned(), kind, key.to_owned())
    };
    let mut held: Vec<_> = terms.iter().collect();
    held.sort_by_cached_key(|(key, _)| place(key));
    held
}

fn row(words: &Words<'_>, ends: &BTreeMap<&str, Option<Date>>, key: &str, held: Held<'_>, people: bool) -> Vec<Value> {
    let (lang, library) = (words.lang, words.terms.library);
    let (cited, ended) = match held {
        Held::InForce(cited) => (cited, None),
        Held::Ended(cited, on) => (cited, Some(on)),
    };
    let Cited { provision, notice } = cited;
    let end = match (provision.period.end, ends.get(notice.id.as_str()).copied().flatten()) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    let name = key_name(key, lang);
    let mut value: Vec<String> = words.lines(provision).iter().map(|line| line.text(lang)).collect();
    if let Some(on) = ended {
        value.insert(
            0,
            match lang {
                Lang::Zh => format!("自 {on} 起失效，原为："),
                Lang::En => format!("ended on {on}; it was:"),
            },
        );
    }
    if people {
        value.extend(provision.reading().map(|reading| format!("{}{reading}", lang.of("〔读法〕", "[reading] "))));
    }
    let text = |name: &str| provision.record.text(name);
    vec![
        if people { json!([name, key]) } else { json!(key) },
        json!(name),
        json!(status(words.terms, cited, ended).code()),
        json!(value),
        clauses(library, cited),
        json!(notice.id),
        json!(provision.period.from.to_string()),
        json!(last_day(ended.or(end)).map(|day| day.to_string())),
        json!(provision.basis.code()),
        json!(lang.of(provision.basis.name(), provision.basis.code())),
        json!(text("reading")),
        json!(text("source")),
        json!(text("note")),
    ]
}

/// How a key stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// A provision holds and its figures are known.
    InForce,
    /// What set it has ended.
    Ended,
    /// A figure is left to another text.
    Open,
    /// A statistic that a figure follows is not loaded.
    NoStatistic,
}

impl Status {
    /// The word used in output.
    pub fn code(self) -> &'static str {
        match self {
            Status::InForce => "in-force",
            Status::Ended => "ended",
            Status::Open => "open",
            Status::NoStatistic => "no-statistic",
        }
    }
}

/// How what is held stands.
pub fn status(terms: &Terms<'_>, cited: Cited<'_>, ended: Option<Date>) -> Status {
    if ended.is_some() {
        return Status::Ended;
    }
    if cited.provision.key.starts_with("open.") || any(&cited.provision.record, &|value| is_open(value)) {
        return Status::Open;
    }
    let lost = |value: &Given| match value {
        Given::Amount(Amount::Derived(rule)) => terms.derive(rule).is_err(),
        _ => false,
    };
    if any(&cited.provision.record, &lost) { Status::NoStatistic } else { Status::InForce }
}

fn is_open(value: &Given) -> bool {
    matches!(value, Given::Amount(Amount::Open))
}

/// Whether any value of a record, rows included, is so. The flag `open` of a row counts as an open amount.
fn any(record: &Record, so: &dyn Fn(&Given) -> bool) -> bool {
    let open_flag = record.flag("open") == Some(true) && so(&Given::Amount(Amount::Open));
    open_flag
        || record.iter().any(|(_, value)| match value {
            Given::Rows(rows) => rows.iter().any(|row| any(&row.values, so)),
            Given::Table(inner) => any(inner, so),
            Given::List(list) => list.iter().any(so),
            value => so(value),
        })
}

fn foot(terms: &Terms<'_>, count: usize, weakest: Basis, lang: Lang) -> String {
    let hash = terms.hash();
    let short = &hash[..12.min(hash.len())];
    match lang {
        Lang::Zh => format!("{count} 项，最弱依据：{}（{}）；条款摘要 {short}", weakest.name(), weakest.code()),
        Lang::En => format!("{count} provisions, weakest basis: {}; hash of the terms {short}", weakest.code()),
    }
}
