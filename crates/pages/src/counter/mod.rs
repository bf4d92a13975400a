//! The counter: find a person, see the record, do what is asked, and what waits to be done.
//!
//! A page asks and acts by the server's door alone, which decides who may and puts every look on record; what somebody may not do
//! has no button, and is refused all the same. A change goes by the key of its form: sent twice, reloaded or sent again after a
//! lost answer it is done once, and its page says what happened. No person stands in an address: a handle does ([`crate::handle`]).

mod act;
mod find;
mod form;
mod lately;
mod person;
mod settled;
mod task;
mod work;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use books::Table;
use serde_json::{Map, Value};
use server::access::Caller;
use server::{App, Problem};

use crate::asked::Asked;
use crate::{handle, list};

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/counter", get(find::page).post(find::look))
        .route("/counter/found/{handle}", get(find::found))
        .route("/counter/filter", post(list::filtered))
        .route("/counter/do/{word}", get(act::blank).post(act::carry_out))
        .route("/counter/done/{word}/{key}", get(act::done))
        .route("/counter/person/{handle}", get(person::page))
        .route("/counter/person/{handle}/why/{of}", get(settled::why))
        .route("/counter/person/{handle}/list/{word}", get(person::list))
        .route("/counter/person/{handle}/do/{word}", get(act::blank_of).post(act::carry_out_of))
        .route("/work", get(work::page))
        .route("/work/{word}", get(work::list))
}

pub use person::{first_line, used};

/// Whether somebody may come to the counter at all: who may look persons up.
pub fn may(app: &App, caller: &Caller) -> bool {
    app.may(caller, "person find")
}

/// Who is at the counter.
///
/// # Errors
/// The page for who has not signed in, or may not be here.
fn clerk(asked: &Asked) -> Result<&Caller, Box<Response>> {
    let Ok(caller) = &asked.caller else { return Err(asked.to_sign_in().into()) };
    if may(&asked.app, caller) {
        return Ok(caller);
    }
    let what = asked.of("这一页是经办窗口用的，您的身份不能用", "this page is for the counter, which you are not");
    let cure = asked.of(
        "看自己的账单到“我的账单”；需要经办权限的，请管理员设身份 counter",
        "your own bills are at My statements; who needs the counter asks the administrator for the role counter",
    );
    Err(asked.show(Err(Problem::new(StatusCode::FORBIDDEN, "not-the-counter", what, cure))).into())
}

/// A question of the books.
async fn ask(asked: &Asked, caller: &Caller, verb: &str, fields: Value) -> Result<Table, Problem> {
    asked.app.ask(caller, verb, as_fields(fields)).await
}

/// Fields as they are handed on.
pub fn as_fields(fields: Value) -> Map<String, Value> {
    if let Value::Object(fields) = fields { fields } else { Map::new() }
}

/// The text of a handle.
///
/// # Errors
/// When it was made for another visitor: somebody else came by it, or somebody who has signed in anew since.
fn behind(asked: &Asked, handle: &str) -> Result<String, Problem> {
    handle::text(&asked.secret, handle).ok_or_else(|| {
        let what = asked.of(
            "这个地址是另一次登录的，看不出是谁",
            "this address is of another sign-in: whom it is about cannot be told",
        );
        let cure = asked.of("回到柜台重新查找；已办的不受影响", "look for the person again; what was done stands");
        Problem::new(StatusCode::NOT_FOUND, "forgotten", what, cure)
    })
}

/// A handle of a text.
fn handle(asked: &Asked, text: &str) -> String {
    handle::of(&asked.secret, text)
}
