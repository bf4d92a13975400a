//! A span of days for a region: the plans of its changing terms, and a person's bills settled through them in order.
//!
//! Years roll over between bills. A reversal takes a settlement back and settles every later bill of the person anew; what
//! changes is given as difference entries, so that earlier answers stay as they were given.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Amounts, Basis, Bill, Date, Fen, Payer};
use policy::conditions::Axis;
use policy::{Library, Region, View};

use crate::carry::Rolled;
use crate::compile::Options;
use crate::person::PersonRun;
use crate::plan::{Cell, Plan, Stage, StageSlots};
use crate::refusal::Refusal;
use crate::run::{StageStep, Visit};
use crate::state::{NO_SLOT, SlotId, Slots};

/// The plans of a region over a span of days.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(crate) plans: Vec<Plan>,
    pub(crate) slots: Slots,
    /// Slots of deductibles that count on in a bill that continues another; whether along a referral chain too.
    pub(crate) chains: Vec<(SlotId, bool)>,
    /// Slots of the deductibles of earlier admissions.
    pub(crate) admissions: Vec<SlotId>,
    pub(crate) strict: bool,
    /// The one day whose terms are used for all bills, if they are.
    pub(crate) as_of: Option<Date>,
}

/// What a person brings into the first year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// Quiet years counted, by carry rule.
    pub quiet: BTreeMap<String, i64>,
    /// Amount added to a ceiling, by carry rule.
    pub carried: BTreeMap<String, Fen>,
    /// Carry rules whose flag holds.
    pub flags: BTreeSet<String>,
    /// Amounts already used, by slot name, as `stage.outpatient.cap` or `pool.assistance.cap`.
    pub used: BTreeMap<String, Fen>,
    /// Admissions of the year already made.
    pub admissions: u8,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A bill settled.
    Settled,
    /// A settlement taken back.
    Reversed,
    /// The change of a later bill after a reversal.
    Difference,
}

impl EntryKind {
    /// The word used in output.
    pub fn code(self) -> &'static str {
        match self {
            EntryKind::Settled => "settled",
            EntryKind::Reversed => "reversed",
            EntryKind::Difference => "difference",
        }
    }
}

/// The answer to one bill (or its reversal or difference).
#[derive(Clone, Debug, PartialEq)]
pub struct Settlement<'b> {
    /// The bill.
    pub bill: &'b Bill,
    /// What the entry is.
    pub kind: EntryKind,
    /// What was paid, or why not.
    pub result: Result<Entry, Refusal>,
}

/// Amounts of a settled bill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Position of the plan in the engine.
    pub plan: usize,
    /// The bill's parts; negative on a reversal, zero on a difference.
    pub amounts: Amounts,
    /// Payment of each stage of the plan, fen.
    pub by_stage: Vec<i64>,
    /// What the person bears: cash and account together.
    pub person: Fen,
    /// Steps of the stages that looked at the bill.
    pub steps: Vec<StageStep>,
    /// What the year before left, on the first bill of a year.
    pub carried: Vec<Rolled>,
    /// The weakest basis used.
    pub basis: Basis,
}

impl Entry {
    /// Sum of all payers.
    pub fn funds(&self) -> Fen {
        Fen(self.by_stage.iter().sum())
    }

    /// Payment by fund.
    pub fn by_payer(&self, plan: &Plan) -> BTreeMap<Payer, Fen> {
        let mut sums = BTreeMap::new();
        for (stage, paid) in plan.stages.iter().zip(&self.by_stage) {
            *sums.entry(stage.payer).or_insert(Fen::ZERO) += Fen(*paid);
        }
        sums
    }

    /// What takes it back.
    #[must_use]
    pub fn negated(&self) -> Entry {
        let Amounts { total, in_scope, first_self_pay, out_of_scope, over_limit } = self.amounts;
        Entry {
            amounts: Amounts {
                total: -total,
                in_scope: -in_scope,
                first_self_pay: -first_self_pay,
                out_of_scope: -out_of_scope,
                over_limit: -over_limit,
            },
            by_stage: self.by_stage.iter().map(|paid| -paid).collect(),
            person: -self.person,
            steps: Vec::new(),
            carried: Vec::new(),
            ..self.clone()
        }
    }

    /// The change from an earlier entry of the same bill; `None` if nothing changed.
    pub fn since(&self, earlier: &Entry) -> Option<Entry> {
        let by_stage: Vec<i64> = self.by_stage.iter().zip(&earlier.by_stage).map(|(new, old)| new - old).collect();
        by_stage.iter().any(|change| *change != 0).then(|| Entry {
            amounts: Amounts::default(),
            by_stage,
            person: self.person - earlier.person,
            ..self.clone()
        })
    }
}

