//! Money that goes back: asked for, granted or not, and paid out; and bills that are cancelled.
//!
//! A contribution goes back before the benefits that it buys begin, on the grounds of [`Ground`], and whole: a part goes back
//! only when the bill is made anew. Never more goes back than came in. With the contribution the membership of the year ends, as
//! of the day on which the refund was asked for: no clause lets it go on unpaid, and who was wrongly refunded is revived and
//! billed anew (`member revive`).

use domain::{Date, Fen};

use super::assess::refund_number;
use super::record::{DuesEntry, Ground, RefundState};
use super::sheet::{Billing, Dues};
use super::{dues_key, key_of_number};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::{Word, Yuan};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::members::{self, Cause, Membership};
use crate::people;
use crate::sheets::{Books, Key};

command! {
    /// Ask for what was paid for a person's year back
    AskRefund = "dues refund", "申请退费" {
        /// Number of a document, or the person's number
        person: String = "证件号码或个人编号",
        /// Insured year
        year: i16 = "参保年度",
        /// Why
        ground: Word<Ground> = "退费原因",
        /// How much; all that was paid, if left out
        amount: Option<Yuan> = "金额，不写为全部已缴",
    }
}

impl UseCase for AskRefund {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let key = dues_key(&person, self.year);
        let dues = books.find::<Dues>(&key)?.cloned().unwrap_or_default();
        if let Some(asked) = dues.refunds.iter().find(|refund| refund.state.0 == RefundState::Requested) {
            let says = format!("退费 {} 已在办理", asked.number);
            return Ok(Answer::new(says, "asked for already").with("refund", &*asked.number).with("state", "already"));
        }
        let billing = standing(&dues, self.year)?;
        let died = people::dossier(books, &person)?.died;
        let membership = books.find::<Membership>(&members::key(&person, self.year))?;
        let start = membership.and_then(Membership::latest).and_then(|(_, relation)| relation.start.as_ref());
        let begins = start.map_or(billing.bill.from, |start| start.from);
        self.may(desk, &billing, died, begins)?;
        let amount = billing.received();
        let number = refund_number(&dues, &person, self.year);
        let entry = DuesEntry::RefundRequested {
            number: number.clone(),
            bill: billing.bill.number,
            amount: Yuan(amount),
            ground: self.ground,
            on: desk.today(),
        };
        books.post::<Dues>(&key, &entry)?;
        let says = format!("已受理退费 {number}：{amount} 元，{}", self.ground.0.name());
        Ok(Answer::new(says, format!("refund of {amount} asked for"))
            .with("refund", number)
            .with("amount", amount.to_string())
            .with("state", RefundState::Requested.code()))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        super::keys(desk, &self.person, self.year)
    }
}

impl AskRefund {
    fn may(&self, desk: &Desk<'_>, billing: &Billing, died: Option<Date>, begins: Date) -> Result<(), Refusal> {
        let received = billing.received();
        if received == Fen::ZERO {
            return Err(Refusal::new("nothing-received", "这张缴费单没有已入账的缴费", "未缴的用 dues cancel 撤销"));
        }
        match self.amount.map(|amount| amount.0) {
            Some(amount) if amount > received => {
                let message = format!("申请退 {amount} 元，多于已缴的 {received} 元");
                return Err(Refusal::new("more-than-received", message, format!("至多 {received} 元")));
            }
            Some(amount) if amount < received => {
                let message = format!("已缴 {received} 元，只退 {amount} 元说不通");
                let cure = "换档或资助有变用 dues bill 重新核定，差额自动列为应退";
                return Err(Refusal::new("partial-refund", message, cure));
            }
            _ => {}
        }
        if let Some(batch) = &billing.batch {
            let message = format!("缴费单在批量扣款文件 {batch} 中，结果未回");
            return Err(Refusal::new("in-batch", message, "先用 debit result 录入扣款结果"));
        }
        let day = match self.ground.0 {
            Ground::Rebilled => {
                let cure = "用 dues bill 重新核定，差额自动列为应退";
                return Err(Refusal::new("not-a-ground", "重新核定的退费由系统列出，不必申请", cure));
            }
            Ground::Death => {
                died.ok_or_else(|| Refusal::new("not-dead", "登记册上没有死亡登记", "先登记死亡，再申请退费"))?
            }
            _ => desk.today(),
        };
        if day >= begins {
            let message = format!("待遇已于 {begins} 开始，{day} 不再退费");
            return Err(Refusal::new("benefits-begun", message, "待遇开始以前才能退费"));
        }
        Ok(())
    }
}

command! {
    /// Grant a refund that was asked for, or refuse it
    DecideRefund = "dues refund-approve", "核准退费" {
        /// Number of the refund
        refund: String = "退费编号",
        /// Why it is not granted; granted, if left out
        refuse: Option<String> = "不予核准的理由，不写为核准",
    }
}

