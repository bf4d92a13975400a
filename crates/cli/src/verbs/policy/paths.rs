//! `policy paths`: the figures that `--set` can change on a day, each with its path, present value, clause and basis.

use domain::{Basis, Date};
use policy::place;
use policy::set::{Settable, settable};
use policy::terms::Terms;
use serde_json::{Value, json};

use super::{Seen, day};
use crate::io::out::Output;
use crate::output::{Column, Listing, clauses, column, hidden, shown};
use crate::session::{Lang, Session, Verdict, today};
use crate::words::{Words, label};

/// Asks for the paths of a region.
#[derive(clap::Args)]
pub struct Args {
    /// Slug, code, Chinese name or alias
    region: String,
    /// Only the paths that begin so: stage, stage.inpatient, carry, statistic …
    key: Option<String>,
    /// The day; today if left out
    #[arg(long, value_name = "DAY", value_parser = day)]
    on: Option<Date>,
    #[command(flatten)]
    seen: Seen,
    /// Not only figures: also the words, conditions and flags that say how figures are used
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    output: Output,
}

const COLUMNS: &[Column] = &[
    column("path", "路径", "path"),
    column("value", "现值", "value"),
    hidden("key"),
    hidden("field"),
    column("what", "含义", "what"),
    hidden("when"),
    column("clauses", "条文", "clauses"),
    column("notice", "文件", "notice"),
    hidden("basis"),
    shown("依据", "basis"),
];

impl Args {
    /// Lists them.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let library = session.library()?;
        let region = session.region(library, &self.region)?;
        let day = self.on.unwrap_or_else(today);
        let terms = library.terms(region, day, &self.seen.view(library)?);
        let mut found: Vec<Settable<'_>> = settable(&terms);
        found.retain(|one| (self.all || one.is_figure()) && self.wanted(&one.path));
        found.sort_by_cached_key(|one| place(&terms, one.key));
        let rows: Vec<Vec<Value>> = found.iter().map(|one| row(one, &terms, session.lang)).collect();
        let foot = match session.lang {
            Lang::Zh => {
                format!("{} 条；试改：tongchou settle … --set '路径=值'（=200000、=70%、=+5pt、=*0.9）", rows.len())
            }
            Lang::En => {
                format!(
                    "{} paths; to try one: tongchou settle … --set 'PATH=VALUE' (=200000, =70%, =+5pt, =*0.9)",
                    rows.len()
                )
            }
        };
        let title = format!("{} {day}", session.lang.of(&region.name, &region.slug));
        Listing { title, columns: COLUMNS, rows, foot }.write(&self.output, session.lang)?;
        Ok(Verdict::Good)
    }

    fn wanted(&self, path: &str) -> bool {
        let Some(key) = &self.key else { return true };
        let rest = path.strip_prefix(key.trim_end_matches('.'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    }
}

fn row(one: &Settable<'_>, terms: &Terms<'_>, lang: Lang) -> Vec<Value> {
    let words = Words { lang, terms };
    let field = label(one.field.name, lang);
    let what = match one.cited {
        Some(_) => [words.key(one.key), field].join(" "),
        None => label(one.path.split(['.', '[']).nth(1).unwrap_or_default(), lang),
    };
    let provision = one.cited.map(|cited| cited.provision);
    let basis = provision.map(|provision| provision.basis);
    vec![
        json!(one.path),
        json!(one.value),
        json!(one.key),
        json!(one.field.name),
        json!(what),
        json!(one.when),
        provision.map_or(Value::Null, |provision| clauses(terms.library, &provision.clauses)),
        json!(one.cited.map(|cited| cited.notice.id.as_str())),
        json!(basis.map(Basis::code)),
        json!(basis.map(|basis| lang.of(basis.name(), basis.code()))),
    ]
}
