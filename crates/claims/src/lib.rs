//! Files and tables of bills: CSV, JSON, JSON Lines, Parquet and Arrow to valid [`Bill`]s and findings.
//!
//! All faults of a file are found in one reading. A row is good when every cell of it could be read and everything it refers
//! to is good; only good rows become bills. An unknown or missing column spoils every row: what stands there is a fact that
//! was not taken in. Nothing of the law is known here, and no amount is a float.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at the first surprise"))]

mod across;
#[cfg(feature = "arrow")]
pub mod arrow;
mod cells;
mod columns;
mod csv;
mod header;
mod json;
#[cfg(feature = "parquet")]
mod parquet;
mod row;
#[cfg(test)]
mod tests;
pub mod text;

use std::collections::BTreeSet;
use std::collections::hash_map::Entry;
use std::io::Read;
use std::path::Path;

use domain::{Bill, Diagnostic, Place};

pub use self::columns::{Column, Named};
use self::row::Row;

/// Maps by bill and person: looked up once or twice a row, never listed, so that their order is nowhere seen.
type HashMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;
type HashSet<K> = std::collections::HashSet<K, foldhash::fast::RandomState>;

/// The path that stands for standard input.
const STDIN: &str = "-";

/// How a file of bills is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum InputFormat {
    /// Comma-separated values with a header, in UTF-8 or GBK
    Csv,
    /// One array of objects, or objects one after another
    Json,
    /// JSON Lines: one object a line
    Jsonl,
    /// Apache Parquet, in builds that have it
    Parquet,
}

impl InputFormat {
    /// By the ending of a file's name.
    pub fn of(path: &Path) -> Option<InputFormat> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "csv" => Some(InputFormat::Csv),
            "json" => Some(InputFormat::Json),
            "jsonl" | "ndjson" => Some(InputFormat::Jsonl),
            "parquet" => Some(InputFormat::Parquet),
            _ => None,
        }
    }
}

/// What a file of bills held.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The good rows, in the order of the file.
    pub bills: Vec<Bill>,
    /// Where each of them stood.
    pub origins: Vec<Origin>,
    /// Everything found, in the order of the file. An error among them means that the file as a whole is not sound.
    pub findings: Vec<Diagnostic>,
    /// Rows that did not become bills.
    pub left_out: usize,
    /// People of whom a row was left out: what is settled for them rests on an incomplete year.
    pub incomplete: BTreeSet<String>,
    /// The text read, for drawing findings; none for Parquet, and none when nothing was found.
    pub text: Option<String>,
}

impl Loaded {
    fn failed(finding: Diagnostic) -> Loaded {
        Loaded { findings: vec![finding], ..Loaded::default() }
    }
}

/// Is told, now and then, how many bytes have been read, and how many there are.
pub type Watch<'w> = &'w dyn Fn(u64, u64);

/// Reads a file of bills, `-` being standard input. The format is taken from the name unless given.
pub fn read(path: &Path, from: Option<InputFormat>, watch: Watch<'_>) -> Loaded {
    let file = path.display().to_string();
    let Some(format) = from.or_else(|| InputFormat::of(path)) else {
        let cure = match path.extension().and_then(|ending| ending.to_str()) {
            Some("xlsx" | "xls" | "et") => "在 Excel 或 WPS 中另存为“CSV UTF-8”后再试",
            _ => "用 --from csv|json|jsonl|parquet 说明格式",
        };
        return Loaded::failed(Diagnostic::error("unknown-format", Place::file(file), "看不出文件格式", cure));
    };
    let bytes = if file == STDIN { read_stdin() } else { std::fs::read(path) };
    match bytes {
        Ok(bytes) => read_bytes(&file, bytes, format, watch),
        Err(error) => {
            let cure = "核对路径与读取权限";
            Loaded::failed(Diagnostic::error("unreadable-file", Place::file(file), format!("无法读取：{error}"), cure))
        }
    }
}

