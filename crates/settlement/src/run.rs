//! One bill through the stages of a plan: the same arithmetic for settlement, estimate, simulation and explanation.
//!
//! The recorder is generic, so that without steps nothing of them remains in the compiled code. No allocation, no hashing,
//! no text on this path.

use domain::{Amounts, Care, Layer};
use policy::Facts;

use crate::plan::{Base, CapOn, Cell, Deductible, EntryLine, Plan, Row, Stage};
use crate::refusal::Refusal;
use crate::scope::is_admission;
use crate::state::{SlotId, State};

/// The most that a person's year may add up to (fen), so that a product with a ratio stays exact.
const YEAR_LIMIT: i64 = 90_000_000_000;

/// A bill as a plan sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Facts, numbered; admission and carry flags are filled in from the state.
    pub facts: Facts,
    /// Amounts.
    pub amounts: Amounts,
    /// Basic stages are passed over.
    pub burden_only: bool,
}

/// What one stage took in, did and gave; amounts in fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageStep {
    /// Position of the stage in the plan.
    pub stage: u16,
    /// Position of the row among the stage's rows.
    pub cell: u16,
    /// What it started from.
    pub base: i64,
    /// The part of it that counts (after an entry line and a cap on amounts).
    pub counted: i64,
    /// The deductible that applies.
    pub standard: i64,
    /// The deductible taken from this bill.
    pub deductible: i64,
    /// Where in the bands the bill starts and ends.
    pub band_from: i64,
    /// End in the bands.
    pub band_to: i64,
    /// Payment before the cap.
    pub uncapped: i64,
    /// Cap used before this bill; the cap itself.
    pub cap_used: i64,
    /// The cap with what earlier years added.
    pub cap: i64,
    /// Payment.
    pub paid: i64,
}

/// Takes the steps of a run, or nothing.
pub trait Recorder {
    /// One stage done.
    fn stage(&mut self, step: StageStep);
}

/// Records nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoSteps;

impl Recorder for NoSteps {
    #[inline(always)]
    fn stage(&mut self, _: StageStep) {}
}

impl Recorder for Vec<StageStep> {
    #[inline]
    fn stage(&mut self, step: StageStep) {
        self.push(step);
    }
}

impl Plan {
    /// Runs a visit; `paid` receives the payment of each stage in fen. The state moves on only if the visit is settled.
    ///
    /// # Errors
    /// When a figure that the visit needs is missing, or no stage covers it.
    pub fn run<R: Recorder>(
        &self,
        visit: &Visit,
        state: &mut State,
        paid: &mut [i64],
        recorder: &mut R,
    ) -> Result<i64, Refusal> {
        let care = Care::ALL[visit.facts.care as usize];
        let mut facts = visit.facts;
        facts.carries = state.flags;
        facts.admission = if is_admission(care) { state.admissions.saturating_add(1) } else { 0 };
        self.refuse_before_any_change(visit, &facts)?;
        if state.amounts.iter().any(|amount| *amount > YEAR_LIMIT) {
            return Err(Refusal::TooLarge);
        }

        let mut taken_layers = 0u8;
        let (mut sum, mut basic) = (0, 0);
        for (at, stage) in self.stages.iter().enumerate() {
            paid[at] = 0;
            let layer = 1 << stage.layer as u8;
            if (stage.exclusive && taken_layers & layer != 0) || (visit.burden_only && stage.layer == Layer::Basic) {
                continue;
            }
            let cell = stage.index[stage.space.number(&facts)];
            let Cell::Row(row) = &stage.cells[cell as usize] else { continue };
            taken_layers |= if stage.exclusive { layer } else { 0 };
            let mut step = StageStep { stage: at as u16, cell, ..StageStep::default() };
            step.base = base(stage.base, &visit.amounts, sum);
            let left = left(stage.base, &visit.amounts, sum);
            self.pay(stage, row, left, &mut step, facts.admission, state);
            paid[at] = step.paid;
            sum += step.paid;
            basic += if stage.layer == Layer::Basic { step.paid } else { 0 };
            recorder.stage(step);
        }
        state.admissions = state.admissions.max(facts.admission);
        self.count_for_carries(&facts, visit, basic, state);
        Ok(sum)
    }

    /// Every stage that will be reached must have its figures: looked up before the state moves.
    fn refuse_before_any_change(&self, visit: &Visit, facts: &Facts) -> Result<(), Refusal> {
        let mut taken_layers = 0u8;
        let mut covered = visit.burden_only;
        for stage in &self.stages {
            let layer = 1 << stage.layer as u8;
            if (stage.exclusive && taken_layers & layer != 0) || (visit.burden_only && stage.layer == Layer::Basic) {
                continue;
            }
            match stage.cell(facts) {
                Cell::NotCovered => continue,
                Cell::Refused(refusal) => return Err(refusal.clone()),
                Cell::Row(_) => {}
            }
            taken_layers |= if stage.exclusive { layer } else { 0 };
            covered |= stage.layer == Layer::Basic;
        }
        if covered { Ok(()) } else { Err(self.not_covered(facts)) }
    }

