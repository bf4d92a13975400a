//! Docking with the tax platform: obligations go out, receipts come in, and the two are reconciled line by line.
//!
//! The tax authority collects; what is paid is what its receipts say. A file of receipts is loaded once, a receipt in it is booked
//! once, and money whose person or bill is not known waits in suspense. The file carries a person's number and masked data only.

use std::collections::BTreeMap;

use domain::{Date, Fen, Vocabulary};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::files::{self, File, FileLine, REJECTED, Report, whole};
use super::receive::{Booked, Money, RECEIPT, Taken, sound, take};
use super::record::Channel;
use super::sheet::Dues;
use super::suspense::{self, Held, Why};
use super::{dues_key, key_of_number, number_of};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Yuan;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::people;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

/// What can be recorded of a file exchanged with the tax platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum TaxEntry {
    /// Obligations are sent.
    Sent {
        /// The day.
        on: Date,
        /// Insured year.
        year: i16,
        /// How many.
        count: u32,
        /// Over how much.
        sum: Yuan,
        /// Hash of the text.
        hash: String,
    },
    /// Receipts are loaded.
    Loaded {
        /// The day.
        on: Date,
        /// Number of the file, as the sender has it.
        number: String,
        /// The sum that the file gives.
        sum: Yuan,
        /// What became of its lines.
        report: Report,
    },
}

/// A file exchanged with the tax platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxFile {
    /// The day.
    pub on: Option<Date>,
    /// How many lines.
    pub count: u32,
    /// Over how much.
    pub sum: Yuan,
    /// What became of the lines of a file that came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
}

impl Fold for TaxFile {
    type Entry = TaxEntry;
    const KIND: &'static str = "tax";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &TaxEntry) {
        *self = match entry {
            TaxEntry::Sent { on, count, sum, .. } => TaxFile { on: Some(*on), count: *count, sum: *sum, report: None },
            TaxEntry::Loaded { on, sum, report, .. } => TaxFile {
                on: Some(*on),
                count: u32::try_from(report.lines.len()).unwrap_or(u32::MAX),
                sum: *sum,
                report: Some(report.clone()),
            },
        };
    }
}

/// The kind of name that numbers the files of obligations.
const NAME: &str = "tax";

command! {
    /// Make the file of what is still to be paid for a year, for the tax platform
    Obligations = "tax obligations", "生成应缴数据文件" {
        /// Insured year
        year: i16 = "参保年度",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
    }
}

impl UseCase for Obligations {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let mut lines = Vec::new();
        let mut sum = Fen::ZERO;
        books.each::<Dues>(Some(self.year), |key, dues| {
            let ours = |area: &str| self.area.as_ref().is_none_or(|wanted| area.starts_with(wanted));
            let open = dues.standing().filter(|b| ours(&b.bill.area) && b.open() > Fen::ZERO && b.undecided.is_none());
            if let Some(billing) = open {
                let from = billing.bill.collected_from.map_or_else(String::new, |from| from.to_string());
                sum += billing.open();
                let amount = billing.open().to_string();
                let bill = billing.bill.number.clone();
                lines.push(vec![bill, number_of(key).to_owned(), self.year.to_string(), amount, from]);
            }
            Ok(())
        })?;
        if lines.is_empty() {
            let message = format!("{} 年度没有未缴的缴费单", self.year);
            return Err(Refusal::new("nothing-open", message, "先核定缴费（dues bill）").into());
        }
        let sent = books.names(NAME, &format!("{}-", self.year), usize::MAX >> 1)?.len();
        let number = format!("{}-{:04}", self.year, sent + 1);
        let file = files::write("obligations", &number, &["bill", "person", "year", "amount", "from"], &lines, sum);
        let subject = format!("tax/out-{number}");
        books.link(NAME, &number, &subject)?;
        let count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
        let hash = files::hash(&file);
        let entry = TaxEntry::Sent { on: desk.today(), year: self.year, count, sum: Yuan(sum), hash: hash.clone() };
        books.post::<TaxFile>(&Key::of(subject), &entry)?;
        Ok(Answer::new(format!("应缴文件 {number}：{count} 笔，{sum} 元"), format!("{count} lines over {sum}"))
            .with("number", number)
            .with("lines", count)
            .with("total", sum.to_string())
            .with("hash", hash)
            .with("file", file))
    }
}

command! {
    /// Load a file of tax receipts
    LoadReceipts = "tax receipts", "录入税票文件" {
        /// Text of the file
        text: String = "文件全文",
        /// Load the whole file or nothing: no line may be rejected
        whole: bool = "整份录入或整份不录",
    }
}

