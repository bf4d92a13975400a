//! What an answer says: in words; of a settlement, who pays what as a picture, and the reasons of every amount.

use axum::extract::Path;
use axum::response::Response;
use books::{Answer, Step};
use domain::{Basis, Fen, Payer};
use maud::{Markup, html};
use serde_json::json;
use server::Problem;

use super::task::Task;
use super::{ask, behind, clerk};
use crate::asked::{Asked, Page};
use crate::fields::caution;
use crate::list::Row;
use crate::mine;
use crate::picture::{Pour, poured};
use crate::sheet::{with_unit, word};

/// What an answer says.
pub fn answered(asked: &Asked, task: &Task, answer: &Answer) -> Markup {
    html! {
        @if task.verb == "care settle" && answer.fields.contains_key("payers") { (receipt(asked, answer)) }
        @else { p.says { (asked.of(&answer.says, &answer.english)) } }
        @if !answer.steps.is_empty() {
            h2 { (asked.of("为什么", "Why")) }
            @for step in &answer.steps { (reason(asked, step)) }
        }
    }
}

fn reason(asked: &Asked, step: &Step) -> Markup {
    let text =
        if step.english.is_empty() { asked.said(&step.text) } else { asked.of(&step.text, &step.english).to_owned() };
    html! {
        p.step { (text) " " span.basis { (word(asked, &step.basis)) } }
        @if !step.sources.is_empty() {
            ul.cites { @for source in &step.sources {
                li { @if asked.pages.library.register.get(source).is_some() { (crate::clause::one(&asked.pages.library, asked.lang(), source)) } @else { (crate::clause::source(&asked.pages.library, asked.lang(), &asked.said(source))) } }
            } }
        }
    }
}

/// The receipt of a settlement.
fn receipt(asked: &Asked, answer: &Answer) -> Markup {
    let text = |name: &str| answer.fields.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    let fen = |name: &str| Fen::parse_yuan(text(name)).unwrap_or(Fen::ZERO);
    let payers = answer.fields.get("payers").and_then(serde_json::Value::as_object);
    let paid = payers
        .into_iter()
        .flatten()
        .filter_map(|(code, amount)| Some((Payer::parse(code)?, Fen::parse_yuan(amount.as_str()?).ok()?)));
    let (whole, own) = (fen("total"), fen("person"));
    html! {
        dl.answer {
            div { dt { (asked.of("基金付", "The funds pay")) } dd #funds { (with_unit(asked.lang(), fen("funds"))) } }
            div { dt { (asked.of("个人付", "The person pays")) } dd #own { (with_unit(asked.lang(), own)) } }
            div { dt { (asked.of("总费用", "Whole bill")) } dd.lesser { (with_unit(asked.lang(), whole)) } }
        }
        @if let Some(basis) = Basis::parse(text("basis")) { (caution(asked.lang(), basis)) }
        (picture(asked, whole, paid.collect(), own))
        p.hint { (asked.of("机构 ", "Provider ")) (text("provider")) (asked.of("，就诊号 ", ", visit ")) (text("visit")) (asked.of("，", ", ")) (text("date")) }
    }
}

/// The bill poured through the funds, down to what the person bears.
fn picture(asked: &Asked, whole: Fen, paid: Vec<(Payer, Fen)>, own: Fen) -> Markup {
    let named = |payer: Payer| asked.of(payer.name(), payer.english()).to_owned();
    let mut parts: Vec<Pour> =
        paid.into_iter().map(|(payer, amount)| Pour { name: named(payer), amount, class: class(payer) }).collect();
    parts.push(Pour { name: asked.of("个人负担", "The person").to_owned(), amount: own, class: "own" });
    parts.retain(|part| part.amount > Fen::ZERO);
    poured(asked, whole, &parts)
}

fn class(payer: Payer) -> &'static str {
    match payer {
        Payer::Basic => "basic",
        Payer::Catastrophic | Payer::LargeAmount => "catastrophic",
        Payer::Assistance | Payer::Tilt => "assistance",
        _ => "other",
    }
}

/// The reasons of a settlement of a person.
pub async fn why(asked: Asked, Path((at, of)): Path<(String, String)>) -> Response {
    if let Err(response) = clerk(&asked) {
        return *response;
    }
    let page = explained(&asked, &at, &of).await;
    asked.show(page)
}

async fn explained(asked: &Asked, at: &str, of: &str) -> Result<Page, Problem> {
    let caller = asked.caller.as_ref().map_err(Clone::clone)?;
    let (person, settlement) = (behind(asked, at)?, behind(asked, of)?);
    let reasons = ask(asked, caller, "care explain", json!({ "settlement": settlement })).await?;
    let year = settlement.rsplit('-').nth(1).and_then(|year| year.parse::<i16>().ok());
    let year = year.unwrap_or_else(|| asked.today().year());
    let statement = ask(asked, caller, "care statement", json!({ "person": person, "year": year })).await?;
    let visit = Row::all(&statement).find(|row| row.text("settlement") == settlement);
    let title = asked.of("为什么这样付", "Why it was paid so");
    let body = html! {
        nav.back { a href=(format!("/counter/person/{at}/list/care?year={year}")) { "← " (asked.of("回到结算", "Back to the settlements")) } }
        h1 { (title) }
        section.card aria-label=(title) {
            @if let Some(row) = visit {
                @let fen = |name: &str| Fen::parse_yuan(&row.text(name)).unwrap_or(Fen::ZERO);
                (picture(asked, fen("total"), payers(row), fen("person")))
            }
            (mine::explained(asked, &settlement, &reasons))
        }
        div.act { button.quiet type="button" data-print hidden { (asked.of("打印", "Print")) } }
    };
    Ok(Page::new(title, body))
}

/// The funds of a line of a statement, which writes each as its name and its amount.
fn payers(row: Row<'_>) -> Vec<(Payer, Fen)> {
    let paid = |one: &serde_json::Value| {
        let (name, amount) = one.as_str()?.rsplit_once(' ')?;
        Some((Payer::parse(name)?, Fen::parse_yuan(amount).ok()?))
    };
    row.value("payers").as_array().into_iter().flatten().filter_map(paid).collect()
}
