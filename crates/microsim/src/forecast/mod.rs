//! A forecast: how long the fund of a region lasts, from the year that a run found, by scenarios of assumptions and paths of
//! chance around each.
//!
//! The projection itself is `fund`'s. Here its figures come together (run, terms, `projection.toml`, `population.toml`), and each
//! variant of the run is projected in each scenario: once as assumed, and once for each seed with every year a little off. The
//! same seed gives the same figures, and all variants and scenarios see the same chances, so that they differ by what they are.
//! Deliberately absent: whether the assumptions are right, and the chance in the run itself (use more people).

mod assumptions;
mod chart;
mod ground;
mod range;

use std::collections::BTreeMap;

use domain::{Basis, Fen};
use fund::{Factor, Lives, Plan, Step, Year, indicators, parts, project};
use policy::{Library, Region};
use serde::Serialize;

pub use self::assumptions::{Assumptions, Scenario, Told};
pub use self::chart::{Words, payable_months};
pub use self::ground::Anchor;
use self::ground::{Ground, refused};
use self::range::{Paths, ranges};
pub use self::range::{Range, YearRange};
use crate::Refused;
use crate::generate::Figures;
use crate::outcome::{Outcome, Variant};

/// What is asked.
pub struct Asked<'a> {
    /// The notices.
    pub library: &'a Library,
    /// The region of the run.
    pub region: &'a Region,
    /// What the run found.
    pub outcome: &'a Outcome,
    /// Figures of the population: how people die and are born.
    pub figures: &'a Figures,
    /// What is assumed.
    pub assumptions: &'a Assumptions,
    /// How many years after the run's.
    pub years: i16,
    /// How many paths of chance.
    pub seeds: u32,
    /// Seed of their chances.
    pub seed: u64,
    /// Ids of the scenarios; all, if none.
    pub scenarios: &'a [String],
    /// Balance on the first day of the run's year, if it is known.
    pub opening: Option<Fen>,
}

/// The most years that are looked ahead, and the most paths: what is beyond says nothing more.
const MOST_YEARS: i16 = 50;
const MOST_SEEDS: u32 = 10_000;

/// A forecast, as it is written out; amounts are fen.
#[derive(Clone, Debug, Serialize)]
pub struct Forecast {
    /// Slug of the region.
    pub region: String,
    /// Its Chinese name.
    pub region_name: String,
    /// The run's year, from which it starts.
    pub from_year: i16,
    /// How many years after it.
    pub years: i16,
    /// How many paths of chance, and their seed.
    pub seeds: u32,
    /// Seed.
    pub seed: u64,
    /// Hash of the province's manifest.
    pub province: String,
    /// Code of the weakest basis of all that it rests on.
    pub basis: String,
    /// Codes of the funds, in legal order.
    pub funds: Vec<String>,
    /// Codes of those of them that are paid out of the pot whose balance is told.
    pub pot: Vec<String>,
    /// Balance on the first day of the run's year.
    pub opening_fen: i64,
    /// The line of payable months below which it warns.
    pub warning: Warning,
    /// What is assumed.
    pub assumptions: Vec<Told>,
    /// Variant by variant, scenario by scenario.
    pub tracks: Vec<Track>,
}

/// A line of payable months.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Months.
    pub months: i64,
    /// Clause ids, if the terms set it.
    pub clauses: Vec<String>,
    /// Code of its basis.
    pub basis: String,
}

/// A variant in a scenario.
#[derive(Clone, Debug, Serialize)]
pub struct Track {
    /// Name of the variant.
    pub variant: String,
    /// Id of the scenario.
    pub scenario: String,
    /// Its Chinese name.
    pub scenario_name: String,
    /// Its English name.
    pub scenario_english: String,
    /// Subsidies that the terms give, by year.
    pub subsidies: Vec<Anchor>,
    /// The run's year, and those after it.
    pub years: Vec<Outlook>,
    /// First year at whose end the balance is below the line.
    pub first_below: Option<i16>,
    /// The same over the paths.
    pub first_below_range: Range<Option<i16>>,
    /// First year at whose end the balance is negative.
    pub first_negative: Option<i16>,
    /// The same over the paths.
    pub first_negative_range: Range<Option<i16>>,
    /// What each factor adds, by year.
    pub factors: Vec<FactorPart>,
    /// Spending of the pot by sex and ages; the ages of a year, and its premiums, add up to its spending.
    pub ages: Vec<AgePart>,
}

