//! Provinces of every region: the same bytes whatever the threads, figures that come out as asked, lines that add up, planted
//! anomalies that are where the truth says, and bills that the terms decide, all of them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod reading;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::{Care, Date};
use microsim::generate::{Asked, Figures, Manifest, generate};
use microsim::{Refused, Stopped, Watch};
use policy::{Library, View};
use settlement::{Engine, Opening, Options};

use reading::{Frame, tree};

/// Which province.
#[derive(Clone, Copy)]
struct Plan<'p> {
    region: &'p str,
    drafts: &'p [&'p str],
    year: i16,
    years: i16,
    people: i64,
    seed: u64,
    lines: bool,
    anomalies: bool,
    threads: usize,
}

const PLAIN: Plan<'_> = Plan {
    region: "chongqing",
    drafts: &[],
    year: 2022,
    years: 1,
    people: 1_000,
    seed: 7,
    lines: false,
    anomalies: false,
    threads: 2,
};

fn view<'l>(plan: &Plan<'_>) -> View<'l> {
    View { drafts: plan.drafts.iter().map(|draft| (*draft).to_owned()).collect(), ..View::default() }
}

fn try_make(library: &Library, plan: &Plan<'_>, folder: &Path) -> anyhow::Result<Manifest> {
    try_follow(library, plan, folder, &())
}

fn try_follow(library: &Library, plan: &Plan<'_>, folder: &Path, watch: &dyn Watch) -> anyhow::Result<Manifest> {
    try_by(library, plan, None, folder, watch)
}

/// By figures of one's own, if there are some.
fn try_by(
    library: &Library,
    plan: &Plan<'_>,
    own: Option<&str>,
    folder: &Path,
    watch: &dyn Watch,
) -> anyhow::Result<Manifest> {
    let region = library.region(plan.region).unwrap();
    let figures = Figures::of_region(library, region, own.map(|text| ("own.toml", text)))?;
    let asked = Asked {
        library,
        region,
        view: view(plan),
        figures: &figures,
        people: plan.people,
        year: plan.year,
        years: plan.years,
        seed: plan.seed,
        lines: plan.lines,
        anomalies: plan.anomalies,
        threads: plan.threads,
    };
    generate(&asked, folder, watch)
}

fn make(library: &Library, plan: &Plan<'_>) -> (tempfile::TempDir, Manifest) {
    let folder = tempfile::tempdir().unwrap();
    let manifest = try_make(library, plan, folder.path()).unwrap();
    (folder, manifest)
}

/// Asks to stop when so many persons are made.
struct Halting(AtomicI64);

impl Watch for Halting {
    fn made(&self, persons: i64) {
        self.0.fetch_sub(persons, Ordering::Relaxed);
    }

    fn stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed) <= 0
    }
}

#[test]
fn a_province_that_is_asked_to_stop_goes_on_to_the_same_bytes() {
    let library = testkit::policies::shipped();
    let plan = Plan { people: 5_000, ..PLAIN };
    let (whole, _) = make(&library, &plan);
    let folder = tempfile::tempdir().unwrap();
    let error = try_follow(&library, &plan, folder.path(), &Halting(AtomicI64::new(3_000))).unwrap_err();
    assert!(error.is::<Stopped>(), "{error}");
    assert!(Manifest::read(folder.path()).is_err(), "it is not finished");
    try_make(&library, &plan, folder.path()).unwrap();
    assert!(tree(whole.path()) == tree(folder.path()));
}

