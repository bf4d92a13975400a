//! Runs the program as a user does.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// What a run gave.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// The standard output as JSON.
    pub fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.err);
        serde_json::from_str(&self.out).unwrap()
    }

    /// That it went well, and its output.
    pub fn good(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out
    }
}

/// Runs the program with words that may hold no spaces.
pub fn run(words: &str) -> Ran {
    ran(Command::new(env!("CARGO_BIN_EXE_tongchou")).args(words.split_whitespace()))
}

/// The same, with a folder of one's own.
pub fn run_with(folder: &Path, words: &str) -> Ran {
    ran(Command::new(env!("CARGO_BIN_EXE_tongchou")).args(words.split_whitespace()).arg("--policies").arg(folder))
}

fn ran(command: &mut Command) -> Ran {
    let Output { status, stdout, stderr } = command.env_remove("TONGCHOU_LANG").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: status.code().unwrap(), out: text(stdout), err: text(stderr) }
}

/// A folder with one small region: a notice of five years, a draft, and its clauses.
pub fn town() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("region.toml", "[region]\ncode = \"990900\"\nslug = \"town\"\nname = \"某市\"\naliases = [\"小城\"]\n"),
        ("clauses.tsv", CLAUSES),
        (
            "statistics.toml",
            "[[statistic]]\nid = \"disposable-income\"\nyear = 2014\nvalue = \"20000.10\"\nsource = \"s\"\n",
        ),
        ("2016-06-01-first.toml", FIRST),
        ("2018-01-01-draft.toml", DRAFT),
    ];
    fs::create_dir(folder.path().join("990900-town")).unwrap();
    for (name, text) in files {
        write(&folder, &format!("990900-town/{name}"), text);
    }
    folder
}

/// Writes a file below a folder.
pub fn write(folder: &TempDir, name: &str, text: &str) {
    fs::write(folder.path().join(name), text).unwrap();
}

const CLAUSES: &str = "id\twhere\twhat\tkind\tcapability\tnumbers\teffective\tneeds\tdone-when\n\
    T-1\t一(一)\t补助\trule\tsubsidy\t-\t-\t-\t-\nT-2\t二\t门诊\trule\tbenefit-outpatient\t-\t-\t-\t-\n";

const FIRST: &str = r#"
[notice]
id = "town-first"
kind = "notice"
title = "第一份通知"
issued = 2016-06-01
valid_years = 5

[[subsidy.standard]]
clause = "T-1"
amount = 100

[[stage.outpatient.shape]]
clause = "T-2"
name = "门诊"
payer = "basic"
layer = "basic"
order = 10
covers = { care = "outpatient" }
base = "in-scope"
measure = "year"

[[stage.outpatient.deductible]]
clause = "T-2"
per = "year"
rows = [{ amount = { share = "2%", of = "disposable-income", years_before = 2, round = "yuan" } }]

[[stage.outpatient.bands]]
clause = "T-2"
rows = [{ level = "1", ratio = "60%" }, { ratio = "50%" }]

[[stage.outpatient.bands]]
clause = "T-2"
from = 2017-01-01
reading = "一级以外照旧"
rows = [{ level = "1", ratio = "65%" }, { ratio = "50%" }]
"#;

const DRAFT: &str = r#"
[notice]
id = "town-draft"
kind = "draft"
title = "草案"
issued = 2018-01-01

[[subsidy.standard]]
clause = "T-1"
amount = 200
"#;