impl UseCase for LoadReceipts {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let hash = files::hash(&self.text);
        let key = Key::of(format!("tax/in-{}", hash.get(..32).unwrap_or_default()));
        if let Some(known) = books.find::<TaxFile>(&key)?.cloned() {
            let report = known.report.unwrap_or_default();
            return Ok(told(known.sum.0, &report).with("state", "already"));
        }
        let file = files::read("receipts", &self.text)?;
        file.sums_to(file.lines.iter().filter_map(|line| line.money(4).ok()).sum())?;
        let report = load(desk, books, &file)?;
        if self.whole {
            whole(&report)?;
        }
        let (number, sum) = (file.number.to_owned(), Yuan(file.sum));
        let entry = TaxEntry::Loaded { on: desk.today(), number, sum, report: report.clone() };
        books.post::<TaxFile>(&key, &entry)?;
        Ok(told(file.sum, &report).with("report", report.file("receipts-report", file.number)).with("state", "loaded"))
    }
}

fn load(desk: &Desk<'_>, books: &mut Books<'_>, file: &File<'_>) -> Result<Report, Stop> {
    let mut report = Report::default();
    for (passed, line) in file.lines.iter().enumerate() {
        books.passed(passed)?;
        match book(desk, books, file.number, line) {
            Ok((outcome, note)) => report.add(line, outcome, line.money(4).unwrap_or_default(), note),
            Err(Stop::Refused(refusal)) => {
                let note = format!("{} ({})", refusal.message, refusal.code);
                report.add(line, REJECTED, line.money(4).unwrap_or_default(), note);
            }
            Err(stop) => return Err(stop),
        }
    }
    Ok(report)
}

/// Books a line: receipt, bill, person, year, amount, day, channel. Gives the word of the outcome, and a note.
fn book(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    file: &str,
    line: &FileLine<'_>,
) -> Result<(&'static str, String), Stop> {
    let channel = Channel::read(line.field(6));
    let channel = channel.ok_or_else(|| files::unreadable(&format!("没有渠道 “{}”", line.field(6))))?;
    let bill = Some(line.field(1)).filter(|bill| !bill.is_empty());
    let money = Money { receipt: line.field(0), amount: line.money(4)?, on: line.day(5)?, channel, bill };
    sound(desk, &money)?;
    let dues = match dues_of(desk, books, line)? {
        Ok(dues) => dues,
        Err(refusal) => return wait(books, &money, Why::UnknownPerson, None, file, &refusal),
    };
    match take(desk, books, &dues, &money) {
        Ok(Taken::Already) => Ok(("double", "凭证已经入账".to_owned())),
        Ok(Taken::Booked(Booked { open, over, .. })) => Ok(match (open, over) {
            (Fen::ZERO, Fen::ZERO) => ("booked", String::new()),
            (Fen::ZERO, over) => ("over", format!("多缴 {over} 元列入待处理款")),
            (open, _) => ("short", format!("尚欠 {open} 元")),
        }),
        Err(Stop::Refused(refusal)) => {
            let why = match refusal.code.as_str() {
                "no-bill" => Why::NoBill,
                "before-window" | "after-year" => Why::OutOfTime,
                "receipt-used" => return Err(refusal.into()),
                _ => Why::Refused,
            };
            wait(books, &money, why, Some(&dues), file, &refusal)
        }
        Err(stop) => Err(stop),
    }
}

/// The dues that a line is for, by its bill, or by its person and year.
fn dues_of(desk: &Desk<'_>, books: &mut Books<'_>, line: &FileLine<'_>) -> Result<Result<Key, Refusal>, Stop> {
    let bill = line.field(1);
    if !bill.is_empty() {
        let key = key_of_number(bill);
        return Ok(key.ok_or_else(|| Refusal::new("no-bill", format!("没有缴费单 {bill}"), "核对缴费单号")));
    }
    let year = line.year(3)?;
    match people::find(desk, books, line.field(2)) {
        Ok(person) => Ok(Ok(dues_key(&person, year))),
        Err(Stop::Refused(refusal)) => Ok(Err(refusal)),
        Err(stop) => Err(stop),
    }
}

/// Money that waits, unless it does already.
fn wait(
    books: &mut Books<'_>,
    money: &Money<'_>,
    why: Why,
    dues: Option<&Key>,
    file: &str,
    refusal: &Refusal,
) -> Result<(&'static str, String), Stop> {
    if books.linked(RECEIPT, money.receipt)?.is_some() {
        let held = books.find::<Held>(&suspense::key(money.receipt))?.and_then(Held::whole);
        if held == Some(money.amount) {
            return Ok(("double", "凭证已在待处理款中".to_owned()));
        }
        let message = format!("凭证号 {} 已用于另一笔款项", money.receipt);
        return Err(Refusal::new("receipt-used", message, "核对凭证号").into());
    }
    suspense::hold(books, money, money.amount, why, dues, Some(file))?;
    Ok(("suspense", format!("{}；列入待处理款", refusal.message)))
}

