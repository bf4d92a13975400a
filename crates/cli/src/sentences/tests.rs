//! The table holds every sentence that the sources write, and turns each into English.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::*;

/// Where sentences stand that people read untranslated otherwise: folders, and behind which words; without words, all.
const SOURCES: &[(&str, &[&str])] = &[
    ("domain/src/money.rs", &[]),
    ("enrolment/src", &[]),
    ("policy/src", &[]),
    ("cli/src/io", &[]),
    ("cli/src/simulations", &[]),
    ("microsim/src/generate/ground.rs", &["Refused::new("]),
    ("cases/src", &[]),
    ("settlement/src/refusal.rs", &[]),
    ("settlement/src/engine.rs", &["lacks.push("]),
    ("claims/src", &[]),
    ("shelf/src", &[]),
    ("cli/src/verbs", &["Stop::", "let what =", "let cure =", "Err(", "map_err(", "ok_or"]),
    (
        "books/src",
        &["foot =", "foot:", "foot.push_str(", "fn foot(", "const NO_LINE", " fact(", "(fact(", " step(", "(step("],
    ),
];

/// Sources that say all in both languages.
const BILINGUAL: [&str; 4] =
    ["policy/src/completion.rs", "policy/src/registry.rs", "policy/src/status.rs", "policy/src/vocabulary.rs"];

fn files(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        std::fs::read_dir(path).unwrap().for_each(|entry| files(&entry.unwrap().path(), found));
    } else if !path.to_string_lossy().contains("test") && !BILINGUAL.iter().any(|known| path.ends_with(known)) {
        found.push(path.to_owned());
    }
}

/// The texts in quotes of a source.
fn quoted(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut letters = source.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '/' if letters.peek() == Some(&'/') => letters.by_ref().take_while(|letter| *letter != '\n').for_each(drop),
            // A quote as a character opens no text.
            '\'' if letters.peek() == Some(&'"') => _ = letters.next(),
            '"' => {
                let mut text = String::new();
                while let Some(letter) = letters.next().filter(|letter| *letter != '"') {
                    match (letter, (letter == '\\').then(|| letters.next()).flatten()) {
                        (_, Some('\n')) => while letters.next_if(|letter| letter.is_whitespace()).is_some() {},
                        (_, Some('n')) => text.push_str("\\n"),
                        (_, Some(escaped)) => text.push(escaped),
                        (letter, None) => text.push(letter),
                    }
                }
                found.push(text);
            }
            _ => {}
        }
    }
    found
}

/// A text with empty holes: `{name}` and `{:.2}` become `{}`.
fn holed(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let named = |name: &str| {
            name.split(':').next().unwrap_or_default().chars().all(|c| c.is_ascii_alphanumeric() || "_.".contains(c))
        };
        match after.split_once('}').filter(|(name, _)| named(name)) {
            Some((_, after)) => {
                out.push_str("{}");
                rest = after;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    let out = out + rest;
    if out.contains("{{") { out.replace("{{", "{").replace("}}", "}") } else { out }
}

fn chinese(text: &str) -> bool {
    text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
}

/// Every sentence of the sources.
fn sentences() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (below, marks) in SOURCES {
        let mut paths = Vec::new();
        files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(below), &mut paths);
        assert!(!paths.is_empty(), "{below}");
        for path in paths {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let mut parts = vec![code];
            if !marks.is_empty() {
                let end = |mark: &str| if mark.starts_with("fn ") { "\n}\n" } else { ";\n" };
                let behind = |mark: &&str| code.match_indices(*mark).map(|(at, _)| &code[at..]).collect::<Vec<_>>();
                let first = |mark: &&str, rest: &'_ str| rest.find(end(mark)).unwrap_or(rest.len());
                parts = Vec::new();
                for mark in *marks {
                    parts.extend(behind(mark).into_iter().map(|rest| &rest[..first(mark, rest)]));
                }
            }
            found.extend(parts.into_iter().flat_map(quoted).filter(|text| chinese(text)).map(|text| holed(&text)));
        }
    }
    found
}

#[test]
fn every_sentence_of_the_sources_is_also_english() {
    let written = sentences();
    assert!(written.len() > 700, "the sources are read: {}", written.len());
    let table: BTreeSet<&str> = SENTENCES.lines().filter_map(|line| line.split('\t').next()).collect();
    let without: Vec<_> = written.iter().filter(|text| !table.contains(text.as_str())).collect();
    assert!(without.is_empty(), "src/sentences.tsv lacks {without:#?}");
    let idle: Vec<_> = table.iter().filter(|text| !written.contains(**text)).collect();
    assert!(idle.is_empty(), "src/sentences.tsv has what no source says: {idle:#?}");
}

#[test]
fn every_sentence_comes_out_in_english_with_all_that_is_filled_in() {
    for line in SENTENCES.lines() {
        let (written, says) = line.split_once('\t').unwrap();
        assert!(!says.is_empty() && !chinese(says), "{line}");
        let mut text = String::new();
        for (at, part) in written.split("{}").enumerate() {
            text += &if at == 0 { part.to_owned() } else { format!("<{at}>{part}") };
        }
        let english = said(Lang::En, &text.replace("\\n", "\n"));
        assert!(!chinese(&english), "{line}\n{english}");
        // A value that the Chinese sentence says again in an English aside.
        let twice = written.rsplit_once(" (").is_some_and(|(_, aside)| aside.is_ascii() && aside.contains("{}"));
        for at in (1..=written.matches("{}").count()).filter(|at| !twice || *at == 1) {
            assert!(english.contains(&format!("<{at}>")), "{at} of {line}\n{english}");
        }
    }
}

#[test]
fn what_is_filled_in_is_put_into_english_too() {
    let told = |text| said(Lang::En, text);
    assert_eq!(told("date（日期）“2022/3/1”不是有效日期"), "date (day) \"2022/3/1\" is not a day");
    assert_eq!(
        told("出生于 2022-03-01，2022-05-01 参保未超过 2022-05-30，不设等待期，待遇从 2022-03-01 起"),
        "born on 2022-03-01; enrolled on 2022-05-01, not later than 2022-05-30: no waiting, benefits from 2022-03-01"
    );
    assert_eq!(told("可用：adult 成年居民、minor 未成年人"), "one of: adult adult resident, minor minor");
    assert_eq!(
        told("读不了 f：无此文件\n  = 核对路径与读取权限"),
        "cannot read f: 无此文件\n  = mind the path and the right to read it"
    );
    assert_eq!(said(Lang::Zh, "3 人"), "3 人");
    assert_eq!(told("某市"), "某市", "a proper name stays");
}
