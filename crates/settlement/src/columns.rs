//! A population's bills in columns: the same rows and the same arithmetic as one bill with steps, laid out for speed.
//!
//! Facts decide which row of each stage applies; of a population only few combinations occur. So each bill's combination is
//! looked up once, when it is loaded, and becomes the numbers of its rows.
//!
//! The stages fall into *passes*: stages that share a running amount, or of which only one pays, stand in one pass, all others
//! apart and in order. A pass runs over the bills of a block of persons side by side and touches, of the bills that it looks
//! at, three amounts, a row and the person's few slots. What a row does is chosen by value and not by branching, because
//! neighbouring bills have nothing in common.
//!
//! The bills are those of one plan and one year, each person's together and in order; admissions are numbered at load. Referral
//! chains, reversals and years that depend on each other need the ordered form ([`crate::Engine`]): [`Columns::push`] and
//! [`Columns::new`] refuse them.

use std::collections::BTreeMap;
use std::ops::Range;

use domain::{Care, Fen, Layer, Mark, Rounding};
use policy::Facts;

use crate::plan::{CapOn, Cell, Deductible, Plan, Row, Stage};
use crate::refusal::Refusal;
use crate::run::{MAX_STAGES, Parts, StageStep, Visit, base, left, parts, pay};
use crate::scope::is_admission;
use crate::state::{MAX_SLOTS, NO_SLOT, SlotId};

/// Payments of one bill by layer (basic, catastrophic, assistance, other), in fen.
pub type ByLayer = [i64; Layer::ALL.len()];

/// Bills in a block, roughly: their amounts and payments stay close to the processor from pass to pass.
const BLOCK: usize = 2_048;

/// Bills of many persons under one plan, in columns.
#[derive(Clone, Debug)]
pub struct Columns<'p> {
    plan: &'p Plan,
    amounts: Vec<Parts>,
    passes: Vec<Pass>,
    blocks: Vec<Block>,
    /// Rows that combinations of facts lead to, as (pass, number of the row), and where in that list each stands.
    routes: Vec<(u16, u16)>,
    known: BTreeMap<(Facts, bool), Range<usize>>,
    person: u32,
    admissions: u8,
}

/// Bills of whole persons: where they and their entries in each pass begin.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    bills: usize,
    entries: [usize; MAX_STAGES],
}

/// A bill in a pass.
#[derive(Clone, Copy, Debug)]
struct Entry {
    bill: u32,
    row: u16,
    /// The person's first in the pass: nothing is used yet.
    first: bool,
}

/// Stages that must be run together, with the bills that they look at.
#[derive(Clone, Debug)]
struct Pass {
    stages: Range<usize>,
    /// The running amounts of its stages, and its number for each.
    slots: Vec<SlotId>,
    rows: Vec<PassRow>,
    /// By stage, cell and, where rows ask for it, admission.
    known: BTreeMap<(usize, u16, u8), u16>,
    /// The rows in their plain form, as long as all have one.
    plain: Option<Vec<Plain>>,
    /// A row's deductible or bands run over the year.
    over_year: bool,
    entries: Vec<Entry>,
    /// The person of the last entry, one more than its number.
    last_person: u32,
}

/// A row with what the facts of its bills say beside it.
#[derive(Clone, Debug)]
struct PassRow {
    row: Row,
    layer: Layer,
    admission: u8,
}

/// Why a bill cannot stand in columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The terms do not decide it.
    Refused(Refusal),
    /// The plan counts amounts for the next year, or pays by what last year left.
    Carries,
    /// The bill continues another along a referral chain, and its deductible counts on.
    Chained,
    /// More bills or rows than their numbers hold.
    TooMany,
}

