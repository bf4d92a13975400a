//! Uploads: when care happened, and when the provider sent its record.
//!
//! The line from which a record is late is a term (`upload.delay`); where no notice sets it, delays are told and nothing is
//! called late. What the record says is not kept here.

use std::collections::BTreeMap;

use domain::{Care, Date};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{TimeZone, offset};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{key, on};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// Record that a provider has uploaded a visit
    Upload = "upload record", "记录诊疗信息上传" {
        /// Code of the provider
        provider: String = "机构编码",
        /// Number of the visit
        visit: String = "就诊流水号",
        /// Kind of care
        care: Word<Care> = "医疗类别",
        /// When care happened, as 2017-03-05T10:00
        happened: String = "发生时刻，如 2017-03-05T10:00",
        /// When it was uploaded; now, if left out
        uploaded: Option<String> = "上传时刻，不写为现在",
    }
}

command! {
    /// List uploads with their delay
    ListUploads = "upload list", "列出上传及延迟" {
        /// Code of the provider
        provider: Option<String> = "机构编码",
        /// First day on which care happened
        from: Option<Date> = "发生日期起",
        /// Last day on which care happened
        to: Option<Date> = "发生日期止",
        /// Kind of care
        care: Option<Word<Care>> = "医疗类别",
        /// Only those that are late
        late: bool = "只列迟报的",
    }
}

command! {
    /// Tell the delay of uploads by provider and kind of care
    CountUploads = "upload count", "上传延迟统计" {
        /// First day on which care happened
        from: Option<Date> = "发生日期起",
        /// Last day on which care happened
        to: Option<Date> = "发生日期止",
    }
}

/// An upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Number of the visit.
    pub visit: String,
    /// Kind of care.
    pub care: Word<Care>,
    /// When care happened.
    pub happened: DateTime,
    /// When it was uploaded.
    pub uploaded: DateTime,
}

/// What can be recorded of a provider's uploads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum UploadEntry {
    /// One came.
    Came(Record),
}

/// The uploads of a provider for the care of one day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uploads {
    /// In the order they came.
    pub records: Vec<Record>,
}

impl Fold for Uploads {
    type Entry = UploadEntry;
    const KIND: &'static str = "upload";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &UploadEntry) {
        let UploadEntry::Came(record) = entry;
        self.records.push(record.clone());
    }
}

impl Record {
    /// Minutes from care to upload.
    fn delay(&self) -> i64 {
        self.happened.duration_until(self.uploaded).as_secs() / 60
    }
}

impl UseCase for Upload {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let happened = moment(&self.happened)?;
        let now = Timestamp::from_microsecond(desk.at).unwrap_or_default().to_zoned(TimeZone::fixed(offset(8)));
        let uploaded = self.uploaded.as_deref().map(moment).transpose()?.unwrap_or(now.datetime());
        if uploaded < happened || uploaded > now.datetime() {
            let message = format!("上传时刻 {uploaded} 不在发生时刻 {happened} 和现在之间");
            return Err(Refusal::new("impossible-date", message, "核对两个时刻，都是北京时间").into());
        }
        let code = on(books, &self.provider, happened.date())?.code;
        let key = stream(&code, happened.date());
        let known = books.find::<Uploads>(&key)?;
        let known = known.and_then(|uploads| uploads.records.iter().find(|record| record.visit == self.visit));
        let record = Record { visit: self.visit.clone(), care: self.care, happened, uploaded };
        if let Some(known) = known {
            let delay = known.delay();
            return Ok(Answer::new(format!("{} 已上传过，延迟 {delay} 分钟", self.visit), "already so")
                .with("delay", delay)
                .with("repeated", true));
        }
        let delay = record.delay();
        let late = line(desk, happened.date())?.map(|line| delay > line);
        books.post::<Uploads>(&key, &UploadEntry::Came(record))?;
        let says =
            format!("{} 已记录，延迟 {delay} 分钟{}", self.visit, if late == Some(true) { "，迟报" } else { "" });
        Ok(Answer::new(says, format!("recorded, {delay} minutes after care")).with("delay", delay).with("late", late))
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        let day = moment(&self.happened).ok().map(|happened| happened.date());
        [key(&self.provider)].into_iter().chain(day.map(|day| stream(&super::clean(&self.provider), day))).collect()
    }
}

/// The stream of a provider's uploads for the care of a day: a sheet stays as small as a day.
fn stream(code: &str, day: Date) -> Key {
    Key::in_year(format!("upload/{code}/{:02}-{:02}", day.month(), day.day()), day.year())
}

