//! What waits to be done: approvals, filings, rejected rows of files, arrears, receipts in suspense, matters past their day; each with
//! the way to do it. What was refused and done lately ([`super::lately`]), and whether the books can be reached.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use books::Table;
use maud::{Markup, html};
use serde_json::{Value, json};
use server::Problem;
use server::access::Caller;

use super::lately::{self, Lately};
use super::{as_fields, ask, clerk, handle};
use crate::asked::{Asked, Page, onward};
use crate::coded;
use crate::fields::books_of;
use crate::layout::{refused, said};
use crate::list::{List, Row};

/// A list of work.
struct Work {
    /// Its word in addresses.
    word: &'static str,
    /// Its name, in Chinese and in English.
    name: [&'static str; 2],
    /// The question.
    verb: &'static str,
    /// The columns that are shown.
    columns: &'static [&'static str],
}

const WORK: [Work; 7] = [
    Work {
        word: "approvals",
        name: ["等复核的", "Waiting for another person"],
        verb: "proposal list",
        columns: &["verb", "amount", "by", "on"],
    },
    Work {
        word: "filings",
        name: ["待审核的备案", "Filings to decide"],
        verb: "filing list",
        columns: &["kind", "from", "until", "disease_name", "area", "applied"],
    },
    Work {
        word: "rejects",
        name: ["有退回行的数据文件", "Files with rejected rows"],
        verb: "feed history",
        columns: &["source", "fact", "reported", "on", "rows", "accepted", "rejected"],
    },
    Work {
        word: ARREARS,
        name: ["未缴清的缴费单", "Bills not paid"],
        verb: "dues open",
        columns: &["bill", "area", "personal", "received", "open", "state", "why"],
    },
    Work {
        word: "suspense",
        name: ["待处理款", "Receipts in suspense"],
        verb: "dues suspense",
        columns: &["receipt", "on", "channel", "amount", "why", "year", "file"],
    },
    Work {
        word: "overdue",
        name: ["超过时限的事项", "Matters past their day"],
        verb: "matter list",
        columns: &["name", "state", "on", "due", "days_over", "taken", "decides"],
    },
    Work {
        word: "decided",
        name: ["复核过的", "Decided"],
        verb: "proposal list",
        columns: &["verb", "amount", "by", "on", "state", "decided"],
    },
];

impl Work {
    fn fields(&self, asked: &Asked) -> Value {
        match self.word {
            "filings" => json!({ "state": "applied" }),
            ARREARS => json!({ "year": year(asked) }),
            "overdue" => json!({ "overdue": true, "open": true }),
            "decided" => json!({ "all": true }),
            _ => json!({}),
        }
    }

    /// Of what the books list, what is work.
    fn of(&self, asked: &Asked, mut table: Table) -> Table {
        let at = |name: &str| table.columns.iter().position(|column| column.name == name);
        let left = match self.word {
            "rejects" => at("rejected").map(|at| (at, Value::from(0))),
            "decided" => at("state").map(|at| (at, Value::from("open"))),
            _ => None,
        };
        if let Some((at, nothing)) = left {
            table.rows.retain(|row| row.get(at) != Some(&nothing));
            table.foot = String::new();
        }
        if let Some(at) = at("verb") {
            for cell in table.rows.iter_mut().filter_map(|row| row.get_mut(at)) {
                *cell = Value::from(coded::verb(asked.lang(), cell.as_str().unwrap_or_default()));
            }
        }
        table
    }
}

/// The year whose bills are listed: that of today, unless the address names another. Dues of a year are taken from the autumn before.
fn year(asked: &Asked) -> i16 {
    asked.one("year").and_then(|text| text.parse().ok()).unwrap_or_else(|| asked.today().year())
}

/// The years whose bills may not be paid yet.
fn years(asked: &Asked) -> Markup {
    let today = asked.today().year();
    html! {
        nav.tabs aria-label=(asked.of("参保年度", "Insured year")) {
            @for year in today - 1..=today + 1 {
                a href=(format!("/work/{ARREARS}?year={year}")) aria-current=[(year == self::year(asked)).then_some("page")] { (year) (asked.of(" 年度", "")) }
            }
        }
    }
}

/// The list of bills that are not paid.
const ARREARS: &str = "arrears";

/// The subject of lists of what was done and refused, whose columns no field of the books names.
pub const LATELY: &str = "lately";

/// The list of the rows of a file that were rejected.
const ROWS: &str = "rows";

/// All work.
pub async fn page(asked: Asked) -> Response {
    let caller = match clerk(&asked) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    let tiles = tiles(&asked, caller).await;
    let health = asked.app.ready().await;
    let title = asked.of("工作", "Work");
    let body = html! {
        h1 { (title) }
        p.lead { (asked.of("等着办的事，每一件都能从这里进去办。", "What waits to be done; each can be done from here.")) }
        @match &tiles {
            Ok([waits, today]) => {
                ul.tiles { @for one in waits { li { (tile(&asked, one)) } } }
                h2 { (asked.of("今日", "Today")) }
                ul.tiles { @for one in today { li { (tile(&asked, one)) } } }
            }
            Err(problem) => { (refused(&asked, problem)) }
        }
        section.card aria-labelledby="health" {
            h2 #health { (asked.of("系统", "System")) }
            @match &health {
                Ok(()) => { p.state.good { (asked.of("数据库可用，账套：", "The database answers; books of ")) (books_of(&asked)) (asked.of("，账套日期 ", ", day ")) (asked.today()) } }
                Err(problem) => { (refused(&asked, problem)) }
            }
        }
    };
    asked.show(Ok(Page::new(title, body)))
}

