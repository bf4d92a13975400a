//! What a physician did about hints of the review before and during care: went on, or went back and changed the order.

use std::collections::BTreeMap;

use domain::{Date, vocabulary};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::{Desk, moment_of};
use crate::fold::{Fold, Stamp};
use crate::people;
use crate::providers;
use crate::question::{Column, Question, Table, col};
use crate::record;
use crate::sheets::{Books, Key};

vocabulary! {
    /// What was done about a hint.
    Act {
        Continued = "continued", "继续执行", "went on";
        Changed = "changed", "返回修改", "went back and changed";
    }
}

record! {
    /// A hint, and what was done about it
    Handled {
        /// Number of the hint
        hint: String = "提示编号",
        /// What was done
        act: Word<Act> = "处理方式",
        /// Why; needed to go on
        reason: Option<String> = "理由，继续执行时必写",
    }
}

command! {
    /// Record what a physician did about hints of the review
    RecordFeedback = "feedback record", "记录医师对审核提示的处理" {
        /// Code of the provider
        provider: String = "机构编码",
        /// The hints
        hints: Vec<Handled> = "提示及处理",
    }
}

command! {
    /// List what physicians did about hints of the review
    ListFeedback = "feedback list", "列出对审核提示的处理" {
        /// Code of the provider
        provider: String = "机构编码",
        /// From this day on
        from: Option<Date> = "自哪一日",
        /// What was done
        act: Option<Word<Act>> = "处理方式",
    }
}

/// What can be recorded of a provider's handling of hints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum FeedbackEntry {
    /// Something was done about a hint.
    Handled {
        /// Number of the hint.
        hint: String,
        /// What.
        act: Word<Act>,
        /// Why.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
}

/// How a provider handled hints in a year: the journal tells each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// How often, by what was done.
    pub counts: BTreeMap<Word<Act>, u64>,
}

impl Fold for Feedback {
    type Entry = FeedbackEntry;
    const KIND: &'static str = "feedback";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &FeedbackEntry) {
        let FeedbackEntry::Handled { act, .. } = entry;
        *self.counts.entry(*act).or_default() += 1;
    }
}

fn key(provider: &str, year: i16) -> Key {
    Key::in_year(format!("feedback/{provider}"), year)
}

impl UseCase for RecordFeedback {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let provider = providers::on(books, &self.provider, desk.today())?.code;
        let key = key(&provider, desk.today().year());
        for handled in &self.hints {
            let reason = match handled.act.0 {
                Act::Continued => people::reason(handled.reason.as_deref().unwrap_or_default())?,
                Act::Changed => handled.reason.as_deref().map(people::reason).transpose()?.unwrap_or_default(),
            };
            let hint = handled.hint.trim().to_owned();
            if hint.is_empty() {
                return Err(Refusal::new("bad-field", "没有写提示编号", "写审核结果里的编号").into());
            }
            books.post::<Feedback>(&key, &FeedbackEntry::Handled { hint, act: handled.act, reason })?;
        }
        let many = self.hints.len();
        Ok(Answer::new(format!("记下 {many} 条处理"), format!("{many} recorded")).with("recorded", many))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        vec![providers::key(&self.provider), key(&providers::code(&self.provider), desk.today().year())]
    }
}

const HANDLED: &[Column] = &[
    col("at", "时刻", "at"),
    col("hint", "提示编号", "hint"),
    col("act", "处理方式", "act"),
    col("reason", "理由", "reason"),
    col("who", "经手人", "who"),
];

impl Question for ListFeedback {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let provider = providers::code(&self.provider);
        let mut rows: Vec<Vec<Value>> = Vec::new();
        for (_, entry, body) in books.history::<Feedback>(&format!("feedback/{provider}"))? {
            let FeedbackEntry::Handled { hint, act, reason } = body;
            let at = moment_of(entry.at);
            if self.from.is_none_or(|from| from <= at.date()) && self.act.is_none_or(|wanted| wanted == act) {
                rows.push(vec![json!(at.to_string()), json!(hint), json!(act), json!(reason), json!(entry.actor)]);
            }
        }
        let foot = format!("{} 条", rows.len());
        Ok(Table { title: format!("{provider} 对审核提示的处理"), columns: HANDLED, rows, foot })
    }
}
