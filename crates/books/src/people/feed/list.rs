//! A feed compared with the register before it is loaded, what was loaded, and what was rejected.

use domain::Date;
use serde_json::{Value, json};

use super::book::{FeedBook, FeedEntry, Load};
use super::fact::Fact;
use super::load::{self, Difference, Feed, load};
use super::row::Does;
use super::rows::Reject;
use crate::answer::{Refusal, Stop};
use crate::command;
use crate::desk::Desk;
use crate::people::{dossier, identity, told};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// Compare a partner's file with the register, without loading it
    CompareFeed = "feed compare", "比对部门数据（不装载）" {
        /// Who sent it
        source: String = "来源单位",
        /// As of which day it reports
        reported: Date = "数据日期",
        /// The text of the file
        text: String = "文件内容",
        /// The category or fact of rows that do not tell it
        fact: Option<String> = "类别或事项（行内不写时）",
        /// The file lists everybody who has the fact
        complete: bool = "全量名单：名单上没有的人即终止",
        /// Put on the register who is not on it
        register: bool = "名单上的新人一并登记",
    }
}

command! {
    /// List the files that were loaded
    FeedHistory = "feed history", "列出装载过的文件" {
        /// Who sent them
        source: Option<String> = "来源单位",
    }
}

command! {
    /// List the rows of a file that were not loaded
    FeedRejects = "feed rejects", "列出退回的行" {
        /// Who sent it
        source: String = "来源单位",
        /// Which of the sender's files, by its number in the history; the last, if left out
        file: Option<i64> = "第几个文件，不写为最后一个",
    }
}

const COMPARED: &[Column] = &[
    col("line", "行号", "line"),
    col("person", "个人编号", "person"),
    col("name", "姓名", "name"),
    col("number", "证件号码", "document"),
    col("fact", "类别或事项", "fact"),
    col("difference", "差异", "difference"),
    col("from", "起始", "from"),
    col("end", "终止", "end"),
    col("note", "说明", "note"),
];

const LOADS: &[Column] = &[
    col("source", "来源", "source"),
    col("file", "第几个", "file"),
    col("reported", "数据日期", "as of"),
    col("on", "装载日期", "loaded on"),
    col("fact", "类别或事项", "fact"),
    col("complete", "全量", "full list"),
    col("rows", "行数", "rows"),
    col("accepted", "变更", "changed"),
    col("unchanged", "无变化", "known"),
    col("superseded", "被覆盖", "superseded"),
    col("ended", "名单外终止", "ended"),
    col("conflicts", "与其他来源不一致", "conflicts"),
    col("rejected", "退回", "rejected"),
];

const REJECTS: &[Column] = &[
    col("line", "行号", "line"),
    col("number", "证件号码", "document"),
    col("field", "列", "column"),
    col("code", "代码", "code"),
    col("message", "问题", "problem"),
    col("cure", "处理办法", "cure"),
];

impl Question for CompareFeed {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let feed = Feed {
            source: self.source.trim().to_owned(),
            reported: self.reported,
            fact: self.fact.as_deref().map(Fact::parse).transpose()?,
            complete: self.complete,
            register: self.register,
            text: &self.text,
        };
        // It is loaded and told, and nothing of it is written: what is listed is what loading would do.
        let mut differences = Vec::new();
        let report = load(desk, books, &feed, &mut |mut difference| {
            difference.outcome.followed = Vec::new();
            differences.push(difference);
        })?;
        let rows = rows(desk, books, &differences, &report.rejects)?;
        let counts = report.counts;
        let foot = if report.again {
            "这个文件已装载过，没有差异".to_owned()
        } else {
            let mut foot = format!(
                "共 {} 行：差异 {}，无变化 {}，被更新的数据覆盖 {}，名单外终止 {}，与其他来源不一致 {}，退回 {}",
                counts.rows,
                counts.accepted,
                counts.unchanged,
                counts.superseded,
                counts.ended,
                counts.conflicts,
                counts.rejected
            );
            report.notes.iter().for_each(|note| foot.push_str(&format!("；{note}")));
            foot
        };
        Ok(Table {
            title: format!("{} {} 数据与登记册的差异", feed.source, feed.reported),
            columns: COMPARED,
            rows,
            foot,
        })
    }
}

