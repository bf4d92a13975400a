//! One person on the way through bills and years: what live settlement, batch settlement and a replay share.
//!
//! A person can be put down as a [`Standing`] after any bill and taken up again, by slot names, so that the terms may have
//! changed in between.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Bill, Date, Fen, Part};

use crate::carry::Rolled;
use crate::engine::{Engine, Entry, Opening};
use crate::plan::Plan;
use crate::refusal::Refusal;
use crate::run::Visit;
use crate::state::{SlotId, State};

/// The most that a person's bills may add up to, so that a product with a ratio stays exact: 900 million yuan.
pub(crate) const PERSON_LIMIT: Fen = Fen::yuan(900_000_000);

/// The key that is told where a strict run does not accept the tier, or a first self-pay share, that the terms give a bill.
pub(crate) const BENEFIT_TIER: &str = "tier.benefit";

/// Where a person stands: all that the next bill depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What the person brought into the first year.
    pub opening: Opening,
    /// What has come since; nothing before the first bill.
    pub progress: Option<Progress>,
}

/// Running amounts after a bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The bill: its year is the year reached, its facts are the person's at the year's end.
    pub last: Bill,
    /// Amounts by slot name, where there are any; fen, but for counts of years.
    pub used: BTreeMap<String, i64>,
    /// Admissions of the year.
    pub admissions: u8,
    /// Carry rules whose flag holds.
    pub flags: BTreeSet<String>,
    /// What the year before left.
    pub carried: Vec<Rolled>,
    /// What a bill that continues another takes over from it: bill, slot name, fen. The deductible met up to and with the
    /// bill; of a part of a stay also the deductibles of the admissions before the stay.
    pub met: Vec<(String, String, i64)>,
    /// Sum of all bills.
    pub sum: Fen,
}

/// One person on the way through bills and years.
#[derive(Clone, Debug)]
pub struct PersonRun<'e> {
    engine: &'e Engine,
    state: State,
    /// Year reached; facts and first day of cover of the last bill settled.
    last: Option<(i16, policy::Facts, Option<Date>)>,
    opening: Opening,
    /// The last bill settled.
    last_bill: Option<Bill>,
    /// Running amounts that these terms have no place for.
    elsewhere: BTreeMap<String, i64>,
    /// What the last year left to this one.
    carried: Vec<Rolled>,
    /// A settled bill has told so.
    carried_told: bool,
    /// What a bill that continues another takes over from it.
    met: Vec<(String, SlotId, i64)>,
    /// Sum of all bills so far.
    sum: Fen,
}

