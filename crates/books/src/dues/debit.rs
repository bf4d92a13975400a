//! Batch debit: the file of open bills that goes to the bank in the concentrated period, and the file of results that comes back.
//!
//! A bill is in one file at a time, and goes into the next when its debit was refused. A result file is loaded once; a line of
//! it is taken, short, refused, double or unknown, and money that no bill can take waits in suspense. What was asked, taken and
//! refused, and what the file says, add up.

use domain::{Date, Fen};
use serde::{Deserialize, Serialize};

use super::files::{self, File, FileLine, Report};
use super::receive::{Booked, Money, RECEIPT, Taken, sound, take};
use super::record::{Channel, DuesEntry, REFUSED};
use super::sheet::{Billing, Dues};
use super::suspense::{self, Why};
use super::{agreement, follow, key_of_number, person_of};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Yuan;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::sheets::{Books, Key};

/// A bill in a debit file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DebitLine {
    /// Number of the bill.
    pub bill: String,
    /// Number of the agreement.
    pub agreement: String,
    /// What is asked for.
    pub amount: Yuan,
    /// The word of the outcome, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

/// What can be recorded of a debit file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum DebitEntry {
    /// It is made.
    Made {
        /// The day.
        on: Date,
        /// Its lines.
        lines: Vec<DebitLine>,
        /// Hash of its text.
        hash: String,
    },
    /// Results are loaded.
    Answered {
        /// The day.
        on: Date,
        /// Hash of their text.
        hash: String,
        /// What became of the bills: number of the bill, word of the outcome.
        outcomes: Vec<(String, String)>,
        /// What became of the lines of the result file.
        report: Report,
    },
}

/// A debit file as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debit {
    /// Day on which it was made.
    pub on: Option<Date>,
    /// Its lines.
    pub lines: Vec<DebitLine>,
    /// Hash of its text.
    pub hash: String,
    /// Result files: their hashes, and what became of their lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<(String, Report)>,
}

impl Debit {
    /// What it asks for in all.
    pub fn total(&self) -> Fen {
        self.lines.iter().map(|line| line.amount.0).sum()
    }

    /// What lines of an outcome ask for.
    fn asked(&self, outcome: Option<&str>) -> Fen {
        let of = self.lines.iter().filter(|line| line.outcome.as_deref() == outcome);
        of.map(|line| line.amount.0).sum()
    }
}

impl Fold for Debit {
    type Entry = DebitEntry;
    const KIND: &'static str = "debit";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &DebitEntry) {
        match entry {
            DebitEntry::Made { on, lines, hash } => {
                (self.on, self.lines, self.hash) = (Some(*on), lines.clone(), hash.clone());
            }
            DebitEntry::Answered { hash, outcomes, report, .. } => {
                for (bill, outcome) in outcomes {
                    if let Some(line) = self.lines.iter_mut().find(|line| line.bill == *bill) {
                        line.outcome = Some(outcome.clone());
                    }
                }
                self.results.push((hash.clone(), report.clone()));
            }
        }
    }
}

/// How many lines a file has at most, if nothing is said.
const MOST: i64 = 10_000;

/// The kind of name that numbers the files.
const NAME: &str = "debit";

command! {
    /// Make the next debit file of open bills under active agreements, in the concentrated period
    Batch = "debit batch", "生成批量扣款文件" {
        /// Insured year
        year: i16 = "参保年度",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
        /// At most this many lines
        most: Option<i64> = "至多多少笔，不写为 10000",
    }
}

