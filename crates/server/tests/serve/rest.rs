//! Commands and questions over HTTP, and what is wrong with a request.

use serde_json::{Value, json};

use crate::client::{Answered, request, send};
use crate::town::Town;

pub const HOSPITAL: &str = "H50000100003";

pub fn visit(person: &str, number: &str, yuan: &str) -> Value {
    json!({ "person": person, "visit": number, "care": "inpatient", "date": "2022-10-20", "a": yuan })
}

#[test]
fn a_visit_is_estimated_settled_once_and_explained() {
    let town = Town::new();
    let admin = town.admin();
    let (person, _) = town.person();
    let his = town.key(&admin, "his-1", HOSPITAL);
    let body = visit(&person, "V1", "3000").to_string();
    let post = |key: &str, body: &str| {
        town.send("POST", "/v1/care/settle", &his, &format!("Idempotency-Key: {key}\r\n"), body)
    };
    let estimate = town.send("POST", "/v1/care/settle?estimate=true", &his, "", &body).good();
    let settled = post("k1", &body);
    assert_eq!(settled.header("idempotency-key"), Some("k1"));
    let settled = settled.good();
    assert_eq!(settled["fields"]["funds"], estimate["fields"]["funds"]);
    assert_eq!(settled["fields"]["provider"], HOSPITAL, "the key says which hospital asks");
    assert_eq!(post("k1", &body).good(), settled, "a repeat is answered the same");
    assert_eq!(post("k1", &visit(&person, "V1", "3001").to_string()).problem(409), "key-reused");
    assert_eq!(post("k2", &visit(&person, "V1", "3001").to_string()).problem(409), "already-settled");
    let number = settled["fields"]["settlement"].as_str().unwrap();
    let why = town.get(&format!("/v1/care/explain?settlement={number}"), &his).good();
    assert!(why["rows"].as_array().unwrap().len() > 2, "{why}");
}

#[test]
fn a_list_is_read_in_parts_and_not_sent_twice() {
    let town = Town::new();
    let counter = town.user(&town.admin(), "li", "counter", json!({}));
    let (mut cursor, mut seen) = ("0".to_owned(), Vec::new());
    while let Some(next) = {
        let page = town.get(&format!("/v1/person/list?limit=15&cursor={cursor}"), &counter).good();
        assert_eq!(page["total"], 40);
        seen.extend(page["rows"].as_array().unwrap().iter().map(|row| row["person"].to_string()));
        page.get("next").and_then(Value::as_str).map(str::to_owned)
    } {
        cursor = next;
    }
    seen.dedup();
    assert_eq!(seen.len(), 40);
    let path = format!("/v1/care/statement?year=2022&person={}", town.person().0);
    let first = town.get(&path, &counter);
    assert!(first.good()["total"].as_u64().unwrap() > 1);
    let tag = format!("If-None-Match: {}\r\n", first.header("etag").unwrap());
    let again = town.send("GET", &path, &counter, &tag, "");
    assert_eq!((again.status, again.body.as_str()), (304, ""));
}

#[test]
fn what_is_wrong_with_a_request_is_told_with_a_cure() {
    let town = Town::new();
    let counter = town.user(&town.admin(), "li", "counter", json!({}));
    let check = |method: &str, path: &str, body: &str, status: u16, code: &str| {
        let answer = town.send(method, path, &counter, "", body);
        assert_eq!(answer.problem(status), code, "{method} {path} {body}");
    };
    check("POST", "/v1/person/register", "{\"number\":", 400, "malformed");
    check("POST", "/v1/person/register", "[1]", 400, "malformed");
    check("POST", "/v1/person/register", "{\"number\":\"\u{1}\"}", 400, "malformed");
    check("POST", "/v1/person/register", "{}", 422, "missing-field");
    check("POST", "/v1/person/register", "", 422, "missing-field");
    check("POST", "/v1/person/register", &json!({ "nunber": "1" }).to_string(), 422, "missing-field");
    check("POST", "/v1/person/register?x=1", "{}", 422, "bad-field");
    check("GET", "/v1/care/statement?person=1&year=x", "", 422, "bad-field");
    check("GET", "/v1/care/statement?person=1&year=2022&z=1", "", 422, "unknown-field");
    check("GET", "/v1/care/statement?person=00c4e7d1642e0000&year=2022", "", 404, "unknown-person");
    check("GET", "/v1/care/statement?person=1%ff&year=2022", "", 400, "malformed");
    check("GET", "/v1/person/list?limit=0", "", 422, "bad-field");
    check("GET", "/v1/person/register", "", 405, "other-method");
    check("DELETE", "/v1/person/list", "", 405, "other-method");
    check("GET", "/v1/nothing", "", 404, "unknown-path");
    check("POST", "/v1/person/register", &"x".repeat(300 * 1024), 413, "too-large");
    let text = town.send("POST", "/v1/person/die", &counter, "X-Request-Id: my-1\r\n", "{\"person\":7}");
    assert_eq!((text.problem(422).as_str(), text.header("x-request-id")), ("missing-field", Some("my-1")));
    let key = town.send("POST", "/v1/person/die", &counter, "Idempotency-Key: a b\r\n", "{}");
    assert_eq!(key.problem(400), "bad-key");
    let plain = "POST /v1/person/die HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n";
    let plain = format!("{plain}Authorization: Bearer {counter}\r\n\r\nx");
    let answer = Answered::read(&send(town.to, plain.as_bytes()).unwrap());
    assert_eq!(answer.problem(415), "not-json");
}

#[test]
fn it_says_how_it_is_and_what_it_offers() {
    let town = Town::new();
    assert_eq!((town.get("/health", "").status, town.get("/ready", "").status), (200, 200));
    assert_eq!(town.get("/openapi.json", "").json()["openapi"], "3.1.0");
    assert_eq!(town.get("/metrics", "").problem(404), "unknown-path", "not for whoever reaches the API");
    let scrape = |path: &str| Answered::read(&send(town.metrics, request("GET", path, "", "", "").as_bytes()).unwrap());
    assert_eq!(scrape("/v1/me").status, 404, "and nothing else there");
    let metrics = scrape("/metrics").body;
    assert!(metrics.contains("tongchou_requests_total{method=\"GET\",route=\"/ready\",status=\"200\"} 1"), "{metrics}");
    let asking =
        metrics.lines().find_map(|line| line.strip_prefix("tongchou_questions_cpu_seconds_total ")?.parse().ok());
    assert!(asking.is_some_and(|seconds: f64| seconds > 0.0), "{metrics}");
    assert!(metrics.trim_end().ends_with("# EOF"));
}
