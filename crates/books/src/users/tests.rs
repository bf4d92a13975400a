//! Users, keys and proposals, as their stories go.

use jiff::civil::date;
use serde_json::json;

use crate::Books;
use crate::testing::Town;

const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA";

fn town() -> Town {
    let mut town = Town::new("", date(2022, 3, 1));
    town.actor = "boss";
    town
}

#[test]
fn a_user_has_a_role_and_bounds_and_nobody_changes_his_own() {
    let mut town = town();
    let person = town.person("1980-02-03", 1);
    let add =
        |name: &str, hash: &str| json!({ "name": name, "password_hash": hash, "role": "resident", "person": person });
    assert_eq!(town.run("user add", add("li", "secret")).unwrap_err().code, "not-a-hash");
    assert_eq!(town.run("user add", add("Li/x", HASH)).unwrap_err().code, "bad-name");
    town.run("user add", add("li", HASH)).unwrap();
    assert_eq!(town.run("user add", add("li", HASH)).unwrap_err().code, "already-a-user");
    let li = super::user(&mut Books::new(&mut town.memory), "li").unwrap().unwrap();
    assert_eq!((li.role.as_str(), li.bounds.person.as_deref()), ("resident", Some(&*person)));
    town.actor = "li";
    let promote = json!({ "name": "li", "role": "admin" });
    assert_eq!(town.run("user role", promote.clone()).unwrap_err().code, "own-right");
    town.actor = "boss";
    town.run("user role", promote).unwrap();
    town.run("user disable", json!({ "name": "li", "reason": "离职" })).unwrap();
    let li = super::user(&mut Books::new(&mut town.memory), "li").unwrap().unwrap();
    assert!(li.disabled && li.changes == 3 && li.bounds.person.is_none());
    assert_eq!(
        town.run("user passwd", json!({ "name": "wu", "password_hash": HASH })).unwrap_err().code,
        "unknown-user"
    );
    assert_eq!(town.ask("user list", json!({})).rows.len(), 1);
}

#[test]
fn a_key_ends_on_its_day_or_when_it_is_taken_back() {
    let mut town = town();
    let issue = |until: &str| json!({ "id": "his-1", "secret_hash": "0".repeat(64), "provider": "H99010100001", "until": until });
    assert_eq!(town.run("key issue", issue("2024-03-02")).unwrap_err().code, "impossible-date");
    town.run("key issue", issue("2022-12-31")).unwrap();
    assert_eq!(town.run("key issue", issue("2022-12-31")).unwrap_err().code, "already-issued");
    let holds = |town: &mut Town| {
        let at = town.today.at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_microsecond();
        let desk = crate::Desk { rules: &town.rules, vault: &town.vault, at, actor: "t" };
        super::api_key(&desk, &mut Books::new(&mut town.memory), "his-1").unwrap().is_some()
    };
    assert!(holds(&mut town));
    town.today = date(2023, 1, 1);
    assert!(!holds(&mut town));
    town.today = date(2022, 3, 1);
    town.run("key revoke", json!({ "id": "his-1", "reason": "泄露" })).unwrap();
    assert!(!holds(&mut town));
}

#[test]
fn what_one_proposes_another_approves_and_never_the_same() {
    let mut town = town();
    let fields = json!({ "number": "11010519491231002X", "name": "某", "area": "990101" }).to_string();
    let made = town.run("proposal make", json!({ "verb": "person register", "fields": fields })).unwrap();
    let number = made.fields["proposal"].as_str().unwrap().to_owned();
    let sealed = serde_json::to_string(&town.memory.journal.last().unwrap().entry.body).unwrap();
    assert!(!sealed.contains("11010519491231002X"), "a proposal lies sealed: {sealed}");
    let approve = json!({ "proposal": number });
    assert_eq!(town.run("proposal approve", approve.clone()).unwrap_err().code, "same-person");
    town.actor = "second";
    let done = town.run("proposal approve", approve.clone()).unwrap();
    assert_eq!(done.fields["proposed_by"], "boss");
    assert_eq!(town.ask("person list", json!({})).rows.len(), 1);
    assert_eq!(town.run("proposal approve", approve).unwrap_err().code, "already-decided");
    assert_eq!(town.ask("proposal list", json!({})).rows.len(), 0);
    assert_eq!(town.ask("proposal list", json!({ "all": true })).rows[0][5], "approved");
}

