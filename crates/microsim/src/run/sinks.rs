//! What takes what a run over a chunk pays: the baseline counts it at once, a variant keeps it to be held against the baseline's.

use std::ops::Range;

use settlement::{BillSums, Reach, Reaches, Sink};

use super::chunk::{Chunk, Settled};
use super::folk::Folk;
use super::person::{Given, Year};
use super::sieve::{Mask, Sieve};
use super::tally::{CellId, Tally};

/// Counts what the baseline pays as it is paid.
pub struct Baseline<'b> {
    pub chunk: &'b Chunk<'b>,
    pub folk: &'b Folk,
    /// From the columns' funds to those of the run.
    pub funds: &'b [usize],
    pub cell_of_kind: &'b [CellId],
    pub tally: &'b mut Tally,
    /// Persons to be settled in the ordered form.
    pub ordered: &'b mut Vec<usize>,
    /// Where there are variants.
    pub kept: Option<Kept<'b>>,
    /// What the current bill is given so far, and the current person's bills before it.
    pub bill: Given,
    pub sum: Given,
}

/// What variants are held against.
pub struct Kept<'k> {
    /// What each bill is given.
    pub settled: &'k mut Settled,
    /// The year of each person.
    pub years: &'k mut [Year],
    pub sieve: &'k Sieve,
    /// How far the current person's bills reach.
    pub reaches: Reaches,
    /// The variants with a limit that each person passes.
    pub passed: &'k mut [Mask],
}

impl Sink for Baseline<'_> {
    #[inline(always)]
    fn pay(&mut self, _: usize, fund: usize, fen: i64) {
        self.bill.pay_in_row(self.funds[fund], fen);
    }

    #[inline(always)]
    fn reach(&mut self, stage: usize, reach: Reach) {
        if let Some(kept) = &mut self.kept {
            kept.reaches.add(stage, reach);
        }
    }

    #[inline(always)]
    fn settled(&mut self, bill: usize, sums: BillSums) {
        let mut given = std::mem::take(&mut self.bill);
        given.settle(sums.total, sums.in_scope, sums.first_self_pay);
        self.tally.bill(self.cell_of_kind[self.chunk.batch().kind(bill) as usize], &given);
        self.sum.add(&given);
        if let Some(kept) = &mut self.kept {
            *kept.settled.at(bill) = given;
        }
    }

    fn refused(&mut self, bill: usize) {
        self.tally.refused(0, self.chunk.batch().kind(bill), None, 1);
        if let Some(kept) = &mut self.kept {
            *kept.settled.at(bill) = Given::default();
        }
    }

    #[inline(always)]
    fn end(&mut self, person: usize, _: Range<usize>) {
        let sum = std::mem::take(&mut self.sum);
        let Some(whose) = self.chunk.whose[person] else { return };
        let year = Year::of(&sum, self.folk.income(whose));
        self.tally.person(self.folk, whose, &year);
        if let Some(kept) = &mut self.kept {
            let at = person - self.chunk.persons.start;
            kept.years[at] = year;
            kept.passed[at] = kept.sieve.passed(&std::mem::take(&mut kept.reaches));
        }
    }

    fn ordered(&mut self, person: usize, _: Range<usize>) {
        self.ordered.push(person);
    }
}

/// Takes what a variant gives, bill by bill.
pub struct Taking<'t> {
    /// Where nothing stands yet.
    pub settled: &'t mut Settled,
    /// Persons of the batch to be settled in the ordered form.
    pub ordered: &'t mut Vec<usize>,
    /// From the columns' funds to those of the run.
    pub funds: &'t [usize],
}

impl Sink for Taking<'_> {
    #[inline]
    fn pay(&mut self, bill: usize, fund: usize, fen: i64) {
        self.settled.at(bill).pay(self.funds[fund], fen);
    }

    #[inline]
    fn settled(&mut self, bill: usize, sums: BillSums) {
        self.settled.at(bill).settle(sums.total, sums.in_scope, sums.first_self_pay);
    }

    fn refused(&mut self, _: usize) {}

    fn end(&mut self, _: usize, _: Range<usize>) {}

    fn ordered(&mut self, person: usize, _: Range<usize>) {
        self.ordered.push(person);
    }
}
