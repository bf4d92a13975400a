//! Crediting a month, and an account's statement.

use domain::Fen;
use serde_json::json;

use super::book::{AccountBook, AccountEntry};
use super::{account_key, account_of, area_of, draw, month_of, number_of};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Yuan;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::people;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// Credit a month to a personal account
    Credit = "account credit", "为个人账户记入一个月的金额" {
        /// The person: number of an ID card, or the person's number
        person: String = "人员：身份证号码或个人编号",
        /// The month, as 2016-10
        month: String = "月份，如 2016-10",
        /// How much
        amount: Yuan = "记账金额（元）",
        /// On what it rests
        source: String = "依据，如核定单号",
    }
}

impl UseCase for Credit {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let key = account_key(number_of(&person));
        let month = month_of(&self.month)?;
        if month > desk.today() {
            return Err(Refusal::new("impossible-date", format!("{} 还没到", self.month), "按月记入已到的月份").into());
        }
        if self.amount.0 <= Fen::ZERO {
            return Err(Refusal::new("bad-amount", format!("记账金额 {} 元不大于零", self.amount), "核对核定单").into());
        }
        let before = books.find::<AccountBook>(&key)?.cloned().unwrap_or_default();
        let known = before.months.get(&month).map(|of| of.credit);
        if let Some(known) = known.filter(|known| *known != self.amount) {
            let message = format!("{} 已记账 {known} 元", self.month);
            return Err(Refusal::new("already-credited", message, "一个月只记一次；核对月份和金额").into());
        }
        let mut balance = before.balance.0;
        if known.is_none() {
            let area = area_of(books, &key)?;
            let entry = AccountEntry::Credited { month, amount: self.amount, area, source: self.source.clone() };
            books.post::<AccountBook>(&key, &entry)?;
            balance += self.amount.0;
        }
        let says = format!("{} 记账 {} 元，账户余额 {balance} 元", self.month, self.amount);
        Ok(Answer::new(says, format!("{} is credited for {}", self.amount, self.month))
            .with("balance", balance.to_string())
            .with("already", known.is_some()))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        draw::keys(desk, &self.person)
    }
}

command! {
    /// Show a personal account: months, transfers and what was drawn
    Statement = "account statement", "列出个人账户的记账、划转与提取" {
        /// The person: number of an ID card, or the person's number
        person: String = "人员：身份证号码或个人编号",
    }
}

const COLUMNS: &[Column] = &[
    col("of", "月份或申请", "month or application"),
    col("what", "事项", "what"),
    col("credit", "记账", "credit"),
    col("out", "划出", "out"),
    col("state", "状态", "state"),
];

impl Question for Statement {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let (key, account) = account_of(desk, books, &self.person)?;
        let mut rows = Vec::new();
        for (month, of) in &account.months {
            let state = of.state.map(|state| state.0.code());
            let month = month.strftime("%Y-%m").to_string();
            rows.push(vec![json!(month), json!("transfer"), json!(of.credit), json!(of.transfer), json!(state)]);
        }
        for draw in &account.draws {
            let state = draw.state.0.code();
            rows.push(vec![json!(draw.number), json!("withdrawal"), json!(null), json!(draw.amount), json!(state)]);
        }
        let foot = format!("账户余额 {} 元；划出的归本人，不再列账", account.balance);
        Ok(Table { title: format!("个人账户 {}", number_of(&key)), columns: COLUMNS, rows, foot })
    }
}
