//! OpenAPI 3.1 of everything that is served, made from the same registry as the routes.

mod shared;

use books::{Command, FieldForm, InputKind, Query};
use serde_json::{Map, Value, json};

use crate::rest::{LONGEST_PAGE, PAGE, path};

/// The document, for the books of a region.
pub fn document(region: &str) -> Value {
    let mut paths = shared::paths();
    for form in books::COMMANDS.iter().copied().flatten() {
        paths.insert(path(form.verb), json!({ "post": command(form) }));
    }
    for form in books::QUERIES.iter().copied().flatten() {
        paths.insert(path(form.verb), json!({ "get": question(form) }));
    }
    json!({
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "统筹 Tongchou",
            "version": env!("CARGO_PKG_VERSION"),
            "description": format!("{region} 的账：办理用 POST，查询用 GET。Commands and questions on the books of a region."),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "bearer": [] }],
        "tags": tags(),
        "paths": paths,
        "components": shared::components(),
    })
}

/// The first words of all verbs.
fn tags() -> Vec<Value> {
    let mut words: Vec<&str> = crate::access::verbs().map(|(verb, _)| first(verb)).collect();
    words.sort_unstable();
    words.dedup();
    words.into_iter().map(|word| json!({ "name": word })).collect()
}

fn first(verb: &str) -> &str {
    verb.split(' ').next().unwrap_or(verb)
}

fn command(form: &Command) -> Value {
    let fields: Vec<Field> = form.fields.iter().filter_map(Field::of_command).collect();
    let required = fields.iter().any(|field| field.required);
    let body = record(fields);
    let mut operation = operation(form.verb, form.zh, form.en);
    operation["parameters"] = json!([
        { "$ref": "#/components/parameters/IdempotencyKey" },
        { "$ref": "#/components/parameters/Estimate" },
    ]);
    operation["requestBody"] = json!({ "required": required, "content": { "application/json": { "schema": body } } });
    operation["responses"] =
        shared::responses("Answer", &["202", "400", "403", "404", "408", "409", "413", "415", "422"]);
    operation
}

fn question(form: &Query) -> Value {
    let parameter = |form: &FieldForm| {
        let mut parameter = json!({
            "name": form.name, "in": "query", "required": form.required,
            "description": format!("{} {}", form.zh, form.en.trim()), "schema": schema(form, false),
        });
        if form.many {
            parameter["explode"] = json!(true);
        }
        parameter
    };
    let mut parameters: Vec<Value> = form.fields.iter().map(parameter).collect();
    parameters.extend([
        json!({ "name": "limit", "in": "query", "description": "每次最多几行 Rows at most", "required": false,
            "schema": { "type": "integer", "minimum": 1, "maximum": LONGEST_PAGE, "default": PAGE } }),
        json!({ "name": "cursor", "in": "query", "description": "上次答复里的 next `next` of the last answer", "required": false,
            "schema": { "type": "integer", "minimum": 0, "maximum": 1_000_000_000 } }),
        json!({ "$ref": "#/components/parameters/IfNoneMatch" }),
    ]);
    let mut operation = operation(form.verb, form.zh, form.en);
    operation["parameters"] = Value::Array(parameters);
    operation["responses"] = shared::responses("List", &["304", "400", "403", "404", "409", "422"]);
    operation
}

fn operation(verb: &str, zh: &str, en: &str) -> Value {
    json!({
        "operationId": verb.replace(' ', "-"),
        "tags": [first(verb)],
        "summary": zh,
        "description": en.trim(),
    })
}

/// An object of these fields and no others.
fn record(fields: Vec<Field>) -> Value {
    let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut object = json!({ "type": "object", "additionalProperties": false });
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    let properties: Map<String, Value> =
        fields.into_iter().map(|field| (field.name.to_owned(), field.schema)).collect();
    object["properties"] = Value::Object(properties);
    object
}

/// A field of a command as its JSON has it.
struct Field {
    name: &'static str,
    required: bool,
    schema: Value,
}

impl Field {
    /// Secrets come as they are, and their hashes do not come at all.
    fn of_command(form: &FieldForm) -> Option<Field> {
        match form.name {
            "secret_hash" | "secret" => None,
            "password_hash" => {
                let schema = json!({ "type": "string", "minLength": 10, "maxLength": 64, "writeOnly": true, "description": "密码 The password" });
                Some(Field { name: "password", required: form.required, schema })
            }
            name => Some(Field { name, required: form.required, schema: schema(form, !form.required) }),
        }
    }
}

/// What a value looks like; `null` stands for a value that is left out.
fn schema(form: &FieldForm, or_null: bool) -> Value {
    let one = match form.kind {
        InputKind::Text => json!({ "type": "string" }),
        InputKind::Day => json!({ "type": "string", "format": "date" }),
        InputKind::Money => json!({ "type": "string", "pattern": "^-?[0-9]{1,12}(\\.[0-9]{1,2})?$" }),
        InputKind::Integer => json!({ "type": "integer" }),
        InputKind::Moment => {
            json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?$" })
        }
        InputKind::Number => json!({ "type": "string", "pattern": "^-?[0-9]{1,8}(\\.[0-9]{1,6})?$" }),
        InputKind::Share => json!({ "type": "string", "pattern": "^[0-9]{1,3}(\\.[0-9]{1,4})?%$" }),
        InputKind::Flag => json!({ "type": "boolean" }),
        InputKind::Record(inner) => record(inner.iter().filter_map(Field::of_command).collect()),
        InputKind::Word(words) => {
            let words = words();
            let codes: Vec<&str> = words.iter().map(|(code, ..)| *code).collect();
            let names: Vec<String> = words.iter().map(|(code, zh, _)| format!("{code} {zh}")).collect();
            json!({ "type": "string", "enum": codes, "x-names": names })
        }
    };
    let mut whole = if form.many { json!({ "type": "array", "items": one }) } else { one };
    if or_null {
        let kind = whole["type"].clone();
        whole["type"] = json!([kind, "null"]);
        if let Some(words) = whole.get_mut("enum").and_then(Value::as_array_mut) {
            words.push(Value::Null);
        }
    }
    whole["description"] = json!(format!("{} {}", form.zh, form.en.trim()));
    whole
}
