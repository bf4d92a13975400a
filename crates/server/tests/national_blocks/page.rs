//! The messages of the guide page are sent as they stand, and the replies are what the page shows.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::town::Town;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/national-day.md");

/// What stands in angle brackets, by its name.
type Known = BTreeMap<String, Value>;

#[test]
fn the_messages_of_the_page_are_answered_as_it_says() {
    let mut town = Town::new();
    // A hospital of its own, with which the demo settled nothing.
    town.hospital = "H50010100099".to_owned();
    let hospital = json!({
        "provider": town.hospital, "name": "某医院", "area": "500101", "level": "1", "care": ["outpatient", "inpatient"],
        "online": true, "from": "2020-01-01",
    });
    town.run("provider register", hospital);
    let person = town.rows("member list", json!({ "year": 2022 }))[3][0].as_str().unwrap().to_owned();
    let (visit, settlement) = town.visited(&person, "MZ-1");
    let names =
        [("psn_no", &person), ("mdtrt_id", &visit), ("setl_id", &settlement), ("fixmedins_code", &town.hospital)];
    let mut known: Known = names.map(|(name, value)| (name.to_owned(), json!(value))).into();
    let text = std::fs::read_to_string(PAGE).unwrap();
    let mut replies = 0;
    let mut last: Option<(String, Value)> = None;
    for (kind, body) in blocks(&text) {
        let (kind, on) = kind.split_once(" on=").unwrap_or((kind.as_str(), ""));
        if let Ok(day) = on.parse() {
            town.set(day);
        }
        match kind.split_once('=').unwrap_or((kind, "")) {
            ("json send", infno) => {
                let input = filled(&serde_json::from_str(&body).unwrap_or_else(|e| panic!("{e}: {body}")), &known);
                let reply = town.send(&town.envelope(infno, &input));
                last = Some((infno.to_owned(), reply));
            }
            ("json reply", _) => {
                let (infno, reply) = last.clone().unwrap();
                assert_eq!(reply["infcode"], 0, "{infno}: {reply}");
                let shown: Value = serde_json::from_str(&body).unwrap_or_else(|e| panic!("{e}: {body}"));
                compare(&infno, &shown, &reply["output"], &mut known);
                replies += 1;
            }
            ("json refused", _) => {
                let (infno, reply) = last.clone().unwrap();
                assert_eq!(reply["infcode"], -1, "{infno}: {reply}");
                compare(&infno, &json!(body.trim()), &reply["err_msg"], &mut known);
                replies += 1;
            }
            ("text upload", _) => {
                known.insert("file".to_owned(), json!(STANDARD.encode(replaced(&body, &known))));
            }
            ("text downloaded", _) => {
                let number = known["result_no"].clone();
                assert_eq!(town.fetched(&number, &town.hospital), replaced(&body, &known));
                replies += 1;
            }
            _ => {}
        }
    }
    assert!(replies > 15, "{replies}");
}

/// The fenced blocks of a page: kind and text.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let body = lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
            blocks.push((kind.to_owned(), body));
        }
    }
    blocks
}

/// The name of a text that is one in angle brackets.
fn name(text: &str) -> Option<&str> {
    text.strip_prefix('<')?.strip_suffix('>')
}

fn replaced(text: &str, known: &Known) -> String {
    known.iter().fold(text.to_owned(), |text, (name, value)| match value.as_str() {
        Some(value) => text.replace(&format!("<{name}>"), value),
        None => text,
    })
}

fn filled(value: &Value, known: &Known) -> Value {
    match value {
        Value::String(text) => match name(text) {
            Some(name) => known.get(name).unwrap_or_else(|| panic!("<{name}> is not known yet")).clone(),
            None => value.clone(),
        },
        Value::Array(rows) => rows.iter().map(|row| filled(row, known)).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), filled(value, known))).collect(),
        _ => value.clone(),
    }
}

/// Holds what the page shows against what was said: it may leave out fields, and rows behind a last `…`.
fn compare(at: &str, shown: &Value, said: &Value, known: &mut Known) {
    match (shown, said) {
        (Value::String(text), _) if text == "…" => assert!(!said.is_null(), "{at} is empty"),
        (Value::String(text), _) if name(text).is_some() => {
            let name = name(text).unwrap();
            let before = known.entry(name.to_owned()).or_insert_with(|| said.clone());
            assert_eq!(before, said, "{at}");
        }
        (Value::String(text), Value::String(said)) if text.ends_with('…') => {
            assert!(said.starts_with(text.trim_end_matches('…')), "{at}: {said}");
        }
        (Value::Object(shown), Value::Object(said)) => {
            for (name, shown) in shown {
                let said = said.get(name).unwrap_or_else(|| panic!("{at}: no {name} in {said:?}"));
                compare(&format!("{at}.{name}"), shown, said, known);
            }
        }
        (Value::Array(shown), Value::Array(said)) => {
            let open = shown.last().is_some_and(|last| last == "…");
            let rows = shown.len() - usize::from(open);
            assert!(said.len() == rows || open && said.len() > rows, "{at}: {said:?}");
            shown[..rows].iter().zip(said).for_each(|(shown, said)| compare(at, shown, said, known));
        }
        (Value::Number(shown), Value::Number(said)) => assert_eq!(shown.as_f64(), said.as_f64(), "{at}"),
        _ => assert_eq!(shown, said, "{at}"),
    }
}
