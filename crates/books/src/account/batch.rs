//! The transfer of a month's shares to the cards: a batch that is run once, its failed lines listed, sent again and again until
//! they arrive (TJ16-17d). The bank's file format is not part of it: the lines are a list.

use domain::{Date, Fen};
use enrolment::account_transfer;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::book::{AccountBook, AccountEntry, Month, TransferState};
use super::{account_key, area_of, month_of, number_of};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::{Word, Yuan};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

/// What can be recorded of a month's batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum BatchEntry {
    /// Lines were sent to the bank.
    Run {
        /// Which run of the month, from 1.
        run: u32,
        /// How many lines.
        lines: u32,
        /// Their sum.
        sum: Yuan,
    },
    /// The bank's answer to a run was taken in.
    Answered {
        /// Which run.
        run: u32,
        /// Lines that are on the cards.
        arrived: u32,
        /// Lines that failed.
        failed: u32,
    },
}

/// The batch of a month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Lines and sum of each run, the first first.
    pub runs: Vec<(u32, Yuan)>,
    /// Whether the bank has answered the last run.
    pub answered: bool,
}

impl Fold for Batch {
    type Entry = BatchEntry;
    const KIND: &'static str = "transfer";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &BatchEntry) {
        match entry {
            BatchEntry::Run { lines, sum, .. } => {
                self.runs.push((*lines, *sum));
                self.answered = false;
            }
            BatchEntry::Answered { .. } => self.answered = true,
        }
    }
}

fn batch_key(month: Date) -> Key {
    Key::of(format!("transfer/{}", month.strftime("%Y-%m")))
}

command! {
    /// Send a month's shares of all accounts to the cards; a month is run once
    Transfer = "account transfer-month", "将一个月的记账金额按比例划入社保卡：每月只办一次" {
        /// The month, as 2016-10
        month: String = "月份，如 2016-10",
    }
}

command! {
    /// Send again what the bank sent back of a month, and what was credited after the run
    Retry = "account retry", "重发一个月里划转失败的各笔，以及划转后补记的" {
        /// The month
        month: String = "月份，如 2016-10",
    }
}

command! {
    /// Take in the bank's answer to the last run of a month: every line has arrived but those that are named
    TransferResult = "account transfer-result", "登记银行对最近一次划转的回盘：除列出的外均已到卡" {
        /// The month
        month: String = "月份，如 2016-10",
        /// Lines that failed, as `person number=reason`
        failed: Vec<String> = "失败的，如 个人编号=账户已注销",
    }
}

impl UseCase for Transfer {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let month = month_of(&self.month)?;
        if month > desk.today() {
            return Err(Refusal::new("impossible-date", format!("{} 还没到", self.month), "按月办理已到的月份").into());
        }
        if let Some((lines, sum)) =
            books.find::<Batch>(&batch_key(month))?.and_then(|batch| batch.runs.first().copied())
        {
            let says =
                format!("{} 已划转过（{lines} 笔，{sum} 元），本次没有划转；失败的用 account retry 重发", self.month);
            let answer = Answer::new(says, format!("{} was run before; nothing is sent", self.month));
            return Ok(answer.with("already", true).with("lines", 0).with("sum", "0.00"));
        }
        send(desk, books, month, &self.month)
    }
}

impl UseCase for Retry {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let month = month_of(&self.month)?;
        let Some(batch) = books.find::<Batch>(&batch_key(month))? else { return Err(not_run(&self.month).into()) };
        if !batch.answered {
            let message = format!("{} 最近一次划转还没有回盘", self.month);
            return Err(Refusal::new("not-answered", message, "先用 account transfer-result 登记回盘").into());
        }
        send(desk, books, month, &self.month)
    }
}

/// Sends what waits of a month, as one run.
fn send(desk: &Desk<'_>, books: &mut Books<'_>, month: Date, name: &str) -> Result<Answer, Stop> {
    let terms = desk.rules.terms(month)?;
    let run = books.find::<Batch>(&batch_key(month))?.map_or(0, |batch| batch.runs.len()) + 1;
    let run = u32::try_from(run).unwrap_or(u32::MAX);
    let (mut lines, mut sum, mut steps) = (0, Fen::ZERO, Vec::new());
    for (key, credit) in waiting(books, month)? {
        let share = account_transfer(&terms, credit)?;
        desk.rules.accept(share.basis)?;
        let entry = AccountEntry::Sent {
            month,
            batch: run,
            amount: Yuan(share.transfer),
            stays: Yuan(share.stays),
            area: area_of(books, &key)?,
            clauses: share.step.clauses.clone(),
            basis: share.basis.to_string(),
        };
        books.post::<AccountBook>(&key, &entry)?;
        lines += 1;
        sum += share.transfer;
        if steps.is_empty() {
            steps.push((&share.step).into());
        }
    }
    if lines == 0 {
        // A month from which nothing may move is refused by the terms, not passed over in silence.
        account_transfer(&terms, Fen::ZERO)?;
        let answer = Answer::new(format!("{name} 没有要划转的"), format!("nothing of {name} is to be sent"));
        return Ok(answer.with("lines", 0).with("sum", "0.00"));
    }
    books.post::<Batch>(&batch_key(month), &BatchEntry::Run { run, lines, sum: Yuan(sum) })?;
    Ok(Answer::new(format!("{name} 第 {run} 次划转：{lines} 笔，{sum} 元"), format!("{lines} lines, {sum}, are sent"))
        .with("run", run)
        .with("lines", lines)
        .with("sum", sum.to_string())
        .because(steps))
}