#[test]
fn a_run_that_was_stopped_goes_on_to_the_same_bytes_with_any_number_of_threads() {
    let library = testkit::policies::shipped();
    // two parts
    let plan = Plan { people: 65_700, lines: true, anomalies: true, threads: 4, ..PLAIN };
    let (folder, manifest) = make(&library, &plan);
    assert_eq!(manifest.parts.len(), 2);
    let whole = tree(folder.path());
    assert!(whole.keys().all(|name| !name.ends_with(".part")), "{:?}", whole.keys());
    // As if stopped in the midst of the second part: what had begun has no name yet.
    let at = |name: &str| folder.path().join(name);
    let manifest = fs::read_to_string(at("province.toml")).unwrap();
    fs::write(at("province.begun.toml"), manifest.split("[[part]]").next().unwrap()).unwrap();
    fs::remove_file(at("province.toml")).unwrap();
    fs::remove_dir_all(at("truth")).unwrap();
    for file in ["people/part-00001.parquet", "enrolment/2022/part-00001.parquet", "lines/2022/part-00000.parquet"] {
        fs::remove_file(at(file)).unwrap();
    }
    fs::write(at("people/part-00001.parquet.part"), "half").unwrap();
    try_make(&library, &Plan { threads: 1, ..plan }, folder.path()).unwrap();
    let again = tree(folder.path());
    assert_eq!(whole.keys().collect::<Vec<_>>(), again.keys().collect::<Vec<_>>());
    for (name, bytes) in &whole {
        assert!(bytes == &again[name], "{name} differs");
    }
}

#[test]
fn another_year_lines_or_anomalies_move_nothing_that_was_drawn() {
    let library = testkit::policies::shipped();
    let (alone, _) = make(&library, &PLAIN);
    let (twice, manifest) = make(&library, &Plan { years: 2, lines: true, ..PLAIN });
    let (planted, _) = make(&library, &Plan { anomalies: true, ..PLAIN });
    let read = |folder: &tempfile::TempDir, name: &str| fs::read(folder.path().join(name)).unwrap();
    for name in ["bills/2022/part-00000.parquet", "enrolment/2022/part-00000.parquet", "hospitals.parquet"] {
        assert_eq!(read(&alone, name), read(&twice, name), "{name}");
    }
    // A year brings its newborn, behind all others; and some die in it.
    assert_eq!((manifest.living, manifest.people), (1_000, 1_012));
    let people = |folder: &tempfile::TempDir| Frame::read(&folder.path().join("people/part-00000.parquet"));
    let people = |folder: &tempfile::TempDir| people(folder).without("died");
    let rows = people(&alone).rows;
    assert_eq!(people(&alone).row_texts(rows), people(&twice).row_texts(rows));
    assert_eq!(read(&alone, "people/part-00000.parquet"), read(&planted, "people/part-00000.parquet"));
    // Another seed, other people.
    let (other, _) = make(&library, &Plan { seed: 8, ..PLAIN });
    assert_ne!(people(&alone).row_texts(50), people(&other).row_texts(50));
}

#[test]
fn a_folder_of_another_province_is_refused() {
    let library = testkit::policies::shipped();
    let (folder, _) = make(&library, &PLAIN);
    let refused = |plan: &Plan<'_>, folder: &Path| {
        let error = try_make(&library, plan, folder).unwrap_err();
        error.downcast_ref::<Refused>().unwrap_or_else(|| panic!("{error:#}")).what.clone()
    };
    assert!(refused(&Plan { seed: 8, ..PLAIN }, folder.path()).contains("seed 是 7，不是 8"));
    assert!(refused(&Plan { people: 999, ..PLAIN }, folder.path()).contains("people 是 1000，不是 999"));
    // The same again is answered from what is there.
    assert_eq!(try_make(&library, &PLAIN, folder.path()).unwrap(), Manifest::read(folder.path()).unwrap());
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("thesis.txt"), "mine").unwrap();
    assert!(refused(&PLAIN, other.path()).contains("不是空的"));
}

/// Every region of the reference in a year its terms decide.
const REGIONS: &[(&str, i16, &[&str])] = &[
    ("chongqing", 2022, &[]),
    ("yuzhong", 2022, &[]),
    ("yubei", 2023, &[]),
    ("tianjin", 2017, &[]),
    ("tianjin", 2019, &[]),
    ("changchun", 2023, &[]),
    ("nanjing", 2022, &[]),
    ("xuanwu", 2023, &[]),
    ("suzhou", 2022, &[]),
    ("example-centre", 2023, &[]),
];

