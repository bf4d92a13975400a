//! Desks: operators of a provider who have signed in, under the number that each of their messages then carries.
//!
//! A sign-in ends with its day, or with the one that was asked for; the same operator at the same terminal has one at a time. What a
//! number allows is the interface's business; here is only whether it stands.

use std::collections::BTreeMap;

use domain::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::{Command, UseCase};
use crate::desk::{Desk, moment_of};
use crate::fold::{Fold, Stamp};
use crate::providers;
use crate::question::{Column, Query, Question, Table, col};
use crate::sheets::{Books, Key};

#[cfg(test)]
mod tests;

/// The commands of desks.
pub const COMMANDS: &[Command] = &[Command::of::<SignInDesk>(), Command::of::<SignOutDesk>()];

/// The questions about desks.
pub const QUERIES: &[Query] = &[Query::of::<ListDesks>()];

command! {
    /// Sign an operator of a provider in; messages then carry the number that is given
    SignInDesk = "desk sign-in", "机构操作员签到" {
        /// Code of the provider
        provider: String = "机构编码",
        /// Number of the operator at the provider
        operator: String = "操作员编号",
        /// The terminal: its address
        terminal: Option<String> = "终端地址",
        /// Last day; today, if left out
        until: Option<Date> = "至哪一天有效，不写为当天",
    }
}

command! {
    /// Sign an operator out
    SignOutDesk = "desk sign-out", "机构操作员签退" {
        /// Code of the provider
        provider: String = "机构编码",
        /// The number given at the sign-in
        number: String = "签到编号",
    }
}

command! {
    /// List the operators who are signed in
    ListDesks = "desk list", "列出在签的操作员" {
        /// Code of the provider
        provider: Option<String> = "机构编码",
    }
}

/// An operator who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// Number of the operator at the provider.
    pub operator: String,
    /// The terminal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub terminal: String,
    /// When, microseconds since 1970, UTC.
    pub at: i64,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
}

/// What can be recorded of a provider's desks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum DeskEntry {
    /// An operator signs in; it takes the place of an earlier sign-in at the same terminal, and those that are over are forgotten.
    SignedIn {
        /// The number given.
        number: String,
        /// Who, where, how long.
        sign: SignIn,
    },
    /// An operator signs out.
    SignedOut {
        /// The number given at the sign-in.
        number: String,
    },
}

/// A provider's desks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desks {
    /// Sign-ins that stand, by number.
    pub open: BTreeMap<String, SignIn>,
}

impl Fold for Desks {
    type Entry = DeskEntry;
    const KIND: &'static str = "desk";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &DeskEntry) {
        match entry {
            DeskEntry::SignedIn { number, sign } => {
                let same = |known: &SignIn| known.operator == sign.operator && known.terminal == sign.terminal;
                self.open.retain(|_, known| known.until >= sign.from && !same(known));
                self.open.insert(number.clone(), sign.clone());
            }
            DeskEntry::SignedOut { number } => _ = self.open.remove(number),
        }
    }
}

fn key(provider: &str) -> Key {
    Key::of(format!("desk/{provider}"))
}

/// The sign-in that a number stands for on a day.
///
/// # Errors
/// When it does not stand, or is another operator's; when the source fails.
pub fn signed_in(
    books: &mut Books<'_>,
    provider: &str,
    operator: Option<&str>,
    number: &str,
    day: Date,
) -> Result<SignIn, Stop> {
    let open = books.find::<Desks>(&key(&providers::code(provider)))?.and_then(|desks| desks.open.get(number));
    let stands = open.filter(|sign| (sign.from..=sign.until).contains(&day));
    let Some(sign) = stands.filter(|sign| operator.is_none_or(|operator| operator == sign.operator)) else {
        let message = format!("签到编号 {number} 无效：没有签到、已签退、已过期，或不是这个操作员的");
        return Err(Refusal::new("not-signed-in", message, "操作员重新签到，用新的签到编号").into());
    };
    Ok(sign.clone())
}

/// What an operator or a terminal is called: short, and on one line.
fn name(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if (1..=50).contains(&text.chars().count()) && !text.contains(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new("bad-field", format!("“{text}” 太长，或是空的"), "写不超过 50 个字符"))
}

impl UseCase for SignInDesk {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let today = desk.today();
        let provider = providers::on(books, &self.provider, today)?.code;
        let until = self.until.unwrap_or(today);
        if until < today {
            return Err(Refusal::new("impossible-date", format!("{until} 已过"), "写今天或以后的日期").into());
        }
        let operator = name(&self.operator)?;
        let terminal = self.terminal.as_deref().map(name).transpose()?.unwrap_or_default();
        // Nobody can guess it, and a repeat of the request is given the same.
        let mut number = desk.vault.index("sign-in", &format!("{provider} {operator} {}", books.request()));
        number.truncate(24);
        let sign = SignIn { operator, terminal, at: desk.at, from: today, until };
        books.post::<Desks>(&key(&provider), &DeskEntry::SignedIn { number: number.clone(), sign })?;
        let answer = Answer::new(format!("已签到，{until} 当天有效"), format!("signed in until {until}"));
        Ok(answer
            .with("provider", provider)
            .with("number", number)
            .with("at", moment_of(desk.at).to_string())
            .with("until", until.to_string()))
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        vec![providers::key(&self.provider), key(&providers::code(&self.provider))]
    }
}

impl UseCase for SignOutDesk {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        signed_in(books, &self.provider, None, &self.number, desk.today())?;
        let key = key(&providers::code(&self.provider));
        books.post::<Desks>(&key, &DeskEntry::SignedOut { number: self.number.clone() })?;
        Ok(Answer::new("已签退", "signed out").with("at", moment_of(desk.at).to_string()))
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        vec![key(&providers::code(&self.provider))]
    }
}

const DESKS: &[Column] = &[
    col("provider", "机构编码", "provider"),
    col("operator", "操作员编号", "operator"),
    col("terminal", "终端", "terminal"),
    col("at", "签到时刻", "signed in at"),
    col("until", "有效至", "until"),
];

impl Question for ListDesks {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let today = desk.today();
        let wanted = self.provider.as_deref().map(providers::code);
        let mut rows: Vec<Vec<Value>> = Vec::new();
        books.each::<Desks>(None, |key, desks| {
            let provider = key.subject.trim_start_matches("desk/");
            if wanted.as_deref().is_some_and(|wanted| wanted != provider) {
                return Ok(());
            }
            rows.extend(desks.open.values().filter(|sign| sign.until >= today).map(|sign| {
                let at = moment_of(sign.at).to_string();
                vec![
                    json!(provider),
                    json!(sign.operator),
                    json!(sign.terminal),
                    json!(at),
                    json!(sign.until.to_string()),
                ]
            }));
            Ok(())
        })?;
        let foot = format!("{} 人", rows.len());
        Ok(Table { title: "在签的操作员".to_owned(), columns: DESKS, rows, foot })
    }
}