fn read_stdin() -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads bills from bytes already at hand; `file` is only their name in findings.
pub fn read_bytes(file: &str, bytes: Vec<u8>, format: InputFormat, watch: Watch<'_>) -> Loaded {
    let all = bytes.len() as u64;
    let watch = |done: usize| watch(done as u64, all);
    match format {
        InputFormat::Parquet => read_parquet(file, bytes, &watch),
        _ => read_text(file, bytes, format, &watch),
    }
}

fn read_text(file: &str, bytes: Vec<u8>, format: InputFormat, watch: &dyn Fn(usize)) -> Loaded {
    let text::Decoded { text, assumed } = match text::decode(file, bytes) {
        Ok(decoded) => decoded,
        Err(finding) => return Loaded::failed(*finding),
    };
    let mut intake = Intake::new(file, watch);
    intake.findings.extend(assumed);
    intake.expect(text.bytes().filter(|byte| *byte == b'\n').count());
    match format {
        InputFormat::Csv => csv::read(&text, &mut intake),
        InputFormat::Jsonl => json::read_lines(&text, &mut intake),
        InputFormat::Json | InputFormat::Parquet => json::read(&text, &mut intake),
    }
    let mut loaded = intake.finish();
    match format {
        InputFormat::Csv => csv::draw(&text, &mut loaded.findings),
        _ => json::draw(&text, &mut loaded.findings),
    }
    loaded.text = (!loaded.findings.is_empty()).then_some(text);
    loaded
}

#[cfg(feature = "parquet")]
fn read_parquet(file: &str, bytes: Vec<u8>, watch: &dyn Fn(usize)) -> Loaded {
    let mut intake = Intake::new(file, watch);
    parquet::read(bytes, &mut intake);
    let mut loaded = intake.finish();
    loaded.findings.sort_by_key(|finding| finding.place.line);
    loaded
}

#[cfg(not(feature = "parquet"))]
fn read_parquet(file: &str, _: Vec<u8>, _: &dyn Fn(usize)) -> Loaded {
    let cure = "用 --features parquet 构建，或改用 CSV、JSON Lines";
    Loaded::failed(Diagnostic::error("no-parquet", Place::file(file), "此程序构建时未包含 Parquet", cure))
}

/// Where a bill stood: its line, and the position of each column in it.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// Line, from 1.
    pub line: usize,
    start: usize,
    positions: [u16; Column::COUNT],
}

impl Origin {
    fn of(row: &Row<'_>) -> Origin {
        let position = |column: &Column| u16::try_from(row.layout.position(*column)).unwrap_or(0);
        let mut positions = [0; Column::COUNT];
        for column in Column::ALL {
            positions[*column as usize] = position(column);
        }
        Origin { line: row.line, start: row.start, positions }
    }

    /// The place of a column.
    pub fn place(&self, file: &str, column: Column) -> Place {
        let position = self.positions[column as usize];
        Place { file: file.to_owned(), line: self.line, column: position.into(), span: (self.start, self.start) }
    }
}

/// Takes rows in, one after another, and makes a [`Loaded`] of them.
struct Intake<'f> {
    file: &'f str,
    watch: &'f dyn Fn(usize),
    bills: Vec<Bill>,
    origins: Vec<Origin>,
    findings: Vec<Diagnostic>,
    /// Line of the first row with this bill id, good or not.
    seen: HashMap<String, usize>,
    incomplete: BTreeSet<String>,
    /// Rows met so far.
    rows: usize,
    /// A fault of the header: its rows are read for their findings alone.
    spoilt: bool,
}

