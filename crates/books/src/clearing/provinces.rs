//! Monthly clearing of costs across provinces: payable and receivable by province, and the difference (全国清算); what a violation
//! takes off what is paid stands as a line of its own with its case (扣减结算资金).

use domain::{Date, Fen};
use serde_json::json;

use super::month_of;
use super::province_book::{ClearingEntry, Direction, ProvinceBook, ProvinceMonth};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::{Word, Yuan};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// Put a settled bill into a month's clearing with a province
    Record = "clearing record", "将一次跨省结算列入当月清算" {
        /// Code of the province, six digits
        province: String = "省级区划代码，六位",
        /// The month, as 2022-03
        month: String = "月份，如 2022-03",
        /// Payable: our member was treated there; receivable: their member was treated here
        direction: Word<Direction> = "应付（本地人在外地）或应收（外地人在本地）",
        /// Number of the settlement
        settlement: String = "结算编号",
        /// Code of the provider
        provider: String = "定点机构代码",
        /// What the funds pay
        amount: Yuan = "基金支付（元）",
    }
}

command! {
    /// Take an amount off what is paid for a month, for a violation that was found
    Deduct = "clearing deduct", "因违规扣减当月应付的结算资金" {
        /// Code of the province
        province: String = "省级区划代码",
        /// The month
        month: String = "月份",
        /// Number of the case
        case: String = "案件号",
        /// How much
        amount: Yuan = "扣减金额（元）",
        /// What was found
        finding: String = "违规事实",
    }
}

command! {
    /// Draw up the clearing of a month with every province; nothing goes into it any more
    Draw = "clearing draw", "生成一个月与各省的清算，此后不再列入" {
        /// The month
        month: String = "月份",
    }
}

command! {
    /// Record that the difference of a month with a province was paid or received
    Settle = "clearing settle", "登记与一个省当月清算差额的收付" {
        /// Code of the province
        province: String = "省级区划代码",
        /// The month
        month: String = "月份",
        /// Number of the voucher
        voucher: String = "凭证号",
    }
}

fn key(province: &str, year: i16) -> Key {
    Key::in_year(format!("clearing/{province}"), year)
}

fn month_with(books: &mut Books<'_>, province: &str, month: Date) -> Result<ProvinceMonth, Stop> {
    let book = books.find::<ProvinceBook>(&key(province, month.year()))?;
    Ok(book.and_then(|book| book.months.get(&month)).cloned().unwrap_or_default())
}

fn open(month: &ProvinceMonth, name: &str) -> Result<(), Refusal> {
    match month.drawn {
        Some(on) => {
            let message = format!("{name} 的清算已于 {on} 生成");
            Err(Refusal::new("already-drawn", message, "列入下一个月"))
        }
        None => Ok(()),
    }
}

impl UseCase for Record {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let month = month_of(&self.month)?;
        let province = self.province.trim();
        let digits = province.len() == 6 && province.ends_with("0000") && province.bytes().all(|b| b.is_ascii_digit());
        let own = desk.rules.region()?.code.get(..2) == province.get(..2);
        if !digits || own {
            let message = format!("“{province}” 不是外省的区划代码");
            return Err(Refusal::new("bad-province", message, "写六位代码，后四位为零，如 320000").into());
        }
        if self.amount.0 <= Fen::ZERO {
            return Err(Refusal::new("bad-amount", format!("金额 {} 元不大于零", self.amount), "核对结算").into());
        }
        let before = month_with(books, province, month)?;
        let name = format!("{}:{}", self.direction, self.settlement);
        let subject = key(province, month.year()).subject;
        let known = books.linked("clearing", &name)?;
        if known.as_ref().is_some_and(|known| *known != subject) {
            let message = format!("{} 已列入另一省的清算", self.settlement);
            return Err(Refusal::new("already-listed", message, "用 clearing details 核对").into());
        }
        let already = known.is_some();
        if already {
            self.same(books, &subject, month)?;
        } else {
            open(&before, &self.month)?;
            books.link("clearing", &name, &subject)?;
            let entry = ClearingEntry::Recorded {
                province: province.to_owned(),
                month,
                direction: self.direction,
                settlement: self.settlement.clone(),
                provider: self.provider.clone(),
                amount: self.amount,
            };
            books.post::<ProvinceBook>(&key(province, month.year()), &entry)?;
        }
        let now = month_with(books, province, month)?;
        let says =
            format!("{province} {}：应付 {} 元，应收 {} 元", self.month, now.payable.amount, now.receivable.amount);
        Ok(told(&now, says, format!("{province} {} is kept", self.month)).with("already", already))
    }
}

