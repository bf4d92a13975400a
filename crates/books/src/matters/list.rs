//! Lists of matters: by area, item and state, the overdue ones, one matter's history, those off the list, and how long steps took.

use domain::Date;
use serde_json::{Value, json};

use super::items;
use super::open::key;
use super::sheet::Matter;
use super::step::{days_between, unknown};
use crate::answer::Stop;
use crate::command;
use crate::desk::Desk;
use crate::question::{Column, Question, Table, col};
use crate::sheets::Books;

command! {
    /// List matters: those of an area whether it took them in or decides them
    ListMatters = "matter list", "列出经办事项" {
        /// Code of an area, or its beginning, or a partner's name
        area: Option<String> = "区划代码（可只写开头）或对方名称",
        /// Id of an item
        item: Option<String> = "事项",
        /// A state
        state: Option<String> = "环节",
        /// Number of the person
        person: Option<String> = "个人编号",
        /// A fact, as name=value
        fact: Option<String> = "记载事项，写成 名称=内容",
        /// Only those past their due date
        overdue: bool = "只列超过时限的",
        /// Only those not ended
        open: bool = "只列未办结的",
    }
}

const COLUMNS: &[Column] = &[
    col("matter", "受理号", "matter"),
    col("item", "事项", "item"),
    col("name", "名称", "name"),
    col("state", "环节", "state"),
    col("on", "受理日", "opened"),
    col("due", "时限", "due"),
    col("overdue", "超期", "overdue"),
    col("days_over", "超期日数", "days over"),
    col("taken", "受理处", "taken in at"),
    col("decides", "办理方", "decided by"),
    col("way", "方式", "way"),
    col("date", "约定日", "arranged for"),
    col("ended", "办结日", "ended"),
    col("facts", "记载", "facts"),
];

impl Question for ListMatters {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let today = desk.today();
        let person = self.person.as_ref().map(|person| crate::people::find(desk, books, person)).transpose()?;
        let fact = super::open::facts(self.fact.as_slice())?;
        let mut rows = Vec::new();
        books.each::<Matter>(None, |key, matter| {
            let Some(opening) = &matter.opening else { return Ok(()) };
            let of_area = |area: &String| {
                opening.taken.agency.starts_with(area.as_str())
                    || opening.taken.code == *area
                    || opening.decides.starts_with(area.as_str())
            };
            let wanted = self.area.as_ref().is_none_or(of_area)
                && self.item.as_ref().is_none_or(|item| *item == opening.item || *item == opening.name)
                && self.state.as_ref().is_none_or(|state| *state == matter.state)
                && person.as_ref().is_none_or(|person| opening.person.as_ref() == Some(&person.subject))
                && fact.iter().all(|(name, value)| opening.facts.get(name) == Some(value))
                && (!self.overdue || matter.overdue(today))
                && (!self.open || matter.ended.is_none());
            if wanted {
                let over = opening.due.filter(|_| matter.overdue(today));
                let over = over.map(|due| days_between(due, matter.ended.unwrap_or(today)));
                rows.push(vec![
                    json!(number(&key.subject)),
                    json!(opening.item),
                    json!(opening.name),
                    json!(matter.state),
                    day(Some(opening.on)),
                    day(opening.due),
                    json!(matter.overdue(today)),
                    json!(over),
                    json!(opening.taken.code),
                    json!(opening.decides),
                    json!(opening.way),
                    day(opening.date),
                    day(matter.ended),
                    json!(opening.facts),
                ]);
            }
            Ok(())
        })?;
        let foot = format!("{} 件", rows.len());
        Ok(Table { title: "经办事项".to_owned(), columns: COLUMNS, rows, foot })
    }
}

command! {
    /// Show how a matter went, step by step
    ShowMatter = "matter show", "查看经办事项的经过" {
        /// Tracking number
        matter: String = "受理号",
    }
}

const TRAIL: &[Column] = &[
    col("state", "环节", "state"),
    col("name", "名称", "name"),
    col("on", "日期", "day"),
    col("time", "时刻", "time"),
    col("office", "办理处", "office"),
    col("actor", "经办人", "actor"),
    col("reason", "理由", "reason"),
];

