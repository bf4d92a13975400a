//! What a message is refused for before its transaction is looked at, and at the gateway.

use jiff::ToSpan as _;
use serde_json::{Value, json};
use wire::gateway::{Account, Stamp};
use wire::{Secret, moment};

use crate::his::{HOSPITAL, OTHER, Platform, SECRET, code};

#[test]
fn what_cannot_be_read_is_told_in_a_reply() {
    let his = Platform::open();
    let answered = his.post("/national", "", b"{\"infno\": ");
    assert_eq!((answered.status, code(&answered.json())), (200, "bad-message".to_owned()));
    let mut message = his.message("9001", json!({ "signIn": { "opter_no": "0001", "mac": "m", "ip": "i" } }));
    message["infver"] = Value::Null;
    assert_eq!(his.refused(&message), "bad-message");
    assert_eq!(his.refused(&his.message("0000", json!({}))), "unknown-infno");
    let lacking = his.message("2201", json!({ "data": { "psn_no": "1" } }));
    let reply = his.send(&lacking);
    assert!(reply["err_msg"].as_str().unwrap().contains("data.insutype"), "{reply}");
    let mut stale = his.message("9001", json!({}));
    stale["inf_time"] = moment::spoken(his.now.checked_sub(31.minutes()).unwrap()).into();
    assert_eq!(his.refused(&stale), "clock-off");
    let mut foreign = his.message("9001", json!({}));
    foreign["msgid"] = his.msgid(OTHER).into();
    assert_eq!(his.refused(&foreign), "other-institution");
    let other = his.post("/national/2207", "", his.message("9001", json!({})).to_string().as_bytes());
    assert_eq!(code(&other.json()), "other-infno");
}

#[test]
fn an_oversized_body_is_not_read() {
    let his = Platform::open();
    let message = his.message("9001", json!({ "signIn": "x".repeat(300 * 1024) }));
    let answered = his.post("/national", "", message.to_string().as_bytes());
    assert_eq!((answered.status, code(&answered.json())), (413, "too-large".to_owned()));
}

#[test]
fn the_same_serial_of_another_institution_is_another_message() {
    let his = Platform::open();
    let signing = json!({ "signIn": { "opter_no": "0001", "mac": "m", "ip": "i" } });
    let mine = his.good(&his.message_of(HOSPITAL, "9001", signing.clone()));
    let theirs = his.good(&his.message_of(OTHER, "9001", signing));
    assert_ne!(mine["signinoutb"]["sign_no"], theirs["signinoutb"]["sign_no"]);
}

/// The headers of the gateway for a body.
fn headers(his: &Platform, account: &str, secret: &str, late: i64, body: &[u8]) -> String {
    let account = Account { name: account.to_owned(), secret: Secret::new(secret) };
    let at = moment::at(his.now).unwrap() - late.seconds();
    let signed = his.profile.gateway().sign(body, &account, Stamp { at, nonce: "n1" });
    signed.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect()
}

#[test]
fn the_gateway_refuses_each_fault_by_name() {
    let his = Platform::new("chongqing", None, None);
    let message = his.message("9001", json!({ "signIn": { "opter_no": "0001", "mac": "m", "ip": "i" } })).to_string();
    let body = message.as_bytes();
    let send = |headers: &str| {
        let answered = his.post("/national", headers, body);
        (answered.status, code(&answered.json()))
    };
    let refused = |word: &str| (401, word.to_owned());
    assert_eq!(send(""), refused("gateway-header-missing"));
    assert_eq!(send(&headers(&his, "nobody", SECRET, 0, body)), refused("gateway-account-unknown"));
    assert_eq!(send(&headers(&his, "his", "another", 0, body)), refused("gateway-signature-wrong"));
    assert_eq!(send(&headers(&his, "his", SECRET, 1_801, body)), refused("gateway-clock-off"));
    // A message of an institution, sent again by the account of another.
    assert_eq!(send(&headers(&his, "other", SECRET, 0, body)), refused("other-institution"));
    let answered = his.post("/national", &headers(&his, "his", SECRET, 0, body), body);
    assert_eq!((answered.status, &answered.json()["infcode"]), (200, &json!(0)), "{answered:?}");
}
