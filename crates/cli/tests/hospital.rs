//! A day of the simulated hospital against the real server: everything holds, whatever goes wrong on the line, and the books
//! come out again from the journal.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod common;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use common::run;
use serde_json::Value;

/// Made-up books in a folder, served.
struct Served {
    folder: tempfile::TempDir,
    child: Child,
    url: String,
}

impl Served {
    fn start(people: u32) -> Served {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name).display().to_string();
        run(&format!("demo chongqing --people {people} --db {} --town {}", file("b.db"), file("town.json"))).good();
        let mut serve = Command::new(env!("CARGO_BIN_EXE_tongchou"));
        serve.args(["serve", "--listen", "127.0.0.1:0", "--profile", "default", "--db", &file("b.db")]);
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let mut child = serve.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap().unwrap();
        let (_, address) = line.split_once("http://").unwrap();
        let url = format!("http://{}/national", address.split_whitespace().next().unwrap());
        std::thread::spawn(move || lines.for_each(drop));
        Served { folder, child, url }
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// A day, all of which held; its report.
    fn play(&self, words: &str) -> Value {
        let town = self.file("town.json");
        let ran =
            run(&format!("hospital --profile default --url {} --patients {town} --format json {words}", self.url));
        assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err);
        serde_json::from_str(&ran.out).unwrap()
    }

    fn verify(&self) {
        run(&format!("verify --db {}", self.file("b.db"))).good();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn done(report: &Value, infno: &str) -> u64 {
    let mut all = report["transactions"].as_array().unwrap().iter();
    all.find(|one| one["infno"] == infno).map_or(0, |one| one["done"].as_u64().unwrap())
}

#[test]
fn a_day_holds_whatever_goes_wrong_on_the_line() {
    let served = Served::start(60);
    let record = served.file("messages");
    let calm = served.play(&format!("--seed 1 --visits 60 --clients 4 --record {record}"));
    assert!(calm["settled"].as_u64().unwrap() > 30, "{calm:#}");
    for infno in ["9001", "1101", "2201", "2204", "2207", "2208", "2401", "2301", "2304", "2402", "9002"] {
        assert!(done(&calm, infno) > 0, "{infno}: {calm:#}");
    }
    let messages: Vec<_> = std::fs::read_dir(Path::new(&record)).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(messages.iter().any(|file| file.display().to_string().ends_with("-2207-answer.json")));
    let town: Value = serde_json::from_str(&std::fs::read_to_string(served.file("town.json")).unwrap()).unwrap();
    let numbers: Vec<&str> =
        town["people"].as_array().unwrap().iter().map(|one| one["number"].as_str().unwrap()).collect();
    for file in messages {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(numbers.iter().all(|number| !text.contains(number)), "{}", file.display());
    }
    let rough = served.play("--seed 2 --visits 80 --clients 8 --faults");
    for fault in ["answer-lost", "broken-off", "sent-twice", "forged"] {
        assert!(rough["faults"][fault].as_u64().is_some_and(|count| count > 0), "{fault}: {rough:#}");
    }
    served.verify();
}

#[test]
fn what_the_terms_do_not_pay_is_refused_and_nothing_is_broken() {
    // Chongqing's notices pay nothing at pharmacies.
    let served = Served::start(20);
    let town = std::fs::read_to_string(served.file("town.json")).unwrap();
    let town: Value = serde_json::from_str(&town).unwrap();
    let codes = town["providers"].as_array().unwrap().iter().filter_map(|one| one["code"].as_str());
    let pharmacy = codes.into_iter().find(|code| code.starts_with('P')).unwrap();
    let report = served.play(&format!("--institution {pharmacy} --visits 10 --clients 2"));
    assert_eq!((done(&report, "2101"), report["settled"].as_u64()), (0, Some(0)), "{report:#}");
    assert_eq!(report["refusals"][0]["word"], "not-covered", "{report:#}");
}

#[test]
fn what_cannot_be_reached_or_understood_is_told() {
    let ran = run("hospital --url http://127.0.0.1:9 --demo chongqing");
    assert!(ran.code == 1 && ran.err.contains("--url"), "{} {}", ran.code, ran.err);
    for (words, cure) in [
        ("hospital --url https://127.0.0.1/national", "http://"),
        ("hospital --institution H1", "12 位"),
        ("hospital --profile example-nowhere", "example-nowhere"),
    ] {
        let ran = run(words);
        assert!(ran.code != 0 && ran.err.contains(cure), "{words}: {}", ran.err);
    }
}
