//! The report on the arrival of a year's subsidy: which area reported by the day that was set, what was due, what arrived (JL22-01j).

use domain::{Date, Fen};
use serde_json::json;

use super::area::{AreaEntry, AreaYear, Government, Reported, key, sheet};
use super::arrears::{about, percent};
use super::region::{RegionBook, RegionEntry, book, key as region, listed};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::{Word, Yuan};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::question::{Column, Question, Table, col};
use crate::sheets::Books;

command! {
    /// Set the last day on which areas report the arrival of a year's subsidy
    ReportDay = "subsidy report-day", "设定各地区报告补助到位情况的最后一天" {
        /// The insured year
        year: i16 = "参保年度",
        /// Last day
        by: Date = "最后一天",
        /// The document that names it
        document: String = "依据的文件",
    }
}

command! {
    /// Report what of an area's subsidy has arrived by today
    Report = "subsidy report", "报告一个地区截至今天的补助到位情况" {
        /// The insured year
        year: i16 = "参保年度",
        /// Code of the area
        area: String = "区划代码",
        /// Which level's part; city and county, if left out
        level: Option<Word<Government>> = "哪一级财政，不写为市县",
    }
}

impl UseCase for ReportDay {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let already = book(books)?.report_days.get(&self.year) == Some(&self.by);
        if !already {
            let ReportDay { year, by, .. } = *self;
            let entry = RegionEntry::ReportDay { year, by, document: self.document.clone() };
            books.post::<RegionBook>(&region(), &entry)?;
        }
        let says = format!("{} 年补助到位情况最迟 {} 报告", self.year, self.by);
        Ok(Answer::new(says, format!("reports are due by {}", self.by)).with("already", already))
    }
}

impl UseCase for Report {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let area = listed(books, &self.area)?;
        let level = self.level.unwrap_or(Word(Government::Local));
        let year = sheet(books, &self.area, self.year)?;
        if year.claim.is_none() {
            let message = format!("{} {} 年的补助还没有申报，没有应到数", area.name, self.year);
            return Err(Refusal::new("not-claimed", message, "先用 subsidy claim 申报").into());
        }
        let on = desk.today();
        let (due, arrived) = (year.due(level.0), year.arrived(level.0, on));
        let reported = Reported { on, level, due: Yuan(due), arrived: Yuan(arrived) };
        let already = year.reports.contains(&reported);
        if !already {
            books.post::<AreaYear>(&key(&self.area, self.year), &AreaEntry::Reported(reported))?;
        }
        let late = book(books)?.report_days.get(&self.year).is_some_and(|by| on > *by);
        let rate = percent(arrived, due);
        let how = if late { "，逾期" } else { "" };
        let (name, level) = (area.name, level.0.name());
        let says = format!(
            "{name} {on} 报告：{level}补助应到 {due} 元，已到 {arrived} 元，到位率 {}{how}",
            rate.as_deref().unwrap_or("—")
        );
        Ok(Answer::new(says, format!("{arrived} of {due} arrived by {on}"))
            .with("due", due.to_string())
            .with("arrived", arrived.to_string())
            .with("rate", rate)
            .with("late", late)
            .with("already", already))
    }
}

command! {
    /// List which areas have reported the arrival of a year's subsidy, and which are overdue
    Reports = "subsidy reports", "列出各地区补助到位报告：已报、待报、逾期" {
        /// The insured year
        year: i16 = "参保年度",
        /// The day; today, if left out
        on: Option<Date> = "截至日，不写为今天",
        /// Which level's part; city and county, if left out
        level: Option<Word<Government>> = "哪一级财政，不写为市县",
    }
}

const COLUMNS: &[Column] = &[
    col("area", "区划", "area"),
    col("name", "名称", "name"),
    col("state", "状态", "state"),
    col("reported_on", "报告日", "reported on"),
    col("due", "应到", "due"),
    col("arrived", "已到", "arrived"),
    col("rate", "到位率", "rate"),
];

impl Question for Reports {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let on = self.on.unwrap_or_else(|| desk.today());
        let level = self.level.unwrap_or(Word(Government::Local));
        let Some(by) = book(books)?.report_days.get(&self.year).copied() else {
            let message = format!("{} 年的报告日没有设定", self.year);
            return Err(Refusal::new("no-report-day", message, "用 subsidy report-day 设定").into());
        };
        let mut rows = Vec::new();
        for (code, area) in about(books, None)? {
            let year = sheet(books, &code, self.year)?;
            // The first report counts for being in time, the last for what it says.
            let reports: Vec<_> = year.reports.iter().filter(|r| r.level == level && r.on <= on).collect();
            let state = match reports.first() {
                Some(first) if first.on <= by => "reported",
                Some(_) => "reported-late",
                None if on < by => "awaited",
                None => "overdue",
            };
            let last = reports.last();
            let (due, arrived) =
                last.map_or((year.due(level.0), year.arrived(level.0, on)), |r| (r.due.0, r.arrived.0));
            rows.push(vec![
                json!(code),
                json!(area.name),
                json!(state),
                json!(last.map(|report| report.on.to_string())),
                json!(due.to_string()),
                json!(arrived.to_string()),
                json!(percent(arrived, due)),
            ]);
        }
        let overdue = rows.iter().filter(|row| row[2] == "overdue").count();
        let foot = format!("{} 个地区，报告日 {by}，截至 {on} 逾期 {overdue} 个", rows.len());
        Ok(Table {
            title: format!("{} 年{}补助到位报告", self.year, level.0.name()), columns: COLUMNS, rows, foot
        })
    }
}

command! {
    /// Hold claims, arrivals and the posted balance of each level against each other
    Reconcile = "subsidy reconcile", "核对申报、到账与账上余额，列出差异" {
        /// The insured year
        year: i16 = "参保年度",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
    }
}

const RECONCILED: &[Column] = &[
    col("area", "区划", "area"),
    col("level", "级次", "level"),
    col("claimed", "应收", "claimed"),
    col("arrived", "已到", "arrived"),
    col("open", "未到", "open"),
    col("posted", "账上余额", "posted balance"),
    col("difference", "差异", "difference"),
];

impl Question for Reconcile {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let (mut rows, mut wrong) = (Vec::new(), 0);
        for (code, _) in about(books, self.area.as_deref())? {
            let year = sheet(books, &code, self.year)?;
            let here = key(&code, self.year);
            let history = books.history::<AreaYear>(&here.subject)?;
            let entries = history.iter().filter(|(key, ..)| *key == here).map(|(_, _, entry)| entry);
            let lines: Vec<_> = entries.flat_map(<AreaYear as crate::Fold>::lines).collect();
            for level in Government::ALL.iter().copied() {
                let party = super::area::party(&code, Word(level));
                let of = lines.iter().filter(|line| line.account == "receivable/government" && line.party == party);
                let posted: Fen = of.map(|line| line.amount).sum();
                let (claimed, arrived) = (year.due(level), year.arrived(level, Date::MAX));
                if (claimed, arrived, posted) == (Fen::ZERO, Fen::ZERO, Fen::ZERO) {
                    continue;
                }
                let open = claimed - arrived;
                wrong += usize::from(open != posted);
                rows.push(vec![
                    json!(code),
                    json!(level.code()),
                    json!(claimed.to_string()),
                    json!(arrived.to_string()),
                    json!(open.to_string()),
                    json!(posted.to_string()),
                    json!((posted - open).to_string()),
                ]);
            }
        }
        let foot = format!("{} 项，差异 {wrong} 项", rows.len());
        Ok(Table { title: format!("{} 年补助对账", self.year), columns: RECONCILED, rows, foot })
    }
}
