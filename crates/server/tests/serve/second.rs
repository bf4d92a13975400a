//! What one asks for and another must approve.

use serde_json::{Value, json};

use crate::client::Answered;
use crate::rest::{HOSPITAL, visit};
use crate::town::{Town, roles};

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

/// What a maker asks for, under a key of his.
struct Asked<'t> {
    town: &'t Town,
    path: &'static str,
    maker: String,
    fields: Value,
}

impl Asked<'_> {
    fn send(&self, key: &str) -> Answered {
        let headers = format!("Idempotency-Key: {key}\r\n");
        self.town.send("POST", self.path, &self.maker, &headers, &self.fields.to_string())
    }

    /// Proposes it: the number of the proposal.
    fn propose(&self, key: &str) -> String {
        let made = self.send(key);
        assert_eq!(made.status, 202, "{made:?}");
        made.json()["fields"]["proposal"].as_str().unwrap().to_owned()
    }

    /// It is refused to himself, refused once by a checker, asked anew, approved by many at once and done once; sent again it is
    /// answered by what came of it.
    fn goes_its_way(&self, checker: &str) {
        let town = self.town;
        let approve =
            |token: &str, number: &str| town.post("/v1/proposal/approve", token, &json!({ "proposal": number }));
        let number = self.propose("k1");
        assert_eq!(self.propose("k1"), number, "the same request is the same proposal");
        assert_eq!(approve(&self.maker, &number).problem(403), "same-person");
        let refuse = json!({ "proposal": number, "reason": "材料不齐" });
        town.post("/v1/proposal/refuse", checker, &refuse).good();
        assert_eq!(approve(checker, &number).problem(409), "already-decided");
        let again = self.send("k1");
        assert_eq!(again.problem(409), "already-refused");
        assert!(again.json()["detail"].as_str().unwrap().contains("材料不齐"), "{again:?}");
        let list = town.get("/v1/proposal/list?all=true", checker).good();
        assert_eq!((&list["rows"][0]["state"], &list["rows"][0]["by"]), (&json!("refused"), &json!("maker")), "{list}");

        let number = self.propose("k2");
        let answers: Vec<Answered> = std::thread::scope(|scope| {
            let many: Vec<_> = (0..6).map(|_| scope.spawn(|| approve(checker, &number))).collect();
            many.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let done: Vec<&Answered> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(done.len(), 1, "{answers:?}");
        let late = answers.iter().filter(|answer| answer.status != 200);
        assert!(late.clone().all(|answer| answer.problem(409) == "already-decided"), "{answers:?}");
        let (first, second) = (self.send("k2"), self.send("k2"));
        assert_eq!(first.good(), second.good());
        assert_eq!(first.json()["fields"], done[0].json()["fields"], "what came of it");
        let other = Asked { fields: json!({ "x": 1 }), maker: self.maker.clone(), ..*self };
        assert!([409, 422].contains(&other.send("k2").status), "the key is taken");
    }
}

#[test]
fn a_notice_is_adopted_by_two() {
    let town = Town::empty("tianjin", roles(&[]));
    let admin = town.admin();
    let [maker, checker] = ["maker", "checker"].map(|name| town.user(&admin, name, "policy", json!({})));
    let draft = "tianjin-2022-draft";
    let adopt =
        json!({ "draft": draft, "on": "2022-09-01", "document": "例〔2022〕1号", "reason": "逐条核对，无改动" });
    let asked = Asked { town: &town, path: "/v1/notice/adopt", maker, fields: adopt };
    let adopted = || {
        let log = town.get("/v1/notice/log", &checker).good();
        log["total"].as_u64().unwrap()
    };
    assert_eq!(adopted(), 0);
    asked.goes_its_way(&checker);
    assert_eq!(adopted(), 1);
}

#[test]
fn a_refund_above_the_amount_of_the_roles_is_granted_by_two() {
    let town = Town::empty("chongqing", roles(&[("above = \"1000.00\"", "above = \"500.00\"")]));
    let admin = town.admin();
    let counter = town.user(&admin, "li", "counter", json!({}));
    let [maker, checker] = ["maker", "checker"].map(|name| town.user(&admin, name, "fund", json!({})));
    // Dues of 320 and 695 yuan (CQ21-01.2b).
    let refund = |number: &str, tier: &str| {
        let post = |path: &str, fields: Value| town.post(path, &counter, &fields).good()["fields"].clone();
        let person =
            post("/v1/person/register", json!({ "number": number, "name": "某甲", "area": "500103" }))["person"]
                .clone();
        let due = json!({ "person": person, "year": 2022, "tier": tier, "group": "adult" });
        post("/v1/member/enrol", due.clone());
        let open = post("/v1/dues/bill", due)["open"].clone();
        let receipt = json!({ "receipt": tier, "person": person, "year": 2022, "amount": open, "channel": "mobile" });
        post("/v1/dues/receive", receipt);
        post("/v1/dues/refund", json!({ "person": person, "year": 2022, "ground": "duplicate" }))
    };
    let (small, large) = (refund("11010519491231002X", "first"), refund("110105198002030027", "second"));
    assert_eq!((&small["amount"], &large["amount"]), (&json!("320.00"), &json!("695.00")));
    let approve = |refund: &Value| json!({ "refund": refund["refund"] });
    assert_eq!(
        town.post("/v1/dues/refund-approve", &counter, &approve(&small)).problem(403),
        "not-allowed",
        "who asks does not grant"
    );
    let at_once = Asked { town: &town, path: "/v1/dues/refund-approve", maker: maker.clone(), fields: approve(&small) };
    assert_eq!(at_once.send("s1").good(), at_once.send("s1").good(), "done at once, and answered the same");
    let asked = Asked { town: &town, path: "/v1/dues/refund-approve", maker, fields: approve(&large) };
    asked.goes_its_way(&checker);
    for refund in [&small, &large] {
        town.post("/v1/dues/refund-pay", &checker, &approve(refund)).good();
    }
}

#[test]
fn a_claim_by_hand_is_settled_by_two_and_a_repeat_is_answered_the_same() {
    let town = Town::new();
    let admin = town.admin();
    let (person, _) = town.person();
    let [maker, checker] = ["maker", "checker"].map(|name| town.user(&admin, name, "counter", json!({})));
    let by_hand = |number: &str, yuan: &str| {
        let mut fields = visit(&person, number, yuan);
        (fields["provider"], fields["by_hand"]) = (json!(HOSPITAL), json!(true));
        fields
    };
    let small = Asked { town: &town, path: "/v1/care/settle", maker: maker.clone(), fields: by_hand("S1", "3000") };
    let first = small.send("s1").good();
    assert_eq!(small.send("s1").good(), first, "what would now be a visit settled twice is the answer given before");
    let large = Asked { town: &town, path: "/v1/care/settle", maker, fields: by_hand("L1", "90000") };
    large.goes_its_way(&checker);
    assert_eq!(town.settled_visits("L1"), 1);
}
