//! Columns that follow others: terms that lead every bill to rows in the same places as other terms do, and differ in the
//! figures of these rows alone, need not look up the kinds of bills again. Of many variants of the same terms most are such.
//!
//! What is refused is then refused by both, for the same reason; what a bill's parts are is the same too. So a batch that the
//! leader has bound is bound for who follows.

use crate::columns::Columns;
use crate::engine::Engine;
use crate::plan::{Cell, Plan, Stage};

impl Columns<'_> {
    /// Whether these terms lead every bill to rows in the same places as another's, so that these columns can
    /// [`follow`](Columns::follow) the other's.
    pub fn follows(&self, leader: &Columns<'_>) -> bool {
        self.funds == leader.funds && leads_alike(self.engine, leader.engine)
    }

    /// Learns all that the columns which these follow have learned since. Columns that follow others learn nothing else.
    pub fn follow(&mut self, leader: &Columns<'_>) {
        leader.places[self.routes.len()..].iter().for_each(|place| self.add_route(*place));
        let learned = self.kinds.len();
        let refusals = leader.refusals.range(learned as u32..);
        self.refusals.extend(refusals.map(|(kind, refusal)| (*kind, refusal.clone())));
        self.kinds.extend_from_slice(&leader.kinds[learned..]);
        self.forms.extend_from_slice(&leader.forms[self.forms.len()..]);
        self.of_form.extend_from_slice(&leader.of_form[self.of_form.len()..]);
    }
}

fn leads_alike(one: &Engine, other: &Engine) -> bool {
    // What is refused as weak goes by what figures rest on, and what years leave by flags of the person.
    let by_facts = |engine: &Engine| !engine.strict && !engine.carries();
    by_facts(one)
        && by_facts(other)
        && one.as_of == other.as_of
        && one.slots == other.slots
        && each_alike(&one.plans, &other.plans, plans_alike)
}

fn plans_alike(one: &Plan, other: &Plan) -> bool {
    let tiers = |plan: &Plan| plan.benefit_tiers.iter().map(|(test, tier, _)| (*test, *tier)).collect::<Vec<_>>();
    let shares = |plan: &Plan| match &plan.class_b {
        Ok(shares) => Ok(shares.iter().map(|(test, share, _)| (*test, *share)).collect::<Vec<_>>()),
        Err(refusal) => Err(refusal.clone()),
    };
    one.from == other.from
        && one.bars == other.bars
        && one.names == other.names
        && one.diseases == other.diseases
        && tiers(one) == tiers(other)
        && shares(one) == shares(other)
        && one.rounding == other.rounding
        && one.ended == other.ended
        && one.unusable == other.unusable
        && one.ages == other.ages
        && each_alike(&one.stages, &other.stages, stages_alike)
}

fn stages_alike(one: &Stage, other: &Stage) -> bool {
    (&one.id, &one.name) == (&other.id, &other.name)
        && (one.payer, one.layer, one.exclusive) == (other.payer, other.layer, other.exclusive)
        && (one.covers, one.excludes) == (other.covers, other.excludes)
        && one.space == other.space
        && one.index == other.index
        && each_alike(&one.cells, &other.cells, cells_alike)
}

fn cells_alike(one: &Cell, other: &Cell) -> bool {
    match (one, other) {
        (Cell::NotCovered, Cell::NotCovered) => true,
        (Cell::Refused(one), Cell::Refused(other)) => one == other,
        (Cell::Row(one), Cell::Row(other)) => one.rule == other.rule,
        _ => false,
    }
}

fn each_alike<T>(some: &[T], others: &[T], alike: impl Fn(&T, &T) -> bool) -> bool {
    some.len() == others.len() && some.iter().zip(others).all(|(one, other)| alike(one, other))
}
