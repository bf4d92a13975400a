//! The accident add-on: what is an accident case, and the yearly draw of its premium on the funds.

use domain::{Basis, Fen, Scheme};
use policy::{Cited, Terms};

use crate::reasons::{Refusal, Step, fen, held, weakest};

/// Whether a case is one of the add-on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accident {
    /// Whether it is.
    pub covered: bool,
    /// The reasons, in order.
    pub steps: Vec<Step>,
    /// Basis of the rule.
    pub basis: Basis,
}

/// Whether a case is one of the accident add-on: the scheme is covered, all conditions hold, the outcome is listed.
///
/// # Errors
/// When no accident cover is in force.
pub fn accident(terms: &Terms<'_>, scheme: Scheme, conditions: &[&str], outcome: &str) -> Result<Accident, Refusal> {
    let cited = held(terms, "accident.cover")?;
    let record = &cited.provision.record;
    let mut steps = Vec::new();
    let mut hold = |holds: bool, yes: String, no: String| {
        steps.push(Step::by(cited, if holds { yes } else { no }));
        holds
    };
    let name = scheme.name();
    let mut covered = hold(
        record.texts("schemes").contains(&scheme.code()),
        format!("{name}参保人一并受保障"),
        format!("{name}不在保障范围"),
    );
    for condition in record.texts("conditions") {
        covered &=
            hold(conditions.contains(&condition), format!("符合：{condition}"), format!("不符合或未核：{condition}"));
    }
    covered &= hold(
        record.texts("outcomes").contains(&outcome),
        format!("后果：{outcome}"),
        format!("“{outcome}”不在所列后果之内"),
    );
    let basis = weakest(&steps);
    Ok(Accident { covered, steps, basis })
}

/// The draw of a year's premium on the fund of a scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The fund drawn on.
    pub fund: String,
    /// Per person and year.
    pub per_head: Fen,
    /// For all persons.
    pub total: Fen,
    /// The reason.
    pub step: Step,
    /// Basis of the premium.
    pub basis: Basis,
}

/// The draw of the year's premium for a number of persons of a scheme, by the terms of a day in the year.
///
/// # Errors
/// When the year has no premium, or no fund is named for the scheme.
pub fn accident_draw(terms: &Terms<'_>, scheme: Scheme, heads: i64) -> Result<Draw, Refusal> {
    let cited = held(terms, "accident.premium")?;
    let (per_head, basis) = fen(terms, cited, cited.provision.record.amount("amount"))?;
    let fund = fund(cited, scheme)
        .ok_or_else(|| Refusal::by(cited, format!("没有写{}从哪个基金提取", scheme.name()), "在 draws 里补上一行"))?;
    let total = per_head.0.checked_mul(heads).filter(|_| heads >= 0).map(Fen);
    let total = total.ok_or_else(|| Refusal::new("heads", format!("人数 {heads} 不能用"), "核对人数"))?;
    let text = format!("{} {heads} 人 × {per_head} 元，从{fund}提取 {total} 元", scheme.name());
    let step = Step::by(cited, text).on(basis);
    Ok(Draw { fund: fund.to_owned(), per_head, total, basis: step.basis, step })
}

fn fund<'l>(cited: Cited<'l>, scheme: Scheme) -> Option<&'l str> {
    let rows = cited.provision.record.rows("draws");
    rows.iter().find(|row| row.when.scheme.is_empty() || row.when.scheme.contains(&scheme))?.values.text("fund")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::town;
    use jiff::civil::date;
    use policy::View;

    const RULES: &str = "
        [[accident.cover]]
        clause = 'T-1'
        schemes = ['employee', 'resident']
        conditions = ['突发的', '外来的', '非本人意愿的']
        outcomes = ['伤害', '伤残', '死亡']
        [[accident.premium]]
        clause = 'T-2'
        year = 2017
        amount = 20
        draws = [{ scheme = 'employee', fund = 'large-amount' }, { scheme = 'resident', fund = 'basic' }]
        [[accident.premium]]
        clause = 'T-2'
        year = 2018
        amount = 'open'
    ";

    fn covered(conditions: &[&str], outcome: &str) -> bool {
        let library = town(RULES);
        let terms = library.terms(library.region("town").unwrap(), date(2017, 1, 1), &View::default());
        accident(&terms, Scheme::Resident, conditions, outcome).unwrap().covered
    }

    fn draw(year: i16, scheme: Scheme) -> Result<(String, Fen), String> {
        let library = town(RULES);
        let terms = library.terms(library.region("town").unwrap(), date(year, 1, 1), &View::default());
        accident_draw(&terms, scheme, 10).map(|draw| (draw.fund, draw.total)).map_err(|refusal| refusal.key)
    }

    #[test]
    fn all_conditions_and_a_listed_outcome() {
        assert!(covered(&["突发的", "外来的", "非本人意愿的"], "伤残"));
        assert!(!covered(&["突发的", "外来的"], "伤残"));
        assert!(!covered(&["突发的", "外来的", "非本人意愿的"], "误工"));
    }

    #[test]
    fn the_premium_is_drawn_on_the_fund_of_the_scheme() {
        assert_eq!(draw(2017, Scheme::Employee), Ok(("large-amount".to_owned(), Fen::yuan(200))));
        assert_eq!(draw(2017, Scheme::Resident), Ok(("basic".to_owned(), Fen::yuan(200))));
        assert_eq!(draw(2018, Scheme::Resident), Err("accident.premium".to_owned()));
        assert_eq!(draw(2019, Scheme::Resident), Err("accident.premium".to_owned()));
    }
}
