//! What a step took of what a year gives: the deductible of a stage, and its limit.

use domain::Fen;

use crate::plan::{CapOn, Cell, Plan};
use crate::run::StageStep;
use crate::state::NO_SLOT;

/// A deductible or a limit, and what a bill took of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gauge {
    /// The whole of it.
    pub whole: Fen,
    /// What this bill took.
    pub now: Fen,
    /// Whether it is of the year; else each bill, or each stay, has one of its own.
    pub yearly: bool,
}

impl Plan {
    /// The deductible that a step met; nothing, where its stage has none.
    pub fn deductible(&self, step: &StageStep) -> Option<Gauge> {
        let Cell::Row(row) = self.stages.get(usize::from(step.stage))?.cells.get(usize::from(step.cell))? else {
            return None;
        };
        let yearly = row.rule.slots.deductible != NO_SLOT;
        (step.standard > 0).then_some(Gauge { whole: Fen(step.standard), now: Fen(step.deductible), yearly })
    }

    /// The limit of a step, and what earlier bills had used of it; nothing, where its stage has none.
    pub fn limit(&self, step: &StageStep) -> Option<(Gauge, Fen)> {
        let Cell::Row(row) = self.stages.get(usize::from(step.stage))?.cells.get(usize::from(step.cell))? else {
            return None;
        };
        // As `run::pay` counts it.
        let now = match row.rule.cap_on {
            CapOn::Paid => step.paid,
            CapOn::Counted => step.counted,
            CapOn::Gross => step.deductible + step.counted,
        };
        let yearly = row.rule.slots.cap != NO_SLOT;
        let gauge = Gauge { whole: Fen(step.cap), now: Fen(now), yearly };
        (step.cap < Fen::UNLIMITED.0).then_some((gauge, Fen(step.cap_used)))
    }
}