impl UseCase for Batch {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let today = desk.today();
        in_window(desk, self.year, today)?;
        let most = usize::try_from(self.most.unwrap_or(MOST)).unwrap_or(0);
        let lines = self.lines(books, today, most)?;
        if lines.is_empty() {
            return Err(Refusal::new(
                "nothing-to-debit",
                "没有可扣款的缴费单",
                "须有欠款、有效协议，且不在别的扣款文件中",
            )
            .into());
        }
        let made = books.names(NAME, &format!("{}-", self.year), usize::MAX >> 1)?.len();
        let number = format!("{}-{:04}", self.year, made + 1);
        let mut written = Vec::new();
        for (key, line) in &lines {
            let account = books.find::<agreement::Agreement>(&agreement::key(&line.agreement))?;
            let account = account.and_then(|agreement| agreement.account.as_ref());
            let account = account.and_then(|sealed| desk.vault.open("account", sealed).ok()).unwrap_or_default();
            let entry = DuesEntry::InBatch { bill: line.bill.clone(), batch: number.clone() };
            books.post::<Dues>(key, &entry)?;
            let amount = line.amount.to_string();
            written.push(vec![line.bill.clone(), line.agreement.clone(), agreement::masked(&account), amount]);
        }
        let total: Fen = lines.iter().map(|(_, line)| line.amount.0).sum();
        let file = files::write("debit", &number, &["bill", "agreement", "account", "amount"], &written, total);
        let subject = format!("debit/{number}");
        books.link(NAME, &number, &subject)?;
        let hash = files::hash(&file);
        let lines: Vec<DebitLine> = lines.into_iter().map(|(_, line)| line).collect();
        let count = lines.len();
        books.post::<Debit>(&Key::of(subject), &DebitEntry::Made { on: today, lines, hash: hash.clone() })?;
        Ok(Answer::new(format!("扣款文件 {number}：{count} 笔，{total} 元"), format!("{count} lines over {total}"))
            .with("batch", number)
            .with("lines", count)
            .with("total", total.to_string())
            .with("hash", hash)
            .with("file", file))
    }
}

impl Batch {
    /// Open bills under active agreements, in the order of persons.
    fn lines(&self, books: &mut Books<'_>, today: Date, most: usize) -> Result<Vec<(Key, DebitLine)>, Stop> {
        let mut open = Vec::new();
        books.each::<Dues>(Some(self.year), |key, dues| {
            let ready = |billing: &&Billing| {
                let in_area = self.area.as_ref().is_none_or(|area| billing.bill.area.starts_with(area));
                let collected = billing.bill.collected_from.is_none_or(|from| from <= today);
                let free = billing.batch.is_none() && billing.undecided.is_none();
                in_area && collected && free && billing.open() > Fen::ZERO && today < billing.bill.end
            };
            if let Some(billing) = dues.standing().filter(ready) {
                open.push((key.clone(), billing.bill.number.clone(), billing.open()));
            }
            Ok(())
        })?;
        let mut lines = Vec::new();
        for (key, bill, amount) in open {
            if lines.len() == most {
                break;
            }
            if let Some((agreement, _)) = agreement::active(books, &person_of(&key), today)? {
                lines.push((key, DebitLine { bill, agreement, amount: Yuan(amount), outcome: None }));
            }
        }
        Ok(lines)
    }
}

/// Refuses a file outside the concentrated period, where there is one.
fn in_window(desk: &Desk<'_>, year: i16, today: Date) -> Result<(), Stop> {
    let insured = desk.rules.year(domain::Group::Adult, year)?;
    let Ok(window) = enrolment::cover::window(&insured) else { return Ok(()) };
    if (window.opens..=window.closes).contains(&today) {
        return Ok(());
    }
    let message = format!("{today} 不在集中参保期（{} 至 {}）内", window.opens, window.closes);
    let refusal = Refusal::new("outside-window", message, "批量扣款只在集中参保期内进行；其他时候由本人缴费");
    Err(refusal.by(window.clauses().iter().cloned()).into())
}

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

/// Refuses a file of which a line was rejected.
pub(super) fn whole(report: &Report) -> Result<(), Refusal> {
    let rejected: Vec<String> = report.of(REJECTED).map(|line| format!("{}：{}", line.line, line.note)).collect();
    if rejected.is_empty() {
        return Ok(());
    }
    let message = format!("{} 行不能录入，整份未录：{}", rejected.len(), rejected.join("；"));
    Err(Refusal::new("rejected-lines", message, "请发送方更正后重发；或不带 whole，录入其余各行"))
}

/// The outcome of a line that has no effect.
pub(super) const REJECTED: &str = "rejected";

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
        for line in &file.lines {
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
