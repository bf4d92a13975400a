//! Transfers as a list, and one by its number.

use serde_json::json;

use super::list::shown;
use super::transfer::{Direction, Stage, Transfer};
use crate::answer::Stop;
use crate::codec::Word;
use crate::command;
use crate::desk::Desk;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// List transfers of relations between regions
    ListTransfers = "transfer list", "列出转移接续" {
        /// Tracking number
        number: Option<String> = "受理号",
        /// Which way
        direction: Option<Word<Direction>> = "转入或转出",
        /// How far it has come
        state: Option<Word<Stage>> = "办理状态",
    }
}

const COLUMNS: &[Column] = &[
    col("number", "受理号", "number"),
    col("direction", "方向", "direction"),
    col("person", "个人编号", "person"),
    col("name", "姓名", "name"),
    col("region", "对方地区", "other region"),
    col("state", "状态", "state"),
    col("channel", "渠道", "channel"),
    col("requested", "申请日", "requested"),
    col("answered", "答复日", "answered"),
    col("closed", "办结日", "closed"),
    col("since", "连续参保起始日", "unbroken since"),
    col("months", "月数", "months"),
    col("why", "不予办理的原因", "refused because"),
];

impl Question for ListTransfers {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut found: Vec<(String, Transfer)> = Vec::new();
        books.each::<Transfer>(None, |key, transfer| {
            let number = key.subject.trim_start_matches("handover/");
            let wanted = self.number.as_ref().is_none_or(|wanted| wanted.trim() == number)
                && self.direction.is_none_or(|wanted| transfer.direction == Some(wanted))
                && self.state.is_none_or(|wanted| transfer.stage() == wanted.0);
            if wanted {
                found.push((number.to_owned(), transfer.clone()));
            }
            Ok(())
        })?;
        let mut rows = Vec::new();
        for (number, transfer) in found {
            let (name, _) = shown(desk, books, &Key::of(transfer.person.clone()))?;
            let record = transfer.record.as_ref();
            rows.push(vec![
                json!(number),
                json!(transfer.direction.map(|direction| direction.0.code())),
                json!(transfer.person.trim_start_matches("person/")),
                json!(name),
                json!(transfer.region),
                json!(transfer.stage().code()),
                json!(transfer.channel.map(|channel| channel.0.code())),
                json!(transfer.requested.map(|day| day.to_string())),
                json!(transfer.answered.map(|day| day.to_string())),
                json!(transfer.closed.map(|day| day.to_string())),
                json!(record.map(|record| record.since.to_string())),
                json!(record.map(|record| record.months)),
                json!(transfer.why),
            ]);
        }
        let foot = format!("{} 件", rows.len());
        Ok(Table { title: "转移接续".to_owned(), columns: COLUMNS, rows, foot })
    }
}
