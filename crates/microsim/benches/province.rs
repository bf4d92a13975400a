//! A year of a province from its files, in runs of their own so that each has a memory of its own: what reading the columns
//! alone takes, what settling them takes, what many variants take, and how both grow.
//!
//! `cargo bench --bench province -- table [--quick] [--people N]...`: called by `cargo xtask bench province`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::float_arithmetic,
    reason = "a bench may stop at the first surprise, and tells ratios"
)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;
use std::time::Instant;

use domain::Date;
use microsim::generate::{self, Figures, Manifest, generate};
use microsim::run::{Asked, OF_ENROLMENT, OF_PEOPLE, Progress, Spoilt, Variant, simulate};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use policy::set::{Set, overlay};
use policy::{Library, Notice, View};

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const REGION: &str = "chongqing";
const YEAR: i16 = 2022;
/// Bills of a thousand people of this region, about.
const BILLS_PER_1000: i64 = 2_190;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    match word(0) {
        "scan" => tell(scan(Path::new(word(1)))),
        "run" => tell(run(Path::new(word(1)), word(2).parse().unwrap())),
        "make" => tell(make(Path::new(word(1)), word(2).parse().unwrap())),
        format => table(format, &words),
    }
}

/// A measurement of a run of its own.
struct Measured {
    seconds: f64,
    bills: i64,
    /// Peak memory, MiB.
    peak: f64,
}

fn tell((seconds, bills): (f64, i64)) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    println!("{seconds} {bills} {}", peak.unwrap_or(0.0) / 1024.0);
}

fn measured(words: &[&str]) -> Measured {
    let output = Command::new(std::env::current_exe().unwrap()).args(words).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut numbers = text.split_whitespace().map(|number| number.parse::<f64>().unwrap());
    let mut next = || numbers.next().unwrap();
    Measured { seconds: next(), bills: next() as i64, peak: next() }
}

/// The median of some runs by time.
fn median(times: usize, words: &[&str]) -> Measured {
    let mut all: Vec<Measured> = (0..times).map(|_| measured(words)).collect();
    all.sort_by(|one, other| one.seconds.total_cmp(&other.seconds));
    all.swap_remove(times / 2)
}

fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn make(folder: &Path, people: i64) -> (f64, i64) {
    let library = testkit::policies::shipped();
    let region = library.region(REGION).unwrap();
    let asked = generate::Asked {
        library: &library,
        region,
        view: View::default(),
        figures: &Figures::of_region(&library, region, None).unwrap(),
        people,
        year: YEAR,
        years: 1,
        seed: 1,
        lines: false,
        anomalies: false,
        threads: threads(),
    };
    let begun = Instant::now();
    let manifest = generate(&asked, folder, &()).unwrap();
    (begun.elapsed().as_secs_f64(), bills(&manifest))
}

fn bills(manifest: &Manifest) -> i64 {
    manifest.parts.iter().map(|part| part.bills[0]).sum()
}

/// Reads the same files and columns as a run does, and does nothing with them.
fn scan(folder: &Path) -> (f64, i64) {
    let manifest = Manifest::read(folder).unwrap();
    let (next, rows) = (AtomicI64::new(0), AtomicI64::new(0));
    let begun = Instant::now();
    let work = || loop {
        let part = next.fetch_add(1, Ordering::Relaxed);
        if part >= manifest.count() {
            return;
        }
        let at = |what: &str| folder.join(format!("{what}/part-{part:05}.parquet"));
        read(&at("people"), |name| OF_PEOPLE.contains(&name));
        read(&at(&format!("enrolment/{YEAR}")), |name| OF_ENROLMENT.contains(&name));
        rows.fetch_add(read(&at(&format!("bills/{YEAR}")), |name| !name.starts_with('#')), Ordering::Relaxed);
    };
    thread::scope(|scope| (0..threads()).for_each(|_| _ = scope.spawn(work)));
    (begun.elapsed().as_secs_f64(), rows.into_inner())
}

fn read(path: &Path, wanted: impl Fn(&str) -> bool) -> i64 {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let rows = builder.metadata().file_metadata().num_rows();
    let names = builder.parquet_schema().columns().iter().enumerate();
    let wanted: Vec<usize> = names.filter(|(_, column)| wanted(column.name())).map(|(at, _)| at).collect();
    let mask = ProjectionMask::leaves(builder.parquet_schema(), wanted);
    let batches = builder.with_projection(mask).with_batch_size(rows.max(1) as usize).build().unwrap();
    batches.map(|batch| batch.unwrap().num_rows() as i64).sum()
}

struct Silent;

impl Progress for Silent {
    fn part(&self, _: i64, _: i64) {}

    fn left_out(&self, _: &[Spoilt]) {}
}

