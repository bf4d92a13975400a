//! What a forecast stands on: the year that a run found as the base of a projection, how people die and are born, and what the
//! terms say of the years to come. What neither the terms nor an assumption say is refused by name.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Basis, Date, Fen, Scheme};
use enrolment::{Claim, Split, accident_draw, subsidy};
use fund::{AgeRow, Base, Lives, Sex};
use policy::set::overlay;
use policy::{Held, Library, Notice, Region, Set, Terms, View, open_figures};
use serde::Serialize;

use super::assumptions::Assumptions;
use crate::Refused;
use crate::generate::figures::{Figures, by_age};
use crate::generate::rates::People as Rates;
use crate::generate::society::age_weights;
use crate::outcome::{By, Group, Outcome, Variant};

/// First ages of the classes that have the same costs a head: five years wide, as a single age of a small run says little.
pub const EDGES: [u8; 18] = [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85];

/// Years before the run's in which a subsidy is looked for, where its own year has none.
const LOOK_BACK: i16 = 10;

/// A subsidy that the terms of a year give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Anchor {
    /// The year.
    pub year: i16,
    /// A head, fen.
    pub per_head_fen: i64,
    /// Whether the notice gives a minimum only.
    pub floor: bool,
    /// Clause ids.
    pub clauses: Vec<String>,
    /// On what it rests.
    pub basis: String,
    #[serde(skip)]
    split: Option<Split>,
}

/// What the terms say of a variant's years.
pub struct Ground {
    /// The base of the projection.
    pub base: Base,
    /// The subsidies that the terms give, by year.
    pub anchors: Vec<Anchor>,
    /// Why there is none in the run's year, if so.
    why_none: String,
    /// Flat premiums a head that the terms draw from the pot, by year.
    premiums: BTreeMap<i16, Fen>,
    /// The weakest basis of what was taken from the terms.
    pub basis: Basis,
}

impl Ground {
    /// The ground of a variant.
    ///
    /// # Errors
    /// When the run has no ages, or figures that no run has.
    pub fn new(
        library: &Library,
        region: &Region,
        outcome: &Outcome,
        variant: &Variant,
        figures: &Figures,
        assumptions: &Assumptions,
        years: i16,
    ) -> Result<Ground, Refused> {
        let changed = changed(library, region, outcome.year, variant)?;
        same_contributions(library, region, outcome, variant)?;
        let view = view(library, variant, changed.as_ref())?;
        let missing = |heads: i64| undecided(library, region, outcome, &view, heads);
        let base = base(outcome, variant, figures, assumptions, &missing)?;
        let (mut anchors, mut premiums, mut why_none) = (Vec::new(), BTreeMap::new(), String::new());
        let mut weakest = Basis::Stated;
        for year in outcome.year - LOOK_BACK..=outcome.year + years + 1 {
            let terms = library.terms(region, last_day(year)?, &view);
            match anchor(&terms, outcome) {
                Ok((anchor, basis)) => {
                    anchors.push(anchor);
                    weakest = weakest.max(basis);
                }
                Err(why) if year == outcome.year => why_none = why,
                Err(_) => {}
            }
            if year < outcome.year {
                continue;
            }
            if let Ok(draw) = accident_draw(&terms, Scheme::Resident, 1)
                && assumptions.pot.contains(&draw.fund)
            {
                premiums.insert(year, draw.per_head);
                weakest = weakest.max(draw.basis);
            }
        }
        Ok(Ground { base, anchors, why_none, premiums, basis: weakest })
    }

    /// The subsidy a head of a year: what its terms give; else that of the last year before it that has some, or the assumed
    /// one of the run's year, and the assumed rise for each year since.
    ///
    /// # Errors
    /// When there is neither.
    pub fn subsidy(&self, year: i16, rise: Fen, assumed: Option<i64>) -> Result<Fen, Refused> {
        let anchor = self.anchors.iter().rfind(|anchor| anchor.year <= year);
        let (from, per_head) = match (anchor, assumed) {
            (Some(anchor), _) => (anchor.year, Fen(anchor.per_head_fen)),
            (None, Some(yuan)) => (self.base.year, Fen::yuan(yuan)),
            (None, None) => {
                let what = format!("{} 年的人均财政补助没有着落：{}", self.base.year, self.why_none);
                let cure = "在 projection.toml 或 --assumptions 的文件里写 [subsidy]（元），连同 basis 和 source";
                return Err(Refused::new(what, cure));
            }
        };
        let risen = per_head + Fen(rise.0 * i64::from(year - from));
        if risen < Fen::ZERO {
            return Err(Refused::new(format!("{year} 年人均补助降到负数"), "把 subsidy_rise 改大"));
        }
        Ok(risen)
    }

