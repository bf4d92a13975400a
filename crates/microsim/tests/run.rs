//! Runs over provinces: each fund, tier, level and person as settling every person's bills in order gives them; variants that
//! touch few people as if each were settled whole; the same for any number of threads and after a stop; and bad data.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod reading;

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type};
use arrow_array::{Array, ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch};
use arrow_schema::{Field, Schema};
use domain::{Bill, Date};
use microsim::Stopped;
use microsim::generate::{self, Figures, generate};
use microsim::outcome::{Bills, Burden, By, Cell, Changed, Group, Outcome, Patients, burden_step};
use microsim::run::{Asked, Progress, Spoilt, Variant, read, simulate};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use policy::set::{Set, overlay};
use policy::{Library, Notice, Region, View};
use settlement::{Engine, Opening, Options};

use reading::Frame;

/// A province: region, drafts, first year, years, people.
type Plan<'p> = (&'p str, &'p [&'p str], i16, i16, i64);

const CHONGQING: Plan<'_> = ("chongqing", &[], 2022, 1, 1_500);

fn make(library: &Library, (region, drafts, year, years, people): Plan<'_>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let region = library.region(region).unwrap();
    let drafts = drafts.iter().map(|draft| (*draft).to_owned()).collect();
    let asked = generate::Asked {
        library,
        region,
        view: View { drafts, ..View::default() },
        figures: &Figures::of_region(library, region, None).unwrap(),
        people,
        year,
        years,
        seed: 11,
        lines: false,
        anomalies: false,
        threads: 2,
    };
    generate(&asked, folder.path(), &()).unwrap();
    folder
}

/// Keeps the rows that were left out.
#[derive(Default)]
struct Heard(Mutex<Vec<Spoilt>>);

impl Progress for Heard {
    fn part(&self, _: i64, _: i64) {}

    fn left_out(&self, rows: &[Spoilt]) {
        self.0.lock().unwrap().extend_from_slice(rows);
    }
}

fn variant<'l>(name: &str, view: View<'l>) -> Variant<'l> {
    Variant { name: name.to_owned(), view, set: Vec::new() }
}

fn drafted<'l>(draft: &str) -> View<'l> {
    View { drafts: vec![draft.to_owned()], ..View::default() }
}

fn asked<'l>(library: &'l Library, region: &str, year: i16, variants: Vec<Variant<'l>>) -> Asked<'l> {
    Asked { library, region: library.region(region).unwrap(), year, variants, threads: 2, keep_going: false }
}

fn run(asked: &Asked<'_>, province: &Path) -> Outcome {
    let out = tempfile::tempdir().unwrap();
    let outcome = simulate(asked, province, out.path(), &Heard::default()).unwrap();
    assert_eq!(outcome, read(out.path()).unwrap());
    outcome
}

fn set(library: &Library, region: &Region, year: i16, sets: &[&str]) -> Notice {
    let sets: Vec<Set> = sets.iter().map(|set| Set::parse(set).unwrap()).collect();
    let day = |month, day| Date::new(year, month, day).unwrap();
    overlay(library, region, &View::default(), day(1, 1), day(12, 31), &sets).unwrap()
}

/// What a person's bills in order give, told bill by bill; the plain way.
struct Plain {
    cells: BTreeMap<Cell, Bills>,
    persons: BTreeMap<i64, Patients>,
    refused: i64,
}

