//! The terms in force in a region on a day, with the clause behind every figure.

use domain::Date;
use maud::{Markup, html};
use policy::open::missing;
use policy::{Cited, Held, Region, Terms, View, place};
use server::Problem;

use super::{of_a_day, wide};
use crate::asked::{Asked, Page};
use crate::clause;
use crate::fields::{basis, region_name};

pub fn show(asked: &Asked) -> Result<Page, Problem> {
    let title = asked.of("当日条款", "Terms of a day");
    let lead = asked.of(
        "某地某日有效的规定，每一项写明条文和依据。",
        "What holds in a region on a day, each provision with its clause and basis.",
    );
    of_a_day(asked, "/policy/terms", title, lead, listed)
}

/// Statements about figures are not figures, and the steps of service matters are long.
pub fn is_figure(key: &str) -> bool {
    !key.starts_with("check.") && !key.starts_with("matter.")
}

fn listed(asked: &Asked, region: &Region, day: Date) -> Markup {
    let view = View::default();
    let terms = asked.pages.library.terms(region, day, &view);
    let mut keys: Vec<(&str, Held<'_>)> = terms.iter().filter(|(key, _)| is_figure(key)).collect();
    keys.sort_by_cached_key(|(key, _)| place(&terms, key));
    let name = format!("{} {day}", region_name(region, asked.lang()));
    html! {
        h2 { (name) }
        p.hint { (keys.len()) (asked.of(" 项；条款摘要 ", " provisions; hash of the terms ")) code { (terms.hash().chars().take(12).collect::<String>()) } }
        (wide(&name, html! {
            table {
                thead { tr {
                    th scope="col" { (asked.of("条款", "Provision")) }
                    th scope="col" { (asked.of("内容", "What it says")) }
                    th scope="col" { (asked.of("出处", "Where from")) }
                } }
                tbody { @for (key, held) in keys { (row(asked, &terms, key, held)) } }
            }
        }))
    }
}

fn row(asked: &Asked, terms: &Terms<'_>, key: &str, held: Held<'_>) -> Markup {
    let (cited, ended) = match held {
        Held::InForce(cited) => (cited, None),
        Held::Ended(cited, on) => (cited, Some(on)),
    };
    html! {
        tr id=(key) class=[ended.map(|_| "off")] {
            th scope="row" { (asked.pages.words.key(asked.lang(), terms, key)) br; code { (key) } }
            td {
                @if let Some(on) = ended { p.hint { (on) (asked.of(" 起失效，原为：", " it ended; it was:")) } }
                @if missing(terms, cited).is_some() && ended.is_none() { p.hint { (asked.of("待定", "open")) } }
                (says(asked, terms, cited))
            }
            td { (from(asked, cited)) }
        }
    }
}

/// What a provision says, a line each.
pub fn says(asked: &Asked, terms: &Terms<'_>, cited: Cited<'_>) -> Markup {
    html! { @for line in asked.pages.words.lines(asked.lang(), terms, cited.provision) { div { (line) } } }
}

/// Where a provision stands, and on what it rests.
pub fn from(asked: &Asked, cited: Cited<'_>) -> Markup {
    let Cited { provision, notice } = cited;
    html! {
        (basis(asked.lang(), provision.basis)) " "
        @if provision.clauses.is_empty() { code { (notice.id) } }
        (clause::list(&asked.pages.library, asked.lang(), &provision.clauses))
        @if let Some(source) = provision.source() { p.hint lang="zh-CN" { (source) } }
    }
}
