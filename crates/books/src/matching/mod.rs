//! Matching: which item of the catalogue a provider's own item is, from which day. One stream an own item.
//!
//! Whether a line whose own item is not matched may be charged is a rule of the interface of a region: its profile says so
//! (`match_first`), and [`require`] asks.

use std::ops::ControlFlow;

use domain::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::{Answer, Refusal, Stop};
use crate::catalogue::{self, Dated, Item, ListType, code_of, on, put};
use crate::codec::Word;
use crate::command;
use crate::command::{Command, UseCase};
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::providers;
use crate::question::{Column, Query, Question, Table, col};
use crate::record;
use crate::sheets::{Books, Key};

#[cfg(test)]
mod tests;

/// The commands of matching.
pub const COMMANDS: &[Command] =
    &[Command::of::<RecordMatching>(), Command::of::<CancelMatching>(), Command::of::<WithdrawMatching>()];

/// The questions about matching.
pub const QUERIES: &[Query] = &[Query::of::<ListMatching>()];

record! {
    /// An own item and what it is
    Matched {
        /// The provider's own code
        own: String = "机构目录编码",
        /// The provider's own name
        name: Option<String> = "机构目录名称",
        /// The list it stands on
        list: Word<ListType> = "目录类别",
        /// Code of the catalogue
        code: String = "医保目录编码",
        /// First day
        from: Date = "开始日期",
        /// Last day; without an end, if left out
        until: Option<Date> = "结束日期，不写为长期",
        /// Number of the approval
        approval: Option<String> = "批准文号",
        /// Dosage form
        form: Option<String> = "剂型",
        /// Specification and pack
        spec: Option<String> = "规格包装",
        /// Remark
        note: Option<String> = "备注",
    }
}

command! {
    /// Match a provider's own items to the catalogue; all are taken or none
    RecordMatching = "matching record", "上传机构目录对照，全部收下或全部不收" {
        /// Code of the provider
        provider: String = "机构编码",
        /// The items
        items: Vec<Matched> = "对照",
    }
}

command! {
    /// Cancel the matching of an own item
    CancelMatching = "matching cancel", "撤销机构目录对照" {
        /// Code of the provider
        provider: String = "机构编码",
        /// The provider's own code
        own: String = "机构目录编码",
        /// Code of the catalogue that it was matched to
        code: String = "医保目录编码",
        /// First day without it; today, if left out
        from: Option<Date> = "自哪一天起撤销，不写为今天",
    }
}

record! {
    /// An own item and what it is no longer
    Unmatched {
        /// The provider's own code
        own: String = "机构目录编码",
        /// Code of the catalogue that it was matched to
        code: String = "医保目录编码",
    }
}

command! {
    /// Cancel the matching of several own items from today on; all are cancelled or none
    WithdrawMatching = "matching withdraw", "一次撤销多条机构目录对照，全部撤销或全部不撤" {
        /// Code of the provider
        provider: String = "机构编码",
        /// The items
        items: Vec<Unmatched> = "对照",
    }
}

command! {
    /// List what a provider's own items are matched to
    ListMatching = "matching list", "列出机构目录对照" {
        /// Code of the provider
        provider: String = "机构编码",
        /// The provider's own code
        own: Option<String> = "机构目录编码",
        /// Only what holds on this day
        on: Option<Date> = "只列这一天有效的",
    }
}

/// What an own item is, from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// The list.
    pub list: Word<ListType>,
    /// Code of the catalogue.
    pub code: String,
    /// The provider's own name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// First day.
    pub from: Date,
    /// First day on which it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Date>,
    /// Number of the approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<String>,
    /// Dosage form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// Specification and pack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    /// Remark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When it was recorded or ended, microseconds since 1970: the sheet has it of its entry.
    #[serde(default, skip_serializing_if = "catalogue::is_nothing")]
    pub told: i64,
}

/// What can be recorded of an own item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum MatchEntry {
    /// It is matched; what was matched from the same day is corrected.
    Matched(Match),
    /// From a day on it is no longer matched to a code.
    Cancelled {
        /// The code.
        code: String,
        /// The day.
        from: Date,
    },
}

/// What an own item is, over time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matching {
    /// Oldest first.
    pub matches: Vec<Match>,
}

impl Dated for Match {
    fn from(&self) -> Date {
        self.from
    }
    fn end(&self) -> Option<Date> {
        self.end
    }
}

impl catalogue::Recorded for Match {
    fn told(&self) -> i64 {
        self.told
    }
    fn untold(&mut self) {
        self.told = 0;
    }
}

impl Fold for Matching {
    type Entry = MatchEntry;
    const KIND: &'static str = "match";

