//! Withholding from the elderly's living allowance: a batch of what was withheld, for the years in which that is still done.
//!
//! Where a rule stops it for an insured year, the whole batch is rejected and its persons pay by an ordinary bill.

use domain::Category;

use super::files::{self, FileLine, REJECTED, Report, whole};
use super::receive::{Money, Taken, no_bill, sound, take, withheld};
use super::record::Channel;
use super::sheet::Dues;
use super::{dues_key, number_of};
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::people;
use crate::sheets::{Books, Key};

command! {
    /// Book a batch of contributions withheld from the elderly's living allowance
    Withhold = "dues withhold", "录入生活补助费代扣" {
        /// Insured year
        year: i16 = "参保年度",
        /// Text of the batch: receipt, person, amount, day
        text: String = "代扣文件全文：凭证号、人员、金额、日期",
        /// Load the whole batch or nothing
        whole: bool = "整份录入或整份不录",
    }
}

impl UseCase for Withhold {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let file = files::read("withholding", &self.text)?;
        file.sums_to(file.lines.iter().filter_map(|line| line.money(2).ok()).sum())?;
        for line in &file.lines {
            self.allowed(desk, books, line)?;
        }
        let mut report = Report::default();
        for line in &file.lines {
            let amount = line.money(2).unwrap_or_default();
            match self.book(desk, books, line) {
                Ok(outcome) => report.add(line, outcome, amount, ""),
                Err(Stop::Refused(refusal)) => {
                    report.add(line, REJECTED, amount, format!("{} ({})", refusal.message, refusal.code));
                }
                Err(stop) => return Err(stop),
            }
        }
        if self.whole {
            whole(&report)?;
        }
        let (booked, sum) = report.count("booked");
        let (rejected, _) = report.count(REJECTED);
        let says = format!("代扣 {} 笔：入账 {booked} 笔 {sum} 元，退回 {rejected} 笔", file.lines.len());
        Ok(Answer::new(says, format!("{booked} booked, {rejected} rejected"))
            .with("booked", booked)
            .with("booked_sum", sum.to_string())
            .with("double", report.count("double").0)
            .with("rejected", rejected)
            .with("report", report.file("withholding-report", file.number)))
    }
}

impl Withhold {
    /// Refuses the batch where a rule stops withholding from one of its persons.
    fn allowed(&self, desk: &Desk<'_>, books: &mut Books<'_>, line: &FileLine<'_>) -> Result<(), Stop> {
        // Whom nobody knows is told with the lines.
        let (person, dues) = match self.of(desk, books, line) {
            Ok(of) => of,
            Err(Stop::Refused(_)) => return Ok(()),
            Err(stop) => return Err(stop),
        };
        let standing = books.find::<Dues>(&dues)?.and_then(Dues::standing);
        let asked = standing.map(|billing| billing.bill.asked.clone()).unwrap_or_default();
        match withheld(desk, books, &person, self.year, &asked) {
            Err(Stop::Refused(refusal)) => {
                let message = format!("代扣批次不予受理（第 {} 行）：{}", line.number, refusal.message);
                Err(Refusal { message, ..refusal }.into())
            }
            other => other,
        }
    }

    fn of(&self, desk: &Desk<'_>, books: &mut Books<'_>, line: &FileLine<'_>) -> Result<(Key, Key), Stop> {
        let person = people::find(desk, books, line.field(1))?;
        let dues = dues_key(&person, self.year);
        Ok((person, dues))
    }

    fn book(&self, desk: &Desk<'_>, books: &mut Books<'_>, line: &FileLine<'_>) -> Result<&'static str, Stop> {
        let (person, dues) = self.of(desk, books, line)?;
        let channel = Channel::Allowance;
        let money = Money { receipt: line.field(0), amount: line.money(2)?, on: line.day(3)?, channel, bill: None };
        sound(desk, &money)?;
        if !people::dossier(books, &person)?.categories_on(money.on).has(Category::ElderlyAllowance) {
            let message = format!("个人编号 {} 在 {} 不领生活补助费", number_of(&person), money.on);
            return Err(Refusal::new("no-allowance", message, "核对名单；由本人缴费").into());
        }
        if books.find::<Dues>(&dues)?.and_then(Dues::standing).is_none() {
            return Err(no_bill(self.year).into());
        }
        Ok(match take(desk, books, &dues, &money)? {
            Taken::Already => "double",
            Taken::Booked(_) => "booked",
        })
    }
}