#[test]
fn every_region_generates_and_every_bill_is_settled() {
    let library = testkit::policies::shipped();
    for (region, year, drafts) in REGIONS {
        let plan = Plan { region, year: *year, drafts, years: 2, people: 3_000, anomalies: true, ..PLAIN };
        let (folder, manifest) = make(&library, &plan);
        let region = library.region(plan.region).unwrap();
        let days = (Date::new(plan.year, 1, 1).unwrap(), Date::new(plan.year + 1, 12, 31).unwrap());
        let engine = Engine::compile(&library, region, &view(&plan), Options::default(), days.0, days.1);
        let mut persons: BTreeMap<String, Vec<domain::Bill>> = BTreeMap::new();
        let mut cares: BTreeSet<&str> = BTreeSet::new();
        for year in manifest.each_year() {
            for bill in Frame::read(&folder.path().join(format!("bills/{year}/part-00000.parquet"))).bills() {
                cares.insert(bill.care.code());
                persons.entry(bill.person_id.clone()).or_default().push(bill);
            }
        }
        let mut settled = 0;
        for bills in persons.values() {
            for settlement in engine.settle(&bills.iter().collect::<Vec<_>>(), &Opening::default()) {
                let bill = settlement.bill;
                assert!(settlement.result.is_ok(), "{}: {:?}: {bill:#?}", plan.region, settlement.result);
                settled += 1;
            }
        }
        assert!(settled > 300, "{}: only {settled} bills, {cares:?}", plan.region);
        let many = if plan.region.starts_with("example") { 1 } else { 4 };
        assert!(cares.len() >= many, "{}: {cares:?}", plan.region);
    }
}

#[test]
fn a_year_that_the_terms_do_not_decide_is_refused_by_name() {
    let library = testkit::policies::shipped();
    // A frame without benefits, provinces whose cities give the figures, years before any notice, examples of one stage that
    // comes after basic insurance.
    let years = [("national", 2022), ("jilin", 2022), ("jiangsu", 2022), ("tianjin", 2016), ("nanjing", 2010)];
    for (region, year) in years.into_iter().chain([("example-ladder", 2023), ("example-gross", 2023)]) {
        let folder = tempfile::tempdir().unwrap();
        let error = try_make(&library, &Plan { region, year, ..PLAIN }, folder.path()).unwrap_err();
        assert!(error.to_string().contains("决定不了住院账单"), "{region}: {error}");
        assert!(tree(folder.path()).is_empty(), "{region}");
    }
}

#[test]
fn lines_add_up_to_their_bill_in_every_class() {
    let library = testkit::policies::shipped();
    let (folder, manifest) = make(&library, &Plan { lines: true, anomalies: true, ..PLAIN });
    let bills = Frame::read(&folder.path().join("bills/2022/part-00000.parquet"));
    let lines = Frame::read(&folder.path().join("lines/2022/part-00000.parquet"));
    let mut sums: BTreeMap<i64, [i64; 4]> = BTreeMap::new();
    for row in 0..lines.rows {
        let (amount, over) = (lines.long("amount_fen", row), lines.long("over_limit_fen", row));
        assert!(amount > 0 && (0..=amount).contains(&over));
        let class = ["A", "B", "C"].iter().position(|c| *c == lines.text("class", row).unwrap()).unwrap();
        let sum = sums.entry(lines.long("bill", row)).or_default();
        sum[class] += amount - over;
        sum[3] += over;
    }
    assert_eq!(sums.len(), bills.rows);
    for row in 0..bills.rows {
        let parts = ["a_fen", "b_fen", "c_fen", "over_limit_fen"].map(|name| bills.long(name, row));
        assert_eq!(sums[&bills.long("bill", row)], parts);
    }
    assert_eq!(manifest.parts[0].lines, [lines.rows as i64]);
}

