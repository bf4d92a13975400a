//! Checks of one decision table by itself: rows that can never apply, and rows that cross with different values.
//!
//! Gaps need the bills a stage covers and are found where the stage is put together.

use domain::Diagnostic;

use crate::conditions::{Names, Space, Test};
use crate::notice::Provision;
use crate::statements::figures::plausible;

/// The largest number of combinations that is looked through.
pub const LIMIT: usize = 200_000;
/// The most that is done to hold each row against each other, combination by combination.
const WORK: usize = 300_000_000;

/// Notes dead and crossing rows of a provision's table.
pub fn check(provision: &Provision, names: &Names, findings: &mut Vec<Diagnostic>) {
    let rows = provision.record.rows("rows");
    let by_name = rows.iter().any(|row| !row.when.class.is_empty() || !row.when.area.is_empty());
    let tests: Vec<Test> = rows.iter().filter_map(|row| row.when.test(names).ok()).collect();
    if rows.len() < 2 || tests.len() != rows.len() || by_name {
        return;
    }
    let space = Space::of(tests.iter(), names.tiers.len());
    if space.size() > LIMIT || rows.len().saturating_mul(rows.len()).saturating_mul(space.size()) > WORK {
        let message = format!("`{}` 的条件组合有 {} 种、表有 {} 行，太多", provision.key, space.size(), rows.len());
        findings.push(Diagnostic::error("table-size", provision.place.clone(), message, "把表按条件拆成几个环节"));
        return;
    }
    let sets = matches(&tests, &space);
    let possible: Vec<bool> =
        (0..space.size()).map(|number| plausible(&space, &space.facts(number), names.tiers.len())).collect();
    for (at, row) in rows.iter().enumerate() {
        let number = at + 1;
        if !sets[at].iter().any(|m| *m) {
            continue; // an impossible combination of the vocabulary, as an age below zero
        }
        let dead = (0..space.size()).all(|c| !sets[at][c] || (0..at).any(|earlier| sets[earlier][c]));
        if dead {
            let message =
                format!("`{}` 第 {number} 行（{}）永远用不上：前面的行已全部盖住 (dead row)", provision.key, row.when);
            findings.push(Diagnostic::error(
                "dead-row",
                row.place.clone(),
                message,
                "删去此行，或把更具体的行移到前面",
            ));
            continue;
        }
        for earlier in 0..at {
            if crossing(&tests[earlier], &tests[at], &sets[earlier], &sets[at], &possible)
                && rows[earlier].values != row.values
            {
                let message = format!(
                    "`{}` 第 {} 行（{}）与第 {number} 行（{}）相交而值不同 (overlap)",
                    provision.key,
                    earlier + 1,
                    rows[earlier].when,
                    row.when
                );
                findings.push(Diagnostic::error("overlap", row.place.clone(), message, "把相交的情形单写一行放在最前"));
            }
        }
    }
}

fn matches(tests: &[Test], space: &Space) -> Vec<Vec<bool>> {
    let all: Vec<_> = (0..space.size()).map(|number| space.facts(number)).collect();
    tests.iter().map(|test| all.iter().map(|facts| test.holds(facts)).collect()).collect()
}

/// Whether two rows share a combination that somebody can have and neither lies inside the other. Sets (categories, marks, disease lists) are left
/// to the order of rows: a person may hold several, and the first row that fits is meant.
fn crossing(a: &Test, b: &Test, in_a: &[bool], in_b: &[bool], possible: &[bool]) -> bool {
    let sets = |t: &Test| (t.categories, t.categories_also, t.marks, t.diseases, t.carries);
    if sets(a) != sets(b) {
        return false;
    }
    // Rows that nobody can both meet do not cross: an employee has no tier.
    let both = in_a.iter().zip(in_b).zip(possible).any(|((x, y), possible)| *x && *y && *possible);
    let only_a = in_a.iter().zip(in_b).any(|(x, y)| *x && !*y);
    let only_b = in_a.iter().zip(in_b).any(|(x, y)| !*x && *y);
    both && only_a && only_b
}

#[cfg(test)]
mod tests {
    use crate::library::{Library, SourceFile};

    fn overlaps(rows: &str) -> usize {
        let file = |path: &str, text: String| SourceFile { path: path.into(), shown: path.into(), text };
        let region = "[region]\ncode='500000'\nslug='town'\nname='某市'\n[[tier]]\nid='high'\nname='高档'\n";
        let notice = "[notice]\nid='n'\nkind='supplement'\ntitle='x'\nissued=2020-06-01\n";
        let table = format!("{notice}[[stage.a.bands]]\nbasis='illustrative'\nsource='x'\nrows=[{rows}]\n");
        let library =
            Library::read(vec![file("500000-town/region.toml", region.to_owned()), file("500000-town/n.toml", table)]);
        library.findings.iter().filter(|finding| finding.code == "overlap").count()
    }

    #[test]
    fn rows_that_nobody_can_both_meet_do_not_overlap() {
        let rest = "{ ratio='60%' }";
        assert_eq!(
            overlaps(&format!("{{ scheme='employee', ratio='80%' }}, {{ tier='high', ratio='70%' }}, {rest}")),
            0
        );
        assert_eq!(overlaps(&format!("{{ level='3', ratio='80%' }}, {{ tier='high', ratio='70%' }}, {rest}")), 1);
    }
}
