//! What the notices say: which there are, what holds on a day, two sides beside each other, what is open, what is found wrong, what
//! runs; and a copy of a notice to be edited.

mod compare;
mod coverage;
mod draft;
mod findings;
mod notices;
mod open;
mod terms;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use domain::Date;
use maud::{Markup, html};
use policy::Region;
use server::{App, Problem};

use crate::asked::{Asked, Page};
use crate::bill;
use crate::fields::{line, region, regions, select};
use crate::layout::{law_ways, trouble};

pub use draft::Room;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/policy", get(|asked: Asked| asked.work_out(notices::show)))
        .route("/policy/terms", get(|asked: Asked| asked.work_out(terms::show)))
        .route("/policy/compare", get(|asked: Asked| asked.work_out(compare::show)))
        .route("/policy/open", get(|asked: Asked| asked.work_out(open::show)))
        .route("/policy/findings", get(|asked: Asked| asked.work_out(findings::show)))
        .merge(draft::routes())
        .route("/policy/coverage", get(|asked: Asked| asked.work_out(coverage::show)))
}

/// The head that these pages have in common.
fn head(asked: &Asked, title: &str, lead: &str) -> Markup {
    html! {
        (law_ways(asked))
        h1 { (title) }
        p.lead { (lead) }
    }
}

/// A page about a region and a day that its form asks for.
fn of_a_day(
    asked: &Asked,
    path: &str,
    title: &str,
    lead: &str,
    listed: fn(&Asked, &Region, Date) -> Markup,
) -> Result<Page, Problem> {
    let region = region(asked)?;
    let day = bill::day(asked, "on");
    let body = html! {
        (head(asked, title, lead))
        form.ask method="get" action=(path) {
            div.grid {
                (select("region", asked.of("地区", "Region"), &regions(&asked.pages.library, asked.lang()), &region.slug))
                (line("on", asked.of("日期", "Day"), "date", &day.as_ref().map_or_else(|_| String::new(), Date::to_string), ""))
                div.act { button type="submit" { (asked.of("查看", "Show")) } }
            }
        }
        @match &day {
            Ok(day) => { (listed(asked, region, *day)) }
            Err(fault) => { (trouble(asked, &fault.what, &fault.cure)) }
        }
    };
    Ok(Page::new(title, body))
}

/// A table that may be wider than the page.
fn wide(name: &str, table: Markup) -> Markup {
    html! { div.wide tabindex="0" role="region" aria-label=(name) { (table) } }
}
