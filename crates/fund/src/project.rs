//! The projection: year after year people grow older, some enrol, each costs so much and brings in so much, and what is left
//! goes on to the next year.
//!
//! Of a year: income is contributions (the persons' own, their sponsors', and those whose split is open), subsidies, and interest
//! on what was there on its first day, if a rate is given. Spending is what the funds of the pot pay for care, and flat premiums
//! drawn from them. What is paid in advance for the next year is not income of this one.

use domain::Fen;

use crate::base::Base;
use crate::cohorts::{Cohorts, Lives, PERSON};
use crate::{Unfit, WHOLE, share, sum, too_large, whole};

/// How a year differs from the one before it; rates in parts per million.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Growth of what the funds pay for a person of the same age.
    pub cost: i64,
    /// Change of the share of the living who are enrolled (as a share of all living).
    pub enrolment: i64,
    /// What a contribution rises by, a head.
    pub contribution: Fen,
    /// Subsidy of the year a head: the amount itself, not its change.
    pub subsidy: Fen,
    /// Flat premium of the year a head, paid out of the pot: the amount itself.
    pub premium: Fen,
    /// Change of mortality at each age.
    pub mortality: i64,
    /// Change of fertility at each age.
    pub births: i64,
    /// Interest of the year on the balance of its first day.
    pub interest: i64,
}

/// What is projected.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'p> {
    /// The year it starts from, as a run found it.
    pub base: &'p Base,
    /// How people die and are born.
    pub lives: &'p Lives,
    /// Which of the funds are paid out of the one pot whose balance is told.
    pub pot: &'p [bool],
    /// Balance on the first day of the first year.
    pub opening: Fen,
    /// Whether people grow older, die and are born; if not, they stay as they are.
    pub ageing: bool,
}

/// One year; persons in millionths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Year {
    /// The year.
    pub year: i16,
    /// Alive on its first day, or born in it.
    pub living: i64,
    /// Born in it.
    pub born: i64,
    /// Die in it.
    pub died: i64,
    /// Enrolled.
    pub enrolled: i64,
    /// Enrolled by class.
    pub enrolled_by_class: Vec<i64>,
    /// Contributions that persons pay.
    pub personal: Fen,
    /// Contributions that sponsors pay.
    pub sponsored: Fen,
    /// Contributions of which it is open what persons and what sponsors pay.
    pub unsplit: Fen,
    /// Subsidies of all levels of government.
    pub subsidy: Fen,
    /// Interest.
    pub interest: Fen,
    /// What each fund pays, in the pot or not.
    pub paid: Vec<Fen>,
    /// What the funds of the pot pay, by class.
    pub paid_by_class: Vec<Fen>,
    /// Flat premiums.
    pub premium: Fen,
    /// What is paid out of the pot: care and premiums.
    pub spending: Fen,
    /// Balance on its first day.
    pub opening: Fen,
    /// Balance on its last day.
    pub balance: Fen,
}

impl Year {
    /// All contributions, whoever pays them; what is projected fits.
    pub fn contributions(&self) -> Fen {
        self.personal + self.sponsored + self.unsplit
    }

    /// All income; what is projected fits.
    pub fn income(&self) -> Fen {
        self.contributions() + self.subsidy + self.interest
    }
}

/// What has grown since the first year.
struct Grown {
    /// Costs, in parts of [`ONE`].
    cost: i128,
    enrolment: i64,
    /// A head, fen.
    contribution: i128,
    mortality: i64,
    births: i64,
}

/// 1, of what grows year by year: fine enough that rounding is not seen in fen.
const ONE: i128 = 1_000_000_000_000;
/// More years than anybody knows anything of.
const MOST_YEARS: usize = 75;

