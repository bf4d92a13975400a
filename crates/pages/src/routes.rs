//! Where each page is.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::ACCEPT;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use server::{App, Problem, nothing_here};

use crate::asked::{Asked, sent};
use crate::{Pages, benefit, counter, home, law, look, mine, pay, sign, simulate};

/// All pages.
pub fn routes(pages: Arc<Pages>) -> Router<Arc<App>> {
    Router::new()
        .route("/", get(home::page))
        .route("/pay", get(pay::page).post(sent))
        .route("/benefit", get(benefit::page).post(sent))
        .route("/mine", get(mine::page).post(mine::ask))
        .route("/sign-in", get(sign::page).post(sign::sign_in))
        .route("/sign-out", post(sign::sign_out))
        .merge(law::routes())
        .merge(counter::routes())
        .merge(simulate::routes())
        .fallback(nowhere)
        .layer(Extension(pages))
        .merge(look::routes())
}

/// An address that nobody knows: a page for whoever reads pages, and for a program what it is always told.
async fn nowhere(asked: Asked, request: Request) -> Response {
    let reads = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
    if !reads.is_some_and(|accept| accept.contains("text/html")) {
        return nothing_here().await.into_response();
    }
    let what = asked.of("没有这一页", "there is no such page");
    let cure = asked.of("核对地址，或从上面的导航进入", "check the address, or go on by the links above");
    asked.show(Err(Problem::new(StatusCode::NOT_FOUND, "unknown-page", what, cure)))
}
