//! A question over HTTP: who asks, whether he may, the answer in parts, and the look on record.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::response::Response;
use books::{FieldForm, InputKind, Query, Table};
use serde_json::{Map, Value};

use super::input;
use super::page::{self, Part};
use crate::access::Caller;
use crate::app::App;
use crate::ops::Asker;
use crate::problem::Problem;

/// Who asks, found out before anything of the request is read.
pub(crate) struct Who(pub Caller);

impl FromRequestParts<Arc<App>> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Who, Problem> {
        app.access.caller(&app.bridge, &parts.headers).await.map(Who)
    }
}

/// Answers.
pub(super) async fn ask(
    form: &'static Query,
    State(app): State<Arc<App>>,
    who: Who,
    request: Request,
) -> Result<Response, Problem> {
    let caller = who.0;
    let mut pairs = input::pairs(request.uri().query())?;
    let part = Part::take(&mut pairs)?;
    let fields = input::fields(form.fields, pairs)?;
    let table = answered(&app, &caller, form, fields).await?;
    let mut response = page::answer(&part.of(table), request.headers());
    response.extensions_mut().insert(Asker(caller.actor));
    Ok(response)
}

/// The answer to a question, if he who asks may know it; the look is put on record.
pub(crate) async fn answered(
    app: &Arc<App>,
    caller: &Caller,
    form: &'static Query,
    fields: Map<String, Value>,
) -> Result<Table, Problem> {
    let (table, seen) = told_of(app, caller, form, fields).await?;
    record(app, caller, form.verb, seen).await?;
    Ok(table)
}

/// The answer to a question, if he who asks may know it, and whose data it shows: for who puts the look on record.
pub(crate) async fn told_of(
    app: &Arc<App>,
    caller: &Caller,
    form: &'static Query,
    mut fields: Map<String, Value>,
) -> Result<(Table, Seen), Problem> {
    app.access.allow(&app.bridge, caller, (form.verb, form.fields), &mut fields).await?;
    let seen = seen(app, (form.verb, form.fields), &fields);
    Ok((app.bridge.ask(form.verb, fields, &caller.actor).await?, seen))
}

/// Whose data somebody sees.
pub(crate) enum Seen {
    /// Nobody's.
    Nobody,
    /// A person's, by number.
    Person(String),
    /// That of many, in a list.
    Many,
}

/// Whose data an answer shows: that of the person whom the fields name, by himself or by a settlement; or a list's.
pub(super) fn seen(app: &App, (verb, forms): (&str, &[FieldForm]), fields: &Map<String, Value>) -> Seen {
    // An amount may be named so too: what persons paid.
    let names = |name: &str| forms.iter().any(|form| form.name == name && matches!(form.kind, InputKind::Text));
    let text = |name: &str| fields.get(name).filter(|_| names(name)).and_then(Value::as_str);
    let of_settlement = || text("settlement").and_then(|number| number.split_once('-')).map(|(person, _)| person);
    match text("person").or_else(of_settlement) {
        Some(person) => Seen::Person(person.to_owned()),
        None if app.access.roles.shows_persons(verb) => Seen::Many,
        None => Seen::Nobody,
    }
}

/// Puts a look on record: there is no answer without it.
pub(crate) async fn record(app: &Arc<App>, caller: &Caller, verb: &str, seen: Seen) -> Result<(), Problem> {
    let mut fields = Map::new();
    match seen {
        Seen::Nobody => return Ok(()),
        Seen::Person(person) => _ = fields.insert("person".to_owned(), Value::String(person)),
        Seen::Many => {}
    }
    fields.insert("reason".to_owned(), Value::from(verb));
    app.bridge.submit("access note", fields, service::request_id(), &caller.actor).await?;
    Ok(())
}
