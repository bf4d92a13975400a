//! Secrets at the command line: they come from files, are told once, and are nowhere else.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{Ran, run};

const PASSWORD: &str = "correct horse battery";

/// Books of a region in a new folder, and a file with a password.
fn opened() -> (tempfile::TempDir, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (db, password) = (path("b.db"), path("password"));
    run(&format!("open 重庆 --db {db}")).good();
    fs::write(&password, format!("{PASSWORD}\r\n")).unwrap();
    (folder, db, password)
}

/// Whether any file of a folder, but those named, holds a text.
fn holds(folder: &Path, text: &str, but: &str) -> bool {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut others = files.filter(|file| file.file_name().is_some_and(|name| name != but));
    others.any(|file| fs::read(file).unwrap().windows(text.len()).any(|part| part == text.as_bytes()))
}

#[test]
fn a_password_comes_from_a_file_or_standard_input_and_stays_nowhere() {
    let (folder, db, file) = opened();
    let add = |name: &str, more: &str| run(&format!("user add --name {name} --role counter --db {db} {more}"));
    let added = add("li", &format!("--password-file {file}"));
    assert!(added.code == 0 && !added.out.contains(PASSWORD) && !added.err.contains(PASSWORD), "{}", added.err);
    for (more, what) in [
        (format!("--password {PASSWORD}"), "--password"),
        ("--password-hash $argon2id$x".to_owned(), "--password-hash"),
        (format!("--password-file {file}.none"), "读不了"),
    ] {
        let refused = add("wu", &more);
        assert!(refused.code == 2 && refused.err.contains(what), "{more}: {}", refused.err);
    }
    let short = folder.path().join("short").display().to_string();
    fs::write(&short, "short\n").unwrap();
    let refused = add("wu", &format!("--password-file {short}"));
    assert!(refused.code == 2 && refused.err.contains("密码太短"), "{}", refused.err);

    let words = format!("user passwd --name li --db {db} --password-file -");
    let mut child = Command::new(env!("CARGO_BIN_EXE_tongchou"))
        .args(words.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"another horse battery\n").unwrap();
    assert!(child.wait_with_output().unwrap().status.success());

    // One who signs in by an identity provider alone has none.
    add("zhao", "").good();
    let list = run(&format!("user list --db {db}")).good();
    assert!(["li", "zhao"].iter().all(|name| list.contains(name)) && !list.contains("wu"), "{list}");
    assert!(!list.contains("argon2"), "no list shows a hash");
    assert!(!holds(folder.path(), PASSWORD, "password") && !holds(folder.path(), "another horse", ""));
    assert!(holds(folder.path(), "$argon2id$", ""), "what the books keep is the hash");
}

/// The secret that an answer shows.
fn secret(ran: &Ran) -> String {
    ran.out.split(['"', ' ', '\n', '：']).find(|word| word.starts_with("tck_")).unwrap_or_default().to_owned()
}

#[test]
fn the_secret_of_a_key_is_told_once_and_kept_as_a_hash_or_sealed() {
    let (folder, db, _) = opened();
    let until = jiff::Zoned::now().date().checked_add(jiff::Span::new().days(30)).unwrap();
    let issue = |id: &str, more: &str| {
        run(&format!("key issue --id {id} --provider H50010100001 --until {until} --db {db} --format json {more}"))
    };
    let told = issue("his-1", "--request r1");
    let plain = secret(&told);
    assert!(told.code == 0 && plain.starts_with("tck_his-1_") && plain.len() > 50, "{}", told.out);
    let again = issue("his-1", "--request r1");
    assert!(again.code == 1 && again.out.contains("key-reused") && secret(&again).is_empty(), "{}", again.out);
    let gateway = secret(&issue("his-2", "--gateway"));
    assert!(gateway.starts_with("tck_his-2_"));
    let given = issue("his-3", "--secret tck_mine");
    assert!(given.code == 2 && given.err.contains("--secret"), "a secret is made, not given: {}", given.err);
    let list = run(&format!("key list --db {db}")).good();
    for secret in [&plain, &gateway] {
        assert!(!list.contains(secret.as_str()) && !holds(folder.path(), secret, ""), "told once, and nowhere else");
    }
    run(&format!("verify --db {db}")).good();
}

#[test]
fn what_a_client_of_an_identity_provider_knows_itself_by_is_kept_from_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let settings = "issuer = \"https://id.example.cn\"\nclient_id = \"t\"\nclient_secret_file = \"s\"\nserver = \"https://yb.example.cn\"\n";
    fs::write(path("oidc.toml"), settings).unwrap();
    fs::write(path("s"), "hush").unwrap();
    fs::set_permissions(path("s"), fs::Permissions::from_mode(0o644)).unwrap();
    let ran = run(&format!("serve --oidc {} --db {}", path("oidc.toml").display(), path("x.db").display()));
    assert!(ran.code == 1 && ran.err.contains("secret-exposed") && ran.err.contains("chmod 600"), "{}", ran.err);
    assert!(!ran.err.contains("hush") && !path("x.db").exists(), "refused before anything is made");
}