fn plainly(library: &Library, plan: Plan<'_>, year: i16, view: &View<'_>, province: &Path, funds: &[String]) -> Plain {
    let (region, _, first, ..) = plan;
    let region = library.region(region).unwrap();
    let day = |year, month, day| Date::new(year, month, day).unwrap();
    let engine = Engine::compile(library, region, view, Options::default(), day(first, 1, 1), day(year, 12, 31));
    let mut lives: BTreeMap<i64, Vec<Bill>> = BTreeMap::new();
    for year in first..=year {
        let path = province.join(format!("bills/{year}/part-00000.parquet"));
        for bill in Frame::read(&path).bills() {
            lives.entry(bill.person_id.parse().unwrap()).or_default().push(bill);
        }
    }
    let mut plain = Plain { cells: BTreeMap::new(), persons: BTreeMap::new(), refused: 0 };
    for (person, bills) in lives {
        let bills: Vec<&Bill> = bills.iter().collect();
        for settlement in engine.settle(&bills, &Opening::default()) {
            let bill = settlement.bill;
            if bill.date.year() != year {
                continue;
            }
            let Ok(entry) = settlement.result else {
                plain.refused += 1;
                continue;
            };
            let by_payer = entry.by_payer(engine.plan(entry.plan));
            let paid =
                |fund: &String| by_payer.iter().find(|(payer, _)| payer.code() == fund).map_or(0, |(_, fen)| fen.0);
            let paid: Vec<i64> = funds.iter().map(paid).collect();
            let cell = Cell {
                tier: bill.person.tier.clone().unwrap_or_default(),
                level: bill.level.code().to_owned(),
                care: bill.care.code().to_owned(),
            };
            let own = entry.person.0;
            plain.cells.entry(cell).or_default().add(Bills {
                bills: 1,
                total: entry.amounts.total.0,
                in_scope: entry.amounts.in_scope.0,
                first_self_pay: entry.amounts.first_self_pay.0,
                paid: paid.clone(),
            });
            plain.persons.entry(person).or_default().add(Patients {
                bills: 1,
                total: entry.amounts.total.0,
                in_scope: entry.amounts.in_scope.0,
                paid,
                own,
                ..Patients::default()
            });
        }
    }
    plain
}

/// Holds a variant of an outcome to the plain way.
fn compare(told: &microsim::outcome::Variant, plain: &Plain, province: &Path) {
    assert_eq!(told.cells, plain.cells);
    assert_eq!(told.refused.values().sum::<i64>(), plain.refused, "{:?}", told.refused);
    let told_why = |(reason, bills): (&String, &i64)| !reason.is_empty() && *bills > 0;
    assert!(told.refused.iter().all(told_why), "{:?}", told.refused);
    let people = Frame::read(&province.join("people/part-00000.parquet"));
    let mut burden = vec![Burden::default(); told.burden.len()];
    let mut deciles: BTreeMap<String, Patients> = BTreeMap::new();
    for row in 0..people.rows {
        let Some(year) = plain.persons.get(&people.long("person", row)) else { continue };
        let decile = people.cell("decile", row);
        let digits: String = decile.chars().filter(char::is_ascii_digit).collect();
        let income = people.long("income_fen", row);
        let one = Patients {
            persons: 1,
            reached: year.paid.iter().map(|paid| i64::from(*paid > 0)).collect(),
            above: [10, 25, 40].iter().map(|share| i64::from(year.own * 100 > income * share)).collect(),
            ..year.clone()
        };
        deciles.entry(digits.trim_start_matches("8").to_owned()).or_default().add(one);
        let step = &mut burden[burden_step(year.own)];
        step.persons += 1;
        step.own += year.own;
    }
    assert_eq!(told.burden, burden);
    let told_deciles: Vec<Patients> =
        told.groups.iter().filter(|(group, _)| group.by == By::Decile).map(|(_, p)| p.clone()).collect();
    let mut sums = Patients::default();
    told_deciles.into_iter().for_each(|decile| sums.add(decile));
    let all = &told.groups[&Group { by: By::All, value: String::new() }];
    assert_eq!(*all, sums);
    let mut plain_all = Patients::default();
    deciles.into_values().for_each(|decile| plain_all.add(decile));
    let change = (all.winners, all.gained, all.losers, all.lost);
    assert_eq!(Patients { winners: 0, gained: 0, losers: 0, lost: 0, ..all.clone() }, plain_all);
    assert!(change.0 >= 0 && change.1 >= 0 && change.2 >= 0 && change.3 >= 0, "{change:?}");
}

