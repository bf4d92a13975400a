//! `policy open`: the figures that are missing on a day. A bill that needs one is refused, never guessed.

use std::collections::BTreeSet;

use domain::{Basis, Date};
use policy::terms::Terms;
use policy::{Cited, Held, Missing, Region};
use serde_json::{Value, json};

use super::show::{Status, status};
use super::{Seen, clauses, day};
use crate::io::out::Output;
use crate::output::{Column, Listing, column, hidden, shown};
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
    shown("地区", "region"),
    hidden("key"),
    shown("所缺", "what"),
    hidden("state"),
    shown("状态", "state"),
    column("needs", "尚缺什么", "needs"),
    column("clauses", "条文", "clauses"),
    column("notice", "文件", "notice"),
    hidden("supplied_by"),
    hidden("basis"),
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
            rows.extend(gaps(&terms).into_iter().map(|gap| row(&gap, &terms, session.lang)));
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

/// A figure that is missing, or only stood in for.
struct Gap<'l> {
    key: String,
    state: State<'l>,
    needs: Option<&'l str>,
    cited: Option<Cited<'l>>,
}

enum State<'l> {
    /// A notice leaves it to another text.
    Open,
    /// So, but a figure of lesser basis stands in.
    Supplied(Cited<'l>),
    /// It follows a statistic that is not loaded.
    NoStatistic,
    /// It has ended and nothing follows.
    Ended(Date),
    /// A stage pays, and no file says this part of it.
    Unsaid,
}

fn gaps<'l>(terms: &Terms<'l>) -> Vec<Gap<'l>> {
    let mut gaps: Vec<Gap<'l>> = Vec::new();
    for (key, held) in terms.iter().filter(|(key, _)| !key.starts_with("check.")) {
        match held {
            Held::InForce(cited) if key.starts_with("open.") => gaps.push(declared(terms, cited)),
            Held::InForce(cited) => match status(terms, cited, None) {
                Status::Open => {
                    gaps.push(Gap { key: key.to_owned(), state: State::Open, needs: None, cited: Some(cited) })
                }
                Status::NoStatistic => {
                    gaps.push(Gap { key: key.to_owned(), state: State::NoStatistic, needs: None, cited: Some(cited) });
                }
                _ => {}
            },
            Held::Ended(cited, on) if !key.starts_with("open.") => {
                gaps.push(Gap { key: key.to_owned(), state: State::Ended(on), needs: None, cited: Some(cited) });
            }
            Held::Ended(..) => {}
        }
    }
    let known: BTreeSet<String> = gaps.iter().map(|gap| gap.key.clone()).collect();
    gaps.extend(unsaid(terms).into_iter().filter(|gap| !known.contains(&gap.key)));
    gaps
}

/// A figure that a notice declares open: still so, or stood in for by a supplement or a later notice.
fn declared<'l>(terms: &Terms<'l>, cited: Cited<'l>) -> Gap<'l> {
    let record = &cited.provision.record;
    let key = record.text("what").unwrap_or(&cited.provision.key).to_owned();
    let state = match terms.get(&key) {
        Ok(other) if status(terms, other, None) == Status::InForce => State::Supplied(other),
        Ok(_) | Err(Missing::Absent | Missing::Open | Missing::Statistic(..)) => State::Open,
        Err(Missing::Ended(on)) => State::Ended(on),
    };
    Gap { key, state, needs: record.text("needs"), cited: Some(cited) }
}

/// Parts that a stage must have and that no file gives: what is left out is open, never none.
fn unsaid<'l>(terms: &Terms<'l>) -> Vec<Gap<'l>> {
    let stages: BTreeSet<&str> = terms.family("stage.").filter_map(|(rest, _)| rest.split('.').next()).collect();
    let parts = |stage: &str| ["shape", "deductible", "bands", "cap"].map(|part| format!("stage.{stage}.{part}"));
    let absent = stages.into_iter().flat_map(parts).filter(|key| matches!(terms.get(key), Err(Missing::Absent)));
    absent.map(|key| Gap { key, state: State::Unsaid, needs: None, cited: None }).collect()
}

fn row(gap: &Gap<'_>, terms: &Terms<'_>, lang: Lang) -> Vec<Value> {
    let supplied = match &gap.state {
        State::Supplied(other) => Some(*other),
        _ => None,
    };
    let name = Words { lang, terms }.key(&gap.key);
    let (code, words) = gap.state.words(lang);
    vec![
        json!(terms.region.slug),
        json!(lang.of(&terms.region.name, &terms.region.slug)),
        json!(gap.key),
        json!([name, gap.key.clone()]),
        json!(code),
        json!(words),
        json!(needs(gap, terms, lang)),
        gap.cited.map_or(Value::Null, |cited| clauses(terms.library, cited)),
        json!(gap.cited.map(|cited| cited.notice.id.as_str())),
        json!(supplied.map(|other| other.notice.id.as_str())),
        json!(supplied.map(|other| other.provision.basis.code())),
    ]
}

/// What would fill the gap: in the words of the file, or else what follows from its kind.
fn needs(gap: &Gap<'_>, terms: &Terms<'_>, lang: Lang) -> String {
    let said = |cited: Cited<'_>| {
        let lines = Words { lang, terms }.lines(cited.provision);
        let lost = lines.iter().map(|line| line.text(lang)).filter(|text| LOST.iter().any(|word| text.contains(word)));
        cited.provision.record.text("note").map_or_else(|| lost.collect::<Vec<_>>().join("；"), str::to_owned)
    };
    match (&gap.state, gap.needs) {
        (_, Some(needs)) => needs.to_owned(),
        (State::Unsaid, _) if gap.key.ends_with(".cap") => {
            lang.of("写明；不设封顶写 amount = \"none\"", "say it; without a cap write amount = \"none\"").to_owned()
        }
        (State::Unsaid, _) if gap.key.ends_with(".deductible") => {
            lang.of("写明；不设起付线写 amount = 0", "say it; without a deductible write amount = 0").to_owned()
        }
        (State::Unsaid, _) => lang.of("写明", "say it").to_owned(),
        (State::Ended(_), _) => lang.of("此后没有新的规定", "nothing follows").to_owned(),
        _ => gap.cited.map_or_else(String::new, said),
    }
}

/// The words by which a line that lacks its figure is known.
const LOST: &[&str] = &["待定", "算不出", "open", "unknown"];

impl State<'_> {
    fn words(&self, lang: Lang) -> (&'static str, String) {
        let basis = |basis: Basis| lang.of(basis.name(), basis.code()).to_owned();
        match self {
            State::Open => ("open", lang.of("待定", "open").to_owned()),
            State::Supplied(other) => {
                ("supplied", format!("{}{}", lang.of("暂代：", "supplied: "), basis(other.provision.basis)))
            }
            State::NoStatistic => ("no-statistic", lang.of("缺统计数", "no statistic").to_owned()),
            State::Ended(on) => ("ended", format!("{on}{}", lang.of(" 起失效", " ended"))),
            State::Unsaid => ("unsaid", lang.of("没有写", "not said").to_owned()),
        }
    }
}
