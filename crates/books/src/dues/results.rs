//! What the bank did with a debit file.
//!
//! A result file is loaded once; a line of it is taken, short, refused, double or unknown, and money that no bill can take waits in
//! suspense. What was asked, taken and refused, and what the file says, add up.

use domain::Fen;

use super::debit::{Debit, DebitEntry};
use super::files::{self, File, FileLine, REJECTED, Report, whole};
use super::receive::{Booked, Money, RECEIPT, Taken, sound, take};
use super::record::{Channel, DuesEntry, REFUSED};
use super::sheet::Dues;
use super::suspense::{self, Why};
use super::{follow, key_of_number, person_of};
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::{Books, Key};

command! {
    /// Load the results of a debit file
    LoadResult = "debit result", "录入批量扣款结果" {
        /// Number of the debit file
        batch: String = "扣款文件编号",
        /// Text of the result file
        text: String = "结果文件全文",
        /// Load the whole file or nothing: no line may be rejected
        whole: bool = "整份录入或整份不录",
        /// No more results will come: bills without a result are free again
        last: bool = "不再有结果：未回的缴费单放回",
    }
}

impl UseCase for LoadResult {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = Key::of(format!("debit/{}", self.batch));
        let batch = books.find::<Debit>(&key)?.cloned().ok_or_else(|| {
            Refusal::new("unknown-batch", format!("没有扣款文件 {}", self.batch), "用 debit list 查看")
        })?;
        let hash = files::hash(&self.text);
        if let Some((_, report)) = batch.results.iter().find(|(known, _)| *known == hash) {
            return Ok(told(&self.batch, &batch, report).with("state", "already"));
        }
        let file = files::read("debit-result", &self.text)?;
        if file.number != self.batch {
            let message = format!("结果文件是 {} 的，不是 {} 的", file.number, self.batch);
            return Err(Refusal::new("other-batch", message, "核对文件").into());
        }
        let mut loading =
            Loading { batch: &batch, number: &self.batch, outcomes: Vec::new(), report: Report::default() };
        loading.load(desk, books, &file)?;
        if self.last {
            loading.release(desk, books)?;
        }
        let Loading { outcomes, report, .. } = loading;
        if self.whole {
            whole(&report)?;
        }
        books
            .post::<Debit>(&key, &DebitEntry::Answered { on: desk.today(), hash, outcomes, report: report.clone() })?;
        let batch = books.find::<Debit>(&key)?.cloned().unwrap_or_default();
        Ok(told(&self.batch, &batch, &report).with("state", "loaded"))
    }
}

struct Loading<'a> {
    batch: &'a Debit,
    number: &'a str,
    /// What became of the bills in this file.
    outcomes: Vec<(String, String)>,
    report: Report,
}

