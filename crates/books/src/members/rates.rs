//! Enrolment and payment by area against target and the year before, with rank (扩面、目标考核、乡镇街道征缴责任).

use std::collections::BTreeMap;

use domain::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::coverage::percent;
use super::list::{day_of, relations};
use super::membership::State;
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

/// The target of an area and year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Persons to be enrolled and paid.
    pub persons: i64,
    /// By which document.
    pub source: String,
}

/// What can be recorded of a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum TargetEntry {
    /// It is set, or set anew.
    Set(Target),
}

impl Fold for Target {
    type Entry = TargetEntry;
    const KIND: &'static str = "target";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &TargetEntry) {
        let TargetEntry::Set(target) = entry;
        self.clone_from(target);
    }
}

fn target_key(area: &str, year: i16) -> Key {
    Key::in_year(format!("target/{area}"), year)
}

command! {
    /// Set how many persons an area is to enrol in a year
    SetTarget = "target set", "下达参保目标" {
        /// Code of the area: county, town or village
        area: String = "区划代码",
        /// Insured year
        year: i16 = "参保年度",
        /// Persons to be enrolled and paid
        persons: i64 = "目标人数",
        /// By which document
        source: String = "下达目标的文件",
    }
}

impl UseCase for SetTarget {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let area = self.area.trim();
        if self.persons <= 0 || area.is_empty() || !area.bytes().all(|byte| byte.is_ascii_digit()) {
            let message = format!("{area} 的目标 {} 人说不通", self.persons);
            return Err(Refusal::new("bad-target", message, "写区划代码和大于零的人数").into());
        }
        let target = Target { persons: self.persons, source: self.source.clone() };
        let key = target_key(area, self.year);
        let already = books.find::<Target>(&key)? == Some(&target);
        if !already {
            books.post::<Target>(&key, &TargetEntry::Set(target))?;
        }
        let says = format!("{area} {}年度参保目标 {} 人", self.year, self.persons);
        Ok(Answer::new(says, "target set").with("already", already))
    }
}

command! {
    /// Enrolment and payment by area, against target and the year before, with rank
    Rates = "member rates", "分地区参保率、缴费率和排名" {
        /// Insured year
        year: i16 = "参保年度",
        /// How many digits of the area's code tell areas apart: 6 for counties, 9 for towns, 12 for villages; 9 if left out
        digits: Option<i64> = "按区划代码前几位分：6 县、9 乡镇街道、12 村；不写为 9",
        /// The day; today, or the last day of a year gone by, if left out
        on: Option<Date> = "哪一日，不写为今天（已过的年度为年末）",
    }
}

const COLUMNS: &[Column] = &[
    col("area", "区划", "area"),
    col("enrolled", "登记人数", "enrolled"),
    col("paid", "缴费人数", "paid"),
    col("before", "上年缴费人数", "paid the year before"),
    col("more", "比上年增加", "more than the year before"),
    col("target", "目标人数", "target"),
    col("paid_rate", "缴费率", "paid of enrolled"),
    col("rate", "完成率", "paid of target"),
    col("rank", "排名", "rank"),
];

#[derive(Default)]
struct Tally {
    enrolled: i64,
    paid: i64,
    before: i64,
    target: Option<i64>,
}

impl Question for Rates {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let digits = self.digits.and_then(|digits| usize::try_from(digits).ok()).unwrap_or(9);
        let cut = |area: &str| area.get(..digits).unwrap_or(area).to_owned();
        let day = day_of(desk, self.year, self.on);
        let mut areas: BTreeMap<String, Tally> = BTreeMap::new();
        for row in relations(desk, books, self.year)? {
            let state = row.state_on(day);
            if state == State::Ended || row.relation.enrolled > day {
                continue;
            }
            let tally = areas.entry(cut(&row.relation.capacity.area)).or_default();
            tally.enrolled += 1;
            tally.paid += i64::from(state != State::New);
        }
        let before = self.year.saturating_sub(1);
        let last = super::ends(before, false).yesterday().unwrap_or(Date::MAX);
        for row in relations(desk, books, before)? {
            if row.state_on(last) == State::Active {
                areas.entry(cut(&row.relation.capacity.area)).or_default().before += 1;
            }
        }
        books.each::<Target>(Some(self.year), |key, target| {
            let area = key.subject.trim_start_matches("target/");
            if area.len() == digits {
                areas.entry(area.to_owned()).or_default().target = Some(target.persons);
            }
            Ok(())
        })?;
        let foot = foot(&areas);
        Ok(Table {
            title: format!("{}年度参保征缴（{day}）", self.year), columns: COLUMNS, rows: rows(areas), foot
        })
    }
}

fn rows(areas: BTreeMap<String, Tally>) -> Vec<Vec<serde_json::Value>> {
    let count = |number: i64| usize::try_from(number).unwrap_or(0);
    let mut rows = Vec::new();
    for (area, tally) in &areas {
        // Of two areas the one with the greater share of its target stands first; areas of equal share share a rank.
        let rank = tally.target.map(|target| {
            let better = |other: &&Tally| {
                other.target.is_some_and(|its| {
                    i128::from(other.paid) * i128::from(target) > i128::from(tally.paid) * i128::from(its)
                })
            };
            areas.values().filter(better).count() + 1
        });
        rows.push(vec![
            json!(area),
            json!(tally.enrolled),
            json!(tally.paid),
            json!(tally.before),
            json!(tally.paid - tally.before),
            json!(tally.target),
            json!(percent(count(tally.paid), count(tally.enrolled))),
            json!(tally.target.map(|target| percent(count(tally.paid), count(target)))),
            json!(rank),
        ]);
    }
    rows
}

fn foot(areas: &BTreeMap<String, Tally>) -> String {
    let sum = |of: fn(&Tally) -> i64| areas.values().map(of).sum::<i64>();
    let (enrolled, paid, before) = (sum(|t| t.enrolled), sum(|t| t.paid), sum(|t| t.before));
    format!("登记 {enrolled} 人，缴费 {paid} 人，上年缴费 {before} 人")
}
