//! `policy list`: the notices, with their status and how long they hold.

use std::collections::BTreeSet;

use domain::Date;
use policy::{Library, Notice, Status, notice_end};
use serde_json::{Value, json};

use super::{day, last_day};
use crate::io::out::Output;
use crate::output::{Column, Listing, column, hidden, shown};
use crate::session::{Lang, Session, Verdict, today};

/// Asks for the notices.
#[derive(clap::Args)]
pub struct Args {
    /// Only the notices that hold in this region: slug, code, Chinese name or alias
    #[arg(long)]
    region: Option<String>,
    /// Status on this day; today if left out
    #[arg(long, value_name = "DAY", value_parser = day)]
    on: Option<Date>,
    #[command(flatten)]
    output: Output,
}

const COLUMNS: &[Column] = &[
    column("id", "编号", "id"),
    hidden("region"),
    shown("地区", "region"),
    hidden("kind"),
    hidden("status"),
    shown("状态", "status"),
    column("issued", "印发", "issued"),
    column("effective", "施行", "effective"),
    column("ends", "最后一日", "last day"),
    column("provisions", "条款", "provisions"),
    column("clauses", "引用条文", "clauses cited"),
    hidden("registered"),
    hidden("number"),
    column("title", "标题", "title"),
    hidden("file"),
];

impl Args {
    /// Lists them.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let library = session.library()?;
        let mut notices: Vec<&Notice> = match &self.region {
            Some(name) => library.notices_of(session.region(library, name)?),
            None => library.notices.iter().collect(),
        };
        let day = self.on.unwrap_or_else(today);
        // Regions by code, their notices as they were issued.
        notices.sort_by_key(|notice| library.regions.get(&notice.region).map(|region| &region.code));
        let rows: Vec<Vec<Value>> = notices.iter().map(|notice| row(library, notice, day, session.lang)).collect();
        let foot = match session.lang {
            Lang::Zh => format!("{} 份文件，状态按 {day}", rows.len()),
            Lang::En => format!("{} notices, status on {day}", rows.len()),
        };
        Listing { title: String::new(), columns: COLUMNS, rows, foot }.write(&self.output, session.lang)?;
        Ok(Verdict::Good)
    }
}

fn row(library: &Library, notice: &Notice, day: Date, lang: Lang) -> Vec<Value> {
    let end = notice_end(library, notice);
    let status = Status::of(library, notice, end, day);
    let cited: BTreeSet<&String> = notice.provisions.iter().flat_map(|provision| &provision.clauses).collect();
    let prefix = notice.clauses.as_ref().map(|prefix| format!("{prefix}-"));
    let registered =
        prefix.map(|prefix| library.register.iter().filter(|clause| clause.id.starts_with(&prefix)).count());
    let region = library.regions.get(&notice.region).map_or(notice.region.as_str(), |r| lang.of(&r.name, &r.slug));
    vec![
        json!(notice.id),
        json!(notice.region),
        json!(region),
        json!(notice.kind.code()),
        json!(status.code()),
        json!(lang.of(status.name(), status.english())),
        json!(notice.issued.to_string()),
        json!(notice.effective.to_string()),
        json!(last_day(end).map(|day| day.to_string())),
        json!(notice.provisions.len()),
        json!(cited.len()),
        json!(registered),
        json!(notice.number),
        json!(notice.title),
        json!(notice.place.file),
    ]
}