/// Changes of figures, each of another kind and size.
fn overlays(library: &Library, count: usize) -> Vec<Notice> {
    let region = library.region(REGION).unwrap();
    let day = |month, day| Date::new(YEAR, month, day).unwrap();
    let sets = [
        ("stage.inpatient.bands[level=3].ratio", "pt"),
        ("stage.catastrophic.deductible", "yuan"),
        ("stage.outpatient.cap", "yuan"),
        ("stage.inpatient.deductible[level=2].amount", "yuan"),
        ("stage.inpatient.cap", "yuan"),
    ];
    (0..count)
        .map(|at| {
            let (path, unit) = sets[at % sets.len()];
            let step = at / sets.len() + 1;
            let value = if unit == "pt" { format!("-{step}pt") } else { format!("+{}", step * 10) };
            let set = Set::parse(&format!("{path}={value}")).unwrap();
            overlay(library, region, &View::default(), day(1, 1), day(12, 31), &[set]).unwrap()
        })
        .collect()
}

fn run(folder: &Path, variants: usize) -> (f64, i64) {
    let library = testkit::policies::shipped();
    let manifest = Manifest::read(folder).unwrap();
    let overlays = overlays(&library, variants);
    let baseline = Variant { name: "baseline".to_owned(), view: View::default(), set: Vec::new() };
    let over = |(at, overlay)| Variant {
        name: format!("{at}"),
        view: View { overlay: Some(overlay), ..View::default() },
        set: Vec::new(),
    };
    let asked = Asked {
        library: &library,
        region: library.region(REGION).unwrap(),
        year: YEAR,
        variants: std::iter::once(baseline).chain(overlays.iter().enumerate().map(over)).collect(),
        threads: threads(),
        keep_going: false,
    };
    let out = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    simulate(&asked, folder, out.path(), &Silent).unwrap();
    (begun.elapsed().as_secs_f64(), bills(&manifest))
}

/// A line of the table.
struct Line {
    name: String,
    value: f64,
    unit: &'static str,
    ratio: Option<(f64, &'static str)>,
}

fn table(format: &str, words: &[String]) {
    let quick = words.iter().any(|word| word == "--quick");
    let sizes: &[i64] = if quick { &[1_000_000] } else { &[1_000_000, 10_000_000, 100_000_000] };
    let mut lines: Vec<Line> = Vec::new();
    let mut slowest_growth: Vec<(i64, f64)> = Vec::new();
    for bills in sizes {
        let folder = province(*bills);
        let at = folder.to_str().unwrap();
        let times = if *bills > 10_000_000 { 1 } else { 3 };
        let scan = median(times, &["scan", at]);
        let one = median(times, &["run", at, "0"]);
        let millions = one.bills as f64 / 1e6;
        let name = |what: &str| format!("{millions:.1} million bills: {what}");
        lines.push(Line { name: name("scan of the columns"), value: scan.seconds, unit: "s", ratio: None });
        let ratio = Some((one.seconds / scan.seconds, "× scan"));
        lines.push(Line { name: name("one reading of the terms"), value: one.seconds, unit: "s", ratio });
        let rate = one.bills as f64 / one.seconds / 1e6;
        lines.push(Line { name: name("bills a second"), value: rate, unit: "million", ratio: None });
        lines.push(Line { name: name("peak memory"), value: one.peak, unit: "MiB", ratio: None });
        slowest_growth.push((one.bills, one.seconds));
        if *bills <= 10_000_000 {
            let many = measured(&["run", at, "100"]);
            let ratio = Some((many.seconds / one.seconds, "× one"));
            lines.push(Line { name: name("100 variants beside it"), value: many.seconds, unit: "s", ratio });
            lines.push(Line { name: name("100 variants, peak memory"), value: many.peak, unit: "MiB", ratio: None });
        }
    }
    for pair in slowest_growth.windows(2) {
        let [(fewer, faster), (more, slower)] = pair else { continue };
        let growth = (slower / faster) / (*more as f64 / *fewer as f64);
        let name = format!("time per bill, {:.0} against {:.0} million", *more as f64 / 1e6, *fewer as f64 / 1e6);
        lines.push(Line { name, value: growth, unit: "×", ratio: None });
    }
    write(format, &lines);
}

/// A province of about so many bills, made once.
fn province(bills: i64) -> PathBuf {
    let people = bills * 1_000 / BILLS_PER_1000;
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("province-{people}"));
    if Manifest::read(&target).is_err() {
        eprintln!("{people} people");
        measured(&["make", target.to_str().unwrap(), &people.to_string()]);
    }
    target
}

fn write(format: &str, lines: &[Line]) {
    if format == "json" {
        let values = lines.iter().map(|line| {
            let (ratio, floor) = line.ratio.map_or((serde_json::Value::Null, ""), |(ratio, floor)| (ratio.into(), floor));
            serde_json::json!({ "name": line.name, "value": line.value, "unit": line.unit, "floor": floor, "ratio": ratio })
        });
        println!("{}", serde_json::Value::Array(values.collect()));
        return;
    }
    for Line { name, value, unit, ratio } in lines {
        let ratio = ratio.map_or_else(String::new, |(ratio, floor)| format!("{ratio:.2} {floor}"));
        println!("{name:<60} {value:>10.2} {unit:<8} {ratio}");
    }
}
