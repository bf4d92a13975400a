//! A request whose fate its sender does not know is recalled: what it did is taken back, and if it has not arrived yet, it is
//! refused when it does.
//!
//! The recall stands in a stream of the request's own, named by a keyed hash of it. Every command about visits looks there
//! before it is carried out, in the same transaction: whichever of the two comes first, the other sees it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::book::{Visit, VisitEntry};
use super::describe::reopen;
use super::open::cancel;
use super::reverse::{reinstate, reverse};
use super::strike::strike;
use super::{clear, held};
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Entry, Fold, Stamp};
use crate::people;
use crate::sheets::{Books, Key};

command! {
    /// Recall a request about a visit: take back what it did, or make sure that it never will
    Recall = "request recall", "冲正就诊请求：已办的撤回，未到的到了也不办" {
        /// Number of an ID card, or the person's number
        person: String = "证件号码或个人编号",
        /// Code of the provider
        provider: String = "定点机构代码",
        /// Key of the request
        request_key: String = "所冲正的请求号",
        /// Why
        reason: Option<String> = "原因",
    }
}

/// What can be recorded of a recalled request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum RecallEntry {
    /// It is recalled.
    Recalled {
        /// What it had done, now taken back.
        undone: Vec<String>,
        /// Why.
        reason: String,
    },
}

/// A recalled request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recalls {
    /// What it had done, now taken back.
    pub undone: Vec<String>,
}

impl Fold for Recalls {
    type Entry = RecallEntry;
    const KIND: &'static str = "recall";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &RecallEntry) {
        let RecallEntry::Recalled { undone, .. } = entry;
        self.undone.clone_from(undone);
    }
}

/// The stream of a request that may be recalled.
pub(crate) fn recall_key(desk: &Desk<'_>, request: &str) -> Key {
    Key::of(format!("recall/{}", desk.vault.index("request", request)))
}

/// Refuses a request that was recalled before it arrived.
pub(crate) fn recalled(desk: &Desk<'_>, books: &mut Books<'_>, request: &str) -> Result<(), Stop> {
    if books.find::<Recalls>(&recall_key(desk, request))?.is_none() {
        return Ok(());
    }
    let message = format!("请求 {request} 已冲正，不再办理");
    Err(Refusal::new("recalled", message, "要办理的，用新的请求号重新发送").into())
}

impl UseCase for Recall {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let reason = clear("原因", &self.reason)?.unwrap_or_else(|| "机构冲正".to_owned());
        let key = recall_key(desk, self.request_key.trim());
        if let Some(known) = books.find::<Recalls>(&key)? {
            return Ok(self.answer(&known.undone.clone()).with("already", true));
        }
        let mut undone = Vec::new();
        for (visit, entries) in self.done(books, &person)? {
            for (entry, body) in entries.iter().rev() {
                undone.extend(self.undo(desk, books, &visit, (entry, body), &reason)?);
            }
        }
        books.post::<Recalls>(&key, &RecallEntry::Recalled { undone: undone.clone(), reason })?;
        Ok(self.answer(&undone))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        let person = people::likely(desk, &self.person);
        person.into_iter().chain([recall_key(desk, self.request_key.trim())]).collect()
    }
}

/// The visits that a request worked on, with its entries.
type Done = Vec<(String, Vec<(Entry, VisitEntry)>)>;

impl Recall {
    fn answer(&self, undone: &[String]) -> Answer {
        let (says, english) = match undone {
            [] => ("没有办过这个请求；以后到了也不办".to_owned(), "not carried out, and never will be".to_owned()),
            some => (format!("已冲正：{}", some.join("、")), format!("taken back: {}", some.join(", "))),
        };
        Answer::new(says, english).with("found", !undone.is_empty()).with("undone", Value::from(undone.to_vec()))
    }

    /// What the request did to the person's visits at the provider.
    fn done(&self, books: &mut Books<'_>, person: &Key) -> Result<Done, Stop> {
        const VISITS: usize = 10_000;
        let provider = self.provider.trim().to_ascii_uppercase();
        let visits = books.names("visit", &format!("{}/{provider}/", people::told(person)), VISITS)?;
        let mut done = Vec::new();
        for link in visits {
            let entries: Vec<(Entry, VisitEntry)> = books
                .history::<Visit>(&link.subject)?
                .into_iter()
                .filter(|(_, entry, _)| entry.request == self.request_key.trim())
                .map(|(_, entry, body)| (entry, body))
                .collect();
            if !entries.is_empty() {
                done.push((link.subject.trim_start_matches("visit/").to_owned(), entries));
            }
        }
        Ok(done)
    }

    /// Takes back what an entry did, as far as it still stands.
    fn undo(
        &self,
        desk: &Desk<'_>,
        books: &mut Books<'_>,
        visit: &str,
        (entry, body): (&Entry, &VisitEntry),
        reason: &str,
    ) -> Result<Option<String>, Stop> {
        let key = super::key(visit);
        let stands = books.find::<Visit>(&key)?.cloned().unwrap_or_default();
        if stands.cancelled {
            return Ok(None);
        }
        match body {
            VisitEntry::Settled { part, .. } => {
                if stands.standing().all(|standing| standing.settlement != part.settlement) {
                    return Ok(None);
                }
                let held = held(desk, books, visit, &self.provider, None)?;
                reverse(desk, books, &held, &part.settlement, reason)?;
                Ok(Some(format!("结算 {}", part.settlement)))
            }
            VisitEntry::Charged { lines } => {
                let left = lines.iter().map(|line| line.sn.clone()).filter(|sn| stands.lines.contains_key(sn));
                let left: BTreeSet<String> = left.collect();
                let count = left.len();
                strike(books, &key, left)?;
                Ok((count > 0).then(|| format!("{count} 行明细")))
            }
            VisitEntry::Opened(_) if entry.number == 1 => {
                cancel(books, &key, visit, reason)?;
                Ok(Some(format!("就诊登记 {visit}")))
            }
            VisitEntry::Discharged(_) if stands.discharged.is_some() => {
                reopen(books, &key, visit, reason)?;
                Ok(Some("出院".to_owned()))
            }
            VisitEntry::Discharged(_) => Ok(None),
            // What is told of a visit that is cancelled with it needs nothing of its own.
            VisitEntry::Described(_) if entry.number == 2 => Ok(None),
            VisitEntry::Described(_) | VisitEntry::Opened(_) => Err(cannot("变更就诊信息", "重新上传正确的信息")),
            VisitEntry::Struck { .. } => Err(cannot("撤销明细", "重新上传明细（visit charge）")),
            VisitEntry::Reversed { settlement, .. } => {
                // What was done to the visit since was done to unsettled lines.
                if books.entries(&key)? > entry.number {
                    return Err(cannot("撤销结算，其后就诊又有变动", "重新结算（visit settle）"));
                }
                reinstate(desk, books, &key, settlement, &entry.request, reason)?;
                Ok(Some(format!("结算 {settlement} 的撤销")))
            }
            VisitEntry::Reinstated { .. } => Ok(None),
            VisitEntry::Reopened { .. } => Err(cannot("撤销出院", "重新办理出院（visit discharge）")),
            VisitEntry::Cancelled { .. } => Err(cannot("撤销登记", "重新登记（visit open）")),
        }
    }
}

fn cannot(what: &str, cure: &str) -> Stop {
    Refusal::new("cannot-recall", format!("这个请求已办理：{what}，不能冲正"), cure).into()
}
