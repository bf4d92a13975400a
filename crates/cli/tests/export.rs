//! Books as files: what is exported comes back whole on either engine, and what was damaged is refused.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use common::run;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// A region to play with, sealed, and its export.
struct Exported {
    folder: TempDir,
    db: String,
    export: PathBuf,
}

impl Exported {
    fn new() -> Exported {
        let folder = tempfile::tempdir().unwrap();
        let db = folder.path().join("books.db").display().to_string();
        run(&format!("demo chongqing --people 20 --db {db}")).good();
        assert_eq!(run(&format!("seal --db {db} --format json")).json().as_array().unwrap().len(), 1);
        let export = folder.path().join("export");
        let told = run(&format!("export {} --db {db}", export.display()));
        assert!(told.code == 0 && told.err.contains("密钥不在里面"), "{}", told.err);
        Exported { folder, db, export }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A copy that may be damaged.
    fn copy(&self, name: &str) -> PathBuf {
        let to = self.path(name);
        fs::create_dir_all(to.join("chongqing")).unwrap();
        for (path, bytes) in files(&self.export) {
            fs::write(to.join(path), bytes).unwrap();
        }
        to
    }
}

/// All files below a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let below = PathBuf::from(path.file_name().unwrap());
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(name, bytes)| (below.join(name), bytes)));
        } else {
            found.insert(below, fs::read(path).unwrap());
        }
    }
    found
}

fn manifest(export: &Path) -> Value {
    serde_json::from_slice(&fs::read(export.join("manifest.json")).unwrap()).unwrap()
}

#[test]
fn books_exported_are_read_back_without_loss_on_either_engine() {
    let made = Exported::new();
    let written = files(&made.export);
    assert_eq!(written.len(), 9);
    for (engine, db) in
        [("sqlite", made.path("new.db").display().to_string()), ("pg", testkit::postgres::Server::shared().database())]
    {
        run(&format!("import {} --db {db}", made.export.display())).good();
        let verified = run(&format!("verify --db {db}")).good();
        assert!(verified.contains("没有差异") && verified.contains("1 次封存"), "{engine}: {verified}");
        let again = made.path(engine);
        run(&format!("export {} --db {db}", again.display())).good();
        for (path, bytes) in files(&again) {
            assert!(written[&path] == bytes, "{engine}: {}", path.display());
        }
        let people = run(&format!("person list --db {db} --key {}.key --format json", made.db)).json();
        assert_eq!(people, run(&format!("person list --db {} --format json", made.db)).json());
        let twice = run(&format!("import {} --db {db}", made.export.display()));
        assert!(twice.code == 1 && twice.err.contains("database-unfit"), "nothing is mixed: {}", twice.err);
    }
}

#[test]
fn an_export_is_for_its_owner_is_never_written_over_and_keeps_to_its_schema() {
    let made = Exported::new();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&made.export), mode(&made.export.join("chongqing"))), (0o700, 0o700));
    let reference = made.path("reference");
    run(&format!("reference --out {}", reference.display())).good();
    let schema: Value = serde_json::from_slice(&fs::read(reference.join("books-export.schema.json")).unwrap()).unwrap();
    let kept = jsonschema::validator_for(&schema).unwrap();
    assert!(kept.is_valid(&manifest(&made.export)));
    for (path, bytes) in files(&made.export) {
        assert_eq!(mode(&made.export.join(&path)), 0o600, "{}", path.display());
        let table = path.file_stem().unwrap().to_str().unwrap();
        if table == "manifest" {
            continue;
        }
        let rows = jsonschema::validator_for(&json!({ "$ref": format!("#/$defs/{table}"), "$defs": schema["$defs"] }))
            .unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(table == "uptime" || !text.is_empty(), "{table}");
        for line in text.lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            assert!(rows.is_valid(&row), "{table}: {line}");
        }
    }
    let over = run(&format!("export {} --db {}", made.export.display(), made.db));
    assert!(over.code == 1 && over.err.contains("export-there"), "{}", over.err);
    let left = made.path("other.partial");
    fs::create_dir(&left).unwrap();
    let broken_off = run(&format!("export {} --db {}", made.path("other").display(), made.db));
    assert!(
        broken_off.code == 1 && broken_off.err.contains("export-broken-off") && left.exists(),
        "{}",
        broken_off.err
    );
    let nobody = run(&format!("export {} --db {} --region tianjin", made.path("none").display(), made.db));
    assert!(nobody.code == 1 && nobody.err.contains("no-books"), "{}", nobody.err);
    assert!(!made.path("none").exists() && !made.path("none.partial").exists());
}

/// Rewrites a file of an export.
fn edit(export: &Path, name: &str, change: impl Fn(String) -> String) {
    let path = export.join(name);
    fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
}

/// Changes the manifest.
fn edit_manifest(export: &Path, change: impl Fn(&mut Value)) {
    let mut changed = manifest(export);
    change(&mut changed);
    fs::write(export.join("manifest.json"), changed.to_string()).unwrap();
}

/// Rewrites a file, and the manifest to fit: what somebody does who wants it to pass.
fn forge(export: &Path, name: &str, change: impl Fn(String) -> String) {
    edit(export, name, change);
    let text = fs::read_to_string(export.join(name)).unwrap();
    let sha: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    edit_manifest(export, |manifest| {
        let files = manifest["files"].as_array_mut().unwrap();
        let file = files.iter_mut().find(|file| file["path"] == name).unwrap();
        file["rows"] = json!(text.lines().count());
        file["bytes"] = json!(text.len());
        file["sha256"] = json!(sha);
    });
}

