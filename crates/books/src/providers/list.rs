//! The register of providers as it stands on a day.

use domain::{Care, Date, Level};
use serde_json::json;

use super::sheet::{Provider, Standing};
use super::within;
use crate::answer::Stop;
use crate::codec::Word;
use crate::command;
use crate::desk::Desk;
use crate::question::{Column, Question, Table, col};
use crate::sheets::Books;

command! {
    /// List providers as they stand on a day
    ListProviders = "provider list", "列出定点医药机构" {
        /// The day; today, if left out
        on: Option<Date> = "日期，不写为今天",
        /// Code of an area
        area: Option<String> = "区划代码",
        /// Level
        level: Option<Word<Level>> = "级别",
        /// Kind of care it settles
        care: Option<Word<Care>> = "可结算的医疗类别",
        /// Kind of care for which it is connected to settlement elsewhere
        connected: Option<Word<Care>> = "已接入异地直接结算的类别",
        /// Only those designated on that day
        designated: bool = "只列当日定点的",
    }
}

const COLUMNS: &[Column] = &[
    col("provider", "机构编码", "provider"),
    col("name", "名称", "name"),
    col("area", "区划", "area"),
    col("level", "级别", "level"),
    col("state", "协议状态", "state"),
    col("by", "定点方", "by"),
    col("care", "医疗类别", "care"),
    col("marks", "标记", "marks"),
    col("online", "联网", "online"),
    col("connected", "异地联网类别", "connected"),
    col("uscc", "统一社会信用代码", "social credit code"),
    col("grade", "等级（等次）", "grade"),
];

impl Question for ListProviders {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let day = self.on.unwrap_or_else(|| desk.today());
        let own = desk.rules.region()?.code.clone();
        let mut rows = Vec::new();
        books.each::<Provider>(None, |key, provider| {
            let code = key.subject.trim_start_matches("provider/");
            let Some(facts) = provider.on(code, day) else { return Ok(()) };
            let by = facts.designated_by(&own).map(str::to_owned);
            let wanted = self.area.as_ref().is_none_or(|area| within(&facts.area, area))
                && self.level.is_none_or(|level| level.0 == facts.level)
                && self.care.is_none_or(|care| facts.care.contains(&care.0))
                && self.connected.is_none_or(|care| facts.connected.contains(&care.0))
                && (!self.designated || by.is_some());
            if !wanted {
                return Ok(());
            }
            let worst = facts.designations.first().map_or(Standing::Never, |(_, standing)| standing.clone());
            let state = if by.is_some() { Standing::Designated } else { worst };
            let words = |care: &[Care]| care.iter().map(|care| care.code()).collect::<Vec<_>>().join(" ");
            let marks: Vec<&str> = facts.marks.iter().map(|mark| mark.code()).collect();
            rows.push(vec![
                json!(code),
                json!(facts.name),
                json!(facts.area),
                json!(facts.level.code()),
                json!(super::sheet::state_word(&state)),
                json!(by),
                json!(words(&facts.care)),
                json!(marks.join(" ")),
                json!(facts.online),
                json!(words(&facts.connected)),
                json!(facts.uscc),
                json!(facts.grade.map(|grade| grade.code())),
            ]);
            Ok(())
        })?;
        let foot = format!("{day}：{} 家", rows.len());
        Ok(Table { title: "定点医药机构".to_owned(), columns: COLUMNS, rows, foot })
    }
}