impl Record {
    /// Refuses a settlement that is listed with another amount or month.
    fn same(&self, books: &mut Books<'_>, subject: &str, of: Date) -> Result<(), Stop> {
        for (_, _, entry) in books.history::<ProvinceBook>(subject)? {
            let ClearingEntry::Recorded { month, direction, settlement, amount, .. } = entry else { continue };
            if settlement == self.settlement && direction == self.direction && (month, amount) != (of, self.amount) {
                let message = format!("{settlement} 已列入 {}，{amount} 元", month.strftime("%Y-%m"));
                return Err(Refusal::new("already-listed", message, "核对结算编号和金额").into());
            }
        }
        Ok(())
    }
}

impl UseCase for Deduct {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let month = month_of(&self.month)?;
        let before = month_with(books, &self.province, month)?;
        let known = before.deducted.get(&self.case).copied();
        if let Some(known) = known.filter(|known| *known != self.amount) {
            let message = format!("案件 {} 已扣减 {known} 元", self.case);
            return Err(Refusal::new("already-deducted", message, "一案只扣一次；核对金额").into());
        }
        if known.is_none() {
            open(&before, &self.month)?;
            if self.amount.0 <= Fen::ZERO || before.deduction() + self.amount.0 > before.payable.amount.0 {
                let message = format!("扣减 {} 元，当月应付 {} 元", self.amount, before.payable.amount);
                return Err(Refusal::new("bad-amount", message, "扣减大于零，且不超过当月应付").into());
            }
            let entry = ClearingEntry::Deducted {
                province: self.province.clone(),
                month,
                case: self.case.clone(),
                amount: self.amount,
                finding: self.finding.clone(),
            };
            books.post::<ProvinceBook>(&key(&self.province, month.year()), &entry)?;
        }
        let now = month_with(books, &self.province, month)?;
        let pays = now.payable.amount.0 - now.deduction();
        let says = format!("案件 {} 扣减 {} 元，应付余 {pays} 元", self.case, self.amount);
        Ok(told(&now, says, format!("{} is taken off by case {}", self.amount, self.case))
            .with("already", known.is_some()))
    }
}

/// A month with a province as an answer.
fn told(month: &ProvinceMonth, says: String, english: String) -> Answer {
    Answer::new(says, english)
        .with("payable", month.payable.amount.to_string())
        .with("receivable", month.receivable.amount.to_string())
        .with("deducted", month.deduction().to_string())
        .with("net", month.net().to_string())
}

impl UseCase for Draw {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let month = month_of(&self.month)?;
        let on = desk.today();
        if month.last_of_month() >= on {
            return Err(Refusal::new("month-not-over", format!("{} 还没有过完", self.month), "次月起生成").into());
        }
        let mut open = Vec::new();
        books.each::<ProvinceBook>(Some(month.year()), |key, book| {
            let of = book.months.get(&month).filter(|month| month.drawn.is_none());
            open.extend(of.map(|of| (key.clone(), of.clone())));
            Ok(())
        })?;
        let mut net = Fen::ZERO;
        for (key, of) in &open {
            net += of.net();
            let entry = ClearingEntry::Drawn {
                month,
                payable: of.payable.amount,
                deducted: Yuan(of.deduction()),
                receivable: of.receivable.amount,
                net: Yuan(of.net()),
                on,
            };
            books.post::<ProvinceBook>(key, &entry)?;
        }
        let says = format!("{} 清算：{} 个省，差额合计 {net} 元", self.month, open.len());
        Ok(Answer::new(says, format!("{} provinces, net {net}", open.len()))
            .with("provinces", open.len())
            .with("net", net.to_string()))
    }
}

