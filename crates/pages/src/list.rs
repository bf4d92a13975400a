//! The one list of the pages that are work: filter, sort, page and export by links that need no script.
//!
//! What was typed into the filter stands in the address as a handle, since it may be somebody's name.

use std::cmp::Ordering;

use axum::extract::Request;
use axum::response::Response;
use books::Table;
use domain::Fen;
use maud::{Markup, html};
use serde_json::Value;

use crate::asked::{Asked, address, field, onward};
use crate::coded::Told;
use crate::layout::hidden_token;
use crate::sheet::amount;
use crate::{excel, handle, sign};

/// Rows on a page.
const PAGE: usize = 20;

/// Names of an address that say how a list is shown.
const OURS: [&str; 4] = ["sort", "page", "filter", "as"];

/// A row, read by the names of its columns.
#[derive(Clone, Copy)]
pub struct Row<'t> {
    table: &'t Table,
    cells: &'t [Value],
}

impl<'t> Row<'t> {
    /// The rows of a list.
    pub fn all(table: &'t Table) -> impl Iterator<Item = Row<'t>> {
        table.rows.iter().map(move |cells| Row { table, cells })
    }

    /// What stands in a column; nothing, where there is none.
    pub fn value(&self, column: &str) -> &'t Value {
        let at = self.table.columns.iter().position(|known| known.name == column);
        at.and_then(|at| self.cells.get(at)).unwrap_or(&Value::Null)
    }

    /// The text of a column: a number as it is written.
    pub fn text(&self, column: &str) -> String {
        match self.value(column) {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

/// A list to be shown: what the books answered to a verb, and which columns of it.
pub struct List<'t> {
    /// The verb.
    pub verb: &'t str,
    /// The answer.
    pub table: &'t Table,
    /// The columns that are shown, by name.
    pub columns: &'t [&'t str],
}

/// A list as the address wants it: filtered and sorted.
struct Chosen<'t> {
    /// The places of the columns.
    at: Vec<usize>,
    /// What is written in each column of each row, and the row.
    rows: Vec<(Vec<String>, Row<'t>)>,
}

impl<'t> List<'t> {
    fn chosen(&self, asked: &Asked) -> Chosen<'t> {
        let at: Vec<usize> = self
            .columns
            .iter()
            .filter_map(|name| self.table.columns.iter().position(|column| column.name == *name))
            .collect();
        let told = Told::new(asked, self.verb, self.table);
        let words = |row: &Row<'_>| -> Vec<String> {
            at.iter().map(|at| told.cell(*at, row.cells.get(*at).unwrap_or(&Value::Null))).collect()
        };
        let mut rows: Vec<(Vec<String>, Row<'t>)> = Row::all(self.table).map(|row| (words(&row), row)).collect();
        if let Some(wanted) = filter(asked).map(|text| text.to_lowercase()) {
            rows.retain(|(words, _)| words.iter().any(|word| word.to_lowercase().contains(&wanted)));
        }
        if let Some((name, down)) = sorting(asked) {
            rows.sort_by(|(_, one), (_, other)| {
                let order = order(one.value(name), other.value(name));
                if down { order.reverse() } else { order }
            });
        }
        Chosen { at, rows }
    }

    /// The list as a workbook, where the address asks for it.
    pub fn exported(&self, asked: &Asked) -> Option<Response> {
        (asked.one("as") == Some("xlsx")).then(|| {
            let Chosen { at, rows } = self.chosen(asked);
            let heads: Vec<&str> = at.iter().map(|at| self.heading(asked, *at)).collect();
            let cells = rows.iter().map(|(words, row)| {
                let values = at.iter().map(|at| row.cells.get(*at).and_then(amount));
                words.iter().cloned().zip(values).collect()
            });
            excel::response(&self.verb.replace(' ', "-"), &heads, &cells.collect::<Vec<_>>())
        })
    }

