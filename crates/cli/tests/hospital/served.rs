//! The real server as a process, with made-up books in a folder of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use jiff::civil::Date;
use serde_json::Value;

use crate::common::{Ran, run};

/// Made-up books.
pub struct Books {
    folder: tempfile::TempDir,
    /// The day that they live on.
    pub today: Date,
}

/// The program, serving them until it is dropped.
pub struct Served {
    child: Child,
    /// Host and port.
    pub address: String,
}

impl Books {
    pub fn of(region: &str, people: u32) -> Books {
        let mut books = Books { folder: tempfile::tempdir().unwrap(), today: Date::ZERO };
        let words = format!("demo {region} --people {people} --db {} --town {}", books.db(), books.file("town.json"));
        let says = run(&words).good();
        let (_, today) = says.split_once("账套停在 ").unwrap();
        books.today = today[..10].parse().unwrap();
        books
    }

    pub fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    pub fn db(&self) -> String {
        self.file("b.db")
    }

    pub fn serve(&self, words: &str) -> Served {
        let mut serve = Command::new(env!("CARGO_BIN_EXE_tongchou"));
        serve.args(["serve", "--listen", "127.0.0.1:0", "--db", &self.db()]).args(words.split_whitespace());
        let log = std::fs::File::create(self.file("log")).unwrap();
        let mut child = serve.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap_or_else(|| panic!("{}", std::fs::read_to_string(self.file("log")).unwrap()));
        let line = line.unwrap();
        let (_, address) = line.split_once("://").unwrap();
        let address = address.split_whitespace().next().unwrap().to_owned();
        std::thread::spawn(move || lines.for_each(drop));
        Served { child, address }
    }

    /// A day, however it went.
    pub fn ran(&self, url: &str, words: &str) -> Ran {
        let town = self.file("town.json");
        run(&format!("hospital --url {url} --patients {town} --format json {words}"))
    }

    /// A day, all of which held; its report.
    pub fn play(&self, url: &str, words: &str) -> Value {
        let ran = self.ran(url, words);
        assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err);
        serde_json::from_str(&ran.out).unwrap()
    }

    /// Code of the hospital (H) or pharmacy (P) that waits to be played.
    pub fn institution(&self, letter: char) -> String {
        let town: Value = serde_json::from_str(&std::fs::read_to_string(self.file("town.json")).unwrap()).unwrap();
        let all = town["providers"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned());
        all.into_iter().find(|code| code.starts_with(letter)).unwrap()
    }

    pub fn verify(&self) {
        run(&format!("verify --db {}", self.db())).good();
    }
}

impl Served {
    /// Where the interface is.
    pub fn url(&self) -> String {
        format!("http://{}/national", self.address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// How often a transaction was done.
pub fn done(report: &Value, infno: &str) -> u64 {
    let mut all = report["transactions"].as_array().unwrap().iter();
    all.find(|one| one["infno"] == infno).map_or(0, |one| one["done"].as_u64().unwrap())
}
