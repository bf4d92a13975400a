//! What a run finds: sums of bills and of people, under the baseline and under each variant. Plain figures, ready to be written
//! out; ratios and indices are the report's.
//!
//! Everything adds up: the sums of some parts and of the others are those of the whole, in any order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a run over one year of a province finds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Slug of the region.
    pub region: String,
    /// Its Chinese name.
    pub region_name: String,
    /// Codes of the tiers of contribution, each with the region's Chinese name of it.
    #[serde(default)]
    pub tiers: Vec<(String, String)>,
    /// The year.
    pub year: i16,
    /// First of the years whose bills were settled on the way to it: earlier than the year where the terms carry something over.
    pub from_year: i16,
    /// Hash of the province's manifest.
    pub province: String,
    /// Codes of the funds that any of the variants pays from, in legal order; all lists "by fund" have this order.
    pub funds: Vec<String>,
    /// Everybody, whatever the terms.
    #[serde(with = "pairs")]
    pub people: BTreeMap<Group, People>,
    /// The baseline, then the variants as they were asked for.
    pub variants: Vec<Variant>,
    /// Bills that could not be read and were left out of every sum (`--keep-going`).
    pub left_out: i64,
}

/// One reading of the terms, and what it gives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// A short name: `baseline`, the draft's id, or what was set.
    pub name: String,
    /// Drafts folded on top, by id.
    pub drafts: Vec<String>,
    /// Figures set, as `path=value`.
    pub set: Vec<String>,
    /// Only what was known on this day counts; all that is known, if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_on: Option<String>,
    /// Hash of the terms.
    pub terms: String,
    /// Code of the weakest basis that the terms' figures rest on.
    pub basis: String,
    /// Bills by where and what they are.
    #[serde(with = "pairs")]
    pub cells: BTreeMap<Cell, Bills>,
    /// People by what they are. The group of all has everybody once.
    #[serde(with = "pairs")]
    pub groups: BTreeMap<Group, Patients>,
    /// Persons with a settled bill and their own payments, by size of what a person pays in the year: up to each of
    /// [`BURDEN_EDGES`], and above the last.
    pub burden: Vec<Burden>,
    /// Own payments of all the enrolled, by income of the person's household a head: for concentration.
    #[serde(with = "pairs")]
    pub by_income: BTreeMap<IncomeStep, Burden>,
    /// Bills refused, by reason.
    pub refused: BTreeMap<String, i64>,
    /// What differs from the baseline.
    pub changed: Changed,
}

/// Where bills belong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cell {
    /// Tier of contribution; empty where the region has none.
    pub tier: String,
    /// Code of the provider's level.
    pub level: String,
    /// Code of the kind of care.
    pub care: String,
}

/// Sums of settled bills, fen but for the count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bills {
    /// How many.
    pub bills: i64,
    /// Total.
    pub total: i64,
    /// In scope.
    pub in_scope: i64,
    /// First self-pay of class B.
    pub first_self_pay: i64,
    /// By fund.
    pub paid: Vec<i64>,
}

/// What people are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// Everybody.
    All,
    /// Tenth of income, `01` to `10`.
    Decile,
    /// Category held, or `none`; who holds several is in each, so that these do not add up to all.
    Category,
    /// Population group.
    Group,
    /// Tier of contribution; empty without one.
    Tier,
    /// Subsidy area; empty without one.
    Area,
    /// Sex and completed years on the first day of the year: `female/063`; 100 and more are `100`.
    Age,
}

/// A group of people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Group {
    /// By what.
    pub by: By,
    /// Which of these.
    pub value: String,
}

/// People of a group, whatever the terms; fen but for counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// Alive on the first day of the year, or born in it.
    pub living: i64,
    /// Enrolled for the year.
    pub enrolled: i64,
    /// Of these, for whom the terms leave open what is due in all: they are in none of the next three sums.
    #[serde(default)]
    pub undecided: i64,
    /// What is due for them in all, where the terms say it. What is in neither of its two parts is due of those for whom the
    /// terms leave open who pays how much of it.
    pub standard: i64,
    /// The persons' own part of it.
    pub personal: i64,
    /// What sponsors pay of it.
    pub sponsored: i64,
    /// Income of the enrolled in the year before.
    pub income: i64,
}

/// People of a group with a settled bill, and what comes of it; fen but for counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patients {
    /// Persons with a settled bill.
    pub persons: i64,
    /// Their settled bills.
    pub bills: i64,
    /// Total.
    pub total: i64,
    /// In scope.
    pub in_scope: i64,
    /// By fund.
    pub paid: Vec<i64>,
    /// What is left to them: total less all funds.
    pub own: i64,
    /// Persons whom each fund paid something.
    pub reached: Vec<i64>,
    /// Persons whose own payments are above each of [`SHARES`] of their income.
    pub above: Vec<i64>,
    /// Persons who pay less than under the baseline.
    pub winners: i64,
    /// How much less.
    pub gained: i64,
    /// Persons who pay more.
    pub losers: i64,
    /// How much more.
    pub lost: i64,
}

