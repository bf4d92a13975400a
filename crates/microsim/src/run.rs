//! A run: every bill of a year of a province settled under the baseline and under each variant, part by part, in one pass.
//!
//! Of a variant only those persons are settled anew whose bills reach what its terms settle otherwise; everybody else's sums are
//! the baseline's. A part's outcome is kept in a file of its own until all parts are there, so that a run that was stopped
//! goes on where it was. No database, no clock.

mod chunk;
mod data;
mod folk;
mod octet;
mod part;
mod person;
mod sieve;
mod sinks;
mod tally;
mod terms;
mod whole;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;

use anyhow::Context as _;
use domain::Date;
use policy::{Library, Region, View};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use self::folk::{OF_ENROLMENT, OF_PEOPLE};
pub use self::part::Spoilt;
use self::part::Worker;
use self::terms::Compiled;
use self::whole::{Kept, Whole};
use crate::Refused;
use crate::files;
use crate::generate::Manifest;
use crate::outcome::Outcome;

/// What run is asked for.
pub struct Asked<'l> {
    /// Everything read.
    pub library: &'l Library,
    /// The region by whose terms bills are settled.
    pub region: &'l Region,
    /// The year.
    pub year: i16,
    /// The baseline, then what is compared with it; at most [`MAX_VARIANTS`].
    pub variants: Vec<Variant<'l>>,
    /// How many parts are settled at once; the result is the same.
    pub threads: usize,
    /// Leave out rows that cannot be read, and tell of them.
    pub keep_going: bool,
}

/// A way of looking at the terms.
#[derive(Clone, Debug)]
pub struct Variant<'l> {
    /// A short name.
    pub name: String,
    /// Drafts, and figures set in an overlay.
    pub view: View<'l>,
    /// What the overlay sets, as `path=value`.
    pub set: Vec<String>,
}

/// The most variants that one run compares, the baseline included.
pub const MAX_VARIANTS: usize = 128;

/// What becomes known while a run goes on.
pub trait Progress: Sync {
    /// A part is done, of so many; with its bills.
    fn part(&self, parts: i64, bills: i64);
    /// All rows that could not be read and were left out (with `keep_going`), in order; when all parts are done.
    fn left_out(&self, rows: &[Spoilt]);
    /// Whether it is no longer wanted: the run then ends with [`crate::Stopped`], and goes on when it is asked for again.
    fn stopped(&self) -> bool {
        false
    }
}

/// What makes a run the same run: it then goes on where it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Begun {
    program: String,
    province: String,
    region: String,
    year: i16,
    keep_going: bool,
    variants: Vec<(String, String)>,
    /// Of each part what tells its files from others.
    #[serde(default)]
    data: Vec<String>,
}

/// Where the files of a run stand.
struct Place<'p>(&'p Path);

impl Place<'_> {
    fn begun(&self) -> PathBuf {
        self.0.join("run.json")
    }

    fn parts(&self) -> PathBuf {
        self.0.join("parts")
    }

    fn part(&self, part: i64) -> PathBuf {
        self.parts().join(format!("{part:05}.kept"))
    }
}

/// Where the outcome of a run stands in its folder.
pub fn outcome_path(folder: &Path) -> PathBuf {
    folder.join("outcome.json")
}

/// Reads the outcome of a finished run.
///
/// # Errors
/// When there is none in the folder, or it is of another version.
pub fn read(folder: &Path) -> anyhow::Result<Outcome> {
    let path = outcome_path(folder);
    if !path.is_file() {
        let what = format!("{} 里没有 outcome.json (no finished run)", folder.display());
        return Err(Refused::new(what, "先用 tongchou simulate 测算；没有算完的，再运行同一命令").into());
    }
    read_json(&path)
}

fn read_json<T: for<'d> Deserialize<'d>>(path: &Path) -> anyhow::Result<T> {
    let told = || path.display().to_string();
    let bytes = fs::read(path).with_context(told)?;
    serde_json::from_slice(&bytes).with_context(told)
}

fn write_json(path: &Path, value: &impl Serialize) -> anyhow::Result<()> {
    files::whole(path, |out| Ok(serde_json::to_writer(out, value)?))
}

