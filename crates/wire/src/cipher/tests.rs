//! Every cipher: what is sealed opens to the same, and nothing else does.

use super::*;
use crate::envelope::{Reply, Request};
use proptest::prelude::*;
use serde_json::{Value, json};

struct Keyring {
    sm4: Secret,
    sm3: Secret,
    private: SoftwareKey,
    public: SoftwarePublicKey,
}

impl Keyring {
    fn new() -> Keyring {
        let private = SoftwareKey::from_bytes(&[7; 32], SM2_USER).unwrap();
        let public = private.public();
        Keyring { sm4: Secret::new(*b"0123456789abcdef"), sm3: Secret::new("秘密"), private, public }
    }

    fn hands(&self) -> Hands<'_> {
        Hands { sm4: Some(&self.sm4), sm3: Some(&self.sm3), signer: Some(&self.private), verifier: Some(&self.public) }
    }
}

fn ciphers() -> Vec<Cipher> {
    let encryptions = [Encryption::Plain, Encryption::Sm4];
    let signatures = [Signature::None, Signature::Sm3, Signature::Sm2];
    encryptions
        .into_iter()
        .flat_map(|encryption| signatures.map(|signature| Cipher { encryption, signature }))
        .collect()
}

fn request() -> Request {
    let asked = json!({
        "infno": "1101", "msgid": "H99010100001202301020304050007", "mdtrtarea_admvs": "990100", "infver": "V1.0",
        "opter_type": "1", "opter": "0001", "opter_name": "甲", "inf_time": "2023-01-02 03:04:05",
        "fixmedins_code": "H99010100001", "fixmedins_name": "示范医院",
        "input": {"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": "x"}},
    });
    Request::read(asked.to_string().as_bytes()).unwrap()
}

#[test]
fn requests_and_replies_come_back_from_every_cipher() {
    let keyring = Keyring::new();
    let at = jiff::civil::datetime(2023, 1, 2, 3, 4, 5, 0);
    let reply = Reply::done("1".to_owned(), at, at, json!({"baseinfo": {"psn_name": "甲"}}));
    for cipher in ciphers() {
        let sent = cipher.seal(request(), keyring.hands(), [7; 16]).unwrap();
        assert_eq!(sent.input.is_string(), cipher.encryption == Encryption::Sm4, "{cipher:?}");
        let read = Request::read(&sent.bytes()).unwrap();
        assert_eq!(cipher.open(read, keyring.hands()).unwrap().input, request().input, "{cipher:?}");
        let sent = cipher.seal(reply.clone(), keyring.hands(), [7; 16]).unwrap();
        let read = Reply::read(&sent.bytes()).unwrap();
        assert_eq!(cipher.open(read, keyring.hands()).unwrap().output, reply.output, "{cipher:?}");
    }
}

#[test]
fn a_region_takes_only_its_own_way() {
    let keyring = Keyring::new();
    let hands = keyring.hands();
    let [plain, signed, hidden] = [
        Cipher::default(),
        Cipher { encryption: Encryption::Plain, signature: Signature::Sm3 },
        Cipher { encryption: Encryption::Sm4, signature: Signature::None },
    ];
    let sealed = |cipher: Cipher| cipher.seal(request(), hands, [7; 16]).unwrap();
    assert_eq!(hidden.open(sealed(plain), hands).unwrap_err(), Unsealed::Plain);
    assert_eq!(plain.open(sealed(hidden), hands).unwrap_err(), Unsealed::Encrypted("SM4".to_owned()));
    assert_eq!(signed.open(sealed(plain), hands).unwrap_err(), Unsealed::Otherwise(String::new(), Signature::Sm3));
    assert_eq!(hidden.open(sealed(hidden), Hands::default()).unwrap_err(), Unsealed::Key("SM4"));
    assert_eq!(signed.seal(request(), Hands::default(), [7; 16]).unwrap_err(), Unsealed::Key("SM3"));
    let other = Secret::new(*b"another key 0000");
    let wrong = Hands { sm4: Some(&other), ..hands };
    assert_eq!(hidden.open(sealed(hidden), wrong).unwrap_err(), Unsealed::Broken);
}

#[test]
fn content_in_clear_that_came_as_text_is_read() {
    let mut asked = request();
    asked.input = Value::String(asked.input.to_string());
    assert_eq!(Cipher::default().open(asked, Hands::default()).unwrap().input, request().input);
}

#[test]
fn each_refusal_says_what_to_do() {
    let refusals = [
        Unsealed::Plain,
        Unsealed::Encrypted("SM4".to_owned()),
        Unsealed::Otherwise(String::new(), Signature::Sm2),
        Unsealed::Broken,
        Unsealed::Key("SM4"),
        Unsealed::Ampersand("opter".to_owned()),
        Unsealed::Device("x".to_owned()),
    ];
    let codes: std::collections::BTreeSet<_> = refusals.iter().map(Unsealed::code).collect();
    assert_eq!(codes.len(), refusals.len());
    assert!(refusals.iter().all(|refused| refused.zh().contains('：') && refused.en().contains(": ")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Under a signature no byte of a message can be changed: it is no longer read, or refused.
    #[test]
    fn a_flipped_byte_is_refused(which in 0usize..6, place in 0usize..4000, bit in 0u8..8) {
        let cipher = ciphers()[which];
        prop_assume!(cipher.signature != Signature::None);
        let keyring = Keyring::new();
        let mut bytes = cipher.seal(request(), keyring.hands(), [7; 16]).unwrap().bytes();
        let at = place % bytes.len();
        bytes[at] ^= 1 << bit;
        if let Ok(read) = Request::read(&bytes) {
            prop_assert!(cipher.open(read, keyring.hands()).is_err(), "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn any_content_comes_back(text in "\\PC{0,200}", begin: [u8; 16]) {
        let keyring = Keyring::new();
        let cipher = Cipher { encryption: Encryption::Sm4, signature: Signature::Sm2 };
        let mut asked = request();
        asked.input = json!({"data": {"memo": text}});
        let sent = cipher.seal(asked.clone(), keyring.hands(), begin).unwrap();
        let opened = cipher.open(Request::read(&sent.bytes()).unwrap(), keyring.hands()).unwrap();
        prop_assert_eq!(opened.input, asked.input);
    }
}
