//! Some persons of a part, settled under all variants while what they need is at hand: the baseline settles all of them, each
//! variant those whom it may pay otherwise.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;

use domain::Bill;
use settlement::{Batch, Bound, Columns, Opening, PersonRun, Reaches};

use super::folk::Folk;
use super::part::{Bills, Worker};
use super::person::{Given, Year};
use super::sieve::{Mask, Touched};
use super::tally::{Reached, Taking, Tally};

/// Why a bill is refused that counts its deductible on from one that is not there.
const ASTRAY: &str =
    "起付线接续前一张票据计算，而 from_bill 所指的不是此人在此之前的票据 (continues a bill that is not there)";

/// What is settled at a time: bills of some persons, who they are among the folk, and in which place of the part's bills.
pub struct Chunk {
    batch: Batch,
    folk: Vec<usize>,
    places: Vec<usize>,
    /// All bills of a person, once the ordered form has asked for them.
    lives: Vec<OnceCell<Vec<Bill>>>,
}

impl Chunk {
    /// Persons of a part's bills: each one's place there, and who it is among the folk.
    pub fn of(batch: &Batch, persons: &[(usize, usize)]) -> Chunk {
        Chunk {
            batch: batch.of_persons(persons.iter().map(|(place, _)| *place)),
            folk: persons.iter().map(|(_, whose)| *whose).collect(),
            places: persons.iter().map(|(place, _)| *place).collect(),
            lives: vec![OnceCell::new(); persons.len()],
        }
    }

    /// The persons with their bills.
    fn persons(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
        (0..self.batch.persons()).map(|person| (person, self.batch.bills_of(person)))
    }
}

/// What a variant gives of bills of a chunk; and why some are refused, where it was found in order.
struct Settled {
    variant: usize,
    given: Vec<Given>,
    refused: BTreeMap<usize, String>,
}

impl Settled {
    fn of(chunk: &Chunk) -> Settled {
        Settled { variant: 0, given: vec![Given::default(); chunk.batch.len()], refused: BTreeMap::new() }
    }

    /// Forgets what was given of some bills.
    fn forget(&mut self, bills: Range<usize>) {
        self.given[bills].fill(Given::default());
    }
}

/// A chunk on its way through the variants.
struct Passing<'c> {
    worker: &'c Worker<'c, 'c>,
    chunk: &'c Chunk,
    bills: &'c Bills,
    earlier: &'c [Bills],
    /// The chunk under the terms of each variant that others follow, once one has asked for it.
    bounds: Vec<OnceCell<Bound<'c>>>,
}

impl Worker<'_, '_> {
    /// Settles a chunk of a part's bills, and counts what each variant gives.
    pub(super) fn settle_chunk(
        &self,
        chunk: &Chunk,
        bills: &Bills,
        earlier: &[Bills],
        folk: &Folk,
        tallies: &mut [Tally],
    ) {
        let bounds = vec![OnceCell::new(); self.columns.len()];
        let passing = Passing { worker: self, chunk, bills, earlier, bounds };
        let (batch, mut passed) = (&chunk.batch, Vec::new());
        let mut baseline = Settled::of(chunk);
        let sieved = (!self.sieve.is_empty()).then_some(&mut passed);
        passing.settle(0..batch.persons(), sieved, &mut baseline);
        let year = |given: &[Given], person: usize| Year::of(given, folk.income(chunk.folk[person]));
        let years: Vec<Year> = chunk.persons().map(|(person, bills)| year(&baseline.given[bills], person)).collect();
        for (person, bills) in chunk.persons() {
            bills.for_each(|bill| self.count(&mut tallies[0], batch, bill, &baseline));
            tallies[0].person(folk, chunk.folk[person], &years[person]);
        }
        let mut settled = Settled::of(chunk);
        for (variant, whom) in self.anew(chunk, &passed).iter().enumerate().filter(|(_, whom)| !whom.is_empty()) {
            let tally = &mut tallies[variant];
            settled.variant = variant;
            passing.settle(whom.iter().copied(), None, &mut settled);
            for person in whom.iter().copied() {
                let bills = batch.bills_of(person);
                // Who might have been paid otherwise need not have been.
                if let Some(same_bills) = self.recount(tally, batch, bills.clone(), (&baseline, &settled)) {
                    let year = year(&settled.given[bills.clone()], person);
                    tally.change(folk, chunk.folk[person], (&years[person], &year), same_bills);
                }
                settled.forget(bills);
            }
            settled.refused.clear();
            tally.changed.settled_anew += whom.len() as i64;
        }
    }

