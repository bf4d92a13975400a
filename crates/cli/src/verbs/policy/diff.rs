//! `policy diff`: what changed between two days, row by row, and because of which clause.

use std::collections::{BTreeMap, BTreeSet};

use domain::Date;
use policy::terms::Terms;
use policy::{Cited, Held};
use serde_json::{Value, json};

use super::{Seen, clauses, day};
use crate::output::{Column, Listing, Output, column, hidden};
use crate::session::{Lang, Session, Verdict};
use crate::stop::Stop;
use crate::words::{Words, key_name};

/// Asks for what changed in a region between two days.
#[derive(clap::Args)]
pub struct Args {
    /// Slug, code, Chinese name or alias
    region: String,
    /// The day before
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Date,
    /// The day after; the same as --from if left out (to see what a draft changes)
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Option<Date>,
    #[command(flatten)]
    seen: Seen,
    #[command(flatten)]
    output: Output,
}

const COLUMNS: &[Column] = &[
    hidden("key"),
    column("what", "条款", "key"),
    column("about", "情形", "about"),
    column("before", "原", "before"),
    column("after", "现", "after"),
    column("change", "变动", "change"),
    column("clauses", "依据条文", "clauses"),
    column("notice", "文件", "notice"),
    column("since", "自", "since"),
];

impl Args {
    /// Compares the two days. Drafts count on the second only, so that what they change is seen.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let library = session.library()?;
        let region = session.region(library, &self.region)?;
        let to = self.to.unwrap_or(self.from);
        if to == self.from && !self.seen.has_drafts() {
            let what = "两个日子相同，又没有 --draft (nothing to compare)";
            return Err(Stop::usage(what, "写 --from 日期 --to 日期，或加 --draft 征求意见稿编号").into());
        }
        let before = library.terms(region, self.from, &self.seen.without_drafts());
        let after = library.terms(region, to, &self.seen.view(library)?);
        let rows = changes(&before, &after, session.lang);
        let title = format!("{} {} → {to}", session.lang.of(&region.name, &region.slug), self.from);
        let foot = match session.lang {
            Lang::Zh if rows.is_empty() => "没有变动".to_owned(),
            Lang::Zh => format!("{} 处变动", rows.len()),
            Lang::En if rows.is_empty() => "nothing changed".to_owned(),
            Lang::En => format!("{} changes", rows.len()),
        };
        Listing { title, columns: COLUMNS, rows, foot }.write(&self.output, session.lang)?;
        Ok(Verdict::Good)
    }
}

fn changes(before: &Terms<'_>, after: &Terms<'_>, lang: Lang) -> Vec<Vec<Value>> {
    let keys: BTreeSet<&str> = before.iter().chain(after.iter()).map(|(key, _)| key).collect();
    // What a notice says about figures is not itself a figure.
    let keys = keys.into_iter().filter(|key| !key.starts_with("check."));
    keys.flat_map(|key| changes_of(key, before, after, lang)).collect()
}

/// The changes of one key: a line each for what was added, taken away, or says something else.
fn changes_of(key: &str, before: &Terms<'_>, after: &Terms<'_>, lang: Lang) -> Vec<Vec<Value>> {
    let (old, new) = (before.held(key), after.held(key));
    let cause = Cause::of(old, new);
    let (was, is) = (said(before, old, lang), said(after, new, lang));
    // Rows in the order of the new table, then what is gone.
    let mut abouts: Vec<&String> = is.keys().collect();
    abouts.extend(was.keys().filter(|about| !is.contains_key(*about)));
    abouts.sort_by_key(|about| is.get(*about).or(was.get(*about)).map(|(place, _)| *place));
    let mut rows = Vec::new();
    for about in abouts {
        let value = |side: &Said| side.get(about).map(|(_, says)| says.clone());
        let (then, now) = (value(&was), value(&is));
        if then == now {
            continue;
        }
        let change = match (&then, &now) {
            (None, _) => ("added", "新增"),
            (_, None) if matches!(new, Some(Held::Ended(..))) => ("ended", "失效"),
            (_, None) => ("removed", "取消"),
            _ => ("changed", "改变"),
        };
        rows.push(vec![
            json!(key),
            json!([key_name(key, lang), key]),
            json!(about),
            json!(then),
            json!(now),
            json!(lang.of(change.1, change.0)),
            cause.cited.map_or(Value::Null, |cited| clauses(after.library, cited)),
            json!(cause.cited.map(|cited| cited.notice.id.as_str())),
            json!(cause.since.map(|day| day.to_string())),
        ]);
    }
    rows
}

/// What each line of a provision says, with its place among them.
type Said = BTreeMap<String, (usize, String)>;

fn said(terms: &Terms<'_>, held: Option<Held<'_>>, lang: Lang) -> Said {
    let Some(Held::InForce(cited)) = held else { return Said::new() };
    let lines = Words { lang, terms }.lines(cited.provision);
    let mut said = Said::new();
    for (at, line) in lines.into_iter().enumerate() {
        // A flag says nothing beside its name; two rows of the same conditions are told apart by their place.
        let says = if line.says.is_empty() { lang.of("是", "yes").to_owned() } else { line.says };
        let about = if said.contains_key(&line.about) { format!("{}（{}）", line.about, at + 1) } else { line.about };
        said.insert(about, (at, says));
    }
    said
}

/// Because of what a key changed: the provision that holds now, or the one that has ended.
struct Cause<'l> {
    cited: Option<Cited<'l>>,
    since: Option<Date>,
}

impl<'l> Cause<'l> {
    fn of(old: Option<Held<'l>>, new: Option<Held<'l>>) -> Cause<'l> {
        match (old, new) {
            (_, Some(Held::InForce(cited))) => Cause { cited: Some(cited), since: Some(cited.provision.period.from) },
            (_, Some(Held::Ended(cited, on))) => Cause { cited: Some(cited), since: Some(on) },
            // Only an earlier day, or less known, lies behind what is no longer there at all.
            (Some(Held::InForce(cited) | Held::Ended(cited, _)), None) => Cause { cited: Some(cited), since: None },
            (None, None) => Cause { cited: None, since: None },
        }
    }
}