    fn as_kept(&mut self, kept: &Matching) {
        catalogue::as_kept(&mut self.matches, &kept.matches);
    }

    fn apply(&mut self, stamp: &Stamp<'_>, entry: &MatchEntry) {
        match entry {
            MatchEntry::Matched(one) => put(&mut self.matches, Match { told: stamp.at, ..one.clone() }),
            MatchEntry::Cancelled { code, from } => {
                self.matches.retain(|one| one.code != *code || one.from < *from);
                let stands = |one: &&mut Match| one.code == *code && one.end.is_none_or(|end| end > *from);
                for one in self.matches.iter_mut().filter(stands) {
                    (one.end, one.told) = (Some(*from), stamp.at);
                }
            }
        }
    }
}

pub(crate) fn key(provider: &str, own: &str) -> Key {
    Key::of(format!("match/{provider}/{own}"))
}

/// An own code: it may be any text without blanks and strokes.
fn own_code(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let fits = |c: char| !c.is_whitespace() && !c.is_control() && c != '/';
    if (1..=50).contains(&text.chars().count()) && text.chars().all(fits) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new("bad-own-code", format!("“{text}” 不能作机构目录编码"), "不超过 50 个字符，不含空格和 “/”"))
}

/// What a provider's own item is on a day.
///
/// # Errors
/// When the source fails.
pub fn matched(books: &mut Books<'_>, provider: &str, own: &str, day: Date) -> Result<Option<Match>, Stop> {
    let key = key(&providers::code(provider), own.trim());
    Ok(books.find::<Matching>(&key)?.and_then(|matching| on(&matching.matches, day)).cloned())
}

