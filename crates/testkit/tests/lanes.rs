//! Eight terms side by side pay, bill by bill and fund by fund, what each of them pays alone.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::ops::Range;

use domain::{Bill, Date, Fen};
use policy::View;
use settlement::{Columns, Eight, Engine, LANES, LaneSink, Lanes, MAX_FUNDS, Options, Sink};
use testkit::changes::changes;
use testkit::people::{self, World};
use testkit::policies;
use testkit::population::Population;

const PERSONS: u64 = 600;
/// Every so many persons one has a bill beyond what lanes take.
const RICH: u64 = 50;

/// Payments of a bill by fund, each in every lane.
type ByFund = [Eight; MAX_FUNDS];

#[derive(Default)]
struct Side {
    /// Nothing of a bill that is refused, or of a person handed back.
    paid: Vec<Option<ByFund>>,
    alone: Vec<usize>,
}

impl LaneSink for Side {
    fn pay(&mut self, bill: usize, fund: usize, fen: &Eight) {
        self.paid[bill].get_or_insert_default()[fund] += *fen;
    }

    fn settled(&mut self, bill: usize) {
        self.paid[bill].get_or_insert_default();
    }

    fn refused(&mut self, bill: usize) {
        assert_eq!(self.paid[bill], None);
    }

    fn end(&mut self, _: usize) {}

    fn alone(&mut self, person: usize) {
        self.alone.push(person);
    }
}

#[derive(Default)]
struct Alone {
    paid: Vec<Option<[i64; MAX_FUNDS]>>,
    ordered: Vec<usize>,
}

impl Sink for Alone {
    fn pay(&mut self, bill: usize, fund: usize, fen: i64) {
        self.paid[bill].get_or_insert_default()[fund] += fen;
    }

    fn settled(&mut self, bill: usize, _: settlement::BillSums) {
        self.paid[bill].get_or_insert_default();
    }

    fn refused(&mut self, _: usize) {}

    fn end(&mut self, _: usize, _: Range<usize>) {}

    fn ordered(&mut self, person: usize, _: Range<usize>) {
        self.ordered.push(person);
    }
}

#[test]
fn eight_side_by_side_pay_what_each_pays_alone() {
    for world in people::worlds().into_iter().filter(|world| !world.openings) {
        let by_lane: usize = (world.first.year()..=world.last.year()).map(|year| compare(&world, year)).sum();
        assert!(by_lane > 0, "{}: nothing was paid side by side", world.region);
    }
}

/// Holds every eight of a year's changed terms to each of them; how many payments were alike.
fn compare(world: &World, year: i16) -> usize {
    let library = policies::shipped();
    let (first, last) = (world.first.max(Date::constant(year, 1, 1)), world.last.min(Date::constant(year, 12, 31)));
    let region = library.region(world.region).unwrap();
    let overlays = changes(&library, world.region, (first, last));
    let over = |overlay| View { overlay: Some(overlay), ..View::default() };
    let looks = std::iter::once(View::default()).chain(overlays.iter().map(over));
    let engines: Vec<Engine> =
        looks.map(|view| Engine::compile(&library, region, &view, Options::default(), first, last)).collect();
    let mut population = Population::under(&engines);
    (0..PERSONS).for_each(|seed| population.add(&bills(world, seed, (first, last))));
    let mut leader = Columns::new(&engines[0]).unwrap();
    population.kinds().iter().for_each(|kind| _ = leader.learn(kind));
    let mut following: Vec<Columns<'_>> = engines[1..].iter().map(|engine| Columns::new(engine).unwrap()).collect();
    following.retain(|columns| columns.follows(&leader));
    following.iter_mut().for_each(|columns| columns.follow(&leader));
    let bound = leader.bind(population.batch());
    let bills = population.batch().len();
    let mut alike = 0;
    for some in following.chunks(LANES) {
        let columns = std::array::from_fn(|lane| &some[lane.min(some.len() - 1)]);
        let mut lanes = Lanes::default();
        lanes.learn(&columns);
        let mut side = Side { paid: vec![None; bills], ..Side::default() };
        lanes.settle(&columns, &bound, 0..PERSONS as usize, &mut side);
        assert!(side.alone.len() * 2 < PERSONS as usize, "{} {year}: {} alone", world.region, side.alone.len());
        for (lane, columns) in columns.into_iter().enumerate() {
            let mut alone = Alone { paid: vec![None; bills], ..Alone::default() };
            columns.settle(&bound, 0..PERSONS as usize, &mut alone);
            assert!(alone.ordered.iter().all(|person| side.alone.contains(person)), "{} {year}", world.region);
            let handed_back = side.alone.iter().filter(|person| !alone.ordered.contains(person)).count();
            assert!(handed_back > 0, "{} {year}: nobody is beyond what lanes take", world.region);
            for person in (0..PERSONS as usize).filter(|person| !side.alone.contains(person)) {
                for bill in population.batch().bills_of(person) {
                    let of_lane = side.paid[bill].map(|paid| paid.map(|fund| fund[lane]));
                    assert_eq!(of_lane, alone.paid[bill], "{} {year}, seed {person}, lane {lane}", world.region);
                    alike += usize::from(of_lane.is_some_and(|paid| paid.iter().any(|fen| *fen > 0)));
                }
            }
        }
    }
    alike
}

/// A life's bills of some days, in order.
fn bills(world: &World, seed: u64, (first, last): (Date, Date)) -> Vec<Bill> {
    let mut bills = world.life(seed).bills;
    bills.retain(|bill| (first..=last).contains(&bill.date));
    bills.sort_by_key(|bill| bill.date);
    if seed.is_multiple_of(RICH) {
        bills.retain(|bill| bill.reverses.is_none() && bill.from_bill.is_none());
        let bill = bills.first_mut();
        bill.into_iter().for_each(|bill| bill.amounts.a = Fen::BILL_LIMIT - bill.amounts.total());
    }
    bills
}
