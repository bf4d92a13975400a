//! Each kind of gateway and of cipher, over TLS and in clear, with keys from files.

use std::fs;
use std::process::Command;

use crate::common::run;
use crate::served::{Books, done};

/// Issues an account at the gateway; writes its secret into a file, as the one who is given it would.
fn account(books: &Books, public_key: Option<&str>) -> String {
    let until = books.today.checked_add(jiff::Span::new().months(3)).unwrap();
    let words = format!(
        "key issue --db {} --id his --provider {} --until {until} --gateway",
        books.db(),
        books.institution('H')
    );
    let mut issue = Command::new(env!("CARGO_BIN_EXE_tongchou"));
    issue.args(words.split_whitespace());
    if let Some(file) = public_key {
        issue.arg(format!("--public-key={}", fs::read_to_string(file).unwrap()));
    }
    let issued = issue.output().unwrap();
    let said = String::from_utf8(issued.stdout).unwrap();
    let begin = said.find("tck_").unwrap_or_else(|| panic!("{said}{}", String::from_utf8_lossy(&issued.stderr)));
    let secret = said[begin..].split(|c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c)).next().unwrap();
    let file = books.file("secret");
    fs::write(&file, format!("{secret}\n")).unwrap();
    format!("--account his --secret {file}")
}

/// Makes a key of SM2: files of the private and of the public one.
fn sm2(books: &Books, name: &str) -> [String; 2] {
    let [private, public] = ["key", "pub"].map(|end| books.file(&format!("{name}.{end}")));
    for words in [format!("genpkey -algorithm SM2 -out {private}"), format!("pkey -in {private} -pubout -out {public}")]
    {
        let made = Command::new("openssl").args(words.split_whitespace()).output().unwrap();
        assert!(made.status.success(), "{words}: {}", String::from_utf8_lossy(&made.stderr));
    }
    [private, public]
}

const DAY: &str = "--visits 30 --clients 4 --faults";

fn faults(report: &serde_json::Value) -> [bool; 2] {
    ["forged", "replayed"].map(|fault| report["faults"][fault].as_u64().is_some_and(|count| count > 0))
}

/// The kinds of headers of two provinces, and one with SM3 where operators must sign in.
#[test]
fn signed_headers_and_sm3_are_spoken_and_false_ones_are_refused() {
    let books = Books::of("chongqing", 40);
    let account = account(&books, None);
    let file = format!("key issue --db {} --id other --provider {}", books.db(), books.institution('H'));
    let file = run(&format!("{file} --until {} --gateway --public-key his.pub", books.today));
    assert!(file.code == 1 && file.err.contains("not-a-key"), "a file is no key: {}", file.err);
    for (profile, seed) in [("chongqing", 1), ("jiangsu", 2), ("example-ladder", 3)] {
        let served = books.serve(&format!("--profile {profile}"));
        let report = books.play(&served.url(), &format!("--profile {profile} {account} --seed {seed} {DAY}"));
        assert!(report["settled"].as_u64().unwrap() > 10, "{profile}: {report:#}");
        assert_eq!(faults(&report), [true; 2], "{profile}: {report:#}");
        let wrong = books.file("wrong");
        fs::write(&wrong, "tck_wrong").unwrap();
        let ran = books.ran(&served.url(), &format!("--profile {profile} --account his --secret {wrong}"));
        assert!(ran.code == 1 && ran.err.contains("gateway-signature-wrong"), "{profile}: {}", ran.err);
    }
    books.verify();
}

/// The third kind of headers, SM4 and SM2, over TLS.
#[test]
fn sm4_and_sm2_are_spoken_over_tls() {
    let books = Books::of("chongqing", 40);
    let [his_key, his_public] = sm2(&books, "his");
    let [platform_key, platform_public] = sm2(&books, "platform");
    let account = account(&books, Some(&his_public));
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let [cert, private] = ["c.pem", "k.pem"].map(|name| books.file(name));
    fs::write(&cert, made.cert.pem()).unwrap();
    fs::write(&private, made.signing_key.serialize_pem()).unwrap();
    let profile = "--profile example-gross";
    let served = books.serve(&format!("{profile} --sm2-key {platform_key} --cert {cert} --private-key {private}"));
    let url = format!("https://{}/national", served.address);
    let keys = format!("{profile} {account} --sm2-key {his_key} --platform-key {platform_public}");
    let report = books.play(&url, &format!("{keys} --ca {cert} --seed 4 {DAY}"));
    assert!(report["settled"].as_u64().unwrap() > 10 && done(&report, "9102") > 0, "{report:#}");
    assert_eq!(faults(&report), [true; 2], "{report:#}");

    let strange = books.ran(&url, &keys);
    assert!(strange.code == 1 && strange.err.contains("certificate"), "a certificate nobody trusts: {}", strange.err);
    let clear = books.ran(&served.url(), &keys);
    assert_eq!(clear.code, 1, "{}", clear.err);
    let other = format!("{profile} {account} --sm2-key {platform_key} --platform-key {platform_public} --ca {cert}");
    let other = books.ran(&url, &other);
    assert!(other.code == 1 && other.err.contains("cipher-broken"), "another's key: {}", other.err);
    books.verify();
}
