//! One bill through the stages of a plan: the same arithmetic for settlement, estimate, simulation and explanation.
//!
//! The recorder is generic, so that without steps nothing of them remains in the compiled code. No allocation, no hashing,
//! no text on this path.

use domain::{Amounts, Basis, Care, Fen, Layer, Mark, Rounding};
use policy::Facts;

use crate::plan::{CapOn, Cell, Deductible, EntryLine, Plan, Row, Stage};
use crate::refusal::Refusal;
use crate::scope::is_admission;
use crate::state::{MAX_SLOTS, NO_SLOT, SlotId, State};

/// The most stages a plan may have.
pub(crate) const MAX_STAGES: usize = 32;

/// A bill as a plan sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Facts, numbered; admission and carry flags are filled in from the state.
    pub facts: Facts,
    /// Amounts.
    pub amounts: Amounts,
    /// Basic stages are passed over.
    pub burden_only: bool,
    /// It is a further part of the stay that the last admission was.
    pub further: bool,
    /// On what its facts and amounts rest: a tier or a first self-pay share that the terms give.
    pub basis: Basis,
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
    /// Runs a visit; `paid` receives the payment of each stage in fen. The state moves on only if the visit is settled. What a
    /// referral chain has met of a deductible stands in the state's slots and is the caller's to set before each visit, as
    /// [`crate::Engine`] does.
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
        let facts = facts_now(visit, state);
        let mut route = [0u16; MAX_STAGES];
        self.route(&facts, visit.burden_only, &mut route)?;

        let parts = parts(&visit.amounts);
        // A visit that continues no other begins a chain of its own: nothing is met.
        let referred = facts.marks >> Mark::Referral as u8 & 1 == 1;
        let (mut sum, mut basic) = (0, 0);
        for (at, stage) in self.stages.iter().enumerate() {
            paid[at] = 0;
            let Cell::Row(row) = &stage.cells[route[at] as usize] else { continue };
            let continues = visit.further || referred && row.rule.chained;
            if !continues && row.rule.slots.chain != NO_SLOT {
                state.amounts[row.rule.slots.chain as usize % MAX_SLOTS] = 0;
            }
            let mut step = StageStep { stage: at as u16, cell: route[at], ..StageStep::default() };
            step.base = base(row, &parts, sum);
            let left = left(row, &parts, sum);
            pay(row, left, self.rounding, &mut step, facts.admission, &mut state.amounts);
            paid[at] = step.paid;
            sum += step.paid;
            basic += if stage.layer == Layer::Basic { step.paid } else { 0 };
            recorder.stage(step);
        }
        state.admissions = state.admissions.max(facts.admission);
        self.count_for_carries(&facts, visit, basic, state);
        Ok(sum)
    }

    /// The cell of each stage that facts lead to; 0 where a stage does not look at the visit. Nothing has moved yet, so a
    /// visit that needs a missing figure is refused whole.
    pub(crate) fn route(&self, facts: &Facts, burden_only: bool, route: &mut [u16]) -> Result<(), Refusal> {
        if let Some(refusal) = &self.unusable {
            return Err(refusal.clone());
        }
        // What basic insurance took elsewhere is not refused here.
        if let Some(bar) = self.bars.iter().find(|bar| !burden_only && bar.holds(facts)) {
            return Err(bar.refusal.clone());
        }
        let mut taken_layers = 0u8;
        let mut covered = burden_only;
        for (at, stage) in self.stages.iter().enumerate() {
            route[at] = 0;
            let layer = 1 << stage.layer as u8;
            if (stage.exclusive && taken_layers & layer != 0) || (burden_only && stage.layer == Layer::Basic) {
                continue;
            }
            // Most stages are for other care: no need to look up what their table says.
            if stage.covers.care >> facts.care & stage.covers.scheme >> facts.scheme & 1 == 0 {
                continue;
            }
            let cell = stage.index[stage.space.number(facts)];
            match &stage.cells[cell as usize] {
                Cell::NotCovered => continue,
                Cell::Refused(refusal) => return Err(self.refused(stage, refusal, facts)),
                Cell::Row(_) => route[at] = cell,
            }
            taken_layers |= if stage.exclusive { layer } else { 0 };
            covered |= stage.layer == Layer::Basic;
        }
        if covered { Ok(()) } else { Err(self.not_covered(facts)) }
    }
}

impl Plan {
    /// A cell's refusal for these facts: a gap is told in the words of the bill itself.
    fn refused(&self, stage: &Stage, refusal: &Refusal, facts: &Facts) -> Refusal {
        match refusal {
            Refusal::Gap { key, facts: words } if words.is_empty() => {
                Refusal::Gap { key: key.clone(), facts: stage.space.words(facts, &self.names) }
            }
            other => other.clone(),
        }
    }
}

/// The visit's facts with what the year so far adds: the number of the admission, and flags carried from last year.
fn facts_now(visit: &Visit, state: &State) -> Facts {
    let admission = is_admission(Care::ALL[visit.facts.care as usize]);
    Facts {
        carries: state.flags,
        admission: match (admission, visit.further) {
            (true, true) => state.admissions.max(1),
            (true, false) => state.admissions.saturating_add(1),
            (false, _) => 0,
        },
        ..visit.facts
    }
}

