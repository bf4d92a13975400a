//! The command that loads a feed.

use domain::Date;
use serde_json::{Value, json};

use super::fact::Fact;
use super::load::{Feed, Report, load};
use super::rows::Reject;
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::{Books, Key};

/// How many rejects a refusal names.
const NAMED: usize = 20;

/// So many are told one by one; the report has all, and so has `feed rejects`.
const TOLD: usize = 200;

/// How many sentences on what followed an answer gives.
const FOLLOWED: usize = 50;

command! {
    /// Load a partner's file: categories, deaths, studies, other arrangements
    LoadFeed = "feed load", "装载部门数据" {
        /// Who sent it
        source: String = "来源单位",
        /// As of which day it reports
        reported: Date = "数据日期",
        /// The text of the file: a heading line, then one person and fact a line
        text: String = "文件内容：第一行列名，其后每行一人一事",
        /// The category or fact of rows that do not tell it
        fact: Option<String> = "类别或事项（行内不写时）",
        /// The file lists everybody who has the fact: who is not on it has it no more
        complete: bool = "全量名单：名单上没有的人即终止",
        /// Load all rows or none
        whole: bool = "有一行退回即全部不装载",
        /// Put on the register who is not on it
        register: bool = "名单上的新人一并登记",
    }
}

impl LoadFeed {
    fn feed(&self) -> Result<Feed<'_>, Refusal> {
        Ok(Feed {
            source: self.source.trim().to_owned(),
            reported: self.reported,
            fact: self.fact.as_deref().map(Fact::parse).transpose()?,
            complete: self.complete,
            register: self.register,
            text: &self.text,
        })
    }
}

impl UseCase for LoadFeed {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let mut followed = Vec::new();
        let report = load(desk, books, &self.feed()?, &mut |difference| {
            let room = FOLLOWED.saturating_sub(followed.len());
            followed.extend(difference.outcome.followed.into_iter().take(room));
        })?;
        if self.whole && !report.rejects.is_empty() {
            return Err(all_or_nothing(&report.rejects).into());
        }
        Ok(answer(&report, &followed))
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        super::load::key(&self.source).into_iter().collect()
    }
}

fn answer(report: &Report, followed: &[String]) -> Answer {
    let counts = report.counts;
    if report.again {
        return Answer::new("这个文件已装载过，没有任何变更", "this file was loaded before: nothing changed")
            .with("again", true)
            .with("rows", counts.rows);
    }
    let mut says = format!(
        "共 {} 行：变更 {}，无变化 {}，被更新的数据覆盖 {}，退回 {}",
        counts.rows, counts.accepted, counts.unchanged, counts.superseded, counts.rejected
    );
    let parts = [(counts.ended, "名单外终止"), (counts.registered, "新登记"), (counts.conflicts, "与其他来源不一致")];
    for (count, what) in parts.into_iter().filter(|(count, _)| *count > 0) {
        says.push_str(&format!("，{what} {count}"));
    }
    for note in &report.notes {
        says.push_str(&format!("；{note}"));
    }
    let english = format!(
        "{} rows: {} changed something, {} known, {} superseded, {} rejected",
        counts.rows, counts.accepted, counts.unchanged, counts.superseded, counts.rejected
    );
    let mut answer = Answer::new(says, english)
        .with("rows", counts.rows)
        .with("accepted", counts.accepted)
        .with("unchanged", counts.unchanged)
        .with("superseded", counts.superseded)
        .with("ended", counts.ended)
        .with("registered", counts.registered)
        .with("conflicts", counts.conflicts)
        .with("rejected", counts.rejected);
    if !report.rejects.is_empty() {
        let rejects: Vec<Value> = report.rejects.iter().take(TOLD).map(|reject| json!(reject)).collect();
        answer = answer.with("rejects", rejects).with("report", sheet(&report.rejects));
    }
    if followed.is_empty() { answer } else { answer.with("followed", followed) }
}

fn all_or_nothing(rejects: &[Reject]) -> Refusal {
    let named = rejects
        .iter()
        .take(NAMED)
        .map(|reject| format!("第 {} 行 {}（{}）：{}", reject.line, reject.number, reject.code, reject.message));
    let mut named: Vec<String> = named.collect();
    if rejects.len() > NAMED {
        named.push(format!("另有 {} 行", rejects.len() - NAMED));
    }
    let message = format!("{} 行有错，整个文件未装载：{}", rejects.len(), named.join("；"));
    Refusal::new("rejects", message, "更正后重报；feed compare 列出全部退回行；不要求整体装载的，去掉 whole")
}

/// The rejects as a file that goes back to who sent the feed.
pub(super) fn sheet(rejects: &[Reject]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut written = writer.write_record(["行号", "证件号码", "列", "代码", "问题", "处理办法"]);
    for Reject { line, number, field, code, message, cure } in rejects {
        written = written.and_then(|()| writer.write_record([&line.to_string(), number, field, code, message, cure]));
    }
    // Writing to memory does not fail.
    written.ok().and_then(|()| String::from_utf8(writer.into_inner().ok()?).ok()).unwrap_or_default()
}
