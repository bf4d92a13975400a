//! What moves income and spending away from the first year: each assumption is let in after the other, and what changes when
//! it comes in is its part. The parts add up to the whole; another order would share what two do together otherwise.

use domain::Fen;

use crate::Unfit;
use crate::project::{Plan, Step, Year, project};

/// What moves them, in the order in which it is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Factor {
    /// People grow older, die and are born.
    People,
    /// The share who are enrolled.
    Enrolment,
    /// Costs a head, and flat premiums.
    Cost,
    /// Contributions a head.
    Contribution,
    /// Subsidies a head.
    Subsidy,
    /// Interest.
    Interest,
}

impl Factor {
    /// In order.
    pub const ALL: [Factor; 6] =
        [Factor::People, Factor::Enrolment, Factor::Cost, Factor::Contribution, Factor::Subsidy, Factor::Interest];

    /// The word used in output.
    pub fn code(self) -> &'static str {
        match self {
            Factor::People => "people",
            Factor::Enrolment => "enrolment",
            Factor::Cost => "cost",
            Factor::Contribution => "contribution",
            Factor::Subsidy => "subsidy",
            Factor::Interest => "interest",
        }
    }

    /// The Chinese name.
    pub fn name(self) -> &'static str {
        match self {
            Factor::People => "人口（老龄化、出生、死亡）",
            Factor::Enrolment => "参保率",
            Factor::Cost => "人均费用增长",
            Factor::Contribution => "人均缴费增长",
            Factor::Subsidy => "人均补助增长",
            Factor::Interest => "利息",
        }
    }
}

/// The part of a factor in what a year differs from the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The year.
    pub year: i16,
    /// The factor.
    pub factor: Factor,
    /// What it adds to income.
    pub income: Fen,
    /// What it adds to spending.
    pub spending: Fen,
}

/// The parts of all factors in all years but the first, by year.
///
/// # Errors
/// As [`project`].
pub fn parts(plan: &Plan<'_>, steps: &[Step]) -> Result<Vec<Part>, Unfit> {
    let Some(first) = steps.first() else { return Ok(Vec::new()) };
    let still = Step { cost: 0, enrolment: 0, contribution: Fen::ZERO, interest: 0, ..*first };
    let mut now = vec![still; steps.len()];
    let mut before = project(&Plan { ageing: false, ..*plan }, &now)?;
    let mut found: Vec<Vec<Part>> = vec![Vec::new(); steps.len()];
    for factor in Factor::ALL {
        for (now, step) in now.iter_mut().zip(steps) {
            match factor {
                Factor::People => (now.mortality, now.births) = (step.mortality, step.births),
                Factor::Enrolment => now.enrolment = step.enrolment,
                Factor::Cost => (now.cost, now.premium) = (step.cost, step.premium),
                Factor::Contribution => now.contribution = step.contribution,
                Factor::Subsidy => now.subsidy = step.subsidy,
                Factor::Interest => now.interest = step.interest,
            }
        }
        let after = project(plan, &now)?;
        for ((found, was), is) in found.iter_mut().zip(&before).zip(&after) {
            found.push(part(factor, was, is));
        }
        before = after;
    }
    Ok(found.into_iter().skip(1).flatten().collect())
}

fn part(factor: Factor, was: &Year, is: &Year) -> Part {
    Part { year: is.year, factor, income: is.income() - was.income(), spending: is.spending - was.spending }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{AgeRow, Base};
    use crate::cohorts::{Lives, Sex, YEARS};

    #[test]
    fn the_parts_of_all_factors_add_up_to_what_changes() {
        let row = |sex, age: u8| AgeRow {
            sex,
            age,
            living: 1_000 - i64::from(age) * 9,
            enrolled: 900 - i64::from(age) * 9,
            personal: Fen::yuan(320 * (900 - i64::from(age) * 9)),
            sponsored: Fen::ZERO,
            unsplit: Fen::ZERO,
            paid: vec![Fen::yuan(i64::from(age) * 20_000)],
        };
        let rows: Vec<AgeRow> = Sex::BOTH.into_iter().flat_map(|sex| (0..=90).map(move |age| row(sex, age))).collect();
        let base = Base::new(2022, &rows, 900, &[0, 20, 40, 60, 80]).unwrap();
        let mut lives = Lives { mortality: [8_000; YEARS], fertility: [0; YEARS], male: 510_000 };
        lives.fertility[22..38].fill(60_000);
        let plan = Plan { base: &base, lives: &lives, pot: &[true], opening: Fen::yuan(900_000_000), ageing: true };
        let steps: Vec<Step> = (0..6)
            .map(|year| Step {
                cost: 60_000,
                enrolment: -3_000,
                contribution: Fen::yuan(30),
                subsidy: Fen::yuan(600 + 30 * year),
                premium: Fen::yuan(year),
                mortality: -10_000,
                births: -20_000,
                interest: 15_000,
            })
            .collect();
        let years = project(&plan, &steps).unwrap();
        let parts = parts(&plan, &steps).unwrap();
        assert_eq!(parts.len(), 5 * Factor::ALL.len());
        let first = &years[0];
        for year in &years[1..] {
            let of_year = || parts.iter().filter(|part| part.year == year.year);
            let (income, spending): (Fen, Fen) =
                (of_year().map(|part| part.income).sum(), of_year().map(|part| part.spending).sum());
            // Interest is the last factor: the first year has it too, and is told without.
            assert_eq!(spending, year.spending - first.spending);
            assert_eq!(income, year.income() - (first.income() - first.interest));
            assert!(of_year().all(|part| part.income != Fen::ZERO || part.spending != Fen::ZERO));
        }
    }
}