/// A list on the page of all: its word in addresses, its name, how many it has, and the list.
type Tile = (&'static str, String, Result<(String, Table), Problem>);

/// What waits, and what is of today, as far as it is for whoever asks: one look at all of it.
///
/// # Errors
/// When the look cannot be put on record.
async fn tiles(asked: &Asked, caller: &Caller) -> Result<[Vec<Tile>; 2], Problem> {
    let mut looking = asked.app.looking(caller).await?;
    let (mut waits, mut today) = (Vec::new(), Vec::new());
    for work in WORK.iter().filter(|work| asked.app.may(caller, work.verb)) {
        let table = looking.ask(work.verb, as_fields(work.fields(asked))).await.map(|table| work.of(asked, table));
        // A list that is the whole region's alone is not for who is bound to an area.
        if table.as_ref().is_err_and(|problem| problem.status == StatusCode::FORBIDDEN) {
            continue;
        }
        let counted = table.map(|table| (table.rows.len().to_string(), table));
        let name = asked.of(work.name[0], work.name[1]);
        let of_year = (work.word == ARREARS).then(|| format!("{name} · {}", year(asked)));
        waits.push((work.word, of_year.unwrap_or_else(|| name.to_owned()), counted));
    }
    for which in Lately::ALL {
        today.push((which.word(), which.name(asked).to_owned(), which.of_today(asked, &mut looking).await));
    }
    Ok([waits, today])
}

fn tile(asked: &Asked, (word, name, table): &Tile) -> Markup {
    html! {
        a href=(format!("/work/{word}")) {
            @match table {
                Ok((count, table)) => {
                    strong.count { (count) }
                    span { (name) }
                    @if let Some(line) = table.foot.lines().next() { span.hint { (asked.said(line)) } }
                }
                Err(problem) => {
                    strong.count { "—" }
                    span { (name) }
                    span.hint { (said(asked, problem).0) }
                }
            }
        }
    }
}

/// A list of work; of a file, the rows that were rejected.
pub async fn list(asked: Asked, Path(word): Path<String>) -> Response {
    let caller = match clerk(&asked) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    if word == ROWS {
        let fields = json!({ "source": asked.one("source"), "file": asked.one("file").and_then(|text| text.parse::<i64>().ok()) });
        let table = ask(&asked, caller, "feed rejects", fields).await;
        let columns = ["line", "number", "field", "code", "message", "cure"];
        let name = asked.of("退回的行", "Rejected rows");
        return listed(&asked, (name, "feed rejects", &columns), &html! {}, table, |_| html! {});
    }
    if let Some(which) = Lately::ALL.into_iter().find(|which| which.word() == word) {
        return lately::page(asked, which).await;
    }
    let Some(work) = WORK.iter().find(|work| work.word == word) else { return onward("/work") };
    let table = ask(&asked, caller, work.verb, work.fields(&asked)).await.map(|table| work.of(&asked, table));
    let name = asked.of(work.name[0], work.name[1]);
    let above = if work.word == ARREARS {
        years(&asked)
    } else {
        html! {}
    };
    listed(&asked, (name, work.verb, work.columns), &above, table, |row| acts(&asked, work, row))
}

/// A list of work as a page, with what stands above it, or as a workbook.
pub fn listed(
    asked: &Asked,
    (name, verb, columns): (&str, &str, &[&str]),
    above: &Markup,
    table: Result<Table, Problem>,
    act: impl Fn(Row<'_>) -> Markup,
) -> Response {
    let table = match table {
        Ok(table) => table,
        Err(problem) => return asked.show(Err(problem)),
    };
    let list = List { verb, table: &table, columns };
    if let Some(workbook) = list.exported(asked) {
        return workbook;
    }
    let body = html! {
        nav.back { a href="/work" { "← " (asked.of("工作", "Work")) } }
        h1 { (name) }
        (above)
        (list.shown(asked, act))
    };
    asked.show(Ok(Page::new(name, body)))
}

/// What can be done with a line.
fn acts(asked: &Asked, work: &Work, row: Row<'_>) -> Markup {
    let person = || format!("/counter/person/{}", handle(asked, &row.text("person")));
    let may = |verb: &str| asked.caller.as_ref().is_ok_and(|caller| asked.app.may(caller, verb));
    let rows = || {
        let said = [("source".to_owned(), row.text("source")), ("file".to_owned(), row.text("file"))];
        crate::asked::address(&format!("/work/{ROWS}"), &said)
    };
    html! {
        @match work.word {
            "approvals" => {
                @let of = handle(asked, &row.text("proposal"));
                @let own = asked.caller.as_ref().is_ok_and(|caller| caller.actor == row.text("by"));
                @if may("proposal approve") && !own { a href=(format!("/counter/do/approve?of={of}")) { (asked.of("复核通过", "Approve")) } " " }
                @if may("proposal refuse") { a href=(format!("/counter/do/refuse?of={of}")) {
                    @if own { (asked.of("撤回", "Take back")) } @else { (asked.of("不予通过", "Refuse")) }
                } }
            }
            "filings" if may("filing decide") => {
                a href=(format!("{}/do/filing-decide?of={}", person(), handle(asked, &row.text("filing")))) { (asked.of("审核", "Decide")) }
            }
            "rejects" => { a href=(rows()) { (asked.of("看退回的行", "Rejected rows")) } }
            ARREARS => {
                a href=(person()) { (asked.of("打开", "Open")) } " "
                @if may("dues receive") { a href=(format!("{}/do/pay?year={}", person(), year(asked))) { (asked.of("收款", "Pay")) } }
            }
            "suspense" if !row.text("person").is_empty() => { a href=(person()) { (asked.of("打开", "Open")) } }
            _ => {}
        }
    }
}
