//! Variants settled eight at a time: those whose columns follow the baseline's, which differ from it in figures alone. Of a person
//! whom several of them may pay otherwise all eight are settled side by side, and what each adds to the baseline is counted side
//! by side too; who is paid the same adds nothing.

use fearless_simd::{Level, Simd, dispatch};
use settlement::{Bound, Columns, Eight, LANES, LaneSink, Lanes, MAX_FUNDS};

use super::chunk::Settled;
use super::folk::{Counts, Folk, GroupId, Groups};
use super::person::{CHANGES, Sums, Year};
use super::sieve::{Mask, Sieve};
use super::tally::{CellId, Tally};
use crate::bills::Batch;
use crate::outcome::{BURDEN_EDGES, IncomeStep, SHARES, burden_step, income_step};

/// How many of an octet's variants must touch a person, for the person to be settled under all eight: two one by one take about as
/// long.
const FEWEST: u32 = 3;

/// Eight variants that are settled side by side; fewer, where the last stands in more lanes than one.
#[derive(Debug)]
pub struct Octet {
    variants: [usize; LANES],
    /// The variants.
    mask: Mask,
    lanes: Lanes,
}

/// A person to be settled, by the place in the part's bills; who it is among the folk; which variants may pay otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Whom {
    pub person: usize,
    pub whose: usize,
    pub touched: Mask,
}

impl Octet {
    /// Some of the variants by eights, those together that touch the same kinds of bills.
    pub fn form(variants: impl Iterator<Item = usize>, sieve: &Sieve) -> Vec<Octet> {
        let mut variants: Vec<usize> = variants.collect();
        variants.sort_by_cached_key(|variant| sieve.kinds_of(*variant));
        let worth_while = variants.chunks(LANES).filter(|variants| variants.len() >= FEWEST as usize);
        let octet = |variants: &[usize]| Octet {
            variants: std::array::from_fn(|lane| variants[lane.min(variants.len() - 1)]),
            mask: variants.iter().fold(0, |mask, variant| mask | 1 << variant),
            lanes: Lanes::default(),
        };
        worth_while.map(octet).collect()
    }

    /// Learns what the variants' columns have learned since.
    pub fn learn(&mut self, columns: &[Columns<'_>]) {
        self.lanes.learn(&self.columns(columns));
    }

    fn columns<'c, 'e>(&self, columns: &'c [Columns<'e>]) -> [&'c Columns<'e>; LANES] {
        self.variants.map(|variant| &columns[variant])
    }

    /// Of the variants that may pay a person otherwise those that are to be settled here: none, where they are few.
    pub fn takes(&self, touched: Mask) -> Mask {
        let here = touched & self.mask;
        if here.count_ones() < FEWEST { 0 } else { here }
    }

    /// The lane of each variant.
    fn each(&self) -> impl Iterator<Item = (usize, usize)> {
        let variants = self.mask.count_ones() as usize;
        self.variants.iter().copied().enumerate().take(variants)
    }
}

/// What the variants of an octet add to the baseline's sums of a part.
#[derive(Debug, Default)]
pub struct Added {
    funds: usize,
    /// Payments by cell and fund.
    cells: Vec<Eight>,
    /// By group the changes that [`Sums::of_change`] takes.
    groups: Vec<Eight>,
    /// Persons and what is left to them, by size of that.
    burden: [(Eight, Eight); BURDEN_EDGES.len() + 1],
    /// What is left to persons, by income.
    by_income: Vec<Eight>,
    /// Persons who are paid otherwise.
    persons: Eight,
    settled_anew: Eight,
}

impl Added {
    /// Nothing, of so many funds.
    pub fn new(funds: usize) -> Added {
        Added { funds, ..Added::default() }
    }

