//! The hospital's own books of the day: what was settled and taken back, by insurance, clearing type and office. At the end
//! they must be those of the platform (3201).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire::amount;

use crate::seat::text;

/// What is reconciled together: insurance, clearing type, office.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// Insurance (`insutype`).
    pub insutype: String,
    /// Clearing type (`clr_type`).
    pub clr_type: String,
    /// Settling office (`clr_optins`).
    pub clr_optins: String,
}

/// One settlement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Its number.
    pub setl_id: String,
    /// Its visit.
    pub mdtrt_id: String,
    /// Its person.
    pub psn_no: String,
    /// Where it counts.
    pub group: Group,
    /// Total in fen.
    pub total: i64,
    /// All funds.
    pub funds: i64,
    /// The account.
    pub account: i64,
    /// Cash.
    pub cash: i64,
    /// Whether it was taken back.
    pub undone: bool,
    /// Whether it was settled on an earlier day.
    pub before: bool,
}

/// Sums of a group, in fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Settlements less those taken back.
    pub count: i64,
    /// Total.
    pub total: i64,
    /// All funds.
    pub funds: i64,
    /// The account.
    pub account: i64,
    /// Cash.
    pub cash: i64,
}

/// The books of a day, by number of the settlement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    settled: BTreeMap<String, Settled>,
    visits: BTreeSet<String>,
}

impl Settled {
    /// From the head of a settlement; the insurance is that of the visit where the head does not say it.
    pub fn read(head: &Value, insutype: &str) -> Settled {
        let amount = |name| amount::field(head, name).unwrap_or_default();
        let said = text(head, "insutype");
        let insutype = if said.is_empty() { insutype.to_owned() } else { said };
        Settled {
            setl_id: text(head, "setl_id"),
            mdtrt_id: text(head, "mdtrt_id"),
            psn_no: text(head, "psn_no"),
            group: Group { insutype, clr_type: text(head, "clr_type"), clr_optins: text(head, "clr_optins") },
            total: amount("medfee_sumamt"),
            funds: amount("fund_pay_sumamt"),
            account: amount("acct_pay"),
            cash: amount("psn_cash_pay"),
            undone: false,
            before: false,
        }
    }
}

impl Settled {
    /// What it moved today: settled, taken back. What was settled before moved only when it was taken back.
    pub fn moves(&self) -> [Option<Sum>; 2] {
        let Settled { total, funds, account, cash, .. } = *self;
        let there = Sum { count: 1, total, funds, account, cash };
        let back = Sum { count: -1, total: -total, funds: -funds, account: -account, cash: -cash };
        [(!self.before).then_some(there), self.undone.then_some(back)]
    }
}

impl Sum {
    /// Takes another in.
    pub fn add(&mut self, other: Sum) {
        self.count += other.count;
        self.total += other.total;
        self.funds += other.funds;
        self.account += other.account;
        self.cash += other.cash;
    }
}

impl Ledger {
    /// Enters a settlement. One that is there already is another answer to the same; false then.
    pub fn enter(&mut self, settled: Settled) -> bool {
        let fresh = !self.settled.contains_key(&settled.setl_id);
        self.settled.entry(settled.setl_id.clone()).or_insert(settled);
        fresh
    }

    /// A visit was registered here.
    pub fn opened(&mut self, mdtrt_id: &str) {
        self.visits.insert(mdtrt_id.to_owned());
    }

    /// Whether a visit is one of today's: its number, or what the platform has put behind it.
    pub fn has_visit(&self, mdtrt_id: &str) -> bool {
        let before = self.visits.range(..=mdtrt_id.to_owned()).next_back();
        before.is_some_and(|visit| !visit.is_empty() && mdtrt_id.starts_with(visit.as_str()))
    }

    /// A settlement by its number.
    pub fn get(&self, setl_id: &str) -> Option<&Settled> {
        self.settled.get(setl_id)
    }

    /// Marks one as taken back.
    pub fn undo(&mut self, setl_id: &str) {
        if let Some(settled) = self.settled.get_mut(setl_id) {
            settled.undone = true;
        }
    }

    /// All of them, in the order of their numbers.
    pub fn all(&self) -> impl Iterator<Item = &Settled> {
        self.settled.values()
    }

    /// What the day moved, by group; a group of which all was taken back is there with nothing.
    pub fn sums(&self) -> BTreeMap<Group, Sum> {
        let mut sums: BTreeMap<Group, Sum> = BTreeMap::new();
        for settled in self.all() {
            let sum = sums.entry(settled.group.clone()).or_default();
            settled.moves().into_iter().flatten().for_each(|moved| sum.add(moved));
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_visit_is_known_by_its_number_and_what_stands_behind_it() {
        let mut ledger = Ledger::default();
        ledger.opened("abc");
        assert!(ledger.has_visit("abc") && ledger.has_visit("abc/2"));
        assert!(!ledger.has_visit("ab") && !ledger.has_visit("b"));
    }

    fn settled(id: &str, clr_type: &str) -> Settled {
        let head = json!({
            "setl_id": id, "clr_type": clr_type, "medfee_sumamt": 10, "fund_pay_sumamt": "6.00", "psn_cash_pay": 4,
        });
        Settled::read(&head, "390")
    }

    #[test]
    fn what_is_taken_back_no_longer_counts() {
        let mut ledger = Ledger::default();
        for (id, clr_type) in [("1", "11"), ("2", "11"), ("3", "21")] {
            assert!(ledger.enter(settled(id, clr_type)));
        }
        assert!(!ledger.enter(settled("1", "11")));
        ledger.undo("3");
        let sums: Vec<(String, i64, i64)> =
            ledger.sums().into_iter().map(|(group, sum)| (group.clr_type, sum.count, sum.funds)).collect();
        assert_eq!(sums, [("11".to_owned(), 2, 1_200), ("21".to_owned(), 0, 0)]);
        ledger.enter(Settled { before: true, undone: true, ..settled("0", "11") });
        assert_eq!(ledger.sums().into_values().map(|sum| (sum.count, sum.funds)).next(), Some((1, 600)));
    }
}
