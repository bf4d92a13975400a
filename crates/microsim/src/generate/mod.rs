//! `generate`: a province of made-up people from a seed, as a folder of Parquet files.
//!
//! Parts are made side by side, a few at a time, and each file appears whole; a run that was stopped goes on where it was.

mod anomalies;
mod calendar;
mod care;
pub(crate) mod draw;
pub(crate) mod figures;
mod ground;
mod hospitals;
mod lines;
mod manifest;
mod part;
pub(crate) mod rates;
pub(crate) mod society;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;

use anyhow::Context as _;
use arrow_array::Array as _;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int16Type, Int64Type};
use domain::Marks;
use policy::terms::Memo;
use policy::{Library, Region, View};
use sha2::{Digest, Sha256};

pub use self::figures::Figures;
pub use self::manifest::{Manifest, Part, Undecided};
pub use self::part::PART;

use self::calendar::Calendar;
use self::care::Clinic;
use self::ground::{Answers, Ground};
use self::hospitals::Hospitals;
use self::lines::Cutter;
use self::part::Maker;
pub(crate) use self::part::Paths;
use self::society::Society;
use crate::files::{self, Table};
use crate::{Refused, Watch};

/// What province is asked for.
pub struct Asked<'l> {
    /// Everything read.
    pub library: &'l Library,
    /// Its region.
    pub region: &'l Region,
    /// How the terms are looked at.
    pub view: View<'l>,
    /// The figures of its people.
    pub figures: &'l Figures,
    /// People on the first day.
    pub people: i64,
    /// First year.
    pub year: i16,
    /// How many years.
    pub years: i16,
    /// Seed.
    pub seed: u64,
    /// Bills with lines.
    pub lines: bool,
    /// Plant anomalies.
    pub anomalies: bool,
    /// How many parts are made at once.
    pub threads: usize,
}

/// The most people that bill numbers have room for.
const MOST: i64 = 500_000_000;

/// Makes the province in a folder, or goes on making it; `watch` hears of each part.
///
/// # Errors
/// When the region's terms decide nothing in these years, the figures contradict themselves, the folder holds something
/// else, the disk fails, or it is stopped ([`crate::Stopped`]).
pub fn generate(asked: &Asked<'_>, folder: &Path, watch: &dyn Watch) -> anyhow::Result<Manifest> {
    if !(1..=MOST).contains(&asked.people) || !(1..=50).contains(&asked.years) {
        let what = format!("{} 人 {} 年 (people or years out of range)", asked.people, asked.years);
        return Err(Refused::new(what, "人数 1 至 5 亿，年数 1 至 50").into());
    }
    let figures = asked.figures;
    let memo = Memo::of(&asked.view);
    let span = (asked.year, asked.year.saturating_add(asked.years - 1));
    let ground = Ground::of(asked.library, asked.region, &asked.view, &memo, span, figures)?;
    let society = Society::of(&ground, figures, asked.seed, asked.year, asked.people)?;
    let hospitals = Hospitals::of(figures, asked.people, asked.seed);
    let clinic = Clinic::of(&ground, figures, &hospitals, asked.seed)?;
    let calendars: Vec<Calendar> = (span.0..=span.1).map(Calendar::of).collect::<Result<_, _>>()?;
    let manifest = Manifest {
        format: manifest::FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        region: asked.region.slug.clone(),
        year: asked.year,
        years: asked.years,
        living: asked.people,
        people: society.persons(asked.years),
        seed: asked.seed,
        lines: asked.lines,
        anomalies: asked.anomalies,
        drafts: asked.view.drafts.clone(),
        known_on: asked.view.known_on.map(|day| day.to_string()),
        parameters: figures.hash.clone(),
        terms: ground.hash.clone(),
        people_per_part: PART,
        undecided: undecided(&ground),
        parts: Vec::new(),
    };
    if manifest.begin(folder)? {
        return Manifest::read(folder);
    }
    let maker = Maker {
        ground: &ground,
        figures,
        society: &society,
        clinic: &clinic,
        cutter: asked.lines.then(|| Cutter::of(figures, asked.seed)),
        anomalies: asked.anomalies.then(|| anomalies::rates(figures)).transpose()?,
        calendars: &calendars,
        persons: manifest.people,
        seed: asked.seed,
        folder,
        watch,
    };
    hospital_table(&ground, &hospitals)?.write(&folder.join("hospitals.parquet"))?;
    make_all(&maker, manifest.count(), asked.threads)?;
    if asked.anomalies {
        manifest.each_year().try_for_each(|year| gather_truth(folder, year, manifest.count()))?;
    }
    manifest.finish(folder)
}

