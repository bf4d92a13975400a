//! The manners of the sources: a module says what it is for, a file is one subject, nothing names one machine, and the
//! pure crates stay pure.

use crate::tidy::{code, walls};
use crate::workspace::Source;

/// A file longer than this must say why, in LONG.
const MANY_LINES: usize = 800;

/// Files that are longer, each with its reason (a flat list reads well at any length; a knot does not).
const LONG: &[(&str, &str)] = &[];

/// What a pure crate never says. Clippy's lists (clippy.toml) catch the uses; this catches the imports too, and runs
/// where clippy is not installed.
const IMPURE: &[(&str, &str)] = &[
    ("std::fs", "files are read by the edge and handed in as text"),
    ("std::net", "no network in the pure crates"),
    ("std::time", "dates are arguments"),
    ("std::env", "settings are arguments"),
    ("std::process", "no other programs in the pure crates"),
    ("SystemTime", "dates are arguments"),
    ("Zoned::now", "dates are arguments"),
    ("Timestamp::now", "dates are arguments"),
    ("HashMap", "its order changes from run to run: use BTreeMap"),
    ("HashSet", "its order changes from run to run: use BTreeSet"),
    ("f32", "money is whole fen, a rate is parts per million"),
    ("f64", "money is whole fen, a rate is parts per million"),
];

/// First folders of a path that only makes sense on one machine. (Kept as bare names, so that this list does not
/// find itself.)
const ONE_MACHINE: &[&str] = &["home", "root", "Users", "work", "tmp", "mnt"];

pub fn check(files: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        findings.extend(machine_paths(file));
        if file.has_extension("rs") {
            findings.extend(opening(file));
            findings.extend(length(file, LONG));
            findings.extend(impurities(file));
        }
    }
    for (path, _) in LONG {
        if !files.iter().any(|file| file.path == *path && file.text.lines().count() > MANY_LINES) {
            findings.push(format!("{path}: no longer long; take it off LONG in xtask/src/tidy/sources.rs"));
        }
    }
    findings
}

fn opening(file: &Source) -> Option<String> {
    let first = file.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    (!first.starts_with("//! ")).then(|| {
        format!(
            "{}:1: opens without `//!`; say what the module is for, by which clauses, and what it leaves out",
            file.path
        )
    })
}

fn length(file: &Source, long: &[(&str, &str)]) -> Option<String> {
    let lines = file.text.lines().count();
    let excused = long.iter().any(|(path, _)| *path == file.path);
    (lines > MANY_LINES && !excused).then(|| {
        format!(
            "{}: {lines} lines; split it by subject, or give the reason in LONG of xtask/src/tidy/sources.rs",
            file.path
        )
    })
}

fn impurities(file: &Source) -> Vec<String> {
    if !walls::PURE.iter().any(|name| file.path.starts_with(&format!("crates/{name}/src/"))) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (index, line) in code::only(&file.text).lines().enumerate() {
        for (word, reason) in IMPURE {
            if has_word(line, word) {
                findings.push(format!("{}:{}: `{word}` in a pure crate; {reason}", file.path, index + 1));
            }
        }
    }
    findings
}

/// The word stands there whole: `f64` is not in `buf64`, but it is in `1f64`.
fn has_word(line: &str, word: &str) -> bool {
    let part_of_name = |letter: char| letter.is_alphabetic() || letter == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(part_of_name) && !after.is_some_and(|letter| part_of_name(letter) || letter.is_numeric())
    })
}

fn machine_paths(file: &Source) -> Vec<String> {
    let mut findings = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        if let Some(folder) = ONE_MACHINE.iter().find(|folder| names_path(line, folder)) {
            findings.push(format!(
                "{}:{}: a path of one machine (below {folder}); write it from the root of the repository",
                file.path,
                index + 1
            ));
        }
    }
    findings
}

/// `/folder/x` as the beginning of a path, not as the middle of one.
fn names_path(line: &str, folder: &str) -> bool {
    let needle = format!("/{folder}/");
    line.match_indices(&needle).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + needle.len()..].chars().next();
        let begins = !before.is_some_and(|letter| letter.is_alphanumeric() || "/.-_~)}$*".contains(letter));
        begins && after.is_some_and(|letter| letter.is_alphanumeric() || "._".contains(letter))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> Source {
        Source { path: path.to_string(), text: text.to_string() }
    }

    #[test]
    fn a_module_says_what_it_is_for() {
        assert_eq!(opening(&file("a.rs", "//! What.\nfn f() {}")), None);
        assert!(opening(&file("a.rs", "fn f() {}")).is_some());
        assert!(opening(&file("a.rs", "//!\n")).is_some());
        assert!(opening(&file("a.rs", "")).is_some());
    }

    #[test]
    fn a_long_file_gives_its_reason() {
        let long = file("a.rs", &"x\n".repeat(MANY_LINES + 1));
        assert!(length(&long, &[]).is_some());
        assert_eq!(length(&long, &[("a.rs", "a flat list")]), None);
        assert_eq!(length(&file("a.rs", &"x\n".repeat(MANY_LINES)), &[]), None);
    }

    #[test]
    fn a_pure_crate_is_held_to_it_and_others_are_not() {
        let text = "//! No HashMap.\nuse std::fs;\nlet a = 1f64; // std::net\nlet buf64 = \"f64\";\n";
        let found = impurities(&file("crates/domain/src/a.rs", text));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("crates/domain/src/a.rs:2: `std::fs`"));
        assert!(found[1].starts_with("crates/domain/src/a.rs:3: `f64`"));
        assert!(impurities(&file("crates/cli/src/a.rs", text)).is_empty());
    }

    #[test]
    fn a_path_of_one_machine_is_named() {
        let with = |folder: &str| file("a.md", &format!("see /{folder}/someone/notes.txt"));
        assert_eq!(machine_paths(&with("home")).len(), 1);
        assert!(machine_paths(&with("docs")).is_empty());
        for text in ["docs/work/a", "https://example.org/home/a", "in /root/", "target/tmp/x"] {
            assert!(machine_paths(&file("a.md", text)).is_empty(), "{text}");
        }
    }
}
