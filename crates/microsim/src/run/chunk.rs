//! Some persons of a part, settled under all variants while what they need is at hand: the baseline settles all of them, each
//! variant those whom it may pay otherwise.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;

use domain::Bill;
use fearless_simd::{Simd, dispatch};
use settlement::{Bound, Columns, Opening, PersonRun, Reaches};

use super::folk::Folk;
use super::octet::{Added, Counting, Settling, Whom};
use super::part::{Bills, Worker};
use super::person::{Given, Year};
use super::sieve::{Mask, Touched};
use super::sinks::{Baseline, Kept, Taking};
use super::tally::Tally;
use crate::bills::Batch;

/// Why a bill is refused that counts its deductible on from one that is not there.
const ASTRAY: &str =
    "起付线接续前一张票据计算，而 from_bill 所指的不是此人在此之前的票据 (continues a bill that is not there)";

/// What is settled at a time: persons who follow each other in a part's bills.
pub struct Chunk<'c> {
    pub bills: &'c Bills,
    pub earlier: &'c [Bills],
    /// Of each person of the part's bills who it is among the folk; nothing where it is left out.
    pub whose: &'c [Option<usize>],
    /// The persons, by their places in the part's bills.
    pub persons: Range<usize>,
}

impl Chunk<'_> {
    pub fn batch(&self) -> &Batch {
        &self.bills.read.batch
    }

    /// Those who are not left out.
    fn known(&self) -> impl Iterator<Item = usize> {
        self.persons.clone().filter(|person| self.whose[*person].is_some())
    }
}

/// What a variant gives of bills of a chunk; and why some are refused, where it was found in order.
#[derive(Default)]
pub struct Settled {
    variant: usize,
    /// Place of the chunk's first bill.
    first: usize,
    given: Vec<Given>,
    refused: BTreeMap<usize, String>,
}

impl Settled {
    /// Room for some bills, with nothing of use in it.
    fn make_room(&mut self, bills: Range<usize>) {
        self.first = bills.start;
        self.given.resize(bills.len(), Given::default());
        self.refused.clear();
    }

    #[inline]
    pub fn of(&self, bill: usize) -> &Given {
        &self.given[bill - self.first]
    }

    #[inline]
    pub fn at(&mut self, bill: usize) -> &mut Given {
        &mut self.given[bill - self.first]
    }

    fn sum(&self, bills: Range<usize>) -> Given {
        let mut sum = Given::default();
        self.given[bills.start - self.first..bills.end - self.first].iter().for_each(|given| sum.add(given));
        sum
    }

    /// Forgets what was given of some bills.
    fn forget(&mut self, bills: Range<usize>) {
        self.given[bills.start - self.first..bills.end - self.first].fill(Given::default());
    }
}

/// What one chunk after another is settled in.
#[derive(Default)]
pub struct Scratch {
    baseline: Settled,
    variant: Settled,
    /// The year of each person under the baseline, where there are variants.
    years: Vec<Year>,
    /// The variants with a limit that a person passes; all, where the baseline was settled in order.
    passed: Vec<Mask>,
}

/// A chunk on its way through the variants.
struct Passing<'c> {
    worker: &'c Worker<'c, 'c>,
    chunk: &'c Chunk<'c>,
    /// The chunk under the terms of each variant that others follow, once one has asked for it.
    bounds: Vec<OnceCell<Bound<'c>>>,
    /// All bills of a person, once the ordered form has asked for them.
    lives: Vec<OnceCell<Vec<Bill>>>,
}

