//! A visit's sheet: how it was opened and described, its lines, and the parts that are settled.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Care, Date, vocabulary};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::judge::{Charged, Kept};
use super::receipt::Receipt;
use crate::codec::{Word, Yuan};
use crate::fold::{Fold, Stamp};
use crate::vault::Sealed;

vocabulary! {
    /// The insurance that a visit is settled by: `insutype` of the interface.
    Insurance {
        Employee = "310", "职工基本医疗保险", "employee insurance";
        Resident = "390", "城乡居民基本医疗保险", "resident insurance";
    }
}

vocabulary! {
    /// What a person shows for a visit.
    Certificate {
        Electronic = "e-credential", "医保电子凭证", "electronic credential";
        IdCard = "id-card", "居民身份证", "identity card";
        Card = "card", "社会保障卡", "social security card";
    }
}

/// How a visit is opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The person's number.
    pub person: String,
    /// The provider.
    pub provider: String,
    /// The provider's number of the visit.
    pub number: Sealed,
    /// Kind of care.
    pub care: Word<Care>,
    /// Code of the kind as the provider wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// When it began.
    pub begin: DateTime,
    /// Department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Code of the physician.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub physician: Option<String>,
    /// Name of the physician.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub physician_name: Option<Sealed>,
    /// What the person showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Word<Certificate>>,
    /// The insurance.
    pub insurance: Word<Insurance>,
    /// Through what it was opened, where settlements tell the provider who the person is: that look is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
}

/// A diagnosis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Western, or Chinese disease or syndrome: 1, 2, 3.
    pub kind: String,
    /// Place in the list.
    pub order: i64,
    /// Code.
    pub code: String,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The main one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub main: bool,
}

/// What the visit is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Described {
    /// Code of the chronic, special or single disease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disease: Option<String>,
    /// Diagnoses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diagnoses: Vec<Diagnosis>,
    /// The main condition in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Sealed>,
}

/// How a stay ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discharge {
    /// When.
    pub end: DateTime,
    /// Code of the way of leaving.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<String>,
    /// Department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
}

/// A part of a visit that was settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Number of the settlement.
    pub settlement: String,
    /// What the bill is called.
    pub name: String,
    /// Charge batches asked for; all unsettled lines, if none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub batches: Vec<String>,
    /// The bill.
    pub total: Yuan,
    /// The stay went on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub midway: bool,
    /// Taken back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reversed: bool,
}

/// What can be recorded of a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum VisitEntry {
    /// It is opened; again, with what was amended.
    Opened(Opened),
    /// It is described; again, with what is now known.
    Described(Described),
    /// Lines are charged.
    Charged {
        /// The lines.
        lines: Vec<Charged>,
    },
    /// Lines are struck.
    Struck {
        /// Their serial numbers.
        lines: BTreeSet<String>,
    },
    /// The stay ends.
    Discharged(Discharge),
    /// The discharge is taken back.
    Reopened {
        /// Why.
        reason: String,
    },
    /// The registration is taken back.
    Cancelled {
        /// Why.
        reason: String,
    },
    /// A part is settled.
    Settled {
        /// The part.
        part: Part,
        /// Serial numbers of its lines.
        lines: BTreeSet<String>,
        /// What was answered.
        receipt: Receipt,
        /// Number of the invoice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        invoice: Option<String>,
        /// The day.
        on: Date,
    },
    /// The settlement of a part is taken back.
    Reversed {
        /// Number of the settlement.
        settlement: String,
        /// Why.
        reason: String,
    },
    /// A settlement that was taken back stands again, since the request that took it back was recalled.
    Reinstated {
        /// Number of the settlement.
        settlement: String,
        /// Serial numbers of its lines.
        lines: BTreeSet<String>,
        /// Why.
        reason: String,
    },
}

/// A visit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// How it was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<Opened>,
    /// What it is for.
    #[serde(default)]
    pub described: Described,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discharged: Option<Discharge>,
    /// The registration was taken back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cancelled: bool,
    /// Lines, by serial number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lines: BTreeMap<String, Kept>,
    /// Parts, in the order in which they were settled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

impl Visit {
    /// The parts that stand.
    pub fn standing(&self) -> impl DoubleEndedIterator<Item = &Part> {
        self.parts.iter().filter(|part| !part.reversed)
    }

    /// Lines that are not settled.
    pub fn unsettled(&self) -> impl Iterator<Item = (&String, &Kept)> {
        self.lines.iter().filter(|(_, line)| line.settled.is_none())
    }

    /// Marks lines as settled.
    fn settle(&mut self, lines: &BTreeSet<String>, settlement: &str) {
        for (_, line) in self.lines.iter_mut().filter(|(sn, _)| lines.contains(*sn)) {
            line.settled = Some(settlement.to_owned());
        }
    }

    /// Whether its last settlement ends it: nothing more is expected.
    pub fn ended(&self) -> bool {
        self.standing().any(|part| !part.midway)
    }
}

impl Fold for Visit {
    type Entry = VisitEntry;
    const KIND: &'static str = "visit";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &VisitEntry) {
        match entry {
            VisitEntry::Opened(opened) => self.opened = Some(opened.clone()),
            VisitEntry::Described(described) => self.described = described.clone(),
            VisitEntry::Charged { lines } => {
                self.lines.extend(lines.iter().map(|line| (line.sn.clone(), line.kept.clone())));
            }
            VisitEntry::Struck { lines } => self.lines.retain(|sn, _| !lines.contains(sn)),
            VisitEntry::Discharged(discharge) => self.discharged = Some(discharge.clone()),
            VisitEntry::Reopened { .. } => self.discharged = None,
            VisitEntry::Cancelled { .. } => self.cancelled = true,
            VisitEntry::Settled { part, lines, .. } => {
                self.settle(lines, &part.settlement);
                self.parts.push(part.clone());
            }
            VisitEntry::Reversed { settlement, .. } => {
                for part in self.parts.iter_mut().filter(|part| part.settlement == *settlement) {
                    part.reversed = true;
                }
                for line in self.lines.values_mut().filter(|line| line.settled.as_ref() == Some(settlement)) {
                    line.settled = None;
                }
            }
            VisitEntry::Reinstated { settlement, lines, .. } => {
                for part in self.parts.iter_mut().filter(|part| part.settlement == *settlement) {
                    part.reversed = false;
                }
                self.settle(lines, settlement);
            }
        }
    }
}
