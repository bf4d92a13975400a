//! Eight terms side by side: columns that follow the same leader send a bill over rows in the same places, so that what the
//! processor does is the same for all of them and only figures differ. Each has a lane; a row's arithmetic is done once, over
//! rows of eight numbers.
//!
//! Plain loops over eight numbers become vector instructions where the caller allows them; everything here is inlined for that.
//! A row that has no form for it is taken one lane at a time. Products stay below 2^52 and quotients come from 32-bit products,
//! which is why a person whose year is above [`YEAR_LIMIT`] is handed back.

mod eight;

use domain::{Fen, Rounding};

use crate::columns::{Bound, Columns, Passed};
use crate::plan::{Band, CapOn, Deductible, StageRule};
use crate::run::{MAX_STAGES, Parts, StageStep, base, left, pay};
use crate::state::{MAX_SLOTS, NO_SLOT};

pub use eight::{Eight, LANES};

/// The total of a person's bills from which on they are not settled here, fen. Every running amount stays below 2^32: it is
/// at most what each stage adds, the person's bills once.
const YEAR_LIMIT: i64 = (1 << 32) / MAX_STAGES as i64;

/// Takes what lanes pay: bill after bill, row after row. Bills are told by their position in the batch.
pub trait LaneSink {
    /// A row pays from a fund, given by its position among [`Columns::funds`].
    fn pay(&mut self, bill: usize, fund: usize, fen: &Eight);
    /// A bill is done.
    fn settled(&mut self, bill: usize);
    /// All lanes refuse a bill; the person's other bills go on without it.
    fn refused(&mut self, bill: usize);
    /// A person's bills are done.
    fn end(&mut self, person: usize);
    /// A person whose bills need the ordered form, or are too much for lanes; nothing of the person is counted.
    fn alone(&mut self, person: usize);
}

/// The rows of eight columns that follow the same leader, side by side.
#[derive(Clone, Debug, Default)]
pub struct Lanes {
    /// Of each row of the columns the form for all lanes, if it has one.
    rows: Vec<Option<Abreast>>,
    /// How many routes have been learned.
    routes: usize,
}

/// A row under each of the terms, of a form that is the same for all: a fixed deductible, bands, a cap on payments.
#[derive(Clone, Debug)]
struct Abreast {
    rule: StageRule,
    deductible: Eight,
    cap: Eight,
    /// The lowest first; at least one.
    bands: Box<[Bands]>,
    /// One ratio whatever the amount.
    one_ratio: bool,
}

/// A band under each of the terms.
#[derive(Clone, Copy, Debug)]
struct Bands {
    from: Eight,
    to: Eight,
    ppm: Eight,
}

/// In place of a band that some of the terms have not.
const NO_BAND: Band = Band { from: Fen::UNLIMITED.0, to: Fen::UNLIMITED.0, ppm: 0 };

