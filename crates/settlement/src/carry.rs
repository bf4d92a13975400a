//! What a year leaves to the next: a lower deductible after quiet years, a flag after a light year, unused limit added to a
//! ceiling. Amounts are counted visit by visit; the year's end turns them into next year's effect.

use domain::{Basis, Fen, Level, Mark};
use policy::{Facts, Test};

use crate::plan::{Plan, Stage};
use crate::run::Visit;
use crate::state::{SlotId, State};

/// A carry rule of a plan.
#[derive(Clone, Debug)]
pub(crate) struct CarryRule {
    pub id: String,
    /// Its number among the carry rules (flag bit).
    pub bit: u8,
    /// Which visits count.
    pub counts: Test,
    pub full_year: bool,
    pub effect: Effect,
    /// In-scope amount of the year.
    pub total: SlotId,
    /// Payments of basic stages on the counted visits of the year: assistance is no reimbursement.
    pub paid: SlotId,
    /// What holds this year: the lowering, or the amount added to the ceiling.
    pub value: SlotId,
    pub cite: usize,
}

/// What a rule does.
#[derive(Clone, Debug)]
pub(crate) enum Effect {
    QuietYears {
        /// Position of the stage whose deductible is compared.
        stage: usize,
        /// Compared with the deductible as lowered this year, not with the base.
        against_lowered: bool,
        /// Lowering after one, two, … years.
        steps: Vec<Fen>,
        /// Years counted so far.
        years: SlotId,
        /// The unlowered deductible that this year's visits met.
        standard: SlotId,
    },
    LightYear {
        /// Lines by group, first match.
        lines: Vec<(Test, Fen)>,
    },
    UnusedLimit {
        /// Position of the stage whose cap is compared.
        stage: usize,
    },
}

/// How a rule ended a year, for the explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rolled {
    /// Id of the rule.
    pub rule: String,
    /// In-scope amount that counted.
    pub total: Fen,
    /// What holds next year: amount of the lowering or raised ceiling; zero for a flag.
    pub value: Fen,
    /// The flag holds next year.
    pub flag: bool,
    /// On what the rule rests.
    pub basis: Basis,
    /// Position of its citation in the plan.
    pub cite: usize,
}

impl Plan {
    /// Counts a settled visit for the rules that look at it; `basic` is what basic stages paid on it.
    #[inline]
    pub(crate) fn count_for_carries(&self, facts: &Facts, visit: &Visit, basic: i64, state: &mut State) {
        for rule in self.carries.iter().filter(|rule| rule.counts.holds(facts)) {
            state.amounts[rule.total as usize] += visit.amounts.in_scope.0;
            state.amounts[rule.paid as usize] += basic;
            if let Effect::QuietYears { stage, standard, .. } = &rule.effect
                && let Some((deductible, _)) = self.stages[*stage].figures(facts)
            {
                let slot = &mut state.amounts[*standard as usize];
                *slot = (*slot).max(deductible.0);
            }
        }
    }

    /// Ends a year for a person: each rule's effect on the next. `facts` are the person's at the year's end, and
    /// `whole_year` says whether the person was insured from the first day to the last. Yearly slots are not yet cleared.
    pub(crate) fn roll(&self, facts: &Facts, whole_year: bool, state: &mut State) -> Vec<Rolled> {
        let mut rolled = Vec::new();
        let mut flags = 0;
        for rule in &self.carries {
            let total = state.amounts[rule.total as usize];
            let counts = (whole_year || !rule.full_year) && person_fits(&rule.counts, facts);
            let before = state.amounts[rule.value as usize];
            let mut flag = false;
            let value = match &rule.effect {
                Effect::QuietYears { stage, against_lowered, steps, years, standard } => {
                    // A year of visits that the stage does not cover (pharmacies) is held against its ordinary deductible.
                    let met = Some(state.amounts[*standard as usize]).filter(|met| *met > 0);
                    let base = met.or_else(|| Some(self.ordinary(&self.stages[*stage], facts)?.0.0)).unwrap_or(0);
                    let line = if *against_lowered { (base - before).max(0) } else { base };
                    let reimbursed_when_lowered = before > 0 && state.amounts[rule.paid as usize] > 0;
                    let quiet = counts && total <= line && !reimbursed_when_lowered;
                    let count = if quiet { state.amounts[*years as usize] + 1 } else { 0 };
                    state.amounts[*years as usize] = count;
                    nth_step(steps, count)
                }
                Effect::LightYear { lines } => {
                    let line = lines.iter().find(|(test, _)| person_fits(test, facts)).map(|(_, line)| line.0);
                    flag = counts && line.is_some_and(|line| total <= line);
                    0
                }
                Effect::UnusedLimit { stage } => {
                    let ceiling = self.ordinary(&self.stages[*stage], facts);
                    // Of no ceiling nothing is left unused.
                    let ceiling = ceiling.map_or(0, |(_, ceiling)| ceiling.0);
                    let unused = if ceiling >= Fen::UNLIMITED.0 { 0 } else { (ceiling - total).max(0) };
                    before + if counts { unused } else { 0 }
                }
            };
            state.amounts[rule.value as usize] = value;
            flags |= u32::from(flag) << rule.bit;
            if value != 0 || flag {
                let basis = self.cites[rule.cite].basis;
                rolled.push(Rolled {
                    rule: rule.id.clone(),
                    total: Fen(total),
                    value: Fen(value),
                    flag,
                    basis,
                    cite: rule.cite,
                });
            }
        }
        state.flags = flags;
        rolled
    }

    /// Deductible and cap of a stage for a person who may have had no visit: of the first kind of visit that it covers.
    fn ordinary(&self, stage: &Stage, person: &Facts) -> Option<(Fen, Fen)> {
        let cares = (0..32u8)
            .filter(|care| stage.covers.care >> care & 1 == 1)
            .take_while(|care| (*care as usize) < domain::Care::ALL.len());
        let marks = [0].into_iter().chain(Mark::ALL.iter().map(|mark| 1u32 << *mark as u8)).collect::<Vec<_>>();
        for care in cares {
            for level in Level::ALL {
                for marks in &marks {
                    let facts = Facts { care, level: *level as u8, filing: 0, marks: *marks, ..*person };
                    if let Some(figures) = stage.figures(&facts) {
                        return Some(figures);
                    }
                }
            }
        }
        None
    }
}

impl CarryRule {
    /// The lowering that so many quiet years give.
    pub(crate) fn lowering_after(&self, years: i64) -> i64 {
        match &self.effect {
            Effect::QuietYears { steps, .. } => nth_step(steps, years),
            Effect::LightYear { .. } | Effect::UnusedLimit { .. } => 0,
        }
    }
}

/// The lowering after so many years; the last step holds for all that follow.
fn nth_step(steps: &[Fen], years: i64) -> i64 {
    match usize::try_from(years).unwrap_or(0) {
        0 => 0,
        years => steps.get(years - 1).or(steps.last()).map_or(0, |step| step.0),
    }
}

/// Whether the person's side of a test holds, whatever the visit.
fn person_fits(test: &Test, facts: &Facts) -> bool {
    test.scheme >> facts.scheme & 1 == 1
        && test.group >> facts.group & 1 == 1
        && test.tier >> facts.tier & 1 == 1
        && (test.categories == 0 || test.categories & facts.categories != 0)
        && (test.categories_also == 0 || test.categories_also & facts.categories != 0)
        && (test.age.0..=test.age.1).contains(&facts.age)
}
