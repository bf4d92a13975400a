//! Places that take matters in: the agency of an area, and the points it has authorised (CQ21-07.1h–j). A point may take in what
//! the list of its kind has, and decides nothing.

use domain::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::items::{self, PointKind};
use super::sheet::Place;
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

/// Digits of the code of a county, whose agency decides.
const COUNTY: usize = 6;

/// What can be recorded of a point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum PointEntry {
    /// It is authorised.
    Authorised {
        /// Name.
        name: String,
        /// What kind.
        kind: Word<PointKind>,
        /// The agency it belongs to.
        agency: String,
        /// From which day.
        from: Date,
    },
    /// It no longer is.
    Withdrawn {
        /// First day on which it no longer is.
        on: Date,
    },
}

/// A point.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// Name.
    pub name: String,
    /// What kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Word<PointKind>>,
    /// The agency it belongs to.
    pub agency: String,
    /// From which day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// First day on which it no longer is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Date>,
}

impl Fold for Point {
    type Entry = PointEntry;
    const KIND: &'static str = "point";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &PointEntry) {
        match entry {
            PointEntry::Authorised { name, kind, agency, from } => {
                *self = Point {
                    name: name.clone(),
                    kind: Some(*kind),
                    agency: agency.clone(),
                    from: Some(*from),
                    end: None,
                };
            }
            PointEntry::Withdrawn { on } => self.end = Some(*on),
        }
    }
}

command! {
    /// Authorise a point to take matters in
    Authorise = "point authorise", "授权受理点" {
        /// Code of the point, not only digits
        code: String = "受理点编号（不能全是数字）",
        /// Name
        name: String = "名称",
        /// What kind of point
        kind: Word<PointKind> = "种类",
        /// Code of the county whose agency it belongs to
        agency: String = "所属经办机构的县级区划代码",
        /// First day; today, if left out
        from: Option<Date> = "自哪一天起，不写为今天",
    }
}

impl UseCase for Authorise {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let agency = agency(&self.agency)?;
        if self.kind.0 == PointKind::Agency || self.code.bytes().all(|byte| byte.is_ascii_digit()) {
            let message = "经办机构以区划代码为号，不是受理点";
            return Err(Refusal::new("bad-point", message, "受理点另编号，如 TOWN-01；种类写乡镇、药店、银行等").into());
        }
        let key = key(&self.code);
        if books.find::<Point>(&key)?.is_some_and(|point| point.end.is_none()) {
            return Err(Refusal::new(
                "already-authorised",
                format!("{} 已授权", self.code),
                "先用 point withdraw 停止",
            )
            .into());
        }
        let from = self.from.unwrap_or(desk.today());
        let entry = PointEntry::Authorised { name: self.name.clone(), kind: self.kind, agency: agency.clone(), from };
        books.post::<Point>(&key, &entry)?;
        let kind = self.kind.0;
        Ok(Answer::new(
            format!("已授权{} {} 自 {from} 起受理，由 {agency} 决定", kind.name(), self.name),
            format!("{} {} may take matters in from {from}", kind.english(), self.code),
        )
        .with("point", self.code.clone())
        .with("agency", agency))
    }
}

command! {
    /// Withdraw a point's authority
    Withdraw = "point withdraw", "停止受理点" {
        /// Code of the point
        code: String = "受理点编号",
        /// First day without; today, if left out
        on: Option<Date> = "自哪一天起，不写为今天",
    }
}

impl UseCase for Withdraw {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = key(&self.code);
        let on = self.on.unwrap_or(desk.today());
        match books.find::<Point>(&key)? {
            None => return Err(unknown(&self.code).into()),
            Some(Point { end: Some(end), .. }) => {
                return Ok(Answer::new(format!("{} 已于 {end} 停止", self.code), "withdrawn already"));
            }
            Some(Point { from: Some(from), .. }) if *from > on => {
                let message = format!("停止日 {on} 在授权日 {from} 之前");
                return Err(Refusal::new("ends-before-start", message, "核对日期").into());
            }
            Some(_) => {}
        }
        books.post::<Point>(&key, &PointEntry::Withdrawn { on })?;
        Ok(Answer::new(format!("{} 自 {on} 起不再受理", self.code), format!("withdrawn from {on}")))
    }
}

/// The place of a code on a day: an agency by the code of its area, or an authorised point.
///
/// # Errors
/// When there is no such point, or it is not authorised on the day.
pub fn place(books: &mut Books<'_>, code: &str, day: Date) -> Result<Place, Stop> {
    if code.bytes().all(|byte| byte.is_ascii_digit()) {
        let agency = agency(code)?;
        return Ok(Place { code: agency.clone(), kind: Word(PointKind::Agency), agency });
    }
    let point = books.find::<Point>(&key(code))?.ok_or_else(|| unknown(code))?;
    let authorised = point.from.is_some_and(|from| from <= day) && point.end.is_none_or(|end| day < end);
    match point.kind {
        Some(kind) if authorised => Ok(Place { code: code.to_owned(), kind, agency: point.agency.clone() }),
        _ => {
            let message = format!("受理点 {code} 在 {day} 没有授权");
            Err(Refusal::new("not-authorised", message, "用 point authorise 授权，或到经办机构办理").into())
        }
    }
}

/// The code of the agency that an area belongs to: that of its county.
///
/// # Errors
/// When it is no area code.
pub fn agency(area: &str) -> Result<String, Refusal> {
    match area.get(..COUNTY) {
        Some(county) if area.bytes().all(|byte| byte.is_ascii_digit()) => Ok(county.to_owned()),
        _ => Err(Refusal::new("bad-area", format!("“{area}” 不是区划代码"), "写 6 位以上的区划代码，如 120101")),
    }
}

fn key(code: &str) -> Key {
    Key::of(format!("point/{code}"))
}

fn unknown(code: &str) -> Refusal {
    Refusal::new("unknown-point", format!("没有受理点 {code}"), "用 point authorise 授权，或写经办机构的区划代码")
}

command! {
    /// List the service items, those of one kind of point or all
    ListItems = "matter items", "列出经办事项清单" {
        /// Kind of point
        point: Option<Word<PointKind>> = "受理点种类",
    }
}

const COLUMNS: &[Column] = &[
    col("item", "事项", "item"),
    col("code", "编码", "code"),
    col("name", "名称", "name"),
    col("steps", "环节", "steps"),
    col("days", "时限（日）", "days"),
    col("working", "工作日", "working days"),
    col("points", "受理处", "points"),
    col("basis", "依据", "basis"),
    col("clauses", "条款", "clauses"),
];

impl Question for ListItems {
    fn ask(&self, desk: &Desk<'_>, _books: &mut Books<'_>) -> Result<Table, Stop> {
        let terms = desk.rules.terms(desk.today())?;
        let mut rows = Vec::new();
        for item in items::all(&terms) {
            let points = item.points();
            if self.point.is_some_and(|wanted| !points.contains(&wanted.0)) {
                continue;
            }
            let steps: Vec<String> = item.steps().into_iter().map(|step| step.state).collect();
            let points: Vec<&str> = points.into_iter().map(PointKind::code).collect();
            rows.push(vec![
                json!(item.id),
                json!(item.code()),
                json!(item.name()),
                json!(steps.join(" ")),
                json!(item.days().map(|(days, _)| days)),
                json!(item.days().map(|(_, working)| working)),
                json!(points.join(" ")),
                json!(item.basis().code()),
                json!(item.cited.provision.clauses.join(" ")),
            ]);
        }
        let foot = format!("{} 项", rows.len());
        Ok(Table { title: "经办事项清单".to_owned(), columns: COLUMNS, rows, foot })
    }
}
