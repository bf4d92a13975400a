//! An area's year: what it may claim of each government, what arrived, what was budgeted, when it is due, what was reported, and
//! by which standards it funds the needy.

use std::collections::BTreeMap;

use domain::{Category, Date, Fen, vocabulary};
use serde::{Deserialize, Serialize};

use crate::answer::Stop;
use crate::codec::{Word, Yuan};
use crate::fold::{Fold, Stamp};
use crate::money::{Line, moved};
use crate::sheets::{Books, Key};

vocabulary! {
    /// A level of government that pays a part of the subsidy.
    Government {
        Central = "central", "中央", "central government";
        Province = "province", "省级", "provincial government";
        Local = "local", "市县", "city and county government";
    }
}

/// Amounts by level of government.
pub type Parts = BTreeMap<Word<Government>, Yuan>;

/// A claim, as it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    /// Code of the area.
    pub area: String,
    /// Entries of the register.
    pub heads: i64,
    /// Persons in a state that a rule decides about: word and number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub excluded: BTreeMap<String, i64>,
    /// Where the numbers come from.
    pub source: String,
    /// Persons who count.
    pub counted: i64,
    /// Per person.
    pub per_head: Yuan,
    /// For all of them.
    pub total: Yuan,
    /// What each level owes for the year by this claim.
    pub parts: Parts,
    /// What that changes against the claim before: what is posted.
    pub change: Parts,
    /// The clauses it rests on.
    pub clauses: Vec<String>,
    /// The word of the weakest basis.
    pub basis: String,
}

/// Money that arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// Code of the area.
    pub area: String,
    /// From which level.
    pub level: Word<Government>,
    /// How much.
    pub amount: Yuan,
    /// The day it was in the fiscal account.
    pub on: Date,
    /// The fiscal account.
    pub account: String,
    /// Number of the voucher.
    pub voucher: String,
}

/// A part of a level's money with its due date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instalment {
    /// Who owes it.
    pub level: Word<Government>,
    /// Last day.
    pub by: Date,
    /// How much.
    pub amount: Yuan,
    /// The document that says so.
    pub document: String,
}

/// The funding standard of a needy class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funding {
    /// The class.
    pub class: Word<Category>,
    /// Per person and year.
    pub amount: Yuan,
    /// The document that fixed it.
    pub document: String,
    /// The day it was fixed.
    pub on: Date,
}

/// The report on what arrived of a level's money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// The day it was made.
    pub on: Date,
    /// Of which level.
    pub level: Word<Government>,
    /// What was due.
    pub due: Yuan,
    /// What had arrived.
    pub arrived: Yuan,
}

/// What can be recorded of an area's year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum AreaEntry {
    /// The subsidy is claimed.
    Claimed(Claimed),
    /// A part of it arrived.
    Arrived(Arrival),
    /// An arrival was recorded wrongly.
    ArrivalReversed {
        /// What is taken back.
        arrival: Arrival,
        /// Why.
        reason: String,
    },
    /// A government put its part into its budget; replaces what was said before.
    Budgeted {
        /// Which level.
        level: Word<Government>,
        /// How much.
        amount: Yuan,
        /// The document.
        document: String,
    },
    /// A due date; replaces what was said of the same day.
    Due(Instalment),
    /// The arrival was reported.
    Reported(Reported),
    /// The funding standard of a needy class is fixed.
    Funded(Funding),
}

/// An area's year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaYear {
    /// The claim that holds.
    pub claim: Option<Claimed>,
    /// How many claims there were.
    pub claims: u32,
    /// What arrived, in the order it was recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arrivals: Vec<Arrival>,
    /// What was budgeted, by level.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub budget: Parts,
    /// Due dates, earliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instalments: Vec<Instalment>,
    /// Reports made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reports: Vec<Reported>,
    /// Funding standards, in the order they were fixed: the last of a class holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub funding: Vec<Funding>,
}

impl AreaYear {
    /// What a level owes for the year.
    pub fn due(&self, level: Government) -> Fen {
        self.claim.as_ref().and_then(|claim| claim.parts.get(&Word(level))).map_or(Fen::ZERO, |part| part.0)
    }

    /// What arrived from a level by the end of a day.
    pub fn arrived(&self, level: Government, day: Date) -> Fen {
        let of = self.arrivals.iter().filter(|arrival| arrival.level == Word(level) && arrival.on <= day);
        of.map(|arrival| arrival.amount.0).sum()
    }

    /// The funding standard of a class on a day.
    pub fn standard(&self, class: Category, day: Date) -> Option<&Funding> {
        self.funding.iter().rev().find(|funding| funding.class == Word(class) && funding.on <= day)
    }
}

impl Fold for AreaYear {
    type Entry = AreaEntry;
    const KIND: &'static str = "area";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &AreaEntry) {
        match entry {
            AreaEntry::Claimed(claimed) => {
                self.claim = Some(claimed.clone());
                self.claims += 1;
            }
            AreaEntry::Arrived(arrival) => self.arrivals.push(arrival.clone()),
            AreaEntry::ArrivalReversed { arrival, .. } => {
                self.arrivals.retain(|known| known.voucher != arrival.voucher);
            }
            AreaEntry::Budgeted { level, amount, .. } => {
                self.budget.insert(*level, *amount);
            }
            AreaEntry::Due(instalment) => {
                self.instalments.retain(|known| (known.level, known.by) != (instalment.level, instalment.by));
                self.instalments.push(instalment.clone());
                self.instalments.sort_by_key(|known| (known.level, known.by));
            }
            AreaEntry::Reported(reported) => self.reports.push(reported.clone()),
            AreaEntry::Funded(funding) => self.funding.push(funding.clone()),
        }
    }

    fn lines(entry: &AreaEntry) -> Vec<Line> {
        let arrives = |Arrival { area, level, amount, .. }: &Arrival, sign: i64| {
            let owes = party(area, *level);
            moved(("bank/treasury", area), ("receivable/government", &owes), Fen(amount.0.0 * sign))
        };
        match entry {
            AreaEntry::Claimed(Claimed { area, change, .. }) => {
                let of = |(level, amount): (&Word<Government>, &Yuan)| {
                    moved(("receivable/government", &party(area, *level)), ("income/subsidy", area), amount.0)
                };
                change.iter().flat_map(of).collect()
            }
            AreaEntry::Arrived(arrival) => arrives(arrival, 1),
            AreaEntry::ArrivalReversed { arrival, .. } => arrives(arrival, -1),
            _ => Vec::new(),
        }
    }
}

/// With whom: a level of government, for an area.
pub fn party(area: &str, level: Word<Government>) -> String {
    format!("{level}@{area}")
}

/// The stream of an area's year.
pub fn key(area: &str, year: i16) -> Key {
    Key::in_year(format!("area/{area}"), year)
}

/// An area's year; empty where nothing was recorded yet.
///
/// # Errors
/// When the source fails.
pub fn sheet(books: &mut Books<'_>, area: &str, year: i16) -> Result<AreaYear, Stop> {
    Ok(books.find::<AreaYear>(&key(area, year))?.cloned().unwrap_or_default())
}
