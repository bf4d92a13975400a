//! A population's bills in columns: the same rows and the same arithmetic as one bill with steps, laid out for speed.
//!
//! Facts decide which row of each stage applies; of a population only few combinations occur. So each bill's combination is
//! looked up once, when it is loaded, and becomes the number of a *route*: the short list of rows it passes. A run then
//! touches three amounts, a route number and the person's slots, and nothing else. One block holds bills of one plan and one
//! year, each person's together and in order; admissions are numbered at load. Referral chains and reversals need the ordered
//! form ([`crate::Engine`]), which is why they are not here: [`Columns::push`] refuses them.

use std::collections::BTreeMap;

use domain::{Care, Fen, Layer, Mark, Rounding};
use policy::Facts;

use crate::plan::{CapOn, Cell, Deductible, Plan, Row};
use crate::refusal::Refusal;
use crate::run::{MAX_STAGES, Parts, StageStep, Visit, base, left, parts, pay};
use crate::scope::is_admission;
use crate::state::{MAX_SLOTS, NO_SLOT};

/// Payments of one bill by layer (basic, catastrophic, assistance, other), in fen.
pub type ByLayer = [i64; Layer::ALL.len()];

/// Bills of many persons under one plan, in columns.
#[derive(Clone, Debug)]
pub struct Columns<'p> {
    plan: &'p Plan,
    routes: Vec<Route>,
    /// The rows of all routes, one route after another.
    rows: Vec<(Row, usize)>,
    plain: Vec<Plain>,
    known: BTreeMap<(Facts, bool), u16>,
    by_cells: BTreeMap<([u16; MAX_STAGES], u8), u16>,
    /// First bill of each person, and the number of bills at the end.
    persons: Vec<u32>,
    amounts: Vec<Parts>,
    route: Vec<u16>,
    admissions: u8,
}

/// Which rows a combination of facts passes.
#[derive(Clone, Debug)]
struct Route {
    rows: std::ops::Range<usize>,
    /// The same rows in the plain form, where all of them have it.
    plain: std::ops::Range<usize>,
    admission: u8,
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
    layer: u8,
    less_paid: bool,
    /// The deductible or the bands run over the year.
    over_year: bool,
}

impl Plain {
    /// The plain form of a row, if it has one.
    fn of(row: &Row, layer: usize, rounding: Rounding) -> Option<Plain> {
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
            layer: layer as u8,
            less_paid: rule.less_paid,
            over_year: slots.deductible != NO_SLOT || slots.position != NO_SLOT,
        })
    }

    /// What it pays: [`pay`] for rows of this form.
    #[inline(always)]
    fn pay(&self, parts: &Parts, sum: i64, slots: &mut [i64; MAX_SLOTS]) -> i64 {
        let whole = parts[self.part as usize % 4];
        let left = (whole - sum).max(0);
        let base = if self.less_paid { left } else { whole };
        let uncapped = if self.over_year {
            let left = (self.deductible - slots[self.deductible_slot as usize % MAX_SLOTS]).max(0);
            let deductible = base.min(left);
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
        let paid = uncapped.min((self.cap - *used).max(0)).min(left);
        *used += if self.cap_slot == NO_SLOT { 0 } else { paid };
        paid
    }
}

/// Why a bill cannot stand in columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The terms do not decide it.
    Refused(Refusal),
    /// The plan counts amounts for the next year, or pays by what last year left.
    Carries,
    /// The bill continues another, of a referral chain or the same stay, and its deductible counts on.
    Chained,
    /// More combinations of facts than a route number holds.
    TooVaried,
}

