//! The watch against poverty through illness (CQ21-03.2): a person whose own cost of twelve months is above the line is flagged once,
//! without asking; the flag follows the cost, is cleared by rule, and otherwise ends in a help decision or a reasoned refusal.

use std::collections::{BTreeMap, BTreeSet};

use domain::Fen;
use serde_json::json;

use super::open::{self, Asked};
use super::points;
use super::relief::{line, step};
use super::sheet::{Matter, MatterEntry, Taken};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Yuan;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::people;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// Hold a person's own cost of the last twelve months against the line of the watch
    Observe = "monitor observe", "因病致贫监测" {
        /// Number of a document or of the person
        person: String = "证件号码或个人编号",
        /// What the person bore himself in the last twelve months
        own_cost: Yuan = "近十二个月个人负担",
    }
}

impl UseCase for Observe {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        observed(desk, books, &person, self.own_cost.0)
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        people::likely(desk, &self.person).into_iter().collect()
    }
}

/// Flags a person, brings an open flag up to date, or clears it. For whoever settles a bill to call with the new sum.
///
/// # Errors
/// When no notice or supplement gives the line, or the flag cannot be opened.
pub fn observed(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, own_cost: Fen) -> Result<Answer, Stop> {
    let today = desk.today();
    let terms = desk.rules.terms(today)?;
    let (limit, cited, basis) = line(desk, &terms, "monitor.line", "amount")?;
    let clears = match cited.provision.record.amount("clears_below") {
        Some(_) => line(desk, &terms, "monitor.line", "clears_below")?.0,
        None => limit,
    };
    let because = step(cited, basis, format!("监测线 {limit} 元，近十二个月个人负担 {own_cost} 元"));
    let id = person.subject.trim_start_matches("person/").to_owned();
    let flags = books.names("monitor", &format!("{id}/"), usize::MAX)?;
    let last = flags.last().map(|link| Key::of(link.subject.clone()));
    let matter = match &last {
        Some(key) => books.find::<Matter>(key)?.cloned().filter(|matter| matter.ended.is_none()),
        None => None,
    };
    let number = |key: &Key| key.subject.trim_start_matches("matter/").to_owned();
    let written = own_cost.to_string();
    match (last, matter) {
        (Some(key), Some(matter)) if own_cost < clears && ["flagged", "checked"].contains(&matter.state.as_str()) => {
            let taken = Taken {
                to: "cleared".to_owned(),
                name: "风险消除".to_owned(),
                on: today,
                at: matter.opening.as_ref().map(|opening| opening.decides.clone()).unwrap_or_default(),
                reason: Some(format!("近十二个月个人负担降到 {own_cost} 元，低于 {clears} 元")),
                facts: [("own_cost".to_owned(), written)].into(),
                money: None,
                ends: true,
            };
            books.post::<Matter>(&key, &MatterEntry::Stepped(Box::new(taken)))?;
            let number = number(&key);
            Ok(Answer::new(format!("低于解除线，{number} 的预警已消除"), format!("{number} is cleared"))
                .with("flagged", false)
                .with("matter", number)
                .with("state", "cleared")
                .because([because]))
        }
        (Some(key), Some(matter)) => {
            let known = matter.opening.as_ref().and_then(|opening| opening.facts.get("own_cost"));
            if known != Some(&written) {
                let facts = [("own_cost".to_owned(), written)].into();
                books.post::<Matter>(&key, &MatterEntry::Noted { on: today, facts })?;
            }
            let number = number(&key);
            Ok(Answer::new(format!("已在监测中，受理号 {number}"), format!("watched already as {number}"))
                .with("flagged", true)
                .with("matter", number)
                .with("state", matter.state)
                .because([because]))
        }
        _ if own_cost > limit => {
            let area = people::dossier(books, person)?.area.clone();
            let mut asked = Asked::of("poverty-risk", person, &points::agency(&area)?);
            asked.facts = [("own_cost".to_owned(), written)].into();
            let number = open::open(desk, books, &asked)?;
            books.link("monitor", &format!("{id}/{:04}", flags.len() + 1), &open::key(&number).subject)?;
            Ok(Answer::new(format!("超过监测线，已预警，受理号 {number}"), format!("flagged as {number}"))
                .with("flagged", true)
                .with("matter", number)
                .with("state", "flagged")
                .because([because]))
        }
        _ => Ok(Answer::new("未超过监测线", "not above the line").with("flagged", false).because([because])),
    }
}

