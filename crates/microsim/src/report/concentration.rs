//! How far own payments lie with the poor or with the rich: the concentration curve and its index.
//!
//! People stand by income; of one step of income all have the same rank, its middle, so that the index of groups is exactly that of
//! the single persons. It is a quotient of whole numbers until it is rounded once.
//! Source: O'Donnell and others, Analyzing Health Equity Using Household Survey Data (World Bank, 2008), chapters 7 and 8.

use std::collections::BTreeMap;

use super::ratio::millionths;
use crate::outcome::{Burden, IncomeStep};

/// A point of the curve: of the people up to a step of income, and of their own payments, how many of all. Millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Share of the people.
    pub persons: i64,
    /// Share of the payments.
    pub own: i64,
}

/// The index, millionths: 0 where payments do not go by income, below where they lie with the poor, above with the rich.
/// `None` where nobody pays anything.
pub fn index(steps: &BTreeMap<IncomeStep, Burden>) -> Option<i64> {
    let (part, whole) = quotient(steps);
    millionths(part, whole)
}

/// One less twice the area under the curve, as part and whole: with n persons and payments a of a step, A those of the steps below,
/// 1 − Σ n (2 A + a) / (N total).
fn quotient(steps: &BTreeMap<IncomeStep, Burden>) -> (i128, i128) {
    let (mut persons, mut below, mut doubled) = (0_i128, 0_i128, 0_i128);
    for step in steps.values() {
        let (heads, own) = (i128::from(step.persons), i128::from(step.own));
        doubled += heads * (2 * below + own);
        persons += heads;
        below += own;
    }
    let whole = persons * below;
    (whole - doubled, whole)
}

/// The curve, one point a step of income.
pub fn curve(steps: &BTreeMap<IncomeStep, Burden>) -> Vec<(IncomeStep, Option<Point>)> {
    let persons: i128 = steps.values().map(|step| i128::from(step.persons)).sum();
    let own: i128 = steps.values().map(|step| i128::from(step.own)).sum();
    let mut so_far = (0_i128, 0_i128);
    let point = |(step, burden): (&IncomeStep, &Burden)| {
        so_far = (so_far.0 + i128::from(burden.persons), so_far.1 + i128::from(burden.own));
        let shares = millionths(so_far.0, persons).zip(millionths(so_far.1, own));
        (*step, shares.map(|(persons, own)| Point { persons, own }))
    };
    steps.iter().map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(of: &[(IncomeStep, i64, i64)]) -> BTreeMap<IncomeStep, Burden> {
        of.iter().map(|(step, persons, own)| (*step, Burden { persons: *persons, own: *own })).collect()
    }

    /// The covariance form, person by person: 2 Σ own × rank / (N total) − 1 with ranks (i − ½) / N, those of equal income taking their
    /// middle. As part and whole.
    fn by_person(people: &[(IncomeStep, i64)]) -> (i128, i128) {
        let persons = people.len() as i128;
        let total: i128 = people.iter().map(|(_, own)| i128::from(*own)).sum();
        let weighed: i128 = people
            .iter()
            .map(|(income, own)| {
                let below = people.iter().filter(|(other, _)| other < income).count() as i128;
                let equal = people.iter().filter(|(other, _)| other == income).count() as i128;
                i128::from(*own) * (2 * below + equal)
            })
            .sum();
        (weighed - persons * total, persons * total)
    }

    #[test]
    fn it_is_what_one_computes_by_hand() {
        // four persons, the richest pays all: 2 × 100 × ⅞ / (4 × 25) − 1
        assert_eq!(index(&steps(&[(1, 1, 0), (2, 1, 0), (3, 1, 0), (4, 1, 100)])), Some(750_000));
        assert_eq!(index(&steps(&[(1, 1, 100), (2, 1, 0), (3, 1, 0), (4, 1, 0)])), Some(-750_000));
        assert_eq!(index(&steps(&[(1, 3, 30), (9, 2, 20)])), Some(0));
        assert_eq!(index(&steps(&[(5, 1, 70)])), Some(0));
        assert_eq!((index(&steps(&[(1, 4, 0)])), index(&steps(&[]))), (None, None));
    }

    #[test]
    fn groups_give_what_single_persons_give() {
        let mut bits = 1_u64;
        let mut draw = |end: u64| {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (bits >> 33) % end
        };
        for round in 1..=20 {
            let people: Vec<(IncomeStep, i64)> =
                (0..round * 7).map(|_| (draw(12) as IncomeStep, draw(5) as i64 * draw(9_999) as i64)).collect();
            let mut grouped: BTreeMap<IncomeStep, Burden> = BTreeMap::new();
            for (income, own) in &people {
                let step = grouped.entry(*income).or_default();
                *step = Burden { persons: step.persons + 1, own: step.own + own };
            }
            assert_eq!(quotient(&grouped), by_person(&people));
        }
    }

    #[test]
    fn the_curve_ends_with_all() {
        let curve = curve(&steps(&[(1, 1, 10), (4, 2, 0), (7, 1, 30)]));
        let shares: Vec<(i64, i64)> = curve.iter().filter_map(|(_, point)| point.map(|p| (p.persons, p.own))).collect();
        assert_eq!(shares, [(250_000, 250_000), (750_000, 250_000), (1_000_000, 1_000_000)]);
    }
}