impl<'p> Columns<'p> {
    /// Columns for bills of one plan.
    ///
    /// # Errors
    /// [`Unfit::Carries`] for a plan whose years depend on each other.
    pub fn new(plan: &'p Plan) -> Result<Columns<'p>, Unfit> {
        if !plan.carries.is_empty() {
            return Err(Unfit::Carries);
        }
        Ok(Columns {
            plan,
            routes: Vec::new(),
            rows: Vec::new(),
            plain: Vec::new(),
            known: BTreeMap::new(),
            by_cells: BTreeMap::new(),
            persons: vec![0],
            amounts: Vec::new(),
            route: Vec::new(),
            admissions: 0,
        })
    }

    /// Adds the current person's next bill.
    ///
    /// # Errors
    /// When the terms do not decide the bill, or it needs the ordered form. The columns are as before.
    pub fn push(&mut self, visit: &Visit) -> Result<(), Unfit> {
        if visit.further {
            return Err(Unfit::Chained);
        }
        let mut facts = Facts { age: self.plan.youngest_like(visit.facts.age), ..visit.facts };
        if is_admission(Care::ALL[facts.care as usize]) {
            facts.admission = self.admissions.saturating_add(1);
        }
        let route = self.route_of(facts, visit.burden_only)?;
        self.admissions = self.admissions.max(facts.admission);
        self.amounts.push(parts(&visit.amounts));
        self.route.push(route);
        Ok(())
    }

    /// Ends the current person: the next bill is another's.
    pub fn next_person(&mut self) {
        self.persons.push(self.amounts.len() as u32);
        self.admissions = 0;
    }

    /// How many bills there are.
    pub fn len(&self) -> usize {
        self.amounts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.amounts.is_empty()
    }

    fn route_of(&mut self, facts: Facts, burden_only: bool) -> Result<u16, Unfit> {
        if let Some(route) = self.known.get(&(facts, burden_only)) {
            return Ok(*route);
        }
        let mut cells = [0u16; MAX_STAGES];
        self.plan.route(&facts, burden_only, &mut cells).map_err(Unfit::Refused)?;
        let continues = facts.marks >> Mark::Referral as u8 & 1 == 1;
        if continues && self.rows_of(&cells).any(|(row, _)| row.rule.chained && row.rule.slots.chain != NO_SLOT) {
            return Err(Unfit::Chained);
        }
        // Many combinations pass the same rows; one route for all of them keeps what a run touches small.
        let shares = self.rows_of(&cells).any(|(row, _)| row.rule.slots.previous != NO_SLOT);
        let admission = if shares { facts.admission } else { 0 };
        let number = match self.by_cells.get(&(cells, admission)) {
            Some(number) => *number,
            None => self.add_route(cells, admission)?,
        };
        self.known.insert((facts, burden_only), number);
        Ok(number)
    }

    /// The rows of some cells, each with the layer it pays in.
    fn rows_of(&self, cells: &[u16; MAX_STAGES]) -> impl Iterator<Item = (&'p Row, usize)> {
        self.plan.stages.iter().zip(*cells).filter_map(|(stage, cell)| match &stage.cells[cell as usize] {
            Cell::Row(row) => Some((row, stage.layer as usize)),
            Cell::NotCovered | Cell::Refused(_) => None,
        })
    }

    fn add_route(&mut self, cells: [u16; MAX_STAGES], admission: u8) -> Result<u16, Unfit> {
        let number = u16::try_from(self.routes.len()).map_err(|_| Unfit::TooVaried)?;
        let mut rows: Vec<(Row, usize)> = self.rows_of(&cells).map(|(row, layer)| (row.clone(), layer)).collect();
        for (row, _) in &mut rows {
            // A bill that continues no other begins a chain of its own: nothing is met.
            row.rule.slots.chain = NO_SLOT;
        }
        let plain: Option<Vec<Plain>> =
            rows.iter().map(|(row, layer)| Plain::of(row, *layer, self.plan.rounding)).collect();
        let (first, first_plain) = (self.rows.len(), self.plain.len());
        self.rows.append(&mut rows);
        self.plain.extend(plain.unwrap_or_default());
        self.routes.push(Route { rows: first..self.rows.len(), plain: first_plain..self.plain.len(), admission });
        self.by_cells.insert((cells, admission), number);
        Ok(number)
    }

    /// Settles every bill; `paid` receives the payments by layer, one entry a bill.
    pub fn settle(&self, paid: &mut [ByLayer]) {
        let slot_count = self.plan.slot_count.min(MAX_SLOTS);
        let mut slots = [0i64; MAX_SLOTS];
        for person in self.persons.windows(2) {
            let (start, end) = (person[0] as usize, person[1] as usize);
            slots[..slot_count].fill(0);
            let bills = self.amounts[start..end].iter().zip(&self.route[start..end]).zip(&mut paid[start..end]);
            for ((parts, route), paid) in bills {
                let route = &self.routes[*route as usize];
                *paid = ByLayer::default();
                if route.plain.is_empty() {
                    self.settle_general(route, parts, &mut slots, paid);
                    continue;
                }
                let mut sum = 0;
                for row in &self.plain[route.plain.clone()] {
                    let pays = row.pay(parts, sum, &mut slots);
                    paid[row.layer as usize % Layer::ALL.len()] += pays;
                    sum += pays;
                }
            }
        }
    }

    /// A bill that passes a row without the plain form.
    #[inline(never)]
    fn settle_general(&self, route: &Route, parts: &Parts, slots: &mut [i64; MAX_SLOTS], paid: &mut ByLayer) {
        let mut sum = 0;
        for (row, layer) in &self.rows[route.rows.clone()] {
            let mut step = StageStep { base: base(row, parts, sum), ..StageStep::default() };
            let left = left(row, parts, sum);
            pay(row, left, self.plan.rounding, &mut step, route.admission, slots);
            paid[*layer] += step.paid;
            sum += step.paid;
        }
    }
}