    fn heading(&self, asked: &Asked, at: usize) -> &'static str {
        let column = &self.table.columns[at];
        asked.of(column.zh, column.en)
    }

    /// The list with its controls, and at the end of each row what can be done with it.
    pub fn shown(&self, asked: &Asked, act: impl Fn(Row<'_>) -> Markup) -> Markup {
        let Chosen { at, rows } = self.chosen(asked);
        let pages = rows.len().div_ceil(PAGE).max(1);
        let page = asked.one("page").and_then(|text| text.parse().ok()).unwrap_or(1usize).clamp(1, pages);
        let shown = rows.iter().skip((page - 1) * PAGE).take(PAGE);
        let is_amount = |at: usize| self.table.rows.iter().any(|row| row.get(at).and_then(amount).is_some());
        let amounts: Vec<bool> = at.iter().map(|at| is_amount(*at)).collect();
        let label = asked.said(&self.table.title);
        html! {
            (controls(asked, rows.len(), self.table.rows.len()))
            @if rows.is_empty() { p.hint { (asked.of("没有符合的行。", "No rows.")) } }
            @else {
                div.wide tabindex="0" role="region" aria-label=(label) {
                    table.list {
                        thead { tr {
                            @for (at, is_amount) in at.iter().zip(&amounts) {
                                (self.sorter(asked, *at, *is_amount))
                            }
                            th scope="col" { span.unseen { (asked.of("办理", "Actions")) } }
                        } }
                        tbody {
                            @for (words, row) in shown { tr {
                                @for ((word, at), is_amount) in words.iter().zip(&at).zip(&amounts) {
                                    td class=[cell_class(self.table.columns[*at].name, *is_amount)] { (word) }
                                }
                                td.acts { (act(*row)) }
                            } }
                        }
                    }
                }
                (pager(asked, page, pages))
            }
            @for line in self.table.foot.lines() { p.hint { (asked.said(line.trim())) } }
        }
    }

    fn sorter(&self, asked: &Asked, at: usize, is_amount: bool) -> Markup {
        let name = self.table.columns[at].name;
        let state = sorting(asked).filter(|(sorted, _)| *sorted == name).map(|(_, down)| down);
        let next = if state == Some(false) { format!("-{name}") } else { name.to_owned() };
        let sorted = state.map(|down| if down { "descending" } else { "ascending" });
        html! {
            th scope="col" class=[is_amount.then_some("n")] aria-sort=[sorted] {
                a href=(with(asked, &[("sort", &next)])) {
                    (self.heading(asked, at))
                    @if let Some(down) = state { span aria-hidden="true" { (if down { " ↓" } else { " ↑" }) } }
                }
            }
        }
    }
}

fn cell_class(name: &str, is_amount: bool) -> Option<&'static str> {
    let is_day =
        ["date", "from", "until", "end", "on", "applied", "recorded", "reported", "paid_on", "born"].contains(&name);
    if is_amount { Some("n") } else { is_day.then_some("d") }
}

fn controls(asked: &Asked, left: usize, all: usize) -> Markup {
    let wanted = filter(asked).unwrap_or_default();
    html! {
        div.controls {
            form method="post" action="/counter/filter" role="search" {
                (hidden_token(asked))
                input type="hidden" name="to" value=(with(asked, &[("filter", "")]));
                label for="filter" { (asked.of("筛选", "Filter")) }
                input id="filter" name="filter" type="search" autocomplete="off" value=(wanted);
                button.quiet type="submit" { (asked.of("筛选", "Filter")) }
                @if !wanted.is_empty() { a href=(with(asked, &[("filter", "")])) { (asked.of("全部", "All")) } }
            }
            p.hint {
                @if left < all { (left) " / " }
                (all) (asked.of(" 行", " rows")) " · "
                a href=(with(asked, &[("as", "xlsx")])) { (asked.of("导出 Excel", "Export to Excel")) }
            }
        }
    }
}