#[test]
fn a_refused_approval_leaves_the_proposal_open() {
    let mut town = town();
    let fields = json!({ "number": "110105194912310020", "name": "某", "area": "990101" }).to_string();
    let made = town.run("proposal make", json!({ "verb": "person register", "fields": fields })).unwrap();
    town.actor = "second";
    assert_eq!(
        town.run("proposal approve", json!({ "proposal": made.fields["proposal"] })).unwrap_err().code,
        "wrong-check-digit"
    );
    assert_eq!(town.ask("proposal list", json!({})).rows.len(), 1);
    let own = json!({ "verb": "proposal approve", "fields": "{\"proposal\":\"x\"}" });
    assert_eq!(town.run("proposal make", own).unwrap_err().code, "not-proposable");
    town.run("proposal refuse", json!({ "proposal": made.fields["proposal"], "reason": "号码不对" })).unwrap();
    assert_eq!(town.ask("proposal list", json!({ "all": true })).rows[0][5], "refused");
}

#[test]
fn a_subject_is_one_user_and_a_user_one_subject() {
    let mut town = town();
    for name in ["li", "wu"] {
        town.run("user add", json!({ "name": name, "role": "counter" })).unwrap();
    }
    let issuer = "https://id.example.cn";
    let bind = |name: &str, subject: &str| json!({ "name": name, "issuer": issuer, "subject": subject });
    assert_eq!(town.run("user bind", bind("nobody", "s1")).unwrap_err().code, "unknown-user");
    assert_eq!(town.run("user bind", bind("li", "")).unwrap_err().code, "bad-subject");
    let file = json!({ "name": "li", "issuer": "file:///x", "subject": "s1" });
    assert_eq!(town.run("user bind", file).unwrap_err().code, "bad-issuer");
    town.run("user bind", bind("li", "11010519491231002X")).unwrap();
    assert_eq!(town.run("user bind", bind("li", "s2")).unwrap_err().code, "already-bound");
    assert_eq!(town.run("user bind", bind("wu", "11010519491231002X")).unwrap_err().code, "already-bound");
    let written = town.memory.journal.iter().any(|posted| posted.entry.body.contains("11010519491231002X"));
    assert!(!written, "a subject is kept as an index alone");
    let who = |town: &mut Town, issuer: &str| {
        let desk = crate::Desk { rules: &town.rules, vault: &town.vault, at: 0, actor: "t" };
        let found = super::bound(&desk, &mut Books::new(&mut town.memory), issuer, "11010519491231002X").unwrap();
        found.map(|(name, _)| name)
    };
    assert_eq!(who(&mut town, issuer).as_deref(), Some("li"));
    assert_eq!(who(&mut town, "https://another.example.cn"), None, "a subject is its issuer's");
    let before = super::user(&mut Books::new(&mut town.memory), "li").unwrap().unwrap().changes;
    town.run("user unbind", json!({ "name": "li", "reason": "调岗" })).unwrap();
    let li = super::user(&mut Books::new(&mut town.memory), "li").unwrap().unwrap();
    assert!(li.changes > before && li.hash.is_none(), "what li is signed in with ends");
    assert_eq!(who(&mut town, issuer), None);
    town.run("user bind", bind("wu", "11010519491231002X")).unwrap();
    assert_eq!(who(&mut town, issuer).as_deref(), Some("wu"));
    assert_eq!(town.memory.verify(), Vec::<String>::new());
}