impl<'p> Columns<'p> {
    /// Columns for bills of one plan.
    ///
    /// # Errors
    /// [`Unfit::Carries`] for a plan whose years depend on each other, [`Unfit::Refused`] for one that cannot be run at all.
    pub fn new(plan: &'p Plan) -> Result<Columns<'p>, Unfit> {
        if !plan.carries.is_empty() {
            return Err(Unfit::Carries);
        }
        if let Some(refusal) = &plan.unusable {
            return Err(Unfit::Refused(refusal.clone()));
        }
        Ok(Columns {
            plan,
            amounts: Vec::new(),
            passes: passes(&plan.stages),
            blocks: vec![Block::default()],
            routes: Vec::new(),
            known: BTreeMap::new(),
            person: 0,
            admissions: 0,
        })
    }

    /// Adds the current person's next bill.
    ///
    /// # Errors
    /// When the terms do not decide the bill, or it needs the ordered form. The columns are as before.
    pub fn push(&mut self, visit: &Visit) -> Result<(), Unfit> {
        let bill = u32::try_from(self.amounts.len()).map_err(|_| Unfit::TooMany)?;
        let mut facts = Facts { age: self.plan.age_band(visit.facts.age), ..visit.facts };
        if is_admission(Care::ALL[facts.care as usize]) {
            facts.admission = self.admissions.saturating_add(1);
        }
        let route = self.route_of(facts, visit.burden_only)?;
        for (pass, row) in &self.routes[route] {
            let pass = &mut self.passes[*pass as usize];
            let first = pass.last_person != self.person + 1;
            pass.entries.push(Entry { bill, row: *row, first });
            pass.last_person = self.person + 1;
        }
        self.admissions = self.admissions.max(facts.admission);
        self.amounts.push(parts(&visit.amounts));
        Ok(())
    }

    /// Ends the current person: the next bill is another's.
    pub fn next_person(&mut self) {
        self.person += 1;
        self.admissions = 0;
        if self.blocks.last().is_none_or(|block| self.amounts.len() - block.bills >= BLOCK) {
            self.blocks.push(self.end());
        }
    }

    /// How many bills there are.
    pub fn len(&self) -> usize {
        self.amounts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.amounts.is_empty()
    }

    /// Settles every bill; `paid` receives the payments by layer, one entry a bill.
    pub fn settle(&self, paid: &mut [ByLayer]) {
        let ends = self.blocks.iter().skip(1).copied().chain([self.end()]);
        for (start, end) in self.blocks.iter().zip(ends) {
            paid[start.bills..end.bills].fill(ByLayer::default());
            for (at, pass) in self.passes.iter().enumerate() {
                pass.settle(start.entries[at]..end.entries[at], &self.amounts, self.plan.rounding, paid);
            }
        }
    }

    /// Where everything pushed so far ends.
    fn end(&self) -> Block {
        let mut end = Block { bills: self.amounts.len(), ..Block::default() };
        for (at, pass) in self.passes.iter().enumerate() {
            end.entries[at] = pass.entries.len();
        }
        end
    }

    fn route_of(&mut self, facts: Facts, burden_only: bool) -> Result<Range<usize>, Unfit> {
        if let Some(route) = self.known.get(&(facts, burden_only)) {
            return Ok(route.clone());
        }
        let mut cells = [0u16; MAX_STAGES];
        self.plan.route(&facts, burden_only, &mut cells).map_err(Unfit::Refused)?;
        let continues = facts.marks >> Mark::Referral as u8 & 1 == 1;
        let chained = |(stage, cell): (&Stage, u16)| cell != 0 && stage.chain().is_some();
        if continues && self.plan.stages.iter().zip(cells).any(chained) {
            return Err(Unfit::Chained);
        }
        let start = self.routes.len();
        for (at, pass) in self.passes.iter_mut().enumerate() {
            for stage in pass.stages.clone().filter(|stage| cells[*stage] != 0) {
                let row = pass.row_of(self.plan, stage, cells[stage], facts.admission)?;
                self.routes.push((at as u16, row));
            }
        }
        self.known.insert((facts, burden_only), start..self.routes.len());
        Ok(start..self.routes.len())
    }
}

/// The passes of a plan: runs of neighbouring stages that no running amount and no choice of one among several joins.
fn passes(stages: &[Stage]) -> Vec<Pass> {
    let slots_of = |stage: &Stage| -> Vec<SlotId> {
        let entries = stage.cells.iter().filter_map(|cell| match cell {
            Cell::Row(row) => row.entry.map(|line| line.slot),
            Cell::NotCovered | Cell::Refused(_) => None,
        });
        let slots = stage.rule.slots.all().into_iter().chain(entries);
        slots.filter(|slot| *slot != NO_SLOT && *slot != stage.rule.slots.chain).collect()
    };
    let joined = |a: &Stage, b: &Stage| {
        let one_of_both = a.exclusive && b.exclusive && a.layer == b.layer;
        one_of_both || slots_of(a).iter().any(|slot| slots_of(b).contains(slot))
    };
    let mut passes = Vec::new();
    let mut start = 0;
    while start < stages.len() {
        // Up to the last stage that one of the pass is joined with, whatever stands between.
        let mut end = start + 1;
        let mut at = start;
        while at < end {
            end = (end..stages.len())
                .rev()
                .find(|later| joined(&stages[at], &stages[*later]))
                .map_or(end, |last| last + 1);
            at += 1;
        }
        let mut slots: Vec<SlotId> = stages[start..end].iter().flat_map(slots_of).collect();
        slots.sort_unstable();
        slots.dedup();
        passes.push(Pass {
            stages: start..end,
            slots,
            rows: Vec::new(),
            known: BTreeMap::new(),
            plain: Some(Vec::new()),
            over_year: false,
            entries: Vec::new(),
            last_person: 0,
        });
        start = end;
    }
    passes
}

impl Pass {
    /// The number of a cell's row, for the given admission.
    fn row_of(&mut self, plan: &Plan, stage: usize, cell: u16, admission: u8) -> Result<u16, Unfit> {
        let Cell::Row(row) = &plan.stages[stage].cells[cell as usize] else { return Err(Unfit::TooMany) };
        // First or later is all that a row may ask of an admission, and only to share in an earlier deductible.
        let admission = if row.rule.slots.previous == NO_SLOT { 0 } else { admission.min(2) };
        if let Some(number) = self.known.get(&(stage, cell, admission)) {
            return Ok(*number);
        }
        let number = u16::try_from(self.rows.len()).map_err(|_| Unfit::TooMany)?;
        let mut row = row.clone();
        // A bill that continues no other begins a chain of its own: nothing is met.
        row.rule.slots.chain = NO_SLOT;
        let layer = plan.stages[stage].layer;
        let plain = Plain::of(&row, layer, plan.rounding, &self.slots);
        self.over_year |= plain.is_some_and(|plain| plain.over_year);
        self.plain = self.plain.take().zip(plain).map(|(mut rows, row)| {
            rows.push(row);
            rows
        });
        self.rows.push(PassRow { row, layer, admission });
        self.known.insert((stage, cell, admission), number);
        Ok(number)
    }