    /// Adds what each variant adds to its own sums.
    pub fn tell(&self, octet: &Octet, tallies: &mut [Tally]) {
        for (lane, variant) in octet.each() {
            let tally = &mut tallies[variant];
            for (cell, paid) in self.cells.chunks_exact(self.funds.max(1)).enumerate() {
                tally.paid(cell as CellId, paid.iter().map(|paid| paid[lane]));
            }
            for (group, changes) in self.groups.chunks_exact(2 * self.funds + CHANGES).enumerate() {
                tally.add_to_group(group as GroupId, &Sums::of_change(self.funds, |at| changes[at][lane]));
            }
            for (size, (persons, own)) in self.burden.iter().enumerate() {
                tally.add_burden(size, persons[lane], own[lane]);
            }
            for (step, own) in self.by_income.iter().enumerate() {
                tally.add_own(step as IncomeStep, own[lane]);
            }
            tally.changed.persons += self.persons[lane];
            tally.changed.settled_anew += self.settled_anew[lane];
        }
    }
}

/// Settles persons under the variants of an octet, and counts what these add to the baseline.
pub struct Settling<'s, 'e> {
    pub columns: &'s [Columns<'e>],
    pub bound: &'s Bound<'s>,
    pub counting: Counting<'s>,
}

impl Settling<'_, '_> {
    /// Settles them with what the processor has for it. Gives those who must be settled under one variant after another.
    pub fn settle(self, level: Level) -> Vec<Whom> {
        dispatch!(level, simd => self.settle_with(simd))
    }

    #[inline(always)]
    fn settle_with<S: Simd>(mut self, _: S) -> Vec<Whom> {
        let columns = self.counting.octet.columns(self.columns);
        let persons = self.counting.whom.clone().map(|whom| whom.person);
        self.counting.octet.lanes.settle(&columns, self.bound, persons, &mut self.counting);
        self.counting.alone
    }
}

/// Takes what the lanes of an octet pay, and counts what it adds to the baseline.
pub struct Counting<'c> {
    pub octet: &'c Octet,
    pub added: &'c mut Added,
    /// From the columns' funds to those of the run.
    pub funds: &'c [usize],
    pub batch: &'c Batch,
    pub cell_of_kind: &'c [CellId],
    pub baseline: &'c Settled,
    pub folk: &'c Folk,
    pub groups: &'c Groups,
    /// Years of persons under the baseline, from a first one on.
    pub years: (usize, &'c [Year]),
    /// Who is still to be settled, in rising order.
    pub whom: std::slice::Iter<'c, Whom>,
    pub alone: Vec<Whom>,
    /// Payments of the current bill, and what they add to the baseline's in the person's year.
    pub bill: [Eight; MAX_FUNDS],
    pub year: [Eight; MAX_FUNDS],
}

impl LaneSink for Counting<'_> {
    #[inline(always)]
    fn pay(&mut self, _: usize, fund: usize, fen: &Eight) {
        self.bill[self.funds[fund] % MAX_FUNDS] += *fen;
    }

    #[inline(always)]
    fn settled(&mut self, bill: usize) {
        let funds = self.added.funds;
        let cell = usize::from(self.cell_of_kind[self.batch.kind(bill) as usize]);
        let cells = row(&mut self.added.cells, cell, funds);
        let before = self.baseline.of(bill).paid();
        for (fund, cell) in cells.iter_mut().enumerate() {
            let more = std::mem::take(&mut self.bill[fund]) - Eight::all(before[fund]);
            self.year[fund] += more;
            *cell += more;
        }
    }

    fn refused(&mut self, _: usize) {}

    #[inline(always)]
    fn end(&mut self, person: usize) {
        let year = std::mem::take(&mut self.year);
        let (first, years) = self.years;
        let Some(whom) = self.whom.next() else { return };
        self.added.settled_anew += Eight::each(|lane| (whom.touched >> self.octet.variants[lane]) as i64 & 1);
        if year.iter().any(|more| !more.is_zero()) {
            self.change(whom.whose, &years[person - first], &year);
        }
    }

    fn alone(&mut self, _: usize) {
        self.alone.extend(self.whom.next());
    }
}