    /// One stage's arithmetic on one bill; `left` is the most it may pay.
    #[inline]
    fn pay(&self, stage: &Stage, row: &Row, left: i64, step: &mut StageStep, admission: u8, state: &mut State) {
        let slots = &stage.slots;
        let mut amount = step.base;
        if let (Some(line), Some(slot)) = (row.entry, slots.entry) {
            amount = counts_beyond(line, state.amounts[slot as usize], amount);
            state.amounts[slot as usize] += step.base;
        }
        let carried = slots.plus_carry.map_or(0, |slot| state.amounts[slot as usize]);
        step.cap = row.cap.saturating_add(carried);
        step.cap_used = used(slots.cap, state);
        let room = (step.cap - step.cap_used).max(0);
        if stage.cap_on == CapOn::Gross {
            amount = amount.min(room);
        }

        step.standard = self.standard(row, slots.first, slots.previous, admission, state);
        step.standard = (step.standard - slots.minus_carry.map_or(0, |slot| state.amounts[slot as usize])).max(0);
        step.deductible = amount.min(deductible_left(stage, row, step.standard, state));
        step.counted = amount - step.deductible;
        if stage.cap_on == CapOn::Counted {
            step.counted = step.counted.min(room);
        }

        let start = if stage.yearly { used(slots.position, state) } else { 0 };
        step.band_from = if stage.gross { start + step.deductible } else { start };
        step.band_to = step.band_from + step.counted;
        let (low, high) = (Stage::paid_up_to(&row.bands, step.band_from), Stage::paid_up_to(&row.bands, step.band_to));
        step.uncapped = if stage.yearly {
            self.rounding.micro(high) - self.rounding.micro(low)
        } else {
            self.rounding.micro(high - low)
        };
        step.paid = if stage.cap_on == CapOn::Paid { step.uncapped.min(room) } else { step.uncapped }.min(left);

        add(slots.deductible, step.deductible, state);
        add(slots.year_limit, step.deductible, state);
        add(slots.position, if stage.gross { step.deductible + step.counted } else { step.counted }, state);
        add(
            slots.cap,
            match stage.cap_on {
                CapOn::Paid => step.paid,
                CapOn::Counted => step.counted,
                CapOn::Gross => amount,
            },
            state,
        );
        if admission == 1 {
            set(slots.first, step.standard, state);
        }
        set(slots.previous, step.standard, state);
        add(slots.chain, step.deductible, state);
    }

    /// The deductible that applies, before what was already met.
    fn standard(
        &self,
        row: &Row,
        first: Option<SlotId>,
        previous: Option<SlotId>,
        admission: u8,
        state: &State,
    ) -> i64 {
        match row.deductible {
            Deductible::Fixed(amount) => amount,
            Deductible::Share { of_first, share, floor, times, minus, at_most } => {
                let earlier = if admission <= 1 { 0 } else { used(if of_first { first } else { previous }, state) };
                let shared = self.rounding.micro(earlier * share.ppm()).max(floor);
                (self.rounding.micro(shared * times.ppm()) - minus).clamp(0, at_most)
            }
        }
    }
}

/// What a stage starts from, given what earlier stages paid.
fn base(base: Base, amounts: &Amounts, paid: i64) -> i64 {
    let whole = match base {
        Base::InScope => return amounts.in_scope.0,
        Base::Burden => amounts.in_scope.0,
        Base::BurdenWithFirstSelfPay => amounts.in_scope.0 + amounts.first_self_pay.0,
        Base::BillBurden => amounts.total.0,
    };
    (whole - paid).max(0)
}

/// What a stage may pay at most: one that does not start from the burden could otherwise pay what another has paid.
fn left(base: Base, amounts: &Amounts, paid: i64) -> i64 {
    if base == Base::InScope { (amounts.in_scope.0 - paid).max(0) } else { i64::MAX }
}

/// The part of an amount that counts beyond a yearly line, given what came before it.
fn counts_beyond(entry: EntryLine, before: i64, amount: i64) -> i64 {
    let counts = |sum: i64| match (sum > entry.line, entry.whole) {
        (false, _) => 0,
        (true, true) => sum,
        (true, false) => sum - entry.line,
    };
    counts(before + amount) - counts(before)
}

/// What of the deductible is still to be met by this bill.
fn deductible_left(stage: &Stage, row: &Row, standard: i64, state: &State) -> i64 {
    if stage.yearly_deductible {
        return (standard - used(stage.slots.deductible, state)).max(0);
    }
    let in_chain = (standard - used(stage.slots.chain, state)).max(0);
    in_chain.min((row.year_limit - used(stage.slots.year_limit, state)).max(0))
}

#[inline]
fn used(slot: Option<SlotId>, state: &State) -> i64 {
    slot.map_or(0, |slot| state.amounts[slot as usize])
}

#[inline]
fn add(slot: Option<SlotId>, amount: i64, state: &mut State) {
    if let Some(slot) = slot {
        state.amounts[slot as usize] += amount;
    }
}

#[inline]
fn set(slot: Option<SlotId>, amount: i64, state: &mut State) {
    if let Some(slot) = slot {
        state.amounts[slot as usize] = amount;
    }
}
