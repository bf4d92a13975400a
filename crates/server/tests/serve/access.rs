//! Who is let in, and what each sees.

use serde_json::{Value, json};

use crate::rest::{HOSPITAL, visit};
use crate::town::{PASSWORD, Town, roles};

#[test]
fn nobody_is_let_in_without_a_token_and_the_first_is_good_once() {
    let town = Town::new();
    assert_eq!(town.get("/v1/person/list", "").problem(401), "not-signed-in");
    assert_eq!(town.post("/v1/care/settle", "tcs_x", &json!({})).problem(401), "not-signed-in");
    assert_eq!(town.get("/v1/me", "tck_his-1_x").problem(401), "not-signed-in");
    let first = |token: &str, password: &str| {
        town.post("/v1/sign-in/first", "", &json!({ "token": token, "name": "boss", "password": password }))
    };
    assert_eq!(first("tca_x", PASSWORD).problem(401), "wrong-token");
    assert_eq!(first(&town.first, "short").problem(422), "weak-password");
    first(&town.first, PASSWORD).good();
    assert_eq!(first(&town.first, PASSWORD).problem(401), "wrong-token");
    let me = town.get("/v1/me", &town.sign_in("boss")).good();
    assert_eq!((&me["name"], &me["role"]), (&json!("boss"), &json!("admin")));
}

