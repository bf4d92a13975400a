//! Finding a person: by the number of a document or of the person, by name, or all of an area. What is typed travels in forms alone.

use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::Response;
use books::Table;
use maud::{Markup, html};
use serde_json::json;
use server::Problem;
use server::access::Caller;

use super::{ask, behind, clerk, handle};
use crate::asked::{Asked, Page, field, onward};
use crate::fields::line;
use crate::layout::{hidden_token, refused};
use crate::list::List;
use crate::sign;

/// The columns of who was found.
const COLUMNS: [&str; 8] = ["name", "number", "sex", "born", "area", "categories", "died", "person"];

/// The counter.
pub async fn page(asked: Asked) -> Response {
    match clerk(&asked) {
        Ok(_) => asked.show(Ok(shown(&asked, "", "", None))),
        Err(response) => *response,
    }
}

fn shown(asked: &Asked, text: &str, area: &str, problem: Option<&Problem>) -> Page {
    let title = asked.of("柜台", "Counter");
    let may = |verb: &str| asked.caller.as_ref().is_ok_and(|caller| asked.app.may(caller, verb));
    let body = html! {
        h1 { (title) }
        p.lead { (asked.of("先找到人，再办业务。查看和办理都会留痕。", "Find the person, then do what is asked. Every look and every change is put on record.")) }
        @if let Some(problem) = problem {
            (refused(asked, problem))
        }
        form.ask method="post" action="/counter" role="search" {
            (hidden_token(asked))
            div.grid {
                (line("text", asked.of("证件号码、姓名或个人编号", "Document, name or person's number"), "text", text,
                    asked.of("姓名可只写一部分；不写则列出区划内的人", "a part of a name will do; left out, all of the area are listed")))
                (line("area", asked.of("区划代码", "Code of the area"), "text", area, asked.of("可只写开头", "its beginning will do")))
            }
            div.act {
                button type="submit" { (asked.of("查找", "Find")) }
                @if may("person register") { a href="/counter/do/register" { (asked.of("登记册上没有：登记人员", "Not on the register: register a person")) } }
            }
        }
    };
    Page { status: problem.map_or(StatusCode::OK, |problem| problem.status), ..Page::new(title, body) }
}

/// Looks for what was typed: a number leads to the person, a name to those who bear it.
pub async fn look(asked: Asked, request: Request) -> Response {
    let caller = match clerk(&asked) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    let said = match sign::form(&asked, &asked.app, request).await {
        Ok(said) => said,
        Err(problem) => return asked.show(Err(problem)),
    };
    let (text, area) = (field(&said, "text").trim(), field(&said, "area").trim());
    if !text.chars().any(|letter| letter.is_ascii_digit() || letter == ':' || letter == '：') {
        let wanted = json!([text, area]).to_string();
        return onward(&format!("/counter/found/{}", handle(&asked, &wanted)));
    }
    match ask(&asked, caller, "person show", json!({ "person": text })).await {
        Ok(_) => onward(&format!("/counter/person/{}", handle(&asked, text))),
        Err(problem) => asked.show(Ok(shown(&asked, text, area, Some(&problem)))),
    }
}

/// Who was found by a name or in an area.
pub async fn found(asked: Asked, Path(wanted): Path<String>) -> Response {
    let caller = match clerk(&asked) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    let table = match behind(&asked, &wanted) {
        Ok(wanted) => people(&asked, caller, &wanted).await,
        Err(problem) => Err(problem),
    };
    let (verb, table) = match table {
        Ok(found) => found,
        Err(problem) => return asked.show(Err(problem)),
    };
    let list = List { verb, table: &table, columns: &COLUMNS };
    if let Some(workbook) = list.exported(&asked) {
        return workbook;
    }
    let title = asked.of("找到的人", "Persons found");
    let open = |person: &str| -> Markup {
        let to = format!("/counter/person/{}", handle(&asked, person));
        html! { a.open href=(to) { (asked.of("打开", "Open")) } }
    };
    let body = html! {
        nav.back { a href="/counter" { "← " (asked.of("再查", "Look again")) } }
        h1 { (title) }
        (list.shown(&asked, |row| open(&row.text("person"))))
    };
    asked.show(Ok(Page::new(title, body)))
}

/// Those of a name, within an area; all of the area, where no name is given.
async fn people(asked: &Asked, caller: &Caller, wanted: &str) -> Result<(&'static str, Table), Problem> {
    let [text, area]: [String; 2] = serde_json::from_str(wanted).unwrap_or_default();
    if text.is_empty() {
        let within = if area.is_empty() { json!({}) } else { json!({ "area": area }) };
        return Ok(("person list", ask(asked, caller, "person list", within).await?));
    }
    let within = if area.is_empty() { json!({ "text": text }) } else { json!({ "text": text, "area": area }) };
    Ok(("person find", ask(asked, caller, "person find", within).await?))
}
