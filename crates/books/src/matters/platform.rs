//! The platform's own health: indicators with limits, each measurement with its time, and an alert when one is beyond its limit
//! (JS22-09.1h). Changes and incidents are items of the list like any other (JS22-09.1g).

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::items::Way;
use super::open::{self, Asked};
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

/// What can be recorded of an indicator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum IndicatorEntry {
    /// Limits are set.
    Watched {
        /// Its unit.
        unit: String,
        /// An alert below this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        below: Option<i64>,
        /// An alert above this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        above: Option<i64>,
        /// Code of the agency that handles alerts.
        agency: String,
    },
    /// It is measured.
    Measured {
        /// The value.
        value: i64,
    },
}

/// An indicator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicator {
    /// Its unit.
    pub unit: String,
    /// An alert below this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<i64>,
    /// An alert above this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<i64>,
    /// Code of the agency that handles alerts.
    pub agency: String,
    /// The last value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<i64>,
    /// When it was measured, microseconds since 1970, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
}

impl Indicator {
    pub(super) fn beyond(&self, value: i64) -> bool {
        self.below.is_some_and(|below| value < below) || self.above.is_some_and(|above| value > above)
    }
}

impl Fold for Indicator {
    type Entry = IndicatorEntry;
    const KIND: &'static str = "platform";

    fn apply(&mut self, stamp: &Stamp<'_>, entry: &IndicatorEntry) {
        match entry {
            IndicatorEntry::Watched { unit, below, above, agency } => {
                (self.unit, self.agency) = (unit.clone(), agency.clone());
                (self.below, self.above) = (*below, *above);
            }
            IndicatorEntry::Measured { value } => (self.value, self.at) = (Some(*value), Some(stamp.at)),
        }
    }
}

command! {
    /// Set the limits of an indicator of the platform
    Watch = "platform watch", "设定平台监控指标" {
        /// Name of the indicator
        indicator: String = "指标",
        /// Its unit
        unit: String = "单位",
        /// An alert below this
        below: Option<i64> = "低于此数告警",
        /// An alert above this
        above: Option<i64> = "高于此数告警",
        /// Code of the agency that handles alerts
        at: String = "处置告警的经办机构区划代码",
    }
}

impl UseCase for Watch {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        if self.below.is_none() && self.above.is_none() {
            return Err(Refusal::new("no-limit", "没有写上限或下限", "写 below 或 above").into());
        }
        let agency = super::points::agency(&self.at)?;
        let entry = IndicatorEntry::Watched { unit: self.unit.clone(), below: self.below, above: self.above, agency };
        books.post::<Indicator>(&key(&self.indicator), &entry)?;
        Ok(Answer::new(format!("已设定 {}", self.indicator), format!("{} is watched", self.indicator)))
    }
}

command! {
    /// Record a measurement of an indicator; beyond its limit an alert is raised
    Measure = "platform measure", "记录平台指标" {
        /// Name of the indicator
        indicator: String = "指标",
        /// The value
        value: i64 = "数值",
    }
}

impl UseCase for Measure {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = key(&self.indicator);
        let Some(indicator) = books.find::<Indicator>(&key)?.cloned() else {
            let message = format!("没有设定指标 {}", self.indicator);
            return Err(Refusal::new("unknown-indicator", message, "先用 platform watch 设定").into());
        };
        books.post::<Indicator>(&key, &IndicatorEntry::Measured { value: self.value })?;
        let told = format!("{} {} {}", self.indicator, self.value, indicator.unit);
        // An indicator that stays beyond its limit is one alert, not one for every measurement.
        let before = indicator.value.is_some_and(|value| indicator.beyond(value));
        if !indicator.beyond(self.value) || before {
            return Ok(Answer::new(told, "recorded").with("alert", indicator.beyond(self.value)));
        }
        let asked = Asked {
            item: "platform-alert".to_owned(),
            way: Way::Counter,
            at: indicator.agency,
            facts: [("indicator", self.indicator.clone()), ("value", self.value.to_string())]
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
            ..Asked::nobody()
        };
        let number = open::open(desk, books, &asked)?;
        Ok(Answer::new(format!("{told}，超出限度，告警 {number}"), format!("beyond its limit: alert {number}"))
            .with("alert", true)
            .with("matter", number)
            .with("time", super::time(desk.at)))
    }
}

command! {
    /// Show the platform's indicators, their limits and last values
    Health = "platform health", "平台健康状况" {
    }
}

const COLUMNS: &[Column] = &[
    col("indicator", "指标", "indicator"),
    col("value", "数值", "value"),
    col("unit", "单位", "unit"),
    col("time", "时刻", "time"),
    col("below", "下限", "below"),
    col("above", "上限", "above"),
    col("state", "状态", "state"),
];

impl Question for Health {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut rows = Vec::new();
        books.each::<Indicator>(None, |key, indicator| {
            let state = match indicator.value {
                None => "unmeasured",
                Some(value) if indicator.beyond(value) => "beyond",
                Some(_) => "good",
            };
            rows.push(vec![
                json!(key.subject.trim_start_matches("platform/")),
                json!(indicator.value),
                json!(indicator.unit),
                json!(indicator.at.map(super::time)),
                json!(indicator.below),
                json!(indicator.above),
                json!(state),
            ]);
            Ok(())
        })?;
        let foot = format!("{} 项", rows.len());
        Ok(Table { title: "平台健康状况".to_owned(), columns: COLUMNS, rows, foot })
    }
}

pub(super) fn key(indicator: &str) -> Key {
    Key::of(format!("platform/{indicator}"))
}
