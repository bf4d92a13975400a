//! Days of a hospital and of a pharmacy.

use std::path::Path;

use serde_json::Value;

use crate::common::run;
use crate::served::{Books, done};

#[test]
fn a_day_holds_whatever_goes_wrong_on_the_line() {
    let books = Books::of("chongqing", 60);
    let served = books.serve("--profile default");
    let record = books.file("messages");
    let calm =
        books.play(&served.url(), &format!("--profile default --seed 1 --visits 70 --clients 4 --record {record}"));
    assert!(calm["settled"].as_u64().unwrap() > 30, "{calm:#}");
    for infno in [
        "9001", "1301", "1302", "1305", "1306", "1307", "1309", "1311", "1318", "1319", "1901", "9102", "1317", "3301",
        "1101", "2201", "2203", "2204", "2207", "2208", "2401", "2301", "2304", "2402", "5203", "5204", "3101", "3102",
        "4101", "9002",
    ] {
        assert!(done(&calm, infno) > 0, "{infno}: {calm:#}");
    }
    recorded(&books, Path::new(&record));
    let rough = books.play(&served.url(), "--profile default --seed 2 --visits 100 --clients 8 --faults");
    for fault in ["answer-lost", "broken-off", "sent-twice", "id-reused", "recalled"] {
        assert!(rough["faults"][fault].as_u64().is_some_and(|count| count > 0), "{fault}: {rough:#}");
    }
    assert_eq!(done(&rough, "3301"), 0, "what was matched the first time is matched: {rough:#}");
    drop(served);
    books.verify();
}

/// Each transaction is a file, each file a line of the index, and no number of a person is in clear.
fn recorded(books: &Books, record: &Path) {
    let index = std::fs::read_to_string(record.join("index.md")).unwrap();
    let town: Value = serde_json::from_str(&std::fs::read_to_string(books.file("town.json")).unwrap()).unwrap();
    let numbers: Vec<&str> =
        town["people"].as_array().unwrap().iter().map(|one| one["number"].as_str().unwrap()).collect();
    let (mut files, mut settled) = (0, 0);
    for file in std::fs::read_dir(record).unwrap().map(|file| file.unwrap().path()) {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(numbers.iter().all(|number| !text.contains(number)), "{}", file.display());
        let name = file.file_name().unwrap().to_str().unwrap();
        if name == "index.md" {
            continue;
        }
        files += 1;
        assert!(index.contains(&format!("({name})")), "{name}");
        let page: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(page["request"]["infno"], page["infno"], "{page:#}");
        settled += usize::from(page["infno"] == "2207" && page["answer"]["output"]["setlinfo"].is_object());
    }
    assert_eq!(index.lines().count(), files + 2);
    assert!(settled > 0);
}

#[test]
fn the_next_day_takes_back_of_the_day_before_and_goes_on_with_who_is_in_bed() {
    let books = Books::of("chongqing", 60);
    let own = books.file("own.json");
    let words = format!("--profile default --visits 80 --clients 4 --books {own}");
    let (first, second) = {
        let served = books.serve("--profile default");
        let first = books.play(&served.url(), &format!("{words} --seed 3"));
        drop(served);
        let served = books.serve(&format!("--profile default --today {}", books.today.tomorrow().unwrap()));
        (first, books.play(&served.url(), &format!("{words} --seed 4")))
    };
    assert!(first["overnight"].as_u64().unwrap() > 0 && first["yesterday"] == 0, "{first:#}");
    assert!(second["yesterday"].as_u64().unwrap() > 0, "{second:#}");
    assert_eq!(done(&first, "3203"), 0, "a day is applied for when it is over: {first:#}");
    assert!(done(&second, "3203") >= 2, "outpatients and stays, as the day before was even: {second:#}");
    books.verify();
    let hospital = books.institution('H');
    let other =
        books.ran("http://127.0.0.1:9", &format!("--profile default --institution P{} --books {own}", &hospital[1..]));
    assert!(other.code == 1 && other.err.contains(&hospital), "{}", other.err);
}

#[test]
fn a_pharmacy_sells_where_the_notices_pay_it() {
    let books = Books::of("tianjin", 40);
    let served = books.serve("--profile default");
    let pharmacy = books.institution('P');
    let words = format!("--profile default --institution {pharmacy} --visits 40 --clients 4 --faults");
    let report = books.play(&served.url(), &words);
    for infno in ["2101", "2102", "2103"] {
        assert!(done(&report, infno) > 0, "{infno}: {report:#}");
    }
    assert_eq!(report["balance"][0]["clr_type"], "41", "{report:#}");
    drop(served);
    books.verify();
}

#[test]
fn what_the_terms_do_not_pay_is_refused_and_nothing_is_broken() {
    // Chongqing's notices pay nothing at pharmacies.
    let books = Books::of("chongqing", 20);
    let served = books.serve("--profile default");
    let pharmacy = books.institution('P');
    let report =
        books.play(&served.url(), &format!("--profile default --institution {pharmacy} --visits 10 --clients 2"));
    assert_eq!((done(&report, "2101"), report["settled"].as_u64()), (0, Some(0)), "{report:#}");
    let refused = report["refusals"].as_array().unwrap().iter();
    assert!(refused.into_iter().any(|one| one["infno"] == "2101" && one["word"] == "not-covered"), "{report:#}");
}

#[test]
fn what_cannot_be_reached_or_understood_is_told() {
    let ran = run("hospital --url http://127.0.0.1:9 --demo chongqing --profile default");
    assert!(ran.code == 1 && ran.err.contains("--url"), "{} {}", ran.code, ran.err);
    for (words, cure) in [
        ("hospital --url ftp://127.0.0.1/national", "http://"),
        ("hospital --institution H1", "12 位"),
        ("hospital --profile example-nowhere", "example-nowhere"),
        ("hospital --profile chongqing", "--account"),
        ("hospital --url https://127.0.0.1/national --ca none.pem", "--ca"),
    ] {
        let ran = run(words);
        assert!(ran.code != 0 && ran.err.contains(cure), "{words}: {}", ran.err);
    }
}
