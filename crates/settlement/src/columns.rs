//! A population's bills in columns: the same rows and the same arithmetic as one bill with steps, laid out for speed.
//!
//! Facts decide which row of each stage applies; of a population only few combinations occur. So each bill's combination is
//! looked up once, when it is loaded, and becomes the number of a *route*: the short list of rows it passes. A run then
//! touches three amounts, a route number and the person's slots, and nothing else. One block holds bills of one plan and one
//! year, each person's together and in order; admissions are numbered at load. Referral chains and reversals need the ordered
//! form ([`crate::Engine`]), which is why they are not here: [`Columns::push`] refuses them.

use std::collections::BTreeMap;

use domain::{Care, Layer};
use policy::Facts;

use crate::plan::{Base, Cell, Plan, Row};
use crate::refusal::Refusal;
use crate::run::{MAX_STAGES, StageStep, Visit, pay};
use crate::scope::is_admission;
use crate::state::MAX_SLOTS;

/// Payments of one bill by layer (basic, catastrophic, assistance, other), in fen.
pub type ByLayer = [i64; Layer::ALL.len()];

/// Bills of many persons under one plan, in columns.
#[derive(Clone, Debug)]
pub struct Columns<'p> {
    plan: &'p Plan,
    routes: Vec<Route>,
    /// The rows of all routes, one route after another.
    rows: Vec<(Row, usize)>,
    known: BTreeMap<(Facts, bool), u16>,
    /// First bill of each person, and the number of bills at the end.
    persons: Vec<u32>,
    amounts: Vec<BillAmounts>,
    route: Vec<u16>,
    admissions: u8,
}

/// What the stages of a bill may start from.
#[derive(Clone, Copy, Debug)]
struct BillAmounts {
    in_scope: i64,
    first_self_pay: i64,
    total: i64,
}

/// Which rows a combination of facts passes.
#[derive(Clone, Debug)]
struct Route {
    rows: std::ops::Range<usize>,
    admission: u8,
}

/// Why a bill cannot stand in columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The terms do not decide it.
    Refused(Refusal),
    /// It continues another bill.
    Chained,
    /// The plan counts amounts for the next year, or pays by what last year left.
    Carries,
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
            known: BTreeMap::new(),
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
        if visit.from.is_some() {
            return Err(Unfit::Chained);
        }
        let mut facts = visit.facts;
        if is_admission(Care::ALL[facts.care as usize]) {
            facts.admission = self.admissions.saturating_add(1);
        }
        let route = self.route_of(facts, visit.burden_only)?;
        self.admissions = self.admissions.max(facts.admission);
        let amounts = &visit.amounts;
        self.amounts.push(BillAmounts {
            in_scope: amounts.in_scope.0,
            first_self_pay: amounts.first_self_pay.0,
            total: amounts.total.0,
        });
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
        let rows = self.plan.stages.iter().zip(cells).filter_map(|(stage, cell)| match &stage.cells[cell as usize] {
            Cell::Row(row) => Some((row.clone(), stage.layer as usize)),
            Cell::NotCovered | Cell::Refused(_) => None,
        });
        let start = self.rows.len();
        self.rows.extend(rows);
        let route = Route { rows: start..self.rows.len(), admission: facts.admission };
        let number = u16::try_from(self.routes.len()).map_err(|_| Unfit::TooVaried)?;
        self.routes.push(route);
        self.known.insert((facts, burden_only), number);
        Ok(number)
    }

    /// Settles every bill; `paid` receives the payments by layer, one entry a bill.
    pub fn settle(&self, paid: &mut [ByLayer]) {
        let rounding = self.plan.rounding;
        let slot_count = self.plan.slot_count.min(MAX_SLOTS);
        let mut slots = [0i64; MAX_SLOTS];
        for person in self.persons.windows(2) {
            let (start, end) = (person[0] as usize, person[1] as usize);
            slots[..slot_count].fill(0);
            let bills = self.amounts[start..end].iter().zip(&self.route[start..end]).zip(&mut paid[start..end]);
            for ((amounts, route), paid) in bills {
                let route = &self.routes[*route as usize];
                let mut by_layer = ByLayer::default();
                let mut sum = 0;
                for (row, layer) in &self.rows[route.rows.clone()] {
                    let mut step = StageStep { base: amounts.base(row.rule.base, sum), ..StageStep::default() };
                    let mut unchained = 0;
                    pay(row, rounding, &mut step, route.admission, &mut unchained, &mut slots);
                    by_layer[*layer] += step.paid;
                    sum += step.paid;
                }
                *paid = by_layer;
            }
        }
    }
}

impl BillAmounts {
    #[inline]
    fn base(&self, base: Base, paid: i64) -> i64 {
        match base {
            Base::InScope => self.in_scope,
            Base::Burden => (self.in_scope - paid).max(0),
            Base::BurdenWithFirstSelfPay => (self.in_scope + self.first_self_pay - paid).max(0),
            Base::BillBurden => (self.total - paid).max(0),
        }
    }
}
