//! Money that comes in: a tax receipt is booked once, to the bill it pays; what is over waits in suspense.
//!
//! The contribution is collected by the tax authority, and paid by its receipt: cash taken at the agency is not booked. A
//! payment before collection begins, or after the insured year, is not booked either; one after the concentrated period is,
//! and the answer says so.

use domain::{Date, Fen, Group};

use super::dues_key;
use super::record::{Bill, Channel, Choice, DuesEntry, Receipt};
use super::sheet::{Billing, Dues};
use super::suspense::{self, Held, Why};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::{Word, Yuan};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::people;
use crate::sheets::{Books, Key};

/// The kind of name under which a receipt is found: no receipt is booked twice.
pub(super) const RECEIPT: &str = "receipt";

command! {
    /// Book a tax receipt to the bill of a person's year
    Receive = "dues receive", "登记缴费凭证" {
        /// Number of the tax receipt
        receipt: String = "税票（缴费凭证）号",
        /// Number of a document, or the person's number
        person: String = "证件号码或个人编号",
        /// Insured year
        year: i16 = "参保年度",
        /// What was paid
        amount: Yuan = "金额",
        /// Day of payment; today, if left out
        on: Option<Date> = "缴费日，不写为今天",
        /// By which way
        channel: Word<Channel> = "缴费渠道",
    }
}

/// Money that has come in.
pub(super) struct Money<'a> {
    pub receipt: &'a str,
    pub amount: Fen,
    pub on: Date,
    pub channel: Channel,
    /// Number of the bill it says it pays, if it says one.
    pub bill: Option<&'a str>,
}

/// What booking it did.
pub(super) enum Taken {
    /// It stands in the books already.
    Already,
    /// It is booked to a bill.
    Booked(Booked),
}

pub(super) struct Booked {
    pub bill: String,
    pub booked: Fen,
    pub over: Fen,
    pub open: Fen,
    /// Whether it was paid in the concentrated period, where there is one.
    pub in_window: Option<bool>,
    /// What followed, in sentences.
    pub followed: Vec<String>,
}

impl UseCase for Receive {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let key = dues_key(&person, self.year);
        let on = self.on.unwrap_or(desk.today());
        let money =
            Money { receipt: self.receipt.trim(), amount: self.amount.0, on, channel: self.channel.0, bill: None };
        let answer = match take(desk, books, &key, &money)? {
            Taken::Already => Answer::new(
                format!("凭证 {} 已经入账，不重复登记", money.receipt),
                format!("receipt {} is booked already", money.receipt),
            )
            .with("state", "already"),
            Taken::Booked(booked) => told(&money, &booked),
        };
        Ok(answer.with("receipt", money.receipt))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        super::keys(desk, &self.person, self.year)
    }
}

fn told(money: &Money<'_>, booked: &Booked) -> Answer {
    let Booked { bill, booked, over, open, in_window, followed } = booked;
    let mut says = format!("凭证 {} 入账 {booked} 元", money.receipt);
    if *over > Fen::ZERO {
        says += &format!("；多缴 {over} 元列入待处理款");
    }
    says += &if *open > Fen::ZERO { format!("；尚欠 {open} 元") } else { "；已缴清".to_owned() };
    if *in_window == Some(false) {
        says += "；不在集中参保期内";
    }
    for sentence in followed {
        says += &format!("；{sentence}");
    }
    let state = if *open > Fen::ZERO { "short" } else { "paid" };
    let mut answer = Answer::new(says, format!("booked {booked}; over {over}; open {open}"))
        .with("state", state)
        .with("bill", bill.as_str())
        .with("booked", booked.to_string())
        .with("over", over.to_string())
        .with("open", open.to_string());
    if let Some(inside) = in_window {
        answer = answer.with("in_window", *inside);
    }
    answer
}

/// Books money to the bill that stands; what is over it goes to suspense. A refusal posts nothing.
pub(super) fn take(desk: &Desk<'_>, books: &mut Books<'_>, key: &Key, money: &Money<'_>) -> Result<Taken, Stop> {
    sound(desk, money)?;
    if known(books, key, money)? {
        return Ok(Taken::Already);
    }
    let standing = books.find::<Dues>(key)?.and_then(Dues::standing);
    let billing = standing.cloned().ok_or_else(|| no_bill(key.year))?;
    if let Some(other) = money.bill.filter(|bill| *bill != billing.bill.number) {
        let message = format!("缴费单 {other} 不是此人 {} 年度现在的缴费单", key.year);
        return Err(Refusal::new("no-bill", message, "核对缴费单号").into());
    }
    let in_window = in_time(desk, key.year, &billing.bill, money.on)?;
    if money.channel == Channel::Allowance {
        withheld(desk, books, &super::person_of(key), key.year, &billing.bill.asked)?;
    }
    let booked = billing.open().min(money.amount);
    let over = money.amount - booked;
    books.link(RECEIPT, money.receipt, &key.subject)?;
    if booked > Fen::ZERO {
        let receipt = receipt(money, booked);
        let Bill { number, area, .. } = &billing.bill;
        books.post::<Dues>(key, &DuesEntry::Received { bill: number.clone(), area: area.clone(), receipt })?;
    }
    if over > Fen::ZERO {
        suspense::hold(books, money, over, Why::Over, Some(key), None)?;
    }
    let open = billing.open() - booked;
    let followed = super::settled(desk, books, key)?;
    Ok(Taken::Booked(Booked { bill: billing.bill.number, booked, over, open, in_window, followed }))
}

