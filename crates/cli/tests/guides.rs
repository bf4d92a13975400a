//! The pages say what the program says: every file and every command of the READMEs and guides is really written and run.
//!
//! Each page gets a folder of its own, with `examples/` in it. Its fenced blocks are taken in order:
//!
//! * `toml file=PATH` (or csv, tsv, json): the file is written;
//! * `toml into=PATH`: laid over a file that is there; a table of the same name goes, the others stay;
//! * `console`: each line after `$ ` is run, and what follows it is what it says. A line of `…` stands for any lines, `…` at
//!   the end of a line for the rest of it (as of a hash). `console parquet` is run in builds that have Parquet.
//!
//! `GUIDES=write cargo test -p cli --test guides` puts what the program says into the pages, except where a line of `…` stands.
//! Blocks of any other kind are only read by people.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What stands for lines that the page leaves out.
const GAP: &str = "…";

#[test]
fn the_pages_say_what_the_program_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let write = std::env::var("GUIDES").is_ok_and(|wish| wish == "write");
    let mut wrong = Vec::new();
    for page in pages(&root) {
        let text = fs::read_to_string(&page).unwrap();
        let name = page.strip_prefix(&root).unwrap_or(&page).display().to_string();
        let mut walk = Walk::new(&root, write);
        let told = walk.page(&text);
        wrong.extend(walk.wrong.into_iter().map(|fault| format!("{name}:{fault}")));
        if write && told != text {
            fs::write(&page, told).unwrap();
        }
    }
    assert!(wrong.is_empty(), "GUIDES=write mends the pages, if the program is right\n\n{}", wrong.join("\n\n"));
}

fn pages(root: &Path) -> Vec<PathBuf> {
    let markdown = |folder: &Path| {
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect::<Vec<_>>()
    };
    let mut pages = [markdown(root), markdown(&root.join("docs/guide"))].concat();
    pages.sort();
    pages
}

/// One page on its way through a folder.
struct Walk {
    folder: tempfile::TempDir,
    write: bool,
    wrong: Vec<String>,
}

impl Walk {
    fn new(root: &Path, write: bool) -> Walk {
        let folder = tempfile::tempdir().unwrap();
        copy(&root.join("examples"), &folder.path().join("examples"));
        Walk { folder, write, wrong: Vec::new() }
    }

    /// Follows a page; gives it back with what the program says.
    fn page(&mut self, text: &str) -> String {
        let mut told: Vec<String> = Vec::new();
        let mut lines = text.lines().enumerate();
        while let Some((at, line)) = lines.next() {
            told.push(line.to_owned());
            let Some(kind) = line.strip_prefix("```").filter(|kind| !kind.is_empty()) else { continue };
            let body: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            told.extend(self.block(kind, &body, at + 2));
            told.push("```".to_owned());
        }
        told.join("\n") + "\n"
    }

    /// One block, which begins at a line of the page.
    fn block(&mut self, kind: &str, body: &[&str], line: usize) -> Vec<String> {
        if kind == "console" || (kind == "console parquet" && cfg!(feature = "parquet")) {
            return self.console(body, line);
        }
        if let Some(path) = kind.split(' ').find_map(|word| word.strip_prefix("file=")) {
            self.put(path, &(body.join("\n") + "\n"));
        }
        if let Some(path) = kind.split(' ').find_map(|word| word.strip_prefix("into=")) {
            let known = fs::read_to_string(self.folder.path().join(path)).unwrap();
            self.put(path, &overlaid(&known, body));
        }
        body.iter().map(|line| (*line).to_owned()).collect()
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn console(&mut self, body: &[&str], first: usize) -> Vec<String> {
        let mut told = Vec::new();
        let mut at = 0;
        while at < body.len() {
            let command = body[at];
            let end =
                body[at + 1..].iter().position(|line| line.starts_with("$ ")).map_or(body.len(), |to| at + 1 + to);
            let expected = &body[at + 1..end];
            let said = self.run(command);
            told.push(command.to_owned());
            let agreed = agrees(expected, &said);
            if !agreed && self.write && !expected.contains(&GAP) {
                told.extend(said.iter().map(|line| cut_as_before(line, expected)));
            } else {
                told.extend(expected.iter().map(|line| (*line).to_owned()));
                if !agreed {
                    self.wrong.push(format!("{}: {command}\n{}", first + at, said.join("\n")));
                }
            }
            at = end;
        }
        told
    }

    /// What a command says, standard output first.
    fn run(&self, command: &str) -> Vec<String> {
        let words = command.strip_prefix("$ tongchou ").unwrap_or_else(|| panic!("only tongchou is run: {command}"));
        let output = Command::new(env!("CARGO_BIN_EXE_tongchou"))
            .args(words.split_whitespace().map(|word| word.trim_matches('\'')))
            .current_dir(self.folder.path())
            .env_remove("TONGCHOU_LANG")
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        let mut said: Vec<String> = said.lines().map(|line| line.trim_end().to_owned()).collect();
        while said.last().is_some_and(String::is_empty) {
            said.pop();
        }
        said
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).unwrap();
        }
    }
}