fn hash_of_kept(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Keeps a part: under its name when it is whole, but without waiting for the disk. Before it stands its hash.
fn keep(path: &Path, part: &Kept) -> anyhow::Result<()> {
    let told = || path.display().to_string();
    let beside = path.with_extension("part");
    let bytes = postcard::to_stdvec(part).with_context(told)?;
    fs::write(&beside, [&hash_of_kept(&bytes)[..], &bytes].concat()).with_context(told)?;
    fs::rename(&beside, path).with_context(told)
}

/// Settles a province's year and writes the outcome to a folder, or goes on doing so.
///
/// # Errors
/// When the province or the folder is not one, a row cannot be read (without `keep_going`), the disk fails, or it is stopped.
pub fn simulate(asked: &Asked<'_>, province: &Path, folder: &Path, progress: &dyn Progress) -> anyhow::Result<Outcome> {
    let manifest = Manifest::read(province)?;
    if !manifest.each_year().any(|year| year == asked.year) {
        let years: Vec<String> = manifest.each_year().map(|year| year.to_string()).collect();
        let what = format!("{} 里没有 {} 年 (no such year)", province.display(), asked.year);
        return Err(Refused::new(what, format!("有的年度：{}", years.join("、"))).into());
    }
    if asked.variants.is_empty() || asked.variants.len() > MAX_VARIANTS {
        let what = format!("{} 种方案 (too many variants)", asked.variants.len());
        return Err(Refused::new(what, format!("连现行规定在内一次最多 {MAX_VARIANTS} 种，分几次测算")).into());
    }
    let compiled = Compiled::of(asked, manifest.year)?;
    let place = Place(folder);
    let begun = Begun {
        program: format!("{} {}", env!("CARGO_PKG_VERSION"), whole::FORM),
        province: hash_of(&Manifest::path(province))?,
        region: asked.region.slug.clone(),
        year: asked.year,
        keep_going: asked.keep_going,
        variants: compiled.each().map(|(variant, terms)| (variant.name.clone(), terms.hash.clone())).collect(),
        data: data::marks(&manifest, &compiled, province)?,
    };
    begin(&place, &begun)?;
    let mut whole = settle_all(asked, &manifest, &compiled, province, &place, progress)?;
    whole.spoilt.sort();
    progress.left_out(&whole.spoilt);
    let outcome = whole.outcome(&compiled, asked, &begun.province);
    write_json(&outcome_path(folder), &outcome)?;
    fs::remove_dir_all(place.parts()).with_context(|| folder.display().to_string())?;
    Ok(outcome)
}

/// Begins a run in a folder, or goes on with the same one.
fn begin(place: &Place<'_>, begun: &Begun) -> anyhow::Result<()> {
    let path = place.begun();
    if !path.is_file() {
        // What was being written when the machine went down has no name yet.
        let unnamed = |name: &std::ffi::OsStr| Path::new(name).extension().is_some_and(|end| end == "part");
        let mut entries = fs::read_dir(place.0).into_iter().flatten().flatten();
        if entries.any(|entry| !unnamed(&entry.file_name())) {
            let what = format!("{} 不是空的，也不是测算 (not empty)", place.0.display());
            return Err(Refused::new(what, "换一个新的或空的文件夹").into());
        }
        write_json(&path, begun)?;
    } else {
        let mut there: Begun = read_json(&path)?;
        let data = std::mem::replace(&mut there.data, begun.data.clone());
        if there != *begun {
            let what = format!("{} 里已有另一次测算 (another run)", place.0.display());
            return Err(Refused::new(what, "换一个 -o 文件夹，或删去这个文件夹再测算").into());
        }
        data::same(&data, &begun.data)?;
    }
    fs::create_dir_all(place.parts()).with_context(|| place.0.display().to_string())
}

/// What was kept of a part, if it was whole: it may not have reached the disk when the machine went down.
fn kept(path: &Path) -> Option<Kept> {
    let bytes = fs::read(path).ok()?;
    let (hash, bytes) = bytes.split_first_chunk::<32>()?;
    (hash_of_kept(bytes) == *hash).then(|| postcard::from_bytes(bytes).ok()).flatten()
}

/// Settles all parts that are not there yet, so many at a time, and adds up all. The first failure stops the others after
/// their part.
fn settle_all(
    asked: &Asked<'_>,
    manifest: &Manifest,
    compiled: &Compiled<'_, '_>,
    province: &Path,
    place: &Place<'_>,
    progress: &dyn Progress,
) -> anyhow::Result<Whole> {
    let parts = manifest.count();
    let (next, stop) = (AtomicI64::new(0), AtomicBool::new(false));
    let failed: Mutex<Option<(i64, anyhow::Error)>> = Mutex::new(None);
    let whole = Mutex::new(Whole::default());
    let work = || {
        let mut worker = match Worker::new(asked, manifest, compiled, province) {
            Ok(worker) => worker,
            Err(error) => return first(&failed, &stop, -1, error),
        };
        loop {
            // A part that is taken is settled, so that of all faults the earliest is told.
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= parts {
                return;
            }
            match worker.take(part, &place.part(part), &whole, progress) {
                Ok(bills) => progress.part(parts, bills),
                Err(error) => return first(&failed, &stop, part, error),
            }
        }
    };
    let threads = asked.threads.clamp(1, 256).min(usize::try_from(parts).unwrap_or(1).max(1));
    thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(work)));
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    let whole = whole.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.map_or(Ok(whole), |(_, error)| Err(error))
}

impl Worker<'_, '_> {
    /// Adds a part to the whole: as it was kept, or settled now and kept; how many bills were settled.
    fn take(&mut self, part: i64, path: &Path, whole: &Mutex<Whole>, progress: &dyn Progress) -> anyhow::Result<i64> {
        let (part, bills) = match kept(path) {
            Some(kept) => (kept, 0),
            None => {
                let (settled, bills) = self.settle(part, progress)?;
                keep(path, &settled)?;
                (settled, bills)
            }
        };
        whole.lock().unwrap_or_else(PoisonError::into_inner).add(part)?;
        Ok(bills)
    }
}

/// Keeps the failure of the earliest part, so that the same fault is told whatever the threads.
fn first(failed: &Mutex<Option<(i64, anyhow::Error)>>, stop: &AtomicBool, part: i64, error: anyhow::Error) {
    stop.store(true, Ordering::Relaxed);
    let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
    if failed.as_ref().is_none_or(|(before, _)| part < *before) {
        *failed = Some((part, error));
    }
}

fn hash_of(path: &Path) -> anyhow::Result<String> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    Ok(crate::generate::hash_of(&text))
}

/// The days of some years.
fn days(first: i16, last: i16) -> Result<(Date, Date), Refused> {
    let day = |year, month, day| {
        Date::new(year, month, day).map_err(|_| Refused::new(format!("年度 {year} (no such year)"), "核对 --year"))
    };
    Ok((day(first, 1, 1)?, day(last, 12, 31)?))
}
