//! The pages in a real browser, over the real program: every page in both languages, what it says held against what the command
//! line says, checked by axe-core, by the keyboard alone, without script, large, in high contrast, dark, on a telephone.
//!
//! `pages/walk.mjs` walks through what everybody sees, `pages/counter.mjs` through a day at the counter, `pages/simulate.mjs` through simulations; playwright-core and axe-core come from npm by their lock file, once a build folder. Where Chromium,
//! node or npm is not there, it is said and passed over, but for CI, which installs them. Pictures are left in the build folder.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod common;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use common::run;
use serde_json::{Value, json};

const PASSWORD: &str = "一个够长的密码不外传";

/// What is passed over where it is not there, but not in CI.
fn missing(what: &str, cure: &str) {
    assert!(std::env::var_os("CI").is_none(), "{what}");
    eprintln!("passed over: {what} (cure: {cure})");
}

fn browser() -> Option<String> {
    let known = ["chromium", "chromium-browser", "google-chrome"];
    let found = known.iter().find_map(|name| {
        let which = Command::new("which").arg(name).output().ok().filter(|ran| ran.status.success())?;
        Some(String::from_utf8(which.stdout).ok()?.trim().to_owned())
    });
    if found.is_none() {
        missing("no Chromium is here to show the pages", "apt-get install chromium");
    }
    found
}

/// Where what npm has installed lies.
fn modules() -> Option<PathBuf> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages-axe-4.14.1-playwright-1.65.1");
    if !folder.exists() {
        let part = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        for file in ["package.json", "package-lock.json"] {
            std::fs::copy(sources.join(file), part.path().join(file)).unwrap();
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(part.path());
        if !npm.status().is_ok_and(|status| status.success()) {
            missing("npm cannot install playwright-core and axe-core", "node with npm, and the npm registry");
            return None;
        }
        // Another run of the test may have been first.
        _ = std::fs::rename(part.keep(), &folder);
    }
    Some(folder)
}

/// The program, serving, until it is dropped.
struct Served {
    child: Child,
    base: String,
}

fn serve(folder: &Path) -> Served {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tongchou"))
        .args(["serve", "--listen", "127.0.0.1:0", "--db", "town.db", "--log", "json"])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(folder.join("serve.log")).unwrap())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let base = loop {
        let line = lines.next().unwrap_or_else(|| panic!("it ended")).unwrap();
        if let Some((_, address)) = line.split_once("http://") {
            break format!("http://{}", address.split_whitespace().next().unwrap());
        }
    };
    Served { child, base }
}