impl<'e> PersonRun<'e> {
    /// A person before the first bill.
    pub fn new(engine: &'e Engine, opening: &Opening) -> PersonRun<'e> {
        PersonRun {
            engine,
            state: opening_state(engine, opening),
            last: None,
            opening: opening.clone(),
            last_bill: None,
            elsewhere: BTreeMap::new(),
            carried: Vec::new(),
            carried_told: true,
            met: Vec::new(),
            sum: Fen::ZERO,
        }
    }

    /// Takes a person up where [`PersonRun::standing`] put them down, perhaps under other terms.
    ///
    /// # Errors
    /// When the terms no longer know the last bill's facts, and so cannot end its year.
    pub fn resume(engine: &'e Engine, standing: &Standing) -> Result<PersonRun<'e>, Refusal> {
        let mut run = PersonRun::new(engine, &standing.opening);
        let Some(progress) = &standing.progress else { return Ok(run) };
        let last = &progress.last;
        let plan = engine.plan_on(last.date).map(|at| &engine.plans[at]);
        let plan = plan.ok_or(Refusal::NoTerms { day: last.date, ended: None })?;
        run.state = State { admissions: progress.admissions, ..State::default() };
        for (name, amount) in &progress.used {
            match engine.slots.find(name) {
                Some(slot) => run.state.amounts[slot as usize] = *amount,
                None => _ = run.elsewhere.insert(name.clone(), *amount),
            }
        }
        let flagged = plan.carries.iter().filter(|rule| progress.flags.contains(&rule.id));
        run.state.flags = flagged.fold(0, |flags, rule| flags | 1 << rule.bit);
        run.last = Some((last.date.year(), plan.visit(last)?.facts, last.person.insured_since));
        run.last_bill = Some(last.clone());
        run.carried.clone_from(&progress.carried);
        let met = progress.met.iter();
        run.met = met.filter_map(|(bill, slot, met)| Some((bill.clone(), engine.slots.find(slot)?, *met))).collect();
        run.sum = progress.sum;
        Ok(run)
    }

    /// Where the person stands after the last bill.
    pub fn standing(&self) -> Standing {
        let opening = self.opening.clone();
        let Some(last) = &self.last_bill else { return Standing { opening, progress: None } };
        let name_of =
            |slot: SlotId| self.engine.slots.iter().find(|(_, of)| *of == slot).map(|(name, _)| name.to_owned());
        let mut used = self.elsewhere.clone();
        let amounts = self.engine.slots.iter().map(|(name, slot)| (name, self.state.amounts[slot as usize]));
        used.extend(amounts.filter(|(_, amount)| *amount != 0).map(|(name, amount)| (name.to_owned(), amount)));
        let plan = self.engine.plan_on(last.date).map(|at| &self.engine.plans[at]);
        let rules = plan.into_iter().flat_map(|plan| &plan.carries);
        let flags = rules.filter(|rule| self.state.flags >> rule.bit & 1 == 1).map(|rule| rule.id.clone()).collect();
        let met = self.met.iter().filter_map(|(bill, slot, met)| Some((bill.clone(), name_of(*slot)?, *met)));
        let progress = Progress {
            last: last.clone(),
            used,
            admissions: self.state.admissions,
            flags,
            carried: self.carried.clone(),
            met: met.collect(),
            sum: self.sum,
        };
        Standing { opening, progress: Some(progress) }
    }

    /// Settles the next bill: of the year of the last one, or a later one.
    ///
    /// # Errors
    /// When the terms do not decide the bill; the person then stands as before, but for years that have ended.
    pub fn settle(&mut self, bill: &Bill) -> Result<Entry, Refusal> {
        let (at, visit) = self.engine.prepare(bill)?;
        let plan = &self.engine.plans[at];
        if self.sum + visit.amounts.total > PERSON_LIMIT {
            return Err(Refusal::TooLarge);
        }
        if self.last.is_none() {
            self.open_carries(plan);
        }
        self.roll_to(bill.date.year());
        self.continue_chain(bill);
        let mut by_stage = vec![0; plan.stages.len()];
        let mut steps = Vec::new();
        let before = self.engine.strict.then(|| self.state.clone());
        let admissions = self.admissions_before(bill);
        let funds = plan.run(&visit, &mut self.state, &mut by_stage, &mut steps)?;
        let carried_basis =
            self.carried.iter().filter(|rolled| plan.uses(rolled, &steps)).map(|rolled| rolled.basis).max();
        let basis = plan.basis_of(&steps).max(visit.basis).max(carried_basis.unwrap_or_default());
        if let Some(before) = before.filter(|_| !basis.holds_when_strict()) {
            // The rows were strict; what the year before left, or the tier, was not.
            self.state = before;
            return Err(Refusal::Weak { key: self.weak_key(&visit), basis });
        }
        self.sum += visit.amounts.total;
        let passed = steps.iter().filter_map(|step| plan.stages[step.stage as usize].chain());
        self.keep(bill, &passed.collect::<Vec<_>>(), admissions);
        self.last = Some((bill.date.year(), visit.facts, bill.person.insured_since));
        self.last_bill = Some(bill.clone());
        let carried = if self.carried_told { Vec::new() } else { self.carried.clone() };
        self.carried_told = true;
        let person = visit.amounts.total - Fen(funds);
        Ok(Entry { plan: at, amounts: visit.amounts, by_stage, person, steps, carried, basis })
    }

    /// Effects of years before the first bill: the lowering after so many quiet years, and flags.
    fn open_carries(&mut self, plan: &Plan) {
        for rule in &plan.carries {
            if let Some(years) = self.opening.quiet.get(&rule.id) {
                self.state.amounts[rule.value as usize] = rule.lowering_after(*years);
            }
            if self.opening.flags.contains(&rule.id) {
                self.state.flags |= 1 << rule.bit;
            }
        }
    }

    /// The key of what a strict run does not accept, where it is not a stage's row.
    fn weak_key(&self, visit: &Visit) -> String {
        let weak = |rolled: &&Rolled| !rolled.basis.holds_when_strict();
        match self.carried.iter().find(weak) {
            Some(rolled) if visit.basis.holds_when_strict() => format!("carry.{}", rolled.rule),
            _ => BENEFIT_TIER.to_owned(),
        }
    }

    /// What the bill that this one continues had met of each deductible; nothing without such a bill, or if another stage
    /// paid it. A further part of a stay stands where the stay began among the admissions.
    fn continue_chain(&mut self, bill: &Bill) {
        let further = bill.part == Part::Further;
        let met = |slot: SlotId| {
            let from = |(id, of, _): &&(String, SlotId, i64)| Some(id) == bill.from_bill.as_ref() && *of == slot;
            self.met.iter().find(from).map(|(.., met)| *met)
        };
        for (slot, by_referral) in &self.engine.chains {
            let counts_on = *by_referral || further;
            self.state.amounts[*slot as usize] = met(*slot).filter(|_| counts_on).unwrap_or(0);
        }
        for slot in self.engine.admissions.iter().filter(|_| further) {
            if let Some(before) = met(*slot) {
                self.state.amounts[*slot as usize] = before;
            }
        }
    }

    /// The deductibles of the admissions before a stay that is settled in parts.
    fn admissions_before(&self, bill: &Bill) -> Vec<(SlotId, i64)> {
        let of = |slot: &SlotId| (*slot, self.state.amounts[*slot as usize]);
        if bill.part == Part::Whole { Vec::new() } else { self.engine.admissions.iter().map(of).collect() }
    }

    /// Keeps what a bill that continues this one will take over. Where none can, nothing is left of it.
    fn keep(&mut self, bill: &Bill, passed: &[SlotId], admissions: Vec<(SlotId, i64)>) {
        for (slot, by_referral) in &self.engine.chains {
            let amount = &mut self.state.amounts[*slot as usize];
            if passed.contains(slot) && (*by_referral || bill.part != Part::Whole) {
                self.met.push((bill.id.clone(), *slot, *amount));
            }
            if !by_referral {
                *amount = 0;
            }
        }
        self.met.extend(admissions.into_iter().map(|(slot, before)| (bill.id.clone(), slot, before)));
    }

    /// Ends every year before `year` that the person has not left yet; a year ends once, even if the bill is then refused.
    /// Gives what the last year left.
    pub fn roll_to(&mut self, year: i16) -> &[Rolled] {
        let Some((last, facts, insured_since)) = &mut self.last else { return &[] };
        for ending in *last..year {
            let Ok(new_year) = Date::new(ending, 1, 1) else { break };
            let eve = Date::new(ending, 12, 31).unwrap_or(new_year);
            if let Some(at) = self.engine.plan_on(eve) {
                let whole_year = insured_since.is_some_and(|since| since <= new_year);
                self.carried = self.engine.plans[at].roll(facts, whole_year, &mut self.state);
                self.carried_told = false;
            }
            self.engine.slots.end_year(&mut self.state);
        }
        *last = year.max(*last);
        &self.carried
    }
}

fn opening_state(engine: &Engine, opening: &Opening) -> State {
    let mut state = State { admissions: opening.admissions, ..State::default() };
    let mut put = |name: String, amount: i64| {
        if let Some(slot) = engine.slots.find(&name) {
            state.amounts[slot as usize] = amount;
        }
    };
    for (name, amount) in &opening.used {
        put(name.clone(), amount.0);
    }
    for (rule, amount) in &opening.carried {
        put(format!("carry.{rule}.value"), amount.0);
    }
    for (rule, years) in &opening.quiet {
        put(format!("carry.{rule}.years"), *years);
    }
    state
}
