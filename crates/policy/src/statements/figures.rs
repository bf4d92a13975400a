//! Figures of a provision, and which rows of tables answer for whom.

use std::collections::BTreeSet;

use domain::{Care, Group, Place, Scheme};

use crate::conditions::{Axis, Conditions, Facts, Names, Space, Test};
use crate::notice::Provision;
use crate::tables::LIMIT;
use crate::value::{Amount, Derivation, Record, Row};

/// One amount of a provision: of a row, or of the provision as a whole.
pub(super) struct Figure<'l> {
    /// For whom, in words; empty for all.
    pub words: String,
    pub amount: &'l Amount,
    pub rule: Option<&'l Derivation>,
    pub place: Place,
}

impl<'l> Figure<'l> {
    fn of(words: String, values: &'l Record, place: &Place) -> Option<Figure<'l>> {
        let amount = values.amount("amount").or(values.amount("line"))?;
        Some(Figure { words, amount, rule: values.rule("rule"), place: place.clone() })
    }

    pub(super) fn of_row(row: &'l Row) -> Option<Figure<'l>> {
        Figure::of(row.when.to_string(), &row.values, &row.place)
    }

    pub(super) fn of_whole(provision: &'l Provision) -> Option<Figure<'l>> {
        Figure::of(String::new(), &provision.record, &provision.place)
    }
}

/// The amounts of a provision that hold for somebody for whom `when` holds.
pub(super) fn figures<'l>(provision: &'l Provision, when: &Conditions, names: &Names) -> Vec<Figure<'l>> {
    if provision.record.rows("rows").is_empty() {
        return Figure::of_whole(provision).into_iter().collect();
    }
    answering(provision, when, names).into_iter().filter_map(Figure::of_row).collect()
}

/// The rows of a table that answer for somebody for whom `when` holds, in order.
pub fn answering<'l>(provision: &'l Provision, when: &Conditions, names: &Names) -> Vec<&'l Row> {
    let rows = provision.record.rows("rows");
    let numbers: BTreeSet<usize> = match Grid::of(&[rows], when, names) {
        Some(grid) => grid.combinations().filter_map(|facts| grid.row(0, &facts)).collect(),
        None => (0..rows.len()).collect(),
    };
    numbers.into_iter().filter_map(|at| rows.get(at)).collect()
}

/// Every combination of facts that some tables tell apart, and that somebody can have.
pub(super) struct Grid {
    tables: Vec<Vec<Test>>,
    when: Test,
    space: Space,
    tiers: usize,
}

impl Grid {
    /// Of tables and a condition; `None` when there are too many combinations or a name is unknown.
    pub(super) fn of(tables: &[&[Row]], when: &Conditions, names: &Names) -> Option<Grid> {
        let tests = |rows: &&[Row]| rows.iter().map(|row| row.when.test(names).ok()).collect::<Option<Vec<Test>>>();
        let tables: Vec<Vec<Test>> = tables.iter().map(tests).collect::<Option<_>>()?;
        let when = when.test(names).ok()?;
        let all: Vec<&Test> = tables.iter().flatten().chain([&when]).collect();
        let space = Space::of(all.iter().copied(), names.tiers.len());
        (space.size() <= LIMIT).then_some(Grid { tables, when, space, tiers: names.tiers.len() })
    }

    /// The combinations for which the condition holds.
    pub(super) fn combinations(&self) -> impl Iterator<Item = Facts> {
        let all = (0..self.space.size()).map(|number| self.space.facts(number));
        all.filter(|facts| self.when.holds(facts) && plausible(&self.space, facts, self.tiers))
    }

    /// The row of a table that answers a combination.
    pub(super) fn row(&self, table: usize, facts: &Facts) -> Option<usize> {
        self.tables.get(table)?.iter().position(|test| test.holds(facts))
    }

    /// Whether the condition holds for facts.
    pub(super) fn holds(&self, facts: &Facts) -> bool {
        self.when.holds(facts)
    }

    /// A combination in words.
    pub(super) fn words(&self, facts: &Facts, names: &Names) -> String {
        self.space.words(facts, names)
    }
}

/// Whether somebody can be as the facts say: employees are in service or retired and have no tier, residents of a region with
/// tiers have one, admissions are numbered from one, minors are minors.
pub(crate) fn plausible(space: &Space, facts: &Facts, tiers: usize) -> bool {
    let asks = |axis: fn(&Axis) -> bool| space.axes.iter().any(axis);
    let employee = facts.scheme == Scheme::Employee as u8;
    let working = facts.group == Group::Active as u8 || facts.group == Group::Retired as u8;
    let by_group = !asks(|a| matches!(a, Axis::Scheme)) || !asks(|a| matches!(a, Axis::Group)) || employee == working;
    let by_tier = tiers == 0 || !asks(|a| matches!(a, Axis::Tier(_))) || (facts.tier == 31) == employee;
    let admitted = [Care::Inpatient, Care::Delivery, Care::DaySurgery, Care::SingleDisease].map(|care| care as u8);
    let admission = !asks(|a| matches!(a, Axis::Care)) || admitted.contains(&facts.care);
    let by_admission = !asks(|a| matches!(a, Axis::Admission(_))) || (facts.admission > 0) == admission;
    let minor = facts.group == Group::Minor as u8;
    let adult = facts.group == Group::Adult as u8 || facts.group == Group::Elder as u8 || working;
    let by_age = !asks(|a| matches!(a, Axis::Age(_)))
        || !asks(|a| matches!(a, Axis::Group))
        || !(minor && facts.age >= 18 || adult && facts.age < 16);
    by_group && by_tier && by_admission && by_age
}