fn without_last_line(text: String) -> String {
    text.lines().rev().skip(1).collect::<Vec<_>>().into_iter().rev().fold(String::new(), |all, line| all + line + "\n")
}

#[test]
fn what_is_damaged_changed_newer_or_of_another_kind_is_refused_by_name_and_nothing_is_kept() {
    type Damage = fn(&Path);
    const RECORDS: &str = "chongqing/records.jsonl";
    let deck: &[(&str, &str, Damage)] = &[
        ("import-unreadable", "sheets.jsonl", |at| fs::remove_file(at.join("chongqing/sheets.jsonl")).unwrap()),
        ("import-unreadable", "manifest.json", |at| fs::remove_file(at.join("manifest.json")).unwrap()),
        ("import-damaged", "records.jsonl", |at| edit(at, RECORDS, |text| text[..text.len() / 2].to_owned())),
        ("import-damaged", "(bytes)", |at| edit(at, "notes.jsonl", |text| text + "\n")),
        ("import-damaged", "(bytes)", |at| {
            fs::remove_file(at.join("chongqing/links.jsonl")).unwrap();
            fs::create_dir(at.join("chongqing/links.jsonl")).unwrap();
        }),
        ("import-damaged", "(SHA-256)", |at| edit(at, "chongqing/postings.jsonl", |text| text.replacen('1', "2", 1))),
        ("import-damaged", "(rows)", |at| edit_manifest(at, |manifest| manifest["files"][1]["rows"] = json!(1))),
        ("import-damaged", "(manifest)", |at| edit(at, "manifest.json", |text| text[..text.len() / 2].to_owned())),
        ("import-damaged", "(manifest)", |at| edit_manifest(at, |manifest| manifest["more"] = json!(1))),
        ("import-damaged", "(files)", |at| {
            edit_manifest(at, |manifest| manifest["regions"][0]["region"] = json!("../chongqing"));
        }),
        ("import-newer", "2", |at| {
            edit_manifest(at, |manifest| *manifest = json!({ "format": "tongchou-books", "version": 2 }))
        }),
        ("import-foreign", "other", |at| edit_manifest(at, |manifest| manifest["format"] = json!("other"))),
        // With a manifest that fits.
        ("import-damaged", "(row)", |at| forge(at, "chongqing/links.jsonl", |text| text + "{}\n")),
        ("import-damaged", "(chain)", |at| {
            forge(at, RECORDS, |text| text.replacen("\"actor\":\"", "\"actor\":\"x", 1))
        }),
        ("import-damaged", "(chain)", |at| forge(at, RECORDS, without_last_line)),
        ("import-damaged", "(chain)", |at| forge(at, "chongqing/sheets.jsonl", without_last_line)),
        ("import-damaged", "(chain)", |at| forge(at, "chongqing/postings.jsonl", without_last_line)),
        ("import-damaged", "(seal)", |at| forge(at, "chongqing/seals.jsonl", without_last_line)),
    ];
    let made = Exported::new();
    let db = made.path("new.db").display().to_string();
    for (at, (code, names, damage)) in deck.iter().enumerate() {
        let export = made.copy(&format!("damaged-{at}"));
        damage(&export);
        let refused = run(&format!("import {} --db {db}", export.display()));
        assert!(
            refused.code == 1 && refused.err.contains(code) && refused.err.contains(names),
            "{at}: {}",
            refused.err
        );
        let english = run(&format!("import {} --db {db} --lang en", export.display())).err;
        assert!(english.is_ascii(), "{at}: {english}");
    }
    run(&format!("import {} --db {db}", made.export.display())).good();
    assert!(run(&format!("verify --db {db}")).good().contains("没有差异"));
}

#[test]
fn what_holds_for_all_books_of_a_database_comes_to_no_others() {
    let made = Exported::new();
    let real = made.path("real.db").display().to_string();
    run(&format!("open tianjin --db {real} --key {}.key", made.db)).good();
    for verb in [format!("import {} --db {real}", made.export.display()), format!("move {real} --db {}", made.db)] {
        let refused = run(&verb);
        assert!(refused.code == 1 && refused.err.contains("database-unfit"), "{verb}: {}", refused.err);
        assert!(refused.err.contains("`today`"), "{verb}: {}", refused.err);
    }
    let unknown = made.path("unknown");
    fs::rename(made.copy("copy"), &unknown).unwrap();
    fs::rename(unknown.join("chongqing"), unknown.join("chongqing_2027")).unwrap();
    edit(&unknown, "manifest.json", |text| {
        text.replace("chongqing/", "chongqing_2027/").replace("\"chongqing\"", "\"chongqing_2027\"")
    });
    let refused = run(&format!("import {} --db {}", unknown.display(), made.path("new.db").display()));
    assert!(refused.code != 0 && refused.err.contains("chongqing_2027"), "{}", refused.err);
    assert!(!made.path("new.db").exists());
}

#[test]
fn a_folder_may_be_named_with_a_slash_at_its_end() {
    let made = Exported::new();
    run(&format!("export {}/ --db {}", made.path("again").display(), made.db)).good();
    assert_eq!(files(&made.path("again")), files(&made.export));
    let refused = run(&format!("export / --db {}", made.db));
    assert!(refused.code == 1 && refused.err.contains("export-there"), "{}", refused.err);
}