fn rows(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    differences: &[Difference],
    rejects: &[Reject],
) -> Result<Vec<Vec<Value>>, Stop> {
    let mut rows = Vec::new();
    for page in differences.chunks(load::PAGE) {
        let read = books.preload(page.iter().map(|difference| difference.outcome.person.clone()))?;
        for difference in page {
            rows.push(compared(desk, books, difference)?);
        }
        books.let_go(&read, "document", Vec::new());
    }
    rows.extend(rejects.iter().map(|reject| {
        let none = Value::Null;
        let note = format!("{}（{}）；{}", reject.message, reject.code, reject.cure);
        vec![
            json!(reject.line),
            none.clone(),
            none.clone(),
            json!(reject.number),
            none.clone(),
            json!("退回"),
            none.clone(),
            none,
            json!(note),
        ]
    }));
    Ok(rows)
}

fn compared(desk: &Desk<'_>, books: &mut Books<'_>, difference: &Difference) -> Result<Vec<Value>, Stop> {
    let day = |day: Option<Date>| json!(day.map(|day| day.to_string()));
    let outcome = &difference.outcome;
    let (name, number) = identity(desk, dossier(books, &outcome.person)?)?;
    let what = match outcome.does {
        _ if outcome.conflict.is_some() => "矛盾",
        Does::Nothing if outcome.registered => "新登记",
        Does::Nothing => "无变化",
        Does::Superseded => "被覆盖",
        Does::Begins => "新增",
        Does::Ends => "终止",
        Does::Changes => "变更",
        Does::Withdraws => "撤销",
    };
    let note = outcome.conflict.clone().or((difference.line == 0).then(|| "不在名单上".to_owned()));
    let line = Some(difference.line).filter(|line| *line > 0);
    Ok(vec![
        json!(line),
        json!(told(&outcome.person)),
        json!(name),
        json!(number),
        json!(difference.fact.name()),
        json!(what),
        day(outcome.from),
        day(outcome.end),
        json!(note),
    ])
}

fn source(key: &Key) -> &str {
    key.subject.strip_prefix("feed/").unwrap_or(&key.subject)
}

impl Question for FeedHistory {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut rows = Vec::new();
        books.each::<FeedBook>(None, |key, book| {
            if self.source.as_ref().is_none_or(|wanted| wanted == source(key)) {
                let loads = book.loads.iter().enumerate();
                rows.extend(loads.map(|(at, load)| row(source(key), at + 1, load)));
            }
            Ok(())
        })?;
        let foot = format!("{} 个文件", rows.len());
        Ok(Table { title: "装载过的部门数据".to_owned(), columns: LOADS, rows, foot })
    }
}

fn row(source: &str, number: usize, load: &Load) -> Vec<Value> {
    let counts = load.counts;
    vec![
        json!(source),
        json!(number),
        json!(load.reported.to_string()),
        json!(load.on.to_string()),
        json!(load.fact.map(Fact::name)),
        json!(load.complete),
        json!(counts.rows),
        json!(counts.accepted),
        json!(counts.unchanged),
        json!(counts.superseded),
        json!(counts.ended),
        json!(counts.conflicts),
        json!(counts.rejected),
    ]
}

impl Question for FeedRejects {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let key = load::key(&self.source)?;
        let entries = books.history::<FeedBook>(&key.subject)?;
        let at = match self.file {
            Some(file) => usize::try_from(file).ok().and_then(|file| file.checked_sub(1)),
            None => entries.len().checked_sub(1),
        };
        let Some((_, _, FeedEntry::Loaded { load, rejects })) = at.and_then(|at| entries.get(at)) else {
            let message = format!("{} 没有这个文件", self.source.trim());
            return Err(Refusal::new("unknown-file", message, "feed history 列出装载过的文件").into());
        };
        let rows = rejects.iter().map(|reject| {
            let texts = [&reject.number, &reject.field, &reject.code, &reject.message, &reject.cure];
            std::iter::once(json!(reject.line)).chain(texts.map(|text| json!(text))).collect()
        });
        let foot = format!("共 {} 行，退回 {} 行", load.counts.rows, load.counts.rejected);
        let title = format!("{} {} 数据的退回行", self.source.trim(), load.reported);
        Ok(Table { title, columns: REJECTS, rows: rows.collect(), foot })
    }
}
