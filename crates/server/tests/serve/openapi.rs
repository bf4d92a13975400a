//! The OpenAPI document holds against the published schema of OpenAPI 3.1 (openapi-3.1.schema.json, as the OpenAPI Initiative
//! publishes it under Apache-2.0), and says no less than the registry.

use serde_json::Value;

fn checked(document: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(include_str!("openapi-3.1.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn the_document_is_openapi_and_names_every_verb() {
    let document = server::document("town");
    assert_eq!(checked(&document), Vec::<String>::new());
    let mut broken = document.clone();
    broken["paths"]["/v1/care/settle"]["post"]["responses"] = Value::Null;
    assert!(!checked(&broken).is_empty(), "a fault is seen");
    let commands = books::COMMANDS.iter().copied().flatten().map(|form| (form.verb, "post"));
    let queries = books::QUERIES.iter().copied().flatten().map(|form| (form.verb, "get"));
    for (verb, method) in commands.chain(queries) {
        let operation = &document["paths"][format!("/v1/{}", verb.replace(' ', "/"))][method];
        assert_eq!(operation["operationId"], verb.replace(' ', "-"));
    }
    for schema in schemas(&document) {
        jsonschema::draft202012::meta::validate(schema).unwrap_or_else(|error| panic!("{schema}: {error}"));
    }
    let text = document.to_string();
    assert!(!text.contains("password_hash") && !text.contains("secret_hash"), "hashes are no input");
    for name in text.split("\"#/components/").skip(1).filter_map(|rest| rest.split('"').next()) {
        let (kind, name) = name.split_once('/').unwrap();
        assert!(document["components"][kind][name].is_object(), "{kind}/{name}");
    }
}

/// Every schema that stands in the document.
fn schemas(value: &Value) -> Vec<&Value> {
    match value {
        Value::Object(members) => {
            let own = members.get("schema");
            own.into_iter().chain(members.values().flat_map(schemas)).collect()
        }
        Value::Array(list) => list.iter().flat_map(schemas).collect(),
        _ => Vec::new(),
    }
}
