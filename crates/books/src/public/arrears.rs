//! Due, budgeted, arrived: what each government owes by a day, what of it is there, and how many days late it came (足额安排、及时拨付).
//!
//! Due dates are recorded from the documents of finance; where none is recorded, what is claimed stands without a date. Money that
//! arrives fills the earliest due date first.

use domain::{Date, Fen};
use serde_json::{Value, json};

use super::area::{AreaEntry, AreaYear, Government, Instalment, key, sheet};
use super::region::{Area, book, listed};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::{Word, Yuan};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::question::{Column, Question, Table, col};
use crate::sheets::Books;

command! {
    /// Record the day by which a level of government must pay a part of an area's subsidy
    Deadline = "subsidy deadline", "登记某级财政应拨补助的期限与金额" {
        /// The insured year
        year: i16 = "参保年度",
        /// Code of the area
        area: String = "区划代码",
        /// Which level of government
        level: Word<Government> = "哪一级财政",
        /// Last day
        by: Date = "最迟拨付日",
        /// How much by that day, beside what is due on other days
        amount: Yuan = "该日应拨金额（元）",
        /// The document that says so
        document: String = "依据的文件",
    }
}

command! {
    /// Record what a level of government has budgeted for an area's subsidy
    Budget = "subsidy budget", "登记某级财政为补助安排的预算" {
        /// The insured year
        year: i16 = "参保年度",
        /// Code of the area
        area: String = "区划代码",
        /// Which level of government
        level: Word<Government> = "哪一级财政",
        /// How much for the whole year
        amount: Yuan = "全年预算（元）",
        /// The document that says so
        document: String = "依据的文件",
    }
}

impl UseCase for Deadline {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let area = listed(books, &self.area)?;
        positive(self.amount)?;
        let instalment =
            Instalment { level: self.level, by: self.by, amount: self.amount, document: self.document.clone() };
        let already = sheet(books, &self.area, self.year)?.instalments.contains(&instalment);
        if !already {
            books.post::<AreaYear>(&key(&self.area, self.year), &AreaEntry::Due(instalment))?;
        }
        let says = format!("{}：{}应在 {} 前拨付 {} 元", area.name, self.level.0.name(), self.by, self.amount);
        Ok(Answer::new(says, format!("{} due by {}", self.amount, self.by)).with("already", already))
    }
}

impl UseCase for Budget {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let area = listed(books, &self.area)?;
        if self.amount.0 < Fen::ZERO {
            return Err(Refusal::new("bad-amount", format!("预算 {} 元为负", self.amount), "写全年预算").into());
        }
        let before = sheet(books, &self.area, self.year)?;
        let already = before.budget.get(&self.level) == Some(&self.amount);
        if !already {
            let Budget { level, amount, .. } = *self;
            let entry = AreaEntry::Budgeted { level, amount, document: self.document.clone() };
            books.post::<AreaYear>(&key(&self.area, self.year), &entry)?;
        }
        let due = before.due(self.level.0);
        let rate = percent(self.amount.0, due);
        let (name, level) = (area.name, self.level.0.name());
        let says =
            format!("{name}：{level}预算 {} 元，应付 {due} 元，安排率 {}", self.amount, rate.as_deref().unwrap_or("—"));
        Ok(Answer::new(says, format!("budgeted {} of {due}", self.amount)).with("rate", rate).with("already", already))
    }
}

fn positive(amount: Yuan) -> Result<(), Refusal> {
    if amount.0 > Fen::ZERO {
        return Ok(());
    }
    Err(Refusal::new("bad-amount", format!("金额 {amount} 元不大于零"), "核对金额"))
}

/// A part of a whole in per cent with one decimal, half up; nothing of a whole that is not there.
pub(super) fn percent(part: Fen, whole: Fen) -> Option<String> {
    if whole <= Fen::ZERO {
        return None;
    }
    let tenths = (i128::from(part.0) * 2_000 + i128::from(whole.0)).div_euclid(i128::from(whole.0) * 2);
    let sign = if tenths < 0 { "-" } else { "" };
    Some(format!("{sign}{}.{}%", tenths.abs() / 10, tenths.abs() % 10))
}

/// The areas that a question is about: all, or those whose code begins so.
pub(super) fn about(books: &mut Books<'_>, area: Option<&str>) -> Result<Vec<(String, Area)>, Stop> {
    let areas = book(books)?.areas.into_iter();
    Ok(areas.filter(|(code, _)| area.is_none_or(|area| code.starts_with(area))).collect())
}

command! {
    /// List what each level has budgeted against what it owes
    Budgets = "subsidy budgets", "列出各级预算安排与应付之比（足额安排）" {
        /// The insured year
        year: i16 = "参保年度",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
    }
}

const BUDGETS: &[Column] = &[
    col("area", "区划", "area"),
    col("level", "级次", "level"),
    col("due", "应付", "due"),
    col("budgeted", "预算", "budgeted"),
    col("rate", "安排率", "rate"),
    col("short", "未足额", "short"),
];

