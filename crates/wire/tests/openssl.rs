//! OpenSSL 3 as an independent witness: what we compute it computes, what we sign it checks, and the other way round.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop at the first surprise")]
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the witness is another program, and reads files"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wire::cipher::{
    Cipher, Encryption, Hands, SM2_USER, Signature, Signer as _, SoftwareKey, SoftwarePublicKey, Verifier as _,
};
use wire::gateway::{Account, ApiGateway, DigestGateway, DigestHeaders, Gateway, Headers, Stamp, TifGateway};
use wire::{Request, Secret};

/// Runs `openssl`; what it wrote.
fn openssl(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let done = Command::new("openssl").args(arguments).current_dir(folder).output();
    let done = done.expect("these tests need the program openssl, version 3 (apt-get install openssl)");
    assert!(done.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn digest(folder: &Path, text: &[u8], arguments: &[&str]) -> Vec<u8> {
    fs::write(folder.join("text"), text).unwrap();
    openssl(folder, &[&["dgst", "-binary"], arguments, &["text"]].concat())
}

fn stamp() -> Stamp<'static> {
    Stamp { at: jiff::Timestamp::from_second(1_672_600_000).unwrap(), nonce: "n1" }
}

fn account() -> Account {
    Account { name: "H99010100001".to_owned(), secret: Secret::new("secret") }
}

fn header<'a>(headers: &'a Headers, name: &str) -> &'a str {
    headers.one(name).unwrap()
}

#[test]
fn the_gateways_signatures_are_what_openssl_computes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();

    let api = ApiGateway { name: "fsi".to_owned(), version: "1.0.0".to_owned(), window: 1800 };
    let headers = api.sign(b"{}", &account(), stamp());
    let text = "_api_access_key=H99010100001&_api_name=fsi&_api_timestamp=1672600000000&_api_version=1.0.0";
    let theirs = digest(folder, text.as_bytes(), &["-sha1", "-hmac", "secret"]);
    assert_eq!(header(&headers, "_api_signature"), STANDARD.encode(theirs));

    let headers = TifGateway { window: 1800 }.sign(b"{}", &account(), stamp());
    let theirs = digest(folder, b"1672600000secretn11672600000", &["-sha256"]);
    assert_eq!(header(&headers, "x-tif-signature"), hex(&theirs));

    let names = ["a", "t", "n", "d"].map(str::to_owned);
    let [account_name, timestamp, nonce, digest_name] = names;
    let names = DigestHeaders { account: account_name, timestamp, nonce, digest: digest_name };
    let headers = DigestGateway { headers: names, window: 1800 }.sign(b"{}", &account(), stamp());
    let body = hex(&digest(folder, b"{}", &["-sm3"]));
    let text = format!("H99010100001\n1672600000000\nn1\n{body}");
    let theirs = digest(folder, text.as_bytes(), &["-sm3", "-hmac", "secret"]);
    assert_eq!(header(&headers, "d"), hex(&theirs));
}

#[test]
fn openssl_opens_what_we_encrypt_and_we_open_what_it_encrypts() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (key, begin) = (*b"0123456789abcdef", [7_u8; 16]);
    let secret = Secret::new(key);
    let hands = Hands { sm4: Some(&secret), ..Hands::default() };
    let cipher = Cipher { encryption: Encryption::Sm4, signature: Signature::None };
    let sm4 = |direction: &str| {
        openssl(folder, &["enc", "-sm4-cbc", direction, "-K", &hex(&key), "-iv", &hex(&begin), "-in", "text"])
    };

    let asked = request();
    let sealed = cipher.seal(asked.clone(), hands, begin).unwrap();
    let hidden = STANDARD.decode(sealed.input.as_str().unwrap()).unwrap();
    assert_eq!(hidden[..16], begin);
    fs::write(folder.join("text"), &hidden[16..]).unwrap();
    let clear: Value = serde_json::from_slice(&sm4("-d")).unwrap();
    assert_eq!(clear, asked.input);

    fs::write(folder.join("text"), asked.input.to_string()).unwrap();
    let theirs = [begin.as_slice(), &sm4("-e")].concat();
    let sent = Request { input: STANDARD.encode(theirs).into(), enc_type: "SM4".to_owned(), ..asked.clone() };
    assert_eq!(cipher.open(sent, hands).unwrap().input, asked.input);
}

#[test]
fn openssl_checks_what_we_sign_and_we_check_what_it_signs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    openssl(folder, &["genpkey", "-algorithm", "SM2", "-out", "key.pem"]);
    openssl(folder, &["pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"]);
    let private = SoftwareKey::from_pem(&fs::read_to_string(folder.join("key.pem")).unwrap(), SM2_USER).unwrap();
    let public =
        SoftwarePublicKey::from_pem(&fs::read_to_string(folder.join("public.pem")).unwrap(), SM2_USER).unwrap();
    let user = format!("distid:{SM2_USER}");
    let sm2 = ["pkeyutl", "-rawin", "-digest", "sm3", "-pkeyopt", &user, "-in", "text"];

    for text in ["", "infno=2207&msgid=1", "医疗保障"] {
        fs::write(folder.join("text"), text).unwrap();
        let ours = private.sign(text.as_bytes()).unwrap();
        fs::write(folder.join("signature"), der(&ours)).unwrap();
        openssl(folder, &[&sm2[..], &["-verify", "-pubin", "-inkey", "public.pem", "-sigfile", "signature"]].concat());

        let theirs = raw(&openssl(folder, &[&sm2[..], &["-sign", "-inkey", "key.pem"]].concat()));
        assert!(public.verify(text.as_bytes(), &theirs), "{text}");
        assert!(!public.verify(format!("{text}.").as_bytes(), &theirs), "{text}");
    }
}

/// r and s as OpenSSL writes them: a sequence of two whole numbers, without leading zeros, with one where the first bit is set.
fn der(signature: &[u8]) -> Vec<u8> {
    let numbers: Vec<u8> = signature
        .chunks(32)
        .flat_map(|number| {
            let first = number.iter().position(|byte| *byte != 0).unwrap();
            let zero = if number[first] >= 0x80 { &[0][..] } else { &[] };
            let number = [zero, &number[first..]].concat();
            [vec![2, u8::try_from(number.len()).unwrap()], number].concat()
        })
        .collect();
    [vec![0x30, u8::try_from(numbers.len()).unwrap()], numbers].concat()
}

/// The other way round.
fn raw(der: &[u8]) -> Vec<u8> {
    let mut rest = &der[2..];
    let mut signature = Vec::new();
    for _ in 0..2 {
        let (number, after) = rest[2..].split_at(usize::from(rest[1]));
        let number: Vec<u8> = number.iter().copied().skip_while(|byte| *byte == 0).collect();
        signature.extend(vec![0; 32 - number.len()]);
        signature.extend(number);
        rest = after;
    }
    signature
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
