//! Who may see personal data in clear, and who did: a right is given by another, for a time, and each look leaves its reason.
//!
//! Two kinds of streams of the same subject: the rights in year 0, the looks in the year they were taken.

use domain::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{find, reason, told};
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

/// What is recorded of somebody's access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum AccessEntry {
    /// Is given the right.
    Granted {
        /// First day.
        from: Date,
        /// Last day.
        until: Date,
        /// Why.
        reason: String,
    },
    /// Loses it.
    Revoked {
        /// First day without it.
        on: Date,
        /// Why.
        reason: String,
    },
    /// Looked at a person's whole record.
    Viewed {
        /// Whose.
        person: String,
        /// On which day.
        on: Date,
        /// Why.
        reason: String,
    },
}

/// A right to see, first and last day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
    /// Who gave it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// A look that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// At whom.
    pub person: String,
    /// On which day.
    pub on: Date,
    /// Why.
    pub reason: String,
}

/// Somebody's rights, or the looks of a year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// The right as it was last given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant>,
    /// Looks, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looks: Vec<Look>,
}

impl Fold for Access {
    type Entry = AccessEntry;
    const KIND: &'static str = "access";

    fn apply(&mut self, stamp: &Stamp<'_>, entry: &AccessEntry) {
        match entry {
            AccessEntry::Granted { from, until, reason } => {
                let by = stamp.actor.to_owned();
                self.grant = Some(Grant { from: *from, until: *until, by, reason: reason.clone() });
            }
            AccessEntry::Revoked { on, .. } => {
                let last = on.yesterday().unwrap_or(*on);
                self.grant = self.grant.take().map(|grant| Grant { until: grant.until.min(last), ..grant });
            }
            AccessEntry::Viewed { person, on, reason } => {
                self.looks.push(Look { person: person.clone(), on: *on, reason: reason.clone() });
            }
        }
    }
}

fn rights(who: &str) -> Key {
    Key::of(format!("access/{who}"))
}

/// Refuses who has no right to see personal data in clear today.
pub(super) fn allowed(desk: &Desk<'_>, books: &mut Books<'_>) -> Result<(), Stop> {
    let today = desk.today();
    let grant = books.find::<Access>(&rights(desk.actor))?.and_then(|access| access.grant.as_ref());
    if grant.is_some_and(|grant| (grant.from..=grant.until).contains(&today)) {
        return Ok(());
    }
    let message = format!("{} {today} 没有查看完整个人信息的权限", desk.actor);
    Err(Refusal::new("no-right", message, "请他人用 access grant 授权；脱敏信息用 person show").into())
}

/// Records a look.
pub(super) fn viewed(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, reason: String) -> Result<(), Stop> {
    let today = desk.today();
    let entry = AccessEntry::Viewed { person: told(person).to_owned(), on: today, reason };
    books.post::<Access>(&Key { year: today.year(), ..rights(desk.actor) }, &entry)?;
    Ok(())
}

command! {
    /// Give somebody else the right to see personal data in clear, for a time
    GrantAccess = "access grant", "授权查看完整个人信息" {
        /// To whom
        who: String = "授权给谁",
        /// First day; today, if left out
        from: Option<Date> = "起始日，不写为今天",
        /// Last day
        until: Date = "截止日（含）",
        /// Why
        reason: String = "原因",
    }
}

impl UseCase for GrantAccess {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let (who, reason) = (self.who.trim(), reason(&self.reason)?);
        if who.is_empty() || who == desk.actor {
            return Err(Refusal::new("own-grant", "查看权限不能授给自己", "由另一人授权").into());
        }
        let from = self.from.unwrap_or(desk.today());
        if self.until < from {
            return Err(Refusal::new("ends-before-start", "权限的截止日在起始日之前", "核对日期").into());
        }
        books.post::<Access>(&rights(who), &AccessEntry::Granted { from, until: self.until, reason })?;
        let until = self.until;
        Ok(Answer::new(format!("已授权 {who}，{from} 至 {until}"), format!("granted to {who} until {until}")))
    }
}

command! {
    /// Take the right to see personal data in clear away
    EndAccess = "access end", "收回查看权限" {
        /// From whom
        who: String = "收回谁的",
        /// Why
        reason: String = "原因",
    }
}

impl UseCase for EndAccess {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let (who, reason, on) = (self.who.trim(), reason(&self.reason)?, desk.today());
        let key = rights(who);
        let held = books.find::<Access>(&key)?.and_then(|access| access.grant.as_ref()).map(|grant| grant.until);
        if held.is_none_or(|until| until < on) {
            return Ok(Answer::new(format!("{who} 现在没有查看权限，未作变更"), "already so"));
        }
        books.post::<Access>(&key, &AccessEntry::Revoked { on, reason })?;
        Ok(Answer::new(format!("已收回 {who} 的查看权限"), format!("{who} has the right no more")))
    }
}

command! {
    /// List the looks at personal data in clear: who, at whom, when, why
    AccessLog = "access log", "列出完整信息的查看记录" {
        /// Of whom the record was
        person: Option<String> = "被查看人的证件号码或个人编号",
        /// Who looked
        who: Option<String> = "查看人",
        /// From this day on
        from: Option<Date> = "自哪一日",
    }
}

command! {
    /// List who may see personal data in clear
    AccessList = "access list", "列出有查看权限的人" {
        /// On this day; today, if left out
        on: Option<Date> = "在哪一日，不写为今天",
    }
}

const LOOKS: &[Column] = &[
    col("on", "日期", "on"),
    col("who", "查看人", "who"),
    col("person", "被查看人", "person"),
    col("reason", "原因", "reason"),
];

const GRANTS: &[Column] = &[
    col("who", "被授权人", "who"),
    col("from", "起始", "from"),
    col("until", "截止（含）", "until"),
    col("by", "授权人", "granted by"),
    col("reason", "原因", "reason"),
];

fn who(key: &Key) -> &str {
    key.subject.strip_prefix("access/").unwrap_or(&key.subject)
}

impl Question for AccessLog {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let person = self.person.as_ref().map(|person| find(desk, books, person)).transpose()?;
        let mut rows = Vec::new();
        books.each::<Access>(None, |key, access| {
            let wanted = |look: &&Look| {
                self.who.as_ref().is_none_or(|wanted| wanted == who(key))
                    && person.as_ref().is_none_or(|person| told(person) == look.person)
                    && self.from.is_none_or(|from| from <= look.on)
            };
            let looks = access.looks.iter().filter(wanted);
            rows.extend(
                looks.map(|look| {
                    vec![json!(look.on.to_string()), json!(who(key)), json!(look.person), json!(look.reason)]
                }),
            );
            Ok(())
        })?;
        rows.sort_by(|a, b| a[0].as_str().cmp(&b[0].as_str()));
        let foot = format!("{} 次", rows.len());
        Ok(Table { title: "完整信息查看记录".to_owned(), columns: LOOKS, rows, foot })
    }
}

impl Question for AccessList {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let on = self.on.unwrap_or(desk.today());
        let mut rows = Vec::new();
        books.each::<Access>(Some(0), |key, access| {
            if let Some(grant) = access.grant.as_ref().filter(|grant| (grant.from..=grant.until).contains(&on)) {
                let Grant { from, until, by, reason } = grant;
                rows.push(vec![
                    json!(who(key)),
                    json!(from.to_string()),
                    json!(until.to_string()),
                    json!(by),
                    json!(reason),
                ]);
            }
            Ok(())
        })?;
        let foot = format!("{} 人", rows.len());
        Ok(Table { title: format!("{on} 有查看权限的人"), columns: GRANTS, rows, foot })
    }
}