impl Question for Budgets {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut rows = Vec::new();
        for (code, _) in about(books, self.area.as_deref())? {
            let year = sheet(books, &code, self.year)?;
            for level in Government::ALL.iter().copied().filter(|level| year.due(*level) > Fen::ZERO) {
                let budgeted = year.budget.get(&Word(level)).copied().unwrap_or_default();
                let due = year.due(level);
                rows.push(vec![
                    json!(code),
                    json!(level.code()),
                    json!(due.to_string()),
                    json!(budgeted.to_string()),
                    json!(percent(budgeted.0, due)),
                    json!(budgeted.0 < due),
                ]);
            }
        }
        let short = rows.iter().filter(|row| row.last() == Some(&Value::Bool(true))).count();
        let foot = format!("{} 项，未足额安排 {short} 项", rows.len());
        Ok(Table { title: format!("{} 年补助预算", self.year), columns: BUDGETS, rows, foot })
    }
}

command! {
    /// List what arrived
    Arrivals = "subsidy arrivals", "列出到账的补助" {
        /// The insured year
        year: i16 = "参保年度",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
    }
}

const ARRIVALS: &[Column] = &[
    col("area", "区划", "area"),
    col("level", "级次", "level"),
    col("on", "到账日", "arrived on"),
    col("amount", "金额", "amount"),
    col("account", "财政专户", "account"),
    col("voucher", "凭证", "voucher"),
];

impl Question for Arrivals {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut rows = Vec::new();
        let mut sum = Fen::ZERO;
        for (code, _) in about(books, self.area.as_deref())? {
            for arrival in sheet(books, &code, self.year)?.arrivals {
                sum += arrival.amount.0;
                rows.push(vec![
                    json!(code),
                    json!(arrival.level),
                    json!(arrival.on.to_string()),
                    json!(arrival.amount),
                    json!(arrival.account),
                    json!(arrival.voucher),
                ]);
            }
        }
        let foot = format!("{} 笔，{sum} 元", rows.len());
        Ok(Table { title: format!("{} 年到账的补助", self.year), columns: ARRIVALS, rows, foot })
    }
}

command! {
    /// List what is due of the subsidy by a day, what arrived, what is in arrears and how late
    Arrears = "subsidy arrears", "列出某日各级补助的应到、已到、欠拨与迟拨天数（及时拨付）" {
        /// The insured year
        year: i16 = "参保年度",
        /// The day; today, if left out
        on: Option<Date> = "截至日，不写为今天",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
    }
}

const ARREARS: &[Column] = &[
    col("area", "区划", "area"),
    col("level", "级次", "level"),
    col("by", "最迟拨付日", "due by"),
    col("due", "应到", "due"),
    col("arrived", "已到", "arrived"),
    col("rate", "到位率", "rate"),
    col("arrears", "欠拨", "in arrears"),
    col("filled_on", "到齐日", "complete on"),
    col("days_late", "迟拨天数", "days late"),
];

impl Question for Arrears {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let on = self.on.unwrap_or_else(|| desk.today());
        let (mut rows, mut behind) = (Vec::new(), Fen::ZERO);
        for (code, _) in about(books, self.area.as_deref())? {
            let year = sheet(books, &code, self.year)?;
            for level in Government::ALL.iter().copied() {
                for part in parts(&year, level, on) {
                    let overdue = part.by.is_some_and(|by| by < on);
                    let arrears = if overdue { part.due - part.arrived } else { Fen::ZERO };
                    behind += arrears;
                    let late = part.by.map(|by| late(by, part.filled_on.unwrap_or(on)));
                    rows.push(vec![
                        json!(code),
                        json!(level.code()),
                        json!(part.by.map(|by| by.to_string())),
                        json!(part.due.to_string()),
                        json!(part.arrived.to_string()),
                        json!(percent(part.arrived, part.due)),
                        json!(arrears.to_string()),
                        json!(part.filled_on.map(|on| on.to_string())),
                        json!(late),
                    ]);
                }
            }
        }
        let foot = format!("到期未到 {behind} 元；没有登记期限的，应到全额列在无日期的一行");
        Ok(Table { title: format!("{} 年补助截至 {on}", self.year), columns: ARREARS, rows, foot })
    }
}

/// What is due by one date, and how much of it arrived.
struct Part {
    by: Option<Date>,
    due: Fen,
    arrived: Fen,
    filled_on: Option<Date>,
}

/// A level's money by due dates, filled by what arrived up to a day, the earliest first. What is claimed beyond the dated parts
/// stands without a date.
fn parts(year: &AreaYear, level: Government, on: Date) -> Vec<Part> {
    let dated = year.instalments.iter().filter(|instalment| instalment.level == Word(level));
    let empty = |by, due| Part { by, due, arrived: Fen::ZERO, filled_on: None };
    let mut parts: Vec<Part> = dated.map(|instalment| empty(Some(instalment.by), instalment.amount.0)).collect();
    let rest = year.due(level).less(parts.iter().map(|part| part.due).sum());
    if rest > Fen::ZERO {
        parts.push(empty(None, rest));
    }
    let mut arrivals: Vec<_> = year.arrivals.iter().filter(|a| a.level == Word(level) && a.on <= on).collect();
    arrivals.sort_by_key(|arrival| arrival.on);
    for arrival in arrivals {
        let mut left = arrival.amount.0;
        for part in &mut parts {
            let taken = left.min(part.due - part.arrived);
            part.arrived += taken;
            left -= taken;
            if taken > Fen::ZERO && part.arrived == part.due {
                part.filled_on = Some(arrival.on);
            }
        }
    }
    parts
}

/// How many days a day is after the last one allowed.
fn late(by: Date, on: Date) -> i32 {
    by.until(on).map_or(0, |span| span.get_days().max(0))
}