/// The outcomes of a line, with their Chinese names.
const OUTCOMES: &[(&str, &str)] = &[
    ("booked", "入账"),
    ("short", "不足"),
    ("over", "多缴"),
    ("double", "重复"),
    ("suspense", "待处理"),
    (REJECTED, "退回"),
];

fn told(sum: Fen, report: &Report) -> Answer {
    let mut says = format!("税票 {} 笔 {sum} 元", report.lines.len());
    let mut answer = Answer::default().with("lines", report.lines.len()).with("file_sum", sum.to_string());
    let mut settled = Fen::ZERO;
    for (outcome, name) in OUTCOMES {
        let (count, amount) = report.count(outcome);
        settled += amount;
        if count > 0 {
            says += &format!("；{name} {count} 笔 {amount} 元");
        }
        answer = answer.with(outcome, count).with(&format!("{outcome}_sum"), amount.to_string());
    }
    answer.says = says + &format!("；差额 {} 元", sum - settled);
    answer.english = format!("{} receipts over {sum}", report.lines.len());
    answer.with("difference", (sum - settled).to_string())
}

command! {
    /// Compare a statement of receipts of the tax platform with the books, line by line
    Reconcile = "tax reconcile", "与税务平台对账" {
        /// Text of the statement, written as a file of receipts
        text: String = "对账文件全文，格式同税票文件",
        /// First day of payment
        from: Date = "缴费日起",
        /// Last day of payment
        until: Date = "缴费日止",
    }
}

const COLUMNS: &[Column] = &[
    col("receipt", "凭证号", "receipt"),
    col("theirs", "税务", "tax platform"),
    col("ours", "本账", "books"),
    col("difference", "相差", "difference"),
    col("what", "情形", "what"),
];

impl Question for Reconcile {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let file = files::read("receipts", &self.text)?;
        let mut theirs: BTreeMap<String, Fen> = BTreeMap::new();
        for line in &file.lines {
            let amount = line.money(4)?;
            if (self.from..=self.until).contains(&line.day(5)?) {
                *theirs.entry(line.field(0).to_owned()).or_default() += amount;
            }
        }
        let ours = self.ours(books)?;
        let sum = |receipts: &BTreeMap<String, Fen>| receipts.values().copied().sum::<Fen>();
        let mut rows = Vec::new();
        let numbers: std::collections::BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
        for number in numbers {
            let (there, here) = (theirs.get(number), ours.get(number));
            let what = match (there, here) {
                (Some(there), Some(here)) if there == here => continue,
                (Some(_), Some(_)) => "金额不同",
                (Some(_), None) => "本账没有",
                (None, _) => "税务没有",
            };
            let (there, here) = (there.copied().unwrap_or_default(), here.copied().unwrap_or_default());
            let difference = (there - here).to_string();
            rows.push(vec![
                json!(number),
                json!(there.to_string()),
                json!(here.to_string()),
                json!(difference),
                json!(what),
            ]);
        }
        let (there, here) = (sum(&theirs), sum(&ours));
        let foot = format!(
            "税务 {} 笔 {there} 元，本账 {} 笔 {here} 元，相差 {} 元，列出 {} 笔",
            theirs.len(),
            ours.len(),
            there - here,
            rows.len()
        );
        let title = format!("与税务平台对账（{} 至 {}）", self.from, self.until);
        Ok(Table { title, columns: COLUMNS, rows, foot })
    }
}

impl Reconcile {
    /// Receipts of the days in the books: number, and what the whole receipt is over.
    fn ours(&self, books: &mut Books<'_>) -> Result<BTreeMap<String, Fen>, Stop> {
        let mut ours = BTreeMap::new();
        books.each::<Dues>(None, |_, dues| {
            for receipt in dues.bills.iter().flat_map(|billing| &billing.receipts) {
                if (self.from..=self.until).contains(&receipt.on) {
                    ours.insert(receipt.number.clone(), receipt.whole.0);
                }
            }
            Ok(())
        })?;
        books.each::<Held>(None, |key, held| {
            if let (Some(whole), Some(on)) = (held.whole(), held.on)
                && (self.from..=self.until).contains(&on)
            {
                ours.insert(key.subject.trim_start_matches("receipt/").to_owned(), whole);
            }
            Ok(())
        })?;
        Ok(ours)
    }
}
