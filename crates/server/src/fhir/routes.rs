//! The resources over HTTP: `/fhir/Claim?patient=NUMBER`, `/fhir/Claim/NUMBER`, and what is served at `/fhir/metadata`. Who may
//! read a person's statement may read the person's claims; each read is put on record as any other look.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use books::{Query, people};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::{Kind, Resource, named, of_person, person_of};
use crate::access::Caller;
use crate::app::App;
use crate::ops::Asker;
use crate::problem::Problem;
use crate::rest::{Seen, Who, pairs, record};

/// How many resources a search gives at once, unless `_count` asks for fewer.
const PAGE: usize = 200;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/fhir/metadata", get(metadata))
        .route("/fhir/{kind}", get(search))
        .route("/fhir/{kind}/{id}", get(read))
}

async fn read(
    State(app): State<Arc<App>>,
    Who(caller): Who,
    Path((kind, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let kind = kind_of(&kind)?;
    let person = person_of(&id).ok_or_else(|| unknown(&format!("{}/{id}", kind.name())))?;
    let number = people::told(&person).to_owned();
    allowed(&app, &caller, kind, &number).await?;
    let region = app.bridge.region().to_owned();
    let resource = app.bridge.look(move |desk, books| named(desk, books, &region, kind, &id)).await?;
    record(&app, &caller, reading(kind), Seen::Person(number)).await?;
    Ok(fhir(resource.json.get().to_owned(), caller))
}

/// A page of what a person has of a kind: `patient`, `_count`, `_offset`.
async fn search(
    State(app): State<Arc<App>>,
    Who(caller): Who,
    Path(kind): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let kind = kind_of(&kind)?;
    let asked = Asked::read(&pairs(request.uri().query())?)?;
    allowed(&app, &caller, kind, &asked.patient).await?;
    let (region, patient) = (app.bridge.region().to_owned(), asked.patient.clone());
    let looked = app.bridge.look(move |desk, books| {
        let person = people::find(desk, books, &patient)?;
        Ok((people::told(&person).to_owned(), of_person(desk, books, &region, kind, &person)?))
    });
    let (number, found) = looked.await?;
    record(&app, &caller, reading(kind), Seen::Person(number.clone())).await?;
    let bundle = bundle(kind, &number, &asked, &found);
    let text = serde_json::to_string(&bundle).map_err(|_| unknown(kind.name()))?;
    Ok(fhir(text, caller))
}

/// What a search asks for.
struct Asked {
    patient: String,
    count: usize,
    offset: usize,
}

impl Asked {
    fn read(pairs: &[(String, String)]) -> Result<Asked, Problem> {
        let mut asked = Asked { patient: String::new(), count: PAGE, offset: 0 };
        for (name, value) in pairs {
            let number = || value.parse::<usize>().map_err(|_| bad(&format!("{name}={value}")));
            match name.as_str() {
                "patient" => value.trim_start_matches("Patient/").clone_into(&mut asked.patient),
                "_count" => asked.count = number()?.min(PAGE),
                "_offset" => asked.offset = number()?,
                _ => return Err(bad(name)),
            }
        }
        if asked.patient.is_empty() { Err(bad("patient")) } else { Ok(asked) }
    }
}

/// A page of a search, in FHIR's words.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bundle<'r> {
    resource_type: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    total: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    link: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    entry: Vec<Entry<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'r> {
    full_url: String,
    resource: &'r RawValue,
    search: Value,
}

fn bundle<'r>(kind: Kind, number: &str, asked: &Asked, found: &'r [Resource]) -> Bundle<'r> {
    let page = found.iter().skip(asked.offset).take(asked.count);
    let entry = |resource: &'r Resource| Entry {
        full_url: format!("urn:tongchou:{}:{}", kind.name(), resource.id),
        resource: &resource.json,
        search: json!({ "mode": "match" }),
    };
    let next = asked.offset.saturating_add(asked.count);
    let address =
        |offset: usize| format!("/fhir/{}?patient={number}&_count={}&_offset={offset}", kind.name(), asked.count);
    let mut link = vec![json!({ "relation": "self", "url": address(asked.offset) })];
    if next < found.len() && asked.count > 0 {
        link.push(json!({ "relation": "next", "url": address(next) }));
    }
    Bundle { resource_type: "Bundle", kind: "searchset", total: found.len(), link, entry: page.map(entry).collect() }
}

/// What is served, for programs that ask first. It names nobody, and anybody may read it.
async fn metadata() -> Response {
    let resources = Kind::ALL.map(|kind| {
        json!({
            "type": kind.name(),
            "interaction": [{ "code": "read" }, { "code": "search-type" }],
            "searchParam": [{ "name": "patient", "type": "reference", "documentation": "个人编号 the person's number" }],
        })
    });
    let statement = json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-22",
        "kind": "instance",
        "software": { "name": "tongchou", "version": env!("CARGO_PKG_VERSION") },
        "implementation": { "description": "统筹 Tongchou" },
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [{ "mode": "server", "resource": resources }],
    });
    ([(CONTENT_TYPE, "application/fhir+json")], statement.to_string()).into_response()
}

/// The question by whose right a kind may be read.
fn reading(kind: Kind) -> &'static str {
    if kind == Kind::Coverage { "member show" } else { "care statement" }
}

async fn allowed(app: &Arc<App>, caller: &Caller, kind: Kind, person: &str) -> Result<(), Problem> {
    let verb = reading(kind);
    let forms = Query::named(verb).map_or(&[] as &[_], |query| query.fields);
    let mut fields = Map::from_iter([("person".to_owned(), Value::from(person))]);
    app.access.allow(&app.bridge, caller, (verb, forms), &mut fields).await
}

fn fhir(text: String, caller: Caller) -> Response {
    let mut response = ([(CONTENT_TYPE, "application/fhir+json")], text).into_response();
    response.extensions_mut().insert(Asker(caller.actor));
    response
}

fn kind_of(name: &str) -> Result<Kind, Problem> {
    Kind::named(name).ok_or_else(|| unknown(name))
}

fn unknown(what: &str) -> Problem {
    books::Refusal::new("unknown-resource", format!("没有 {what}"), "/fhir/metadata 列出可读的资源").into()
}

fn bad(what: &str) -> Problem {
    let cure = "写 patient=个人编号；可加 _count、_offset";
    books::Refusal::new("bad-field", format!("查询条件 {what} 缺少或读不懂"), cure).into()
}