fn pager(asked: &Asked, page: usize, pages: usize) -> Markup {
    let to = |page: usize| with(asked, &[("page", &page.to_string())]);
    html! {
        @if pages > 1 {
            nav.pager aria-label=(asked.of("翻页", "Pages")) {
                @if page > 1 { a href=(to(page - 1)) rel="prev" { (asked.of("上一页", "Previous")) } }
                span { (asked.of("第 ", "Page ")) (page) " / " (pages) (asked.of(" 页", "")) }
                @if page < pages { a href=(to(page + 1)) rel="next" { (asked.of("下一页", "Next")) } }
            }
        }
    }
}

/// The address with something said otherwise; nothing said is left out. But for a page itself, pages begin anew.
fn with(asked: &Asked, changes: &[(&str, &str)]) -> String {
    let pages = changes.iter().any(|(name, _)| *name == "page");
    let stays = |name: &str| {
        let ours_gone = name == "as" || name == "page" && !pages;
        !ours_gone && !changes.iter().any(|(changed, _)| *changed == name)
    };
    let mut pairs: Vec<(String, String)> = asked.pairs.iter().filter(|(name, _)| stays(name)).cloned().collect();
    let said = changes.iter().filter(|(_, text)| !text.is_empty());
    pairs.extend(said.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
    address(&asked.path, &pairs)
}

/// What an address says that is no matter of how a list is shown.
pub fn others(asked: &Asked) -> Vec<(String, String)> {
    asked.pairs.iter().filter(|(name, _)| !OURS.contains(&name.as_str())).cloned().collect()
}

/// The column that rows are sorted by, and whether downwards.
fn sorting(asked: &Asked) -> Option<(&str, bool)> {
    let text = asked.one("sort")?;
    Some(text.strip_prefix('-').map_or((text, false), |name| (name, true)))
}

/// What rows must hold.
fn filter(asked: &Asked) -> Option<String> {
    handle::text(&asked.secret, asked.one("filter")?)
}

/// Amounts and numbers by size, all else by its text; what is empty comes last.
fn order(one: &Value, other: &Value) -> Ordering {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let amounts: (Option<Fen>, Option<Fen>) = (amount(one), amount(other));
    match (amounts, (one.as_i64(), other.as_i64())) {
        ((Some(one), Some(other)), _) => one.cmp(&other),
        (_, (Some(one), Some(other))) => one.cmp(&other),
        _ => (one.is_null(), text(one)).cmp(&(other.is_null(), text(other))),
    }
}

/// Takes what was typed into a filter, and shows the list by it.
pub async fn filtered(asked: Asked, request: Request) -> Response {
    let said = match sign::form(&asked, &asked.app, request).await {
        Ok(said) => said,
        Err(problem) => return asked.show(Err(problem)),
    };
    let (to, text) = (field(&said, "to").trim(), field(&said, "filter").trim());
    if text.is_empty() {
        return onward(&address(to.split('?').next().unwrap_or_default(), &said_of(to)));
    }
    let mut pairs = said_of(to);
    pairs.push(("filter".to_owned(), handle::of(&asked.secret, text)));
    onward(&address(to.split('?').next().unwrap_or_default(), &pairs))
}

/// What an address of ours says.
fn said_of(address: &str) -> Vec<(String, String)> {
    let read = address.parse().ok().and_then(|uri| axum::extract::Query::try_from_uri(&uri).ok());
    read.map(|query: axum::extract::Query<Vec<(String, String)>>| query.0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rows_are_sorted_by_what_they_hold() {
        assert_eq!(order(&json!("9.00"), &json!("10.00")), Ordering::Less);
        assert_eq!(order(&json!(9), &json!(10)), Ordering::Less);
        assert_eq!(order(&json!("b"), &json!("a")), Ordering::Greater);
        assert_eq!(order(&Value::Null, &json!("a")), Ordering::Greater);
    }
}