#[test]
fn a_wrong_password_and_an_unknown_name_are_told_alike_and_not_often() {
    let town = Town::new();
    town.admin();
    let try_as = |name: &str| town.post("/v1/sign-in", "", &json!({ "name": name, "password": "wrong password" }));
    let (known, unknown) = (try_as("boss"), try_as("nobody"));
    assert_eq!(known.problem(401), "wrong-password");
    assert_eq!(known.json(), unknown.json());
    let last = (0..40).map(|_| try_as("nobody")).find(|answer| answer.status == 429).unwrap();
    assert_eq!(last.problem(429), "too-many");
    assert!(last.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
}

#[test]
fn a_session_ends_with_signing_out_a_new_password_or_being_shut_out() {
    let town = Town::new();
    let admin = town.admin();
    let li = town.user(&admin, "li", "counter", json!({}));
    assert_eq!(town.post("/v1/sign-out", &li, &json!({})).status, 204);
    assert_eq!(town.get("/v1/me", &li).problem(401), "not-signed-in");
    let li = town.sign_in("li");
    town.post("/v1/user/passwd", &admin, &json!({ "name": "li", "password": PASSWORD })).good();
    assert_eq!(town.get("/v1/me", &li).problem(401), "not-signed-in");
    let li = town.sign_in("li");
    town.post("/v1/user/disable", &admin, &json!({ "name": "li", "reason": "离职" })).good();
    assert_eq!(town.get("/v1/me", &li).problem(401), "not-signed-in");
    let in_vain = town.post("/v1/sign-in", "", &json!({ "name": "li", "password": PASSWORD }));
    assert_eq!(in_vain.problem(401), "wrong-password");
    let hash = json!({ "name": "wu", "role": "counter", "password_hash": "$argon2id$x" });
    assert_eq!(town.post("/v1/user/add", &admin, &hash).problem(422), "unknown-field");
}

#[test]
fn a_hospital_acts_for_itself_and_a_resident_sees_himself() {
    let town = Town::new();
    let admin = town.admin();
    let (person, of_person) = town.person();
    let (his, other) = (town.key(&admin, "his-1", HOSPITAL), town.key(&admin, "his-2", "H50000100002"));
    let settled = town.post("/v1/care/settle", &his, &visit(&person, "V1", "3000")).good();
    let number = settled["fields"]["settlement"].as_str().unwrap();
    let mut foreign = visit(&person, "V2", "3000");
    foreign["provider"] = json!(HOSPITAL);
    assert_eq!(town.post("/v1/care/settle", &other, &foreign).problem(403), "not-allowed");
    let back = |key: &str, number: &str| {
        town.post("/v1/care/reverse", key, &json!({ "settlement": number, "reason": "录入有误" }))
    };
    let (foreign, missing) = (back(&other, number), back(&other, &format!("{person}-2022-9999")));
    assert_eq!(foreign.problem(403), "not-allowed");
    assert_eq!(foreign.json(), missing.json(), "what is another's and what is not there are told alike");
    back(&his, number).good();
    town.post("/v1/key/revoke", &admin, &json!({ "id": "his-1", "reason": "换新" })).good();
    assert_eq!(town.get("/v1/me", &his).problem(401), "not-signed-in");

    let resident = town.user(&admin, "resident-1", "resident", json!({ "person": person }));
    let own = town.get("/v1/care/statement?year=2022", &resident).good();
    assert!(own["title"].as_str().unwrap().contains(&person));
    town.get(&format!("/v1/care/explain?settlement={of_person}"), &resident).good();
    let mut others = vec!["/v1/person/list".to_owned()];
    let counter = town.user(&admin, "li", "counter", json!({}));
    let list = town.get("/v1/person/list", &counter).good();
    let numbers = list["rows"].as_array().unwrap().iter().map(|row| row["person"].as_str().unwrap());
    let someone = numbers.into_iter().find(|number| *number != person).unwrap();
    others.push(format!("/v1/care/statement?year=2022&person={someone}"));
    others.push("/v1/care/statement?year=2022&person=00c4e7d1642e0000".to_owned());
    others.push(format!("/v1/care/explain?settlement={someone}-2022-1"));
    for path in others {
        assert_eq!(town.get(&path, &resident).problem(403), "not-allowed", "{path}");
    }
    let nobody = town.user(&admin, "resident-2", "resident", json!({}));
    assert_eq!(town.get("/v1/care/statement?year=2022", &nobody).problem(403), "not-allowed");
}

#[test]
fn an_area_bounds_a_counter() {
    let town = Town::new();
    let admin = town.admin();
    let counter = town.user(&admin, "li", "counter", json!({}));
    let bounded = town.user(&admin, "wu", "counter", json!({ "area": "500001" }));
    let all = town.get("/v1/person/list", &counter).good();
    let here = town.get("/v1/person/list", &bounded).good();
    let area = |row: &Value| row["area"].as_str().unwrap().to_owned();
    assert!(here["rows"].as_array().unwrap().iter().all(|row| area(row) == "500001") && here["total"] != all["total"]);
    for row in all["rows"].as_array().unwrap() {
        let path = format!("/v1/person/show?person={}", row["person"].as_str().unwrap());
        assert_eq!(town.get(&path, &bounded).status == 200, area(row) == "500001", "{row}");
    }
}

#[test]
fn an_area_bounds_the_lists_of_work_and_what_is_done_from_them() {
    let town = Town::new();
    let admin = town.admin();
    let counter = town.user(&admin, "li", "counter", json!({}));
    let [bounded, other] = [("wu", "500001"), ("xu", "500002")]
        .map(|(name, area)| town.user(&admin, name, "counter", json!({ "area": area })));
    let rows = |path: &str, token: &str| town.get(path, token).good()["rows"].as_array().unwrap().clone();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let people = rows("/v1/person/list", &counter);
    let is_of = |person: &str, area: &str| people.iter().any(|one| one["person"] == *person && one["area"] == *area);

    // One proposal in each area, one about nobody.
    let propose = |area: &str| {
        let mut made = people.iter().filter(|one| one["area"] == *area).map(|one| {
            let mut fields = visit(&text(one, "person"), &format!("H-{area}"), "90000");
            (fields["provider"], fields["by_hand"]) = (json!(HOSPITAL), json!(true));
            (town.post("/v1/care/settle", &counter, &fields), text(one, "person"))
        });
        let (made, person) = made.find(|(answer, _)| answer.status == 202).unwrap();
        (text(&made.json()["fields"], "proposal"), person)
    };
    let ((here, _), (there, goes)) = (propose("500001"), propose("500002"));
    let proposed = |token: &str| -> Vec<String> {
        rows("/v1/proposal/list?all=true", token).iter().map(|row| text(row, "proposal")).collect()
    };
    assert_eq!((proposed(&bounded), proposed(&other)), (vec![here.clone()], vec![there.clone()]));
    assert_eq!(proposed(&counter).len(), 2);
    let decide = |what: &str, token: &str, number: &str| {
        town.post(&format!("/v1/proposal/{what}"), token, &json!({ "proposal": number, "reason": "材料不齐" }))
    };
    let missing = decide("refuse", &bounded, "000000000000");
    assert_eq!(decide("refuse", &bounded, &there).problem(403), "not-allowed");
    assert_eq!(decide("refuse", &bounded, &there).json(), missing.json(), "another's and nobody's are told alike");
    let approve = |token: &str, number: &str| town.post("/v1/proposal/approve", token, &json!({ "proposal": number }));
    assert_eq!(approve(&bounded, &there).problem(403), "not-allowed");
    approve(&bounded, &here).good();
    assert_eq!(proposed(&bounded), std::slice::from_ref(&here), "what was decided stays where the person is");
    // Who moves takes along what waits.
    let moves = json!({ "person": goes, "area": "500001", "reason": "迁居" });
    town.post("/v1/person/amend", &counter, &moves).good();
    assert!(proposed(&other).is_empty() && proposed(&bounded).len() == 2);
    assert_eq!(decide("refuse", &other, &there).problem(403), "not-allowed");
    decide("refuse", &bounded, &there).good();

    // Filings of those who live here, wherever they go.
    let filings = rows("/v1/filing/list", &counter);
    let of_here: Vec<&Value> = filings.iter().filter(|row| is_of(&text(row, "person"), "500001")).collect();
    assert!(!of_here.is_empty() && of_here.len() < filings.len(), "{filings:?}");
    assert_eq!(rows("/v1/filing/list", &bounded).iter().collect::<Vec<_>>(), of_here);
    assert_eq!(town.get("/v1/filing/list?home_area=5", &bounded).problem(403), "not-allowed");
    let foreign = filings.iter().find(|row| is_of(&text(row, "person"), "500002")).unwrap();
    let end = |row: &Value| {
        let fields = json!({ "filing": row["filing"], "last": "2022-10-31", "reason": "本人申请" });
        town.post("/v1/filing/end", &bounded, &fields)
    };
    assert_eq!(end(foreign).problem(403), "not-allowed");
    assert_ne!(end(of_here[0]).status, 403);
    for path in ["/v1/feed/history", "/v1/filing/count"] {
        assert_eq!(town.get(path, &bounded).problem(403), "not-allowed", "{path}");
    }
}

#[test]
fn an_area_bounds_arrears_and_money_that_waits() {
    let town = Town::empty("chongqing", roles(&[]));
    let admin = town.admin();
    let counter = town.user(&admin, "li", "counter", json!({}));
    let bounded = town.user(&admin, "wu", "counter", json!({ "area": "500103" }));
    // In each area one who owes and one who paid too much.
    let bill = |area: &str, n: u32| {
        let post = |path: &str, fields: Value| town.post(path, &counter, &fields).good()["fields"].clone();
        let who = json!({ "number": format!("E{n:07}"), "document": "passport", "name": "某甲", "area": area, "born": "1980-02-03", "sex": "male" });
        let person = post("/v1/person/register", who)["person"].clone();
        let due = json!({ "person": person, "year": 2022, "tier": "first", "group": "adult" });
        post("/v1/member/enrol", due.clone());
        post("/v1/dues/bill", due);
        person
    };
    let mut waits = Vec::new();
    let mut owes = Vec::new();
    for (n, area) in [(1, "500103"), (3, "500112")] {
        owes.push(bill(area, n));
        let payer = bill(area, n + 1);
        let money = json!({ "receipt": format!("R{n}"), "person": payer, "year": 2022, "amount": "400.00", "channel": "mobile" });
        town.post("/v1/dues/receive", &counter, &money).good();
        waits.push(payer);
    }
    let listed = |path: &str, token: &str| -> (Vec<Value>, String) {
        let list = town.get(path, token).good();
        let persons = list["rows"].as_array().unwrap().iter().map(|row| row["person"].clone());
        (persons.collect(), list["foot"].as_str().unwrap().to_owned())
    };
    for (path, all, sums) in
        [("/v1/dues/open?year=2022", owes, ["640.00", "320.00"]), ("/v1/dues/suspense", waits, ["160.00", "80.00"])]
    {
        let (mut persons, foot) = listed(path, &counter);
        persons.sort_by_key(|person| all.iter().position(|one| one == person));
        assert!(persons == all && foot.contains(sums[0]), "{path}: {persons:?} {foot}");
        let (persons, foot) = listed(path, &bounded);
        assert!(persons == all[..1] && foot.contains(sums[1]), "{path}: {persons:?} {foot}");
    }
    assert_eq!(town.get("/v1/dues/suspense?area=500112", &bounded).problem(403), "not-allowed");
}

#[test]
fn an_area_bounds_whom_a_counter_finds_by_name() {
    let town = Town::new();
    let admin = town.admin();
    let counter = town.user(&admin, "li", "counter", json!({}));
    let bounded = town.user(&admin, "wu", "counter", json!({ "area": "500001" }));
    let number = |of: &str, digit: u32| json!({ "number": format!("E123456{digit}"), "document": "passport", "name": "寻某", "area": of, "born": "1980-02-03", "sex": "male" });
    for (of, digit) in [("500001", 1), ("500002", 2)] {
        town.post("/v1/person/register", &counter, &number(of, digit)).good();
    }
    let find = |token: &str, query: &str| town.get(&format!("/v1/person/find?text=%E5%AF%BB{query}"), token);
    assert_eq!(find(&counter, "").good()["total"], 2);
    let here = find(&bounded, "").good();
    assert_eq!((&here["total"], &here["rows"][0]["area"]), (&json!(1), &json!("500001")));
    assert_eq!(find(&bounded, "&area=500001").good()["total"], 1);
    assert_eq!(find(&bounded, "&area=500002").problem(403), "not-allowed");
}

#[test]
fn who_looked_at_whom_is_on_record() {
    let town = Town::new();
    let admin = town.admin();
    let (person, settlement) = town.person();
    let counter = town.user(&admin, "li", "counter", json!({}));
    let before = town.get("/v1/access/log?who=li", &admin).good()["total"].as_u64().unwrap();
    town.get(&format!("/v1/person/show?person={person}"), &counter).good();
    town.get(&format!("/v1/care/explain?settlement={settlement}"), &counter).good();
    town.get("/v1/person/list", &counter).good();
    assert_eq!(town.get("/v1/notice/list", &counter).status, 200);
    let log = town.get("/v1/access/log?who=li", &admin).good();
    assert_eq!((before, &log["total"]), (0, &json!(3)), "{log}");
    let reasons: Vec<&str> =
        log["rows"].as_array().unwrap().iter().map(|row| row["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["person show", "care explain", "person list"]);
}
