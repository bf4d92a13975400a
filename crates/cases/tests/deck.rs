//! The deck of the repository: every case beside the notices passes.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test may read the repository's own files")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use cases::{BY_TEST, Outcome, State, coverage, summary};
use policy::{Library, SourceFile};

/// The repository's own policies folder.
fn library() -> Library {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    Library::read(files)
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(root, &path, files);
        } else if let Ok(text) = fs::read_to_string(&path) {
            let below = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            files.push(SourceFile { path: below.clone(), shown: format!("policies/{below}"), text });
        }
    }
}

#[test]
fn every_test_that_shows_a_clause_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (clause, (test, file)) in BY_TEST {
        let text = fs::read_to_string(root.join(file)).unwrap();
        assert!(text.contains(&format!("#[test]\nfn {test}() {{")), "{clause}: {file} has no test {test}");
        assert!(library().register.get(clause).is_some(), "{clause}");
    }
}

#[test]
fn every_case_passes() {
    let library = library();
    let deck = cases::run(&library);
    assert!(!deck.cases.is_empty(), "no cases were found");
    let mut told = String::new();
    for finding in &deck.findings {
        let _ = writeln!(told, "{finding}");
    }
    for case in deck.failed() {
        let _ = writeln!(told, "{} [{}] {}", case.place, case.region, case.name);
        if let Outcome::Failed(why) = &case.outcome {
            told.extend(why.iter().map(|line| format!("    {line}\n")));
        }
    }
    assert!(deck.passed(), "{} of {} cases failed\n{told}", deck.failed().count(), deck.cases.len());
}

#[test]
fn coverage_counts_every_clause_once() {
    let library = library();
    let deck = cases::run(&library);
    let clauses = coverage(&library, &deck);
    assert_eq!(clauses.len(), library.register.iter().count());
    let rows = summary(&clauses);
    for row in &rows {
        assert_eq!(row.clauses, row.executed + row.shown + row.open + row.not_executable, "{row:?}");
    }
    let whole: usize = rows.iter().filter(|row| row.kind.is_none()).map(|row| row.clauses).sum();
    assert_eq!(whole, clauses.len());
    assert!(
        clauses.iter().all(|clause| clause.why.is_empty() == matches!(clause.state, State::Executed | State::Shown))
    );
}
