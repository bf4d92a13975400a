//! How much of each month the platform was available (JS22-09.1i), by the measurements of an indicator.
//!
//! A measurement within the limits speaks for the time until the next one, and for so many minutes at most: who is down
//! measures nothing, so silence counts as not available. What was before the first measurement is not counted.

use domain::Date;
use jiff::tz::{TimeZone, offset};
use serde_json::{Value, json};

use super::platform::{Indicator, IndicatorEntry, key};
use crate::answer::{Refusal, Stop};
use crate::codec::Percent;
use crate::command;
use crate::desk::Desk;
use crate::fold::{Entry, Fold, Stamp};
use crate::people::share;
use crate::question::{Column, Question, Table, col};
use crate::sheets::Books;

command! {
    /// How much of each month the platform was available, by the measurements of an indicator
    Availability = "platform availability", "平台每月可用率，按一项指标的测量" {
        /// Name of the indicator
        indicator: String = "指标",
        /// Year
        year: i16 = "年度",
        /// Minutes for which a measurement speaks at most; after them without another it is not available
        every: i64 = "一次测量最多管几分钟，超过还没有下一次的算不可用",
        /// Months below this share are marked
        target: Option<Percent> = "可用率目标，如 99.9%；低于目标的月份标出",
    }
}

const COLUMNS: &[Column] = &[
    col("month", "月份", "month"),
    col("minutes", "应计分钟", "minutes"),
    col("available", "可用分钟", "available"),
    col("share", "可用率", "availability"),
    col("longest", "最长中断（分钟）", "longest outage, minutes"),
    col("below", "低于目标", "below target"),
];

/// From a moment to another, microseconds since 1970, UTC.
type Time = (i64, i64);

const MINUTE: i64 = 60_000_000;

impl Question for Availability {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        if self.every < 1 {
            return Err(Refusal::new("bad-field", "every 要大于 0", "写测量的间隔，单位分钟").into());
        }
        let history = books.history::<Indicator>(&key(&self.indicator).subject)?;
        let (since, good) = good(history.into_iter().map(|(_, entry, body)| (entry, body)), self.every, desk.at);
        let outages = outages(&good, (since, desk.at));
        let mut rows = Vec::new();
        for month in 1..=12 {
            let of = (first_of(self.year, month), first_of(self.year, month + 1));
            let minutes = in_minutes(within((since, desk.at), of));
            if minutes > 0 {
                let available = in_minutes(good.iter().map(|time| within(*time, of)).sum());
                let longest = outages.iter().map(|time| within(*time, of)).max().map_or(0, in_minutes);
                rows.push(self.row(month, minutes, available, longest));
            }
        }
        let below = rows.iter().filter(|row| row.last() == Some(&json!(true))).count();
        let foot = format!("{} 个月，低于目标 {below} 个月", rows.len());
        Ok(Table { title: format!("{} {} 年可用率", self.indicator, self.year), columns: COLUMNS, rows, foot })
    }
}

impl Availability {
    fn row(&self, month: i8, minutes: i64, available: i64, longest: i64) -> Vec<Value> {
        let count = |minutes: i64| usize::try_from(minutes).unwrap_or_default();
        let below = self.target.is_some_and(|Percent(target)| {
            i128::from(available) * i128::from(domain::Rate::ONE.ppm()) < i128::from(minutes) * i128::from(target.ppm())
        });
        vec![
            json!(format!("{:04}-{month:02}", self.year)),
            json!(minutes),
            json!(available),
            json!(share(count(available), count(minutes))),
            json!(longest),
            json!(below),
        ]
    }
}

/// The moment of the first measurement, and the times for which measurements within the limits of their moment speak.
fn good(history: impl Iterator<Item = (Entry, IndicatorEntry)>, every: i64, now: i64) -> (i64, Vec<Time>) {
    let mut indicator = Indicator::default();
    let (mut measured, mut good) = (Vec::new(), Vec::new());
    for (Entry { number, at, request, actor, .. }, body) in history {
        indicator.apply(&Stamp { number, at, request: &request, actor: &actor }, &body);
        if let IndicatorEntry::Measured { value } = body {
            measured.push((at, !indicator.beyond(value)));
        }
    }
    let since = measured.first().map_or(now, |(at, _)| *at);
    let ends = measured.iter().skip(1).map(|(at, _)| *at).chain([now]);
    for ((at, fine), end) in measured.iter().zip(ends) {
        if *fine {
            good.push((*at, end.min(at + every.saturating_mul(MINUTE))));
        }
    }
    (since, good)
}

/// What is left of a time between the good ones.
fn outages(good: &[Time], (since, now): Time) -> Vec<Time> {
    let starts = [since].into_iter().chain(good.iter().map(|(_, end)| *end));
    let ends = good.iter().map(|(start, _)| *start).chain([now]);
    starts.zip(ends).filter(|(start, end)| start < end).collect()
}

/// How much of a time lies in another.
fn within((from, to): Time, (start, end): Time) -> i64 {
    (to.min(end) - from.max(start)).max(0)
}

/// Whole minutes, the half one up.
fn in_minutes(time: i64) -> i64 {
    (time + MINUTE / 2) / MINUTE
}

/// The moment in which a month begins in China; the thirteenth is the first of the next year.
fn first_of(year: i16, month: i8) -> i64 {
    let (year, month) = if month > 12 { (year.saturating_add(1), 1) } else { (year, month) };
    let day = Date::new(year, month, 1).unwrap_or(Date::MAX).at(0, 0, 0, 0);
    day.to_zoned(TimeZone::fixed(offset(8))).map_or(i64::MAX, |moment| moment.timestamp().as_microsecond())
}