/// A year; persons are whole, amounts fen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outlook {
    /// The year.
    pub year: i16,
    /// Alive on its first day, or born in it.
    pub living: i64,
    /// Born.
    pub born: i64,
    /// Died.
    pub died: i64,
    /// Enrolled.
    pub enrolled: i64,
    /// Persons' own contributions.
    pub personal_fen: i64,
    /// Sponsors' contributions.
    pub sponsored_fen: i64,
    /// Contributions of which it is open what persons and what sponsors pay.
    pub unsplit_fen: i64,
    /// Subsidies of all levels.
    pub subsidy_fen: i64,
    /// Central part, where the terms split it.
    pub central_fen: Option<i64>,
    /// Provincial part.
    pub province_fen: Option<i64>,
    /// City and county part.
    pub local_fen: Option<i64>,
    /// Interest.
    pub interest_fen: i64,
    /// All income.
    pub income_fen: i64,
    /// What each fund pays for care, in the order of the funds, in the pot or not.
    pub paid_fen: Vec<i64>,
    /// Flat premiums.
    pub premium_fen: i64,
    /// What is paid out of the pot.
    pub spending_fen: i64,
    /// What is left of the year's income, millionths of it.
    pub balance_ratio_ppm: Option<i64>,
    /// Balance on its last day, without what is paid in advance for the next year.
    pub balance_fen: i64,
    /// Contributions of the next year, most of which are paid before this one ends.
    pub advance_fen: i64,
    /// Months of mean spending that the balance pays for, hundredths.
    pub payable_months: Option<i64>,
    /// Whether that is below the line.
    pub below: bool,
    /// Over the paths.
    pub range: YearRange,
}

/// What a factor adds to a year against the run's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FactorPart {
    /// The year.
    pub year: i16,
    /// Code of the factor.
    pub factor: String,
    /// Its Chinese name.
    pub name: String,
    /// To income, fen.
    pub income_fen: i64,
    /// To spending, fen.
    pub spending_fen: i64,
}

/// What is paid out of the pot for persons of a sex and ages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AgePart {
    /// The year.
    pub year: i16,
    /// `female` or `male`.
    pub sex: String,
    /// First age.
    pub from_age: u8,
    /// Last age; `None` for all above.
    pub to_age: Option<u8>,
    /// Enrolled.
    pub enrolled: i64,
    /// Paid, fen.
    pub spending_fen: i64,
}

/// Makes the forecast.
///
/// # Errors
/// When what it needs is missing, or makes no sense: with what to write.
pub fn forecast(asked: &Asked<'_>) -> Result<Forecast, Refused> {
    let Asked { outcome, assumptions, .. } = *asked;
    checked(asked)?;
    let Some(baseline) = outcome.variants.first() else {
        return Err(Refused::new("模拟结果里没有一种方案", "重新模拟"));
    };
    let pot: Vec<bool> = outcome.funds.iter().map(|fund| assumptions.pot.contains(fund)).collect();
    let lives = ground::lives(asked.figures);
    let warning = warning(asked, baseline)?;
    let grounds = outcome.variants.iter().map(|variant| {
        Ground::new(asked.library, asked.region, outcome, variant, asked.figures, assumptions, asked.years)
    });
    let grounds = grounds.collect::<Result<Vec<Ground>, Refused>>()?;
    // All variants begin with the same yuan: what the baseline spends is the measure of months.
    let opening = match (asked.opening, grounds.first()) {
        (Some(opening), _) => opening,
        (None, Some(ground)) => assumptions.opening(spent(ground, &lives, &pot)?)?,
        (None, None) => Fen::ZERO,
    };
    let paths = Paths::draw(assumptions, asked.seed, asked.seeds, outcome.year, asked.years)?;
    let mut tracks = Vec::new();
    for (variant, ground) in outcome.variants.iter().zip(&grounds) {
        for scenario in chosen(asked)? {
            let steps = steps(asked, ground, scenario)?;
            let plan = Plan { base: &ground.base, lives: &lives, pot: &pot, opening, ageing: true };
            tracks.push(track(asked, variant, scenario, ground, &plan, &steps, &paths, warning.months)?);
        }
    }
    let of_terms = grounds.iter().map(|ground| ground.basis).max().unwrap_or_default();
    let of_run = outcome.variants.iter().filter_map(|variant| Basis::parse(&variant.basis)).max().unwrap_or_default();
    Ok(Forecast {
        region: outcome.region.clone(),
        region_name: outcome.region_name.clone(),
        from_year: outcome.year,
        years: asked.years,
        seeds: asked.seeds,
        seed: asked.seed,
        province: outcome.province.clone(),
        basis: of_terms.max(of_run).max(assumptions.basis).max(asked.figures.basis).code().to_owned(),
        funds: outcome.funds.clone(),
        pot: outcome.funds.iter().zip(&pot).filter(|(_, in_pot)| **in_pot).map(|(fund, _)| fund.clone()).collect(),
        opening_fen: opening.0,
        warning,
        assumptions: assumptions.told.clone(),
        tracks,
    })
}