impl Worker<'_, '_> {
    /// Settles a chunk of a part's bills, and counts what each variant gives.
    pub(super) fn settle_chunk(
        &self,
        chunk: &Chunk<'_>,
        folk: &Folk,
        (tallies, added): (&mut [Tally], &mut [Added]),
        scratch: &mut Scratch,
    ) {
        let Scratch { baseline, variant: settled, years, passed } = scratch;
        let bounds = vec![OnceCell::new(); self.columns.len()];
        let lives = vec![OnceCell::new(); chunk.persons.len()];
        let passing = Passing { worker: self, chunk, bounds, lives };
        let (batch, first) = (chunk.batch(), chunk.persons.start);
        let kept = if self.sieve.is_empty() { 0 } else { chunk.persons.len() };
        passed.clear();
        passed.resize(kept, Mask::MAX);
        years.resize(kept, Year::default());
        dispatch!(self.level, simd => passing.baseline(simd, folk, &mut tallies[0], (baseline, years, passed)));
        if self.sieve.is_empty() {
            return;
        }
        settled.make_room(batch.bills_of_all(chunk.persons.clone()));
        settled.given.fill(Given::default());
        let anew = passing.side_by_side(self.anew(chunk, passed), folk, (baseline, years), added);
        for (variant, whom) in anew.iter().enumerate().filter(|(_, whom)| !whom.is_empty()) {
            let tally = &mut tallies[variant];
            settled.variant = variant;
            passing.settle(whom.iter().map(|(person, _)| *person), settled);
            for (person, whose) in whom.iter().copied() {
                let bills = batch.bills_of(person);
                // Who might have been paid otherwise need not have been.
                if let Some(same_bills) = self.recount(tally, batch, bills.clone(), (baseline, settled)) {
                    let year = Year::of(&settled.sum(bills.clone()), folk.income(whose));
                    tally.change((folk, &self.groups), whose, (&years[person - first], &year), same_bills);
                }
                settled.forget(bills);
            }
            settled.refused.clear();
            tally.changed.settled_anew += whom.len() as i64;
        }
    }

    /// The persons whom some variant settles anew.
    fn anew(&self, chunk: &Chunk<'_>, passed: &[Mask]) -> Vec<Whom> {
        let mut anew = Vec::new();
        for (person, passed) in chunk.persons.clone().zip(passed) {
            let Some(whose) = chunk.whose[person] else { continue };
            let mut touched = Touched::default();
            let bills = chunk.batch().bills_of(person);
            bills.for_each(|bill| touched.add(self.sieve.touched(chunk.batch().kind(bill))));
            let touched = touched.any | touched.beyond & passed;
            if touched != 0 {
                anew.push(Whom { person, whose, touched });
            }
        }
        anew
    }

    #[inline(always)]
    fn count(&self, tally: &mut Tally, batch: &Batch, bill: usize, settled: &Settled) {
        let (kind, given) = (batch.kind(bill), settled.of(bill));
        if given.bills() == 1 {
            tally.bill(self.cell_of_kind[kind as usize], given);
        } else {
            tally.refused(settled.variant, kind, settled.refused.get(&bill), 1);
        }
    }

