//! Sessions outlive the process, and end when they should all the same.

use serde_json::json;
use server::access::{Access, First};
use sha2::{Digest as _, Sha256};
use store::{Session, SessionChange};

use crate::town::{PASSWORD, Town, roles};

fn anew() -> Access {
    Access::new(roles(&[]), First::none())
}

#[test]
fn a_restart_signs_nobody_out_and_brings_nobody_back() {
    let mut town = Town::new();
    let admin = town.admin();
    let [li, wu, zhao] = ["li", "wu", "zhao"].map(|name| town.user(&admin, name, "counter", json!({})));
    assert_eq!(town.post("/v1/sign-out", &wu, &json!({})).status, 204);
    town.post("/v1/user/passwd", &admin, &json!({ "name": "zhao", "password": PASSWORD })).good();
    town.restart(anew());
    assert_eq!(town.get("/v1/me", &li).good()["name"], "li");
    assert_eq!(town.get("/v1/me", &wu).problem(401), "not-signed-in");
    assert_eq!(town.get("/v1/me", &zhao).problem(401), "not-signed-in", "another password ends it, restart or not");
    // What is changed after the restart ends what began before it.
    town.post("/v1/user/disable", &admin, &json!({ "name": "li", "reason": "离职" })).good();
    assert_eq!(town.get("/v1/me", &li).problem(401), "not-signed-in");
}

#[test]
fn a_session_kept_in_the_database_holds_by_its_times_alone() {
    let town = Town::new();
    town.admin();
    let now = service::Clock::now(&service::SystemClock);
    let minute = 60_000_000;
    let token = |letter: char| format!("tcs_{}", letter.to_string().repeat(43));
    let mut store = town.store();
    let mut keep = |letter: char, ends: i64, used: i64, changes: u32| {
        let session = Session {
            token: Sha256::digest(token(letter).as_bytes()).into(),
            user: "boss".to_owned(),
            changes,
            ends,
            used,
        };
        store.begin().unwrap();
        store.change_session("chongqing", &SessionChange::Begin(session)).unwrap();
        store.commit().unwrap();
    };
    keep('a', now + 60 * minute, now - 29 * minute, 1);
    keep('b', now - 1, now - minute, 1);
    keep('c', now + 60 * minute, now - 31 * minute, 1);
    keep('d', now + 60 * minute, now, 2);
    assert_eq!(town.get("/v1/me", &token('a')).good()["name"], "boss");
    for (letter, why) in [('b', "past its hours"), ('c', "idle"), ('d', "of another password"), ('e', "never begun")] {
        assert_eq!(town.get("/v1/me", &token(letter)).problem(401), "not-signed-in", "{why}");
    }
    let mut left = |letter: char| store.session("chongqing", &Sha256::digest(token(letter).as_bytes()).into()).unwrap();
    let used = left('a').unwrap().used;
    assert!(used > now - minute, "its use is told to the database: {used} {now}");
    assert!(['b', 'c', 'd'].into_iter().all(|letter| left(letter).is_none()), "what has ended is cleared away");
}

#[test]
fn the_database_does_not_hold_the_token() {
    let town = Town::new();
    let admin = town.admin();
    let files = std::fs::read_dir(town.folder()).unwrap().map(|file| file.unwrap().path());
    for file in files.filter(|file| file.is_file()) {
        let bytes = std::fs::read(&file).unwrap();
        for secret in [admin.as_bytes(), &admin.as_bytes()[4..], PASSWORD.as_bytes()] {
            assert!(!bytes.windows(secret.len()).any(|part| part == secret), "{}", file.display());
        }
    }
}
