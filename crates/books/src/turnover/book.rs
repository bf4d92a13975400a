//! A provider's day: sums by scheme, clearing type and settling office.

use domain::{Care, Scheme, vocabulary};
use serde::{Deserialize, Serialize};

use crate::codec::{Word, Yuan};
use crate::fold::{Fold, Stamp};

vocabulary! {
    /// What moved a provider's turnover.
    Move {
        Settled = "settled", "结算", "settled";
        Reversed = "reversed", "撤销", "reversed";
        Corrected = "corrected", "更正", "corrected without the provider's asking";
    }
}

vocabulary! {
    /// How a bill is cleared with its provider.
    Clearing {
        Outpatient = "outpatient", "门诊", "outpatient";
        Inpatient = "inpatient", "住院", "inpatient";
        Pharmacy = "pharmacy", "药店", "pharmacy";
    }
}

impl Clearing {
    /// The type of a kind of care.
    pub fn of(care: Care) -> Clearing {
        match care {
            Care::Inpatient | Care::Delivery | Care::DaySurgery | Care::SingleDisease => Clearing::Inpatient,
            Care::Pharmacy => Clearing::Pharmacy,
            Care::Outpatient | Care::Emergency | Care::Special | Care::TwoDisease | Care::Prenatal => {
                Clearing::Outpatient
            }
        }
    }
}

/// What is cleared together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Group {
    /// The insurance.
    pub scheme: Word<Scheme>,
    /// The clearing type.
    pub clearing: Word<Clearing>,
    /// Code of the settling office.
    pub office: String,
}

/// One settlement, reversal or correction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Which.
    pub what: Word<Move>,
    /// Number of the settlement.
    pub settlement: String,
    /// The visit, as its bill calls it.
    pub visit: String,
    /// Where it is cleared.
    pub group: Group,
    /// The bill; negative where it is taken back, nothing in a correction of payments alone.
    pub total: Yuan,
    /// What the funds pay.
    pub funds: Yuan,
    /// What the personal account pays.
    pub account: Yuan,
    /// What the person bears, the account's part in it.
    pub person: Yuan,
}

/// What can be recorded of a provider's day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum TurnoverEntry {
    /// Something is settled, reversed or corrected.
    Taken(Taken),
}

/// Sums of some movements.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Settlements.
    pub settled: u32,
    /// Reversals.
    pub reversed: u32,
    /// Corrections.
    pub corrected: u32,
    /// Bills settled, less those reversed.
    pub total: Yuan,
    /// Funds.
    pub funds: Yuan,
    /// Personal account.
    pub account: Yuan,
    /// Persons.
    pub person: Yuan,
    /// Bills, by corrections.
    pub corrected_total: Yuan,
    /// Funds, by corrections.
    pub corrected_funds: Yuan,
}

impl Sum {
    /// Takes a movement in.
    pub fn take(&mut self, taken: &Taken) {
        let Taken { what, total, funds, account, person, .. } = taken;
        if what.0 == Move::Corrected {
            self.corrected += 1;
            self.corrected_total.0 += total.0;
            self.corrected_funds.0 += funds.0;
            return;
        }
        match what.0 {
            Move::Reversed => self.reversed += 1,
            _ => self.settled += 1,
        }
        self.total.0 += total.0;
        self.funds.0 += funds.0;
        self.account.0 += account.0;
        self.person.0 += person.0;
    }

    /// Takes other sums in.
    pub fn add(&mut self, other: &Sum) {
        self.settled += other.settled;
        self.reversed += other.reversed;
        self.corrected += other.corrected;
        self.total.0 += other.total.0;
        self.funds.0 += other.funds.0;
        self.account.0 += other.account.0;
        self.person.0 += other.person.0;
        self.corrected_total.0 += other.corrected_total.0;
        self.corrected_funds.0 += other.corrected_funds.0;
    }
}

/// A provider's day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// Sums by what is cleared together, in order.
    pub sums: Vec<(Group, Sum)>,
}

impl Day {
    /// The sums of a group, made if there are none.
    pub fn of(&mut self, group: &Group) -> &mut Sum {
        let at = self.sums.partition_point(|(known, _)| known < group);
        if self.sums.get(at).is_none_or(|(known, _)| known != group) {
            self.sums.insert(at, (group.clone(), Sum::default()));
        }
        &mut self.sums[at].1
    }
}

impl Fold for Day {
    type Entry = TurnoverEntry;
    const KIND: &'static str = "turnover";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &TurnoverEntry) {
        let TurnoverEntry::Taken(taken) = entry;
        self.of(&taken.group).take(taken);
    }
}
