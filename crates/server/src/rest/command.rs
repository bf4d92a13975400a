//! A command over HTTP: who asks, whether he may, whether a second person must, and the answer once it stands.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use books::{Answer, Command, Refusal};
use serde_json::{Map, Value, json};

use super::input;
use super::question::{Who, record, seen};
use super::second::{self, Second};
use crate::access::{Caller, new_key, secret};
use crate::app::App;
use crate::bridge::takes_text;
use crate::ops::Asker;
use crate::problem::Problem;

const KEY: &str = "idempotency-key";

/// Carries it out, or tells what it would answer.
pub(super) async fn run(
    form: &'static Command,
    State(app): State<Arc<App>>,
    who: Who,
    request: Request,
) -> Result<Response, Problem> {
    let caller = who.0;
    let estimate = only_estimate(request.uri().query())?;
    let key = key(request.headers())?;
    let limit = if takes_text(form.verb) { app.settings.file } else { app.settings.body };
    let fields = input::object(request, limit, app.settings.arrival).await?;
    if estimate {
        let answer = estimated(&app, &caller, form, fields).await?;
        return Ok(told(&caller, None, Done { answer, ..Done::default() }));
    }
    // Keys of one client are no business of another's.
    let request = format!("rest/{}/{key}", caller.actor);
    let done = carry_out(&app, &caller, form, fields, request).await?;
    Ok(told(&caller, Some(&key), done))
}

/// What came of a command.
#[derive(Default)]
pub(crate) struct Done {
    /// What it is answered.
    pub answer: Answer,
    /// Whether it waits for a second person.
    pub waits: bool,
    /// What was made for the caller, and is kept nowhere in clear.
    secret: Option<String>,
}

/// What a command would answer, if he who asks may carry it out; the look is put on record.
pub(crate) async fn estimated(
    app: &Arc<App>,
    caller: &Caller,
    form: &'static Command,
    mut fields: Map<String, Value>,
) -> Result<Answer, Problem> {
    allowed(app, caller, form, &mut fields).await?;
    let seen = seen(app, (form.verb, form.fields), &fields);
    let answer = app.bridge.estimate(form.verb, fields, &caller.actor).await?;
    record(app, caller, form.verb, seen).await?;
    Ok(answer)
}

/// Carries a command out under a request's id, if he who asks may; or proposes it, where a second person must approve.
pub(crate) async fn carry_out(
    app: &Arc<App>,
    caller: &Caller,
    form: &'static Command,
    mut fields: Map<String, Value>,
    request: String,
) -> Result<Done, Problem> {
    allowed(app, caller, form, &mut fields).await?;
    match second::second(app, caller, form.verb, &fields, &request).await? {
        Second::No => {}
        Second::Propose(proposal) => {
            let answer = app.bridge.submit("proposal make", proposal, request, &caller.actor).await?;
            return Ok(Done { answer, waits: true, secret: None });
        }
        Second::Asked { waits, answer } => return Ok(Done { answer, waits, secret: None }),
    }
    let secret = secrets(form.verb, &mut fields).await?;
    let answer = app.bridge.submit(form.verb, fields, request, &caller.actor).await?;
    if form.verb.starts_with("user ") || form.verb.starts_with("key ") {
        app.access.forget();
    }
    Ok(Done { answer, waits: false, secret })
}

async fn allowed(
    app: &Arc<App>,
    caller: &Caller,
    form: &'static Command,
    fields: &mut Map<String, Value>,
) -> Result<(), Problem> {
    app.access.allow(&app.bridge, caller, (form.verb, form.fields), fields).await?;
    second::may_decide(app, caller, form.verb, fields).await
}

/// What the client keeps secret becomes a hash, and what it is to keep secret is made. Gives the latter.
async fn secrets(verb: &str, fields: &mut Map<String, Value>) -> Result<Option<String>, Problem> {
    for hash in ["password_hash", "secret_hash", "secret"] {
        if fields.contains_key(hash) {
            let message = format!("{verb}：没有 {hash} 这一项");
            return Err(Refusal::new("unknown-field", message, "密码写在 password，密文由服务生成").into());
        }
    }
    match verb {
        "user add" | "user passwd" => {
            if let Some(password) = fields.remove("password") {
                let Value::String(password) = password else {
                    return Err(Refusal::new("bad-field", "password 应为文字", "写成文字").into());
                };
                let hashed = tokio::task::spawn_blocking(move || secret::password(&password)).await;
                let hash = hashed.map_err(|_| Refusal::new("no-hash", "密码没有算成", "重试"))??;
                fields.insert("password_hash".to_owned(), Value::String(hash));
            } else if verb == "user passwd" {
                return Err(
                    Refusal::new("missing-field", format!("{verb}：缺少 password（密码）"), "给出 password").into()
                );
            }
            Ok(None)
        }
        "key issue" => {
            let id = fields.get("id").and_then(Value::as_str).unwrap_or_default();
            let (secret, hash) = new_key(id)?;
            fields.insert("secret_hash".to_owned(), Value::String(hash));
            if fields.get("gateway") == Some(&Value::Bool(true)) {
                fields.insert("secret".to_owned(), Value::String(secret.clone()));
            }
            Ok(Some(secret))
        }
        _ => Ok(None),
    }
}

fn only_estimate(query: Option<&str>) -> Result<bool, Problem> {
    let bad = |what: String| Refusal::new("bad-field", what, "只可写 estimate=true").into();
    match input::pairs(query)?.as_slice() {
        [] => Ok(false),
        [(name, value)] if name == "estimate" => match value.as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(bad("estimate 应为 true 或 false".to_owned())),
        },
        _ => Err(bad("地址里的参数不认识".to_owned())),
    }
}

/// The client's key of the request, or a new one.
fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let Some(given) = headers.get(KEY) else { return Ok(service::request_id()) };
    let text = given.to_str().unwrap_or_default();
    if !text.is_empty() && text.len() <= 128 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(text.to_owned());
    }
    let cure = "写 1 到 128 个可见的 ASCII 字符，不含空格，如 UUID";
    Err(Problem::new(StatusCode::BAD_REQUEST, "bad-key", "Idempotency-Key 不能用", cure))
}

fn told(caller: &Caller, key: Option<&str>, done: Done) -> Response {
    let Done { answer, waits, secret } = done;
    let status = if waits { StatusCode::ACCEPTED } else { StatusCode::OK };
    let Answer { says, english, fields, steps, mut shown } = answer;
    let mut body = json!({ "says": says, "english": english, "fields": fields });
    if !steps.is_empty() {
        body["steps"] = json!(steps);
    }
    if let Some(secret) = secret {
        shown.insert("secret".to_owned(), Value::String(secret));
    }
    if !shown.is_empty() {
        body["shown"] = Value::Object(shown);
    }
    let mut response = (status, axum::Json(body)).into_response();
    if let Some(key) = key.and_then(|key| HeaderValue::from_str(key).ok()) {
        response.headers_mut().insert(KEY, key);
    }
    response.extensions_mut().insert(Asker(caller.actor.clone()));
    response
}