impl Lanes {
    /// Learns the rows that the columns have learned since. All of them follow the same, or are it.
    pub fn learn(&mut self, columns: &[&Columns<'_>; LANES]) {
        for route in &columns[0].routes[self.routes..] {
            let abreast = |at| Abreast::of(columns.map(|columns: &Columns<'_>| &columns.rows[at]), route.rounding);
            self.rows.extend(route.rows.clone().map(abreast));
        }
        self.routes = columns[0].routes.len();
    }

    /// Settles the bills of some of the persons bound, in rising order, under the columns whose rows these are.
    #[inline(always)]
    pub fn settle(
        &self,
        columns: &[&Columns<'_>; LANES],
        bound: &Bound<'_>,
        persons: impl IntoIterator<Item = usize>,
        sink: &mut impl LaneSink,
    ) {
        let leader = columns[0];
        let used = leader.engine.slots.len().min(MAX_SLOTS);
        let mut slots = [Eight::ZERO; MAX_SLOTS];
        for person in persons {
            let (bills, routes, parts) = bound.of(person);
            if bound.is_ordered(person) || parts.iter().map(|[_, _, total, _]| total).sum::<i64>() >= YEAR_LIMIT {
                sink.alone(person);
                continue;
            }
            slots[..used].fill(Eight::ZERO);
            for ((bill, number), parts) in bills.zip(routes).zip(parts) {
                let Some(route) = leader.routes.get(usize::from(*number)) else {
                    sink.refused(bill);
                    continue;
                };
                let mut sum = Eight::ZERO;
                for at in route.rows.clone() {
                    let paid = match &self.rows[at] {
                        Some(row) => row.pay(parts, &sum, &mut slots),
                        None => one_by_one(columns, at, (route.rounding, route.admission), parts, &sum, &mut slots),
                    };
                    sink.pay(bill, leader.rows[at].fund, &paid);
                    sum += paid;
                }
                sink.settled(bill);
            }
            sink.end(person);
        }
    }
}

impl Abreast {
    /// The form of a row under each of the terms, if it has one.
    fn of(rows: [&Passed; LANES], rounding: Rounding) -> Option<Abreast> {
        let rule = rows[0].row.rule;
        let slots = &rule.slots;
        let none = [slots.chain, slots.previous, slots.minus_carry, slots.plus_carry];
        if rounding != Rounding::HalfUp || rule.cap_on != CapOn::Paid || none.iter().any(|slot| *slot != NO_SLOT) {
            return None;
        }
        let (mut deductible, mut many) = (Eight::ZERO, 1);
        for (lane, Passed { row, .. }) in rows.iter().enumerate() {
            let Deductible::Fixed(amount) = row.deductible else { return None };
            let within = |band: &Band| (0..=1_000_000).contains(&band.ppm) && band.from >= 0;
            if row.rule != rule
                || row.year_limit != Fen::UNLIMITED.0
                || row.entry.is_some()
                || !row.bands.iter().all(within)
            {
                return None;
            }
            deductible[lane] = amount.max(0);
            many = many.max(1 + row.bands.more.len());
        }
        let band = |at: usize| {
            let of = |lane: usize| rows[lane].row.bands.iter().nth(at).unwrap_or(&NO_BAND);
            Bands {
                from: Eight::each(|lane| of(lane).from),
                to: Eight::each(|lane| of(lane).to),
                ppm: Eight::each(|lane| of(lane).ppm),
            }
        };
        let bands: Box<[Bands]> = (0..many).map(band).collect();
        let one_ratio = many == 1 && bands[0].from == Eight::ZERO && bands[0].to == Eight::all(Fen::UNLIMITED.0);
        Some(Abreast { rule, deductible, cap: Eight::each(|lane| rows[lane].row.cap), bands, one_ratio })
    }

    /// What it pays: [`pay`] for rows of this form.
    #[inline(always)]
    fn pay(&self, parts: &Parts, sum: &Eight, slots: &mut [Eight; MAX_SLOTS]) -> Eight {
        let StageRule { part, less_paid, gross, yearly, .. } = self.rule;
        let at = [self.rule.slots.deductible, self.rule.slots.position, self.rule.slots.cap]
            .map(|slot| usize::from(slot) % MAX_SLOTS);
        let [met, position, used] = at.map(|slot| slots[slot]);
        let whole = Eight::all(parts[usize::from(part) % 4]);
        let left = (whole - *sum).not_below_zero();
        let base = if less_paid { left } else { whole };
        let deductible = base.min((self.deductible - met).not_below_zero());
        let from = if gross { position + deductible } else { position };
        let to = from + base - deductible;
        let high = self.paid_up_to(to);
        let uncapped = if at[1] == usize::from(NO_SLOT) && !gross {
            high.micro()
        } else {
            let low = self.paid_up_to(from);
            if yearly { high.micro() - low.micro() } else { (high - low).micro() }
        };
        let paid = uncapped.min((self.cap - used).not_below_zero()).min(left);
        slots[at[0]] = met + deductible;
        slots[at[1]] = to;
        slots[at[2]] = used + paid;
        slots[usize::from(NO_SLOT)] = Eight::ZERO;
        paid
    }

    /// The cumulative payment up to a position, in micro-fen.
    #[inline(always)]
    fn paid_up_to(&self, position: Eight) -> Eight {
        if self.one_ratio {
            return position.product(self.bands[0].ppm);
        }
        let mut paid = Eight::ZERO;
        for Bands { from, to, ppm } in &self.bands {
            paid += (position.min(*to) - *from).not_below_zero().product(*ppm);
        }
        paid
    }
}

/// A row without a form for all lanes, one lane after another.
#[inline(never)]
fn one_by_one(
    columns: &[&Columns<'_>; LANES],
    at: usize,
    (rounding, admission): (Rounding, u8),
    parts: &Parts,
    sum: &Eight,
    slots: &mut [Eight; MAX_SLOTS],
) -> Eight {
    let mut paid = Eight::ZERO;
    for (lane, columns) in columns.iter().enumerate() {
        let row = &columns.rows[at].row;
        let mut of_lane: [i64; MAX_SLOTS] = std::array::from_fn(|slot| slots[slot][lane]);
        let mut step = StageStep { base: base(row, parts, sum[lane]), ..StageStep::default() };
        pay(row, left(row, parts, sum[lane]), rounding, &mut step, admission, &mut of_lane);
        slots.iter_mut().zip(of_lane).for_each(|(slot, of_lane)| slot[lane] = of_lane);
        paid[lane] = step.paid;
    }
    paid
}
