//! `policy show`: the terms in force in a region on a day, with the clause behind every figure.

use std::collections::BTreeMap;

use domain::{Basis, Date};
use policy::open::missing;
use policy::terms::Terms;
use policy::{Cited, Held, Missing, View, place};
use serde_json::{Value, json};

use super::{Seen, Sets, day, last_day};
use crate::io::out::Output;
use crate::output::{Column, Listing, clauses, hidden, shown};
use crate::session::{Lang, Session, Verdict, today};
use crate::words::{Words, broken};

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
    #[command(flatten)]
    sets: Sets,
    /// Only the keys below this: stage, stage.inpatient, contribution, check …
    #[arg(long, value_name = "KEY")]
    family: Option<String>,
    #[command(flatten)]
    output: Output,
}

const COLUMNS: &[Column] = &[
    hidden("key"),
    hidden("name"),
    hidden("status"),
    hidden("value"),
    hidden("clauses"),
    hidden("notice"),
    hidden("from"),
    hidden("until"),
    hidden("basis"),
    hidden("reading"),
    hidden("source"),
    hidden("note"),
    shown("条款", "provision"),
    shown("内容", "what it says"),
    shown("依据", "basis"),
    shown("出处", "where from"),
    shown("期间", "period"),
];

/// Width at which what a provision says is broken into lines.
const WIDTH: usize = 72;

impl Args {
    /// Shows them.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let library = session.library()?;
        let region = session.region(library, &self.region)?;
        let day = self.on.unwrap_or_else(today);
        let view = self.seen.view(library)?;
        let set = self.sets.overlay(session, library, region, &view, (day, day))?;
        let view = View { overlay: set.as_ref(), ..view };
        let terms = library.terms(region, day, &view);
        let words = Words { lang: session.lang, terms: &terms };
        let ends: BTreeMap<&str, Option<Date>> =
            library.folded(region, &view).into_iter().map(|(notice, end)| (notice.id.as_str(), end)).collect();
        let mut weakest = Basis::Stated;
        let mut rows = Vec::new();
        let mut wanted: Vec<_> = terms.iter().filter(|(key, _)| self.wanted(key)).collect();
        wanted.sort_by_cached_key(|(key, _)| place(&terms, key));
        for (key, held) in wanted {
            if let Held::InForce(cited) = held {
                weakest = weakest.max(cited.provision.basis);
            }
            rows.push(row(&words, &ends, key, held));
        }
        let foot = foot(&terms, rows.len(), weakest, session.lang);
        let title = format!("{} {day}", session.lang.of(&region.name, &region.slug));
        Listing { title, columns: COLUMNS, rows, foot }.write(&self.output, session.lang)?;
        Ok(Verdict::Good)
    }

    /// Statements about figures are not figures, and the steps of service matters are long: they are shown when asked for.
    fn wanted(&self, key: &str) -> bool {
        match &self.family {
            Some(family) => key
                .strip_prefix(family.trim_end_matches('.'))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.')),
            None => !key.starts_with("check.") && !key.starts_with("matter."),
        }
    }
}

fn row(words: &Words<'_>, ends: &BTreeMap<&str, Option<Date>>, key: &str, held: Held<'_>) -> Vec<Value> {
    let (lang, library) = (words.lang, words.terms.library);
    let (cited, ended) = match held {
        Held::InForce(cited) => (cited, None),
        Held::Ended(cited, on) => (cited, Some(on)),
    };
    let Cited { provision, notice } = cited;
    let end = earliest(provision.period.end, ends.get(notice.id.as_str()).copied().flatten());
    let (from, until) = (provision.period.from, last_day(ended.or(end)));
    let name = words.key(key);
    let says: Vec<String> = words.lines(provision).iter().map(|line| line.text(lang)).collect();
    let clauses = clauses(library, &provision.clauses);
    let mut at_length = says.clone();
    if let Some(on) = ended {
        let gone = lang.of("起失效，原为：", " it ended; it was:");
        at_length.insert(0, format!("{on}{gone}"));
    }
    at_length.extend(provision.reading().map(|reading| format!("{}{reading}", lang.of("〔读法〕", "[reading] "))));
    let at_length: Vec<String> = at_length.iter().flat_map(|line| broken(line, WIDTH)).collect();
    let mut origin = vec![clauses.clone()];
    origin.push(json!(notice.id));
    let period = match until {
        Some(until) => format!("{from}{}{until}", lang.of(" 至 ", " to ")),
        None => format!("{from}{}", lang.of(" 起", " on")),
    };
    let text = |name: &str| json!(provision.record.text(name));
    vec![
        json!(key),
        json!(name),
        json!(status(words.terms, cited, ended)),
        json!(says),
        clauses,
        json!(notice.id),
        json!(from.to_string()),
        json!(until.map(|day| day.to_string())),
        json!(provision.basis.code()),
        text("reading"),
        text("source"),
        text("note"),
        json!([name, key]),
        json!(at_length),
        json!(lang.of(provision.basis.name(), provision.basis.code())),
        json!(origin),
        json!(period),
    ]
}

fn earliest(a: Option<Date>, b: Option<Date>) -> Option<Date> {
    a.into_iter().chain(b).min()
}

/// How a key stands, by the word used in output.
fn status(terms: &Terms<'_>, cited: Cited<'_>, ended: Option<Date>) -> &'static str {
    if ended.is_some() {
        return "ended";
    }
    match missing(terms, cited) {
        _ if cited.provision.key.starts_with("open.") => "open",
        Some(Missing::Statistic(..)) => "no-statistic",
        Some(_) => "open",
        None => "in-force",
    }
}

fn foot(terms: &Terms<'_>, count: usize, weakest: Basis, lang: Lang) -> String {
    let hash = terms.hash();
    let short = &hash[..12.min(hash.len())];
    match lang {
        Lang::Zh => format!("{count} 项，最弱依据：{}（{}）；条款摘要 {short}", weakest.name(), weakest.code()),
        Lang::En => format!("{count} provisions, weakest basis: {}; hash of the terms {short}", weakest.code()),
    }
}
