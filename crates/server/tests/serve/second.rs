//! What one asks for and another must approve.

use serde_json::json;

use crate::rest::{HOSPITAL, visit};
use crate::town::Town;

#[test]
fn a_large_claim_by_hand_waits_for_a_second_person() {
    let town = Town::new();
    let admin = town.admin();
    let (person, _) = town.person();
    let maker = town.user(&admin, "li", "counter", json!({}));
    let by_hand = |number: &str, yuan: &str| {
        let mut fields = visit(&person, number, yuan);
        fields["provider"] = json!(HOSPITAL);
        fields["by_hand"] = json!(true);
        fields
    };
    let small = town.post("/v1/care/settle", &maker, &by_hand("H1", "3000"));
    assert_eq!(small.status, 200, "{small:?}");
    let large = by_hand("H2", "90000").to_string();
    let propose = || town.send("POST", "/v1/care/settle", &maker, "Idempotency-Key: p1\r\n", &large);
    let made = propose();
    assert_eq!(made.status, 202, "{made:?}");
    assert_eq!(propose().json(), made.json(), "the same request is the same proposal");
    let number = made.json()["fields"]["proposal"].as_str().unwrap().to_owned();
    let approve = |token: &str| town.post("/v1/proposal/approve", token, &json!({ "proposal": number }));
    assert_eq!(approve(&maker).problem(403), "same-person");
    let fund = town.user(&admin, "fund-1", "fund", json!({}));
    assert_eq!(approve(&fund).problem(403), "not-allowed", "who may not settle may not approve a settlement");
    let waiting = town.get("/v1/proposal/list", &maker).good();
    assert_eq!((&waiting["total"], &waiting["rows"][0]["by"]), (&json!(1), &json!("li")));
    let done = approve(&town.user(&admin, "wu", "counter", json!({}))).good();
    assert_eq!(done["fields"]["proposed_by"], "li");
    assert!(done["fields"]["settlement"].is_string(), "{done}");
    let statement = town.get(&format!("/v1/care/statement?year=2022&person={person}"), &maker).good();
    let total = |yuan: &str| statement["rows"].as_array().unwrap().iter().filter(|row| row["total"] == yuan).count();
    assert_eq!((total("3000.00"), total("90000.00")), (1, 1), "{statement}");
}

#[test]
fn a_proposal_that_would_be_refused_is_refused_at_once() {
    let town = Town::new();
    let policy = town.user(&town.admin(), "policy-1", "policy", json!({}));
    let adopt = json!({ "draft": "none", "on": "2022-10-01", "document": "x", "reason": "x" });
    assert_eq!(town.post("/v1/notice/adopt", &policy, &adopt).problem(404), "unknown-draft");
    assert_eq!(town.get("/v1/proposal/list?all=true", &policy).good()["total"], 0);
}