    fn settle(&self, entries: Range<usize>, amounts: &[Parts], rounding: Rounding, paid: &mut [ByLayer]) {
        let entries = &self.entries[entries];
        match &self.plain {
            Some(rows) if self.over_year => settle_plain::<true>(rows, entries, amounts, paid),
            Some(rows) => settle_plain::<false>(rows, entries, amounts, paid),
            None => self.settle_any(entries, amounts, rounding, paid),
        }
    }

    /// Rows of any form.
    #[inline(never)]
    fn settle_any(&self, entries: &[Entry], amounts: &[Parts], rounding: Rounding, paid: &mut [ByLayer]) {
        let mut slots = [0i64; MAX_SLOTS];
        for entry in entries {
            if entry.first {
                for slot in &self.slots {
                    slots[*slot as usize % MAX_SLOTS] = 0;
                }
            }
            let PassRow { row, layer, admission } = &self.rows[entry.row as usize];
            let (parts, paid) = (&amounts[entry.bill as usize], &mut paid[entry.bill as usize]);
            let sum = paid.iter().sum();
            let mut step = StageStep { base: base(row, parts, sum), ..StageStep::default() };
            pay(row, left(row, parts, sum), rounding, &mut step, *admission, &mut slots);
            paid[*layer as usize] += step.paid;
        }
    }
}

/// Running amounts of a person in a pass of plain rows; the last is what rows that need none point to.
type FewSlots = [i64; 8];
const NONE: u8 = 7;

/// A row in its plain and by far commonest form: a fixed deductible of the visit or the year, one ratio, a cap on payments.
#[derive(Clone, Copy, Debug)]
struct Plain {
    deductible: i64,
    ppm: i64,
    cap: i64,
    deductible_slot: u8,
    position_slot: u8,
    cap_slot: u8,
    part: u8,
    layer: u8,
    less_paid: bool,
    /// The deductible or the bands run over the year.
    over_year: bool,
}

impl Plain {
    /// The plain form of a row, if it has one. `known` are the slots of the pass.
    fn of(row: &Row, layer: Layer, rounding: Rounding, known: &[SlotId]) -> Option<Plain> {
        let (rule, slots, band) = (&row.rule, &row.rule.slots, &row.bands.first);
        let Deductible::Fixed(deductible) = row.deductible else { return None };
        let one_ratio = row.bands.more.is_empty() && band.from == 0 && band.to == Fen::UNLIMITED.0;
        let unlimited = row.year_limit == Fen::UNLIMITED.0 && row.entry.is_none();
        let no_carry = slots.minus_carry == NO_SLOT && slots.plus_carry == NO_SLOT && slots.previous == NO_SLOT;
        let paid = rule.cap_on == CapOn::Paid && !rule.gross && rounding == Rounding::HalfUp;
        let here = |slot: SlotId| known.iter().position(|known| *known == slot).map_or(NONE, |at| at as u8);
        (one_ratio && unlimited && no_carry && paid && known.len() < NONE as usize).then(|| Plain {
            deductible,
            ppm: band.ppm,
            cap: row.cap,
            deductible_slot: here(slots.deductible),
            position_slot: here(slots.position),
            cap_slot: here(slots.cap),
            part: rule.part,
            layer: layer as u8,
            less_paid: rule.less_paid,
            over_year: slots.deductible != NO_SLOT || slots.position != NO_SLOT,
        })
    }

