//! `policy open`: the figures that are missing on a day. A bill that needs one is refused, never guessed.

use domain::Date;
use policy::terms::Terms;
use policy::{Missing, OpenFigure, Region, open_figures, place};
use serde_json::{Value, json};

use super::{Seen, day};
use crate::io::out::Output;
use crate::output::{Column, Listing, clauses, column, hidden, shown};
use crate::session::{Lang, Session, Verdict, today};
use crate::words::Words;

/// Asks for the missing figures.
#[derive(clap::Args)]
pub struct Args {
    /// Slug, code, Chinese name or alias; every region if left out
    region: Option<String>,
    /// The day; today if left out
    #[arg(long, value_name = "DAY", value_parser = day)]
    on: Option<Date>,
    #[command(flatten)]
    seen: Seen,
    #[command(flatten)]
    output: Output,
}

const COLUMNS: &[Column] = &[
    hidden("region"),
    hidden("key"),
    shown("所缺", "what"),
    shown("地区", "region"),
    hidden("state"),
    shown("状态", "state"),
    column("needs", "尚缺什么", "needs"),
    column("clauses", "条文", "clauses"),
    column("notice", "文件", "notice"),
    hidden("supplied_by"),
    hidden("basis"),
    hidden("file"),
    hidden("line"),
];

impl Args {
    /// Lists them.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let library = session.library()?;
        let day = self.on.unwrap_or_else(today);
        let view = self.seen.view(library)?;
        let regions: Vec<&Region> = match &self.region {
            Some(name) => vec![session.region(library, name)?],
            None => library.regions.values().collect(),
        };
        let mut rows = Vec::new();
        for region in regions {
            let terms = library.terms(region, day, &view);
            let mut open = open_figures(library, region, day, &view);
            open.sort_by_cached_key(|figure| place(&terms, &figure.key));
            rows.extend(open.iter().map(|figure| row(figure, &terms, session.lang)));
        }
        let supplied = rows.iter().filter(|row| row[4] == "supplied").count();
        let foot = match session.lang {
            Lang::Zh => {
                format!("{day}：{} 项未定，另有 {supplied} 项由补充文件暂代（严格模式不用）", rows.len() - supplied)
            }
            Lang::En => format!(
                "{day}: {} missing, and {supplied} supplied by a supplement (not in strict mode)",
                rows.len() - supplied
            ),
        };
        Listing { title: String::new(), columns: COLUMNS, rows, foot }.write(&self.output, session.lang)?;
        Ok(Verdict::Good)
    }
}

fn row(figure: &OpenFigure, terms: &Terms<'_>, lang: Lang) -> Vec<Value> {
    let (state, words) = state(figure, lang);
    let filled = figure.filled.as_ref();
    vec![
        json!(terms.region.slug),
        json!(figure.key),
        json!([Words { lang, terms }.key(&figure.key), figure.key.clone()]),
        json!(lang.of(&terms.region.name, &terms.region.slug)),
        json!(state),
        json!(words),
        json!(figure.needs),
        clauses(terms.library, &figure.clauses),
        json!(figure.notice),
        json!(filled.map(|(notice, _)| notice)),
        json!(filled.map(|(_, basis)| basis.code())),
        json!(figure.place.file),
        json!(figure.place.line),
    ]
}

/// How a figure stands: the word for programs, and words for people.
fn state(figure: &OpenFigure, lang: Lang) -> (&'static str, String) {
    match (&figure.filled, &figure.why) {
        (Some((_, basis)), _) => {
            let basis = lang.of(basis.name(), basis.code());
            ("supplied", format!("{}{basis}", lang.of("暂代：", "supplied: ")))
        }
        (None, Missing::Open) => ("open", lang.of("待定", "open").to_owned()),
        (None, Missing::Absent) => ("unsaid", lang.of("没有写", "not said").to_owned()),
        (None, Missing::Ended(on)) => ("ended", format!("{on}{}", lang.of(" 起失效", " ended"))),
        (None, Missing::Statistic(..)) => ("no-statistic", lang.of("缺统计数", "no statistic").to_owned()),
    }
}
