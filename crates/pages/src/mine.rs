//! My statements: what the books have of whoever has signed in as himself. His number stands in no address: it is the scope of
//! his role, filled in where the question is allowed.

use axum::extract::{Request, State};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Value, json};
use server::access::Caller;
use server::{App, Problem};
use std::sync::Arc;

use crate::asked::{Asked, Page, field};
use crate::fields::line;
use crate::layout::hidden_token;
use crate::{clause, counter, sheet, sign};

/// The page for the year of the books.
pub async fn page(asked: Asked) -> Response {
    if asked.caller.is_err() {
        return asked.to_sign_in();
    }
    let year = asked.today().year();
    let page = show(&asked, year, None).await;
    asked.show(page)
}

/// The page for a year, or with the reasons of a settlement, asked for by a form.
pub async fn ask(asked: Asked, State(app): State<Arc<App>>, request: Request) -> Response {
    let page = match sign::form(&asked, &app, request).await {
        Ok(said) => {
            let year = field(&said, "year").trim().parse().unwrap_or_else(|_| asked.today().year());
            show(&asked, year, Some(field(&said, "settlement").trim()).filter(|text| !text.is_empty())).await
        }
        Err(problem) => Err(problem),
    };
    asked.show(page)
}

async fn show(asked: &Asked, year: i16, settlement: Option<&str>) -> Result<Page, Problem> {
    let caller = asked.caller.as_ref().map_err(Clone::clone)?;
    let statement = question(asked, caller, "care statement", json!({ "year": year })).await?;
    let running = question(asked, caller, "care running", json!({ "year": year })).await?;
    let reasons = match settlement {
        Some(number) => Some((number, question(asked, caller, "care explain", json!({ "settlement": number })).await?)),
        None => None,
    };
    let title = asked.of("我的账单", "My statements");
    let body = html! {
        h1 { (title) }
        form.ask method="post" action="/mine" {
            (hidden_token(asked))
            div.grid {
                (line("year", asked.of("年度", "Year"), "text", &year.to_string(), ""))
                div.act { button type="submit" { (asked.of("查看", "Show")) } }
            }
        }
        @if let Some((number, reasons)) = &reasons {
            section.card aria-label=(asked.of("理由", "Reasons")) { (explained(asked, number, reasons)) }
        }
        section.card aria-label=(asked.of("结算", "Settlements")) {
            h2 { (year) (asked.of(" 年的结算", ": settlements")) }
            (sheet::table(asked, &counter::first_line(&statement), &["date", "provider_name", "care", "total", "in_scope", "payers", "person", "basis"]))
            (choices(asked, year, &statement))
        }
        section.card aria-labelledby="running" {
            h2 #running { (year) (asked.of(" 年累计", ": used of the year")) }
            (counter::used(asked, &running))
        }
        div.act { button.quiet type="button" data-print hidden { (asked.of("打印", "Print")) } }
    };
    Ok(Page::new(title, body))
}

async fn question(asked: &Asked, caller: &Caller, verb: &str, fields: Value) -> Result<books::Table, Problem> {
    asked.app.ask(caller, verb, counter::as_fields(fields)).await
}

/// A button a settlement that tells its reasons.
fn choices(asked: &Asked, year: i16, statement: &books::Table) -> Markup {
    let at = |name: &str| statement.columns.iter().position(|column| column.name == name);
    let text = |row: &[Value], name: &str| at(name).and_then(|at| Some(row.get(at)?.as_str()?.to_owned()));
    let visits: Vec<(String, String, String)> = statement
        .rows
        .iter()
        .filter_map(|row| Some((text(row, "settlement")?, text(row, "date")?, text(row, "total")?)))
        .collect();
    html! {
        @if !visits.is_empty() {
            form.act method="post" action="/mine" {
                (hidden_token(asked))
                input type="hidden" name="year" value=(year);
                span { (asked.of("为什么这样付：", "Why it was paid so: ")) }
                @for (number, date, total) in &visits {
                    button.quiet type="submit" name="settlement" value=(number) { (date) " · " (total) }
                }
            }
        }
    }
}

/// The reasons of a settlement: in the language of the page, with their sources.
pub fn explained(asked: &Asked, number: &str, reasons: &books::Table) -> Markup {
    let column = |name: &str| reasons.columns.iter().position(|column| column.name == name);
    let text = |row: &[Value], name: &str| -> String {
        column(name).and_then(|at| row.get(at)?.as_str()).unwrap_or_default().to_owned()
    };
    html! {
        h2 { (asked.of("结算 ", "Settlement ")) (number) }
        p { (asked.said(&reasons.foot)) }
        @for row in &reasons.rows {
            p.step { (asked.of(&text(row, "text"), &text(row, "english"))) " " span.basis { (sheet::word(asked, &text(row, "basis"))) } }
            @if let Some(Value::Array(sources)) = column("sources").and_then(|at| row.get(at)) {
                ul.cites { @for source in sources { li { (clause::source(&asked.pages.library, asked.lang(), &asked.said(source.as_str().unwrap_or_default()))) } } }
            }
        }
    }
}
