//! Live books from the command line: made, asked, verified, sealed, carried elsewhere.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::fs;
use std::path::Path;

use common::{Ran, run};
use serde_json::json;

const PERSON: &str = "--number 11010519491231002X --name 某甲 --area 500103";

/// Books of a region in a new folder.
fn opened() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("b.db").display().to_string();
    let ran = run(&format!("open 重庆 --db {db}"));
    assert!(ran.err.contains("b.db.key") && ran.out.contains("已开立"), "{}{}", ran.out, ran.err);
    assert_eq!(ran.code, 0);
    (folder, db)
}

fn register(db: &str, more: &str) -> Ran {
    run(&format!("person register {PERSON} --db {db} {more}"))
}

#[test]
fn a_declared_verb_has_help_in_both_languages() {
    let zh = run("person register --help").good();
    assert!(zh.contains("登记人员") && zh.contains("性别") && zh.contains("male 男、female 女"), "{zh}");
    assert!(zh.contains("text（默认）或 json") && run("person --help").good().contains("登记册"));
    let en = run("person register --help --lang en").good();
    assert!(en.contains("Put a person on the register") && en.contains("male, female"), "{en}");
    assert!(!en.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{en}");
    // A calculator that is a group of live verbs too keeps working.
    assert!(run("subsidy --help").good().contains("claim"));
    assert_ne!(run("subsidy chongqing --year 2022 --heads 10").code, 2);
    assert_eq!(run("subsidy chongqing --heads 10").code, 2, "it keeps its own arguments");
}

#[test]
fn a_wrong_command_line_says_what_to_write() {
    for (words, cure) in [
        ("person register --number 1 --name x --area 1", "--db"),
        ("person register --number 1 --name x", "缺少 --area <TEXT>"),
        ("person register --sex femal", "是否要写 female？"),
        ("person register --born 2000", "2022-01-31"),
        ("care settle --a 1.234", "146.40"),
        ("person regster", "是否要写 register？"),
    ] {
        let ran = run(words);
        assert_eq!(ran.code, 2, "{words}: {}", ran.err);
        assert!(ran.err.contains(cure), "{words}: {}", ran.err);
    }
}

#[test]
fn a_request_is_answered_once_and_the_same_and_refusals_say_what_to_do() {
    let (_folder, db) = opened();
    let first = register(&db, "--request r1 --format json").json();
    assert_eq!(register(&db, "--request r1 --format json").json(), first);
    assert!(first["says"].as_str().unwrap().contains(first["fields"]["person"].as_str().unwrap()));
    let again = register(&db, "");
    assert_eq!((again.code, again.out.as_str()), (1, ""));
    assert!(again.err.contains("[already-registered]") && again.err.contains("\n  = "), "{}", again.err);
    let again = register(&db, "--format json");
    let refused: serde_json::Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!((again.code, &refused["refused"]["code"]), (1, &json!("already-registered")));
    let other =
        run(&format!("person register --number 110105194912310038 --name 乙 --area 500103 --db {db} --request r1"));
    assert!(other.err.contains("key-reused") || other.err.contains("wrong-check-digit"), "{}", other.err);
    let list = run(&format!("person list --db {db}")).good();
    assert!(list.contains("1101**********002X") && !list.contains("11010519491231002X"), "masked: {list}");
    let rows = run(&format!("person list --db {db} --format json")).json();
    assert_eq!(rows[0]["area"], "500103");
    let today = run(&format!("person list --db {db} --today 2022-01-01"));
    assert!(today.code == 2 && today.err.contains("--today"), "{}", today.err);
}

#[test]
fn keys_are_looked_after() {
    let (folder, db) = opened();
    assert!(run(&format!("open 重庆 --db {db}")).err.contains("already-open"));
    let key = format!("{db}.key");
    let other = folder.path().join("other.key").display().to_string();
    fs::write(&other, "07".repeat(32)).unwrap();
    set_mode(&other, 0o600);
    let wrong = run(&format!("person list --db {db} --key {other}"));
    assert!(wrong.code == 1 && wrong.err.contains("wrong-key"), "{}", wrong.err);
    set_mode(&key, 0o644);
    let exposed = run(&format!("person list --db {db}"));
    assert!(exposed.code == 1 && exposed.err.contains("chmod 600"), "{}", exposed.err);
    fs::remove_file(&key).unwrap();
    let missing = run(&format!("person list --db {db}"));
    assert!(missing.code == 1 && missing.err.contains("no-key"), "{}", missing.err);
}

#[test]
fn what_was_changed_is_named_and_ends_in_exit_code_1() {
    let (_folder, db) = opened();
    register(&db, "").good();
    let sound = run(&format!("verify --db {db}"));
    assert!(sound.code == 0 && sound.out.contains("没有差异") && sound.out.contains("2 条记录"), "{}", sound.out);
    let sealed = run(&format!("seal --db {db}")).good();
    assert!(sealed.contains("没有新的记录可封存"), "the last minute is left open: {sealed}");
    let lost = run(&format!("verify --db {db} --seal {}", "07".repeat(32)));
    assert!(lost.code == 1 && lost.out.contains("no-seal"), "{}", lost.out);
    let connection = rusqlite::Connection::open(&db).unwrap();
    connection
        .execute("UPDATE sheet SET body = replace(body, '500103', '500112') WHERE subject LIKE 'person/%'", [])
        .unwrap();
    let found = run(&format!("verify --db {db} --format json"));
    let rows: serde_json::Value = serde_json::from_str(&found.out).unwrap();
    assert_eq!(
        (found.code, &rows[0]["code"], rows.as_array().unwrap().len()),
        (1, &json!("sheet"), 1),
        "{}",
        found.out
    );
}

#[test]
fn books_are_backed_up_restored_and_moved_whole() {
    let (folder, db) = opened();
    register(&db, "--request r1").good();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (backup, restored, key) = (path("backup.db"), path("restored.db"), format!("{db}.key"));
    let told = run(&format!("backup {backup} --db {db}"));
    assert!(told.code == 0 && told.err.contains("密钥不在备份里"), "{}", told.err);
    assert!(!Path::new(&format!("{backup}.partial")).exists() && !Path::new(&format!("{backup}-wal")).exists());
    assert_eq!(run(&format!("backup {backup} --db {db}")).code, 2, "a backup is not written over");
    run(&format!("restore {backup} --db {restored}")).good();
    assert_eq!(run(&format!("restore {backup} --db {restored}")).code, 1, "nothing is mixed");
    let server = testkit::postgres::Server::shared().database();
    run(&format!("move {server} --db {db}")).good();
    for db in [&backup, &restored, &server] {
        assert!(run(&format!("verify --db {db}")).good().contains("2 条记录"));
        let list = run(&format!("person list --db {db} --key {key} --format json")).json();
        assert_eq!(list.as_array().unwrap().len(), 1);
        let repeated = register(db, &format!("--request r1 --key {key}")).good();
        assert!(repeated.contains("已登记"), "answers come along: {repeated}");
    }
}

#[test]
fn what_works_on_books_as_they_lie_asks_neither_key_nor_name_nor_day() {
    let copying = ["backup x", "restore x", "move x", "export x", "import x"];
    for verb in copying.into_iter().chain(["verify", "ledger", "uptime", "seal"]) {
        for more in ["--key x", "--actor x", "--today 2026-01-01"] {
            let wanted = verb == "seal" && more.starts_with("--today");
            let said = run(&format!("{verb} --db none.db {more}")).err;
            let word = more.split(' ').next().unwrap();
            assert_eq!(said.contains(&format!("不认识 “{word}”")), !wanted, "{verb} {more}: {said}");
        }
    }
}

fn set_mode(path: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