    /// The flat premium a head of a year.
    pub fn premium(&self, year: i16) -> Fen {
        self.premiums.get(&year).copied().unwrap_or_default()
    }

    /// A year's subsidies by level of government (central, province, local), as the last split before it has them; `None`
    /// where the terms leave the split open.
    pub fn split(&self, year: i16, total: Fen) -> Option<[Fen; 3]> {
        let anchor = self.anchors.iter().rfind(|anchor| anchor.year <= year && anchor.split.is_some())?;
        let Split { central, province, local } = anchor.split?;
        let whole = i128::from((central + province + local).0);
        let of = |part: Fen| (whole > 0).then(|| i64::try_from(i128::from(total.0) * i128::from(part.0) / whole).ok());
        let (central, province) = (Fen(of(central)??), Fen(of(province)??));
        Some([central, province, total - central - province])
    }
}

/// The line at which the terms of the run's year warn, if they set one.
///
/// # Errors
/// When the variant's drafts are not there, or the year is none.
pub fn line(library: &Library, region: &Region, year: i16, variant: &Variant) -> Result<Option<fund::Line>, Refused> {
    let changed = changed(library, region, year, variant)?;
    let view = view(library, variant, changed.as_ref())?;
    Ok(fund::line(&library.terms(region, last_day(year)?, &view)))
}

/// What is to be seen of the library, as the run saw it: the drafts of the variant, what was known on its day, and its changed
/// figures.
fn view<'l>(library: &'l Library, variant: &Variant, overlay: Option<&'l Notice>) -> Result<View<'l>, Refused> {
    if let Some(id) = variant.drafts.iter().find(|id| library.notice(id).is_none()) {
        let what = format!("结果用了征求意见稿 “{id}”，政策文件里没有它");
        return Err(Refused::new(what, "加上模拟时用的 --policies 目录"));
    }
    let known_on = variant.known_on.as_deref().map(|day| {
        day.parse::<Date>().map_err(|_| {
            Refused::new(format!("“{}” 的 known_on “{day}” 不是日期", variant.name), "重新模拟，或改正这份结果")
        })
    });
    Ok(View { drafts: variant.drafts.clone(), known_on: known_on.transpose()?, overlay, ..View::default() })
}

/// The figures of financing that the variant has otherwise in the run's year; those of bills are in what the run found.
fn changed(library: &Library, region: &Region, year: i16, variant: &Variant) -> Result<Option<Notice>, Refused> {
    let starts = |set: &String, keys: &[&str]| keys.iter().any(|key| set.starts_with(key));
    if let Some(set) = variant.set.iter().find(|set| starts(set, &["contribution."])) {
        let what = format!("“{}” 改了缴费（{set}），而各人缴多少是生成时定的", variant.name);
        return Err(Refused::new(
            what,
            "用改了缴费的条款重新 generate、simulate；或在 --assumptions 里改 contribution_rise",
        ));
    }
    let sets: Vec<&String> =
        variant.set.iter().filter(|set| starts(set, &["subsidy.", "fund.", "accident."])).collect();
    if sets.is_empty() {
        return Ok(None);
    }
    let cure = "用模拟时的政策文件";
    let sets: Result<Vec<Set>, String> = sets.into_iter().map(|set| Set::parse(set)).collect();
    let sets = sets.map_err(|what| Refused::new(what, cure))?;
    let first = Date::new(year, 1, 1).map_err(|_| no_year(year))?;
    let made = overlay(library, region, &view(library, variant, None)?, first, last_day(year)?, &sets);
    made.map(Some).map_err(|findings| {
        let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
        Refused::new(told.join("\n"), cure)
    })
}