/// Makes all parts, so many at a time. The first failure stops the others after their part.
fn make_all(maker: &Maker<'_>, parts: i64, threads: usize) -> anyhow::Result<()> {
    let (next, failed) = (AtomicI64::new(0), AtomicBool::new(false));
    let work = || -> anyhow::Result<()> {
        let mut answers = Answers::default();
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= parts || failed.load(Ordering::Relaxed) {
                return Ok(());
            }
            maker.make(part, &mut answers).inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
            maker.watch.part(part, parts);
        }
    };
    let threads = threads.clamp(1, 256).min(usize::try_from(parts).unwrap_or(1).max(1));
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })
}

fn undecided(ground: &Ground<'_>) -> Vec<Undecided> {
    let words = |cares: &[domain::Care]| cares.iter().map(|care| care.code().to_owned()).collect();
    let mut told: Vec<Undecided> = Vec::new();
    for (from, cares) in &ground.undecided {
        let care: Vec<String> = words(cares);
        if told.last().is_none_or(|last| last.care != care) {
            told.push(Undecided { from: from.to_string(), care });
        }
    }
    told
}

fn hospital_table(ground: &Ground<'_>, hospitals: &Hospitals) -> anyhow::Result<Table> {
    let all = &hospitals.all;
    let mut table = Table::default();
    table.ints("hospital", all.iter().map(|provider| provider.hospital));
    table.words("level", all.iter().map(|provider| Some(provider.level)), |level| level.code().to_owned())?;
    table.words("kind", all.iter().map(|provider| Some(provider.pharmacy)), |pharmacy| {
        if pharmacy { "pharmacy" } else { "hospital" }.to_owned()
    })?;
    table.words("place", all.iter().map(|provider| Some(provider.elsewhere)), |elsewhere| {
        if elsewhere { "elsewhere" } else { "home" }.to_owned()
    })?;
    let marks = all.iter().map(|p| Some(ground.marks_of(p.level)).filter(|marks| *marks != Marks::NONE));
    table.words("mark", marks, |marks| marks.iter().map(|mark| mark.code()).collect::<Vec<_>>().join("|"))?;
    Ok(table)
}

/// The truth of all parts of a year becomes one file.
fn gather_truth(folder: &Path, year: i16, parts: i64) -> anyhow::Result<()> {
    let mut rows: Vec<(i64, i64, String, Option<i64>)> = Vec::new();
    let whole = Paths::whole_truth(folder, year);
    let beside = folder.join(format!("truth/{year}"));
    // Written before, and perhaps stopped before its parts were gone.
    let parts = if whole.is_file() { 0 } else { parts };
    for part in 0..parts {
        let (batch, _) = files::read(&Paths::of(folder, part).truth(year), |_| true)?;
        let long = |at: usize| batch.column(at).as_primitive::<Int64Type>();
        let words = batch.column(2).as_dictionary::<Int16Type>();
        let texts = words.values().as_string::<i32>();
        for row in 0..batch.num_rows() {
            let other = long(3).is_valid(row).then(|| long(3).value(row));
            let word = texts.value(words.keys().value(row) as usize).to_owned();
            rows.push((long(0).value(row), long(1).value(row), word, other));
        }
    }
    if !whole.is_file() {
        let mut table = Table::default();
        table.longs("bill", rows.iter().map(|(bill, ..)| *bill));
        table.longs("person", rows.iter().map(|(_, person, ..)| *person));
        table.words("anomaly", rows.iter().map(|(.., word, _)| Some(word.as_str())), str::to_owned)?;
        table.some_longs("other_bill", rows.iter().map(|(.., other)| *other));
        table.write(&whole)?;
    }
    if beside.is_dir() {
        fs::remove_dir_all(&beside).with_context(|| beside.display().to_string())?;
    }
    Ok(())
}

pub(crate) fn hash_of(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