impl<'f> Intake<'f> {
    fn new(file: &'f str, watch: &'f dyn Fn(usize)) -> Intake<'f> {
        Intake {
            file,
            watch,
            bills: Vec::new(),
            origins: Vec::new(),
            findings: Vec::new(),
            seen: HashMap::default(),
            incomplete: BTreeSet::new(),
            rows: 0,
            spoilt: false,
        }
    }

    /// Makes room for so many rows.
    fn expect(&mut self, rows: usize) {
        self.bills.reserve(rows);
        self.origins.reserve(rows);
        self.seen.reserve(rows);
    }

    /// Takes a row; `sound` is false when its form was already found at fault.
    fn take(&mut self, row: &Row<'_>, sound: bool) {
        self.advance(row.start);
        let bill = row::bill(row, self.file, &mut self.findings);
        let first = row.text(Column::Bill).and_then(|id| self.first_seen(id, row.line));
        if let Some(first) = first {
            let id = row.text(Column::Bill).unwrap_or_default();
            let message = format!("{}“{id}”重复：首次出现在第 {first} 行", Column::Bill.label());
            let cure = "同一文件中票据号唯一；删去重复的行，或给另一张票据自己的号";
            self.findings.push(Diagnostic::error("duplicate-bill", row.place(self.file, Column::Bill), message, cure));
        }
        match bill {
            Some(bill) if sound && first.is_none() && !self.spoilt => {
                self.bills.push(bill);
                self.origins.push(Origin::of(row));
            }
            _ => self.incomplete.extend(row.text(Column::Person).map(str::to_owned)),
        }
    }

    /// Leaves a row out whose cells cannot be told apart.
    fn leave_out(&mut self, row: &Row<'_>, finding: Diagnostic) {
        if let Some(id) = row.text(Column::Bill) {
            self.first_seen(id, row.line);
        }
        self.incomplete.extend(row.text(Column::Person).map(str::to_owned));
        self.unreadable(finding);
    }

    /// Counts a row that could not even be taken apart.
    fn unreadable(&mut self, finding: Diagnostic) {
        self.rows += 1;
        self.findings.push(finding);
    }

    /// A fault of the file's own form, for which no row of it is taken.
    fn spoil(&mut self, finding: Diagnostic) {
        self.spoilt = true;
        self.findings.push(finding);
    }

    fn advance(&mut self, position: usize) {
        self.rows += 1;
        if self.rows.is_multiple_of(8192) {
            (self.watch)(position);
        }
    }

    fn first_seen(&mut self, id: &str, line: usize) -> Option<usize> {
        match self.seen.entry(id.to_owned()) {
            Entry::Occupied(first) => Some(*first.get()),
            Entry::Vacant(place) => {
                place.insert(line);
                None
            }
        }
    }

    fn finish(mut self) -> Loaded {
        self.refuse_nothing();
        self.loaded()
    }

    /// A file without a bill was probably not the one that was meant.
    fn refuse_nothing(&mut self) {
        if self.rows == 0 && self.findings.iter().all(|finding| finding.severity < domain::Severity::Error) {
            let cure = "核对是否选对文件；至少要有一张票据";
            self.findings.push(Diagnostic::error("empty-file", Place::file(self.file), "文件中没有票据", cure));
        }
    }

    fn loaded(mut self) -> Loaded {
        let kept = across::check(&mut self);
        let mut of_bill = kept.iter();
        self.origins.retain(|_| of_bill.next().copied().unwrap_or(false));
        let mut kept = kept.into_iter();
        let incomplete = &mut self.incomplete;
        self.bills.retain(|bill| {
            let keep = kept.next().unwrap_or(false);
            if !keep {
                incomplete.insert(bill.person_id.clone());
            }
            keep
        });
        Loaded {
            left_out: self.rows - self.bills.len(),
            bills: self.bills,
            origins: self.origins,
            findings: self.findings,
            incomplete: self.incomplete,
            text: None,
        }
    }
}

/// The candidate most like a text, if any is like it at all.
fn nearest<'c>(text: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    const ALIKE: f64 = 0.75;
    let scored = candidates.map(|candidate| (strsim::jaro_winkler(text, candidate), candidate));
    let best = scored.max_by(|(left, _), (right, _)| left.total_cmp(right))?;
    (best.0 >= ALIKE).then_some(best.1)
}
