//! Bills of a table, in pieces of whole persons, each checked against the terms that it is to be settled by.
//!
//! Sound tables are read in pieces, side by side. As soon as anything is wrong, the table is read again as one: only so are
//! faults told as the command line tells them.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};

use claims::arrow::Table;
use claims::{Column, Loaded};
use domain::{Bill, Diagnostic};

use crate::chunk;
use crate::fault::{Fault, any_error};
use crate::table::Input;
use crate::terms::Made;

/// Rows of a piece, about: what it takes in memory at once is a few hundred bytes for each.
const PIECE: usize = 32_768;

/// What findings call a table.
const NAME: &str = "table";

/// The result of each piece, and what was left out.
pub struct Read<R> {
    /// Results, in the order of the pieces.
    pub pieces: Vec<R>,
    /// What was wrong with rows that were left out.
    pub findings: Vec<Diagnostic>,
}

/// Bills of some persons: each one's together, persons and bills in the order of the table.
pub struct Piece {
    /// The bills.
    pub bills: Vec<Bill>,
    /// Row of each, from 0.
    pub rows: Vec<u32>,
}

impl Piece {
    /// The bills of each person.
    pub fn persons(&self) -> impl Iterator<Item = &[Bill]> {
        self.bills.chunk_by(|one, next| one.person_id == next.person_id)
    }

    /// The row of one of its bills.
    pub fn row_of(&self, bill: &Bill) -> u32 {
        self.bills.element_offset(bill).map_or(0, |at| self.rows[at])
    }
}

/// Works on all bills of a table, piece by piece.
///
/// # Errors
/// All that is wrong with the table, unless it is to be gone on with the sound rows.
pub fn each<R: Send>(
    made: &Made,
    input: &Input,
    keep_going: bool,
    threads: Option<usize>,
    work: impl Fn(&Piece) -> R + Sync,
) -> Result<Read<R>, Fault> {
    let table = Table::open(NAME, &input.schema, &input.batches)?;
    if u32::try_from(table.rows()).is_err() {
        return Err(Fault::usage("一张表的行数超过 42 亿", "按人分成几张表，分别结算"));
    }
    let persons = table.by_person();
    let faulty = AtomicBool::new(any_error(table.findings()));
    let pieces = chunk::each(&persons.pieces(PIECE), threads, |rows| {
        if faulty.load(Ordering::Relaxed) {
            return None;
        }
        let loaded = checked(made, table.read(rows.iter().map(|row| *row as usize)));
        if any_error(&loaded.findings) {
            faulty.store(true, Ordering::Relaxed);
            return None;
        }
        let ids: Vec<u64> = loaded.bills.iter().map(|bill| hashed(&bill.id)).collect();
        Some((ids, work(&piece(loaded))))
    });
    let (ids, done): (Vec<Vec<u64>>, Vec<R>) = pieces.into_iter().flatten().unzip();
    if !faulty.into_inner() && all_differ(ids.concat()) {
        return Ok(Read { pieces: done, findings: Vec::new() });
    }
    let mut loaded = checked(made, table.read(0..table.rows()));
    let mut findings = table.findings().to_vec();
    findings.append(&mut loaded.findings);
    findings.sort_by_key(|finding| finding.place.line);
    if any_error(&findings) && !keep_going {
        return Err(Fault::Bills(findings));
    }
    Ok(Read { pieces: vec![work(&piece(loaded))], findings })
}

fn hashed(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

/// Whether no two hashes are alike. Two that are may yet be of two ids: the table is then read as one, and found sound.
fn all_differ(mut hashes: Vec<u64>) -> bool {
    hashes.sort_unstable();
    hashes.windows(2).all(|pair| pair[0] != pair[1])
}

/// Bills with persons brought together.
fn piece(loaded: Loaded) -> Piece {
    let mut known: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    let apart = loaded.bills.chunk_by(|one, next| one.person_id == next.person_id);
    let starts: Vec<&str> = apart.map(|bills| bills[0].person_id.as_str()).collect();
    let together = starts.iter().all(|person| known.insert(person, known.len()).is_none());
    let rows = loaded.origins.iter().map(|origin| origin.line.saturating_sub(1) as u32);
    if together {
        let rows = rows.collect();
        return Piece { bills: loaded.bills, rows };
    }
    let mut first = std::collections::BTreeMap::new();
    for (at, bill) in loaded.bills.iter().enumerate() {
        first.entry(bill.person_id.clone()).or_insert(at);
    }
    let mut bills: Vec<(Bill, u32)> = loaded.bills.into_iter().zip(rows.collect::<Vec<_>>()).collect();
    bills.sort_by_key(|(bill, _)| first.get(&bill.person_id).copied());
    let (bills, rows) = bills.into_iter().unzip();
    Piece { bills, rows }
}

/// Leaves out bills of other regions and years, and takes tiers by their Chinese names.
fn checked(made: &Made, mut loaded: Loaded) -> Loaded {
    let mut findings = Vec::new();
    let sound: Vec<bool> = loaded
        .bills
        .iter()
        .zip(&loaded.origins)
        .map(|(bill, origin)| {
            let fault = misplaced(made, bill);
            let sound = fault.is_none();
            findings.extend(fault.map(|(code, column, what, cure)| {
                Diagnostic::error(code, origin.place(NAME, column), format!("票据 {}：{what}", bill.id), cure)
            }));
            sound
        })
        .collect();
    if !findings.is_empty() {
        let mut keep = sound.iter().copied();
        loaded.bills.retain(|_| keep.next().unwrap_or(false));
        let mut keep = sound.iter().copied();
        loaded.origins.retain(|_| keep.next().unwrap_or(false));
        loaded.left_out += findings.len();
        loaded.findings.append(&mut findings);
    }
    for bill in &mut loaded.bills {
        name_tier(made, bill);
    }
    loaded
}

/// A tier by its Chinese name becomes its id.
pub fn name_tier(made: &Made, bill: &mut Bill) {
    if let Some(tier) = &mut bill.person.tier
        && let Some((id, _)) = made.tiers.iter().find(|(_, name)| name == tier)
    {
        tier.clone_from(id);
    }
}

/// Why a bill is none of these terms', if it is none.
pub fn misplaced(made: &Made, bill: &Bill) -> Option<(&'static str, Column, String, String)> {
    if let Some(other) = bill.region.as_deref().filter(|name| !made.called.is_called(name)) {
        let what = format!("统筹区“{other}”不是这些条款的{}", made.region_name);
        return Some(("region", Column::Region, what, "各统筹区的票据分开，用各自的 terms 结算".to_owned()));
    }
    let (first, last) = made.years;
    if !(first..=last).contains(&bill.date.year()) {
        let what = format!("日期 {} 不在这些条款的年份 {first} 至 {last} 之内", bill.date);
        let year = bill.date.year();
        let cure = format!("terms(…, year=({}, {}))", first.min(year), last.max(year));
        return Some(("outside-years", Column::Date, what, cure));
    }
    None
}
