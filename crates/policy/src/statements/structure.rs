//! What holds without being stated: the legal order of layers, splits that sum, published figures that follow their rule, and
//! tables that answer every bill their stage covers.

use std::collections::BTreeSet;

use domain::{Diagnostic, Place, Severity};

use super::Finding;
use super::figures::Grid;
use crate::conditions::{Facts, Names};
use crate::notice::Provision;
use crate::terms::{Cited, Missing, Terms};
use crate::value::{Amount, Record, Row};

/// Checks the terms of a day. `seen` holds the tables already looked at on an earlier day.
pub(super) fn check(terms: &Terms<'_>, names: &Names, seen: &mut BTreeSet<(usize, usize)>) -> Vec<Finding> {
    let mut findings = order(terms);
    findings.extend(split(terms));
    findings.extend(rules(terms));
    findings.extend(super::exclusive::check(terms, names));
    let refused: Vec<Cited<'_>> = terms.family("settlement.refuse.").map(|(_, cited)| cited).collect();
    for (id, shape) in shapes(terms) {
        for part in ["deductible", "bands", "cap"] {
            let Ok(table) = terms.get(&format!("stage.{id}.{part}")) else { continue };
            let pair = (std::ptr::from_ref(shape.provision) as usize, std::ptr::from_ref(table.provision) as usize);
            if seen.insert(pair) {
                findings.extend(gaps(&shape.provision.record, table.provision, &refused, names));
            }
        }
    }
    findings
}

pub(super) fn shapes<'l>(terms: &Terms<'l>) -> Vec<(&'l str, Cited<'l>)> {
    let shape = |(rest, cited): (&'l str, Cited<'l>)| Some((rest.strip_suffix(".shape")?, cited));
    let mut shapes: Vec<_> = terms.family("stage.").filter_map(shape).collect();
    shapes.sort_by_key(|(id, cited)| (cited.provision.record.integer("order").unwrap_or(0), *id));
    shapes
}

pub(super) fn finding(
    about: &str,
    code: &'static str,
    severity: Severity,
    place: &Place,
    message: String,
    cure: &str,
) -> Finding {
    let diagnostic = Diagnostic { severity, ..Diagnostic::error(code, place.clone(), message, cure) };
    Finding { about: about.to_owned(), diagnostic }
}

/// Stages run in the legal order of their layers.
fn order(terms: &Terms<'_>) -> Vec<Finding> {
    let Ok(stated) = terms.get("settlement.order") else { return Vec::new() };
    let layers = stated.provision.record.texts("layers");
    let place_of =
        |cited: &Cited<'_>| layers.iter().position(|layer| cited.provision.record.text("layer") == Some(layer));
    let placed: Vec<_> =
        shapes(terms).into_iter().filter_map(|(id, cited)| Some((id, cited, place_of(&cited)?))).collect();
    let backwards = placed.windows(2).filter(|pair| pair[1].2 < pair[0].2);
    let wrong = backwards.map(|pair| {
        let (before, after) = (&pair[0], &pair[1]);
        let message = format!(
            "`settlement.order`：环节 {}（{}）排在 {}（{}）之前，应为 {}",
            before.0,
            layers[before.2],
            after.0,
            layers[after.2],
            layers.join("、")
        );
        let place = &before.1.provision.place;
        let mut found =
            finding("settlement.order", "order", Severity::Error, place, message, "改 order，使各环节依法定顺序");
        found.diagnostic = found.diagnostic.citing(stated.provision.clauses.join("、"));
        found
    });
    wrong.collect()
}