impl UseCase for DecideRefund {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = refund_key(&self.refund)?;
        let dues = books.find::<Dues>(&key)?.cloned().unwrap_or_default();
        let refund = dues.refund(&self.refund).ok_or_else(|| unknown(&self.refund))?;
        let told = |state: RefundState, amount: Fen| {
            Answer::new(format!("退费 {} {}", refund.number, state.name()), state.english())
                .with("refund", &*refund.number)
                .with("amount", amount.to_string())
                .with("state", state.code())
        };
        let today = desk.today();
        match (refund.state.0, &self.refuse) {
            (RefundState::Requested, Some(why)) => {
                let entry = DuesEntry::RefundRefused { number: refund.number.clone(), on: today, why: why.clone() };
                books.post::<Dues>(&key, &entry)?;
                Ok(told(RefundState::Refused, refund.amount.0))
            }
            (RefundState::Requested, None) => {
                let billing = standing(&dues, key.year)?;
                let over = cancel(books, &key, &billing, refund.ground.0, today, None)?;
                let mut followed = super::settled(desk, books, &key)?;
                let cause = ended_by(refund.ground.0);
                followed.extend(members::end_refunded(
                    desk,
                    books,
                    &super::person_of(&key),
                    key.year,
                    cause,
                    refund.on,
                )?);
                Ok(told(RefundState::Approved, over).with("followed", followed))
            }
            (state @ (RefundState::Approved | RefundState::Paid), None) => Ok(told(state, refund.amount.0)),
            (RefundState::Refused, Some(_)) => Ok(told(RefundState::Refused, refund.amount.0)),
            (state, _) => {
                let message = format!("退费 {} {}，不能再改", refund.number, state.name());
                Err(Refusal::new("refund-decided", message, "另行申请").into())
            }
        }
    }
}

command! {
    /// Record that a granted refund is paid out
    PayRefund = "dues refund-pay", "登记退费付款" {
        /// Number of the refund
        refund: String = "退费编号",
        /// Day of payment; today, if left out
        on: Option<Date> = "付款日，不写为今天",
    }
}

impl UseCase for PayRefund {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = refund_key(&self.refund)?;
        let dues = books.find::<Dues>(&key)?.cloned().unwrap_or_default();
        let refund = dues.refund(&self.refund).ok_or_else(|| unknown(&self.refund))?;
        let answer = |says: &str| {
            Answer::new(format!("退费 {} {says}", refund.number), "paid out")
                .with("refund", &*refund.number)
                .with("amount", refund.amount.to_string())
                .with("state", RefundState::Paid.code())
        };
        match refund.state.0 {
            RefundState::Paid => return Ok(answer("已经退付，不重复登记")),
            RefundState::Approved => {}
            state => {
                let message = format!("退费 {} {}，不能付款", refund.number, state.name());
                return Err(Refusal::new("not-approved", message, "先用 dues refund-approve 核准").into());
            }
        }
        let of = dues.bills.iter().find(|billing| billing.bill.number == refund.bill);
        let area = of.map(|billing| billing.bill.area.clone()).unwrap_or_default();
        let on = self.on.unwrap_or(desk.today());
        let entry = DuesEntry::RefundPaid { number: refund.number.clone(), area, amount: refund.amount, on };
        books.post::<Dues>(&key, &entry)?;
        Ok(answer(&format!("已退付 {} 元", refund.amount)))
    }
}

command! {
    /// Cancel a bill for which nothing was paid
    Cancel = "dues cancel", "撤销缴费单" {
        /// Number of a document, or the person's number
        person: String = "证件号码或个人编号",
        /// Insured year
        year: i16 = "参保年度",
        /// Why
        ground: Word<Ground> = "撤销原因",
    }
}

impl UseCase for Cancel {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let key = dues_key(&person, self.year);
        let dues = books.find::<Dues>(&key)?.cloned().unwrap_or_default();
        let billing = match dues.standing() {
            Some(billing) => billing,
            None if dues.bills.is_empty() => return Err(super::receive::no_bill(self.year).into()),
            None => return Ok(Answer::new("缴费单已经撤销", "cancelled already").with("state", "already")),
        };
        if billing.received() > Fen::ZERO {
            let message = format!("这张缴费单已缴 {} 元", billing.received());
            return Err(Refusal::new("already-paid", message, "用 dues refund 申请退费").into());
        }
        if let Some(batch) = &billing.batch {
            let message = format!("缴费单在批量扣款文件 {batch} 中，结果未回");
            return Err(Refusal::new("in-batch", message, "先用 debit result 录入扣款结果").into());
        }
        cancel(books, &key, billing, self.ground.0, desk.today(), None)?;
        super::settled(desk, books, &key)?;
        let number = billing.bill.number.as_str();
        Ok(Answer::new(format!("缴费单 {number} 已撤销"), "cancelled").with("bill", number).with("state", "cancelled"))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        super::keys(desk, &self.person, self.year)
    }
}

/// Cancels a bill; what was paid for it goes back, under a number of its own if nobody asked. Gives how much.
pub(super) fn cancel(
    books: &mut Books<'_>,
    key: &Key,
    billing: &Billing,
    ground: Ground,
    on: Date,
    refund: Option<String>,
) -> Result<Fen, Stop> {
    let over = billing.received();
    let entry = DuesEntry::Cancelled {
        bill: billing.bill.number.clone(),
        on,
        ground: Word(ground),
        was: billing.was(),
        over: Yuan(over),
        refund: refund.filter(|_| over > Fen::ZERO),
    };
    books.post::<Dues>(key, &entry)?;
    Ok(over)
}

/// The cause by which a membership ends whose contribution goes back on a ground.
fn ended_by(ground: Ground) -> Cause {
    match ground {
        Ground::Death => Cause::Death,
        Ground::Duplicate => Cause::Duplicate,
        Ground::Employee => Cause::Employee,
        Ground::Moved => Cause::TransferOut,
        Ground::Mistake | Ground::Rebilled => Cause::Mistake,
    }
}

fn standing(dues: &Dues, year: i16) -> Result<Billing, Refusal> {
    dues.standing().cloned().ok_or_else(|| super::receive::no_bill(year))
}

fn refund_key(number: &str) -> Result<Key, Refusal> {
    number.strip_prefix('R').and_then(key_of_number).ok_or_else(|| unknown(number))
}

fn unknown(number: &str) -> Refusal {
    Refusal::new("unknown-refund", format!("没有编号 {number} 的退费"), "用 dues show 查看此人的退费")
}
