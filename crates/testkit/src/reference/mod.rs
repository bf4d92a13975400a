//! The benefit rules of five regions once more: literal, plain and slow, written from the clauses and from the readings
//! that the notice files state, never from the engine's code.
//!
//! Each region is one file of straight-line code. Figures of a notice stand in the code with the clause beside them; figures
//! of a supplement with the name of its file. A bill is settled by adding up afresh, from plain lists, everything that came
//! before it: no running amounts are kept. Amounts are fen in `i128`, ratios are hundredths of a per cent, and a payment is
//! rounded once, half a fen up.
//!
//! Deliberately absent: reversals (the bill is simply left out), explanations, and which of several reasons a refusal names.

pub mod changchun;
pub mod chongqing;
pub mod nanjing;
pub mod suzhou;
pub mod tianjin;

use domain::{Bill, Care, Date, Level};

/// What a person brings into the first year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// Quiet out-patient years in a row before the first year.
    pub quiet_years: u32,
    /// Unused out-patient limit of earlier years, fen.
    pub unused: i64,
    /// The year before was a light out-patient year.
    pub light: bool,
}

/// A bill with what each stage paid.
#[derive(Clone, Debug)]
pub struct Settled<'b> {
    /// The bill.
    pub bill: &'b Bill,
    /// Its parts.
    pub scope: Scope,
    /// The stages that looked at it, in order.
    pub parts: Vec<Part>,
}

/// One stage's part in a bill, fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Id of the stage, as in the notice files.
    pub stage: &'static str,
    /// What it looked at.
    pub base: i128,
    /// Deductible borne.
    pub deductible: i128,
    /// Payment.
    pub paid: i128,
}

/// A bill's amounts, fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// All of it.
    pub total: i128,
    /// Class B's first self-pay.
    pub first_self_pay: i128,
    /// In scope: class A, and class B after first self-pay.
    pub in_scope: i128,
}

/// How a region settles a bill, given the settled bills before it.
pub type Rule = for<'b> fn(&'b Bill, &[Settled<'b>], &Opening) -> Result<Settled<'b>, &'static str>;

/// The rule of a region, by slug.
pub fn of(region: &str) -> Option<Rule> {
    match region {
        "tianjin" => Some(tianjin::settle),
        "chongqing" => Some(chongqing::settle),
        "nanjing" => Some(nanjing::settle),
        "suzhou" => Some(suzhou::settle),
        "changchun" => Some(changchun::settle),
        _ => None,
    }
}

/// Settles a person's bills by day, bills of one day in the given order.
pub fn settle<'b>(
    rule: Rule,
    bills: &[&'b Bill],
    opening: &Opening,
) -> Vec<(&'b Bill, Result<Settled<'b>, &'static str>)> {
    let mut in_order = bills.to_vec();
    in_order.sort_by_key(|bill| bill.date);
    let mut before: Vec<Settled<'b>> = Vec::new();
    let mut answers = Vec::new();
    for bill in in_order {
        let answer = rule(bill, &before, opening);
        before.extend(answer.clone());
        answers.push((bill, answer));
    }
    answers
}

impl Settled<'_> {
    /// What a stage paid.
    pub fn paid(&self, stage: &str) -> i128 {
        self.parts.iter().filter(|part| part.stage == stage).map(|part| part.paid).sum()
    }

    /// Payments of all stages.
    pub fn funds(&self) -> i128 {
        self.parts.iter().map(|part| part.paid).sum()
    }

    /// What is left of the in-scope amount.
    fn burden(&self) -> i128 {
        self.scope.in_scope - self.funds()
    }

    fn add(&mut self, stage: &'static str, base: i128, deductible: i128, paid: i128) {
        self.parts.push(Part { stage, base, deductible, paid });
    }
}