/// Refuses what may not be withheld from an allowance for a year.
pub(super) fn withheld(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    year: i16,
    asked: &Choice,
) -> Result<(), Stop> {
    // Who draws the allowance is elderly, if nothing else is said.
    let group = asked.group.map_or(Group::Elder, |group| group.0);
    let insured = desk.rules.year(group, year)?;
    let (facts, _) = super::assess::facts(books, person, asked, group, insured.period.from)?;
    if let Some(step) = enrolment::due::not_withheld(&insured.terms, &facts)? {
        let message = format!("{year} 年度的缴费不得从补贴中代扣");
        let refusal = Refusal::new("withholding-stopped", message, "由本人选定档次，按一般缴费单缴纳");
        return Err(refusal.by(step.clauses).into());
    }
    Ok(())
}

/// A receipt as it is booked to a bill.
pub(super) fn receipt(money: &Money<'_>, booked: Fen) -> Receipt {
    Receipt {
        number: money.receipt.to_owned(),
        amount: Yuan(booked),
        whole: Yuan(money.amount),
        on: money.on,
        channel: Word(money.channel),
        returned: Yuan::default(),
    }
}

/// Refuses what can be no receipt, whoever it is for.
pub(super) fn sound(desk: &Desk<'_>, money: &Money<'_>) -> Result<(), Refusal> {
    let written = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    if money.receipt.is_empty() || money.receipt.len() > 64 || !money.receipt.chars().all(written) {
        return Err(Refusal::new("bad-receipt", "凭证号只能由字母、数字和 - _ . 组成，至多 64 字节", "照凭证填写"));
    }
    if money.amount <= Fen::ZERO {
        return Err(Refusal::new("bad-amount", format!("金额 {} 不是正数", money.amount), "照凭证填写金额"));
    }
    if money.on > desk.today() {
        return Err(Refusal::new("future-day", format!("缴费日 {} 在今天之后", money.on), "照凭证填写缴费日"));
    }
    if money.channel == Channel::AgencyCash {
        let clauses = collector(desk, money.on)?;
        let message = "个人缴费由税务部门征收，经办机构所收现金不入账";
        return Err(Refusal::new("cash-at-agency", message, "请到税务部门的缴费渠道缴费，凭税票登记").by(clauses));
    }
    Ok(())
}

/// Clauses by which the tax authority collects, where a notice has one.
fn collector(desk: &Desk<'_>, day: Date) -> Result<Vec<String>, Refusal> {
    let terms = desk.rules.terms(day)?;
    let by_tax = terms
        .family("contribution.collect.")
        .map(|(_, cited)| cited.provision)
        .find(|provision| provision.record.text("collector") == Some("tax"));
    Ok(by_tax.map_or_else(Vec::new, |provision| provision.clauses.clone()))
}

/// Whether the receipt stands in the books already; refused, if under the same number something else does.
pub(super) fn known(books: &mut Books<'_>, key: &Key, money: &Money<'_>) -> Result<bool, Stop> {
    let Some(subject) = books.linked(RECEIPT, money.receipt)? else { return Ok(false) };
    let held = books.find::<Held>(&suspense::key(money.receipt))?.and_then(|held| held.whole());
    let whole = if subject == key.subject {
        let here = books.find::<Dues>(key)?.and_then(|dues| dues.receipt(money.receipt));
        here.map(|receipt| receipt.whole.0).or(held)
    } else if subject.starts_with("receipt/") {
        held
    } else {
        None
    };
    if whole == Some(money.amount) {
        return Ok(true);
    }
    let message = format!("凭证号 {} 已用于另一笔款项", money.receipt);
    Err(Refusal::new("receipt-used", message, "核对凭证号、人员、年度和金额").into())
}

/// Refuses a payment before collection begins or after the year; tells whether it lies in the concentrated period.
fn in_time(desk: &Desk<'_>, year: i16, bill: &Bill, on: Date) -> Result<Option<bool>, Stop> {
    let insured = desk.rules.year(bill.group.0, year)?;
    let window = enrolment::cover::window(&insured).ok().filter(|_| !insured.academic);
    if let Some(opens) = bill.collected_from.filter(|opens| on < *opens) {
        let by = insured.terms.family("contribution.collect.").map(|(_, cited)| cited.provision);
        let clauses = by.filter(|p| p.record.date("opens") == Some(opens)).flat_map(|p| p.clauses.clone());
        let message = format!("{on} 还未开始收取，{opens} 起才收");
        return Err(Refusal::new("before-window", message, format!("在 {opens} 或以后缴费")).by(clauses).into());
    }
    if let Some(window) = window.as_ref().filter(|window| on < window.opens) {
        let message = format!("{on} 集中参保期（{} 至 {}）还未开始", window.opens, window.closes);
        let refusal = Refusal::new("before-window", message, format!("在 {} 或以后缴费", window.opens));
        return Err(refusal.by(window.clauses().iter().cloned()).into());
    }
    if on >= bill.end {
        let message = format!("{on} 缴费时 {year} 年度已经结束");
        return Err(Refusal::new("after-year", message, "核对参保年度；年度结束后不再收取").into());
    }
    Ok(window.map(|window| (window.opens..=window.closes).contains(&on)))
}

pub(super) fn no_bill(year: i16) -> Refusal {
    Refusal::new("no-bill", format!("此人 {year} 年度没有缴费单"), "先用 dues bill 核定；来历不明的款项列入待处理款")
}

/// Whether money may be booked to a bill in time; used before a receipt in suspense is assigned.
pub(super) fn fits(desk: &Desk<'_>, year: i16, billing: &Billing, on: Date) -> Result<(), Stop> {
    in_time(desk, year, &billing.bill, on).map(|_| ())
}
