//! A person at the counter: the record, masked, whether he is covered, what he has used of the year; his lists; and what can be done.

use axum::extract::Path;
use axum::response::Response;
use books::Table;
use maud::{Markup, html};
use serde_json::{Value, json};
use server::Problem;
use server::access::Caller;

use super::task::{Group, TASKS, named};
use super::{ask, behind, clerk, handle};
use crate::asked::{Asked, Page};
use crate::coded::Told;
use crate::fields::line;
use crate::list::{List, Row, others};

/// A list about a person.
struct View {
    /// Its word in addresses.
    word: &'static str,
    /// Its name, in Chinese and in English.
    name: [&'static str; 2],
    /// The question.
    verb: &'static str,
    /// The columns that are shown.
    columns: &'static [&'static str],
    /// Whether it is of a year.
    yearly: bool,
    /// Whether it stands among the lists; or begins at a line of one.
    listed: bool,
}

const VIEWS: [View; 6] = [
    View {
        word: "care",
        name: ["就诊结算", "Settlements"],
        verb: "care statement",
        columns: &["date", "provider_name", "care", "total", "in_scope", "payers", "person", "basis"],
        yearly: true,
        listed: true,
    },
    View {
        word: "cover",
        name: ["参保", "Enrolment"],
        verb: "member show",
        columns: &["year", "state", "group", "tier", "scheme", "area", "enrolled", "paid", "benefits_from", "cause"],
        yearly: false,
        listed: true,
    },
    View {
        word: "dues",
        name: ["缴费", "Dues"],
        verb: "dues show",
        columns: &[
            "year", "bill", "state", "tier", "total", "personal", "sponsors", "received", "open", "paid_on", "refund",
        ],
        yearly: false,
        listed: true,
    },
    View {
        word: "filings",
        name: ["备案", "Filings"],
        verb: "filing list",
        columns: &[
            "kind", "state", "from", "until", "disease_name", "area", "providers", "from_provider", "applied", "reason",
        ],
        yearly: false,
        listed: true,
    },
    View {
        word: "categories",
        name: ["类别记录", "Categories"],
        verb: "category history",
        columns: &["category", "state", "from", "end", "source", "reported", "recorded", "actor", "reason"],
        yearly: false,
        listed: true,
    },
    View {
        word: "due-reasons",
        name: ["缴费依据", "Why this is due"],
        verb: "dues reasons",
        columns: &["what", "text", "clauses", "basis"],
        yearly: true,
        listed: false,
    },
];

/// The person.
pub async fn page(asked: Asked, Path(at): Path<String>) -> Response {
    if let Err(response) = clerk(&asked) {
        return *response;
    }
    let page = shown(&asked, &at).await;
    asked.show(page)
}

async fn shown(asked: &Asked, at: &str) -> Result<Page, Problem> {
    let caller = asked.caller.as_ref().map_err(Clone::clone)?;
    let person = behind(asked, at)?;
    let year = asked.today().year();
    let record = ask(asked, caller, "person show", json!({ "person": person })).await?;
    let cover = ask(asked, caller, "member cover", json!({ "person": person })).await?;
    let running = ask(asked, caller, "care running", json!({ "person": person, "year": year })).await?;
    let name = name(&record);
    let body = html! {
        nav.back { a href="/counter" { "← " (asked.of("柜台", "Counter")) } }
        h1 { (name) }
        (tabs(asked, at, ""))
        (covered(asked, &cover))
        (tasks(asked, caller, at))
        div.columns {
            section.card aria-labelledby="record" {
                h2 #record { (asked.of("登记信息（脱敏）", "On the register, masked")) }
                (facts(asked, &record))
            }
            section.card aria-labelledby="running" {
                h2 #running { (year) (asked.of(" 年累计", ": used of the year")) }
                (used(asked, &running))
            }
        }
    };
    Ok(Page::new(name, body))
}

/// The masked name of a record.
fn name(record: &Table) -> String {
    let of_name = Row::all(record).find(|row| row.text("item") == "姓名");
    of_name.map(|row| row.text("value")).unwrap_or_default()
}

/// Whom a form or a list is about, masked: who works on several persons at once is to see which one it is.
pub async fn whom(asked: &Asked, caller: &Caller, at: &str) -> Result<Markup, Problem> {
    let person = behind(asked, at)?;
    let record = ask(asked, caller, "person show", json!({ "person": person })).await?;
    let number = Row::all(&record).find(|row| row.text("value").contains("**") && row.text("item") != "姓名");
    Ok(html! {
        p.whom { strong { (name(&record)) } @if let Some(row) = number { " " (row.text("value")) } }
    })
}

