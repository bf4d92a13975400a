//! Ranges: the projection once for each seed, every year a little off what is assumed, and what a tenth, a half and nine tenths
//! of the paths stay at or below.

use fund::{Plan, Step, Year, indicators, project};
use serde::Serialize;

use super::assumptions::{Assumptions, Spread};
use super::ground::refused;
use crate::Refused;
use crate::generate::draw::{Draws, Stream};

/// A tenth, a half and nine tenths of the paths are at or below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Range<T> {
    /// Of a tenth.
    pub p10: T,
    /// Of a half.
    pub p50: T,
    /// Of nine tenths.
    pub p90: T,
}

/// Ranges of a year; all nothing where there are no paths.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct YearRange {
    /// Income, fen.
    pub income_fen: Range<i64>,
    /// Spending, fen.
    pub spending_fen: Range<i64>,
    /// Balance, fen.
    pub balance_fen: Range<i64>,
    /// Payable months, hundredths.
    pub payable_months: Range<i64>,
    /// Paths that are below the line at the end of this year, and all of them.
    pub below: [u32; 2],
}

/// How far off each year of each path is: cost, enrolment, births, in parts per million.
pub struct Paths(Vec<Vec<[i64; 3]>>);

impl Paths {
    /// Draws them; no path moves another, nor does a longer look ahead move the years before.
    pub fn draw(assumptions: &Assumptions, seed: u64, seeds: u32, from: i16, years: i16) -> Result<Paths, Refused> {
        let spreads: [Spread; 3] = assumptions.spreads()?;
        let streams = [Stream::CostGrowth, Stream::EnrolmentChange, Stream::BirthsChange];
        let off = |path: u32, year: i16| -> [i64; 3] {
            let of = |at: usize| spreads[at].at(Draws::of(seed, i64::from(path), streams[at], year).rank());
            std::array::from_fn(of)
        };
        let path = |path: u32| (1..=years).map(|ahead| off(path, from + ahead)).collect();
        Ok(Paths((0..seeds).map(path).collect()))
    }
}

/// Ranges over all paths.
pub struct Ranges {
    /// By year.
    pub years: Vec<YearRange>,
    /// First year below the line.
    pub first_below: Range<Option<i16>>,
    /// First year with a negative balance.
    pub first_negative: Range<Option<i16>>,
}

/// Projects all paths around these steps.
pub fn ranges(plan: &Plan<'_>, steps: &[Step], paths: &Paths, line: i64) -> Result<Ranges, Refused> {
    let mut found: Vec<Vec<[i64; 4]>> = vec![Vec::with_capacity(paths.0.len()); steps.len()];
    let mut below = vec![0; steps.len()];
    let (mut first_below, mut first_negative) = (Vec::new(), Vec::new());
    for path in &paths.0 {
        let years = project(plan, &moved(steps, path)).map_err(refused)?;
        for (at, year) in years.iter().enumerate() {
            found[at].push(seen(year));
            below[at] += u32::from(indicators::below(year.balance, year.spending, line));
        }
        // Never comes after every year.
        first_below.push(indicators::first_below(&years, line).unwrap_or(i16::MAX));
        first_negative.push(indicators::first_negative(&years).unwrap_or(i16::MAX));
    }
    let all = u32::try_from(paths.0.len()).unwrap_or(u32::MAX);
    let year = |(rows, below): (Vec<[i64; 4]>, u32)| {
        let of = |at: usize| range(rows.iter().map(|row| row[at]).collect()).unwrap_or_default();
        YearRange {
            income_fen: of(0),
            spending_fen: of(1),
            balance_fen: of(2),
            payable_months: of(3),
            below: [below, all],
        }
    };
    let first = |years: Vec<i16>| {
        let range = range(years).unwrap_or(Range { p10: i16::MAX, p50: i16::MAX, p90: i16::MAX });
        let told = |year: i16| Some(year).filter(|year| *year < i16::MAX);
        Range { p10: told(range.p10), p50: told(range.p50), p90: told(range.p90) }
    };
    Ok(Ranges {
        years: found.into_iter().zip(below).map(year).collect(),
        first_below: first(first_below),
        first_negative: first(first_negative),
    })
}

/// The steps of a path: all but the first a little off, as far as there is room.
fn moved(steps: &[Step], path: &[[i64; 3]]) -> Vec<Step> {
    let mut moved = steps.to_vec();
    for (step, [cost, enrolment, births]) in moved.iter_mut().skip(1).zip(path) {
        step.cost = (step.cost + cost).clamp(-990_000, 1_000_000);
        step.enrolment = (step.enrolment + enrolment).clamp(-1_000_000, 1_000_000);
        step.births = (step.births + births).clamp(-990_000, 1_000_000);
    }
    moved
}

fn seen(year: &Year) -> [i64; 4] {
    let months = indicators::payable_months(year.balance, year.spending).unwrap_or(i64::MAX);
    [year.income().0, year.spending.0, year.balance.0, months]
}

/// The nearest ranks; `None` of nothing.
fn range<T: Copy + Ord>(mut values: Vec<T>) -> Option<Range<T>> {
    values.sort_unstable();
    let at = |percent: usize| values.get((values.len() * percent).div_ceil(100).saturating_sub(1)).copied();
    Some(Range { p10: at(10)?, p50: at(50)?, p90: at(90)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_nearest_ranks() {
        assert_eq!(range((1..=200).rev().collect()), Some(Range { p10: 20, p50: 100, p90: 180 }));
        assert_eq!(range(vec![7]), Some(Range { p10: 7, p50: 7, p90: 7 }));
        assert_eq!(range::<i64>(vec![]), None);
    }
}