impl Drop for Served {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[test]
fn people_can_use_every_page_and_are_told_what_the_program_says() {
    let (Some(browser), Some(modules)) = (browser(), modules()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let db = path("town.db");
    let made = run(&format!("demo --people 40 --seed 1 --db {db}")).good();
    // It names a person with settlements, to try things on.
    let person = made.split("--person ").nth(1).unwrap().split_whitespace().next().unwrap();
    std::fs::write(path("password"), PASSWORD).unwrap();
    let password = path("password");
    run(&format!("user add --db {db} --name resident --role resident --person {person} --password-file {password}"))
        .good();

    let due = run("due chongqing --year 2022 --tier first --format json").json();
    let bill = "--date 2022-06-30 --tier first --birth 1982-01-01 --a 31000 --format json";
    let settled = run(&format!("explain chongqing {bill}")).json();
    // Two categories of one person, of which the first named settles nothing by itself; a birthday, a mark; terms with a draft.
    let rare = "--date 2022-06-30 --tier first --birth 1950-07-01 --mark major-illness --a 31000 --format json";
    let both = run(&format!("explain chongqing {rare} --category severe-disability|minimum-allowance")).json();
    let one = run(&format!("explain chongqing {rare} --category severe-disability")).json();
    assert_ne!(one["funds"], both["funds"]);
    let draft = run("due tianjin --year 2023 --tier low --draft tianjin-2022-draft --format json").json();

    let facts = json!({
        "due": due["personal"],
        "both": both["funds"],
        "draft": draft["personal"],
        "settled": { "funds": settled["funds"], "own": settled["person_pays"] },
        "name": "resident",
        "password": PASSWORD,
    });

    walked("walk.mjs", &browser, &modules, &serve(folder.path()), &facts);
}

/// Walks through the pages of a server; there must be no finding.
fn walked(walk: &str, browser: &str, modules: &Path, served: &Served, facts: &Value) {
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    std::fs::create_dir_all(&pictures).unwrap();
    let walk = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages").join(walk);
    let mut node = Command::new("node");
    node.arg(walk).arg(modules.join("package.json")).arg(browser).arg(&served.base).arg(&pictures);
    let ran = node.arg(facts.to_string()).output().unwrap();
    let (said, wrong) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{said}{wrong}");
    let findings: Vec<String> = serde_json::from_str(said.lines().last().unwrap_or_default()).unwrap();
    assert!(findings.is_empty(), "{findings:#?}\npictures: {}", pictures.display());
}

/// A region to play with and its users, in a folder; its database.
fn town(folder: &Path, users: &[&str]) -> String {
    let path = |name: &str| folder.join(name).display().to_string();
    let (db, password) = (path("town.db"), path("password"));
    run(&format!("demo --people 40 --seed 1 --db {db}")).good();
    std::fs::write(&password, PASSWORD).unwrap();
    for user in users {
        run(&format!("user add --db {db} --name {user} --password-file {password}")).good();
    }
    db
}

/// Figures as the pages show them, by path: a ratio without its percent sign.
#[cfg(feature = "parquet")]
const SETS: [(&str, &str); 2] =
    [("stage.inpatient.cap[tier=second].amount", "150000"), ("stage.catastrophic.bands.ratio", "70")];

/// A draft of one figure.
#[cfg(feature = "parquet")]
const DRAFT: &str = "[notice]\nid = \"lower-line\"\nkind = \"draft\"\ntitle = \"试写\"\nissued = 2021-12-31\nclauses = \"TRY\"\n\n\
     [[stage.catastrophic.deductible]]\nclause = \"TRY-01\"\nyear = 2022\nper = \"year\"\nrows = [{ amount = 10000 }]\n";

#[cfg(feature = "parquet")]
#[test]
fn simulations_say_what_the_command_line_says_and_leave_nothing_half_done() {
    let (Some(browser), Some(modules)) = (browser(), modules()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    town(folder.path(), &["clerk --role counter", "planner --role policy"]);
    let (province, out) = (path("province"), path("out"));
    run(&format!("generate --region chongqing --people 1000 --year 2022 -o {province}")).good();
    let set = format!("{}={};{}={}%", SETS[0].0, SETS[0].1, SETS[1].0, SETS[1].1);
    run(&format!("simulate {province} --set {set} -o {out}")).good();
    let csv = format!("{out}/tables/summary.csv");
    let table = std::fs::read_to_string(&csv).unwrap();
    let mut lines = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let at = lines.next().unwrap().iter().position(|name| *name == "paid_fen").unwrap();
    let paid: Vec<i64> = lines.map(|line| line[at].parse().unwrap()).collect();
    assert_eq!(paid.len(), 2);

    let facts = json!({
        "password": PASSWORD,
        "sets": SETS.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
        "paid": paid,
        "html": format!("{out}/report.html"),
        "csv": csv,
        "draft": DRAFT,
    });
    walked("simulate.mjs", &browser, &modules, &serve(folder.path()), &facts);
}

#[test]
fn a_draft_is_checked_as_it_is_typed_compared_and_taken_home() {
    let (Some(browser), Some(modules)) = (browser(), modules()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let db = town(folder.path(), &["policy --role policy", "clerk --role counter"]);
    walked("draft.mjs", &browser, &modules, &serve(folder.path()), &json!({ "password": PASSWORD }));
    let verified = run(&format!("verify --db {db}")).good();
    assert!(verified.contains("没有差异"), "{verified}");
}

/// A level-2 hospital of the region to play with.
fn hospital(db: &str) -> String {
    let listed = run(&format!("provider list --db {db} --level 2 --care inpatient --designated --format json")).json();
    listed[0]["provider"].as_str().unwrap().to_owned()
}

#[test]
fn clerks_do_each_job_at_the_counter_and_nothing_twice() {
    let (Some(browser), Some(modules)) = (browser(), modules()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (db, password) = (path("town.db"), path("password"));
    let made = run(&format!("demo --people 40 --seed 1 --db {db}")).good();
    let person = made.split("--person ").nth(1).unwrap().split_whitespace().next().unwrap();
    std::fs::write(&password, PASSWORD).unwrap();
    let listed = run(&format!("person list --db {db} --format json")).json();
    let areas: Vec<(&str, &str)> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["person"].as_str().unwrap(), one["area"].as_str().unwrap()))
        .collect();
    let near = areas.iter().find(|(number, _)| *number == person).unwrap().1;
    let far = areas.iter().find(|(_, area)| *area != near).unwrap().1;
    for user in [
        "clerk --role counter",
        "second --role counter",
        &format!("near --role counter --area {near}"),
        &format!("far --role counter --area {far}"),
        &format!("resident --role resident --person {person}"),
    ] {
        run(&format!("user add --db {db} --name {user} --password-file {password}")).good();
    }
    run(&format!("right grant --db {db} --for-actor clerk --right read-identity --until 2022-12-31 --reason 核对"))
        .good();
    std::fs::write(path("list.csv"), "证件号码,姓名,起始日\n110105194912310021,某乙,2022-10-01\n").unwrap();
    let list = path("list.csv");
    run(&format!("feed load --db {db} --source 区民政局 --reported 2022-10-31 --fact 低保 --file {list}")).good();
    let provider = hospital(&db);
    let bill =
        format!("--person {person} --provider {provider} --visit W-0 --care inpatient --date 2022-10-30 --a 31000");
    let estimate = run(&format!("care settle --db {db} {bill} --estimate --format json")).json();
    let fields = &estimate["fields"];

    let facts = json!({
        "person": person,
        "provider": provider,
        "estimate": { "funds": fields["funds"], "person": fields["person"] },
        "password": PASSWORD,
    });
    walked("counter.mjs", &browser, &modules, &serve(folder.path()), &facts);

    // The log names who asked for a page, and nobody whom it is about.
    let log = std::fs::read_to_string(folder.path().join("serve.log")).unwrap();
    let route = "\"route\":\"/counter/person/{handle}\"";
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(route)).collect();
    assert!(lines.iter().any(|line| line.contains("\"asker\":\"clerk\"")), "{lines:?}");
    assert!(log.lines().any(|line| line.contains("/work/{word}") && line.contains("\"code\":\"\"")), "{log}");
    let told = [person, "11010519491231002X", "某甲"].into_iter().find(|told| log.contains(told));
    assert_eq!(told, None, "nobody is named in the log");

    // The books themselves: each visit of the walk stands once, what was taken back does not, and all of it holds together.
    let statement = run(&format!("care statement --db {db} --person {person} --year 2022 --format json")).json();
    let rows = statement.as_array().unwrap();
    for (amount, times) in [("31000.00", 1), ("500.00", 0), ("60000.00", 1)] {
        assert_eq!(rows.iter().filter(|row| row["total"] == amount).count(), times, "{amount}: {statement}");
    }
    let verified = run(&format!("verify --db {db}")).good();
    assert!(verified.contains("没有差异"), "{verified}");
}
