//! The manifest of an export: what it is, of which version, and size, rows and hash of each file.

use serde::{Deserialize, Serialize};
use store::Part;

use super::rows::Hex;

/// Name of the file that holds it.
pub const MANIFEST: &str = "manifest.json";
/// What every manifest calls itself.
pub const FORMAT: &str = "tongchou-books";
/// The version that is written, and the newest that is read. It is raised when a reader of before would lose something.
pub const VERSION: u32 = 1;

/// The file of the texts beside the books.
pub const NOTES: &str = "notes.jsonl";

/// What is read of a manifest before anything else.
#[derive(Deserialize)]
pub struct Head {
    pub format: String,
    pub version: u32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: String,
    pub version: u32,
    /// The program that wrote it.
    pub program: String,
    pub regions: Vec<Region>,
    pub files: Vec<File>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    pub region: String,
    /// The last seal: who kept its hash elsewhere sees here that these are the books.
    pub seal: Option<LastSeal>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastSeal {
    pub number: u32,
    pub hash: Hex,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Below the folder, with `/`.
    pub path: String,
    pub rows: u64,
    pub bytes: u64,
    pub sha256: Hex,
}

impl Manifest {
    pub fn new() -> Manifest {
        Manifest {
            format: FORMAT.to_owned(),
            version: VERSION,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            regions: Vec::new(),
            files: Vec::new(),
        }
    }

    /// Whether it names the files of its regions: each once, in order, and no others.
    pub fn is_sound(&self) -> bool {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        let named = self.regions.iter().all(|of| !of.region.is_empty() && of.region.chars().all(plain));
        let mut regions: Vec<&String> = self.regions.iter().map(|of| &of.region).collect();
        regions.sort_unstable();
        regions.dedup();
        let named = named && regions.len() == self.regions.len() && self.version >= 1;
        let of_regions = self.regions.iter().flat_map(|of| TABLES.map(|table| path(&of.region, table)));
        named && self.files.iter().map(|file| file.path.clone()).eq([NOTES.to_owned()].into_iter().chain(of_regions))
    }

    /// How many rows a file has.
    pub fn rows(&self, path: &str) -> u64 {
        self.files.iter().find(|file| file.path == path).map_or(0, |file| file.rows)
    }
}

/// The files of a region.
pub const TABLES: [&str; 7] = ["records", "sheets", "postings", "links", "answers", SEALS, UPTIME];
pub const SEALS: &str = "seals";
pub const UPTIME: &str = "uptime";

/// The file of a part.
pub fn table(part: Part) -> &'static str {
    match part {
        Part::Records => "records",
        Part::Sheets => "sheets",
        Part::Postings => "postings",
        Part::Links => "links",
        Part::Answers => "answers",
    }
}

/// Where a table of a region lies.
pub fn path(region: &str, table: &str) -> String {
    format!("{region}/{table}.jsonl")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_has_a_file_a_part_and_two_more() {
        assert_eq!(Part::ALL.map(table), TABLES[..5]);
    }

    #[test]
    fn only_the_files_of_its_regions_are_sound() {
        let file = |path: String| File { path, rows: 0, bytes: 0, sha256: Hex([0; 32]) };
        let of = |region: &str| {
            let files = [NOTES.to_owned()].into_iter().chain(TABLES.map(|table| path(region, table)));
            let regions = vec![Region { region: region.to_owned(), seal: None }];
            Manifest { regions, files: files.map(file).collect(), ..Manifest::new() }
        };
        assert!(of("chongqing").is_sound());
        assert!(!of("../chongqing").is_sound() && !of("").is_sound(), "no file outside the folder");
        let (mut less, mut more) = (of("chongqing"), of("chongqing"));
        less.files.pop();
        more.files.push(file("chongqing/other.jsonl".to_owned()));
        assert!(!less.is_sound() && !more.is_sound());
        let mut twice = of("chongqing");
        twice.regions.extend(of("chongqing").regions);
        twice.files.extend(of("chongqing").files.split_off(1));
        assert!(!twice.is_sound(), "each region once");
    }
}