/// The years of a plan: the first as the run found it (its step gives subsidy, premium and interest), then one for each further
/// step.
///
/// # Errors
/// When there are no years or too many, a rate would take away more than there is, contributions should rise that are unknown,
/// or something grows beyond what can be counted exactly.
pub fn project(plan: &Plan<'_>, steps: &[Step]) -> Result<Vec<Year>, Unfit> {
    checked(plan, steps)?;
    let mut grown = Grown { cost: ONE, enrolment: 0, contribution: 0, mortality: WHOLE, births: WHOLE };
    let mut cohorts = plan.base.cohorts.clone();
    let mut opening = plan.opening;
    let mut years: Vec<Year> = Vec::with_capacity(steps.len());
    for (at, step) in steps.iter().enumerate() {
        let year = plan.base.year.saturating_add(i16::try_from(at).unwrap_or(i16::MAX));
        if at > 0 {
            let mortality = grown.mortality;
            grown = grown.by(step).ok_or_else(|| too_large(year))?;
            if plan.ageing {
                let next = cohorts.next(plan.lives, mortality, grown.births);
                cohorts = next.ok_or_else(|| too_large(year))?.0;
            }
        }
        let contributions = contributions(plan.base, &grown, year)?;
        let year = one(plan, step, &grown, contributions, &cohorts, (year, opening)).ok_or_else(|| too_large(year))?;
        opening = year.balance;
        years.push(year);
    }
    Ok(years)
}

impl Grown {
    fn by(&self, step: &Step) -> Option<Grown> {
        let times = |now: i128, change: i64| share(now, i128::from(WHOLE + change), i128::from(WHOLE));
        Some(Grown {
            cost: times(self.cost, step.cost)?,
            enrolment: (self.enrolment + step.enrolment).clamp(-WHOLE, WHOLE),
            contribution: self.contribution + i128::from(step.contribution.0),
            mortality: whole(times(i128::from(self.mortality), step.mortality)?)?,
            births: whole(times(i128::from(self.births), step.births)?)?,
        })
    }
}

fn checked(plan: &Plan<'_>, steps: &[Step]) -> Result<(), Unfit> {
    if steps.is_empty() || steps.len() > MOST_YEARS {
        let what = format!("预测 {} 年不行", steps.len().saturating_sub(1));
        return Err(Unfit::new(what, format!("写 1 到 {} 年", MOST_YEARS - 1)));
    }
    if plan.pot.len() != plan.base.funds {
        let what = format!("{} 个基金，却说明了 {} 个是否同一资金池", plan.base.funds, plan.pot.len());
        return Err(Unfit::new(what, "每个基金说明一次"));
    }
    for (at, step) in steps.iter().enumerate() {
        let year = i32::from(plan.base.year) + i32::try_from(at).unwrap_or(0);
        let rates = [("费用增长", step.cost), ("死亡率变化", step.mortality), ("生育率变化", step.births)];
        for (name, rate) in rates {
            if !(-WHOLE + 1..=WHOLE).contains(&rate) {
                let what = format!("{year} 年的{name} {} 超出范围", domain::Rate::from_ppm(rate));
                return Err(Unfit::new(what, "写在 -100% 以上、100% 以内"));
            }
        }
        if !(-WHOLE..=WHOLE).contains(&step.enrolment) || !(0..=WHOLE).contains(&step.interest) {
            let what = format!("{year} 年的参保变化或利率超出范围");
            return Err(Unfit::new(what, "参保变化写在 -100% 到 100%，利率写在 0% 到 100%"));
        }
        if step.subsidy < Fen::ZERO || step.premium < Fen::ZERO {
            return Err(Unfit::new(format!("{year} 年的人均补助或保费是负数"), "写不小于 0 的金额"));
        }
    }
    let rises = steps.iter().any(|step| step.contribution != Fen::ZERO);
    if rises && plan.base.contributions() == Fen::ZERO {
        let cure = "在假设文件里写明 contribution（人均缴费，元），或去掉 contribution_rise";
        return Err(Unfit::new("模拟结果里没有缴费，无从增长", cure));
    }
    Ok(())
}

/// Contributions of the first year, and what they come to after all rises: a rise a head, spread over all in proportion.
fn contributions(base: &Base, grown: &Grown, year: i16) -> Result<(i128, i128), Unfit> {
    let known = i128::from(base.contributions().0);
    let rise = grown.contribution.checked_mul(i128::from(base.enrolled()));
    let risen = rise.and_then(|rise| known.checked_add(rise)).ok_or_else(|| too_large(year))?;
    if risen < 0 {
        let what = format!("{year} 年人均缴费降到负数");
        return Err(Unfit::new(what, "把 contribution_rise 改大"));
    }
    Ok((known, risen))
}