impl Counting<'_> {
    /// Counts a person to whom the variants pay so much more than the baseline did.
    #[inline(always)]
    fn change(&mut self, whose: usize, before: &Year, year: &[Eight; MAX_FUNDS]) {
        let income = self.folk.income(whose);
        let own_more = Eight::ZERO - year.iter().fold(Eight::ZERO, |sum, more| sum + *more);
        let changes = self.changes(income, before, year, own_more);
        let Counts { profile, area, age } = self.folk.counts(whose);
        for group in self.groups.profiles()[profile as usize].into_iter().chain([area, age]) {
            let sums = row(&mut self.added.groups, usize::from(group), self.added.funds * 2 + CHANGES);
            sums.iter_mut().zip(&changes).for_each(|(sum, change)| *sum += *change);
        }
        let differs = |any: Eight, more: &Eight| any.or(more.differs(Eight::ZERO));
        self.added.persons += year.iter().fold(Eight::ZERO, differs);
        row(&mut self.added.by_income, usize::from(income_step(income)), 1)[0] += own_more;
        self.added.move_burden(before.burden, before.sums.own(), own_more);
    }

    /// What the person adds to the sums of a group, as [`Sums::of_change`] takes it.
    #[inline(always)]
    fn changes(
        &self,
        income: i64,
        before: &Year,
        year: &[Eight; MAX_FUNDS],
        own_more: Eight,
    ) -> [Eight; 2 * MAX_FUNDS + CHANGES] {
        let (funds, paid) = (self.added.funds, before.sums.year().paid());
        let mut changes = [Eight::ZERO; 2 * MAX_FUNDS + CHANGES];
        for (fund, more) in year.iter().take(funds).enumerate() {
            changes[fund] = *more;
            let reached = (Eight::all(paid[fund]) + *more).exceeds(Eight::ZERO);
            changes[funds + fund] = reached - Eight::all(i64::from(paid[fund] > 0));
        }
        let own_less = Eight::ZERO - own_more;
        let (winners, losers) = (own_more.below_zero(), own_less.below_zero());
        let of_persons = [winners, own_less.not_below_zero(), losers, own_more.not_below_zero()];
        changes[2 * funds..][..of_persons.len()].copy_from_slice(&of_persons);
        let hundredths = (Eight::all(before.sums.own()) + own_more).product(Eight::all(100));
        for (at, share) in SHARES.into_iter().enumerate() {
            let above = hundredths.exceeds(Eight::all(Sums::share_of(income, share)));
            changes[2 * funds + of_persons.len() + at] = above - Eight::all(before.sums.is_above(at));
        }
        changes
    }
}

impl Added {
    /// Counts persons to whom something else is left than before, by size of it.
    #[inline(always)]
    fn move_burden(&mut self, size: usize, before: i64, own_more: Eight) {
        let own = Eight::all(before) + own_more;
        let most = BURDEN_EDGES.get(size).copied().unwrap_or(i64::MAX);
        let least = size.checked_sub(1).map_or(0, |size| BURDEN_EDGES[size] + 1);
        if own.exceeds(Eight::all(most)).is_zero() && Eight::all(least).exceeds(own).is_zero() {
            self.burden[size].1 += own_more;
            return;
        }
        self.burden[size].0 += Eight::all(-1);
        self.burden[size].1 += Eight::all(-before);
        for (lane, own) in own.iter().enumerate() {
            let (persons, sum) = &mut self.burden[burden_step(own)];
            persons[lane] += 1;
            sum[lane] += own;
        }
    }
}

/// A row of a table of so many columns; it may not be there yet.
#[inline(always)]
fn row(table: &mut Vec<Eight>, row: usize, columns: usize) -> &mut [Eight] {
    if table.len() < (row + 1) * columns {
        table.resize((row + 1) * columns, Eight::ZERO);
    }
    &mut table[row * columns..(row + 1) * columns]
}
