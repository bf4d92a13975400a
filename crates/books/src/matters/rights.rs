//! Special rights: who may read what is under seal. A right has an end and a reason, and nobody gives one to himself.
//!
//! Who may run commands at all is the business of the edge; here is only what needs a right of its own.

use domain::{Date, vocabulary};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::list::day;
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

vocabulary! {
    /// A special right.
    Right {
        ReadIdentity = "read-identity", "查阅身份信息", "read identity data in full";
        ReadReporter = "read-reporter", "查阅举报人身份", "read who reported a violation";
    }
}

/// A right held by somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Which.
    pub right: Word<Right>,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
    /// Why.
    pub reason: String,
    /// Who gave it.
    pub by: String,
}

/// What can be recorded of somebody's rights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum RightEntry {
    /// A right is given.
    Granted(Grant),
    /// A right is taken back.
    Withdrawn {
        /// Which.
        right: Word<Right>,
        /// First day without it.
        on: Date,
    },
}

/// The rights of somebody who acts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// Those given and not taken back, the last first given.
    pub held: Vec<Grant>,
}

impl Fold for Rights {
    type Entry = RightEntry;
    const KIND: &'static str = "right";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &RightEntry) {
        match entry {
            RightEntry::Granted(grant) => {
                self.held.retain(|held| held.right != grant.right);
                self.held.push(grant.clone());
            }
            RightEntry::Withdrawn { right, .. } => self.held.retain(|held| held.right != *right),
        }
    }
}

/// Refuses who does not hold a right today.
///
/// # Errors
/// When the right is not held.
pub fn require(desk: &Desk<'_>, books: &mut Books<'_>, right: Right) -> Result<(), Stop> {
    let today = desk.today();
    let rights = books.find::<Rights>(&key(desk.actor))?;
    let holds = |grant: &Grant| grant.right.0 == right && grant.from <= today && today <= grant.until;
    if rights.is_some_and(|rights| rights.held.iter().any(holds)) {
        return Ok(());
    }
    let message = format!("{} 没有“{}”的权限", desk.actor, right.name());
    Err(Refusal::new("no-right", message, "由另一人用 right grant 授权，写明期限和理由").into())
}

command! {
    /// Give somebody a special right, for a time and a reason
    GrantRight = "right grant", "授予特别权限" {
        /// Who gets it
        actor: String = "授予谁",
        /// Which right
        right: Word<Right> = "权限",
        /// Last day
        until: Date = "至哪一天",
        /// Why
        reason: String = "理由",
    }
}

impl UseCase for GrantRight {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let today = desk.today();
        if self.actor == desk.actor {
            return Err(Refusal::new("own-right", "不能给自己授权", "由另一人授权").into());
        }
        if self.until < today {
            return Err(
                Refusal::new("ends-before-start", format!("期限 {} 已过", self.until), "写今天以后的日期").into()
            );
        }
        if self.reason.trim().is_empty() {
            return Err(Refusal::new("missing-reason", "授权要写理由", "写 reason").into());
        }
        let grant = Grant {
            right: self.right,
            from: today,
            until: self.until,
            reason: self.reason.trim().to_owned(),
            by: desk.actor.to_owned(),
        };
        books.post::<Rights>(&key(&self.actor), &RightEntry::Granted(grant))?;
        let right = self.right.0;
        Ok(Answer::new(
            format!("{} 至 {} 可{}", self.actor, self.until, right.name()),
            format!("{} may {} until {}", self.actor, right.english(), self.until),
        ))
    }
}

command! {
    /// Take a special right back
    WithdrawRight = "right withdraw", "收回特别权限" {
        /// From whom
        actor: String = "收回谁的",
        /// Which right
        right: Word<Right> = "权限",
    }
}

impl UseCase for WithdrawRight {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = key(&self.actor);
        let right = self.right.0;
        let held = books.find::<Rights>(&key)?.is_some_and(|r| r.held.iter().any(|grant| grant.right.0 == right));
        if !held {
            return Ok(Answer::new(format!("{} 没有这项权限", self.actor), "not held"));
        }
        books.post::<Rights>(&key, &RightEntry::Withdrawn { right: self.right, on: desk.today() })?;
        Ok(Answer::new(format!("已收回 {} 的“{}”", self.actor, right.name()), "withdrawn"))
    }
}

command! {
    /// List special rights and who holds them
    ListRights = "right list", "列出特别权限" {
    }
}

const COLUMNS: &[Column] = &[
    col("actor", "持有人", "actor"),
    col("right", "权限", "right"),
    col("from", "自", "from"),
    col("until", "至", "until"),
    col("by", "授权人", "given by"),
    col("reason", "理由", "reason"),
];

impl Question for ListRights {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut rows = Vec::new();
        books.each::<Rights>(None, |key, rights| {
            rows.extend(rights.held.iter().map(|grant| {
                vec![
                    json!(key.subject.trim_start_matches("right/")),
                    json!(grant.right),
                    day(Some(grant.from)),
                    day(Some(grant.until)),
                    json!(grant.by),
                    json!(grant.reason),
                ]
            }));
            Ok(())
        })?;
        let foot = format!("{} 项", rows.len());
        Ok(Table { title: "特别权限".to_owned(), columns: COLUMNS, rows, foot })
    }
}

fn key(actor: &str) -> Key {
    Key::of(format!("right/{actor}"))
}
