//! Statements of COVID-19 costs as lists: which there are, their lines, and the details each amount leads to.

use domain::Fen;
use serde_json::json;

use super::covid::{key, year_of};
use super::covid_book::{CovidBook, Detail};
use crate::answer::{Refusal, Stop};
use crate::command;
use crate::desk::Desk;
use crate::question::{Column, Question, Table, col};
use crate::sheets::Books;

command! {
    /// List the statements of a year's COVID-19 costs
    CovidStatements = "covid statements", "列出一年的新冠费用清算单" {
        /// The year
        year: i16 = "年度",
    }
}

const STATEMENTS: &[Column] = &[
    col("site", "单位", "site"),
    col("number", "清算单", "statement"),
    col("cost", "费用", "cost"),
    col("total", "总额", "total"),
    col("details", "明细合计", "sum of details"),
    col("consistent", "一致", "consistent"),
    col("state", "状态", "state"),
];

impl Question for CovidStatements {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let (mut rows, mut sum) = (Vec::new(), Fen::ZERO);
        books.each::<CovidBook>(Some(self.year), |key, book| {
            let site = key.subject.split_once('/').map_or("", |(_, site)| site);
            for (number, statement) in &book.statements {
                let total = statement.drawn.total.0;
                let details: Fen = book.details.get(number).into_iter().flatten().map(|detail| detail.amount.0).sum();
                sum += total;
                rows.push(vec![
                    json!(site),
                    json!(number),
                    json!(statement.drawn.cost),
                    json!(total.to_string()),
                    json!(details.to_string()),
                    json!(details == total),
                    json!(statement.state),
                ]);
            }
            Ok(())
        })?;
        let foot = format!("{} 份，{sum} 元", rows.len());
        Ok(Table { title: format!("{} 年新冠费用清算", self.year), columns: STATEMENTS, rows, foot })
    }
}

command! {
    /// Show the lines of a statement
    CovidStatement = "covid statement", "列出一份清算单的各行" {
        /// Code of the site or hospital
        site: String = "单位代码",
        /// Number of the statement
        number: String = "清算单号",
    }
}

const LINES: &[Column] = &[
    col("item", "项目", "item"),
    col("what", "品种", "product"),
    col("count", "数量", "count"),
    col("price", "单价", "unit price"),
    col("amount", "金额", "amount"),
    col("payee", "收款方", "payee"),
    col("references", "明细号", "records"),
];

impl Question for CovidStatement {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let book = found(books, &self.site, &self.number)?;
        let statement = book.statements.get(&self.number).ok_or_else(|| unknown(&self.number))?;
        let row = |line: &super::StatementLine| {
            vec![
                json!(line.item),
                json!(line.what),
                json!(line.count),
                json!(line.price),
                json!(line.amount),
                json!(line.payee),
                json!(line.references),
            ]
        };
        let rows = statement.drawn.lines.iter().map(row).collect();
        let foot = format!("合计 {} 元，{}", statement.drawn.total, statement.state.0.name());
        Ok(Table { title: format!("{} 清算单 {}", self.site, self.number), columns: LINES, rows, foot })
    }
}

command! {
    /// List the details behind a statement: doses by day, or settled bills
    CovidDetails = "covid details", "列出一份清算单的明细：逐日接种，或逐次结算" {
        /// Code of the site or hospital
        site: String = "单位代码",
        /// Number of the statement
        number: String = "清算单号",
    }
}

const DETAILS: &[Column] = &[
    col("reference", "明细号", "record"),
    col("on", "日期", "on"),
    col("item", "项目", "item"),
    col("what", "品种", "product"),
    col("count", "数量", "count"),
    col("price", "单价", "unit price"),
    col("amount", "金额", "amount"),
];

impl Question for CovidDetails {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let book = found(books, &self.site, &self.number)?;
        let details = book.details.get(&self.number).ok_or_else(|| unknown(&self.number))?;
        let row = |detail: &Detail| {
            vec![
                json!(detail.reference),
                json!(detail.on.to_string()),
                json!(detail.item),
                json!(detail.what),
                json!(detail.count),
                json!(detail.price),
                json!(detail.amount),
            ]
        };
        let sum: Fen = details.iter().map(|detail| detail.amount.0).sum();
        let rows = details.iter().map(row).collect();
        let foot = format!("明细合计 {sum} 元");
        Ok(Table { title: format!("{} 清算单 {} 的明细", self.site, self.number), columns: DETAILS, rows, foot })
    }
}

fn found(books: &mut Books<'_>, site: &str, number: &str) -> Result<CovidBook, Stop> {
    let book = books.find::<CovidBook>(&key(site, year_of(number)?))?.cloned();
    book.ok_or_else(|| unknown(number).into())
}

fn unknown(number: &str) -> Refusal {
    Refusal::new("unknown-statement", format!("没有清算单 {number}"), "用 covid statements 查看")
}
