//! Batch debit: the file of open bills that goes to the bank in the concentrated period. A bill is in one file at a time, and goes
//! into the next when its debit was refused; what comes back is in [`results`](super::results).

use domain::{Date, Fen};
use serde::{Deserialize, Serialize};

use super::files::{self, Report};
use super::record::DuesEntry;
use super::sheet::{Billing, Dues};
use super::{agreement, person_of};
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
    pub(super) fn asked(&self, outcome: Option<&str>) -> Fen {
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