/// The parts of the levels of government sum to the subsidy.
fn split(terms: &Terms<'_>) -> Vec<Finding> {
    let (Ok(standard), Ok(split)) = (terms.get("subsidy.standard"), terms.get("subsidy.split")) else {
        return Vec::new();
    };
    let figure = |amount: Option<&Amount>| {
        amount.and_then(|amount| terms.fen(amount, domain::Basis::Stated).ok()).map(|(fen, _)| fen)
    };
    let Some(whole) = figure(standard.provision.record.amount("amount")) else { return Vec::new() };
    let rows = split.provision.record.rows("rows").iter();
    let wrong = rows.filter_map(|row| {
        let parts = ["central", "province", "local"].map(|part| figure(row.values.amount(part)).unwrap_or_default());
        let sum = parts.into_iter().sum::<domain::Fen>();
        let message = format!("`subsidy.split` {}：各级之和 {sum}，补助标准 {whole}", row.when);
        let cure = "改正各级负担的数，使其和等于标准";
        (sum != whole).then(|| finding("subsidy.split", "split", Severity::Error, &row.place, message, cure))
    });
    wrong.collect()
}

/// A published figure beside its rule: the checker says whether the rule gives the same.
fn rules(terms: &Terms<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, cited) in terms.family("") {
        for row in cited.provision.record.rows("rows") {
            let (Some(rule), Some(Amount::Figure(published))) = (row.values.rule("rule"), row.values.amount("amount"))
            else {
                continue;
            };
            let (severity, message, cure) = match terms.derive(rule) {
                Ok(derived) if derived == *published => {
                    (Severity::Note, format!("`{key}` 公布数 {published} 与规则（{rule}）相符"), "无须处理")
                }
                Ok(derived) => {
                    let message = format!("`{key}` 公布数 {published} 与规则（{rule}）算出的 {derived} 不符；用公布数");
                    (Severity::Warning, message, "核对公布数、统计数和取整办法")
                }
                Err(Missing::Statistic(id, year)) => {
                    let message = format!("`{key}` 公布数 {published} 无法与规则核对：缺 {year} 年 {id}");
                    (Severity::Note, message, "在 statistics.toml 里补上这一年的数")
                }
                Err(_) => continue,
            };
            let mut found = finding(key, "rule", severity, &row.place, message, cure);
            found.diagnostic.clause = (!cited.provision.clauses.is_empty()).then(|| cited.provision.clauses.join("、"));
            findings.push(found);
        }
    }
    findings
}