impl Question for ShowMatter {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let Some(matter) = books.find::<Matter>(&key(&self.matter))?.cloned() else {
            return Err(unknown(&self.matter).into());
        };
        let Some(opening) = matter.opening else { return Err(unknown(&self.matter).into()) };
        let row = |trace: &super::sheet::Trace| {
            vec![
                json!(trace.state),
                json!(trace.name),
                day(Some(trace.on)),
                json!(super::time(trace.at)),
                json!(trace.office),
                json!(trace.actor),
                json!(trace.reason),
            ]
        };
        let rows = matter.trail.iter().map(row).collect();
        let until = opening.due.map_or("无时限".to_owned(), |due| format!("时限 {due}"));
        let mut foot = format!("{}，受理 {}，办理 {}，{until}", opening.name, opening.taken.code, opening.decides);
        if let Some(agent) = &opening.agent {
            let name = desk.vault.open("name", &agent.name).map_err(super::damaged)?;
            foot.push_str(&format!("，代办 {}（{}）", crate::people::masked(&name), agent.authority));
        }
        for (name, value) in &opening.facts {
            foot.push_str(&format!("，{name}={value}"));
        }
        Ok(Table { title: format!("{} {}", self.matter, opening.name), columns: TRAIL, rows, foot })
    }
}

command! {
    /// List matters that were opened for what was not on the list on that day: there must be none
    OffList = "matter off-list", "清查清单以外的事项" {
    }
}

const OFF: &[Column] = &[
    col("matter", "受理号", "matter"),
    col("item", "事项", "item"),
    col("on", "受理日", "opened"),
    col("taken", "受理处", "taken in at"),
];

impl Question for OffList {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut all = 0;
        let mut rows = Vec::new();
        books.each::<Matter>(None, |key, matter| {
            let Some(opening) = &matter.opening else { return Ok(()) };
            all += 1;
            let terms = desk.rules.terms(opening.on)?;
            if !items::all(&terms).iter().any(|item| item.id == opening.item) {
                rows.push(vec![
                    json!(number(&key.subject)),
                    json!(opening.item),
                    day(Some(opening.on)),
                    json!(opening.taken.code),
                ]);
            }
            Ok(())
        })?;
        let foot = format!("清查 {all} 件，清单以外 {} 件", rows.len());
        Ok(Table { title: "清单以外的事项".to_owned(), columns: OFF, rows, foot })
    }
}

command! {
    /// How many days matters took from one state to another
    Days = "matter days", "环节之间的天数" {
        /// Id of the item
        item: String = "事项",
        /// From this state
        from: String = "自哪一环节",
        /// To this state
        to: String = "至哪一环节",
    }
}

const DAYS: &[Column] =
    &[col("matter", "受理号", "matter"), col("from", "起", "from"), col("to", "止", "to"), col("days", "天数", "days")];

impl Question for Days {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut rows = Vec::new();
        let mut days: Vec<i64> = Vec::new();
        books.each::<Matter>(None, |key, matter| {
            if matter.opening.as_ref().is_none_or(|opening| opening.item != self.item) {
                return Ok(());
            }
            if let (Some(from), Some(to)) = (matter.reached(&self.from), matter.reached(&self.to)) {
                let took = days_between(from, to);
                days.push(took);
                rows.push(vec![json!(number(&key.subject)), day(Some(from)), day(Some(to)), json!(took)]);
            }
            Ok(())
        })?;
        let (most, sum) = (days.iter().max().copied().unwrap_or(0), days.iter().sum::<i64>());
        let foot = format!("{} 件，共 {sum} 天，最长 {most} 天", rows.len());
        Ok(Table { title: format!("{}：{} 至 {}", self.item, self.from, self.to), columns: DAYS, rows, foot })
    }
}

fn number(subject: &str) -> &str {
    subject.trim_start_matches("matter/")
}

pub(super) fn day(day: Option<Date>) -> Value {
    json!(day.map(|day| day.to_string()))
}