fn checked(asked: &Asked<'_>) -> Result<(), Refused> {
    let Asked { outcome, years, seeds, .. } = asked;
    if !(1..=MOST_YEARS).contains(years) {
        return Err(Refused::new(format!("--years {years} 不行"), format!("写 1 到 {MOST_YEARS}")));
    }
    if *seeds > MOST_SEEDS {
        return Err(Refused::new(format!("--seeds {seeds} 太多"), format!("至多 {MOST_SEEDS}；0 为不要区间")));
    }
    if asked.region.slug != outcome.region {
        let what = format!("结果是 {} 的，不是 {} 的", outcome.region, asked.region.slug);
        return Err(Refused::new(what, "用模拟时的地区"));
    }
    Ok(())
}

/// The scenarios asked for, in the order of the assumptions.
fn chosen<'a>(asked: &Asked<'a>) -> Result<Vec<&'a Scenario>, Refused> {
    let all = &asked.assumptions.scenarios;
    if let Some(unknown) = asked.scenarios.iter().find(|id| !all.iter().any(|scenario| scenario.id == **id)) {
        let known: Vec<&str> = all.iter().map(|scenario| scenario.id.as_str()).collect();
        return Err(Refused::new(format!("没有方案 “{unknown}”"), format!("可用：{}", known.join("、"))));
    }
    Ok(all.iter().filter(|scenario| asked.scenarios.is_empty() || asked.scenarios.contains(&scenario.id)).collect())
}

fn warning(asked: &Asked<'_>, baseline: &Variant) -> Result<Warning, Refused> {
    if let Some(line) = ground::line(asked.library, asked.region, asked.outcome.year, baseline)? {
        return Ok(Warning { months: line.months, clauses: line.clauses, basis: line.basis.code().to_owned() });
    }
    let told = asked.assumptions.told.iter().find(|told| told.figure == "warning_months");
    let basis = told.map(|told| told.basis.clone()).unwrap_or_default();
    Ok(Warning { months: asked.assumptions.warning_months, clauses: Vec::new(), basis })
}

/// What the pot spends in the run's year.
fn spent(ground: &Ground, lives: &Lives, pot: &[bool]) -> Result<Fen, Refused> {
    let plan = Plan { base: &ground.base, lives, pot, opening: Fen::ZERO, ageing: false };
    let step = Step { premium: ground.premium(ground.base.year), ..Step::default() };
    let years = project(&plan, &[step]).map_err(refused)?;
    Ok(years.first().map(|year| year.spending).unwrap_or_default())
}

/// The steps of a scenario: the run's year, those after it, and one more, of which only the contributions paid in advance are
/// told.
fn steps(asked: &Asked<'_>, ground: &Ground, scenario: &Scenario) -> Result<Vec<Step>, Refused> {
    let assumptions = asked.assumptions;
    let change = |map: &BTreeMap<String, assumptions::Change>| map.get(&scenario.id).copied().unwrap_or_default().0;
    let yuan = |map: &BTreeMap<String, i64>| Fen::yuan(map.get(&scenario.id).copied().unwrap_or(0));
    let of = |ahead: i16| {
        let year = asked.outcome.year + ahead;
        let own = Step {
            subsidy: ground.subsidy(year, yuan(&assumptions.subsidy_rise), assumptions.subsidy)?,
            premium: ground.premium(year),
            interest: assumptions.interest.as_ref().map_or(0, change),
            ..Step::default()
        };
        let changed = Step {
            cost: change(&assumptions.cost_growth),
            enrolment: change(&assumptions.enrolment_change),
            contribution: yuan(&assumptions.contribution_rise),
            mortality: change(&assumptions.mortality_change),
            births: change(&assumptions.births_change),
            ..own
        };
        Ok(if ahead == 0 { own } else { changed })
    };
    (0..=asked.years + 1).map(of).collect()
}

