//! A person's insurance as resources of FHIR: what is settled comes back to the fen, and only to whom it may.

use serde_json::{Value, json};

use crate::rest::{HOSPITAL, visit};
use crate::town::Town;

fn amount(resource: &Value, code: &str) -> String {
    let of_code = |total: &&Value| total["category"]["coding"][0]["code"] == code;
    resource["total"].as_array().unwrap().iter().find(of_code).unwrap()["amount"]["value"].to_string()
}

#[test]
fn a_settlement_is_a_claim_its_answer_and_its_explanation() {
    let town = Town::new();
    let admin = town.admin();
    let (person, _) = town.person();
    let his = town.key(&admin, "his-1", HOSPITAL);
    let settled = town.post("/v1/care/settle", &his, &visit(&person, "F1", "3000.10")).good()["fields"].clone();
    let number = settled["settlement"].as_str().unwrap();
    let auditor = town.user(&admin, "an", "auditor", json!({}));
    let read = |kind: &str| town.get(&format!("/fhir/{kind}/{number}"), &auditor);

    let claim = read("Claim");
    assert_eq!(claim.header("content-type"), Some("application/fhir+json"));
    assert!(
        claim.body.contains("{\"value\":3000.10,\"currency\":\"CNY\"}"),
        "an amount keeps its decimals: {}",
        claim.body
    );
    let claim = claim.good();
    assert_eq!((&claim["status"], &claim["provider"]["identifier"]["value"]), (&json!("active"), &json!(HOSPITAL)));
    let coverage = claim["insurance"][0]["coverage"]["reference"].as_str().unwrap();
    let coverage = town.get(&format!("/fhir/{coverage}"), &auditor).good();
    assert_eq!(coverage["beneficiary"]["identifier"]["value"], person.as_str());
    assert_eq!(coverage["period"]["end"], "2022-12-31");

    let explained = read("ExplanationOfBenefit").good();
    assert_eq!(amount(&explained, "benefit"), settled["funds"].as_str().unwrap());
    assert_eq!(amount(&explained, "person"), settled["person"].as_str().unwrap());
    assert_eq!(read("ClaimResponse").good()["total"], explained["total"]);

    town.post("/v1/care/reverse", &his, &json!({ "settlement": number, "reason": "录错" })).good();
    assert_eq!(read("Claim").good()["status"], "cancelled");
}

#[test]
fn a_search_gives_pages_and_looks_are_on_record() {
    let town = Town::new();
    let admin = town.admin();
    let (person, _) = town.person();
    let auditor = town.user(&admin, "an", "auditor", json!({}));
    let all = town.get(&format!("/fhir/Claim?patient={person}"), &auditor).good();
    let total = all["total"].as_u64().unwrap();
    assert!(total > 1 && all["entry"].as_array().unwrap().len() as u64 == total);
    let first = town.get(&format!("/fhir/Claim?patient=Patient/{person}&_count=1"), &auditor).good();
    let next = first["link"][1]["url"].as_str().unwrap();
    assert_eq!(town.get(next, &auditor).good()["entry"][0], all["entry"][1]);
    let looks = town.get(&format!("/v1/access/log?person={person}&who=an"), &auditor).good();
    assert_eq!(looks["rows"].as_array().unwrap().len(), 3, "{looks}");
    assert_eq!(town.get("/fhir/Claim", &auditor).problem(422), "bad-field");
    assert_eq!(town.get("/fhir/Patient/1", &auditor).problem(404), "unknown-resource");
}

#[test]
fn a_resident_reads_only_himself() {
    let town = Town::new();
    let admin = town.admin();
    let person = town.person().0;
    let counter = town.user(&admin, "li", "counter", json!({}));
    let listed = town.get("/v1/person/list", &counter).good();
    let numbers = listed["rows"].as_array().unwrap().iter().map(|row| row["person"].as_str().unwrap().to_owned());
    let other = numbers.into_iter().find(|number| *number != person).unwrap();
    let resident = town.user(&admin, "wang", "resident", json!({ "person": person }));
    let search = |of: &str| town.get(&format!("/fhir/ExplanationOfBenefit?patient={of}"), &resident);
    assert!(search(&person).good()["total"].as_u64().is_some());
    assert_eq!(search(&other).problem(403), "not-allowed");
    assert_eq!(town.get(&format!("/fhir/Coverage?patient={person}"), "").problem(401), "not-signed-in");
    assert_eq!(town.get("/fhir/metadata", "").good()["fhirVersion"], "4.0.1");
}