command! {
    /// How many persons came newly above the line of the watch, by area and month; a warning where they are more than a number
    Counts = "monitor counts", "新超过因病致贫监测线的人数，按地区和月份；超过设定人数的告警" {
        /// Year
        year: i16 = "年度",
        /// A warning above so many persons in an area and month
        above: Option<i64> = "一地一月超过多少人告警，不写不告警",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
    }
}

const COUNTS: &[Column] = &[
    col("area", "区划", "area"),
    col("month", "月份", "month"),
    col("persons", "新增人数", "persons"),
    col("warning", "告警", "warning"),
];

/// Nothing is counted that was not flagged: a flag is opened once a person's cost comes above the line, by itself or again after it
/// was cleared (JS22-03c). Who comes above it twice in a month is one person.
impl Question for Counts {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut months: BTreeMap<(String, i8), BTreeSet<String>> = BTreeMap::new();
        books.each::<Matter>(None, |_, matter| {
            let Some(opening) = matter.opening.as_ref().filter(|opening| opening.item == "poverty-risk") else {
                return Ok(());
            };
            let within = self.area.as_ref().is_none_or(|area| opening.decides.starts_with(area.as_str()));
            if opening.on.year() == self.year && within {
                let month = months.entry((opening.decides.clone(), opening.on.month())).or_default();
                month.extend(opening.person.clone());
            }
            Ok(())
        })?;
        let beyond =
            |persons: usize| self.above.is_some_and(|above| i64::try_from(persons).unwrap_or(i64::MAX) > above);
        let (all, warnings) = (
            months.values().flatten().collect::<BTreeSet<_>>().len(),
            months.values().filter(|persons| beyond(persons.len())).count(),
        );
        let row = |((area, month), persons): ((String, i8), BTreeSet<String>)| {
            let many = persons.len();
            vec![json!(area), json!(format!("{:04}-{month:02}", self.year)), json!(many), json!(beyond(many))]
        };
        let rows = months.into_iter().map(row).collect();
        let foot = format!("{all} 人，告警 {warnings} 处");
        Ok(Table { title: format!("{} 年新超过监测线的人数", self.year), columns: COUNTS, rows, foot })
    }
}

command! {
    /// Give the list of open flags to a partner department, and record what was given to whom and what for
    Share = "monitor share", "把预警名单提供给协作部门" {
        /// Who receives it
        receiver: String = "接收部门",
        /// What for
        purpose: String = "用途",
        /// By which approval: number of the document
        approval: String = "批准文号",
        /// Where it is handled: code of an area
        at: String = "经办机构区划代码",
    }
}

/// What the list tells of each person: no name, no number of a document.
const FIELDS: &str = "个人编号、区划、近十二个月个人负担、预警受理号、环节";

impl UseCase for Share {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let mut persons = Vec::new();
        books.each::<Matter>(None, |key, matter| {
            let open = matter.opening.as_ref().filter(|o| o.item == "poverty-risk" && matter.ended.is_none());
            if let Some(opening) = open {
                persons.push(json!({
                    "person": opening.person.as_deref().map(|person| person.trim_start_matches("person/")),
                    "area": opening.decides,
                    "own_cost": opening.facts.get("own_cost"),
                    "matter": key.subject.trim_start_matches("matter/"),
                    "state": matter.state,
                }));
            }
            Ok(())
        })?;
        if persons.is_empty() {
            return Err(Refusal::new("nobody-flagged", "现在没有预警中的人", "有预警后再提供").into());
        }
        let count = persons.len();
        let facts = [("receiver", self.receiver.as_str()), ("purpose", self.purpose.as_str()), ("fields", FIELDS)];
        let asked = Asked {
            item: "data-out".to_owned(),
            at: self.at.clone(),
            facts: facts.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            ..Asked::nobody()
        };
        let number = open::open(desk, books, &asked)?;
        let key = open::key(&number);
        let records = ("records".to_owned(), count.to_string());
        let approved = ("approved", "批准", Some(self.approval.clone()), None);
        for (to, name, reason, fact) in [approved, ("sent", "提供", None, Some(records))] {
            let taken = Taken {
                to: to.to_owned(),
                name: name.to_owned(),
                on: desk.today(),
                at: points::agency(&self.at)?,
                reason,
                ends: fact.is_some(),
                facts: fact.into_iter().collect(),
                money: None,
            };
            books.post::<Matter>(&key, &MatterEntry::Stepped(Box::new(taken)))?;
        }
        Ok(Answer::new(
            format!("已向{}提供 {count} 人的预警名单，记录 {number}", self.receiver),
            format!("{count} flags given, recorded as {number}"),
        )
        .with("matter", number)
        .with("count", count)
        .with("persons", persons))
    }
}