#[expect(clippy::too_many_arguments, reason = "each is what a track is made of")]
fn track(
    asked: &Asked<'_>,
    variant: &Variant,
    scenario: &Scenario,
    ground: &Ground,
    plan: &Plan<'_>,
    steps: &[Step],
    paths: &Paths,
    line: i64,
) -> Result<Track, Refused> {
    let projected = project(plan, steps).map_err(refused)?;
    let told = &projected[..projected.len() - 1];
    let ranges = ranges(plan, &steps[..steps.len() - 1], paths, line)?;
    let next = projected.iter().skip(1).map(Year::contributions);
    let mut own = ranges.years.into_iter();
    let years = told.iter().zip(next).map(|(year, advance)| {
        outlook(year, ground.split(year.year, year.subsidy), advance, line, own.next().unwrap_or_default())
    });
    let years = years.collect();
    let factors = parts(plan, &steps[..steps.len() - 1]).map_err(refused)?;
    let interest = steps.iter().any(|step| step.interest != 0);
    let factors = factors.iter().filter(|part| interest || part.factor != Factor::Interest);
    Ok(Track {
        variant: variant.name.clone(),
        scenario: scenario.id.clone(),
        scenario_name: scenario.name.clone(),
        scenario_english: scenario.english.clone(),
        subsidies: ground
            .anchors
            .iter()
            .filter(|anchor| anchor.year <= asked.outcome.year + asked.years)
            .cloned()
            .collect(),
        years,
        first_below: indicators::first_below(told, line),
        first_below_range: ranges.first_below,
        first_negative: indicators::first_negative(told),
        first_negative_range: ranges.first_negative,
        factors: factors
            .map(|part| FactorPart {
                year: part.year,
                factor: part.factor.code().to_owned(),
                name: part.factor.name().to_owned(),
                income_fen: part.income.0,
                spending_fen: part.spending.0,
            })
            .collect(),
        ages: told.iter().flat_map(|year| ages(plan, year)).collect(),
    })
}

fn ages(plan: &Plan<'_>, year: &Year) -> Vec<AgePart> {
    let of_class = year.enrolled_by_class.iter().zip(&year.paid_by_class);
    let part = |(class, (enrolled, paid)): (&fund::base::Class, (&i64, &Fen))| AgePart {
        year: year.year,
        sex: if class.sex == fund::Sex::Female { "female" } else { "male" }.to_owned(),
        from_age: class.from,
        to_age: Some(class.to).filter(|to| *to < u8::MAX),
        enrolled: persons(*enrolled),
        spending_fen: paid.0,
    };
    plan.base.classes.iter().zip(of_class).map(part).collect()
}

fn outlook(year: &Year, split: Option<[Fen; 3]>, advance: Fen, line: i64, range: YearRange) -> Outlook {
    let part = |at: usize| split.map(|split| split[at].0);
    Outlook {
        year: year.year,
        living: persons(year.living),
        born: persons(year.born),
        died: persons(year.died),
        enrolled: persons(year.enrolled),
        personal_fen: year.personal.0,
        sponsored_fen: year.sponsored.0,
        unsplit_fen: year.unsplit.0,
        subsidy_fen: year.subsidy.0,
        central_fen: part(0),
        province_fen: part(1),
        local_fen: part(2),
        interest_fen: year.interest.0,
        income_fen: year.income().0,
        paid_fen: year.paid.iter().map(|paid| paid.0).collect(),
        premium_fen: year.premium.0,
        spending_fen: year.spending.0,
        balance_ratio_ppm: indicators::balance_ratio(year),
        balance_fen: year.balance.0,
        advance_fen: advance.0,
        payable_months: indicators::payable_months(year.balance, year.spending),
        below: indicators::below(year.balance, year.spending, line),
        range,
    }
}

/// Whole persons of millionths.
fn persons(millionths: i64) -> i64 {
    (millionths + fund::PERSON / 2).div_euclid(fund::PERSON)
}