impl Engine {
    /// Compiles the terms of a region for every day from `first` to `last`.
    pub fn compile(
        library: &Library,
        region: &Region,
        view: &View<'_>,
        options: Options,
        first: Date,
        last: Date,
    ) -> Engine {
        let mut starts: BTreeSet<Date> =
            library.change_days(region, view).into_iter().filter(|d| first < *d && *d <= last).collect();
        starts.insert(first);
        let years = (first.year() + 1)..=last.year();
        starts.extend(years.filter_map(|year| Date::new(year, 1, 1).ok()));
        let mut slots = Slots::default();
        let plans = starts
            .into_iter()
            .map(|day| Plan::compile(&library.terms(region, day, view), options, &mut slots))
            .collect();
        Engine::of(plans, slots, options)
    }

    /// The terms of one day for bills of any day (`--as-of`).
    pub fn as_of(library: &Library, region: &Region, view: &View<'_>, options: Options, day: Date) -> Engine {
        let mut slots = Slots::default();
        let mut plan = Plan::compile(&library.terms(region, day, view), options, &mut slots);
        plan.from = Date::MIN;
        Engine { as_of: Some(day), ..Engine::of(vec![plan], slots, options) }
    }

    fn of(plans: Vec<Plan>, slots: Slots, options: Options) -> Engine {
        let stages = || plans.iter().flat_map(|plan| &plan.stages);
        let mut chains: BTreeMap<SlotId, bool> = BTreeMap::new();
        for (slot, stage) in stages().filter_map(|stage| Some((stage.chain()?, stage))) {
            *chains.entry(slot).or_default() |= stage.rule.chained;
        }
        let admissions: BTreeSet<SlotId> = stages().flat_map(|stage| stage.admissions()).collect();
        let (chains, admissions) = (chains.into_iter().collect(), admissions.into_iter().collect());
        Engine { plans, slots, chains, admissions, strict: options.strict, as_of: None }
    }

    /// A plan by its position.
    pub fn plan(&self, at: usize) -> &Plan {
        &self.plans[at]
    }

    /// Whether what a year leaves to the next changes what is paid: by a carry rule, or by a limit over the years.
    pub fn carries(&self) -> bool {
        self.slots.any_lasting() || self.plans.iter().any(|plan| !plan.carries.is_empty())
    }

    /// Whether a deductible counts on in a bill that continues another, of whatever year.
    pub fn chains(&self) -> bool {
        self.chains.iter().any(|(_, by_referral)| *by_referral)
    }

    /// Whether a deductible of this bill's counts on from the bill that it continues along a referral.
    pub fn counts_on(&self, entry: &Entry) -> bool {
        let plan = self.plan(entry.plan);
        entry.steps.iter().any(|step| {
            let row = plan.stages[usize::from(step.stage)].cells.get(usize::from(step.cell));
            matches!(row, Some(Cell::Row(row)) if row.rule.chained && row.rule.slots.chain != NO_SLOT)
        })
    }

    /// All plans, by first day.
    pub fn plans(&self) -> &[Plan] {
        &self.plans
    }

    /// The slots of running amounts.
    pub fn slots(&self) -> &Slots {
        &self.slots
    }

    /// The position of the plan that holds on a day.
    pub fn plan_on(&self, day: Date) -> Option<usize> {
        self.plans.partition_point(|plan| plan.from <= day).checked_sub(1)
    }

    /// Settles a person's bills in order of their days (equal days in the given order), reversals among them.
    pub fn settle<'b>(&self, bills: &[&'b Bill], opening: &Opening) -> Vec<Settlement<'b>> {
        let mut order: Vec<&'b Bill> = bills.to_vec();
        order.sort_by_key(|bill| bill.date);
        let mut person = PersonRun::new(self, opening);
        let mut entries: Vec<Settlement<'b>> = Vec::with_capacity(order.len());
        let mut active: Vec<Active<'b>> = Vec::new();
        for bill in order {
            if let Some(target) = &bill.reverses {
                person = self.reverse(bill, target, opening, &mut active, &mut entries).unwrap_or(person);
                continue;
            }
            let result = person.settle(bill);
            active.push(Active { bill, posted: result.clone().ok() });
            entries.push(Settlement { bill, kind: EntryKind::Settled, result });
        }
        entries
    }

    /// Takes a bill back and settles every other bill of the person anew. What was posted is what is taken back; a bill
    /// that can now be settled is, and one that no longer can is taken back too and its refusal named.
    fn reverse<'b, 'e>(
        &'e self,
        reversal: &'b Bill,
        target: &str,
        opening: &Opening,
        active: &mut Vec<Active<'b>>,
        entries: &mut Vec<Settlement<'b>>,
    ) -> Option<PersonRun<'e>> {
        // The reader has refused reversals of unknown bills; one already taken back changes nothing.
        let at = active.iter().position(|active| active.bill.id == *target);
        let taken_back = at.and_then(|at| active.remove(at).posted);
        let result = Ok(taken_back.map_or_else(Entry::default, |posted| posted.negated()));
        entries.push(Settlement { bill: reversal, kind: EntryKind::Reversed, result });
        at?;
        let mut person = PersonRun::new(self, opening);
        for Active { bill, posted } in active {
            let mut post = |kind, result| entries.push(Settlement { bill, kind, result });
            match (person.settle(bill), posted.take()) {
                (Ok(anew), Some(before)) => {
                    if let Some(change) = anew.since(&before) {
                        post(EntryKind::Difference, Ok(change));
                    }
                    *posted = Some(anew);
                }
                (Ok(anew), None) => {
                    post(EntryKind::Settled, Ok(anew.clone()));
                    *posted = Some(anew);
                }
                (Err(refusal), Some(before)) => {
                    post(EntryKind::Reversed, Ok(before.negated()));
                    post(EntryKind::Difference, Err(refusal));
                }
                (Err(_), None) => {}
            }
        }
        Some(person)
    }
}

