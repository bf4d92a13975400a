//! Reports on collection: by channel, by area with rank, and the debit files.

use std::collections::BTreeMap;

use domain::{Date, Fen, Vocabulary};
use serde_json::json;

use super::debit::Debit;
use super::record::{Channel, REFUSED};
use super::sheet::Dues;
use super::suspense::Held;
use crate::answer::Stop;
use crate::command;
use crate::desk::Desk;
use crate::people::Dossier;
use crate::question::{Column, Question, Table, col};
use crate::sheets::Books;

command! {
    /// Add up what came in by channel
    ByChannel = "dues channels", "按渠道统计缴费" {
        /// Insured year; all, if left out
        year: Option<i16> = "参保年度，不写为各年",
        /// First day of payment
        from: Option<Date> = "缴费日起",
        /// Last day of payment
        until: Option<Date> = "缴费日止",
    }
}

const CHANNELS: &[Column] = &[
    col("channel", "渠道", "channel"),
    col("name", "名称", "name"),
    col("receipts", "笔数", "receipts"),
    col("amount", "入账", "booked"),
    col("suspense", "待处理", "in suspense"),
];

impl Question for ByChannel {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let within = |on: Date| self.from.is_none_or(|from| from <= on) && self.until.is_none_or(|until| on <= until);
        let mut sums: BTreeMap<Channel, (usize, Fen, Fen)> = BTreeMap::new();
        books.each::<Dues>(self.year, |_, dues| {
            for receipt in dues.bills.iter().flat_map(|billing| &billing.receipts).filter(|r| within(r.on)) {
                let sum = sums.entry(receipt.channel.0).or_default();
                (sum.0, sum.1) = (sum.0 + 1, sum.1 + receipt.amount.0);
            }
            Ok(())
        })?;
        books.each::<Held>(None, |_, held| {
            let ours = self.year.is_none() || held.year == self.year;
            if let (Some(channel), true) = (held.channel, ours && held.on.is_some_and(within)) {
                sums.entry(channel.0).or_default().2 += held.waits();
            }
            Ok(())
        })?;
        let booked: Fen = sums.values().map(|(_, booked, _)| *booked).sum();
        let held: Fen = sums.values().map(|(.., held)| *held).sum();
        let rows = sums.into_iter().map(|(channel, (count, booked, held))| {
            let (booked, held) = (booked.to_string(), held.to_string());
            vec![json!(channel.word()), json!(channel.name()), json!(count), json!(booked), json!(held)]
        });
        let rows = rows.collect();
        let foot = format!("入账 {booked} 元，待处理 {held} 元");
        Ok(Table { title: "各渠道缴费".to_owned(), columns: CHANNELS, rows, foot })
    }
}

command! {
    /// Rank the areas by the share of their residents who have paid for a year
    Rate = "dues rate", "各地参保缴费率" {
        /// Insured year
        year: i16 = "参保年度",
        /// How many digits of the area code make an area; 6, if left out
        digits: Option<i64> = "按区划代码前几位统计，不写为 6",
        /// As of this day; today, if left out
        on: Option<Date> = "截至哪一天，不写为今天",
    }
}

const RATES: &[Column] = &[
    col("rank", "名次", "rank"),
    col("area", "区划", "area"),
    col("target", "应参保", "residents"),
    col("billed", "已核定", "billed"),
    col("paid", "已缴费", "paid"),
    col("rate", "缴费率", "rate"),
    col("amount", "已缴金额", "received"),
];

#[derive(Clone, Copy, Default)]
struct Tally {
    target: i64,
    billed: i64,
    paid: i64,
    amount: Fen,
}

impl Question for Rate {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let day = self.on.unwrap_or(desk.today());
        let digits = usize::try_from(self.digits.unwrap_or(6)).unwrap_or(6);
        let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
        let of = |area: &str| area.get(..digits).unwrap_or(area).to_owned();
        books.each::<Dossier>(None, |_, dossier| {
            if dossier.alive_on(day) && dossier.secured_on(day).is_none() {
                tallies.entry(of(&dossier.area)).or_default().target += 1;
            }
            Ok(())
        })?;
        books.each::<Dues>(Some(self.year), |_, dues| {
            if let Some(billing) = dues.standing() {
                let tally = tallies.entry(of(&billing.bill.area)).or_default();
                tally.billed += 1;
                tally.paid += i64::from(billing.paid_on().is_some_and(|paid| paid <= day));
                tally.amount += billing.received();
            }
            Ok(())
        })?;
        let mut ranked: Vec<(String, Tally)> = tallies.into_iter().collect();
        // By the fractions themselves: a rounded rate would make false ties.
        ranked.sort_by(|(_, a), (_, b)| (b.paid * a.target.max(1)).cmp(&(a.paid * b.target.max(1))));
        let (mut rows, mut rank, mut before) = (Vec::new(), 0, None);
        for (at, (area, tally)) in ranked.iter().enumerate() {
            let tied = before.is_some_and(|b: Tally| b.paid * tally.target.max(1) == tally.paid * b.target.max(1));
            if !tied {
                rank = at + 1;
            }
            before = Some(*tally);
            rows.push(vec![
                json!(rank),
                json!(area),
                json!(tally.target),
                json!(tally.billed),
                json!(tally.paid),
                json!(percent(tally.paid, tally.target)),
                json!(tally.amount.to_string()),
            ]);
        }
        let (paid, target) = ranked.iter().fold((0, 0), |(p, t), (_, tally)| (p + tally.paid, t + tally.target));
        let foot = format!("合计 {paid} / {target}，{}", percent(paid, target));
        Ok(Table { title: format!("{} 年度缴费率（{day}）", self.year), columns: RATES, rows, foot })
    }
}

/// A share in per cent with two decimals, cut off: nobody is all until all are.
fn percent(part: i64, whole: i64) -> String {
    let share = if whole > 0 { part.saturating_mul(10_000) / whole } else { 0 };
    format!("{}.{:02}%", share / 100, share % 100)
}

command! {
    /// List the debit files of a year
    ListDebits = "debit list", "列出批量扣款文件" {
        /// Insured year
        year: Option<i16> = "参保年度",
    }
}

const DEBITS: &[Column] = &[
    col("batch", "编号", "batch"),
    col("on", "日期", "made on"),
    col("lines", "笔数", "lines"),
    col("total", "金额", "total"),
    col("taken", "扣到", "taken"),
    col("refused", "未扣到", "refused"),
    col("waiting", "尚无结果", "no result"),
];

impl Question for ListDebits {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut rows = Vec::new();
        books.each::<Debit>(None, |key, debit| {
            let number = key.subject.trim_start_matches("debit/");
            if self.year.is_none_or(|year| number.starts_with(&format!("{year}-"))) {
                let of = |wanted: fn(&str) -> bool| {
                    debit.lines.iter().filter(|line| line.outcome.as_deref().is_some_and(wanted)).count()
                };
                rows.push(vec![
                    json!(number),
                    json!(debit.on.map(|day| day.to_string())),
                    json!(debit.lines.len()),
                    json!(debit.total().to_string()),
                    json!(of(|outcome| outcome == "taken" || outcome == "short")),
                    json!(of(|outcome| outcome == REFUSED)),
                    json!(debit.lines.iter().filter(|line| line.outcome.is_none()).count()),
                ]);
            }
            Ok(())
        })?;
        let foot = format!("{} 个文件", rows.len());
        Ok(Table { title: "批量扣款文件".to_owned(), columns: DEBITS, rows, foot })
    }
}
