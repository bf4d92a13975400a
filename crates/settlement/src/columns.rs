//! A population's bills in columns: the same rows and the same arithmetic as one bill with steps, laid out for speed.
//!
//! Bills come as [`Batch`]: of each its *kind* (all of it but ids and amounts) and its amounts, each person's together and in order,
//! whatever the terms. Of a population only few kinds occur. [`Columns`] are what an engine's terms make of the kinds: each is
//! looked up once and becomes the number of a *route*, the short list of rows its bills pass. A run then touches amounts, a
//! kind and the person's slots, and nothing else; many engines can run over the same batch.
//!
//! A batch is one calendar year, and persons begin it with nothing: what years leave to each other, deductibles that count on
//! along a referral chain, stays in parts and reversals need the ordered form ([`crate::PersonRun`]). Kinds of such bills are
//! [`Unfit::Chained`], and a run hands a person who has one back whole, untouched.

use std::collections::BTreeMap;
use std::ops::Range;

use domain::{Bill, Fen, Mark, Part, Payer, Rounding};
use policy::Facts;
use policy::conditions::Axis;

use crate::batch::{Amounts, Batch, Classes, KindId};
use crate::engine::Engine;
use crate::person::BENEFIT_TIER;
use crate::plan::{CapOn, Deductible, Row};
use crate::reach::Reach;
use crate::refusal::Refusal;
use crate::run::{MAX_STAGES, Parts, StageStep, base, left, pay};
use crate::scope::is_admission;
use crate::state::{MAX_SLOTS, NO_SLOT};

/// The most funds that a region's stages may pay from, in columns.
pub const MAX_FUNDS: usize = 8;

/// Persons of a batch who follow each other, with the route and the parts of each bill under one engine's terms.
#[derive(Clone, Debug)]
pub struct Bound<'b> {
    /// First bill of each person of the batch, and the number of bills at the end.
    persons: &'b [u32],
    /// Position of their first bill; routes and parts begin with it.
    first: usize,
    routes: Vec<u16>,
    parts: Vec<Parts>,
    /// Persons with a bill that needs the ordered form.
    ordered: Vec<usize>,
}

impl Bound<'_> {
    /// The bills of a person, with the route and the parts of each.
    #[inline]
    pub(crate) fn of(&self, person: usize) -> (Range<usize>, &[u16], &[Parts]) {
        let bills = self.persons[person] as usize..self.persons[person + 1] as usize;
        let at = bills.start - self.first..bills.end - self.first;
        (bills, &self.routes[at.clone()], &self.parts[at])
    }

    /// Whether a person has a bill that needs the ordered form.
    #[inline]
    pub(crate) fn is_ordered(&self, person: usize) -> bool {
        self.ordered.binary_search(&person).is_ok()
    }
}

/// Takes what a run pays: bill after bill, row after row. Bills are told by their position in the batch.
pub trait Sink {
    /// A row pays from a fund, given by its position among [`Columns::funds`]; less than [`MAX_FUNDS`].
    fn pay(&mut self, bill: usize, fund: usize, fen: i64);
    /// How far the bill whose row paid last reached into the row's stage, given by its position in the plan.
    #[inline(always)]
    fn reach(&mut self, _stage: usize, _reach: Reach) {}
    /// A bill is done.
    fn settled(&mut self, bill: usize, sums: BillSums);
    /// The terms do not decide a bill; the person's other bills go on without it.
    fn refused(&mut self, bill: usize);
    /// A person's bills are done.
    fn end(&mut self, person: usize, bills: Range<usize>);
    /// A person has a bill that needs the ordered form, or more than is counted here; nothing of the person is.
    fn ordered(&mut self, person: usize, bills: Range<usize>);
}

/// What terms make of a bill, fen.
#[derive(Clone, Copy, Debug)]
pub struct BillSums {
    /// Total.
    pub total: i64,
    /// In scope.
    pub in_scope: i64,
    /// First self-pay of class B.
    pub first_self_pay: i64,
    /// What all funds pay.
    pub funds: i64,
}

impl BillSums {
    #[inline(always)]
    fn of([in_scope, with_first_self_pay, total, _]: &Parts, funds: i64) -> BillSums {
        BillSums { total: *total, in_scope: *in_scope, first_self_pay: with_first_self_pay - in_scope, funds }
    }
}

