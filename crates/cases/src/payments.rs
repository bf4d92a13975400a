//! What a stage pays under the terms of a day, for statements about payments.

use domain::{Amounts, Basis, Fen, Layer};
use policy::{Facts, StagePayments, Terms};
use settlement::{NoSteps, Options, Plan, Slots, State, Visit};

/// Payments by the settlement engine: one bill of a person without history, whose in-scope amount (or, after the basic layer,
/// burden) is the given one.
pub fn payments(terms: &Terms<'_>) -> StagePayments {
    let plan = Plan::compile(terms, Options::default(), &mut Slots::default());
    Box::new(move |stage, facts, burden| of_stage(&plan, stage, facts, burden))
}

fn of_stage(plan: &Plan, stage: &str, facts: &Facts, burden: Fen) -> Option<Fen> {
    let at = plan.stages.iter().position(|known| known.id == stage)?;
    let amounts = Amounts { total: burden, in_scope: burden, ..Amounts::default() };
    let visit = Visit {
        facts: *facts,
        amounts,
        burden_only: plan.stages[at].layer != Layer::Basic,
        further: false,
        basis: Basis::Stated,
    };
    let mut paid = vec![0; plan.stages.len()];
    plan.run(&visit, &mut State::default(), &mut paid, &mut NoSteps).ok()?;
    Some(Fen(paid[at]))
}
