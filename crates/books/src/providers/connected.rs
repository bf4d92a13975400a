//! Connection to settlement elsewhere: how many providers, period by period; and whether every area has one.

use domain::{Care, Date, vocabulary};
use serde_json::{Value, json};

use super::sheet::Provider;
use super::{Facts, area, within};
use crate::answer::{Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::desk::Desk;
use crate::question::{Column, Question, Table, col};
use crate::sheets::Books;

vocabulary! {
    /// A span of the calendar.
    Span {
        Month = "month", "月", "month";
        Quarter = "quarter", "季", "quarter";
        Year = "year", "年", "year";
    }
}

command! {
    /// Count the providers connected to settlement elsewhere at the end of each period, and the increase
    ConnectedProviders = "provider connected", "异地联网机构数" {
        /// A day of the first period
        from: Date = "第一期里的一天",
        /// A day of the last period
        to: Date = "最后一期里的一天",
        /// Length of a period; a quarter, if left out
        per: Option<Word<Span>> = "期长，不写为季",
        /// Kind of care; ordinary outpatient, if left out
        care: Option<Word<Care>> = "医疗类别，不写为普通门诊",
        /// Code of an area
        area: Option<String> = "区划代码",
    }
}

command! {
    /// Tell in which areas care can be settled for persons from elsewhere, and in what share of them
    Coverage = "provider coverage", "异地联网覆盖" {
        /// Codes of the areas that should have a connected provider
        area: Vec<String> = "应覆盖的区划代码",
        /// The day; today, if left out
        on: Option<Date> = "日期，不写为今天",
        /// Kind of care; ordinary outpatient, if left out
        care: Option<Word<Care>> = "医疗类别，不写为普通门诊",
        /// Special diseases that must all be open in an area
        disease: Vec<String> = "须全部开通的门诊慢特病病种",
    }
}

const COUNTS: &[Column] = &[
    col("period", "期", "period"),
    col("on", "截止日", "last day"),
    col("providers", "联网机构数", "connected providers"),
    col("increase", "增加", "increase"),
];

const AREAS: &[Column] = &[
    col("area", "区划", "area"),
    col("providers", "联网机构数", "connected providers"),
    col("missing", "未开通病种", "diseases not open"),
    col("covered", "覆盖", "covered"),
];

/// More periods than this are a slip of the keyboard.
const PERIODS: usize = 400;

impl Question for ConnectedProviders {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let care = self.care.map_or(Care::Outpatient, |care| care.0);
        let span = self.per.map_or(Span::Quarter, |per| per.0);
        let ends = ends(span, self.from, self.to)?;
        let mut counts = vec![0_i64; ends.len()];
        let own = desk.rules.region()?.code.clone();
        books.each::<Provider>(None, |key, provider| {
            let code = key.subject.trim_start_matches("provider/");
            for (count, (_, day)) in counts.iter_mut().zip(&ends) {
                let counts = |facts: &Facts| {
                    let here = self.area.as_ref().is_none_or(|area| within(&facts.area, area));
                    here && facts.connected.contains(&care) && facts.designated_by(&own).is_some()
                };
                *count += i64::from(provider.on(code, *day).as_ref().is_some_and(counts));
            }
            Ok(())
        })?;
        let mut before = counts.first().copied();
        let rows = ends.iter().zip(&counts).skip(1).map(|((name, day), count)| {
            let increase = before.replace(*count).map(|before| count - before);
            vec![json!(name), json!(day.to_string()), json!(count), json!(increase)]
        });
        let rows: Vec<Vec<Value>> = rows.collect();
        let foot = format!("{} 期；增加数与上一期末相比", rows.len());
        Ok(Table { title: format!("已接入{}异地直接结算的机构", care.name()), columns: COUNTS, rows, foot })
    }
}

/// The name and last day of each period, after the one before the first.
fn ends(span: Span, from: Date, to: Date) -> Result<Vec<(String, Date)>, Refusal> {
    if to < from {
        return Err(Refusal::new("ends-before-it-starts", "最后一期在第一期之前", "核对两个日期"));
    }
    let months = match span {
        Span::Month => 1,
        Span::Quarter => 3,
        Span::Year => 12,
    };
    let month = (from.month() - 1) / months * months + 1;
    let outside = || Refusal::new("impossible-date", "日期超出历法", "核对两个日期");
    let mut first = Date::new(from.year(), month, 1).map_err(|_| outside())?;
    let before = first.yesterday().map_err(|_| outside())?;
    let mut ends = vec![(String::new(), before)];
    while first <= to {
        let name = match span {
            Span::Month => format!("{}-{:02}", first.year(), first.month()),
            Span::Quarter => format!("{}Q{}", first.year(), (first.month() - 1) / 3 + 1),
            Span::Year => first.year().to_string(),
        };
        let next = first.checked_add(jiff::Span::new().months(months)).map_err(|_| outside())?;
        ends.push((name, next.yesterday().map_err(|_| outside())?));
        first = next;
        if ends.len() > PERIODS {
            return Err(Refusal::new("too-many-periods", format!("超过 {PERIODS} 期"), "缩短时间，或用更长的期"));
        }
    }
    Ok(ends)
}

impl Question for Coverage {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let day = self.on.unwrap_or_else(|| desk.today());
        let care = self.care.map_or(Care::Outpatient, |care| care.0);
        let areas = self.area.iter().map(|code| area(code)).collect::<Result<Vec<_>, _>>()?;
        if areas.is_empty() {
            return Err(Refusal::new("missing-field", "没有应覆盖的区划", "写 area：各统筹区或各县的区划代码").into());
        }
        let own = desk.rules.region()?.code.clone();
        let mut found: Vec<(i64, Vec<&str>)> =
            areas.iter().map(|_| (0, self.disease.iter().map(String::as_str).collect())).collect();
        books.each::<Provider>(None, |key, provider| {
            let code = key.subject.trim_start_matches("provider/");
            let Some(facts) = provider.on(code, day) else { return Ok(()) };
            if !facts.connected.contains(&care) || facts.designated_by(&own).is_none() {
                return Ok(());
            }
            for (area, (count, missing)) in areas.iter().zip(&mut found) {
                if within(&facts.area, area) {
                    *count += 1;
                    missing.retain(|disease| !facts.connects(care, Some(disease)));
                }
            }
            Ok(())
        })?;
        let mut covered = 0_usize;
        let rows = areas.iter().zip(&found).map(|(area, (count, missing))| {
            let all = *count > 0 && missing.is_empty();
            covered += usize::from(all);
            vec![json!(area), json!(count), json!(missing.join(" ")), json!(all)]
        });
        let rows: Vec<Vec<Value>> = rows.collect();
        let hundredths = covered * 10_000 / rows.len().max(1);
        let share = format!("{}.{:02}%", hundredths / 100, hundredths % 100);
        let foot = format!("{day}：{covered}/{} = {share}", rows.len());
        Ok(Table { title: format!("{}异地直接结算覆盖", care.name()), columns: AREAS, rows, foot })
    }
}
