//! What is around a run: a pipe that is closed, files named in capitals, English that stays English.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::fs;
use std::process::{Command, Stdio};

use common::{run, run_with, town, write};

/// Runs the program with its output and what it says beside going nowhere from the start.
fn to_closed_pipes(words: &str) -> std::process::ExitStatus {
    let mut program = Command::new(env!("CARGO_BIN_EXE_tongchou"));
    program.args(words.split_whitespace()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = program.spawn().unwrap();
    drop((running.stdout.take(), running.stderr.take()));
    running.wait().unwrap()
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (db, other, new) = (at("d.db"), at("o.db"), at("990901-new"));
    for (words, code) in [
        (format!("demo --people 5 --db {db}"), 0),
        (format!("person list --db {db}"), 0),
        (format!("person show --db {db} --person 0000000000000000"), 1),
        (format!("verify --db {db}"), 0),
        (format!("open chongqing --db {other}"), 0),
        (format!("policy new {new} --name 某市"), 0),
        ("policy list".to_owned(), 0),
        ("subsidy chongqing --year 2022 --heads 10".to_owned(), 1),
        ("due chongqing --year 2029".to_owned(), 1),
        ("due nowhere --year 2022".to_owned(), 2),
        ("--help".to_owned(), 0),
        ("no-such-verb".to_owned(), 2),
    ] {
        let ended = to_closed_pipes(&words);
        assert_eq!(ended.code(), Some(code), "{words}: {ended}");
    }
}

#[test]
fn a_file_named_in_capitals_is_read() {
    let town = town();
    let below = |name: &str| town.path().join("990900-town").join(name);
    let shown = || run_with(town.path(), "policy show town --on 2017-01-01").good();
    let small = shown();
    fs::rename(below("2016-06-01-first.toml"), below("2016-06-01-FIRST.TOML")).unwrap();
    fs::rename(below("clauses.tsv"), below("CLAUSES.TSV")).unwrap();
    assert_eq!(shown(), small);
    fs::rename(below("region.toml"), below("REGION.TOML")).unwrap();
    assert_eq!(shown(), small);
    fs::create_dir(below("cases")).unwrap();
    write(&town, "990900-town/cases/A.TOML", "[[case]]\nname = 'x'\nkind = 'nonsense'\n");
    let wrong = run_with(town.path(), "policy test town");
    assert!(wrong.err.contains("A.TOML") || wrong.out.contains("A.TOML"), "{}{}", wrong.out, wrong.err);
}

#[test]
fn a_day_without_terms_names_the_notice_that_ended() {
    let town = town();
    let bill = "bill,person,region,date,care,level,a\nb1,p,town,2021-06-01,outpatient,1,2000\n";
    write(&town, "bills.csv", bill);
    let ran = run_with(town.path(), &format!("settle {}", town.path().join("bills.csv").display()));
    assert!(ran.err.contains("no-terms") && ran.err.contains("《第一份通知》自 2021-06-01 起失效"), "{}", ran.err);
}

#[test]
fn refusals_of_the_books_are_english_where_english_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("d.db").display().to_string();
    run(&format!("demo --people 20 --db {db}")).good();
    let people = run(&format!("person list --db {db} --format json")).json();
    let person = people[0]["person"].as_str().unwrap().to_owned();
    let feed = folder.path().join("feed.csv");
    fs::write(&feed, "blood,number\nA,1\n").unwrap();
    let feed = feed.display();
    for (words, code) in [
        ("person register --number 110105194912310021 --name 某 --area 500103".to_owned(), "wrong-check-digit"),
        ("person register --number 11010519491231002X --name 某 --area 5".to_owned(), "bad-area"),
        ("person show --person 11010519491231002X".to_owned(), "unknown-person"),
        (format!("member enrol --person {person} --year 1999"), "tier"),
        (format!("dues receive --person {person} --year 2015 --amount 1 --channel mobile --receipt 1"), "no-bill"),
        (format!("category end --person {person} --category three-no --on 2022-01-01 --reason x"), "not-held"),
        ("provider end --provider H1 --from 2022-01-01 --reason x".to_owned(), "unknown-provider"),
        ("care reverse --settlement x --reason y".to_owned(), "bad-settlement"),
        ("visit settle --visit 1 --provider H1 --total 1".to_owned(), "unknown-visit"),
        ("snapshot take --day 2999-01-01".to_owned(), "future-day"),
        (format!("feed load --source x --reported 2022-01-01 --file {feed}"), "bad-heading"),
    ] {
        let ran = run(&format!("{words} --db {db} --lang en"));
        assert_eq!(ran.code, 1, "{words}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains(code), "{words}: {}", ran.err);
        let chinese: String = ran.err.chars().filter(|c| ('\u{3000}'..='\u{ffef}').contains(c)).collect();
        assert_eq!(chinese, "", "{words}: {}", ran.err);
    }
    let wrong_key = run(&format!("person list --db {db} --key /nowhere --lang en"));
    assert!(wrong_key.err.is_ascii() && wrong_key.err.contains("key-unreadable"), "{}", wrong_key.err);
}
