//! What can be read of the catalogue: one code, whole lists since a version, and the files they came from.

use std::cmp::Ordering;

use domain::Date;
use serde_json::{Value, json};

use super::book::Loads;
use super::item::{Item, LIMITS, Listing};
use super::load::loads_key;
use super::term::{Meaning, Term};
use super::words::{ListType, TermSet};
use super::{clean, key};
use crate::answer::{Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::desk::Desk;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// Show what is told of an item, over time
    ShowItem = "catalogue show", "查看一个目录项目" {
        /// Code of the item
        code: String = "目录编码",
        /// Only what holds on this day
        on: Option<Date> = "只看这一天有效的",
    }
}

command! {
    /// List items of the catalogue
    ListItems = "catalogue list", "列出目录项目" {
        /// Of one list
        list: Option<Word<ListType>> = "目录类别",
        /// Only what came after this version
        since: Option<String> = "只列此版本号之后的",
        /// Only what holds on this day
        on: Option<Date> = "只列这一天有效的",
        /// Codes that begin so
        begins: Option<String> = "编码开头",
    }
}

command! {
    /// List terms of a table: diagnoses, operations, chronic diseases …
    ListTerms = "term list", "列出标准目录的条目" {
        /// Which table
        set: Word<TermSet> = "目录",
        /// Only what came after this version
        since: Option<String> = "只列此版本号之后的",
        /// Only what holds on this day
        on: Option<Date> = "只列这一天有效的",
        /// Codes that begin so
        begins: Option<String> = "编码开头",
    }
}

command! {
    /// List the files that catalogues were loaded from
    CatalogueHistory = "catalogue history", "列出载入过的目录文件" {
    }
}

const ITEMS: &[Column] = &[
    col("code", "编码", "code"),
    col("name", "名称", "name"),
    col("list", "目录类别", "list"),
    col("charge", "收费类别", "charge class"),
    col("class", "甲乙类", "class"),
    col("share", "先行自付比例", "first self-pay share"),
    col("limit", "限价", "price limit"),
    col("limits", "分级限价", "price limits by level"),
    col("flags", "标记", "marks"),
    col("condition", "限定支付范围", "condition"),
    col("spec", "规格", "specification"),
    col("form", "剂型", "dosage form"),
    col("unit", "计价单位", "unit"),
    col("maker", "生产企业", "manufacturer"),
    col("approval", "批准文号", "approval"),
    col("from", "生效日期", "from"),
    col("end", "失效日期", "end"),
    col("version", "版本号", "version"),
    col("record", "唯一记录号", "record"),
    col("basis", "可靠程度", "basis"),
];

const TERMS: &[Column] = &[
    col("code", "编码", "code"),
    col("name", "名称", "name"),
    col("sex", "限性别", "sex"),
    col("under", "所属编码", "belongs to"),
    col("from", "生效日期", "from"),
    col("end", "失效日期", "end"),
    col("version", "版本号", "version"),
    col("record", "唯一记录号", "record"),
    col("basis", "可靠程度", "basis"),
];

const LOADS: &[Column] = &[
    col("of", "目录", "of"),
    col("on", "载入日期", "loaded on"),
    col("publisher", "发布单位", "publisher"),
    col("edition", "版本", "edition"),
    col("date", "发布日期", "date"),
    col("licence", "许可", "licence"),
    col("basis", "可靠程度", "basis"),
    col("new", "新增", "new"),
    col("changed", "变更", "changed"),
    col("same", "相同", "same"),
    col("rejected", "不合格", "rejected"),
    col("hash", "文件摘要", "hash"),
];

fn item_row(code: &str, listing: &Listing) -> Vec<Value> {
    let flags: Vec<&str> = listing.flags.iter().map(|flag| flag.0.code()).collect();
    let at = |(_, level): &(&str, domain::Level)| {
        let limit = listing.limits.get(&Word(*level))?;
        Some(format!("{}={limit}", level.code()))
    };
    let limits: Vec<String> = LIMITS.iter().filter_map(at).collect();
    let make = &listing.make;
    vec![
        json!(code),
        json!(listing.name),
        json!(listing.list),
        json!(listing.charge),
        json!(listing.class),
        json!(listing.share),
        json!(listing.limit),
        json!(limits.join(" ")),
        json!(flags.join(" ")),
        json!(listing.condition),
        json!(make.spec),
        json!(make.form),
        json!(make.unit),
        json!(make.maker),
        json!(make.approval),
        json!(listing.from.to_string()),
        json!(listing.end.map(|end| end.to_string())),
        json!(listing.version),
        json!(listing.record),
        json!(listing.basis),
    ]
}

fn term_row(code: &str, meaning: &Meaning) -> Vec<Value> {
    vec![
        json!(code),
        json!(meaning.name),
        json!(meaning.sex),
        json!(meaning.under),
        json!(meaning.from.to_string()),
        json!(meaning.end.map(|end| end.to_string())),
        json!(meaning.version),
        json!(meaning.record),
        json!(meaning.basis),
    ]
}

