//! Two exclusive stages of one layer and order that cover the same bill: which of them pays would be chance.

use domain::Severity;

use super::Finding;
use super::structure::{finding, shapes};
use crate::conditions::{Names, Space, Test};
use crate::tables::LIMIT;
use crate::terms::Terms;
use crate::value::Record;

/// Looks at every pair of stages of a day.
pub(super) fn check(terms: &Terms<'_>, names: &Names) -> Vec<Finding> {
    let exclusive = |record: &Record| record.flag("exclusive").unwrap_or(record.text("layer") == Some("basic"));
    let stages: Vec<_> = shapes(terms).into_iter().filter(|(_, cited)| exclusive(&cited.provision.record)).collect();
    let mut findings = Vec::new();
    for (at, (id, second)) in stages.iter().enumerate() {
        for (earlier, first) in &stages[..at] {
            let (a, b) = (&first.provision.record, &second.provision.record);
            let same = (a.text("layer"), a.integer("order")) == (b.text("layer"), b.integer("order"));
            if same && cross(a, b, names) {
                let key = format!("stage.{id}.shape");
                let message = format!("环节 {earlier} 与 {id} 同层同序而管同样的账单，只有一个会支付 (same order)");
                let place = &second.provision.place;
                findings.push(finding(
                    &key,
                    "same-order",
                    Severity::Warning,
                    place,
                    message,
                    "写不同的 order，或收窄 covers",
                ));
            }
        }
    }
    findings
}

fn cross(a: &Record, b: &Record, names: &Names) -> bool {
    let test = |record: &Record, name: &str| record.when(name).test(names).ok();
    let tests = |record: &Record| {
        let excludes = record.get("excludes").and_then(|_| test(record, "excludes"));
        Some((test(record, "covers")?, excludes))
    };
    let (Some(a), Some(b)) = (tests(a), tests(b)) else { return false };
    let all: Vec<Test> = [Some(a.0), a.1, Some(b.0), b.1].into_iter().flatten().collect();
    let space = Space::of(all.iter(), names.tiers.len());
    if space.size() > LIMIT {
        return false;
    }
    (0..space.size()).map(|number| space.facts(number)).any(|facts| {
        [&a, &b].iter().all(|(covers, excludes)| {
            covers.holds(&facts) && !excludes.as_ref().is_some_and(|excludes| excludes.holds(&facts))
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::statements::testing::found;

    #[test]
    fn two_exclusive_stages_of_one_order_are_a_warning() {
        let stage = |id: &str, order: u8, care: &str| {
            format!(
                "[[stage.{id}.shape]]\nclause='T-1'\nname='{id}'\npayer='basic'\nlayer='basic'\norder={order}\nbase='in-scope'\nmeasure='visit'\ncovers={{ care='{care}' }}\n"
            )
        };
        let pair = |order, care| found(&(stage("a", 1, "inpatient") + &stage("b", order, care)));
        assert_eq!(pair(2, "inpatient"), Vec::<String>::new());
        assert_eq!(pair(1, "outpatient"), Vec::<String>::new());
        assert!(pair(1, "inpatient")[0].starts_with("warning stage.b.shape"), "{:?}", pair(1, "inpatient"));
    }
}
