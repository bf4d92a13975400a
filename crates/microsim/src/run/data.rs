//! The data that a run was begun with, told by what changes when a file is written anew.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::terms::Compiled;
use crate::Refused;
use crate::generate::{Manifest, Paths};

/// What follows the metadata of a Parquet file: its length and `PAR1`.
const TAIL: u64 = 8;

/// Marks of the parts that a run reads, one each.
///
/// # Errors
/// When a file is not there or cannot be read.
pub fn marks(manifest: &Manifest, compiled: &Compiled<'_, '_>, province: &Path) -> anyhow::Result<Vec<String>> {
    let part = |part: i64| {
        let mut hash = Sha256::new();
        files(manifest, compiled, &Paths::of(province, part)).iter().try_for_each(|file| add(&mut hash, file))?;
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    };
    (0..manifest.count()).map(part).collect()
}

/// Refuses to go on where a part is not what it was when the run began.
pub fn same(before: &[String], now: &[String]) -> Result<(), Refused> {
    let changed = (0..before.len().max(now.len())).find(|part| before.get(*part) != now.get(*part));
    let Some(part) = changed else { return Ok(()) };
    let what =
        format!("测算开始以后，part-{part:05} 的 people、enrolment 或 bills 变了 (data changed since the run began)");
    Err(Refused::new(what, "恢复原来的文件（连同修改时间）再运行，或换一个 -o 文件夹从头测算"))
}

/// The files of a part that are read.
fn files(manifest: &Manifest, compiled: &Compiled<'_, '_>, paths: &Paths<'_>) -> Vec<PathBuf> {
    let years = manifest.each_year().filter(|year| (compiled.from_year..=compiled.year).contains(year));
    let bills = years.map(|year| paths.yearly("bills", year));
    [paths.people(), paths.yearly("enrolment", compiled.year)].into_iter().chain(bills).collect()
}

/// Length, time of the last change, and the metadata at the end, which tell of each column how long it is and between which
/// values.
fn add(hash: &mut Sha256, path: &Path) -> anyhow::Result<()> {
    let told = || path.display().to_string();
    let mut file = File::open(path).with_context(told)?;
    let about = file.metadata().with_context(told)?;
    hash.update(about.len().to_le_bytes());
    let changed = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    hash.update(changed.map_or(0, |since| since.as_nanos()).to_le_bytes());
    let mut tail = [0; TAIL as usize];
    if about.len() >= TAIL {
        file.seek(SeekFrom::Start(about.len() - TAIL)).with_context(told)?;
        file.read_exact(&mut tail).with_context(told)?;
    }
    let [a, b, c, d, ..] = tail;
    let metadata = u64::from(u32::from_le_bytes([a, b, c, d])).saturating_add(TAIL).min(about.len());
    file.seek(SeekFrom::Start(about.len() - metadata)).with_context(told)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).with_context(told)?;
    hash.update(bytes);
    Ok(())
}