/// What an engine's terms make of kinds of bills.
#[derive(Clone, Debug)]
pub struct Columns<'e> {
    pub(crate) engine: &'e Engine,
    pub(crate) funds: Vec<Payer>,
    pub(crate) routes: Vec<Route>,
    /// The rows of all routes, one route after another.
    pub(crate) rows: Vec<Passed>,
    plain: Vec<Plain>,
    /// Where each route leads.
    pub(crate) places: Vec<Place>,
    by_place: BTreeMap<Place, u16>,
    /// Numbers of admission that the terms tell apart, from the first to the last, which stands for all after it.
    pub(crate) numbers: u8,
    /// Number of the form of each kind.
    pub(crate) kinds: Vec<u16>,
    pub(crate) forms: Vec<Form>,
    /// Of each form and number of admission its route, or [`REFUSED`] or [`ORDERED`].
    pub(crate) of_form: Vec<u16>,
    by_form: BTreeMap<(Form, Vec<u16>), u16>,
    /// Why kinds are refused.
    pub(crate) refusals: BTreeMap<KindId, Refusal>,
}

/// Where a combination of facts leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Position of the plan in the engine.
    plan: usize,
    /// The cell of each stage.
    cells: [u16; MAX_STAGES],
    /// Number of the admission, where a row asks for it.
    admission: u8,
}

/// In place of a route: the terms do not decide such a bill.
const REFUSED: u16 = u16::MAX;
/// In place of a route: the bill continues another.
const ORDERED: u16 = u16::MAX - 1;

/// Which rows a combination of facts passes.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub rows: Range<usize>,
    /// The same rows in the plain form, where all of them have it.
    plain: Range<usize>,
    pub rounding: Rounding,
    pub admission: u8,
}

/// A row that bills of a route pass.
#[derive(Clone, Debug)]
pub(crate) struct Passed {
    pub row: Row,
    /// The fund that it pays from, by its position among the columns' funds.
    pub fund: usize,
    /// Position of its stage in the plan.
    pub stage: usize,
}

/// What the terms say of kinds of bills, whatever their route. Of many kinds they say the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Form {
    /// First self-pay share of class B, in parts per million.
    share: i64,
    rounding: Rounding,
    /// 1 if it counts as an admission.
    admits: u8,
}

impl Form {
    /// The parts of a bill of this form.
    #[inline(always)]
    fn parts(&self, amounts: &Classes) -> Parts {
        let Classes { whole, first_self_pay, shared, out } = *amounts;
        let before = whole + shared;
        let with_first_self_pay = before + first_self_pay;
        [before - self.rounding.micro(shared * self.share), with_first_self_pay, with_first_self_pay + out, 0]
    }
}

/// A row in its plain and by far commonest form: a fixed deductible of the visit or the year, one ratio, a cap on payments.
/// What a row does not have points to [`NO_SLOT`].
#[derive(Clone, Copy, Debug)]
struct Plain {
    deductible: i64,
    ppm: i64,
    cap: i64,
    deductible_slot: u8,
    position_slot: u8,
    cap_slot: u8,
    part: u8,
    fund: u8,
    stage: u8,
    less_paid: bool,
    /// The deductible or the bands run over the year.
    over_year: bool,
}

impl Plain {
    /// The plain form of a row, if it has one.
    fn of(Passed { row, fund, stage }: &Passed, rounding: Rounding) -> Option<Plain> {
        let (rule, slots, band) = (&row.rule, &row.rule.slots, &row.bands.first);
        let Deductible::Fixed(deductible) = row.deductible else { return None };
        let one_ratio = row.bands.more.is_empty() && band.from == 0 && band.to == Fen::UNLIMITED.0;
        let unlimited = row.year_limit == Fen::UNLIMITED.0 && slots.chain == NO_SLOT && row.entry.is_none();
        let no_carry = slots.minus_carry == NO_SLOT && slots.plus_carry == NO_SLOT && slots.previous == NO_SLOT;
        let paid = rule.cap_on == CapOn::Paid && !rule.gross && rounding == Rounding::HalfUp;
        (one_ratio && unlimited && no_carry && paid).then_some(Plain {
            deductible,
            ppm: band.ppm,
            cap: row.cap,
            deductible_slot: slots.deductible,
            position_slot: slots.position,
            cap_slot: slots.cap,
            part: rule.part,
            fund: *fund as u8,
            stage: *stage as u8,
            less_paid: rule.less_paid,
            over_year: slots.deductible != NO_SLOT || slots.position != NO_SLOT,
        })
    }

