//! What the notices say: which there are, what holds on a day, two sides beside each other, what is open, what runs.

mod compare;
mod coverage;
mod notices;
mod open;
mod terms;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use maud::{Markup, html};
use server::{App, Problem};

use crate::asked::{Asked, Page};
use crate::layout::law_ways;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/policy", get(|asked| page(asked, notices::show)))
        .route("/policy/terms", get(|asked| page(asked, terms::show)))
        .route("/policy/compare", get(|asked| page(asked, compare::show)))
        .route("/policy/open", get(|asked| page(asked, open::show)))
        .route("/policy/coverage", get(|asked| page(asked, coverage::show)))
}

/// Folding terms and running cases is work: others are not kept waiting by it.
async fn page(asked: Asked, show: fn(&Asked) -> Result<Page, Problem>) -> Response {
    let shown = tokio::task::spawn_blocking(move || {
        let page = show(&asked);
        asked.show(page)
    });
    shown.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// The head that these pages have in common.
fn head(asked: &Asked, title: &str, lead: &str) -> Markup {
    html! {
        (law_ways(asked))
        h1 { (title) }
        p.lead { (lead) }
    }
}

/// A table that may be wider than the page.
fn wide(name: &str, table: Markup) -> Markup {
    html! { div.wide tabindex="0" role="region" aria-label=(name) { (table) } }
}
