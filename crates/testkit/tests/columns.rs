//! A population in columns gives, bill by bill and fund by fund, what the engine gives a person's bills in order.

#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::ops::Range;

use domain::{Bill, Date};
use settlement::{BillSums, Columns, Engine, MAX_FUNDS, Opening, Options, Sink};
use testkit::people::{self, World};
use testkit::policies;
use testkit::population::Population;

const PERSONS: u64 = 4_000;

#[test]
fn columns_give_what_bills_give_one_at_a_time() {
    for options in [Options::default(), Options { strict: true }] {
        for world in people::worlds() {
            for year in world.first.year()..=world.last.year() {
                compare(&world, year, options);
            }
        }
    }
}

/// Payments by fund.
type ByFund = [i64; MAX_FUNDS];

/// What a run gave: payments of each bill, nothing if it was refused; the persons handed back.
struct Taken {
    paid: Vec<Option<ByFund>>,
    ordered: BTreeSet<usize>,
}

impl Sink for Taken {
    fn pay(&mut self, bill: usize, fund: usize, fen: i64) {
        self.paid[bill].get_or_insert_default()[fund] += fen;
    }

    fn settled(&mut self, bill: usize, sums: BillSums) {
        assert_eq!(self.paid[bill].get_or_insert_default().iter().sum::<i64>(), sums.funds);
    }

    fn refused(&mut self, bill: usize) {
        assert_eq!(self.paid[bill], None);
    }

    fn end(&mut self, _: usize, _: Range<usize>) {}

    fn ordered(&mut self, person: usize, _: Range<usize>) {
        self.ordered.insert(person);
    }
}

fn compare(world: &World, year: i16, options: Options) {
    let library = policies::shipped();
    let (first, last) = (world.first.max(Date::constant(year, 1, 1)), world.last.min(Date::constant(year, 12, 31)));
    let engine = policies::engine(&library, world.region, first, last, options);
    let mut columns = Columns::new(&engine).expect("few funds");
    let mut population = Population::under([&engine]);
    let lives: Vec<Vec<Bill>> = (0..PERSONS).map(|seed| bills(world, seed, first, last)).collect();
    for life in &lives {
        population.add(life);
    }
    for kind in population.kinds() {
        // Why not is the bill's own matter below.
        _ = columns.learn(kind);
    }
    let mut taken = Taken { paid: vec![None; population.batch().len()], ordered: BTreeSet::new() };
    columns.settle(&columns.bind(population.batch()), 0..lives.len(), &mut taken);

    let mut at = 0;
    for (person, life) in lives.iter().enumerate() {
        let bills: Vec<&Bill> = life.iter().collect();
        let reversed = life.iter().any(|bill| bill.reverses.is_some());
        let whom = || format!("{} {year}, seed {person}", world.region);
        assert!(!reversed || taken.ordered.contains(&person), "{}", whom());
        if taken.ordered.contains(&person) {
            at += bills.len();
            continue;
        }
        for entry in engine.settle(&bills, &Opening::default()) {
            let in_order = entry.result.as_ref().ok().map(|entry| by_fund(&engine, &columns, entry));
            assert_eq!(in_order, taken.paid[at], "{}: {:?} {:?}", whom(), entry.bill, entry.result);
            at += 1;
        }
    }
    assert_eq!(at, taken.paid.len());
    // A bill that continues another stands in columns where no deductible that it meets counts on.
    let referred = |life: &Vec<Bill>| life.iter().any(|bill| bill.from_bill.is_some());
    let in_columns = lives.iter().enumerate().any(|(person, life)| referred(life) && !taken.ordered.contains(&person));
    assert!(in_columns || engine.chains() || !lives.iter().any(referred), "{} {year}", world.region);
    assert!(
        taken.ordered.len() * 2 < lives.len(),
        "{} {year}: {} persons handed back",
        world.region,
        taken.ordered.len()
    );
}

fn by_fund(engine: &Engine, columns: &Columns, entry: &settlement::Entry) -> ByFund {
    let mut funds = ByFund::default();
    for (payer, paid) in entry.by_payer(engine.plan(entry.plan)) {
        funds[columns.funds().iter().position(|fund| *fund == payer).expect("a fund of the terms")] += paid.0;
    }
    funds
}

/// A life's bills of some days, in order.
fn bills(world: &World, seed: u64, first: Date, last: Date) -> Vec<Bill> {
    let mut bills = world.life(seed).bills;
    bills.retain(|bill| (first..=last).contains(&bill.date));
    bills.sort_by_key(|bill| bill.date);
    bills
}
