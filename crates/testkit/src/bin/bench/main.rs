//! How fast bills are settled on one core, held against a floor: the same rules written out by hand.
//!
//!     cargo run --release -p testkit --bin bench -- [--format table|json] [--bills N]
//!
//! Each figure is the median of five runs after one that warms up; all ways give the same payments to the fen, or the bench
//! stops.
#![allow(clippy::expect_used, clippy::panic, reason = "development only: what fails here stops the bench")]
#![allow(clippy::float_arithmetic, reason = "speeds, not money")]
#![allow(missing_docs, reason = "a program")]

mod floor;
mod lanes;
mod population;
mod text;

use std::alloc::System;
use std::hint::black_box;
use std::time::Instant;

use std::ops::Range;

use domain::{Date, Layer, Payer};
use settlement::{BillSums, Columns, Engine, NoSteps, Options, Plan, Recorder, Sink, StageStep, State};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use floor::ByLayer;
use population::Population;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const RUNS: usize = 5;

/// One line of the result; `floor` is the same kind of figure for the floor, `ratio` how many times slower than it.
struct Line {
    name: &'static str,
    value: f64,
    unit: &'static str,
    floor: f64,
    ratio: f64,
}

fn main() {
    let (json, bills) = match arguments() {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("{message}");
            std::process::exit(2);
        }
    };
    let library = testkit::policies::shipped();
    let (first, last) = (Date::constant(2022, 1, 1), Date::constant(2022, 12, 31));
    let engine = testkit::policies::engine(&library, "chongqing", first, last, Options::default());
    let population = population::make(bills, &engine);
    let mut lines = measure(&population, &engine);
    lines.extend(lanes::measure(&library, &population));
    if json { print_json(&lines) } else { print_table(&lines, bills, population.persons.len() - 1) }
}

fn arguments() -> Result<(bool, usize), String> {
    let (mut json, mut bills) = (false, 1_000_000);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next();
        match (word.as_str(), value.as_deref()) {
            ("--format", Some("json")) => json = true,
            ("--format", Some("table")) => json = false,
            ("--bills", Some(number)) => {
                bills = number.parse().map_err(|_| format!("--bills {number}: not a number"))?;
            }
            _ => return Err("usage: bench [--format table|json] [--bills N]".to_owned()),
        }
    }
    if bills == 0 { Err("--bills 0: nothing to measure".to_owned()) } else { Ok((json, bills)) }
}

fn measure(population: &Population, engine: &Engine) -> Vec<Line> {
    let plan = engine.plan(0);
    let bills = population.visits.len();
    let mut columns = Columns::new(engine).unwrap_or_else(|unfit| panic!("{unfit:?}"));
    for kind in population.batch.kinds() {
        columns.learn(kind).unwrap_or_else(|unfit| panic!("{unfit:?}"));
    }
    let batch = population.batch.batch();
    let mut by_fund = vec![ByLayer::default(); bills];
    let bound = columns.bind(batch);
    let mut settle_columns = || columns.settle(&bound, 0..batch.persons(), &mut Kept::new(&mut by_fund));
    let mut by_hand = vec![ByLayer::default(); bills];
    let mut one_at_a_time = by_hand.clone();
    let mut with_steps = by_hand.clone();

    let mut steps: Vec<StageStep> = Vec::with_capacity(plan.stages.len());

    let columns_allocate = allocations(&mut settle_columns);
    let by_bill_allocates = allocations(|| run_plainly(population, plan, &mut one_at_a_time));
    let stepwise_allocates = allocations(|| run_with_steps(population, plan, &mut with_steps, &mut steps));
    let speeds = speeds(
        bills,
        &mut [
            ("floor: the same rules by hand over columns", &mut || floor::settle(&population.figures, &mut by_hand)),
            ("settle in columns, no steps", &mut settle_columns),
            ("look up routes in columns", &mut || drop(black_box(columns.bind(batch)))),
            ("settle one bill at a time, no steps", &mut || run_plainly(population, plan, &mut one_at_a_time)),
            ("settle one bill at a time, with steps", &mut || {
                run_with_steps(population, plan, &mut with_steps, &mut steps);
            }),
            ("read the bills from CSV into columns", &mut || drop(black_box(text::read(&population.text)))),
        ],
    );

    let in_columns = in_layers_of(plan, columns.funds(), &by_fund);
    for (name, paid) in [("columns", &in_columns), ("one bill at a time", &one_at_a_time), ("with steps", &with_steps)]
    {
        let differs = by_hand.iter().zip(paid).position(|(floor, paid)| floor != paid);
        if let Some(at) = differs {
            panic!("{name}: bill {at} pays {:?}, by hand {:?}", paid[at], by_hand[at]);
        }
    }
    let per_bill = |name, count: usize| Line {
        name,
        value: count as f64 / bills as f64,
        unit: "allocations/bill",
        floor: 0.0,
        ratio: 1.0,
    };
    let allocations = [
        per_bill("allocations in columns", columns_allocate),
        per_bill("allocations one bill at a time, no steps", by_bill_allocates),
        per_bill("allocations one bill at a time, with steps", stepwise_allocates),
    ];
    speeds.into_iter().chain(allocations).collect()
}

/// Keeps what is paid on each bill, as the floor does; these terms have no more funds than there are layers.
struct Kept<'p> {
    paid: &'p mut [ByLayer],
}