/// Persons and what they pay themselves, fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Burden {
    /// How many.
    pub persons: i64,
    /// Their own payments.
    pub own: i64,
}

/// How far a variant goes from the baseline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Persons with a bill that the variant's terms may settle otherwise, as far as it reaches, and who were therefore settled
    /// anew.
    pub settled_anew: i64,
    /// Persons of whom a bill is paid otherwise, though the same bills are settled.
    pub persons: i64,
    /// Persons of whom a bill is settled under one and refused under the other: no winners and no losers.
    pub incomparable: i64,
}

/// A step of income: of a scale with 64 steps to each doubling, so that it is at most 1.6 percent wide; 0 is no income.
pub type IncomeStep = u16;

/// The step of an income, fen.
pub fn income_step(fen: i64) -> IncomeStep {
    let Some(fen) = u64::try_from(fen).ok().filter(|fen| *fen != 0) else { return 0 };
    // What follows the leading bit, in 64ths.
    let above = fen.leading_zeros();
    let within = (fen << above >> 57) as u16 & 63;
    (u64::BITS - 1 - above) as u16 * 64 + within + 1
}

/// Edges between sizes of a year's own payments, fen: 0, then 1, 2 and 5 times each power of ten from 10 yuan to 1 million.
pub const BURDEN_EDGES: [i64; 17] = [
    0, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000,
    10_000_000, 20_000_000, 50_000_000, 100_000_000,
];

/// Shares of income, percent, above which own payments are told as heavy: 10 and 25 are those of the sustainable-development
/// indicator 3.8.2 (there of a household's spending), 40 that of the World Health Organization (there of what is left after food).
pub const SHARES: [i64; 3] = [10, 25, 40];

/// Which of the sizes of [`BURDEN_EDGES`] a year's own payments have.
#[inline]
pub fn burden_step(own: i64) -> usize {
    BURDEN_EDGES.iter().map(|edge| usize::from(*edge < own)).sum()
}

fn add_each(to: &mut Vec<i64>, from: &[i64]) {
    to.resize(to.len().max(from.len()), 0);
    for (to, from) in to.iter_mut().zip(from) {
        *to += from;
    }
}

impl Bills {
    /// Adds other bills.
    pub fn add(&mut self, other: Bills) {
        self.bills += other.bills;
        self.total += other.total;
        self.in_scope += other.in_scope;
        self.first_self_pay += other.first_self_pay;
        add_each(&mut self.paid, &other.paid);
    }
}

impl People {
    /// Adds other people.
    pub fn add(&mut self, other: &People) {
        self.living += other.living;
        self.enrolled += other.enrolled;
        self.undecided += other.undecided;
        self.standard += other.standard;
        self.personal += other.personal;
        self.sponsored += other.sponsored;
        self.income += other.income;
    }
}

impl Patients {
    /// Adds other people.
    pub fn add(&mut self, other: Patients) {
        self.persons += other.persons;
        self.bills += other.bills;
        self.total += other.total;
        self.in_scope += other.in_scope;
        add_each(&mut self.paid, &other.paid);
        self.own += other.own;
        add_each(&mut self.reached, &other.reached);
        add_each(&mut self.above, &other.above);
        self.winners += other.winners;
        self.gained += other.gained;
        self.losers += other.losers;
        self.lost += other.lost;
    }
}

/// Maps whose keys are more than a text, in JSON: as lists of key and value.
pub(crate) mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub fn deserialize<'d, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'d> + Ord,
        V: Deserialize<'d>,
        D: Deserializer<'d>,
    {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_income_rise_and_none_is_wide() {
        assert_eq!(income_step(0), 0);
        assert_eq!(income_step(-5), 0);
        let mut first = 1_000;
        for fen in 1_000..400_000 {
            if income_step(fen) != income_step(first) {
                assert!(income_step(fen) > income_step(first), "{fen}");
                first = fen;
            }
            assert!((fen - first) * 1_000 <= first * 16, "{first} to {fen}");
        }
        assert!(income_step(i64::MAX) > income_step(i64::MAX / 2));
    }

    #[test]
    fn what_is_paid_has_a_size() {
        assert_eq!(burden_step(0), 0);
        assert_eq!(burden_step(1), 1);
        assert_eq!(burden_step(1_000), 1);
        assert_eq!(burden_step(1_001), 2);
        assert_eq!(burden_step(100_000_001), BURDEN_EDGES.len());
    }
}
