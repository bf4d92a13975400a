//! What is owed between this region and a province in a year, by month: the sums, while the details stand in the journal.

use std::collections::BTreeMap;

use domain::{Date, Fen, vocabulary};
use serde::{Deserialize, Serialize};

use crate::codec::{Word, Yuan};
use crate::fold::{Fold, Stamp};
use crate::money::{Line, moved};

vocabulary! {
    /// Who owes whom for a bill.
    Direction {
        Payable = "payable", "应付", "our member was treated there";
        Receivable = "receivable", "应收", "their member was treated here";
    }
}

/// A sum and how many bills are in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// How many bills.
    pub bills: u32,
    /// How much.
    pub amount: Yuan,
}

/// A month with a province.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvinceMonth {
    /// Owed to the province.
    pub payable: Sum,
    /// Owed by the province.
    pub receivable: Sum,
    /// Taken off what is paid, for violations: case and amount.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub deducted: BTreeMap<String, Yuan>,
    /// The day it was drawn up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn: Option<Date>,
    /// The day the difference was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Date>,
}

impl ProvinceMonth {
    /// What is taken off.
    pub fn deduction(&self) -> Fen {
        self.deducted.values().map(|amount| amount.0).sum()
    }

    /// What is to be paid; negative, if it is to be received.
    pub fn net(&self) -> Fen {
        self.payable.amount.0 - self.deduction() - self.receivable.amount.0
    }
}

/// What can be recorded of a year with a province.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum ClearingEntry {
    /// A settled bill goes into a month.
    Recorded {
        /// The province.
        province: String,
        /// First day of the month.
        month: Date,
        /// Who owes whom.
        direction: Word<Direction>,
        /// Number of the settlement.
        settlement: String,
        /// The provider.
        provider: String,
        /// What the funds pay.
        amount: Yuan,
    },
    /// What is paid is reduced for a violation.
    Deducted {
        /// The province.
        province: String,
        /// First day of the month.
        month: Date,
        /// Number of the case.
        case: String,
        /// How much.
        amount: Yuan,
        /// What was found.
        finding: String,
    },
    /// The month is drawn up: nothing goes into it any more.
    Drawn {
        /// First day of the month.
        month: Date,
        /// What is owed to the province.
        payable: Yuan,
        /// What is taken off.
        deducted: Yuan,
        /// What is owed by the province.
        receivable: Yuan,
        /// What is to be paid; negative, if it is to be received.
        net: Yuan,
        /// The day.
        on: Date,
    },
    /// The difference is paid or received.
    Settled {
        /// The province.
        province: String,
        /// First day of the month.
        month: Date,
        /// What was owed to the province, less what was taken off.
        payable: Yuan,
        /// What was owed by the province.
        receivable: Yuan,
        /// Number of the voucher.
        voucher: String,
        /// The day.
        on: Date,
    },
}

/// A year with a province.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvinceBook {
    /// By first day of the month.
    pub months: BTreeMap<Date, ProvinceMonth>,
}

impl Fold for ProvinceBook {
    type Entry = ClearingEntry;
    const KIND: &'static str = "clearing";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &ClearingEntry) {
        match entry {
            ClearingEntry::Recorded { month, direction, amount, .. } => {
                let month = self.months.entry(*month).or_default();
                let sum = match direction.0 {
                    Direction::Payable => &mut month.payable,
                    Direction::Receivable => &mut month.receivable,
                };
                sum.bills += 1;
                sum.amount = Yuan(sum.amount.0 + amount.0);
            }
            ClearingEntry::Deducted { month, case, amount, .. } => {
                self.months.entry(*month).or_default().deducted.insert(case.clone(), *amount);
            }
            ClearingEntry::Drawn { month, on, .. } => self.months.entry(*month).or_default().drawn = Some(*on),
            ClearingEntry::Settled { month, on, .. } => self.months.entry(*month).or_default().settled = Some(*on),
        }
    }

    /// Our fund owes the province instead of its hospital; it owes our hospital what the other province will pay back.
    fn lines(entry: &ClearingEntry) -> Vec<Line> {
        match entry {
            ClearingEntry::Recorded { province, direction, provider, amount, .. } => match direction.0 {
                Direction::Payable => moved(("payable/provider", provider), ("payable/province", province), amount.0),
                Direction::Receivable => {
                    moved(("receivable/province", province), ("payable/provider", provider), amount.0)
                }
            },
            ClearingEntry::Deducted { province, amount, .. } => {
                moved(("payable/province", province), ("income/deduction", province), amount.0)
            }
            ClearingEntry::Drawn { .. } => Vec::new(),
            ClearingEntry::Settled { province, payable, receivable, .. } => {
                let mut lines = moved(("payable/province", province), ("bank/treasury", province), payable.0);
                lines.extend(moved(("bank/treasury", province), ("receivable/province", province), receivable.0));
                lines
            }
        }
    }
}
