//! The sums of a part under one variant. A variant other than the baseline counts only what differs from it; the two are added
//! when the part is done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use settlement::KindId;

use super::folk::{Counts, Folk, GroupId, Groups};
use super::person::{Given, Sums, Year};
use crate::outcome::{self, BURDEN_EDGES, Bills, Burden, By, Cell, Changed, Group, IncomeStep, income_step};

/// Number of a cell, in the order in which a worker met them.
pub type CellId = u16;

/// Sums under a variant, or what they differ from the baseline's.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    #[serde(with = "sparse")]
    cells: Vec<Given>,
    all: Sums,
    #[serde(with = "sparse")]
    groups: Vec<Sums>,
    /// The baseline's persons by profile, until they are spread over groups and all.
    #[serde(skip)]
    profiles: Vec<Sums>,
    #[serde(with = "sparse")]
    burden: Vec<Burden>,
    #[serde(with = "sparse")]
    by_income: Vec<Burden>,
    /// Bills refused, by the variant that refuses them and their kind, until reasons are told.
    #[serde(skip)]
    refused_kinds: BTreeMap<(usize, KindId), i64>,
    /// Bills refused, by reason.
    refused: BTreeMap<String, i64>,
    pub changed: Changed,
}

impl Tally {
    /// Adds a bill that a variant refuses so many times, 1 or -1: by the reason, if it is known, else by its kind's.
    pub fn refused(&mut self, variant: usize, kind: KindId, reason: Option<&String>, times: i64) {
        match reason {
            Some(reason) => *self.refused.entry(reason.clone()).or_default() += times,
            None => *self.refused_kinds.entry((variant, kind)).or_default() += times,
        }
    }

    /// Tells refused bills by reason that were counted by variant and kind.
    pub fn tell_reasons(&mut self, reason: impl Fn(usize, KindId) -> String) {
        for ((variant, kind), bills) in std::mem::take(&mut self.refused_kinds) {
            *self.refused.entry(reason(variant, kind)).or_default() += bills;
        }
    }

    /// Adds the sums of another part, whose numbers of cells and groups stand for these here.
    pub fn add_part(&mut self, part: &Tally, cells: &[CellId], groups: &[GroupId]) {
        for (cell, sums) in cells.iter().zip(&part.cells) {
            at(&mut self.cells, usize::from(*cell)).add(sums);
        }
        self.all.add(&part.all);
        for (group, sums) in groups.iter().zip(&part.groups) {
            at(&mut self.groups, usize::from(*group)).add(sums);
        }
        add_each(&mut self.burden, &part.burden);
        add_each(&mut self.by_income, &part.by_income);
        for (reason, bills) in &part.refused {
            *self.refused.entry(reason.clone()).or_default() += bills;
        }
        self.changed.settled_anew += part.changed.settled_anew;
        self.changed.persons += part.changed.persons;
        self.changed.incomparable += part.changed.incomparable;
    }

    /// Adds a settled bill.
    #[inline(always)]
    pub fn bill(&mut self, cell: CellId, bill: &Given) {
        at(&mut self.cells, usize::from(cell)).add(bill);
    }

    /// Takes a settled bill off.
    #[inline]
    pub fn less(&mut self, cell: CellId, bill: &Given) {
        at(&mut self.cells, usize::from(cell)).less(bill);
    }

    /// Adds what funds pay more of settled bills.
    pub fn paid(&mut self, cell: CellId, paid: impl Iterator<Item = i64>) {
        let cell = at(&mut self.cells, usize::from(cell));
        paid.enumerate().for_each(|(fund, fen)| cell.pay(fund, fen));
    }

    /// Adds sums of persons of a group.
    #[inline(always)]
    pub fn add_to_group(&mut self, group: GroupId, sums: &Sums) {
        at(&mut self.groups, usize::from(group)).add(sums);
    }

    /// Adds persons to whom so much is left, by the size of it.
    #[inline(always)]
    pub fn add_burden(&mut self, size: usize, persons: i64, own: i64) {
        let burden = at(&mut self.burden, size);
        burden.persons += persons;
        burden.own += own;
    }

    /// Adds what is left to persons of an income.
    #[inline(always)]
    pub fn add_own(&mut self, step: IncomeStep, own: i64) {
        if own != 0 {
            at(&mut self.by_income, usize::from(step)).own += own;
        }
    }

    /// Counts a person under the baseline.
    #[inline(always)]
    pub fn person(&mut self, folk: &Folk, person: usize, year: &Year) {
        let Counts { profile, area, age } = folk.counts(person);
        at(&mut self.profiles, profile as usize).add(&year.sums);
        self.in_groups([area, age], &year.sums);
        self.own(year, 1);
        self.own_by_income(folk, person, year.sums.own());
    }

    /// Counts a person whom the variant gives something else than the baseline does.
    pub fn change(
        &mut self,
        (folk, groups): (&Folk, &Groups),
        person: usize,
        (before, after): (&Year, &Year),
        same_bills: bool,
    ) {
        let sums = Sums::change(&before.sums, &after.sums, same_bills);
        // Of few persons: a row of sums for each profile and variant would be more to go through than they save.
        let Counts { profile, area, age } = folk.counts(person);
        self.in_groups(groups.profiles()[profile as usize], &sums);
        self.in_groups([area, age], &sums);
        self.own(before, -1);
        self.own(after, 1);
        self.own_by_income(folk, person, sums.own());
        if same_bills {
            self.changed.persons += i64::from(before.sums.year().paid() != after.sums.year().paid());
        } else {
            self.changed.incomparable += 1;
        }
    }

