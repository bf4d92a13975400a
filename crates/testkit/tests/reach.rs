//! Whom other figures pay the same: each figure of the benefits lowered and raised, and every person who is said to be paid the
//! same is, bill by bill, to the fen.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::ops::Range;

use domain::{Bill, Date};
use policy::{Library, View};
use settlement::{
    BillSums, Bound, Columns, Difference, Engine, KindId, Limits, MAX_FUNDS, Options, Reach, Reaches, Sink,
};
use testkit::changes::changes;
use testkit::people::{self, World};
use testkit::policies;
use testkit::population::Population;

const PERSONS: u64 = 300;

#[test]
fn who_stays_within_the_limits_is_paid_the_same() {
    let library = policies::shipped();
    for world in people::worlds() {
        let [mut untouched, mut within, mut beyond] = [0, 0, 0];
        for year in world.first.year()..=world.last.year() {
            let [none, stay, pass] = hold(&library, &world, year);
            untouched += none;
            within += stay;
            beyond += pass;
        }
        assert!(untouched > 0 && beyond > 0, "{}: {untouched} {within} {beyond}", world.region);
        // Where years leave something to each other, nothing can be told.
        assert_eq!(within == 0, world.openings, "{}: {untouched} {within} {beyond}", world.region);
    }
}

/// What a run pays of each bill, nothing of one that is refused, and how far each person reaches.
struct Taken {
    paid: Vec<Option<[i64; MAX_FUNDS]>>,
    now: Reaches,
    /// Nothing of who is handed back.
    reaches: Vec<Option<Reaches>>,
}

impl Sink for Taken {
    fn pay(&mut self, bill: usize, fund: usize, fen: i64) {
        self.paid[bill].get_or_insert_default()[fund] += fen;
    }

    fn reach(&mut self, stage: usize, reach: Reach) {
        self.now.add(stage, reach);
    }

    fn settled(&mut self, bill: usize, _: BillSums) {
        self.paid[bill].get_or_insert_default();
    }

    fn refused(&mut self, _: usize) {}

    fn end(&mut self, _: usize, _: Range<usize>) {
        self.reaches.push(Some(std::mem::take(&mut self.now)));
    }

    fn ordered(&mut self, _: usize, _: Range<usize>) {
        self.reaches.push(None);
    }
}

fn run(columns: &Columns<'_>, population: &Population) -> Taken {
    run_bound(columns, &columns.bind(population.batch()), population)
}

fn run_bound(columns: &Columns<'_>, bound: &Bound<'_>, population: &Population) -> Taken {
    let batch = population.batch();
    let mut taken = Taken { paid: vec![None; batch.len()], now: Reaches::default(), reaches: Vec::new() };
    columns.settle(bound, 0..batch.persons(), &mut taken);
    taken
}

/// Columns that follow the baseline's, over the batch as that has bound it, pay what those pay that have learned by themselves;
/// nothing where they cannot follow.
fn follows(engine: &Engine, baseline: &Columns<'_>, variant: &Taken, population: &Population) -> Option<()> {
    let mut following = Columns::new(engine).unwrap();
    following.follows(baseline).then_some(())?;
    following.follow(baseline);
    let taken = run_bound(&following, &baseline.bind(population.batch()), population);
    assert_eq!(taken.paid, variant.paid);
    assert!(taken.reaches.iter().map(Option::is_some).eq(variant.reaches.iter().map(Option::is_some)));
    Some(())
}

/// Holds every person to what is said of them; how many were not touched, stayed within limits, or may be paid otherwise.
fn hold(library: &Library, world: &World, year: i16) -> [usize; 3] {
    let (first, last) = (world.first.max(Date::constant(year, 1, 1)), world.last.min(Date::constant(year, 12, 31)));
    let region = library.region(world.region).unwrap();
    let changes = changes(library, world.region, (first, last));
    let looks = std::iter::once(View::default())
        .chain(changes.iter().map(|overlay| View { overlay: Some(overlay), ..View::default() }));
    let engines: Vec<Engine> =
        looks.map(|view| Engine::compile(library, region, &view, Options::default(), first, last)).collect();
    let mut population = Population::under(&engines);
    for seed in 0..PERSONS {
        let mut bills: Vec<Bill> = world.life(seed).bills;
        bills.retain(|bill| (first..=last).contains(&bill.date));
        bills.sort_by_key(|bill| bill.date);
        population.add(&bills);
    }
    let mut columns: Vec<Columns<'_>> = engines.iter().map(|engine| Columns::new(engine).unwrap()).collect();
    for columns in &mut columns {
        population.kinds().iter().for_each(|kind| _ = columns.learn(kind));
    }
    let (baseline, batch) = (run(&columns[0], &population), population.batch());
    let (mut told, mut following) = ([0; 3], 0);
    for (at, columns_of) in columns.iter().enumerate().skip(1) {
        let mut limits = Limits::default();
        let kinds = 0..population.kinds().len() as KindId;
        let differences: Vec<Difference> =
            kinds.map(|kind| columns_of.differ(&columns[0], kind, &mut limits)).collect();
        let variant = run(columns_of, &population);
        following += usize::from(follows(&engines[at], &columns[0], &variant, &population).is_some());
        for person in 0..batch.persons() {
            let bills = batch.bills_of(person);
            let difference = bills.clone().map(|bill| differences[batch.kind(bill) as usize]).max();
            let stays = |reaches: &Reaches| limits.stages().all(|(stage, limit)| limit.covers(reaches.of(stage)));
            let place = match (difference, &baseline.reaches[person]) {
                (None | Some(Difference::None), _) => 0,
                (Some(Difference::Beyond), Some(reaches)) if stays(reaches) => 1,
                _ => 2,
            };
            told[place] += 1;
            let same = baseline.paid[bills.clone()] == variant.paid[bills.clone()];
            let change = changes[at - 1].provisions.iter().map(|set| &set.key).collect::<Vec<_>>();
            assert!(same || place == 2, "{} {year} {change:?}, seed {person}: {difference:?}", world.region);
        }
    }
    // Other figures lead nobody elsewhere; where years leave something to each other, nobody follows.
    assert!(
        engines[0].carries() && following == 0 || following * 2 >= changes.len(),
        "{} {year}: {following}",
        world.region
    );
    told
}