#[test]
fn a_run_gives_what_settling_every_person_in_order_gives() {
    let library = testkit::policies::shipped();
    let plans: [Plan<'_>; 5] = [
        CHONGQING,
        ("suzhou", &[], 2023, 1, 1_000),
        ("nanjing", &[], 2023, 1, 1_000),
        ("changchun", &[], 2023, 1, 1_000),
        ("tianjin", &[], 2017, 2, 600),
    ];
    for plan in plans {
        let province = make(&library, plan);
        let year = plan.2 + plan.3 - 1;
        let outcome = run(&asked(&library, plan.0, year, vec![variant("baseline", View::default())]), province.path());
        let plain = plainly(&library, plan, year, &View::default(), province.path(), &outcome.funds);
        assert!(!plain.cells.is_empty());
        compare(&outcome.variants[0], &plain, province.path());
        let enrolled = Frame::read(&province.path().join(format!("enrolment/{year}/part-00000.parquet"))).rows;
        let all = &outcome.people[&Group { by: By::All, value: String::new() }];
        assert_eq!(all.enrolled, enrolled as i64);
        let in_order: i64 = outcome.variants[0].by_income.values().map(|burden| burden.persons).sum();
        assert_eq!(in_order, all.enrolled);
    }
}

#[test]
fn variants_that_touch_few_are_what_they_are_when_settled_whole() {
    let library = testkit::policies::shipped();
    let province = make(&library, CHONGQING);
    let region = library.region("chongqing").unwrap();
    let overlays = [
        set(&library, region, 2022, &["stage.catastrophic.deductible=*0.5"]),
        set(&library, region, 2022, &["stage.inpatient.bands[level=3].ratio=+5pt"]),
        set(&library, region, 2022, &["stage.outpatient.cap=*0.5", "stage.inpatient.cap=*0.1"]),
    ];
    let over = |overlay| View { overlay: Some(overlay), ..View::default() };
    let mut variants = vec![variant("baseline", View::default()), variant("the same", View::default())];
    variants.extend(overlays.iter().enumerate().map(|(at, overlay)| variant(&at.to_string(), over(overlay))));
    let outcome = run(&asked(&library, "chongqing", 2022, variants.clone()), province.path());
    let patients = outcome.variants[0].groups[&Group { by: By::All, value: String::new() }].persons;
    for (variant, told) in variants.iter().zip(&outcome.variants) {
        let plain = plainly(&library, CHONGQING, 2022, &variant.view, province.path(), &outcome.funds);
        compare(told, &plain, province.path());
        assert!(told.changed.settled_anew >= told.changed.persons);
        let all = &told.groups[&Group { by: By::All, value: String::new() }];
        assert!(all.winners + all.losers <= told.changed.persons);
    }
    let changed = |at: usize| outcome.variants[at].changed;
    assert_eq!(changed(1).settled_anew, 0, "the same terms touch nobody");
    assert!(changed(3).settled_anew > 0 && changed(3).settled_anew < patients, "{:?} of {patients}", changed(3));
    assert!(changed(2).persons > 0 && changed(4).persons > 0);
    // Almost everybody has a bill that passes these stages; few reach the deductible of the one, or a ceiling of the other.
    for at in [2, 4] {
        let Changed { settled_anew, persons, .. } = changed(at);
        assert!(persons <= settled_anew && settled_anew * 3 < patients, "{:?} of {patients}", changed(at));
    }
    let gained = |at: usize| &outcome.variants[at].groups[&Group { by: By::All, value: String::new() }];
    assert!(gained(3).winners > 0 && gained(3).losers == 0, "a higher ratio harms nobody");
    assert!(gained(4).losers > 0 && gained(4).winners == 0, "lower ceilings help nobody");
}