impl Loading<'_> {
    fn load(&mut self, desk: &Desk<'_>, books: &mut Books<'_>, file: &File<'_>) -> Result<(), Stop> {
        let taken = |line: &&FileLine<'_>| line.field(1) != REFUSED;
        let sum = file.lines.iter().filter(taken).filter_map(|line| line.money(2).ok()).sum();
        file.sums_to(sum)?;
        for (passed, line) in file.lines.iter().enumerate() {
            books.passed(passed)?;
            match self.line(desk, books, line) {
                Err(Stop::Refused(refusal)) => {
                    let amount = line.money(2).unwrap_or_default();
                    self.report.add(line, REJECTED, amount, format!("{} ({})", refusal.message, refusal.code));
                }
                other => other?,
            }
        }
        Ok(())
    }

    fn line(&mut self, desk: &Desk<'_>, books: &mut Books<'_>, line: &FileLine<'_>) -> Result<(), Stop> {
        let bill = line.field(0);
        let asked = self.batch.lines.iter().find(|known| known.bill == bill);
        let answered = asked.is_some_and(|line| line.outcome.is_some()) || self.outcomes.iter().any(|(b, _)| b == bill);
        match line.field(1) {
            REFUSED => {
                let reason = line.field(5);
                let note = if reason.is_empty() { "未写原因" } else { reason };
                if asked.is_none() {
                    return Err(Refusal::new("unknown-line", format!("文件里没有缴费单 {bill}"), "核对").into());
                }
                if answered {
                    self.report.add(line, "double", Fen::ZERO, "此缴费单已有结果");
                    return Ok(());
                }
                self.report.add(line, REFUSED, Fen::ZERO, note);
                self.out(desk, books, bill, REFUSED)
            }
            "taken" => {
                let money = Money {
                    receipt: line.field(3),
                    amount: line.money(2)?,
                    on: line.day(4)?,
                    channel: Channel::Debit,
                    bill: Some(bill),
                };
                sound(desk, &money)?;
                match asked {
                    Some(_) if !answered => self.taken(desk, books, line, &money),
                    _ => self.spare(books, line, &money, asked.is_some()),
                }
            }
            other => Err(files::unreadable(&format!("结果 “{other}” 应为 taken 或 refused")).into()),
        }
    }

    /// Money taken for a bill of the file.
    fn taken(
        &mut self,
        desk: &Desk<'_>,
        books: &mut Books<'_>,
        line: &FileLine<'_>,
        money: &Money<'_>,
    ) -> Result<(), Stop> {
        let bill = line.field(0);
        let key = key_of_number(bill).ok_or_else(|| files::unreadable("缴费单号读不懂"))?;
        match take(desk, books, &key, money) {
            Ok(Taken::Already) => {
                self.report.add(line, "double", money.amount, "凭证已经入账");
                Ok(())
            }
            Ok(Taken::Booked(Booked { booked, over, open, .. })) => {
                let outcome = if open > Fen::ZERO { "short" } else { "taken" };
                let note = match (open, over) {
                    (Fen::ZERO, Fen::ZERO) => String::new(),
                    (Fen::ZERO, over) => format!("入账 {booked} 元，多扣 {over} 元列入待处理款"),
                    (open, _) => format!("尚欠 {open} 元"),
                };
                self.report.add(line, outcome, money.amount, note);
                self.out(desk, books, bill, outcome)
            }
            // The bill changed meanwhile: the money is there and must wait.
            Err(Stop::Refused(refusal)) if refusal.code == "no-bill" => {
                suspense::hold(books, money, money.amount, Why::NoBill, Some(&key), Some(self.number))?;
                self.report.add(line, "unknown", money.amount, format!("{}；列入待处理款", refusal.message));
                Ok(())
            }
            Err(stop) => Err(stop),
        }
    }

    /// Money taken that the file did not ask for, or asked for once.
    fn spare(
        &mut self,
        books: &mut Books<'_>,
        line: &FileLine<'_>,
        money: &Money<'_>,
        asked: bool,
    ) -> Result<(), Stop> {
        let outcome = if asked { "double" } else { "unknown" };
        if books.linked(RECEIPT, money.receipt)?.is_some() {
            self.report.add(line, "double", money.amount, "凭证已经入账");
            return Ok(());
        }
        let why = if asked { Why::Over } else { Why::NoBill };
        let key = key_of_number(line.field(0));
        suspense::hold(books, money, money.amount, why, key.as_ref(), Some(self.number))?;
        self.report.add(line, outcome, money.amount, "列入待处理款");
        Ok(())
    }

    /// A bill has its result, and may go into the next file.
    fn out(&mut self, desk: &Desk<'_>, books: &mut Books<'_>, bill: &str, outcome: &str) -> Result<(), Stop> {
        self.outcomes.push((bill.to_owned(), outcome.to_owned()));
        let Some(key) = key_of_number(bill) else { return Ok(()) };
        let standing = books.find::<Dues>(&key)?.and_then(Dues::standing);
        if standing.is_none_or(|billing| billing.batch.as_deref() != Some(self.number)) {
            return Ok(());
        }
        let entry =
            DuesEntry::OutOfBatch { bill: bill.to_owned(), batch: self.number.to_owned(), outcome: outcome.to_owned() };
        books.post::<Dues>(&key, &entry)?;
        // Facts that changed while the file was under way could not be followed.
        let waiting = books.find::<Dues>(&key)?.and_then(Dues::standing).filter(|b| b.undecided.is_some()).cloned();
        if let Some(billing) = waiting {
            follow::follow(desk, books, &person_of(&key), billing.bill.from)?;
        }
        Ok(())
    }

    /// Bills without a result are free again.
    fn release(&mut self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<(), Stop> {
        let known = |bill: &String, this: &Loading<'_>| this.outcomes.iter().any(|(b, _)| b == bill);
        for line in &self.batch.lines {
            if line.outcome.is_none() && !known(&line.bill, self) {
                self.out(desk, books, &line.bill, "unanswered")?;
            }
        }
        Ok(())
    }
}

/// What became of a result file, and how the debit file stands.
fn told(number: &str, batch: &Debit, report: &Report) -> Answer {
    let (taken, taken_sum) = report.count("taken");
    let (short, short_sum) = report.count("short");
    let (refused, _) = report.count(REFUSED);
    let (double, _) = report.count("double");
    let (unknown, _) = report.count("unknown");
    let (rejected, _) = report.count(REJECTED);
    let file: Fen = report.lines.iter().map(|line| line.amount.0).sum();
    let open = batch.lines.iter().filter(|line| line.outcome.is_none()).count();
    let says = format!(
        "扣款文件 {number}：扣到 {taken} 笔 {taken_sum} 元，不足 {short} 笔 {short_sum} 元，未扣到 {refused} 笔，重复 {double} 笔，\
         查无 {unknown} 笔，退回 {rejected} 笔；尚无结果 {open} 笔"
    );
    Answer::new(says, format!("taken {taken}, short {short}, refused {refused}, double {double}, unknown {unknown}"))
        .with("batch", number)
        .with("asked", batch.total().to_string())
        .with("taken", taken)
        .with("taken_sum", taken_sum.to_string())
        .with("short", short)
        .with("short_sum", short_sum.to_string())
        .with("refused", refused)
        .with("refused_sum", batch.asked(Some(REFUSED)).to_string())
        .with("double", double)
        .with("unknown", unknown)
        .with("rejected", rejected)
        .with("unanswered", open)
        .with("unanswered_sum", batch.asked(None).to_string())
        .with("file_sum", file.to_string())
        .with("report", report.file("debit-report", number))
}