    /// Of each variant the persons whom it settles anew; `passed` are the variants with a limit that a person passes, or nothing
    /// where the baseline was settled in order.
    fn anew(&self, chunk: &Chunk, passed: &[Mask]) -> Vec<Vec<usize>> {
        let mut anew = vec![Vec::new(); self.columns.len()];
        if self.sieve.is_empty() {
            return anew;
        }
        for (person, bills) in chunk.persons() {
            let mut touched = Touched::default();
            bills.for_each(|bill| touched.add(self.sieve.touched(chunk.batch.kind(bill))));
            let passed = passed.get(person).copied().unwrap_or(Mask::MAX);
            let mut mask = touched.any | touched.beyond & passed;
            while mask != 0 {
                anew[mask.trailing_zeros() as usize].push(person);
                mask &= mask - 1;
            }
        }
        anew
    }

    fn count(&self, tally: &mut Tally, batch: &Batch, bill: usize, settled: &Settled) {
        let (kind, given) = (batch.kind(bill), &settled.given[bill]);
        if given.bills() == 1 {
            tally.bill(self.cell_of_kind[kind as usize], given);
        } else {
            tally.refused(settled.variant, kind, settled.refused.get(&bill), 1);
        }
    }

    fn uncount(&self, tally: &mut Tally, batch: &Batch, bill: usize, settled: &Settled) {
        let (kind, given) = (batch.kind(bill), &settled.given[bill]);
        if given.bills() == 1 {
            tally.less(self.cell_of_kind[kind as usize], given);
        } else {
            tally.refused(settled.variant, kind, settled.refused.get(&bill), -1);
        }
    }

    /// Counts a person's bills as after, no longer as before. Gives, where anything is otherwise, whether the same bills are
    /// settled.
    fn recount(
        &self,
        tally: &mut Tally,
        batch: &Batch,
        bills: Range<usize>,
        (before, after): (&Settled, &Settled),
    ) -> Option<bool> {
        let (mut changed, mut same_bills) = (false, true);
        for bill in bills {
            let (old, new) = (&before.given[bill], &after.given[bill]);
            let differs = old.differs(new);
            if differs || old.bills() == 0 {
                self.uncount(tally, batch, bill, before);
                self.count(tally, batch, bill, after);
            }
            changed |= differs;
            same_bills &= old.bills() == new.bills();
        }
        changed.then_some(same_bills)
    }
}

impl<'c> Passing<'c> {
    /// What the variant of `settled` gives of the bills of some persons, of which nothing stands there yet. Where it is asked for and the
    /// terms stand in columns, also which variants have a limit that each person passes.
    fn settle(&self, persons: impl Iterator<Item = usize>, passed: Option<&mut Vec<Mask>>, settled: &mut Settled) {
        let (worker, batch, variant) = (self.worker, &self.chunk.batch, settled.variant);
        let columns: &Columns<'_> = &worker.columns[variant];
        let mut in_order: Vec<usize> = Vec::new();
        if columns.carries() {
            in_order.extend(persons);
        } else {
            let bound = self.bound(worker.leaders[variant]);
            let mut taking = Taking {
                given: &mut settled.given,
                ordered: &mut in_order,
                funds: &worker.funds[variant],
                bound,
                batch,
                reached: passed.map(|passed| Reached { sieve: &worker.sieve, now: Reaches::default(), passed }),
            };
            columns.settle(bound, persons, &mut taking);
        }
        for person in in_order {
            let life = self.chunk.lives[person]
                .get_or_init(|| worker.ordered(self.chunk.places[person], self.bills, self.earlier));
            worker.in_order(variant, life, batch.bills_of(person), settled);
        }
    }

    fn bound(&self, leader: usize) -> &Bound<'c> {
        self.bounds[leader].get_or_init(|| self.worker.columns[leader].bind(&self.chunk.batch))
    }
}

impl Worker<'_, '_> {
    /// Settles a person's bills in the ordered form; those of the year, which come last, are the ones told.
    fn in_order(&self, variant: usize, bills: &[Bill], told: Range<usize>, settled: &mut Settled) {
        let Some((_, terms)) = self.compiled.each().nth(variant) else { return };
        let engine = &terms.engine;
        let mut run = PersonRun::new(engine, &Opening::default());
        let before = bills.len() - told.len();
        for (at, bill) in bills.iter().enumerate() {
            if let Some(from) = &bill.from_bill
                && !bills[..at].iter().any(|earlier| earlier.id == *from)
                && run.clone().settle(bill).is_ok_and(|entry| engine.counts_on(&entry))
            {
                // What it had met of the deductible is not known.
                if at >= before {
                    settled.refused.insert(told.start + at - before, ASTRAY.to_owned());
                }
                continue;
            }
            let entry = run.settle(bill);
            let Some(place) = at.checked_sub(before).map(|at| told.start + at) else { continue };
            let entry = match entry {
                Ok(entry) => entry,
                Err(refusal) => {
                    settled.refused.insert(place, refusal.to_string());
                    continue;
                }
            };
            let given = &mut settled.given[place];
            let amounts = &entry.amounts;
            given.settle(amounts.total.0, amounts.in_scope.0, amounts.first_self_pay.0);
            for (stage, paid) in engine.plan(entry.plan).stages.iter().zip(&entry.by_stage) {
                given.pay(self.compiled.fund(stage.payer), *paid);
            }
        }
    }
}