#[test]
fn variants_run_together_are_what_each_is_alone() {
    let library = testkit::policies::shipped();
    for (name, year) in [("chongqing", 2022), ("suzhou", 2023), ("nanjing", 2023), ("changchun", 2023)] {
        let province = make(&library, (name, &[], year, 1, 1_000));
        // A few bills are far beyond what is settled side by side.
        let path = province.path().join(format!("bills/{year}/part-00000.parquet"));
        let amounts = Frame::read(&path).batch().column_by_name("a_fen").unwrap().clone();
        let amounts = amounts.as_primitive::<Int64Type>().values();
        let larger = amounts.iter().enumerate().map(|(row, fen)| if row % 97 == 0 { fen + 200_000_000 } else { *fen });
        spoil_year(province.path(), year, &[("a_fen", Arc::new(Int64Array::from_iter_values(larger)))], 500);
        let days = (Date::new(year, 1, 1).unwrap(), Date::new(year, 12, 31).unwrap());
        let overlays = testkit::changes::changes(&library, name, days);
        let over = |overlay| View { overlay: Some(overlay), ..View::default() };
        let baseline = || std::iter::once(variant("baseline", View::default()));
        let variants = overlays.iter().enumerate().map(|(at, overlay)| variant(&at.to_string(), over(overlay)));
        let together = run(&asked(&library, name, year, baseline().chain(variants.clone()).collect()), province.path());
        let mut changed = 0;
        for (alone, told) in variants.zip(&together.variants[1..]) {
            let alone = run(&asked(&library, name, year, baseline().chain([alone]).collect()), province.path());
            assert_eq!(*told, alone.variants[1], "{name} {}", told.name);
            changed += usize::from(told.changed.persons > 0);
        }
        assert!(changed > 8, "{name}: {changed} variants pay anybody otherwise");
    }
}

#[test]
fn a_draft_is_compared_with_the_terms_before_it() {
    let library = testkit::policies::shipped();
    let draft = library.notices.iter().find(|n| n.kind == policy::NoticeKind::Draft && n.region == "tianjin").unwrap();
    let plan: Plan<'_> = ("tianjin", &[], 2022, 2, 500);
    let province = make(&library, plan);
    let variants = vec![variant("baseline", View::default()), variant(&draft.id, drafted(&draft.id))];
    let outcome = run(&asked(&library, "tianjin", 2023, variants.clone()), province.path());
    for (variant, told) in variants.iter().zip(&outcome.variants) {
        compare(told, &plainly(&library, plan, 2023, &variant.view, province.path(), &outcome.funds), province.path());
    }
    assert!(outcome.variants[1].changed.settled_anew > 0);
}

#[test]
fn threads_and_stops_change_nothing_and_another_run_is_refused() {
    let library = testkit::policies::shipped();
    // two parts
    let province = make(&library, ("chongqing", &[], 2022, 1, 65_700));
    let variants = || vec![variant("baseline", View::default()), variant("the same", View::default())];
    let first = run(&asked(&library, "chongqing", 2022, variants()), province.path());
    let out = tempfile::tempdir().unwrap();
    let one = Asked { threads: 1, ..asked(&library, "chongqing", 2022, variants()) };
    assert_eq!(simulate(&one, province.path(), out.path(), &Heard::default()).unwrap(), first);

    let out = stopped_after_a_part(&one, province.path());
    let counting = Counting::default();
    assert_eq!(simulate(&one, province.path(), out.path(), &counting).unwrap(), first);
    let settled = counting.0.into_inner().unwrap();
    assert!(settled[0] == 0 && settled[1] > 0, "the part that was kept is not settled again: {settled:?}");
    assert!(!out.path().join("parts").exists());

    // What did not reach the disk whole is not taken for what was kept.
    for damage in [
        |kept: &mut Vec<u8>| kept.truncate(100),
        |kept: &mut Vec<u8>| kept.fill(0),
        |kept: &mut Vec<u8>| {
            kept[200] ^= 1;
        },
    ] {
        let out = stopped_after_a_part(&one, province.path());
        let place = out.path().join("parts/00000.kept");
        let mut kept = fs::read(&place).unwrap();
        damage(&mut kept);
        fs::write(&place, kept).unwrap();
        let counting = Counting::default();
        assert_eq!(simulate(&one, province.path(), out.path(), &counting).unwrap(), first);
        assert!(counting.0.into_inner().unwrap()[0] > 0);
    }

    let other = Asked { variants: vec![variant("baseline", View::default())], ..one };
    let error = simulate(&other, province.path(), out.path(), &Heard::default()).unwrap_err().to_string();
    assert!(error.contains("another run"), "{error}");
}