    /// What it pays: [`pay`] for rows of this form.
    #[inline(always)]
    fn pay<const OVER_YEAR: bool>(&self, parts: &Parts, sum: i64, slots: &mut FewSlots) -> i64 {
        let whole = parts[self.part as usize % 4];
        let left = (whole - sum).max(0);
        let base = if self.less_paid { left } else { whole };
        let uncapped = if OVER_YEAR {
            let met = slots[self.deductible_slot as usize % 8];
            let position = slots[self.position_slot as usize % 8];
            let deductible = base.min((self.deductible - met).max(0));
            let reached = position + base - deductible;
            slots[self.deductible_slot as usize % 8] = met + deductible;
            slots[self.position_slot as usize % 8] = reached;
            slots[NONE as usize] = 0;
            Rounding::HalfUp.micro(reached * self.ppm) - Rounding::HalfUp.micro(position * self.ppm)
        } else {
            Rounding::HalfUp.micro((base - self.deductible).max(0) * self.ppm)
        };
        let used = slots[self.cap_slot as usize % 8];
        let paid = uncapped.min((self.cap - used).max(0)).min(left);
        slots[self.cap_slot as usize % 8] = used + paid;
        slots[NONE as usize] = 0;
        paid
    }
}

#[inline(never)]
fn settle_plain<const OVER_YEAR: bool>(rows: &[Plain], entries: &[Entry], amounts: &[Parts], paid: &mut [ByLayer]) {
    let mut slots = FewSlots::default();
    for entry in entries {
        if entry.first {
            slots = FewSlots::default();
        }
        let (row, parts) = (&rows[entry.row as usize], &amounts[entry.bill as usize]);
        let paid = &mut paid[entry.bill as usize];
        let pays = row.pay::<OVER_YEAR>(parts, paid.iter().sum(), &mut slots);
        paid[row.layer as usize % Layer::ALL.len()] += pays;
    }
}