/// Contributions are those that the province was made with: a draft that sets others cannot be carried on from it.
fn same_contributions(library: &Library, region: &Region, outcome: &Outcome, variant: &Variant) -> Result<(), Refused> {
    let day = last_day(outcome.year)?;
    let of = |variant: &Variant| -> Result<Vec<String>, Refused> {
        let terms = library.terms(region, day, &view(library, variant, None)?);
        let told = |(key, cited): (&str, policy::Cited<'_>)| format!("{key} {}", cited.provision.record);
        Ok(terms.family("contribution.").map(told).collect())
    };
    let baseline = outcome.variants.first().map(of).transpose()?;
    if baseline.is_some_and(|baseline| of(variant).is_ok_and(|other| other != baseline)) {
        let what = format!("“{}” 的缴费规定与现行规定不同，而各人缴多少是生成时定的", variant.name);
        return Err(Refused::new(what, "加上这份征求意见稿重新 generate、simulate --base，再预测"));
    }
    Ok(())
}

fn last_day(year: i16) -> Result<Date, Refused> {
    Date::new(year, 12, 31).map_err(|_| no_year(year))
}

fn no_year(year: i16) -> Refused {
    Refused::new(format!("没有 {year} 年"), "把 --years 写小一些")
}

/// The terms of a year on its subsidy, over all areas of the run.
fn anchor(terms: &Terms<'_>, outcome: &Outcome) -> Result<(Anchor, Basis), String> {
    let areas: Vec<(&str, i64)> = of(outcome, By::Area).map(|(group, people)| (group, people.enrolled)).collect();
    let whole = [("", people(outcome))];
    let areas = if areas.is_empty() { &whole[..] } else { &areas };
    let mut found: Option<(Anchor, Basis)> = None;
    let mut split = Some(Split { central: Fen::ZERO, province: Fen::ZERO, local: Fen::ZERO });
    for (area, heads) in areas {
        let area = Some(*area).filter(|area| !area.is_empty());
        let claim = Claim { area, heads: *heads, excluded: &[] };
        let told = subsidy(terms, &claim).map_err(|refusal| refusal.to_string())?;
        split = match (split, told.split) {
            (Some(sum), Ok(part)) => Some(Split {
                central: sum.central + part.central,
                province: sum.province + part.province,
                local: sum.local + part.local,
            }),
            _ => None,
        };
        let clauses = told.steps.first().map(|step| step.clauses.clone()).unwrap_or_default();
        let basis = told.basis;
        let anchor = Anchor {
            year: terms.day.year(),
            per_head_fen: told.per_head.0,
            floor: told.floor,
            clauses,
            basis: basis.code().to_owned(),
            split: None,
        };
        found = Some((anchor, basis));
    }
    let (anchor, basis) = found.ok_or("没有参保人")?;
    Ok((Anchor { split, ..anchor }, basis))
}

fn of(outcome: &Outcome, by: By) -> impl Iterator<Item = (&str, &crate::outcome::People)> {
    let groups = outcome.people.iter().filter(move |(group, _)| group.by == by);
    groups.map(|(group, people)| (group.value.as_str(), people))
}

/// All enrolled.
fn people(outcome: &Outcome) -> i64 {
    of(outcome, By::Age).map(|(_, people)| people.enrolled).sum()
}

/// How people die and are born, by the figures of the population.
pub fn lives(figures: &Figures) -> Lives {
    let mortality = by_age(&figures.mortality, |row| (row.ages, row.per_100k * 10));
    let rates = Rates { weights: age_weights(figures), figures, prevalence: &[], incidence: &[] };
    let fertility = rates.deliveries();
    let of = |table: &[u64], age: usize| table.get(age).map_or(0, |ppm| i64::try_from(*ppm).unwrap_or(i64::MAX));
    Lives {
        mortality: std::array::from_fn(|age| of(&mortality, age)),
        fertility: std::array::from_fn(|age| of(&fertility, age)),
        male: i64::try_from(figures.male.0).unwrap_or(0),
    }
}

/// The provisions that say what is due for a person in all.
const DUE: [&str; 2] = ["contribution.standard", "contribution.academic"];

/// Why nothing is known to be due for so many of the enrolled, by the clauses that leave it open or have ended.
fn undecided(library: &Library, region: &Region, outcome: &Outcome, view: &View<'_>, heads: i64) -> Refused {
    let mut told: BTreeSet<String> = BTreeSet::new();
    for day in [Date::new(outcome.year, 1, 1), Date::new(outcome.year, 12, 31)].into_iter().flatten() {
        let open = open_figures(library, region, day, view).into_iter();
        let open = open.filter(|figure| figure.filled.is_none() && DUE.contains(&figure.key.as_str()));
        told.extend(open.map(|figure| format!("`{}`（{}）{}", figure.key, figure.clauses.join("、"), figure.needs)));
        let terms = library.terms(region, day, view);
        told.extend(DUE.into_iter().filter_map(|key| match terms.held(key)? {
            Held::Ended(cited, on) => Some(format!("`{key}`（{}）已于 {on} 失效", cited.provision.clauses.join("、"))),
            Held::InForce(_) => None,
        }));
    }
    let why = match told.is_empty() {
        true => "没有适用于他们的缴费标准".to_owned(),
        false => told.into_iter().collect::<Vec<_>>().join("；"),
    };
    Refused::new(
        format!("{} {} 年的参保人中 {heads} 人没有缴费数额：{why} (contribution open)", region.name, outcome.year),
        "在 projection.toml 或 --assumptions 的文件里写 [contribution]（这些人的人均缴费，元），连同 basis 和 source",
    )
}

/// The year that a run found; whose contribution is open pays the assumed one, and without one nobody guesses it.
fn base(
    outcome: &Outcome,
    variant: &Variant,
    figures: &Figures,
    assumptions: &Assumptions,
    missing: &dyn Fn(i64) -> Refused,
) -> Result<Base, Refused> {
    let contributions: i64 = of(outcome, By::Age).map(|(_, people)| people.standard).sum();
    // A run of which nobody is known to pay anything may be of a version that did not count whose contribution is open.
    let open = |people: &crate::outcome::People| if contributions == 0 { people.enrolled } else { people.undecided };
    let heads: i64 = of(outcome, By::Age).map(|(_, people)| open(people)).sum();
    let assumed = match (heads, assumptions.contribution) {
        (0, _) => Fen::ZERO,
        (_, Some(yuan)) => Fen::yuan(yuan),
        (heads, None) => return Err(missing(heads)),
    };
    let mut rows = Vec::new();
    for (value, people) in of(outcome, By::Age) {
        let (sex, age) = sex_and_age(value)?;
        let patients = variant.groups.get(&Group { by: By::Age, value: value.to_owned() });
        let paid = |fund: usize| patients.and_then(|patients| patients.paid.get(fund)).copied().unwrap_or(0);
        rows.push(AgeRow {
            sex,
            age,
            living: people.living,
            enrolled: people.enrolled,
            personal: Fen(people.personal + assumed.0 * open(people)),
            sponsored: Fen(people.sponsored),
            unsplit: Fen(people.standard - people.personal - people.sponsored),
            paid: (0..outcome.funds.len()).map(|fund| Fen(paid(fund))).collect(),
        });
    }
    let strays = variant.groups.keys().find(|group| group.by == By::Age && !outcome.people.contains_key(group));
    if let Some(group) = strays {
        let what = format!("“{}” 的 {} 有账单，却没有人", variant.name, group.value);
        return Err(Refused::new(what, "重新模拟，或改正这份结果"));
    }
    if rows.is_empty() {
        let what = "模拟结果里没有分性别和年龄的人数 (no ages)";
        return Err(Refused::new(what, "用这个版本的 `tongchou simulate` 重新模拟"));
    }
    let living: i64 = rows.iter().map(|row| row.living).sum();
    // Births come by the hundred thousand of those alive on the first day; who is born is among the living here.
    let births = i128::from(figures.births);
    let born = i128::from(living) * births / (100_000 + births);
    Base::new(outcome.year, &rows, i64::try_from(born).unwrap_or(0), &EDGES).map_err(refused)
}

/// `female/063`
fn sex_and_age(value: &str) -> Result<(Sex, u8), Refused> {
    let read = || {
        let (sex, age) = value.split_once('/')?;
        let sex = match sex {
            "female" => Sex::Female,
            "male" => Sex::Male,
            _ => return None,
        };
        Some((sex, age.parse().ok().filter(|age| *age <= 100)?))
    };
    read().ok_or_else(|| {
        Refused::new(format!("模拟结果里的年龄 “{value}” 读不懂"), "写成 female/063 这样，100 岁及以上为 100")
    })
}

/// The projection's refusals are those of the forecast.
pub fn refused(unfit: fund::Unfit) -> Refused {
    Refused::new(unfit.what, unfit.cure)
}
