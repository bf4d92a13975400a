//! All kinds of gateway: what is signed passes, and each way to be refused is told apart.

use super::*;
use proptest::prelude::*;

const NOW: i64 = 1_672_600_000;
const WINDOW: i64 = 1_800;

fn kinds() -> Vec<(Box<dyn Gateway>, bool)> {
    let headers = DigestHeaders {
        account: "x-account".to_owned(),
        timestamp: "x-timestamp".to_owned(),
        nonce: "x-nonce".to_owned(),
        digest: "x-digest".to_owned(),
    };
    vec![
        (Box::new(ApiGateway { name: "fsi".to_owned(), version: "1.0.0".to_owned(), window: WINDOW }), false),
        (Box::new(TifGateway { window: WINDOW }), false),
        (Box::new(DigestGateway { headers, window: WINDOW }), true),
    ]
}

fn account() -> Account {
    Account { name: "H99010100001".to_owned(), secret: Secret::new("秘密") }
}

fn keys(name: &str) -> Option<Secret> {
    (name == "H99010100001").then(|| Secret::new("秘密"))
}

fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn signed(gateway: &dyn Gateway, body: &[u8]) -> Headers {
    gateway.sign(body, &account(), Stamp { at: moment(NOW), nonce: "n1" })
}

#[test]
fn what_is_signed_passes_within_the_window_and_not_a_second_later() {
    for (gateway, _) in kinds() {
        let headers = signed(gateway.as_ref(), b"{}");
        for now in [NOW - WINDOW, NOW, NOW + WINDOW] {
            let caller = gateway.check(&headers, b"{}", moment(now), &keys).unwrap();
            assert_eq!((caller.account.as_str(), caller.at), ("H99010100001", Some(moment(NOW))), "{gateway:?}");
        }
        for now in [NOW - WINDOW - 1, NOW + WINDOW + 1] {
            let refused = gateway.check(&headers, b"{}", moment(now), &keys).unwrap_err();
            assert_eq!(refused, Refused::Stale(WINDOW + 1, WINDOW), "{gateway:?}");
        }
    }
}

#[test]
fn every_header_is_needed_and_needed_once() {
    for (gateway, _) in kinds() {
        let headers = signed(gateway.as_ref(), b"{}");
        for (name, value) in headers.iter() {
            let without: Headers = headers.iter().filter(|(other, _)| *other != name).collect();
            let refused = gateway.check(&without, b"{}", moment(NOW), &keys).unwrap_err();
            assert_eq!(refused, Refused::Missing(name.to_owned()));
            let twice = headers.clone().with(name, value);
            let refused = gateway.check(&twice, b"{}", moment(NOW), &keys).unwrap_err();
            assert_eq!(refused, Refused::Twice(name.to_owned()));
        }
    }
}

#[test]
fn an_unknown_account_and_another_secret_are_told_apart() {
    for (gateway, _) in kinds() {
        let headers = signed(gateway.as_ref(), b"{}");
        let nobody = gateway.check(&headers, b"{}", moment(NOW), &|_| None).unwrap_err();
        assert_eq!(nobody, Refused::Unknown("H99010100001".to_owned()));
        let other = gateway.check(&headers, b"{}", moment(NOW), &|_| Some(Secret::new("other"))).unwrap_err();
        assert_eq!(other, Refused::Signature);
    }
}

#[test]
fn names_of_headers_may_be_written_in_any_case() {
    for (gateway, _) in kinds() {
        let headers: Headers =
            signed(gateway.as_ref(), b"{}").iter().map(|(name, value)| (name.to_uppercase(), value)).collect();
        assert!(gateway.check(&headers, b"{}", moment(NOW), &keys).is_ok(), "{gateway:?}");
    }
}

#[test]
fn an_open_gateway_asks_nothing() {
    assert!(OpenGateway.check(&Headers::default(), b"", moment(NOW), &keys).is_ok());
}

#[test]
fn a_clock_has_ten_or_thirteen_digits() {
    assert_eq!(clock("1672600000"), Ok(moment(NOW)));
    assert_eq!(clock("1672600000000"), Ok(moment(NOW)));
    for text in ["", "167260000", "16726000000", "-672600000", "2023-01-01", "１６７２６０００００"] {
        assert_eq!(clock(text), Err(Refused::Unreadable(text.to_owned())));
    }
}

#[test]
fn each_refusal_says_what_to_do() {
    let refusals = [
        Refused::Missing("x".to_owned()),
        Refused::Twice("x".to_owned()),
        Refused::Unreadable("x".to_owned()),
        Refused::Stale(9, 5),
        Refused::Unknown("x".to_owned()),
        Refused::Signature,
    ];
    let codes: std::collections::BTreeSet<_> = refusals.iter().map(Refused::code).collect();
    assert_eq!(codes.len(), refusals.len());
    assert!(refusals.iter().all(|refused| refused.zh().contains("请") && refused.en().contains(": ")));
}

proptest! {
    /// Any character of any header changed is refused, but for the case of hex digits; so is a changed body where the
    /// signature covers it.
    #[test]
    fn what_is_changed_on_the_way_is_refused(kind in 0usize..3, place in 0usize..400, with in 0x21u8..0x7f, body in prop::collection::vec(any::<u8>(), 1..80)) {
        let (gateway, covers) = &kinds()[kind];
        let headers = signed(gateway.as_ref(), &body);
        let mut all: Vec<(String, String)> = headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let header = place % all.len();
        let mut bytes = all[header].1.clone().into_bytes();
        let at = place / all.len() % bytes.len();
        prop_assume!(!bytes[at].eq_ignore_ascii_case(&with));
        bytes[at] = with;
        all[header].1 = String::from_utf8(bytes).unwrap();
        let changed: Headers = all.into_iter().collect();
        prop_assert!(gateway.check(&changed, &body, moment(NOW), &keys).is_err());

        let mut other = body.clone();
        other[place % body.len()] ^= with;
        prop_assert_eq!(gateway.check(&headers, &other, moment(NOW), &keys).is_err(), *covers);
    }
}