    fn uncount(&self, tally: &mut Tally, batch: &Batch, bill: usize, settled: &Settled) {
        let (kind, given) = (batch.kind(bill), settled.of(bill));
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
            let (old, new) = (before.of(bill), after.of(bill));
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
    /// Settles everybody under the baseline, and counts what it gives, with what the processor has for adding row to row. Where
    /// there are variants, keeps what it gives of each bill, the year of each person, and which variants have a limit that each passes.
    #[inline(always)]
    fn baseline<S: Simd>(
        &self,
        _: S,
        folk: &Folk,
        tally: &mut Tally,
        (settled, years, passed): (&mut Settled, &mut [Year], &mut [Mask]),
    ) {
        let Passing { worker, chunk, .. } = self;
        let (batch, first) = (chunk.batch(), chunk.persons.start);
        let columns: &Columns<'_> = &worker.columns[0];
        settled.make_room(batch.bills_of_all(chunk.persons.clone()));
        let mut in_order: Vec<usize> = Vec::new();
        if columns.carries() {
            in_order.extend(chunk.known());
        } else {
            let bound = self.bound(0);
            let many = !worker.sieve.is_empty();
            let kept = many.then(|| Kept {
                settled: &mut *settled,
                years: &mut *years,
                sieve: &worker.sieve,
                reaches: Reaches::default(),
                passed,
            });
            let mut baseline = Baseline {
                chunk,
                folk,
                funds: &worker.funds[0],
                cell_of_kind: &worker.cell_of_kind,
                tally,
                ordered: &mut in_order,
                kept,
                bill: Given::default(),
                sum: Given::default(),
            };
            columns.settle(bound, chunk.known(), &mut baseline);
        }
        for person in in_order {
            let life = self.lives[person - first].get_or_init(|| worker.ordered(person, chunk.bills, chunk.earlier));
            let bills = batch.bills_of(person);
            settled.forget(bills.clone());
            worker.in_order(0, life, bills.clone(), settled);
            let Some(whose) = chunk.whose[person] else { continue };
            bills.clone().for_each(|bill| worker.count(tally, batch, bill, settled));
            let year = Year::of(&settled.sum(bills), folk.income(whose));
            tally.person(folk, whose, &year);
            if let Some(kept) = years.get_mut(person - first) {
                *kept = year;
            }
        }
    }

    /// What the variant of `settled` gives of the bills of some persons, of which nothing stands there yet.
    fn settle(&self, persons: impl Iterator<Item = usize>, settled: &mut Settled) {
        let (worker, chunk, variant) = (self.worker, self.chunk, settled.variant);
        let (batch, first) = (chunk.batch(), chunk.persons.start);
        let columns: &Columns<'_> = &worker.columns[variant];
        let mut in_order: Vec<usize> = Vec::new();
        if columns.carries() {
            in_order.extend(persons);
        } else {
            let bound = self.bound(worker.leaders[variant]);
            let mut taking = Taking { settled, ordered: &mut in_order, funds: &worker.funds[variant] };
            columns.settle(bound, persons, &mut taking);
        }
        for person in in_order {
            let life = self.lives[person - first].get_or_init(|| worker.ordered(person, chunk.bills, chunk.earlier));
            worker.in_order(variant, life, batch.bills_of(person), settled);
        }
    }

    /// Settles persons under variants that stand side by side, and counts what these add to the baseline. Gives who remains to be
    /// settled under each variant by itself.
    fn side_by_side(
        &self,
        mut whom: Vec<Whom>,
        folk: &Folk,
        (baseline, years): (&Settled, &[Year]),
        added: &mut [Added],
    ) -> Vec<Vec<(usize, usize)>> {
        let (worker, chunk) = (self.worker, self.chunk);
        let mut alone = vec![Vec::new(); worker.columns.len()];
        for (octet, added) in worker.octets.iter().zip(added) {
            let mut here = Vec::new();
            for whom in &mut whom {
                let touched = octet.takes(whom.touched);
                if touched != 0 {
                    here.push(Whom { touched, ..*whom });
                    whom.touched &= !touched;
                }
            }
            let counting = Counting {
                octet,
                added,
                funds: &worker.funds[0],
                batch: chunk.batch(),
                cell_of_kind: &worker.cell_of_kind,
                baseline,
                folk,
                groups: &worker.groups,
                years: (chunk.persons.start, years),
                whom: here.iter(),
                alone: Vec::new(),
                bill: Default::default(),
                year: Default::default(),
            };
            let settling = Settling { columns: &worker.columns, bound: self.bound(0), counting };
            for handed_back in settling.settle(worker.level) {
                if let Ok(at) = whom.binary_search_by_key(&handed_back.person, |whom| whom.person) {
                    whom[at].touched |= handed_back.touched;
                }
            }
        }
        for Whom { person, whose, mut touched } in whom {
            while touched != 0 {
                alone[touched.trailing_zeros() as usize].push((person, whose));
                touched &= touched - 1;
            }
        }
        alone
    }

    fn bound(&self, leader: usize) -> &Bound<'c> {
        let Chunk { bills, persons, .. } = self.chunk;
        self.bounds[leader].get_or_init(|| self.worker.columns[leader].bind_some(&bills.read.batch, persons.clone()))
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
            let given = settled.at(place);
            let amounts = &entry.amounts;
            given.settle(amounts.total.0, amounts.in_scope.0, amounts.first_self_pay.0);
            for (stage, paid) in engine.plan(entry.plan).stages.iter().zip(&entry.by_stage) {
                given.pay(self.compiled.fund(stage.payer), *paid);
            }
        }
    }
}