    #[inline(always)]
    fn in_groups<const N: usize>(&mut self, groups: [GroupId; N], sums: &Sums) {
        for group in groups {
            self.add_to_group(group, sums);
        }
    }

    /// Spreads what was counted by profile over the groups of each; and tells all, who are those of all tiers.
    pub fn spread(&mut self, groups: &Groups) {
        let profiles = std::mem::take(&mut self.profiles);
        for (sums, profile) in profiles.iter().zip(groups.profiles()).filter(|(sums, _)| !sums.is_nothing()) {
            self.in_groups(*profile, sums);
        }
        let tiers = self.groups.iter().zip(groups.all()).filter(|(_, (by, _))| *by == By::Tier);
        tiers.for_each(|(sums, _)| self.all.add(sums));
    }

    #[inline(always)]
    fn own(&mut self, year: &Year, times: i64) {
        if year.sums.year().bills() != 0 {
            self.add_burden(year.burden, times, times * year.sums.own());
        }
    }

    #[inline(always)]
    fn own_by_income(&mut self, folk: &Folk, person: usize, own: i64) {
        self.add_own(income_step(folk.income(person)), own);
    }

    /// Counts the enrolled, who all have a place in the order of incomes.
    pub fn enrolled(&mut self, folk: &Folk) {
        for income in folk.incomes() {
            at(&mut self.by_income, usize::from(income_step(income))).persons += 1;
        }
    }

    /// Writes the sums, added to the baseline's if they are a variant's, into an outcome.
    pub fn tell(&self, baseline: Option<&Tally>, names: &Names<'_>, told: &mut outcome::Variant) {
        let both = || baseline.into_iter().chain([self]);
        let funds = names.funds;
        for tally in both() {
            for (cell, sums) in names.cells.iter().zip(&tally.cells) {
                let bills = Bills {
                    bills: sums.bills(),
                    total: sums.total(),
                    in_scope: sums.in_scope(),
                    first_self_pay: sums.first_self_pay(),
                    paid: sums.paid()[..funds].to_vec(),
                };
                told.cells.entry(cell.clone()).or_default().add(bills);
            }
            let all = Group { by: By::All, value: String::new() };
            told.groups.entry(all).or_default().add(tally.all.told(funds));
            for (id, sums) in (0..).zip(&tally.groups) {
                for group in names.groups.each(id as GroupId) {
                    told.groups.entry(group).or_default().add(sums.told(funds));
                }
            }
            told.burden.resize(BURDEN_EDGES.len() + 1, Burden::default());
            for (told, burden) in told.burden.iter_mut().zip(&tally.burden) {
                told.persons += burden.persons;
                told.own += burden.own;
            }
            for (step, burden) in (0..).zip(&tally.by_income).filter(|(_, burden)| **burden != Burden::default()) {
                let told = told.by_income.entry(step as IncomeStep).or_default();
                told.persons += burden.persons;
                told.own += burden.own;
            }
            for (reason, bills) in &tally.refused {
                *told.refused.entry(reason.clone()).or_default() += bills;
            }
        }
        told.cells.retain(|_, bills| bills.bills != 0);
        told.groups.retain(|_, patients| patients.persons != 0 || patients.bills != 0);
        told.refused.retain(|_, bills| *bills != 0);
        told.changed = self.changed;
    }
}

/// What numbers stand for.
pub struct Names<'n> {
    pub cells: &'n [Cell],
    pub groups: &'n Groups,
    pub funds: usize,
}

fn add_each(to: &mut Vec<Burden>, from: &[Burden]) {
    for (step, burden) in from.iter().enumerate().filter(|(_, burden)| **burden != Burden::default()) {
        let to = at(to, step);
        to.persons += burden.persons;
        to.own += burden.own;
    }
}

/// An element that may not be there yet.
#[inline(always)]
fn at<T: Clone + Default>(all: &mut Vec<T>, index: usize) -> &mut T {
    if all.len() <= index {
        all.resize(index + 1, T::default());
    }
    &mut all[index]
}

/// Lists most of whose elements are nothing: how long they are, and the others with their places.
mod sparse {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<T, S>(list: &[T], serializer: S) -> Result<S::Ok, S::Error>
    where
        T: Serialize + Default + PartialEq,
        S: Serializer,
    {
        let nothing = T::default();
        let others: Vec<(usize, &T)> = list.iter().enumerate().filter(|(_, one)| **one != nothing).collect();
        (list.len(), others).serialize(serializer)
    }

    pub fn deserialize<'d, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
    where
        T: Deserialize<'d> + Default + Clone,
        D: Deserializer<'d>,
    {
        let (len, others) = <(usize, Vec<(usize, T)>)>::deserialize(deserializer)?;
        let mut list = vec![T::default(); len];
        for (place, one) in others {
            *list.get_mut(place).ok_or_else(|| D::Error::custom("place beyond the end"))? = one;
        }
        Ok(list)
    }
}