/// Class A counts whole, class B after its first self-pay share, the rest not at all. `usual_b` is the region's share, for a
/// bill that names none.
fn scope(bill: &Bill, usual_b: Option<i128>) -> Result<Scope, &'static str> {
    let amounts = &bill.amounts;
    let (a, b) = (i128::from(amounts.a.0), i128::from(amounts.b.0));
    let first_self_pay = match (amounts.b_share, usual_b) {
        (Some(share), _) => rounded(b * i128::from(share.ppm()), 1_000_000),
        (None, _) if b == 0 => 0,
        (None, Some(share)) => rounded(b * share, 10_000),
        (None, None) => return Err("no first self-pay share for class B"),
    };
    let outside = i128::from(amounts.c.0) + i128::from(amounts.over_limit.0);
    Ok(Scope { total: a + b + outside, first_self_pay, in_scope: a + b - first_self_pay })
}

/// The settled bills of the calendar year of a bill.
fn of_year<'p, 'b>(before: &'p [Settled<'b>], day: Date) -> Vec<&'p Settled<'b>> {
    before.iter().filter(|settled| settled.bill.date.year() == day.year()).collect()
}

/// The parts that some stages had in some bills.
fn parts<'p>(bills: &'p [&Settled<'_>], stages: &'p [&str]) -> impl Iterator<Item = &'p Part> {
    bills.iter().flat_map(|settled| &settled.parts).filter(|part| stages.contains(&part.stage))
}

/// Deductibles borne so far.
fn borne(bills: &[&Settled<'_>], stages: &[&str]) -> i128 {
    parts(bills, stages).map(|part| part.deductible).sum()
}

/// Payments so far.
fn paid(bills: &[&Settled<'_>], stages: &[&str]) -> i128 {
    parts(bills, stages).map(|part| part.paid).sum()
}

/// Amounts looked at so far, deductibles included.
fn looked_at(bills: &[&Settled<'_>], stages: &[&str]) -> i128 {
    parts(bills, stages).map(|part| part.base).sum()
}

/// Amounts above deductibles so far.
fn above_deductible(bills: &[&Settled<'_>], stages: &[&str]) -> i128 {
    parts(bills, stages).map(|part| part.base - part.deductible).sum()
}

/// Admissions of the year so far.
fn admissions(bills: &[&Settled<'_>]) -> usize {
    bills.iter().filter(|settled| is_stay(settled.bill.care)).count()
}

/// A stay in hospital, whatever it is paid by.
fn is_stay(care: Care) -> bool {
    matches!(care, Care::Inpatient | Care::Delivery | Care::DaySurgery | Care::SingleDisease)
}

/// `numerator / denominator`, half up.
fn rounded(numerator: i128, denominator: i128) -> i128 {
    (2 * numerator + denominator).div_euclid(2 * denominator)
}

/// So many hundredths of a per cent of an amount, to the fen.
fn part_of(amount: i128, hundredths: i128) -> i128 {
    rounded(amount * hundredths, 10_000)
}

/// What a year's amount brings by segments `(above, up to, hundredths of a per cent)`, computed by segment, added up, and
/// rounded once.
fn by_segments(amount: i128, segments: &[(i128, i128, i128)]) -> i128 {
    let share = |&(above, up_to, hundredths): &(i128, i128, i128)| (amount.min(up_to) - above).max(0) * hundredths;
    rounded(segments.iter().map(share).sum(), 10_000)
}

/// Whole yuan in fen.
const fn yuan(yuan: i128) -> i128 {
    yuan * 100
}

/// Yuan and fen in fen, for figures printed with both.
const fn yuan_and(yuan: i128, fen: i128) -> i128 {
    yuan * 100 + fen
}

/// The largest upper end of a segment.
const NO_END: i128 = i128::MAX / 100_000_000;

/// One figure for primary providers and level 1, one for level 2, one for level 3 and provincial level 3.
fn by_level(level: Level, low: i128, middle: i128, high: i128) -> i128 {
    match level {
        Level::Primary | Level::One => low,
        Level::Two => middle,
        Level::Three | Level::Provincial => high,
    }
}