#[test]
fn the_truth_is_what_stands_in_the_bills_and_nothing_else_is_wrong() {
    let library = testkit::policies::shipped();
    let plan = Plan { people: 15_000, anomalies: true, ..PLAIN };
    let (folder, _) = make(&library, &plan);
    let (clean, _) = make(&library, &Plan { anomalies: false, ..plan });
    let name = "bills/2022/part-00000.parquet";
    let (bills, before) = (Frame::read(&folder.path().join(name)), Frame::read(&clean.path().join(name)));
    let truth = Frame::read(&folder.path().join("truth/2022.parquet"));
    let at: BTreeMap<i64, usize> = (0..bills.rows).map(|row| (bills.long("bill", row), row)).collect();
    let days = |row: usize| {
        let end = bills.day("date", row);
        (end - i32::from(bills.number("#days", row)), end)
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut touched: BTreeSet<i64> = BTreeSet::new();
    for row in 0..truth.rows {
        let kind = truth.text("anomaly", row).unwrap();
        let bill = at[&truth.long("bill", row)];
        let other = truth.some_long("other_bill", row).map(|other| at[&other]);
        touched.extend([truth.long("bill", row)].into_iter().chain(truth.some_long("other_bill", row)));
        let same = |name: &str| bills.cell(name, bill) == bills.cell(name, other.unwrap());
        match kind.as_str() {
            "overlapping-stays" => {
                let ((from, to), (other_from, other_to)) = (days(bill), days(other.unwrap()));
                assert!(from < other_to && other_from < to && !same("#hospital"));
            }
            "split-stay" => {
                assert!(same("#hospital") && same("#diagnosis"));
                assert_eq!(days(bill).1 + 1, days(other.unwrap()).0);
            }
            "wrong-sex" => {
                let only: &[&str] = match bills.text("#sex", bill).unwrap().as_str() {
                    "male" => &["C50", "C53", "O80", "O82"],
                    _ => &["N40", "C61"],
                };
                assert!(only.contains(&&bills.text("#diagnosis", bill).unwrap()[..3]));
            }
            "duplicate" => {
                let facts = ["person", "date", "care", "level", "a_fen", "b_fen", "c_fen", "#hospital", "#diagnosis"];
                assert!(facts.into_iter().all(same));
            }
            "reselling" => {
                assert!(["special", "two-disease", "pharmacy"].contains(&bills.text("care", bill).unwrap().as_str()))
            }
            other => panic!("{other}"),
        }
        *counts.entry(kind).or_default() += 1;
    }
    assert_eq!(counts.len(), 5, "{counts:?}");
    // Every other bill is as it would be without.
    let rows = |frame: &Frame| -> BTreeMap<i64, String> {
        (0..frame.rows).map(|row| (frame.long("bill", row), frame.row_text(row))).collect()
    };
    let (planted, before) = (rows(&bills), rows(&before));
    for (bill, text) in &before {
        assert!(touched.contains(bill) || planted[bill] == *text, "{text}");
    }
    let added = planted.keys().filter(|bill| !before.contains_key(bill));
    assert!(added.clone().all(|bill| touched.contains(bill)) && added.count() > 20);
    // And nothing ordinary looks planted: no two stays of a person overlap, nobody has a diagnosis of the other sex.
    let clean = Frame::read(&clean.path().join(name));
    let mut ends: BTreeMap<i64, i32> = BTreeMap::new();
    for row in 0..clean.rows {
        let (person, stay) = (clean.long("person", row), clean.number("#days", row));
        let end = clean.day("date", row);
        if stay > 0 {
            let from = end - i32::from(stay);
            assert!(ends.get(&person).is_none_or(|before| *before < from), "{}", clean.row_text(row));
            ends.insert(person, end);
        }
        let female = clean.text("#sex", row).unwrap() == "female";
        let code = clean.text("#diagnosis", row).unwrap();
        assert!(!code.starts_with('O') || female);
    }
}

/// All infants die, and nobody else: who was born in a year does so in it, and who was of age 0 on the first day lives on.
#[test]
fn infants_die_of_the_mortality_of_infants_once() {
    let library = testkit::policies::shipped();
    let folder = tempfile::tempdir().unwrap();
    let own = "
        [births]
        basis = 'illustrative'
        source = 'test'
        value = 5000
        [mortality]
        basis = 'illustrative'
        source = 'test'
        value = [{ ages = '0-0', per_100k = 100000 }, { ages = '1+', per_100k = 0 }]
    ";
    let plan = Plan { people: 2_000, years: 2, ..PLAIN };
    let manifest = try_by(&library, &plan, Some(own), folder.path(), &()).unwrap();
    let people = Frame::read(&folder.path().join("people/part-00000.parquet"));
    let infants: Vec<usize> = (0..people.rows).filter(|row| people.some_day("died", *row).is_some()).collect();
    let born: Vec<usize> = (2_000..people.rows).collect();
    assert_eq!((infants, manifest.people), (born, 2_200));
    // From the first day of 2021 to that of 2022, since 1970.
    let of_age_0 = (0..2_000).filter(|row| (18_628..18_993).contains(&people.day("birth", *row)));
    assert!(of_age_0.count() > 5);
}

/// A hundred thousand people have the shares, rates and means of the figures, within what chance allows.
#[test]
fn marginals_come_out_as_asked() {
    let library = testkit::policies::shipped();
    let (folder, _) = make(&library, &Plan { people: 100_000, ..PLAIN });
    let frames = |what: &str| {
        let read = |part: usize| Frame::read(&folder.path().join(format!("{what}/part-{part:05}.parquet")));
        [read(0), read(1)]
    };
    let people = frames("people");
    let share = |count: usize, of: usize| count * 1_000_000 / of;
    let close = |what: &str, found: usize, asked: usize, tolerance: usize| {
        assert!(found.abs_diff(asked) <= tolerance, "{what}: {found}, not {asked} ± {tolerance}");
    };
    let living = 100_000;
    let first: Vec<(usize, usize)> =
        (0..2).flat_map(|f| (0..people[f].rows).map(move |row| (f, row))).take(living).collect();
    let count = |fits: &dyn Fn(&Frame, usize) -> bool| first.iter().filter(|(f, row)| fits(&people[*f], *row)).count();
    let new_year = 18_993; // 2022-01-01
    let younger = |years: i32| move |p: &Frame, row: usize| p.day("birth", row) >= new_year - years * 365 - years / 4;
    close("male", share(count(&|p, row| p.text("sex", row).unwrap() == "male"), living), 512_400, 6_000);
    close("under 15", share(count(&younger(15)), living), 179_500, 5_000);
    close("under 60", share(count(&younger(60)), living), 813_000, 5_000);
    close("allowance", share(count(&|p, row| has(p, row, "minimum-allowance")), living), 29_000, 2_000);
    close("first tier", share(count(&|p, row| p.text("tier", row).unwrap() == "first"), living), 900_000, 3_000);
    let income: i64 = first.iter().map(|(f, row)| people[*f].long("income_fen", *row)).sum::<i64>() / 100_000;
    close("income", income as usize, 3_380_260, 60_000);

    let bills = frames("bills/2022");
    let covered: usize = frames("enrolment/2022").iter().map(|frame| frame.rows).sum();
    let rows = || bills.iter().flat_map(|frame| (0..frame.rows).map(move |row| (frame, row)));
    let of = |care: &str| rows().filter(|(frame, row)| frame.text("care", *row).unwrap() == care).count();
    let rate = |count: usize| count * 100_000 / covered;
    close("outpatient", rate(of("outpatient") + of("emergency")), 172_900, 6_000);
    let continued = rows().filter(|(frame, row)| frame.some_long("from_bill", *row).is_some()).count();
    assert!(continued > 50, "{continued}");
    close("stays", rate(of("inpatient") + of("day-surgery") + of("single-disease") - continued), 15_593, 1_000);
    close("deliveries", rate(of("delivery")), 677, 120);

    let at_level = |care: &'static str, level: &'static str| {
        rows().filter(move |(f, row)| f.text("care", *row).unwrap() == care && f.text("level", *row).unwrap() == level)
    };
    let total = |(f, row): (&Frame, usize)| {
        ["a_fen", "b_fen", "c_fen", "over_limit_fen"].map(|c| f.long(c, row)).iter().sum::<i64>()
    };
    let visits: Vec<i64> = at_level("outpatient", "primary").map(total).collect();
    close("cost of a visit", (visits.iter().sum::<i64>() / visits.len() as i64) as usize, 6_000, 200);
    let mut stays: Vec<i64> = at_level("inpatient", "2").map(total).collect();
    stays.sort_unstable();
    let (median, last) = (stays[stays.len() / 2], stays[stays.len() - stays.len() / 100]);
    assert!(last > median * 5, "no long tail: {median}, {last}");
}

#[test]
fn chronic_care_comes_at_its_rate_and_goes_on_from_year_to_year() {
    let library = testkit::policies::shipped();
    // Tianjin pays for special diseases whatever their code.
    let (folder, _) = make(&library, &Plan { region: "tianjin", year: 2018, years: 2, people: 20_000, ..PLAIN });
    let frames = |what: &str| [Frame::read(&folder.path().join(format!("{what}/part-00000.parquet")))];
    let bills = frames("bills/2018");
    // What major illness brings of chronic visits comes in addition.
    let ordinary = (0..bills[0].rows).filter(|row| {
        let diagnosis = bills[0].text("#diagnosis", *row).unwrap();
        bills[0].text("care", *row).unwrap() == "special" && diagnosis != "N18.500" && diagnosis != "C34.900"
    });
    let rate = ordinary.count() * 100_000 / frames("enrolment/2018")[0].rows;
    assert!(rate.abs_diff(30_200) < 4_000, "{rate}");
    let treated = |year: i16| -> BTreeSet<i64> {
        let frames = frames(&format!("bills/{year}"));
        let rows = frames.iter().flat_map(|frame| (0..frame.rows).map(move |row| (frame, row)));
        rows.filter(|(f, row)| f.text("care", *row).unwrap() == "special")
            .map(|(f, row)| f.long("person", row))
            .collect()
    };
    let (one, next) = (treated(2018), treated(2019));
    let both = one.intersection(&next).count();
    assert!(both * 2 > one.len(), "{both} of {}", one.len());
}

fn has(frame: &Frame, row: usize, word: &str) -> bool {
    frame.text("category", row).is_some_and(|text| text.split('|').any(|held| held == word))
}

#[test]
fn a_category_comes_and_goes_within_a_year() {
    let library = testkit::policies::shipped();
    let (folder, _) = make(&library, &Plan { people: 20_000, ..PLAIN });
    let bills = Frame::read(&folder.path().join("bills/2022/part-00000.parquet"));
    let mut held: BTreeMap<i64, BTreeSet<Option<String>>> = BTreeMap::new();
    for row in 0..bills.rows {
        held.entry(bills.long("person", row)).or_default().insert(bills.text("category", row));
    }
    let changed = held.values().filter(|words| words.len() > 1).count();
    assert!((5..500).contains(&changed), "{changed}");
    assert!(Care::parse(&bills.text("care", 0).unwrap()).is_some());
}

#[test]
fn a_figure_without_source_or_that_does_not_add_up_is_refused() {
    let library = testkit::policies::shipped();
    let region = library.region("chongqing").unwrap();
    let refused = |text: &str| Figures::of_region(&library, region, Some(("own.toml", text))).unwrap_err().to_string();
    let cases = [
        ("[male]\nbasis = 'illustrative'\nvalue = '50%'", "missing field `source`"),
        ("[male]\nbasis = 'guess'\nsource = 'x'\nvalue = '50%'", "own.toml"),
        ("[male]\nbasis = 'illustrative'\nsource = ' '\nvalue = '50%'", "`male` 的 source 是空的"),
        ("[male]\nbasis = 'illustrative'\nsource = 'x'\nvalue = '50'", "percent sign"),
        ("[females]\nbasis = 'illustrative'\nsource = 'x'\nvalue = '50%'", "unknown field `females`"),
        (
            "[away]\nbasis = 'illustrative'\nsource = 'x'\nvalue = [{ filing = 'local', share = '90%' }]",
            "`away` 的份额合计 90%",
        ),
        ("[away]\nbasis = 'illustrative'\nsource = 'x'\nvalue = [{ filing = 'here', share = '90%' }]", "不认识 “here”"),
        ("[male]\nbasis = 'illustrative'\nsource = 'x'\nvalue = '120%'", "`male` 超过全部的人"),
        ("[births]\nbasis = 'illustrative'\nsource = 'x'\nvalue = 100001", "`births` 超过全部的人"),
        (
            "[frailty]\nbasis = 'illustrative'\nsource = 'x'\nvalue = [{ at = '0%', times = '3%' }, { at = '100%', times = '1%' }]",
            "",
        ),
    ];
    for (text, expected) in &cases[..9] {
        let found = refused(text);
        assert!(found.contains(expected), "{found}");
    }
    // A shape is read where it is used.
    let figures = Figures::of_region(&library, region, Some(("own.toml", cases[9].0))).unwrap();
    let asked = Asked {
        library: &library,
        region,
        view: View::default(),
        figures: &figures,
        people: 10,
        year: 2022,
        years: 1,
        seed: 1,
        lines: false,
        anomalies: false,
        threads: 1,
    };
    let folder = tempfile::tempdir().unwrap();
    let error = generate(&asked, folder.path(), &()).unwrap_err();
    assert!(error.to_string().contains("`frailty` 的分位不是"), "{error}");
}

/// The figures that say when, how long, how many and how much.
const HABITS: &[&str] = &[
    "late_months", "paid_before", "newborn_paid", "prenatal_days", "referral_days", "between_stays", "elsewhere",
    "reform", "classes_vary", "bill", "stay_days", "lines", "overlapping_stays", "split_stay", "reselling",
];

#[test]
fn a_figure_that_is_missing_is_refused_by_name_and_none_stands_in_for_it() {
    let library = testkit::policies::shipped();
    let national = library.populations.iter().find(|file| file.region == "national").unwrap();
    assert!(Figures::read([("population.toml", national.text.as_str())]).is_ok());
    for key in HABITS {
        let (before, from) = national.text.split_once(&format!("\n[{key}]\n")).unwrap();
        let after = from.split_once("\n\n").map_or("", |(_, after)| after);
        let without = format!("{before}\n{after}");
        let error = Figures::read([("population.toml", without.as_str())]).unwrap_err().to_string();
        assert!(error.contains(&format!("人口参数里没有 `{key}`")), "{key}: {error}");
    }
}

#[test]
fn a_figure_out_of_range_is_refused() {
    let library = testkit::policies::shipped();
    let region = library.region("chongqing").unwrap();
    let cases = [
        ("late_months", "{ from = 2, to = 13 }", "`late_months` 写了 2 到 13，不在 1 到 12 之间"),
        ("late_months", "{ from = 6, to = 2 }", "`late_months` 写了 6 到 2"),
        ("paid_before", "{ month = 2, day = 29 }", "`paid_before` 不是每年都有的一天"),
        ("newborn_paid", "400", "`newborn_paid` 写了 400"),
        ("newborn_paid", "-1", "own.toml"),
        ("referral_days", "{ from = 0, to = 14 }", "`referral_days` 写了 0 到 14"),
        ("between_stays", "0", "`between_stays` 写了 0"),
        ("prenatal_days", "{ from = 7, to = 2160 }", "`prenatal_days` 写了 7 到 2160"),
        ("bill", "{ from = 0, to = 5 }", "`bill` 写了 0 到 5"),
        ("stay_days", "{ usual = '120%', most = 120 }", "`stay_days` 超过全部"),
        ("stay_days", "{ usual = '50%', most = 0 }", "`stay_days` 写了 0"),
        ("reform", "['4']", "不认识 “4”"),
        ("classes_vary", "'101%'", "`classes_vary` 超过全部"),
        ("classes.inpatient", "{ b = '60%', c = '9%', over_limit = '0%' }", "`classes.inpatient` 的乙类"),
        ("split_stay", "{ days = 2, first = '50%' }", "`split_stay` 写了 2"),
        (
            "overlapping_stays",
            "{ days = 3, least = '90%', most = '50%' }",
            "`overlapping_stays` 超过一百倍，或 least 大于 most",
        ),
        ("reselling", "{ purchases = { from = 8, to = 14 } }", "missing field `days`"),
    ];
    for (key, value, expected) in cases {
        let own = format!("[{key}]\nbasis = 'illustrative'\nsource = 'x'\nvalue = {value}");
        let found = Figures::of_region(&library, region, Some(("own.toml", &own))).unwrap_err().to_string();
        assert!(found.contains(expected), "{found}");
    }
}

#[test]
fn other_figures_give_another_province() {
    let library = testkit::policies::shipped();
    let folder = tempfile::tempdir().unwrap();
    let figure =
        |(key, value): (&str, &str)| format!("[{key}]\nbasis = 'illustrative'\nsource = 'test'\nvalue = {value}\n");
    let own = [
        ("paid_before", "{ month = 11, day = 2 }"),
        ("bill", "{ from = 500, to = 600 }"),
        ("stay_days", "{ usual = '0%', most = 3 }"),
        ("elsewhere", "'300%'"),
        ("lines", "{ yuan = 300, least = { from = 1, to = 1 }, weights = { from = 5, to = 5 }, a = 1, b = 1, c = 1 }"),
    ];
    let own: String = own.into_iter().map(figure).collect();
    let plan = Plan { lines: true, people: 3_000, ..PLAIN };
    let manifest = try_by(&library, &plan, Some(&own), folder.path(), &()).unwrap();
    let bills = Frame::read(&folder.path().join("bills/2022/part-00000.parquet"));
    assert!(bills.rows > 1_000);
    for row in 0..bills.rows {
        let parts = ["a_fen", "b_fen", "c_fen", "over_limit_fen"].map(|name| bills.long(name, row));
        assert!((50_000..=60_000).contains(&parts.iter().sum::<i64>()), "{}", bills.row_text(row));
        assert!(bills.number("#days", row) <= 3, "{}", bills.row_text(row));
    }
    assert!(manifest.parts[0].lines[0] <= 3 * bills.rows as i64);
    let enrolment = Frame::read(&folder.path().join("enrolment/2022/part-00000.parquet"));
    // The 2nd of November 2021, since 1970.
    let on_the_day = (0..enrolment.rows).filter(|row| enrolment.day("paid_on", *row) == 18_933);
    assert!(on_the_day.count() * 10 > enrolment.rows * 9);
    let hospitals = Frame::read(&folder.path().join("hospitals.parquet"));
    let at = |place: &str| {
        let of = |row: &usize| {
            hospitals.text("level", *row).unwrap() == "primary"
                && hospitals.text("kind", *row).unwrap() == "hospital"
                && hospitals.text("place", *row).unwrap() == place
        };
        (0..hospitals.rows).filter(of).count()
    };
    assert_eq!((at("home"), at("elsewhere")), (2, 6));
}