/// One stage's arithmetic on one bill; `most` is what it may pay at most. Which rule a row follows is chosen by value, not by branching: in a population the
/// rows come in no order that a processor could foresee.
#[inline(always)]
pub(crate) fn pay(
    row: &Row,
    most: i64,
    rounding: Rounding,
    step: &mut StageStep,
    admission: u8,
    amounts: &mut [i64; MAX_SLOTS],
) {
    const UNLIMITED: i64 = Fen::UNLIMITED.0;
    let rule = &row.rule;
    let slots = &rule.slots;
    let mut amount = step.base;
    if let Some(line) = row.entry {
        amount = counts_beyond(line, used(line.slot, amounts), amount);
        add(line.slot, step.base, amounts);
    }
    step.cap = row.cap + used(slots.plus_carry, amounts);
    step.cap_used = used(slots.cap, amounts);
    let room = (step.cap - step.cap_used).max(0);
    let room_for = |what: CapOn| if rule.cap_on == what { room } else { UNLIMITED };
    amount = amount.min(room_for(CapOn::Gross));

    let (unadjusted, standard) = standard(row, rounding, admission, amounts);
    step.standard = (standard - used(slots.minus_carry, amounts)).max(0);
    let met = used(slots.deductible, amounts) + used(slots.chain, amounts);
    let left = (step.standard - met).max(0);
    let left = left.min((row.year_limit - used(slots.year_limit, amounts)).max(0));
    step.deductible = amount.min(left);
    step.counted = (amount - step.deductible).min(room_for(CapOn::Counted));

    let skipped = if rule.gross { step.deductible } else { 0 };
    step.band_from = used(slots.position, amounts) + skipped;
    step.band_to = step.band_from + step.counted;
    let (low, high) = (row.bands.paid_up_to(step.band_from), row.bands.paid_up_to(step.band_to));
    // Over a year the cumulative payment is what is rounded, so that splitting a bill changes nothing.
    let paid_before = if rule.yearly { rounding.micro(low) * 1_000_000 } else { low };
    step.uncapped = rounding.micro(high - paid_before);
    step.paid = step.uncapped.min(room_for(CapOn::Paid)).min(most);

    add(slots.deductible, step.deductible, amounts);
    add(slots.year_limit, step.deductible, amounts);
    add(slots.position, skipped + step.counted, amounts);
    let capped = match rule.cap_on {
        CapOn::Paid => step.paid,
        CapOn::Counted => step.counted,
        CapOn::Gross => amount,
    };
    add(slots.cap, capped, amounts);
    if slots.previous != NO_SLOT && admission > 0 {
        if admission == 1 {
            amounts[slots.first as usize % MAX_SLOTS] = unadjusted;
        }
        amounts[slots.previous as usize % MAX_SLOTS] = unadjusted;
    }
    add(slots.chain, step.deductible, amounts);
}

/// What a stage starts from.
#[inline(always)]
pub(crate) fn base(row: &Row, parts: &Parts, paid: i64) -> i64 {
    let less = if row.rule.less_paid { paid } else { 0 };
    (parts[row.rule.part as usize % 4] - less).max(0)
}

/// What a stage may pay at most: what is left of the bill's part. A stage that starts from the whole part, or counts amounts of
/// earlier bills once a line is passed, could otherwise pay what another has paid.
#[inline(always)]
pub(crate) fn left(row: &Row, parts: &Parts, paid: i64) -> i64 {
    (parts[row.rule.part as usize % 4] - paid).max(0)
}

/// The parts of a bill that a stage may start from: in scope; with class B first self-pay; all. The fourth is nothing: it
/// makes the choice among them a mask.
pub(crate) type Parts = [i64; 4];

/// The parts of a bill.
pub(crate) fn parts(amounts: &Amounts) -> Parts {
    [amounts.in_scope.0, amounts.in_scope.0 + amounts.first_self_pay.0, amounts.total.0, 0]
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

/// The deductible before and after adjustments, without what was already met.
#[inline]
fn standard(row: &Row, rounding: Rounding, admission: u8, amounts: &[i64; MAX_SLOTS]) -> (i64, i64) {
    match row.deductible {
        Deductible::Fixed(amount) => (row.unadjusted, amount),
        Deductible::Share { of_first, share, floor, otherwise, times, minus, at_most } => {
            let slot = if of_first { row.rule.slots.first } else { row.rule.slots.previous };
            let earlier = if admission <= 1 { 0 } else { used(slot, amounts) };
            let earlier = if earlier == 0 { otherwise } else { earlier };
            let shared = rounding.micro(earlier * share.ppm()).max(floor);
            (shared, (rounding.micro(shared * times.ppm()) - minus).clamp(0, at_most))
        }
    }
}

#[inline(always)]
fn used(slot: SlotId, amounts: &[i64; MAX_SLOTS]) -> i64 {
    amounts[slot as usize % MAX_SLOTS]
}

#[inline(always)]
fn add(slot: SlotId, amount: i64, amounts: &mut [i64; MAX_SLOTS]) {
    amounts[slot as usize % MAX_SLOTS] += if slot == NO_SLOT { 0 } else { amount };
}
