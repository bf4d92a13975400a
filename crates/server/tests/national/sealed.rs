//! Messages that are signed and encrypted, and operators who must have signed in.

use std::sync::Arc;

use serde_json::{Value, json};
use wire::cipher::{Hands, SM2_USER, SoftwareKey, Verifier};
use wire::gateway::{Account, Stamp};
use wire::{Reply, Request, Secret, moment};

use crate::his::{HOSPITAL, Platform, SECRET, code};

/// Keys of one side of a partner.
struct Keys {
    secret: Secret,
    sm4: Secret,
    mine: SoftwareKey,
    platform: Box<dyn Verifier>,
}

impl Keys {
    fn new() -> Keys {
        let key = |byte| SoftwareKey::from_bytes(&[byte; 32], SM2_USER).unwrap();
        let secret = Secret::new(SECRET);
        Keys { sm4: secret.sm4_key(), secret, mine: key(3), platform: Box::new(key(5).public()) }
    }

    fn hands(&self) -> Hands<'_> {
        Hands {
            sm4: Some(&self.sm4),
            sm3: Some(&self.secret),
            signer: Some(&self.mine),
            verifier: Some(&*self.platform),
        }
    }
}

/// Seals and signs a message, sends it, opens the reply.
fn send(his: &Platform, keys: &Keys, message: &Value) -> (Vec<u8>, u16, Reply) {
    let request = Request::read(message.to_string().as_bytes()).unwrap();
    let body = his.profile.cipher.seal(request, keys.hands(), [9; 16]).unwrap().bytes();
    let account = Account { name: "his".to_owned(), secret: keys.secret.clone() };
    let at = moment::at(his.now).unwrap();
    let signed = his.profile.gateway().sign(&body, &account, Stamp { at, nonce: "n1" });
    let headers: String = signed.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let answered = his.post("/national", &headers, &body);
    let reply = Reply::read(answered.body.as_bytes()).unwrap();
    (body, answered.status, reply)
}

#[test]
fn a_message_goes_there_and_back_under_sm4_and_sm2() {
    // The public key of the hospital, as `key issue` takes it.
    let public = include_str!("his.pem");
    let platform = SoftwareKey::from_bytes(&[5; 32], SM2_USER).unwrap();
    let his = Platform::new("example-gross", Some(Arc::new(platform)), Some(public));
    let keys = Keys::new();
    let message = his.message("1101", json!({ "data": { "mdtrt_cert_type": "02", "mdtrt_cert_no": his.person } }));
    let (body, status, reply) = send(&his, &keys, &message);
    assert_eq!(status, 200, "{reply:?}");
    assert!(!String::from_utf8(body).unwrap().contains(&his.person), "hidden on the way there");
    assert_eq!((reply.enctype.as_str(), reply.signtype.as_str()), ("SM4", "SM2"));
    assert!(!reply.json().to_string().contains(&his.person), "hidden on the way back");
    let opened = his.profile.cipher.open(reply, keys.hands()).unwrap();
    assert_eq!(opened.output["baseinfo"]["psn_no"], json!(his.person), "{opened:?}");
}

#[test]
fn where_the_region_asks_an_operator_signs_in_first() {
    let his = Platform::new("example-ladder", None, None);
    let keys = Keys::new();
    let open = |reply: Reply| his.profile.cipher.open(reply, keys.hands()).unwrap();
    let asked = json!({ "medinsinfo": { "fixmedins_type": "1" } });
    let (.., reply) = send(&his, &keys, &his.message("1201", asked.clone()));
    assert_eq!(code(&open(reply).json()), "not-signed-in");
    let signing = json!({ "signIn": { "opter_no": "0001", "mac": "m", "ip": "i" } });
    let (.., reply) = send(&his, &keys, &his.message("9001", signing));
    let number = open(reply).output["signinoutb"]["sign_no"].clone();
    let with = |opter: &str, infno: &str, input: Value| {
        let mut message = his.message(infno, input);
        message["sign_no"] = number.clone();
        message["opter"] = json!(opter);
        open(send(&his, &keys, &message).2)
    };
    let reply = with("0001", "1201", asked.clone());
    assert_eq!(reply.output["medinsinfo"][0]["fixmedins_code"], HOSPITAL, "{reply:?}");
    assert_eq!(code(&with("0002", "1201", asked.clone()).json()), "not-signed-in");
    with("0001", "9002", json!({ "signOut": { "sign_no": number, "opter_no": "0001" } }));
    assert_eq!(code(&with("0001", "1201", asked).json()), "not-signed-in");
}