impl Question for ShowItem {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let code = clean(&self.code);
        let Some(item) = books.find::<Item>(&key(&code))? else {
            let message = format!("目录里没有编码为 {code} 的项目");
            return Err(Refusal::new("unknown-item", message, "核对编码；新的目录先用 catalogue load 载入").into());
        };
        let listings: Vec<&Listing> = match self.on {
            Some(day) => item.on(day).into_iter().collect(),
            None => item.listings.iter().collect(),
        };
        let rows: Vec<Vec<Value>> = listings.into_iter().map(|listing| item_row(&code, listing)).collect();
        let foot = "失效日期当日起不再有效".to_owned();
        Ok(Table { title: format!("目录项目 {code}"), columns: ITEMS, rows, foot })
    }
}

impl Question for ListItems {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut rows = Vec::new();
        let begins = format!("item/{}", self.begins.as_deref().map(clean).unwrap_or_default());
        books.each_under::<Item>(&begins, None, |key, item| {
            let code = code(key);
            let wanted = |listing: &&Listing| {
                self.list.is_none_or(|list| list == listing.list)
                    && self.since.as_ref().is_none_or(|since| after(&listing.version, since))
            };
            let listings: Vec<&Listing> = match self.on {
                Some(day) => item.on(day).into_iter().collect(),
                None => item.listings.iter().collect(),
            };
            rows.extend(listings.into_iter().filter(wanted).map(|listing| item_row(code, listing)));
            Ok(())
        })?;
        let foot = format!("{} 条", rows.len());
        Ok(Table { title: "药品、诊疗项目、医用耗材目录".to_owned(), columns: ITEMS, rows, foot })
    }
}

impl Question for ListTerms {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut rows = Vec::new();
        let begins = format!("term/{}/{}", self.set.0.code(), self.begins.as_deref().map(clean).unwrap_or_default());
        books.each_under::<Term>(&begins, None, |key, term| {
            let meanings: Vec<&Meaning> = match self.on {
                Some(day) => term.on(day).into_iter().collect(),
                None => term.meanings.iter().collect(),
            };
            let wanted = |meaning: &&Meaning| self.since.as_ref().is_none_or(|since| after(&meaning.version, since));
            rows.extend(meanings.into_iter().filter(wanted).map(|meaning| term_row(code(key), meaning)));
            Ok(())
        })?;
        let foot = format!("{} 条", rows.len());
        Ok(Table { title: self.set.0.name().to_owned(), columns: TERMS, rows, foot })
    }
}

impl Question for CatalogueHistory {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut rows = Vec::new();
        for (of, key) in [("药品、诊疗项目、医用耗材", loads_key::<Item>()), ("标准目录", loads_key::<Term>())]
        {
            for load in books.find::<Loads>(&key)?.map(|book| book.loads.as_slice()).unwrap_or_default() {
                let (source, counts) = (&load.source, load.counts);
                rows.push(vec![
                    json!(of),
                    json!(load.on.to_string()),
                    json!(source.publisher),
                    json!(source.edition),
                    json!(source.date.map(|date| date.to_string())),
                    json!(source.licence),
                    json!(source.basis),
                    json!(counts.new),
                    json!(counts.changed),
                    json!(counts.same),
                    json!(counts.rejected),
                    json!(load.hash),
                ]);
            }
        }
        let foot = format!("{} 份", rows.len());
        Ok(Table { title: "载入过的目录文件".to_owned(), columns: LOADS, rows, foot })
    }
}

/// The code of a stream: what stands after its kind and, of a term, its table.
fn code(key: &Key) -> &str {
    let before = if key.subject.starts_with("term/") { 2 } else { 1 };
    key.subject.splitn(before + 1, '/').last().unwrap_or_default()
}

/// Whether a version comes after another: runs of digits count as numbers, so that `V9` comes before `V10`.
pub fn after(version: &str, since: &str) -> bool {
    let (mut a, mut b) = (version, since);
    loop {
        let ((left, a_rest), (right, b_rest)) = (run(a), run(b));
        let numbers = left.parse::<u64>().ok().zip(right.parse::<u64>().ok());
        match numbers.map_or_else(|| left.cmp(right), |(left, right)| left.cmp(&right)) {
            Ordering::Equal if left.is_empty() => return false,
            Ordering::Equal => (a, b) = (a_rest, b_rest),
            other => return other == Ordering::Greater,
        }
    }
}

/// A run of digits or of other characters, and what follows it.
fn run(text: &str) -> (&str, &str) {
    let digits = text.starts_with(|c: char| c.is_ascii_digit());
    let at = text.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(text.len());
    text.split_at(at)
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn versions_are_in_the_order_of_their_numbers() {
        for (later, earlier) in [("V10", "V9"), ("2022-2", "2022"), ("20220901_2", "20220801_10"), ("B", "A9")] {
            assert!(after(later, earlier) && !after(earlier, later), "{later} {earlier}");
        }
        assert!(!after("V1", "V1"));
    }
}
