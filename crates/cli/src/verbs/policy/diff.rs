//! `policy diff`: what changed between two days, row by row, and because of which clause.

use std::collections::BTreeSet;

use domain::Date;
use policy::terms::Terms;
use policy::{Cited, Held, View, place};
use serde_json::{Value, json};

use super::{Seen, Sets, day};
use crate::io::out::Output;
use crate::output::{Column, Listing, clauses, column, hidden, shown};
use crate::session::{Lang, Session, Verdict};
use crate::stop::Stop;
use crate::words::{Line, Words, broken};

/// Asks for what changed in a region between two days.
#[derive(clap::Args)]
pub struct Args {
    /// Slug, code, Chinese name or alias
    region: String,
    /// The day before
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Date,
    /// The day after; the same as --from if left out (to see what a draft or --set changes)
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Option<Date>,
    #[command(flatten)]
    seen: Seen,
    #[command(flatten)]
    sets: Sets,
    #[command(flatten)]
    output: Output,
}

const COLUMNS: &[Column] = &[
    hidden("key"),
    shown("条款", "provision"),
    column("about", "情形", "about"),
    shown("原", "before"),
    shown("现", "after"),
    hidden("before"),
    hidden("after"),
    hidden("change"),
    shown("变动", "change"),
    column("clauses", "依据条文", "clauses"),
    column("notice", "文件", "notice"),
    column("since", "自", "since"),
];

impl Args {
    /// Compares the two days. Drafts and set figures count on the second only, so that what they change is seen.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let library = session.library()?;
        let region = session.region(library, &self.region)?;
        let to = self.to.unwrap_or(self.from);
        if to == self.from && !self.seen.has_drafts() && self.sets.is_empty() {
            let what = "两个日子相同，又没有 --draft 或 --set (nothing to compare)";
            return Err(
                Stop::usage(what, "写 --from 日期 --to 日期，或加 --draft 征求意见稿编号、--set 路径=值").into()
            );
        }
        let before = library.terms(region, self.from, &self.seen.without_drafts());
        let view = self.seen.view(library)?;
        let set = self.sets.overlay(session, library, region, &view, (to, to))?;
        let after = library.terms(region, to, &View { overlay: set.as_ref(), ..view });
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
    let mut keys: Vec<&str> = keys.into_iter().filter(|key| !key.starts_with("check.")).collect();
    keys.sort_by_cached_key(|key| place(after, key));
    keys.into_iter().flat_map(|key| changes_of(key, before, after, lang)).collect()
}

/// The changes of one key: one for all of a provision that is new or gone, else one for each field or row that differs.
fn changes_of(key: &str, before: &Terms<'_>, after: &Terms<'_>, lang: Lang) -> Vec<Vec<Value>> {
    let (old, new) = (before.held(key), after.held(key));
    let (was, is) = (said(before, old, lang), said(after, new, lang));
    let mut changes: Vec<Change> = Vec::new();
    match (was.is_empty(), is.is_empty()) {
        (true, true) => {}
        (true, false) => changes.push(Change { about: None, then: None, now: Some(is), kind: ADDED }),
        (false, true) => {
            let kind = if matches!(new, Some(Held::Ended(..))) { ENDED } else { REMOVED };
            changes.push(Change { about: None, then: Some(was), now: None, kind });
        }
        (false, false) => {
            let gone = was.iter().filter(|line| !is.iter().any(|other| other.about == line.about));
            for line in is.iter().chain(gone) {
                let of = |side: &[Line]| side.iter().find(|other| other.about == line.about).cloned();
                let (then, now) = (of(&was), of(&is));
                if then != now {
                    let kind = match (&then, &now) {
                        (None, _) => ADDED,
                        (_, None) => REMOVED,
                        _ => CHANGED,
                    };
                    let one = |line: Option<Line>| line.map(|line| vec![Line { about: String::new(), ..line }]);
                    changes.push(Change { about: Some(line.about.clone()), then: one(then), now: one(now), kind });
                }
            }
        }
    }
    let cause = Cause::of(old, new);
    let name = Words { lang, terms: if new.is_some() { after } else { before } }.key(key);
    let row = |(at, change): (usize, &Change)| {
        let texts =
            |lines: &Option<Vec<Line>>| -> Vec<String> { lines.iter().flatten().map(|line| line.text(lang)).collect() };
        let people = |texts: &[String]| -> Vec<String> { texts.iter().flat_map(|text| broken(text, WIDTH)).collect() };
        let (then, now) = (texts(&change.then), texts(&change.now));
        vec![
            json!(key),
            // Named once, above all its changes.
            json!(if at == 0 { vec![name.as_str(), key] } else { Vec::new() }),
            json!(change.about),
            json!(people(&then)),
            json!(people(&now)),
            json!(then),
            json!(now),
            json!(change.kind.0),
            json!(lang.of(change.kind.1, change.kind.0)),
            cause.cited.map_or(Value::Null, |cited| clauses(after.library, &cited.provision.clauses)),
            json!(cause.cited.map(|cited| cited.notice.id.as_str())),
            json!(cause.since.map(|day| day.to_string())),
        ]
    };
    changes.iter().enumerate().map(row).collect()
}

/// One change: what it is about (nothing: the whole provision), what was said and is said, and its kind.
struct Change {
    about: Option<String>,
    then: Option<Vec<Line>>,
    now: Option<Vec<Line>>,
    kind: (&'static str, &'static str),
}

const ADDED: (&str, &str) = ("added", "新增");
const REMOVED: (&str, &str) = ("removed", "取消");
const ENDED: (&str, &str) = ("ended", "失效");
const CHANGED: (&str, &str) = ("changed", "改变");

/// Width at which a cell is broken into lines.
const WIDTH: usize = 48;

/// What a key says on the day, two lines about the same told apart by their place.
fn said(terms: &Terms<'_>, held: Option<Held<'_>>, lang: Lang) -> Vec<Line> {
    let Some(Held::InForce(cited)) = held else { return Vec::new() };
    let mut lines = Words { lang, terms }.lines(cited.provision);
    for at in 1..lines.len() {
        if lines[..at].iter().any(|earlier| earlier.about == lines[at].about) {
            lines[at].about.push_str(&format!(" #{}", at + 1));
        }
    }
    lines
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