/// A file with tables laid over it: those of the same names go.
fn overlaid(known: &str, body: &[&str]) -> String {
    let names: Vec<&&str> = body.iter().filter(|line| line.starts_with('[')).collect();
    let mut kept = Vec::new();
    let mut keep = true;
    for line in known.lines() {
        if line.starts_with('[') {
            keep = !names.iter().any(|name| **name == line);
        }
        if keep {
            kept.push(line);
        }
    }
    kept.push("");
    kept.extend(body);
    kept.join("\n") + "\n"
}

/// Whether a page says what the program said.
fn agrees(expected: &[&str], said: &[String]) -> bool {
    match expected.split_first() {
        None => said.is_empty(),
        Some((&GAP, rest)) => (0..=said.len()).any(|skipped| agrees(rest, &said[skipped..])),
        Some((line, rest)) => said.first().is_some_and(|first| alike(line, first)) && agrees(rest, &said[1..]),
    }
}

/// A line as the page should have it: cut where the page cut it before.
fn cut_as_before(said: &str, expected: &[&str]) -> String {
    let before = expected.iter().find(|line| line.ends_with(GAP) && alike(line, said));
    before.map_or(said, |line| line).to_owned()
}

fn alike(expected: &str, said: &str) -> bool {
    expected.strip_suffix(GAP).map_or(expected == said, |beginning| said.starts_with(beginning))
}

/// The pictures of the READMEs hold lines of the program alone (`sh docs/images/draw.sh` draws them anew).
#[test]
fn the_pictures_say_what_the_program_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let walk = Walk::new(&root, false);
    for (picture, lang) in [("explained-bill.svg", "en"), ("explained-bill.zh-CN.svg", "zh")] {
        let said = walk.run(&format!("$ tongchou settle examples/chongqing-2022/claims.csv --explain --lang {lang}"));
        let drawn = fs::read_to_string(root.join("docs/images").join(picture)).unwrap();
        let texts =
            drawn.lines().filter_map(|line| line.strip_suffix("</text>")?.rsplit_once('>').map(|(_, text)| text));
        for text in texts {
            let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            assert!(
                said.iter().any(|line| line.trim_start() == text),
                "{picture} says what the program does not: {text}"
            );
        }
    }
}

#[test]
fn a_gap_stands_for_any_lines() {
    let said: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
    assert!(agrees(&["a", "b", "c"], &said) && agrees(&["…", "c"], &said) && agrees(&["a", "…", "c", "…"], &said));
    assert!(!agrees(&["a", "c"], &said) && !agrees(&["…", "b"], &said) && !agrees(&[], &said));
    assert!(alike("hash 4a…", "hash 4a53") && !alike("hash 5…", "hash 4a53"));
    assert_eq!(cut_as_before("hash 4a53", &["x", "hash …"]), "hash …");
}

#[test]
fn a_table_laid_over_a_file_takes_the_place_of_its_namesake() {
    let known = "[[a]]\nx = 1\n\n[[b]]\ny = 2\n";
    assert_eq!(overlaid(known, &["[[a]]", "x = 3"]), "[[b]]\ny = 2\n\n[[a]]\nx = 3\n");
}