/// Some of a provider's matchings that hold on a day, with the own codes, in the order of these: from after one on, as many as are
/// asked for of those wanted. Reads no others than it passes.
///
/// # Errors
/// When the source fails.
pub fn holding(
    books: &mut Books<'_>,
    provider: &str,
    day: Date,
    (after, most): (Option<&str>, usize),
    wanted: impl Fn(&str, &Match) -> bool,
) -> Result<Vec<(String, Match)>, Stop> {
    let prefix = format!("match/{}/", providers::code(provider));
    let after = after.map(|own| Key::of(format!("{prefix}{own}")));
    let mut found = Vec::new();
    if most == 0 {
        return Ok(found);
    }
    books.each_after::<Matching>(&prefix, None, after, |key, matching| {
        let own = key.subject.strip_prefix(&*prefix).unwrap_or_default();
        if let Some(one) = on(&matching.matches, day).filter(|one| wanted(own, one)) {
            found.push((own.to_owned(), one.clone()));
        }
        Ok(if found.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(found)
}

/// Refuses a line whose own item is not matched on its day to the item it is charged as.
///
/// # Errors
/// When it is not; when the source fails.
pub fn require(books: &mut Books<'_>, provider: &str, own: &str, code: &str, day: Date) -> Result<(), Stop> {
    let cure = "先上传目录对照（3301，matching record），再上传费用";
    match matched(books, provider, own, day)? {
        None => Err(Refusal::new("not-matched", format!("机构项目 {own} 在 {day} 没有目录对照"), cure).into()),
        Some(one) if !one.code.eq_ignore_ascii_case(code.trim()) => {
            let message = format!("机构项目 {own} 在 {day} 对照的是 {}，不是 {code}", one.code);
            Err(Refusal::new("matched-otherwise", message, cure).into())
        }
        Some(_) => Ok(()),
    }
}

impl Matched {
    /// As it is recorded.
    fn checked(&self, books: &mut Books<'_>) -> Result<(String, Match), Stop> {
        let (own, code) = (own_code(&self.own)?, code_of(&self.code)?);
        if self.until.is_some_and(|until| until < self.from) {
            return Err(Refusal::new("ends-before-it-starts", "结束日期早于开始日期", "核对两个日期").into());
        }
        let item = books.find::<Item>(&catalogue::key(&code))?.and_then(|item| item.on(self.from));
        let Some(item) = item else {
            let message = format!("{} 的医保目录里没有 {code}", self.from);
            return Err(Refusal::new("unknown-item", message, "核对医保目录编码和开始日期；先下载新版目录").into());
        };
        if item.list != self.list {
            let message = format!("{code} 的目录类别是 {}，不是 {}", item.list, self.list);
            return Err(Refusal::new("list-differs", message, "按医保目录改正目录类别").into());
        }
        let Matched { name, list, from, until, approval, form, spec, note, .. } = self.clone();
        let end = until.and_then(|until| until.tomorrow().ok());
        let name = name.unwrap_or_default();
        Ok((own, Match { list, code, name, from, end, approval, form, spec, note, told: 0 }))
    }
}

impl UseCase for RecordMatching {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let provider = providers::on(books, &self.provider, desk.today())?.code;
        let (mut new, mut same) = (0_u32, 0_u32);
        for (at, item) in self.items.iter().enumerate() {
            let (own, one) = item.checked(books).map_err(|stop| numbered(at, stop))?;
            let key = key(&provider, &own);
            let same_as = |known: &Match| *known == Match { told: known.told, ..one.clone() };
            if books.find::<Matching>(&key)?.is_some_and(|matching| matching.matches.iter().any(same_as)) {
                same += 1;
                continue;
            }
            books.post::<Matching>(&key, &MatchEntry::Matched(one))?;
            new += 1;
        }
        let answer = Answer::new(format!("记下 {new} 条，相同 {same} 条"), format!("{new} recorded, {same} the same"));
        Ok(answer.with("provider", provider).with("new", new).with("same", same))
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        let provider = providers::code(&self.provider);
        let of = |item: &Matched| [key(&provider, item.own.trim()), catalogue::key(&item.code)];
        self.items.iter().flat_map(of).chain([providers::key(&self.provider)]).collect()
    }
}

/// A refusal of one of many, with its number.
fn numbered(at: usize, stop: Stop) -> Stop {
    match stop {
        Stop::Refused(refusal) => {
            Stop::Refused(Refusal { message: format!("第 {} 条：{}", at + 1, refusal.message), ..refusal })
        }
        other => other,
    }
}

/// Cancels the matching of an own item.
fn cancel(books: &mut Books<'_>, provider: &str, own: &str, code: &str, from: Date) -> Result<(), Stop> {
    let key = key(&providers::code(provider), own.trim());
    let code = code_of(code)?;
    let known = books.find::<Matching>(&key)?;
    let stands = |one: &Match| one.code == code && one.end.is_none_or(|end| end > from);
    if !known.is_some_and(|known| known.matches.iter().any(stands)) {
        let message = format!("{own} 没有与 {code} 的有效对照");
        return Err(Refusal::new("not-matched", message, "matching list 列出有效的对照").into());
    }
    books.post::<Matching>(&key, &MatchEntry::Cancelled { code, from })?;
    Ok(())
}

impl UseCase for CancelMatching {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let from = self.from.unwrap_or_else(|| desk.today());
        cancel(books, &self.provider, &self.own, &self.code, from)?;
        Ok(Answer::new(format!("自 {from} 起撤销"), format!("cancelled from {from}")).with("own", self.own.trim()))
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        vec![key(&providers::code(&self.provider), self.own.trim())]
    }
}

impl UseCase for WithdrawMatching {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let from = desk.today();
        for (at, item) in self.items.iter().enumerate() {
            cancel(books, &self.provider, &item.own, &item.code, from).map_err(|stop| numbered(at, stop))?;
        }
        let many = self.items.len();
        Ok(Answer::new(format!("撤销 {many} 条"), format!("{many} cancelled")).with("cancelled", many))
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        let provider = providers::code(&self.provider);
        self.items.iter().map(|item| key(&provider, item.own.trim())).collect()
    }
}

const MATCHES: &[Column] = &[
    col("own", "机构目录编码", "own code"),
    col("name", "机构目录名称", "own name"),
    col("list", "目录类别", "list"),
    col("code", "医保目录编码", "code"),
    col("from", "开始日期", "from"),
    col("end", "失效日期", "end"),
    col("note", "备注", "remark"),
    col("recorded", "登记时刻（1970年起微秒）", "recorded, microseconds since 1970"),
];

impl Question for ListMatching {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let provider = providers::code(&self.provider);
        let mut rows: Vec<Vec<Value>> = Vec::new();
        let own = self.own.as_deref().map(str::trim);
        books.each_under::<Matching>(&format!("match/{provider}/"), None, |key, matching| {
            let code = key.subject.rsplit('/').next().unwrap_or_default();
            if own.is_some_and(|own| own != code) {
                return Ok(());
            }
            let all =
                matching.matches.iter().filter(|one| self.on.is_none_or(|day| on(&matching.matches, day) == Some(one)));
            rows.extend(all.map(|one| {
                let end = one.end.map(|end| end.to_string());
                let from = one.from.to_string();
                vec![
                    json!(code),
                    json!(one.name),
                    json!(one.list),
                    json!(one.code),
                    json!(from),
                    json!(end),
                    json!(one.note),
                    json!(one.told),
                ]
            }));
            Ok(())
        })?;
        let foot = format!("{} 条", rows.len());
        Ok(Table { title: format!("{provider} 的目录对照"), columns: MATCHES, rows, foot })
    }
}
