//! The national provider interface over HTTP: an envelope in, one command or question of the service, an envelope out.
//!
//! A message passes, in this order: the gateway that vouches for the sender, the envelope, the cipher, whose account it is, the
//! clock, the sign-in of the operator, the dictionary; then the transaction of its number ([`handlers`]), a file a block. Here
//! is only translation: what a transaction means is decided by the books, under the request id
//! `national/<institution>/<msgid>`, so that the same message is answered the same and carried out once.
//!
//! Invariants: an institution reaches its own visits only; what is answered as settled keeps the region's identities; a refusal
//! says in words of the interface what is wrong and what to do, and ends with its code; a message whose fate is unknown is
//! never answered as failed (HTTP 503 says to send it again).

mod accounts;
mod catalogue;
mod columns;
mod compare;
mod context;
mod desk;
mod fault;
mod files;
mod filings;
mod handlers;
mod inpatient;
mod keys;
mod lines;
mod lists;
mod matching;
mod outpatient;
mod pages;
mod person;
mod pharmacy;
mod pipeline;
mod platform;
mod questions;
mod recall;
mod review;
mod rows;
mod session;
mod settlement;
mod sheets;
mod value;
mod visit;
mod who;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::post;

use crate::app::App;

pub use platform::{National, Signing};

/// `POST /national`, and `POST /national/2207` for senders whose gateway routes by number.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new().route("/national", post(any)).route("/national/{infno}", post(numbered))
}

async fn any(State(app): State<Arc<App>>, request: Request) -> Response {
    pipeline::answer(&app, None, request).await
}

async fn numbered(State(app): State<Arc<App>>, Path(infno): Path<String>, request: Request) -> Response {
    pipeline::answer(&app, Some(&infno), request).await
}
