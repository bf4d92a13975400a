//! Special measures on their way into the ordinary three layers (CQ21-03.1b): each with its last day and what holds after it.

use domain::Date;
use serde_json::json;

use super::list::day;
use crate::answer::Stop;
use crate::command;
use crate::desk::Desk;
use crate::question::{Column, Question, Table, col};
use crate::sheets::Books;

command! {
    /// List special measures, their last day and what follows them
    Transitions = "transition list", "列出过渡安排" {
        /// As of this day; today, if left out
        on: Option<Date> = "截至哪一天，不写为今天",
    }
}

const COLUMNS: &[Column] = &[
    col("measure", "安排", "measure"),
    col("name", "名称", "name"),
    col("what", "特殊措施", "special measure"),
    col("last", "最后一天", "last day"),
    col("successor", "其后", "successor"),
    col("state", "状态", "state"),
    col("follows", "其后已有规定", "successor holds"),
    col("clauses", "条款", "clauses"),
];

impl Question for Transitions {
    fn ask(&self, desk: &Desk<'_>, _books: &mut Books<'_>) -> Result<Table, Stop> {
        let on = self.on.unwrap_or(desk.today());
        let terms = desk.rules.terms(on)?;
        let mut rows = Vec::new();
        for (id, cited) in terms.family("transition.") {
            let record = &cited.provision.record;
            let last = record.date("last");
            let state = match last {
                None => "open",
                Some(last) if on <= last => "running",
                Some(_) => "ended",
            };
            // What follows must hold on the day after the end, or the persons would be left without.
            let after = last.and_then(|last| last.tomorrow().ok()).unwrap_or(on);
            let successor = record.text("successor").unwrap_or_default();
            let follows = desk.rules.terms(after)?.get(successor).is_ok();
            rows.push(vec![
                json!(id),
                json!(record.text("name")),
                json!(record.text("what")),
                day(last),
                json!(successor),
                json!(state),
                json!(follows),
                json!(cited.provision.clauses.join(" ")),
            ]);
        }
        let foot = format!("{} 项", rows.len());
        Ok(Table { title: format!("{on} 的过渡安排"), columns: COLUMNS, rows, foot })
    }
}