/// The ways among what there is of a person.
fn tabs(asked: &Asked, at: &str, here: &str) -> Markup {
    let to = |word: &str| {
        if word.is_empty() { format!("/counter/person/{at}") } else { format!("/counter/person/{at}/list/{word}") }
    };
    let current = |word: &str| (word == here).then_some("page");
    html! {
        nav.tabs aria-label=(asked.of("此人的记录", "Of this person")) {
            a href=(to("")) aria-current=[current("")] { (asked.of("概况", "Overview")) }
            @for view in VIEWS.iter().filter(|view| view.listed) {
                a href=(to(view.word)) aria-current=[current(view.word)] { (asked.of(view.name[0], view.name[1])) }
            }
        }
    }
}

/// Whether the person is covered today, and why or why not.
fn covered(asked: &Asked, cover: &Table) -> Markup {
    let told = Told::new(asked, "member cover", cover);
    let Some(row) = Row::all(cover).next() else { return html! {} };
    let word = |name: &str| {
        let at = cover.columns.iter().position(|column| column.name == name);
        at.map(|at| told.cell(at, row.value(name))).unwrap_or_default()
    };
    let is_covered = row.value("covered") == &Value::Bool(true);
    let (why, cure) = asked.pages.words.refusal(asked.lang(), &row.text("code"), &row.text("why"), "");
    html! {
        @if is_covered {
            p.state.good { strong { (asked.of("今日在保", "Covered today")) } " · " (word("scheme")) " · " (word("tier")) " · " (word("group"))
                " · " (word("from")) " – " (word("until")) }
        } @else {
            p.state.bad { strong { (asked.of("今日不在保：", "Not covered today: ")) } (why) @if !cure.is_empty() { " " (cure) } }
        }
    }
}

/// What can be done, by whoever may do it.
fn tasks(asked: &Asked, caller: &Caller, at: &str) -> Markup {
    let groups = Group::ALL.iter().filter_map(|(group, name)| {
        let of = |task: &&super::task::Task| task.group == Some(*group) && asked.app.may(caller, task.verb);
        let tasks: Vec<_> = TASKS.iter().filter(of).collect();
        (!tasks.is_empty()).then_some((name, tasks))
    });
    html! {
        nav.tasks aria-label=(asked.of("办理业务", "Tasks")) {
            @for (name, tasks) in groups {
                div {
                    span.hint { (asked.of(name[0], name[1])) }
                    ul { @for task in tasks {
                        li { a href=(format!("/counter/person/{at}/do/{}", task.word)) { (asked.of(task.name[0], task.name[1])) } }
                    } }
                }
            }
        }
    }
}

/// The lines of a record.
fn facts(asked: &Asked, record: &Table) -> Markup {
    let told = Told::new(asked, "person show", record);
    let cell = |row: Row<'_>, at: usize, name: &str| told.cell(at, row.value(name));
    html! {
        table {
            tbody { @for row in Row::all(record) { tr {
                th scope="row" { (cell(row, 0, "item")) }
                td { (cell(row, 1, "value")) }
                td.d {
                    (row.text("from"))
                    @if !row.value("end").is_null() { (asked.of(" 至 ", " to ")) (row.text("end")) (asked.of(" 前", " (before)")) }
                    @if !row.text("source").is_empty() { " " span.hint { (row.text("source")) } }
                }
            } } }
        }
    }
}

/// A statement whose foot is its sums; what is used of the year is told by the question for that, in words.
pub fn first_line(statement: &Table) -> Table {
    let foot = statement.foot.lines().next().unwrap_or_default().to_owned();
    Table { foot, ..statement.clone() }
}

/// What is used of the year's deductibles and limits.
pub fn used(asked: &Asked, running: &Table) -> Markup {
    let told = Told::new(asked, "care running", running);
    let cell = |row: Row<'_>, name: &str| {
        let at = running.columns.iter().position(|column| column.name == name).unwrap_or_default();
        told.cell(at, row.value(name))
    };
    html! {
        @if !running.rows.is_empty() {
            table { tbody { @for row in Row::all(running) { tr {
                td { @if asked.lang() == domain::Lang::En && !row.value("payer").is_null() { (cell(row, "payer")) } @else { (cell(row, "name")) } }
                td { (cell(row, "what")) }
                td.n { (cell(row, "amount")) }
            } } } }
        }
        p.hint { (asked.said(&running.foot)) }
    }
}