/// Accounts whose share of a month waits, with what was credited.
fn waiting(books: &mut Books<'_>, month: Date) -> Result<Vec<(Key, Fen)>, Stop> {
    let mut found = Vec::new();
    books.each::<AccountBook>(None, |key, account| {
        let waits = account.months.get(&month).filter(|of| of.waits() && of.credit.0 > Fen::ZERO);
        found.extend(waits.map(|of| (key.clone(), of.credit.0)));
        Ok(())
    })?;
    Ok(found)
}

impl UseCase for TransferResult {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let month = month_of(&self.month)?;
        let Some(batch) = books.find::<Batch>(&batch_key(month))?.cloned() else {
            return Err(not_run(&self.month).into());
        };
        if batch.answered {
            let message = format!("{} 最近一次划转的回盘已登记", self.month);
            return Err(Refusal::new("already-answered", message, "失败的用 account retry 重发").into());
        }
        let mut failed = Vec::new();
        for text in &self.failed {
            let Some((person, why)) = text.split_once('=') else {
                return Err(
                    Refusal::new("bad-failed", format!("“{text}” 不是“个人编号=原因”"), "照回盘逐行填写").into()
                );
            };
            failed.push((account_key(person.trim()), why.trim().to_owned()));
        }
        let sent = sent(books, month)?;
        if let Some((key, _)) = failed.iter().find(|(key, _)| !sent.iter().any(|(known, _)| known == key)) {
            let message = format!("{} 不在 {} 最近一次划转里", number_of(key), self.month);
            return Err(Refusal::new("unknown-line", message, "核对回盘的个人编号和月份").into());
        }
        let (mut arrived, mut returned) = (0, 0);
        for (key, amount) in sent {
            let area = area_of(books, &key)?;
            let entry = match failed.iter().find(|(known, _)| *known == key) {
                Some((_, why)) => {
                    returned += 1;
                    AccountEntry::Failed { month, amount, area, why: why.clone() }
                }
                None => {
                    arrived += 1;
                    AccountEntry::Arrived { month, amount, area }
                }
            };
            books.post::<AccountBook>(&key, &entry)?;
        }
        let run = u32::try_from(batch.runs.len()).unwrap_or(u32::MAX);
        books.post::<Batch>(&batch_key(month), &BatchEntry::Answered { run, arrived, failed: returned })?;
        let says = format!("{} 第 {run} 次划转：到卡 {arrived} 笔，失败 {returned} 笔", self.month);
        Ok(Answer::new(says, format!("{arrived} arrived, {returned} failed"))
            .with("arrived", arrived)
            .with("failed", returned))
    }
}

fn sent(books: &mut Books<'_>, month: Date) -> Result<Vec<(Key, Yuan)>, Stop> {
    let mut found = Vec::new();
    books.each::<AccountBook>(None, |key, account| {
        let of = account.months.get(&month).filter(|of| of.state == Some(Word(TransferState::Sent)));
        found.extend(of.map(|of| (key.clone(), of.transfer)));
        Ok(())
    })?;
    Ok(found)
}

fn not_run(month: &str) -> Refusal {
    Refusal::new("not-run", format!("{month} 还没有划转"), "先用 account transfer-month 办理")
}

command! {
    /// List the lines of a month's transfer and how far each has come
    Transfers = "account transfers", "列出一个月的划转明细及状态" {
        /// The month
        month: String = "月份，如 2016-10",
        /// Only what failed
        failed: bool = "只列失败的",
    }
}

const COLUMNS: &[Column] = &[
    col("person", "个人编号", "person"),
    col("credit", "记账", "credit"),
    col("transfer", "划转", "transfer"),
    col("state", "状态", "state"),
    col("why", "失败原因", "why"),
    col("sent", "发送次数", "times sent"),
];

impl Question for Transfers {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let month = month_of(&self.month)?;
        let mut rows = Vec::new();
        books.each::<AccountBook>(None, |key, account| {
            let failed = |of: &Month| of.state == Some(Word(TransferState::Failed));
            if let Some(of) = account.months.get(&month).filter(|of| !self.failed || failed(of)) {
                let state = of.state.map_or("waiting", |state| state.0.code());
                rows.push(vec![
                    json!(number_of(key)),
                    json!(of.credit),
                    json!(of.transfer),
                    json!(state),
                    json!(of.why),
                    json!(of.sent),
                ]);
            }
            Ok(())
        })?;
        let runs = books.find::<Batch>(&batch_key(month))?.map_or(0, |batch| batch.runs.len());
        let foot = format!("{} 笔，已发送 {runs} 次", rows.len());
        Ok(Table { title: format!("{} 个人账户划转", self.month), columns: COLUMNS, rows, foot })
    }
}
