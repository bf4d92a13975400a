//! The subsidy arrives: only in the fiscal account (财政专户) of the area, on a day that is kept (JL22-01i).

use domain::Date;

use super::area::{AreaEntry, AreaYear, Arrival, Government, key, sheet};
use super::region::listed;
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::{Word, Yuan};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::Books;

command! {
    /// Record that subsidy arrived in the fiscal account of an area
    Arrive = "subsidy arrive", "登记补助到账：只认该地区的财政专户" {
        /// The insured year it is for
        year: i16 = "参保年度",
        /// Code of the area
        area: String = "区划代码",
        /// From which level of government
        level: Word<Government> = "哪一级财政",
        /// How much
        amount: Yuan = "金额（元）",
        /// The day it was in the account
        on: Date = "到账日",
        /// Number of the account it was paid into
        account: String = "收款账号",
        /// Number of the voucher
        voucher: String = "拨款凭证号",
    }
}

command! {
    /// Take back an arrival that was recorded wrongly
    TakeBack = "subsidy take-back", "冲销错记的到账" {
        /// The insured year it was recorded for
        year: i16 = "参保年度",
        /// Code of the area
        area: String = "区划代码",
        /// Number of the voucher
        voucher: String = "拨款凭证号",
        /// Why
        reason: String = "冲销原因",
    }
}

impl UseCase for Arrive {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let area = listed(books, &self.area)?;
        if self.amount.0.0 <= 0 {
            return Err(Refusal::new("bad-amount", format!("到账金额 {} 元不大于零", self.amount), "核对凭证").into());
        }
        if self.on > desk.today() {
            return Err(Refusal::new("impossible-date", format!("到账日 {} 在今天之后", self.on), "核对凭证").into());
        }
        let Some(account) = area.account_on(self.on) else {
            let message = format!("{} {} 没有登记的财政专户", area.name, self.on);
            return Err(Refusal::new("no-account", message, "先用 area account 登记").into());
        };
        if account.account != self.account.trim() {
            let message = format!("{} 不是{} {} 的财政专户", self.account, area.name, self.on);
            let cure = "退回付款方，改拨入登记的专户；专户已变更的，先用 area account 登记";
            return Err(Refusal::new("other-account", message, cure).into());
        }
        let arrival = Arrival {
            area: self.area.clone(),
            level: self.level,
            amount: self.amount,
            on: self.on,
            account: account.account.clone(),
            voucher: self.voucher.trim().to_owned(),
        };
        let before = sheet(books, &self.area, self.year)?;
        let known = before.arrivals.iter().find(|known| known.voucher == arrival.voucher);
        if let Some(known) = known.filter(|known| **known != arrival) {
            let message = format!("凭证 {} 已登记为 {} {} 元", known.voucher, known.on, known.amount);
            return Err(Refusal::new("voucher-taken", message, "核对凭证号；错记的先用 subsidy take-back 冲销").into());
        }
        let already = known.is_some();
        if !already {
            books.post::<AreaYear>(&key(&self.area, self.year), &AreaEntry::Arrived(arrival))?;
        }
        let due = before.due(self.level.0);
        let sofar: Yuan = Yuan(sheet(books, &self.area, self.year)?.arrived(self.level.0, desk.today()));
        let level = self.level.0.name();
        let says = format!("{level}补助 {} 元 {} 到账；该年应收 {due} 元，已到 {sofar} 元", self.amount, self.on);
        let english = format!("{} of the {} part arrived on {}", self.amount, self.level, self.on);
        Ok(Answer::new(says, english)
            .with("due", due.to_string())
            .with("arrived", sofar.to_string())
            .with("open", (due - sofar.0).to_string())
            .with("already", already))
    }
}

impl UseCase for TakeBack {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let year = sheet(books, &self.area, self.year)?;
        let Some(arrival) = year.arrivals.iter().find(|arrival| arrival.voucher == self.voucher.trim()).cloned() else {
            let message = format!("{} {} 年没有凭证 {} 的到账", self.area, self.year, self.voucher);
            return Err(Refusal::new("unknown-voucher", message, "用 subsidy arrivals 查看").into());
        };
        let amount = arrival.amount;
        let entry = AreaEntry::ArrivalReversed { arrival, reason: self.reason.clone() };
        books.post::<AreaYear>(&key(&self.area, self.year), &entry)?;
        Ok(Answer::new(
            format!("凭证 {} 的到账 {amount} 元已冲销", self.voucher),
            format!("the arrival of {amount} by {} is taken back", self.voucher),
        )
        .with("amount", amount.to_string()))
    }
}