/// How many bills of each part were settled, one after the other.
#[derive(Default)]
struct Counting(Mutex<Vec<i64>>);

impl Progress for Counting {
    fn part(&self, _: i64, bills: i64) {
        self.0.lock().unwrap().push(bills);
    }

    fn left_out(&self, _: &[Spoilt]) {}
}

/// Asks the run to stop when its first part is done, as who follows it may.
#[derive(Default)]
struct Halting(AtomicBool);

impl Progress for Halting {
    fn part(&self, _: i64, _: i64) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn left_out(&self, _: &[Spoilt]) {}

    fn stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn a_run_that_is_asked_to_stop_ends_without_an_outcome_and_goes_on_when_asked_again() {
    let library = testkit::policies::shipped();
    let province = make(&library, ("chongqing", &[], 2022, 1, 65_700));
    let asked = Asked { threads: 1, ..asked(&library, "chongqing", 2022, vec![variant("baseline", View::default())]) };
    let whole = run(&asked, province.path());
    let out = tempfile::tempdir().unwrap();
    let error = simulate(&asked, province.path(), out.path(), &Halting::default()).unwrap_err();
    assert!(error.is::<Stopped>(), "{error}");
    assert!(read(out.path()).is_err());
    assert_eq!(simulate(&asked, province.path(), out.path(), &Heard::default()).unwrap(), whole);
}

/// Stops the run when its first part is done, as a killed machine would.
struct Stopping;

impl Progress for Stopping {
    fn part(&self, _: i64, _: i64) {
        panic!("stopped");
    }