    /// What it pays, and how far the bill reaches: [`pay`] for rows of this form.
    #[inline(always)]
    fn pay(&self, parts: &Parts, sum: i64, slots: &mut [i64; MAX_SLOTS]) -> (i64, Reach) {
        let whole = parts[self.part as usize % 4];
        let left = (whole - sum).max(0);
        let base = if self.less_paid { left } else { whole };
        let met = slots[self.deductible_slot as usize % MAX_SLOTS];
        let uncapped = if self.over_year {
            let deductible = base.min((self.deductible - met).max(0));
            let position = slots[self.position_slot as usize % MAX_SLOTS];
            let reached = position + base - deductible;
            slots[self.deductible_slot as usize % MAX_SLOTS] += deductible;
            slots[self.position_slot as usize % MAX_SLOTS] = reached;
            slots[NO_SLOT as usize] = 0;
            Rounding::HalfUp.micro(reached * self.ppm) - Rounding::HalfUp.micro(position * self.ppm)
        } else {
            Rounding::HalfUp.micro((base - self.deductible).max(0) * self.ppm)
        };
        let used = &mut slots[self.cap_slot as usize % MAX_SLOTS];
        let uncapped = uncapped.min(left);
        let reach = Reach { deductible: met + base, cap: *used + uncapped };
        let paid = uncapped.min((self.cap - *used).max(0));
        *used += if self.cap_slot == NO_SLOT { 0 } else { paid };
        (paid, reach)
    }
}

/// Why a kind of bill cannot stand in columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The terms do not decide it.
    Refused(Refusal),
    /// Such a bill continues another, or takes one back.
    Chained,
    /// More combinations of facts than a route number holds, or more funds than [`MAX_FUNDS`].
    TooVaried,
}

