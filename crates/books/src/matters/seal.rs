//! Who asked, where the item keeps that under seal: read only with the special right, and every reading is an entry
//! (TJ16-31f). No list and no other answer opens the seal.

use serde_json::json;

use super::open::key;
use super::rights::{self, Right};
use super::sheet::{Matter, MatterEntry};
use super::step::unknown;
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// Read who asked in a matter that keeps it under seal; needs the special right, and is recorded
    ReadSeal = "matter identity", "查阅密封的申请人身份" {
        /// Tracking number
        matter: String = "受理号",
        /// What for
        purpose: String = "用途",
    }
}

impl UseCase for ReadSeal {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        rights::require(desk, books, Right::ReadReporter)?;
        let key = key(&self.matter);
        let opening = books.find::<Matter>(&key)?.and_then(|matter| matter.opening.clone());
        let Some(opening) = opening else { return Err(unknown(&self.matter).into()) };
        let Some(sealed) = &opening.sealed else {
            return Err(Refusal::new("not-sealed", "没有密封的身份", "匿名的无从查阅").into());
        };
        if self.purpose.trim().is_empty() {
            return Err(Refusal::new("missing-reason", "查阅要写用途", "写 purpose").into());
        }
        let identity = desk.vault.open("matter", sealed).map_err(super::damaged)?;
        books.post::<Matter>(&key, &MatterEntry::SealRead { purpose: self.purpose.trim().to_owned() })?;
        // Shown to who reads it; what is kept of the answer does not have it.
        let mut answer = Answer::new("已查阅，查阅已记录", "read, and recorded");
        answer.shown.insert("identity".to_owned(), json!(identity));
        Ok(answer)
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        vec![key(&self.matter)]
    }
}

command! {
    /// List who read what was under seal in a matter, when and what for
    Readings = "matter readings", "列出密封身份的查阅记录" {
        /// Tracking number
        matter: String = "受理号",
    }
}

const COLUMNS: &[Column] =
    &[col("time", "时刻", "time"), col("actor", "查阅人", "actor"), col("purpose", "用途", "purpose")];

impl Question for Readings {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut rows = Vec::new();
        for (_, entry, body) in books.history::<Matter>(&key(&self.matter).subject)? {
            if let MatterEntry::SealRead { purpose } = body {
                rows.push(vec![json!(super::time(entry.at)), json!(entry.actor), json!(purpose)]);
            }
        }
        let foot = format!("{} 次", rows.len());
        Ok(Table { title: format!("{} 的查阅记录", self.matter), columns: COLUMNS, rows, foot })
    }
}
