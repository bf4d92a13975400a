//! What a stage pays under the terms of a day, for statements about payments; and the statements held against the figures with it.

use domain::{Amounts, Basis, Diagnostic, Fen, Layer};
use policy::{Facts, Library, Region, StagePayments, Terms, View, statements};
use settlement::{NoSteps, Options, Plan, Slots, State, Visit};

/// Payments by the settlement engine: one bill of a person without history, whose in-scope amount (or, after the basic layer,
/// burden) is the given one.
pub fn payments(terms: &Terms<'_>) -> StagePayments {
    let plan = Plan::compile(terms, Options::default(), &mut Slots::default());
    Box::new(move |stage, facts, burden| of_stage(&plan, stage, facts, burden))
}

/// Where the figures of some regions do not keep what the notices say of them, and what cannot be judged; each once, by file and
/// line. Of a library with errors it says nothing of worth.
pub fn judged<'l>(
    library: &'l Library,
    regions: impl IntoIterator<Item = &'l Region>,
    view: &View<'_>,
) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for region in regions {
        for said in statements::check(library, region, view, None, Some(&payments)) {
            if !found.contains(&said.diagnostic) {
                found.push(said.diagnostic);
            }
        }
    }
    found.sort_by(|a, b| a.place.cmp(&b.place));
    found
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