impl UseCase for Settle {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let month = month_of(&self.month)?;
        let of = month_with(books, &self.province, month)?;
        if of.drawn.is_none() || of.settled.is_some() {
            let state = if of.settled.is_some() { "已收付" } else { "还没有生成" };
            let message = format!("{} {} 的清算{state}", self.province, self.month);
            return Err(Refusal::new("wrong-state", message, "按 生成（draw）→ 收付（settle）办理，各一次").into());
        }
        let entry = ClearingEntry::Settled {
            province: self.province.clone(),
            month,
            payable: Yuan(of.payable.amount.0 - of.deduction()),
            receivable: of.receivable.amount,
            voucher: self.voucher.clone(),
            on: desk.today(),
        };
        books.post::<ProvinceBook>(&key(&self.province, month.year()), &entry)?;
        let net = of.net();
        let how = if net < Fen::ZERO { format!("收到 {} 元", -net) } else { format!("付出 {net} 元") };
        let english = format!("net {net} is settled with {}", self.province);
        Ok(told(&of, format!("与 {} {} 的差额已结：{how}", self.province, self.month), english)
            .with("paid", net.to_string()))
    }
}

command! {
    /// List the clearing of a month by province: payable, receivable, net
    Clearings = "clearing list", "列出一个月与各省的清算：应付、应收、差额" {
        /// The month
        month: String = "月份",
    }
}

const CLEARINGS: &[Column] = &[
    col("province", "省份", "province"),
    col("payable", "应付", "payable"),
    col("payable_bills", "应付笔数", "bills payable"),
    col("deducted", "扣减", "deducted"),
    col("receivable", "应收", "receivable"),
    col("receivable_bills", "应收笔数", "bills receivable"),
    col("net", "差额", "net"),
    col("state", "状态", "state"),
];

impl Question for Clearings {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let month = month_of(&self.month)?;
        let (mut rows, mut net) = (Vec::new(), Fen::ZERO);
        books.each::<ProvinceBook>(Some(month.year()), |key, book| {
            if let Some(of) = book.months.get(&month) {
                net += of.net();
                let state = match (of.drawn, of.settled) {
                    (_, Some(_)) => "settled",
                    (Some(_), None) => "drawn",
                    (None, None) => "open",
                };
                rows.push(vec![
                    json!(key.subject.split_once('/').map_or("", |(_, province)| province)),
                    json!(of.payable.amount),
                    json!(of.payable.bills),
                    json!(of.deduction().to_string()),
                    json!(of.receivable.amount),
                    json!(of.receivable.bills),
                    json!(of.net().to_string()),
                    json!(state),
                ]);
            }
            Ok(())
        })?;
        let foot = format!("{} 个省，差额合计 {net} 元（正为付出）", rows.len());
        Ok(Table { title: format!("{} 跨省清算", self.month), columns: CLEARINGS, rows, foot })
    }
}

command! {
    /// List what a month's clearing with a province is made of
    ClearingDetails = "clearing details", "列出与一个省当月清算的明细" {
        /// Code of the province
        province: String = "省级区划代码",
        /// The month
        month: String = "月份",
    }
}

const DETAILS: &[Column] = &[
    col("what", "事项", "what"),
    col("reference", "结算编号或案件号", "settlement or case"),
    col("provider", "定点机构", "provider"),
    col("amount", "金额", "amount"),
];

impl Question for ClearingDetails {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let of = month_of(&self.month)?;
        let here = key(&self.province, of.year());
        let mut rows = Vec::new();
        for (_, _, entry) in books.history::<ProvinceBook>(&here.subject)? {
            match entry {
                ClearingEntry::Recorded { month, direction, settlement, provider, amount, .. } if month == of => {
                    rows.push(vec![json!(direction), json!(settlement), json!(provider), json!(amount)]);
                }
                ClearingEntry::Deducted { month, case, amount, .. } if month == of => {
                    rows.push(vec![json!("deducted"), json!(case), json!(null), json!(amount)]);
                }
                _ => {}
            }
        }
        let foot = format!("{} 笔", rows.len());
        Ok(Table { title: format!("{} {} 清算明细", self.province, self.month), columns: DETAILS, rows, foot })
    }
}