    fn left_out(&self, _: &[Spoilt]) {}
}

fn stopped_after_a_part(asked: &Asked<'_>, province: &Path) -> tempfile::TempDir {
    let out = tempfile::tempdir().unwrap();
    let run = AssertUnwindSafe(|| simulate(asked, province, out.path(), &Stopping));
    assert!(catch_unwind(run).is_err(), "there is a part to stop at");
    assert!(out.path().join("parts/00000.kept").is_file() && !out.path().join("parts/00001.kept").exists());
    out
}

#[test]
fn data_that_changed_under_a_run_that_was_stopped_is_noticed() {
    let library = testkit::policies::shipped();
    let province = make(&library, ("chongqing", &[], 2022, 1, 65_700));
    let asked = asked(&library, "chongqing", 2022, vec![variant("baseline", View::default())]);
    let asked = Asked { threads: 1, ..asked };
    let path = province.path().join("bills/2022/part-00000.parquet");
    let whole = fs::read(&path).unwrap();
    let written = fs::metadata(&path).unwrap().modified().unwrap();
    let out = stopped_after_a_part(&asked, province.path());
    let goes_on = || simulate(&asked, province.path(), out.path(), &Heard::default());

    // Two amounts of one bill are put the other way round: same length, same sums.
    let rows = column(province.path(), "bill").len();
    let amounts = column(province.path(), "a_fen");
    let amounts = amounts.as_primitive::<Int64Type>();
    let changed = (0..rows).map(|row| if row < 2 { amounts.value(1 - row) } else { amounts.value(row) });
    spoil(province.path(), &[("a_fen", Arc::new(Int64Array::from_iter_values(changed)))], rows);
    let error = goes_on().unwrap_err().to_string();
    assert!(error.contains("part-00000") && error.contains("data changed") && error.contains("-o"), "{error}");

    // Written again as it was, but with another time: it cannot be told that it is the same.
    fs::write(&path, &whole).unwrap();
    assert!(goes_on().unwrap_err().to_string().contains("data changed"));
    fs::File::options().write(true).open(&path).unwrap().set_modified(written).unwrap();
    assert!(goes_on().is_ok());
}

/// Writes the bills of a province anew, with some columns changed, in row groups of so many rows.
fn spoil(province: &Path, columns: &[(&str, ArrayRef)], group: usize) {
    spoil_year(province, 2022, columns, group);
}

fn spoil_year(province: &Path, year: i16, columns: &[(&str, ArrayRef)], group: usize) {
    let path = province.join(format!("bills/{year}/part-00000.parquet"));
    let batch = Frame::read(&path).batch().clone();
    let before = batch.schema();
    let fields = before.fields().iter().map(|field| {
        let changed = columns.iter().find(|(name, _)| name == field.name());
        changed.map_or(field.as_ref().clone(), |(name, array)| Field::new(*name, array.data_type().clone(), true))
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let arrays = before.fields().iter().zip(batch.columns()).map(|(field, array)| {
        columns.iter().find(|(name, _)| name == field.name()).map_or(array.clone(), |(_, array)| array.clone())
    });
    let changed = RecordBatch::try_new(schema.clone(), arrays.collect()).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
    let mut writer = ArrowWriter::try_new(fs::File::create(&path).unwrap(), schema, Some(properties)).unwrap();
    writer.write(&changed).unwrap();
    writer.close().unwrap();
}

fn column(province: &Path, name: &str) -> ArrayRef {
    Frame::read(&province.join("bills/2022/part-00000.parquet")).batch().column_by_name(name).unwrap().clone()
}

#[test]
fn rows_that_cannot_be_read_stop_a_run_or_are_left_out_and_counted() {
    let library = testkit::policies::shipped();
    let with = |row: usize, name: &str, province: &Path, value: Option<i64>| -> ArrayRef {
        let numbers = column(province, name);
        let numbers = numbers.as_primitive::<Int64Type>();
        let changed = numbers.iter().enumerate().map(|(at, number)| if at == row { value } else { number });
        Arc::new(Int64Array::from_iter(changed))
    };
    // What is spoilt in row 1,203, and how it is told.
    type Spoil<'s> = (&'s str, &'s dyn Fn(&Path) -> ArrayRef, &'s str, &'s str);
    let spoils: [Spoil<'_>; 6] = [
        ("a_fen", &|at| with(1_202, "a_fen", at, None), "a_fen", "没有金额"),
        ("a_fen", &|at| with(1_202, "a_fen", at, Some(-5)), "a_fen", "为负"),
        ("person", &|at| with(1_202, "person", at, Some(0)), "person", "升序"),
        ("person", &|at| with(1_202, "person", at, Some(i64::MAX)), "person", "升序"),
        ("person", &|at| with(1_202, "person", at, None), "person", "没有人员编号"),
        (
            "date",
            &|at| {
                let days = column(at, "date");
                let days = days.as_primitive::<Date32Type>();
                let changed = days.iter().enumerate().map(|(at, day)| if at == 1_202 { Some(19_400) } else { day });
                Arc::new(Date32Array::from_iter(changed))
            },
            "date",
            "不在所算的年度",
        ),
    ];
    for (name, spoilt, told_of, why) in spoils {
        let province = make(&library, CHONGQING);
        let rows = column(province.path(), "bill").len() as i64;
        spoil(province.path(), &[(name, spoilt(province.path()))], 500);
        let asked = asked(&library, "chongqing", 2022, vec![variant("baseline", View::default())]);
        let out = tempfile::tempdir().unwrap();
        let error = simulate(&asked, province.path(), out.path(), &Heard::default()).unwrap_err().to_string();
        let place = format!("part-00000.parquet 第 2 行组第 203 行 {told_of}");
        assert!(error.contains(&place) && error.contains(why) && error.contains("--keep-going"), "{error}");

        let (out, heard) = (tempfile::tempdir().unwrap(), Heard::default());
        let going_on = Asked { keep_going: true, ..asked };
        let outcome = simulate(&going_on, province.path(), out.path(), &heard).unwrap();
        let left_out = heard.0.into_inner().unwrap();
        assert_eq!((outcome.left_out, left_out.len()), (1, 1), "{left_out:?}");
        assert_eq!((left_out[0].group, left_out[0].row, left_out[0].column.as_str()), (2, 203, told_of));
        let settled: i64 = outcome.variants[0].cells.values().map(|bills| bills.bills).sum();
        assert_eq!(settled + outcome.variants[0].refused.values().sum::<i64>(), rows - 1);
    }
}

#[test]
fn persons_who_are_not_insured_and_columns_of_a_wrong_type_are_told() {
    let library = testkit::policies::shipped();
    let province = make(&library, CHONGQING);
    let asked = asked(&library, "chongqing", 2022, vec![variant("baseline", View::default())]);
    let fails = |province: &Path| {
        let out = tempfile::tempdir().unwrap();
        simulate(&asked, province, out.path(), &Heard::default()).unwrap_err().to_string()
    };
    // The last person becomes one who is not there.
    let persons = column(province.path(), "person");
    let last = persons.as_primitive::<Int64Type>().values().last().copied();
    let persons = persons.as_primitive::<Int64Type>().iter().map(|id| if id == last { Some(9_999_999) } else { id });
    let persons: ArrayRef = Arc::new(Int64Array::from_iter(persons));
    spoil(province.path(), &[("person", persons)], 1_000_000);
    let error = fails(province.path());
    assert!(error.contains("不在 people 里：9999999"), "{error}");

    let rows = column(province.path(), "bill").len();
    let floats: ArrayRef = Arc::new(Float64Array::from(vec![1.5; rows]));
    spoil(province.path(), &[("b_fen", floats)], 1_000_000);
    let error = fails(province.path());
    assert!(error.contains("b_fen") && error.contains("Float64") && error.contains("wrong type"), "{error}");

    fs::write(province.path().join("bills/2022/part-00000.parquet"), "no parquet").unwrap();
    let error = format!(
        "{:#}",
        simulate(&asked, province.path(), tempfile::tempdir().unwrap().path(), &Heard::default()).unwrap_err()
    );
    assert!(error.contains("part-00000.parquet"), "{error}");
    let error = simulate(
        &Asked { year: 2030, ..asked },
        province.path(),
        tempfile::tempdir().unwrap().path(),
        &Heard::default(),
    );
    assert!(error.unwrap_err().to_string().contains("2022"));
}

/// The shipped policies with a text of one of their files put another way.
fn rewritten(file: &str, from: &str, to: &str) -> Library {
    let mut files = testkit::policies::files();
    let file = files.iter_mut().find(|at| at.path == file).unwrap();
    assert!(file.text.contains(from), "{} has no {from}", file.path);
    file.text = file.text.replacen(from, to, 1);
    let library = Library::read(files);
    assert!(!library.has_errors(), "{:#?}", library.findings);
    library
}

#[test]
fn terms_of_shapes_that_no_shipped_region_has_come_to_the_same_too() {
    let by_age = "{ class = \"B\", age = \"37+\", share = \"50%\" },\n  { class = \"B\", share = \"10%\" }";
    let by_age = rewritten("500000-chongqing/illustrative.toml", "{ class = \"B\", share = \"10%\" }", by_age);
    let open = "{ admission = \"3+\", amount = \"open\" }";
    let open = rewritten("320100-nanjing/illustrative.toml", "{ admission = \"3+\", amount = 0 }", open);
    let plans: [(&Library, Plan<'_>, &str); 2] =
        [(&by_age, CHONGQING, ""), (&open, ("nanjing", &[], 2023, 1, 2_000), "admission")];
    let shipped = testkit::policies::shipped();
    for (library, plan, refused) in plans {
        // Made by the shipped terms: so that some bills may be refused.
        let province = make(&shipped, plan);
        let overlay = set(library, library.region(plan.0).unwrap(), plan.2, &["stage.inpatient.bands.ratio=+1pt"]);
        let variants = vec![
            variant("baseline", View::default()),
            variant("more", View { overlay: Some(&overlay), ..View::default() }),
        ];
        let outcome = run(&asked(library, plan.0, plan.2, variants.clone()), province.path());
        for (variant, told) in variants.iter().zip(&outcome.variants) {
            let plain = plainly(library, plan, plan.2, &variant.view, province.path(), &outcome.funds);
            compare(told, &plain, province.path());
            assert_eq!(plain.refused > 0, !refused.is_empty(), "{:?}", told.refused);
        }
        assert!(outcome.variants[1].changed.persons > 0);
        assert!(outcome.variants[0].refused.keys().all(|reason| !reason.is_empty()));
    }
}

#[test]
fn a_deductible_counts_on_from_a_bill_of_the_year_before() {
    // Nothing is carried over in Chongqing; here stays count their deductible on along a referral.
    let stay = "[[stage.inpatient.deductible]]\n";
    let library = rewritten("500000-chongqing/illustrative.toml", stay, &format!("{stay}chain = true\n"));
    let plan: Plan<'_> = ("chongqing", &[], 2022, 2, 3_000);
    let province = make(&library, plan);
    let of_year = |year: i16| Frame::read(&province.path().join(format!("bills/{year}/part-00000.parquet")));
    let stays = |year: i16| -> BTreeMap<i64, Vec<(usize, i64)>> {
        let bills = of_year(year);
        let mut stays: BTreeMap<i64, Vec<(usize, i64)>> = BTreeMap::new();
        for row in (0..bills.rows).filter(|row| bills.text("care", *row).as_deref() == Some("inpatient")) {
            stays.entry(bills.long("person", row)).or_default().push((row, bills.long("bill", row)));
        }
        stays
    };
    // The first stay of the second year goes on from the last of the first; one goes on from a bill that is not there.
    let (before, after) = (stays(2022), stays(2023));
    let second = of_year(2023);
    let mut from: Vec<Option<i64>> = (0..second.rows).map(|row| second.some_long("from_bill", row)).collect();
    let both: Vec<(usize, i64)> =
        after.iter().filter_map(|(person, stays)| Some((stays.first()?.0, before.get(person)?.last()?.1))).collect();
    assert!(both.len() > 3, "{both:?}");
    both.iter().for_each(|(row, bill)| from[*row] = Some(*bill));
    spoil_year(province.path(), 2023, &[("from_bill", Arc::new(Int64Array::from(from.clone())))], 1_000_000);
    let asked = asked(&library, "chongqing", 2023, vec![variant("baseline", View::default())]);
    let outcome = run(&asked, province.path());
    assert_eq!(outcome.from_year, 2022);
    let plain = plainly(&library, plan, 2023, &View::default(), province.path(), &outcome.funds);
    compare(&outcome.variants[0], &plain, province.path());

    from[both[0].0] = Some(1);
    spoil_year(province.path(), 2023, &[("from_bill", Arc::new(Int64Array::from(from)))], 1_000_000);
    let astray = run(&asked, province.path());
    let refused = |outcome: &Outcome| outcome.variants[0].refused.values().sum::<i64>();
    assert_eq!(refused(&astray), refused(&outcome) + 1);
    assert!(astray.variants[0].refused.keys().any(|reason| reason.contains("from_bill")));
}

#[test]
fn whose_contribution_the_terms_leave_open_is_counted() {
    let library = testkit::policies::shipped();
    let province = make(&library, CHONGQING);
    let outcome = run(&asked(&library, "chongqing", 2022, vec![variant("baseline", View::default())]), province.path());
    let enrolment = Frame::read(&province.path().join("enrolment/2022/part-00000.parquet"));
    let open = |column: &str| (0..enrolment.rows).filter(|row| enrolment.some_long(column, *row).is_none()).count();
    let sum = |column: &str| -> i64 { (0..enrolment.rows).filter_map(|row| enrolment.some_long(column, row)).sum() };
    let all = &outcome.people[&Group { by: By::All, value: String::new() }];
    let (total_open, split_open) = (open("standard_fen"), open("personal_fen"));
    assert!(split_open > total_open && split_open < enrolment.rows, "CQ21-01.3a: what assistance pays is open");
    assert_eq!(all.undecided, total_open as i64);
    assert_eq!([all.standard, all.personal, all.sponsored], ["standard_fen", "personal_fen", "sponsored_fen"].map(sum));
    assert!(all.standard > all.personal + all.sponsored);
}
