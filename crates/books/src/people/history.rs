//! What registers and clerks said of a person's categories, entry by entry.

use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use serde_json::json;

use super::dossier::{Dossier, DossierEntry};
use super::{dossier, find, told};
use crate::answer::Stop;
use crate::command;
use crate::desk::Desk;
use crate::question::{Column, Question, Table, col};
use crate::sheets::Books;

command! {
    /// List what was said of a person's categories, entry by entry
    CategoryHistory = "category history", "人员类别的历次记录" {
        /// Number of an identity document, or person's number
        person: String = "证件号码或个人编号",
    }
}

const COLUMNS: &[Column] = &[
    col("recorded", "记录日期", "recorded"),
    col("actor", "记录人", "by"),
    col("category", "人员类别", "category"),
    col("from", "起始", "from"),
    col("end", "终止", "end"),
    col("source", "来源", "source"),
    col("reported", "数据日期", "as of"),
    col("state", "状态", "state"),
    col("reason", "原因", "reason"),
];

impl Question for CategoryHistory {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let key = find(desk, books, &self.person)?;
        let known = dossier(books, &key)?.clone();
        let mut rows = Vec::new();
        for (_, entry, said) in books.history::<Dossier>(&key.subject)? {
            let DossierEntry::Category(holding) = said else { continue };
            let at = Timestamp::from_microsecond(entry.at).unwrap_or_default();
            let stands = known.categories.contains(&holding);
            let state = match (holding.withdrawn, stands, known.days_of(&holding)) {
                (true, ..) => "撤销",
                (_, false, _) => "已被更新",
                (_, true, None) => "已被覆盖",
                (_, true, Some(_)) => "有效",
            };
            rows.push(vec![
                json!(at.to_zoned(TimeZone::fixed(offset(8))).date().to_string()),
                json!(entry.actor),
                json!(holding.category.0.name()),
                json!(holding.from.to_string()),
                json!(holding.end.map(|end| end.to_string())),
                json!(holding.source),
                json!(holding.reported.map(|day| day.to_string())),
                json!(state),
                json!(holding.reason),
            ]);
        }
        let now: Vec<&str> = known.categories_on(desk.today()).iter().map(domain::Category::name).collect();
        let foot = if now.is_empty() {
            "现在不属任何类别".to_owned()
        } else {
            format!("现在：{}", now.join("、"))
        };
        Ok(Table { title: format!("个人编号 {} 的人员类别", told(&key)), columns: COLUMNS, rows, foot })
    }
}