/// A year; `None` where something in it is too large to be exact.
fn one(
    plan: &Plan<'_>,
    step: &Step,
    grown: &Grown,
    (known, risen): (i128, i128),
    cohorts: &Cohorts,
    (year, opening): (i16, Fen),
) -> Option<Year> {
    let base = plan.base;
    let enrolled_by_class = enrolled(base, cohorts, grown)?;
    let enrolled = sum(enrolled_by_class.iter().copied())?;
    let mut paid = vec![0i128; base.funds];
    let mut paid_by_class = Vec::with_capacity(base.classes.len());
    let (mut personal, mut sponsored, mut unsplit) = (0i128, 0i128, 0i128);
    for (class, enrolled) in base.classes.iter().zip(&enrolled_by_class) {
        let of = |amount: Fen| {
            share(i128::from(amount.0), i128::from(*enrolled), i128::from(class.enrolled) * i128::from(PERSON))
        };
        personal = personal.checked_add(of(class.personal)?)?;
        sponsored = sponsored.checked_add(of(class.sponsored)?)?;
        unsplit = unsplit.checked_add(of(class.unsplit)?)?;
        let mut of_pot = 0;
        for ((sum, amount), in_pot) in paid.iter_mut().zip(&class.paid).zip(plan.pot) {
            let amount = whole(share(of(*amount)?, grown.cost, ONE)?)?;
            *sum += i128::from(amount);
            of_pot += if *in_pot { i128::from(amount) } else { 0 };
        }
        paid_by_class.push(Fen(whole(of_pot)?));
    }
    let risen = |amount: i128| if known == 0 { Some(0) } else { whole(share(amount, risen, known)?) };
    let a_head = |amount: Fen| whole(share(i128::from(amount.0), i128::from(enrolled), i128::from(PERSON))?);
    let interest = whole(share(i128::from(opening.0.max(0)), i128::from(step.interest), i128::from(WHOLE))?)?;
    let (personal, sponsored, unsplit) = (risen(personal)?, risen(sponsored)?, risen(unsplit)?);
    let subsidy = a_head(step.subsidy)?;
    let income = sum([personal, sponsored, unsplit, subsidy, interest])?;
    let premium = a_head(step.premium)?;
    let spending = sum(paid_by_class.iter().map(|paid| paid.0).chain([premium]))?;
    Some(Year {
        year,
        living: cohorts.living()?,
        born: cohorts.born(),
        died: cohorts.dying(plan.lives, grown.mortality)?,
        enrolled,
        enrolled_by_class,
        personal: Fen(personal),
        sponsored: Fen(sponsored),
        unsplit: Fen(unsplit),
        subsidy: Fen(subsidy),
        interest: Fen(interest),
        paid: paid.into_iter().map(|paid| whole(paid).map(Fen)).collect::<Option<_>>()?,
        paid_by_class,
        premium: Fen(premium),
        spending: Fen(spending),
        opening,
        balance: Fen(whole(i128::from(opening.0) + i128::from(income) - i128::from(spending))?),
    })
}

/// Enrolled of each class: as many of the living as in the first year, and what has changed since; nobody twice.
fn enrolled(base: &Base, cohorts: &Cohorts, grown: &Grown) -> Option<Vec<i64>> {
    // The living of all classes are those of the cohorts.
    cohorts.living()?;
    let of = |(living, class): (i64, &crate::base::Class)| {
        let as_before = share(i128::from(living), i128::from(class.enrolled), i128::from(class.living.max(1)))?;
        let change = share(i128::from(living), i128::from(grown.enrolment), i128::from(WHOLE))?;
        whole((as_before + change).clamp(0, i128::from(living.max(0))))
    };
    base.living(cohorts).into_iter().zip(&base.classes).map(of).collect()
}

#[cfg(test)]
mod tests;