/// Combinations that the stage covers and that no row answers.
fn gaps(shape: &Record, table: &Provision, refused: &[Cited<'_>], names: &Names) -> Option<Finding> {
    let key = &table.key;
    // What the stage leaves out stands as a first row, so that it counts as answered.
    let excludes = shape.get("excludes").map(|_| Row {
        when: shape.when("excludes"),
        values: Record::default(),
        place: table.place.clone(),
    });
    let rows: Vec<Row> = excludes.into_iter().chain(table.record.rows("rows").iter().cloned()).collect();
    let Some(grid) = Grid::of(&[&rows], &shape.when("covers"), names) else {
        let message = format!("`{key}` 条件组合太多，没有查有无遗漏");
        return Some(finding(key, "gap", Severity::Note, &table.place, message, "把环节按条件拆开"));
    };
    // What is refused by name is no gap.
    let told = |facts: &Facts| {
        refused.iter().any(|cited| {
            let holds = |field| cited.provision.record.when(field).test(names).is_ok_and(|test| test.holds(facts));
            holds("when") && !(cited.provision.record.get("unless").is_some() && holds("unless"))
        })
    };
    let unanswered = grid.combinations().filter(|facts| grid.row(0, facts).is_none() && !told(facts));
    let missing: Vec<String> = unanswered.map(|facts| grid.words(&facts, names)).collect();
    let first = missing.first()?;
    let more = if missing.len() > 1 { format!(" 等 {} 种情形", missing.len()) } else { String::new() };
    let message = format!("`{key}` 没有一行适用于：{first}{more} (gap)");
    Some(finding(key, "gap", Severity::Warning, &table.place, message, "补上这些情形的行，或收窄环节的 covers"))
}

#[cfg(test)]
mod tests {
    use crate::statements::testing::found;

    fn stage(id: &str, layer: &str, order: u8, covers: &str) -> String {
        format!(
            "[[stage.{id}.shape]]\nclause='T-1'\nname='{id}'\npayer='{layer}'\nlayer='{layer}'\norder={order}\nbase='burden'\nmeasure='visit'\n{covers}\n"
        )
    }

    #[test]
    fn layers_out_of_order_are_named() {
        let order = "[[settlement.order]]\nclause='T-2'\nlayers=['basic','catastrophic','assistance']\n";
        let right = stage("basic", "basic", 1, "") + &stage("aid", "assistance", 3, "") + order;
        assert_eq!(found(&right), Vec::<String>::new());
        let wrong = stage("aid", "assistance", 1, "") + &stage("big", "catastrophic", 2, "") + order;
        let wrong = found(&wrong);
        assert!(wrong[0].starts_with("error settlement.order") && wrong[0].contains("aid（assistance）"), "{wrong:?}");
    }

    #[test]
    fn a_split_that_does_not_sum_is_named() {
        let split = |local: &str| {
            format!(
                "[[subsidy.standard]]\nclause='T-1'\nyear=2022\namount=610
                [[subsidy.split]]\nclause='T-1'\nyear=2022\nrows=[{{ area='general', central=366, province='146.40', local='{local}' }}]\n"
            )
        };
        assert_eq!(found(&split("97.60")), Vec::<String>::new());
        assert!(found(&split("97.70"))[0].contains("610.10"));
    }

    #[test]
    fn a_published_figure_is_compared_with_its_rule() {
        let published = |amount: u32| {
            let rule = "{ share='50%', of='disposable-income', years_before=2, round='yuan' }";
            found(&format!(
                "[[stage.big.deductible]]\nclause='T-1'\nyear=2022\nper='year'\nrows=[{{ amount={amount}, rule={rule} }}]\n"
            ))
        };
        assert!(published(15_412)[0].starts_with("note stage.big.deductible") && published(15_412)[0].contains("相符"));
        assert!(
            published(15_000)[0].starts_with("warning stage.big.deductible")
                && published(15_000)[0].contains("15412.00 不符")
        );
    }

    #[test]
    fn a_combination_that_no_row_answers_is_named() {
        let table = |rows: &str| {
            let covers = "covers={ scheme='resident', care='inpatient' }";
            found(&format!(
                "{}[[stage.inpatient.bands]]\nclause='T-1'\nrows=[{rows}]\n",
                stage("inpatient", "basic", 1, covers)
            ))
        };
        assert_eq!(table("{ tier='low', ratio='60%' }, { tier='high', ratio='70%' }"), Vec::<String>::new());
        let gap = table("{ tier='low', level='3', ratio='60%' }, { tier='high', ratio='70%' }");
        assert!(gap.len() == 1 && gap[0].starts_with("warning stage.inpatient.bands"), "{gap:?}");
        let excluded = found(&format!(
            "{}[[stage.inpatient.bands]]\nclause='T-1'\nrows=[{{ tier='high', ratio='70%' }}]\n",
            stage("inpatient", "basic", 1, "covers={ scheme='resident' }\nexcludes={ tier='low' }")
        ));
        assert_eq!(excluded, Vec::<String>::new());
        let refused = found(&format!(
            "{}[[stage.inpatient.bands]]\nclause='T-1'\nrows=[{{ level='2', tier='high', ratio='70%' }}, {{ level=['primary','1','3','3p'], ratio='70%' }}]
            [[settlement.refuse.low]]\nclause='T-1'\nwhen={{ level='2' }}\nunless={{ tier='high' }}\nsays='x'\n",
            stage("inpatient", "basic", 1, "covers={ scheme='resident' }")
        ));
        assert_eq!(refused, Vec::<String>::new());
        assert!(gap[0].contains("基层") && gap[0].contains("low") && gap[0].contains("等 4 种情形"), "{gap:?}");
    }
}