/// A list about a person.
pub async fn list(asked: Asked, Path((at, word)): Path<(String, String)>) -> Response {
    if let Err(response) = clerk(&asked) {
        return *response;
    }
    let Some(view) = VIEWS.iter().find(|view| view.word == word) else {
        return crate::asked::onward(&format!("/counter/person/{at}"));
    };
    let table = answered(&asked, &at, view).await;
    let (year, whom, table) = match table {
        Ok(found) => found,
        Err(problem) => return asked.show(Err(problem)),
    };
    let list = List { verb: view.verb, table: &table, columns: view.columns };
    if let Some(workbook) = list.exported(&asked) {
        return workbook;
    }
    let title = asked.of(view.name[0], view.name[1]);
    let body = html! {
        nav.back { a href="/counter" { "← " (asked.of("柜台", "Counter")) } }
        h1 { (title) }
        (whom)
        (tabs(&asked, &at, view.word))
        @if view.yearly {
            form.year method="get" action=(asked.path) {
                @for (name, text) in others(&asked).iter().filter(|(name, _)| name != "year") { input type="hidden" name=(name) value=(text); }
                (line("year", asked.of("年度", "Year"), "text", &year.to_string(), ""))
                button.quiet type="submit" { (asked.of("查看", "Show")) }
            }
        }
        (list.shown(&asked, |row| acts(&asked, &at, view, row)))
        div.act { button.quiet type="button" data-print hidden { (asked.of("打印", "Print")) } }
    };
    asked.show(Ok(Page::new(title, body)))
}

async fn answered(asked: &Asked, at: &str, view: &View) -> Result<(i16, Markup, Table), Problem> {
    let caller = asked.caller.as_ref().map_err(Clone::clone)?;
    let person = behind(asked, at)?;
    let year = asked.one("year").and_then(|text| text.parse().ok()).unwrap_or_else(|| asked.today().year());
    let fields = if view.yearly { json!({ "person": person, "year": year }) } else { json!({ "person": person }) };
    let table = ask(asked, caller, view.verb, fields).await?;
    let table = if view.verb == "care statement" { first_line(&table) } else { table };
    Ok((year, whom(asked, caller, at).await?, table))
}

/// What can be done with a line of a list.
fn acts(asked: &Asked, at: &str, view: &View, row: Row<'_>) -> Markup {
    let year = row.text("year");
    let of = |column: &str| handle(asked, &row.text(column));
    let task = |word: &str, says: &str| -> Markup {
        let verb = named(word.split('?').next().unwrap_or_default()).map(|task| task.verb);
        let may = asked.caller.as_ref().is_ok_and(|caller| verb.is_some_and(|verb| asked.app.may(caller, verb)));
        html! { @if may { a href=(format!("/counter/person/{at}/do/{word}")) { (says) } " " } }
    };
    html! {
        @match view.word {
            "care" => {
                a href=(format!("/counter/person/{at}/why/{}", of("settlement"))) { (asked.of("理由", "Why")) } " "
                (task(&format!("reverse?of={}", of("settlement")), asked.of("撤销", "Reverse")))
            }
            "cover" => {
                (task(&format!("tier?year={year}"), asked.of("变更档次", "Tier")))
                (task(&format!("leave?year={year}"), asked.of("终止", "End")))
            }
            "dues" => {
                a href=(format!("/counter/person/{at}/list/due-reasons?year={year}")) { (asked.of("依据", "Why")) } " "
                @if row.text("open") != "0.00" && !row.text("open").is_empty() { (task(&format!("pay?year={year}"), asked.of("收款", "Pay"))) }
                @else if row.text("state") == "paid" { (task(&format!("refund?year={year}"), asked.of("退费", "Refund"))) }
                @if row.text("received") == "0.00" && row.text("state") != "cancelled" { (task(&format!("cancel-bill?year={year}"), asked.of("撤销", "Cancel"))) }
            }
            "filings" => {
                @if row.text("state") == "applied" { (task(&format!("filing-decide?of={}", of("filing")), asked.of("审核", "Decide"))) }
                @if ["applied", "approved"].contains(&row.text("state").as_str()) { (task(&format!("filing-end?of={}", of("filing")), asked.of("终止", "End"))) }
            }
            "categories" if row.text("state") == "有效" => {
                (task("category-end", asked.of("终止", "End")))
            }
            _ => {}
        }
    }
}
