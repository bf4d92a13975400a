//! A person's year of care: its settlements, and where the person stands after them.
//!
//! Bills count in the order in which they were settled; the terms go by the day of each bill. A settlement is never changed: it
//! is taken back, or a difference is posted to it.

use std::collections::BTreeMap;

use domain::{Date, Payer};
use serde::{Deserialize, Serialize};
use settlement::{Opening, Standing};

use super::record::{BillRecord, OpeningRecord, Paid, Pins, RolledRecord, Running, StepRecord};
use crate::fold::{Fold, Stamp};
use crate::money::{Line, moved};

/// What can be recorded of a person's year of care.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum CareEntry {
    /// What the person brings from other books: amounts used, years counted.
    Opened {
        /// The amounts.
        opening: OpeningRecord,
        /// Where they come from.
        source: String,
    },
    /// A bill is settled.
    Settled {
        /// The bill.
        bill: BillRecord,
        /// What was paid.
        paid: Paid,
        /// Paid out to the person, who had paid the provider.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_hand: bool,
        /// What each stage did.
        steps: Vec<StepRecord>,
        /// What it was made by.
        pins: Pins,
        /// Running amounts after it.
        running: Running,
    },
    /// A settlement is taken back.
    Reversed {
        /// Number of the settlement's entry.
        settlement: u32,
        /// Its visit.
        visit: String,
        /// The provider.
        provider: String,
        /// As in the settlement.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_hand: bool,
        /// What stood of it, negative.
        paid: Paid,
        /// Why.
        reason: String,
    },
    /// A settlement that was taken back stands again, in its old place: its taking back was itself recalled.
    Reinstated {
        /// Number of the settlement's entry.
        settlement: u32,
        /// The bill, as it was last settled.
        bill: BillRecord,
        /// As in the settlement.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_hand: bool,
        /// What stood of it.
        paid: Paid,
        /// Why.
        reason: String,
    },
    /// A settlement comes out otherwise, since what came before it, or a fact, has changed.
    Differed {
        /// Number of the settlement's entry.
        settlement: u32,
        /// Its visit.
        visit: String,
        /// The bill as it is now settled.
        bill: BillRecord,
        /// As in the settlement.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_hand: bool,
        /// The change.
        change: Paid,
        /// Why.
        reason: String,
        /// What it was made by.
        pins: Pins,
    },
    /// Where the person stands after bills were settled anew.
    Stands {
        /// The last bill; nothing if none is left.
        last: Option<BillRecord>,
        /// Running amounts after it.
        running: Option<Running>,
        /// What the bills were settled anew by.
        pins: Pins,
    },
    /// The year is ended, and leaves this to the next.
    Closed {
        /// By carry rule.
        carried: Vec<RolledRecord>,
    },
    /// A claim settled by hand is paid out to the person.
    PaidOut {
        /// Number of the settlement's entry.
        settlement: u32,
        /// How much.
        amount: crate::Yuan,
        /// The day.
        on: Date,
    },
}

/// A person's year of care.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CareYear {
    /// Settlements that stand: the entry's number, by provider and visit.
    pub visits: BTreeMap<String, u32>,
    /// What the person brought into the first year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening: Option<OpeningRecord>,
    /// The last bill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<BillRecord>,
    /// Running amounts after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<Running>,
    /// What the year left, once it is ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Vec<RolledRecord>>,
}

/// How a visit is called in a person's year.
pub fn visit_name(provider: &str, visit: &str) -> String {
    format!("{provider} {visit}")
}

impl CareYear {
    /// Where the person stands.
    pub fn standing(&self) -> Standing {
        let progress = self.last.as_ref().zip(self.running.as_ref()).map(|(last, running)| running.progress(last));
        Standing { opening: self.opening.as_ref().map(Opening::from).unwrap_or_default(), progress }
    }
}

impl Fold for CareYear {
    type Entry = CareEntry;
    const KIND: &'static str = "care";

    fn apply(&mut self, stamp: &Stamp<'_>, entry: &CareEntry) {
        match entry {
            CareEntry::Opened { opening, .. } => self.opening = Some(opening.clone()),
            CareEntry::Settled { bill, running, .. } => {
                self.visits.insert(visit_name(&bill.provider, &bill.visit), stamp.number);
                self.last = Some(bill.clone());
                self.running = Some(running.clone());
                self.closed = None;
            }
            CareEntry::Reversed { visit, provider, .. } => {
                self.visits.remove(&visit_name(provider, visit));
                self.closed = None;
            }
            CareEntry::Reinstated { settlement, bill, .. } => {
                self.visits.insert(visit_name(&bill.provider, &bill.visit), *settlement);
                self.closed = None;
            }
            CareEntry::Stands { last, running, .. } => {
                self.last.clone_from(last);
                self.running.clone_from(running);
                self.closed = None;
            }
            CareEntry::Closed { carried } => self.closed = Some(carried.clone()),
            CareEntry::Differed { .. } | CareEntry::PaidOut { .. } => {}
        }
    }

    /// A fund owes what it pays: to the provider that asked less of the person, or to the person who paid the whole bill.
    fn lines(entry: &CareEntry) -> Vec<Line> {
        match entry {
            CareEntry::Settled { bill, paid, by_hand, .. } | CareEntry::Reinstated { bill, paid, by_hand, .. } => {
                owed(paid, &bill.provider, *by_hand)
            }
            CareEntry::Reversed { paid, provider, by_hand, .. } => owed(paid, provider, *by_hand),
            CareEntry::Differed { change, bill, by_hand, .. } => owed(change, &bill.provider, *by_hand),
            CareEntry::PaidOut { amount, .. } => moved(("payable/person", ""), ("bank/treasury", ""), amount.0),
            CareEntry::Opened { .. } | CareEntry::Stands { .. } | CareEntry::Closed { .. } => Vec::new(),
        }
    }
}

fn owed(paid: &Paid, provider: &str, by_hand: bool) -> Vec<Line> {
    let to = if by_hand { ("payable/person", "") } else { ("payable/provider", provider) };
    let by_payer = paid.by_payer();
    let line = |(payer, amount): (&Payer, &domain::Fen)| moved((&format!("expense/{}", payer.code()), ""), to, *amount);
    by_payer.iter().flat_map(line).collect()
}
