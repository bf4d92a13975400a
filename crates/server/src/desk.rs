//! Coming in and going out: signing in by a password, the first administrator, who one is. By single sign-on: [`crate::sso`].

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use books::Refusal;
use books::users::any_user;
use serde_json::{Map, Value, json};

use crate::access::{Caller, Scope, SignedIn, secret};
use crate::app::{App, peer};
use crate::ops::Asker;
use crate::problem::Problem;
use crate::rest::object;

/// Bytes of a request at most.
const BODY: usize = 4 * 1024;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/sign-in", post(sign_in))
        .route("/v1/sign-in/first", post(first))
        .route("/v1/sign-out", post(sign_out))
        .route("/v1/me", get(me))
}

async fn sign_in(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let from = peer(&request);
    let mut fields = object(request, BODY, app.settings.arrival).await?;
    let (name, password) = (text(&mut fields, "name")?, text(&mut fields, "password")?);
    no_more(&fields)?;
    let signed_in = app.access.sign_in(&app.bridge, from, &name, password).await?;
    Ok(welcome(signed_in))
}

/// What somebody is told who has signed in: the token, which nobody on the way is to keep.
pub(crate) fn welcome(signed_in: SignedIn) -> Response {
    let SignedIn { token, seconds, name, role } = signed_in;
    let answer = json!({ "token": token, "expires_in": seconds, "name": name, "role": role });
    let mut response = told(&name, answer);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Makes the first administrator, by the token that was printed at the start.
async fn first(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    app.access.rate_try(peer(&request))?;
    let mut fields = object(request, BODY, app.settings.arrival).await?;
    let (token, name) = (text(&mut fields, "token")?, text(&mut fields, "name")?);
    let password = text(&mut fields, "password")?;
    no_more(&fields)?;
    if !app.access.first.take(&token) {
        let message = "这个启用口令不对、已用过或已过期";
        let cure = "没有用户时，重新启动服务会给出新的口令；已有管理员的，由他新增用户";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong-token", message, cure));
    }
    let made = make_first(&app, &name, password).await;
    if made.is_err() {
        app.access.first.put_back(&token);
    }
    made.map(|answer| told(&name, answer))
}

async fn make_first(app: &Arc<App>, name: &str, password: String) -> Result<Value, Problem> {
    if app.bridge.look(|_, books| any_user(books)).await? {
        let message = "已经有用户了";
        return Err(Refusal::new("already-a-user", message, "由管理员新增用户").into());
    }
    let hashed = tokio::task::spawn_blocking(move || secret::password(&password)).await;
    let hash = hashed.map_err(|_| Refusal::new("no-hash", "密码没有算成", "重试"))??;
    let fields = json!({ "name": name, "password_hash": hash, "role": "admin" });
    let Value::Object(fields) = fields else { return Ok(Value::Null) };
    let answer = app.bridge.submit("user add", fields, service::request_id(), "first-token").await?;
    app.access.forget();
    Ok(json!({ "says": answer.says, "english": answer.english, "name": name, "role": "admin" }))
}

async fn sign_out(State(app): State<Arc<App>>, request: Request) -> Result<StatusCode, Problem> {
    app.access.caller(&app.bridge, request.headers()).await?;
    app.access.sign_out(&app.bridge, request.headers()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn me(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let caller = app.access.caller(&app.bridge, request.headers()).await?;
    let Caller { actor, role, scope } = &caller;
    let mut answer = json!({ "name": actor, "role": role, "region": app.bridge.region() });
    match scope {
        Scope::Person(person) => answer["person"] = json!(person),
        Scope::Provider(provider) => answer["provider"] = json!(provider),
        Scope::Area(area) => answer["area"] = json!(area),
        Scope::Region | Scope::Nothing => {}
    }
    Ok(told(actor, answer))
}

fn told(name: &str, answer: Value) -> Response {
    let mut response = axum::Json(answer).into_response();
    response.extensions_mut().insert(Asker(name.to_owned()));
    response
}

fn text(fields: &mut Map<String, Value>, name: &str) -> Result<String, Problem> {
    match fields.remove(name) {
        Some(Value::String(text)) if !text.is_empty() && text.len() <= 512 => Ok(text),
        Some(_) => Err(Refusal::new("bad-field", format!("{name} 应为文字"), format!("写 {name}")).into()),
        None => Err(Refusal::new("missing-field", format!("缺少 {name}"), format!("给出 {name}")).into()),
    }
}

fn no_more(fields: &Map<String, Value>) -> Result<(), Problem> {
    match fields.keys().next() {
        Some(name) => Err(Refusal::new("unknown-field", format!("没有 {name} 这一项"), "去掉它").into()),
        None => Ok(()),
    }
}