/// The minutes after which an upload is late, where a notice sets them.
fn line(desk: &Desk<'_>, day: Date) -> Result<Option<i64>, Refusal> {
    let terms = desk.rules.terms(day)?;
    let Ok(cited) = terms.get("upload.delay") else { return Ok(None) };
    let minutes = cited.provision.record.integer("minutes");
    if minutes.is_some() {
        desk.rules.accept(cited.provision.basis)?;
    }
    Ok(minutes)
}

fn moment(text: &str) -> Result<DateTime, Refusal> {
    text.trim()
        .parse()
        .map_err(|_| Refusal::new("bad-field", format!("“{text}” 不是时刻"), "写成 2017-03-05T10:00，北京时间"))
}

/// Uploads of some days, each with its provider and whether it is late.
fn between(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    (from, to): (Option<Date>, Option<Date>),
) -> Result<Vec<(String, Record, Option<bool>)>, Stop> {
    let mut lines: BTreeMap<Date, Option<i64>> = BTreeMap::new();
    let mut found = Vec::new();
    books.each::<Uploads>(None, |key, uploads| {
        let code = key.subject.split('/').nth(1).unwrap_or_default();
        for record in &uploads.records {
            let day = record.happened.date();
            if from.is_some_and(|from| day < from) || to.is_some_and(|to| to < day) {
                continue;
            }
            let minutes = match lines.get(&day) {
                Some(minutes) => *minutes,
                None => *lines.entry(day).or_insert(line(desk, day)?),
            };
            let late = minutes.map(|minutes| record.delay() > minutes);
            found.push((code.to_owned(), record.clone(), late));
        }
        Ok(())
    })?;
    Ok(found)
}

const RECORDS: &[Column] = &[
    col("provider", "机构编码", "provider"),
    col("visit", "就诊流水号", "visit"),
    col("care", "医疗类别", "care"),
    col("happened", "发生时刻", "happened"),
    col("uploaded", "上传时刻", "uploaded"),
    col("delay", "延迟（分钟）", "delay in minutes"),
    col("late", "迟报", "late"),
];

const DELAYS: &[Column] = &[
    col("provider", "机构编码", "provider"),
    col("care", "医疗类别", "care"),
    col("records", "上传数", "records"),
    col("average", "平均延迟（分钟）", "average delay in minutes"),
    col("longest", "最长延迟（分钟）", "longest delay in minutes"),
    col("late", "迟报数", "late"),
];

const NO_LINE: &str = "没有规定上传时限（[[upload.delay]]）的日子只列延迟，不判迟报";

impl Question for ListUploads {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let code = self.provider.as_deref().map(super::clean);
        let found = between(desk, books, (self.from, self.to))?;
        let open = found.iter().any(|(_, _, late)| late.is_none());
        let wanted = |(provider, record, late): &(String, Record, Option<bool>)| {
            code.as_ref().is_none_or(|code| code == provider)
                && self.care.is_none_or(|care| care == record.care)
                && (!self.late || *late == Some(true))
        };
        let rows = found.into_iter().filter(wanted).map(|(provider, record, late)| {
            vec![
                json!(provider),
                json!(record.visit),
                json!(record.care.0.code()),
                json!(record.happened.to_string()),
                json!(record.uploaded.to_string()),
                json!(record.delay()),
                json!(late),
            ]
        });
        let rows: Vec<Vec<serde_json::Value>> = rows.collect();
        let foot = if open { format!("{} 条；{NO_LINE}", rows.len()) } else { format!("{} 条", rows.len()) };
        Ok(Table { title: "诊疗信息上传".to_owned(), columns: RECORDS, rows, foot })
    }
}

#[derive(Default)]
struct Delays {
    records: i64,
    total: i64,
    longest: i64,
    late: Option<i64>,
}

impl Question for CountUploads {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut by: BTreeMap<(String, Care), Delays> = BTreeMap::new();
        let mut open = false;
        for (provider, record, late) in between(desk, books, (self.from, self.to))? {
            let delays = by.entry((provider, record.care.0)).or_default();
            let delay = record.delay();
            delays.records += 1;
            delays.total += delay;
            delays.longest = delays.longest.max(delay);
            open |= late.is_none();
            delays.late = late.map(|late| delays.late.unwrap_or(0) + i64::from(late)).or(delays.late);
        }
        let rows = by.into_iter().map(|((provider, care), delays)| {
            let average = delays.total / delays.records.max(1);
            vec![
                json!(provider),
                json!(care.code()),
                json!(delays.records),
                json!(average),
                json!(delays.longest),
                json!(delays.late),
            ]
        });
        let rows: Vec<Vec<serde_json::Value>> = rows.collect();
        let foot = if open { NO_LINE.to_owned() } else { String::new() };
        Ok(Table { title: "诊疗信息上传延迟".to_owned(), columns: DELAYS, rows, foot })
    }
}