impl<'p> Kept<'p> {
    fn new(paid: &'p mut [ByLayer]) -> Kept<'p> {
        paid[0] = ByLayer::default();
        Kept { paid }
    }
}

impl Sink for Kept<'_> {
    #[inline]
    fn pay(&mut self, bill: usize, fund: usize, fen: i64) {
        self.paid[bill][fund] += fen;
    }

    #[inline]
    fn settled(&mut self, bill: usize, _: BillSums) {
        if let Some(next) = self.paid.get_mut(bill + 1) {
            *next = ByLayer::default();
        }
    }

    fn refused(&mut self, bill: usize) {
        panic!("bill {bill} is refused");
    }

    fn end(&mut self, _: usize, _: Range<usize>) {}

    fn ordered(&mut self, person: usize, _: Range<usize>) {
        panic!("person {person} needs the ordered form");
    }
}

/// Payments by fund in the floor's form: of these terms no fund pays in two layers.
fn in_layers_of(plan: &Plan, funds: &[Payer], paid: &[ByLayer]) -> Vec<ByLayer> {
    let layer = |fund: &Payer| plan.stages.iter().find(|stage| stage.payer == *fund).map(|stage| stage.layer as usize);
    let layers: Vec<usize> = funds.iter().filter_map(layer).collect();
    let by_layer = |paid: &ByLayer| {
        let mut by_layer = ByLayer::default();
        layers.iter().zip(paid).for_each(|(layer, paid)| by_layer[*layer] += paid);
        by_layer
    };
    paid.iter().map(by_layer).collect()
}

fn run_each<R: Recorder>(
    population: &Population,
    plan: &Plan,
    by_layer: &mut [ByLayer],
    recorder: &mut R,
    done: impl Fn(&mut R),
) {
    let mut state = State::default();
    let mut paid = [0; 32];
    for person in population.persons.windows(2) {
        state.clone_from(&State::default());
        let bills = person[0] as usize..person[1] as usize;
        for (visit, by_layer) in population.visits[bills.clone()].iter().zip(&mut by_layer[bills]) {
            let funds = plan.run(visit, &mut state, &mut paid, recorder);
            funds.unwrap_or_else(|refusal| panic!("{visit:?}: {refusal}"));
            done(recorder);
            *by_layer = in_layers(plan, &paid);
        }
    }
}

fn run_plainly(population: &Population, plan: &Plan, by_layer: &mut [ByLayer]) {
    run_each(population, plan, by_layer, &mut NoSteps, |_| {});
}

fn run_with_steps(population: &Population, plan: &Plan, by_layer: &mut [ByLayer], steps: &mut Vec<StageStep>) {
    run_each(population, plan, by_layer, steps, |steps| {
        black_box(&*steps);
        steps.clear();
    });
}

fn in_layers(plan: &Plan, paid: &[i64]) -> ByLayer {
    let mut by_layer = [0; Layer::ALL.len()];
    for (stage, paid) in plan.stages.iter().zip(paid) {
        by_layer[stage.layer as usize % Layer::ALL.len()] += paid;
    }
    by_layer
}

/// Bills a second of some ways to do the work, the first being the floor: medians of some rounds after one to warm up. The ways
/// take turns, so that what else the machine does falls on all of them alike.
fn speeds(bills: usize, ways: &mut [(&'static str, &mut dyn FnMut())]) -> Vec<Line> {
    let mut seconds = vec![Vec::with_capacity(RUNS); ways.len()];
    for round in 0..=RUNS {
        for ((_, run), seconds) in ways.iter_mut().zip(&mut seconds) {
            let start = Instant::now();
            run();
            if round > 0 {
                seconds.push(start.elapsed().as_secs_f64());
            }
        }
    }
    let floor = seconds[0].clone();
    let speed = |seconds: &[f64]| bills as f64 / median(seconds.to_vec());
    let line = |((name, _), seconds): (&(&'static str, &mut dyn FnMut()), &Vec<f64>)| Line {
        name,
        value: speed(seconds),
        unit: "bills/s",
        floor: speed(&floor),
        ratio: median(seconds.iter().zip(&floor).map(|(seconds, floor)| seconds / floor).collect()),
    };
    ways.iter().zip(&seconds).map(line).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn allocations(run: impl FnOnce()) -> usize {
    let region = Region::new(ALLOCATOR);
    run();
    let change = region.change();
    change.allocations + change.reallocations
}

fn print_table(lines: &[Line], bills: usize, persons: usize) {
    println!("{bills} bills of {persons} persons, Chongqing 2022, one core, median of {RUNS} runs");
    for line in lines {
        if line.unit == "bills/s" {
            println!("{:<46} {:>8.2} million bills/s   {:>6.2} × floor", line.name, line.value / 1e6, line.ratio);
        } else {
            println!("{:<46} {:>8.2} {}", line.name, line.value, line.unit);
        }
    }
}

fn print_json(lines: &[Line]) {
    let objects: Vec<String> = lines
        .iter()
        .map(|line| {
            format!(
                "  {{\"name\": \"{}\", \"value\": {:.4}, \"unit\": \"{}\", \"floor\": {:.4}, \"ratio\": {:.4}}}",
                line.name, line.value, line.unit, line.floor, line.ratio
            )
        })
        .collect();
    println!("[\n{}\n]", objects.join(",\n"));
}