impl<'e> Columns<'e> {
    /// Columns for bills under an engine's terms.
    ///
    /// # Errors
    /// [`Unfit::TooVaried`] where the terms pay from more than [`MAX_FUNDS`] funds.
    pub fn new(engine: &'e Engine) -> Result<Columns<'e>, Unfit> {
        let stages = || engine.plans.iter().flat_map(|plan| &plan.stages);
        let mut funds: Vec<Payer> = stages().map(|stage| stage.payer).collect();
        funds.sort_unstable();
        funds.dedup();
        if funds.len() > MAX_FUNDS {
            return Err(Unfit::TooVaried);
        }
        let told_apart = stages().flat_map(|stage| &stage.space.axes).filter_map(|axis| match axis {
            Axis::Admission(cuts) => cuts.last().copied(),
            _ => None,
        });
        Ok(Columns {
            engine,
            funds,
            routes: Vec::new(),
            rows: Vec::new(),
            plain: Vec::new(),
            places: Vec::new(),
            by_place: BTreeMap::new(),
            // The first admission and any other are always told apart: a share of an earlier deductible is of another's.
            numbers: told_apart.max().unwrap_or(0).max(2),
            kinds: Vec::new(),
            forms: Vec::new(),
            of_form: Vec::new(),
            by_form: BTreeMap::new(),
            refusals: BTreeMap::new(),
        })
    }

    /// The funds, in the order in which payments are given.
    pub fn funds(&self) -> &[Payer] {
        &self.funds
    }

    /// Whether what a year leaves to the next changes what is paid: then only a first year is what columns give.
    pub fn carries(&self) -> bool {
        self.engine.carries()
    }

    /// Learns the next kind of bill from a bill of it. Bills of a kind differ in their ids and amounts only, and either all or
    /// none have class B.
    ///
    /// # Errors
    /// Why such bills, or those of some number of admission, cannot be settled here; a run then leaves them out
    /// ([`Unfit::Refused`]), or hands the person back.
    pub fn learn(&mut self, bill: &Bill) -> Result<(), Unfit> {
        let (known, unfit) = match self.form(bill) {
            Ok((form, routes, refused)) => ((form, routes), refused.map(Unfit::Refused)),
            Err(unfit) => {
                let refused = matches!(unfit, Unfit::Refused(_));
                let instead = if refused { REFUSED } else { ORDERED };
                ((Form::default(), vec![instead; self.numbers as usize]), Some(unfit))
            }
        };
        if let Some(Unfit::Refused(refusal)) = &unfit {
            self.refusals.insert(self.kinds.len() as KindId, refusal.clone());
        }
        let form = match self.by_form.get(&known) {
            Some(form) => *form,
            None => self.add_form(known)?,
        };
        self.kinds.push(form);
        unfit.map_or(Ok(()), Err)
    }

    fn add_form(&mut self, (form, routes): (Form, Vec<u16>)) -> Result<u16, Unfit> {
        let number = u16::try_from(self.forms.len()).map_err(|_| Unfit::TooVaried)?;
        self.forms.push(form);
        self.of_form.extend_from_slice(&routes);
        self.by_form.insert((form, routes), number);
        Ok(number)
    }

    /// How many kinds have been learned.
    pub fn kinds(&self) -> usize {
        self.kinds.len()
    }

    /// Why bills of a kind are refused, if any are.
    pub fn refusal(&self, kind: KindId) -> Option<&Refusal> {
        self.refusals.get(&kind)
    }

    /// The form of a bill, and its route for each number of admission; with why some of these are refused.
    fn form(&mut self, bill: &Bill) -> Result<(Form, Vec<u16>, Option<Refusal>), Unfit> {
        if bill.part != Part::Whole || bill.reverses.is_some() {
            return Err(Unfit::Chained);
        }
        let (at, visit) = self.engine.prepare(bill).map_err(Unfit::Refused)?;
        let plan = &self.engine.plans[at];
        if self.engine.strict && !visit.basis.holds_when_strict() {
            return Err(Unfit::Refused(Refusal::Weak { key: BENEFIT_TIER.to_owned(), basis: visit.basis }));
        }
        let share = plan.first_self_pay_share(bill, &visit.facts).map_err(Unfit::Refused)?;
        let share = share.map_or(0, |(share, _)| share.ppm());
        let admits = is_admission(bill.care);
        let facts = |number| Facts {
            age: plan.youngest_like(visit.facts.age),
            admission: if admits { number } else { 0 },
            ..visit.facts
        };
        let form = Form { share, rounding: plan.rounding, admits: u8::from(admits) };
        let (mut routes, mut refused) = (Vec::with_capacity(self.numbers as usize), None);
        for number in 1..=self.numbers {
            routes.push(match self.route_of(at, &facts(number), visit.burden_only) {
                Err(Unfit::Refused(refusal)) => {
                    refused.get_or_insert(refusal);
                    REFUSED
                }
                route => route?,
            });
        }
        Ok((form, routes, refused))
    }

    fn route_of(&mut self, at: usize, facts: &Facts, burden_only: bool) -> Result<u16, Unfit> {
        let plan = &self.engine.plans[at];
        let mut cells = [0u16; MAX_STAGES];
        plan.route(facts, burden_only, &mut cells).map_err(Unfit::Refused)?;
        let rules = || plan.rows(&cells).map(|(_, row)| &row.rule);
        let continues = facts.marks >> Mark::Referral as u8 & 1 == 1;
        if continues && rules().any(|rule| rule.chained && rule.slots.chain != NO_SLOT) {
            return Err(Unfit::Chained);
        }
        // Many combinations pass the same rows; one route for all of them keeps what a run touches small.
        let shares = rules().any(|rule| rule.slots.previous != NO_SLOT);
        let place = Place { plan: at, cells, admission: if shares { facts.admission } else { 0 } };
        if let Some(number) = self.by_place.get(&place) {
            return Ok(*number);
        }
        let number =
            u16::try_from(self.routes.len()).ok().filter(|number| *number < ORDERED).ok_or(Unfit::TooVaried)?;
        self.add_route(place);
        self.by_place.insert(place, number);
        Ok(number)
    }

    /// Adds the route to a place, with these terms' rows.
    pub(crate) fn add_route(&mut self, place: Place) {
        let plan = &self.engine.plans[place.plan];
        let passed = |(at, row): (usize, &Row)| {
            let payer = plan.stages[at].payer;
            let fund = self.funds.iter().position(|fund| *fund == payer).unwrap_or_default();
            let mut row = row.clone();
            // A bill that continues no other begins a chain of its own: nothing is met.
            row.rule.slots.chain = NO_SLOT;
            Passed { row, fund, stage: at }
        };
        let mut rows: Vec<Passed> = plan.rows(&place.cells).map(passed).collect();
        let rounding = plan.rounding;
        let plain: Option<Vec<Plain>> = rows.iter().map(|passed| Plain::of(passed, rounding)).collect();
        let (first, first_plain) = (self.rows.len(), self.plain.len());
        self.rows.append(&mut rows);
        self.plain.extend(plain.unwrap_or_default());
        let (rows, plain) = (first..self.rows.len(), first_plain..self.plain.len());
        self.routes.push(Route { rows, plain, rounding, admission: place.admission });
        self.places.push(place);
    }

    /// The route of a form at a number of earlier admissions; nothing where it has none.
    pub(crate) fn route_at(&self, form: usize, earlier: u8) -> Option<&Route> {
        let numbers = self.numbers;
        let number = self.of_form[form * usize::from(numbers) + usize::from(earlier.min(numbers - 1))];
        self.routes.get(usize::from(number))
    }

    /// Looks up the route and the parts of each bill of a batch whose kinds have all been learned.
    pub fn bind<'b, A: Amounts>(&self, batch: &'b Batch<A>) -> Bound<'b> {
        self.bind_some(batch, 0..batch.persons())
    }

    /// Looks up the routes and the parts of the bills of some persons of such a batch.
    pub fn bind_some<'b, A: Amounts>(&self, batch: &'b Batch<A>, persons: Range<usize>) -> Bound<'b> {
        let all = batch.bills_of_all(persons.clone());
        let (routes, parts) = (Vec::with_capacity(all.len()), Vec::with_capacity(all.len()));
        let mut bound = Bound { persons: batch.ends(), first: all.start, routes, parts, ordered: Vec::new() };
        let numbers = self.numbers as usize;
        let mut bills = batch.bills(all);
        for person in persons {
            let mut ordered = batch.is_too_large(person);
            let mut admissions = 0;
            for (kind, amounts) in bills.by_ref().take(batch.bills_of(person).len()) {
                let form = self.kinds[*kind as usize] as usize;
                let route = self.of_form[form * numbers + admissions as usize];
                let form = &self.forms[form];
                bound.routes.push(route);
                bound.parts.push(form.parts(&amounts));
                ordered |= route == ORDERED;
                // What is refused is no admission.
                let admits = if route == REFUSED { 0 } else { form.admits };
                admissions = (admissions + admits).min(self.numbers - 1);
            }
            if ordered {
                bound.ordered.push(person);
            }
        }
        bound
    }

    /// Settles the bills of some of the persons bound, in rising order. They are bound by these columns, or by those that these
    /// [follow](Columns::follow).
    #[inline(always)]
    pub fn settle(&self, bound: &Bound<'_>, persons: impl IntoIterator<Item = usize>, sink: &mut impl Sink) {
        let mut slots = [0i64; MAX_SLOTS];
        let mut ordered = bound.ordered.iter().copied().peekable();
        for person in persons {
            let (bills, routes, parts) = bound.of(person);
            while ordered.next_if(|before| *before < person).is_some() {}
            if ordered.peek() == Some(&person) {
                sink.ordered(person, bills);
                continue;
            }
            slots[..self.engine.slots.len().min(MAX_SLOTS)].fill(0);
            for ((bill, number), parts) in bills.clone().zip(routes).zip(parts) {
                let Some(route) = self.routes.get(*number as usize) else {
                    sink.refused(bill);
                    continue;
                };
                let funds = if route.plain.is_empty() {
                    self.settle_general(route, parts, &mut slots, bill, sink)
                } else {
                    let mut sum = 0;
                    for row in &self.plain[route.plain.clone()] {
                        let (pays, reach) = row.pay(parts, sum, &mut slots);
                        sink.pay(bill, row.fund as usize, pays);
                        sink.reach(row.stage as usize, reach);
                        sum += pays;
                    }
                    sum
                };
                sink.settled(bill, BillSums::of(parts, funds));
            }
            sink.end(person, bills);
        }
    }

    /// A bill that passes a row without the plain form; what all funds pay.
    #[inline(never)]
    fn settle_general(
        &self,
        route: &Route,
        parts: &Parts,
        slots: &mut [i64; MAX_SLOTS],
        bill: usize,
        sink: &mut impl Sink,
    ) -> i64 {
        let mut sum = 0;
        for Passed { row, fund, stage } in &self.rows[route.rows.clone()] {
            let mut step = StageStep { base: base(row, parts, sum), ..StageStep::default() };
            let left = left(row, parts, sum);
            let met = slots[row.rule.slots.deductible as usize % MAX_SLOTS];
            pay(row, left, route.rounding, &mut step, route.admission, slots);
            sink.pay(bill, *fund, step.paid);
            sink.reach(*stage, Reach::of(row, met, &step, left));
            sum += step.paid;
        }
        sum
    }
}