/// A bill that stands, with what has been posted of it so far; nothing if it was refused.
struct Active<'b> {
    bill: &'b Bill,
    posted: Option<Entry>,
}

impl Plan {
    /// The weakest basis of the rows that the steps used.
    pub(crate) fn basis_of(&self, steps: &[StageStep]) -> Basis {
        let basis = |step: &StageStep| match &self.stages[step.stage as usize].cells[step.cell as usize] {
            Cell::Row(row) => row.basis,
            Cell::NotCovered | Cell::Refused(_) => Basis::Stated,
        };
        steps.iter().map(basis).max().unwrap_or_default()
    }

    /// Whether a stage that looked at a bill uses what a carry rule left.
    pub(crate) fn uses(&self, rolled: &Rolled, steps: &[StageStep]) -> bool {
        let Some(rule) = self.carries.iter().find(|rule| rule.id == rolled.rule) else { return false };
        let by_slot = |slots: &StageSlots| slots.minus_carry == rule.value || slots.plus_carry == rule.value;
        let by_flag = |stage: &Stage| stage.space.axes.contains(&Axis::Carry(rule.bit));
        let stages = steps.iter().map(|step| &self.stages[step.stage as usize]);
        stages.into_iter().any(|stage| by_slot(&stage.rule.slots) || by_flag(stage))
    }

    /// What the nearest basic stage asks for that such a bill does not have.
    pub(crate) fn not_covered(&self, facts: &policy::Facts) -> Refusal {
        let care = domain::Care::ALL[facts.care as usize];
        let why = if self.pays(care) { self.why_not(facts, care) } else { String::new() };
        Refusal::NotCovered { care, why }
    }

    fn why_not(&self, facts: &policy::Facts, care: domain::Care) -> String {
        let one = |mask: u32, value: u8| mask >> value & 1 == 1;
        let stages = self.stages.iter().filter(|s| s.layer == domain::Layer::Basic && one(s.covers.care, care as u8));
        let reasons = stages.map(|stage| {
            let test = &stage.covers;
            let mut lacks = Vec::new();
            if !one(test.scheme, facts.scheme) {
                lacks.push("险种不符".to_owned());
            }
            if !one(test.level, facts.level) {
                lacks.push(format!("不含{}机构", domain::Level::ALL[facts.level as usize].name()));
            }
            if !one(test.filing, facts.filing) {
                lacks.push("就医地备案情形不符".to_owned());
            }
            if test.marks != 0 && test.marks & facts.marks == 0 {
                let names: Vec<&str> = domain::Marks(test.marks).iter().map(|mark| mark.name()).collect();
                lacks.push(format!("须为{}", names.join("或")));
            }
            if test.diseases != 0 && test.diseases & facts.diseases == 0 {
                lacks.push("病种不在目录".to_owned());
            }
            if test.categories != 0 && test.categories & facts.categories == 0 {
                lacks.push("人员类别不符".to_owned());
            }
            if !one(test.tier, facts.tier) || !one(test.group, facts.group) {
                lacks.push("档次或人群不符".to_owned());
            }
            (lacks.len(), format!("{}：{}", stage.name, lacks.join("、")))
        });
        reasons.min().map(|(_, reason)| reason).unwrap_or_default()
    }
}

impl Engine {
    /// The plan of a bill's day, and the bill as that plan sees it.
    ///
    /// # Errors
    /// When no terms hold on the day, or as [`Plan::visit`].
    pub fn prepare(&self, bill: &Bill) -> Result<(usize, Visit), Refusal> {
        let at = self.plan_on(bill.date).ok_or(Refusal::NoTerms { day: bill.date, ended: None })?;
        let plan = &self.plans[at];
        if plan.stages.is_empty() {
            return Err(Refusal::NoTerms { day: self.as_of.unwrap_or(bill.date), ended: plan.ended.clone() });
        }
        Ok((at, plan.visit(bill)?))
    }
}
