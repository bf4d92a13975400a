//! A matter's sheet: what was asked, by whom and where, the state it is in, and how it came there.

use std::collections::BTreeMap;

use domain::Date;
use serde::{Deserialize, Serialize};

use super::items::{PointKind, Way};
use crate::codec::{Word, Yuan};
use crate::fold::{Fold, Stamp};
use crate::money::{Line, moved};
use crate::vault::Sealed;

/// Who brings a matter forward for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Name, sealed.
    pub name: Sealed,
    /// By which authority: the letter or power of attorney.
    pub authority: String,
}

/// A place where a matter is taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Code of the area's agency, or of the point.
    pub code: String,
    /// What kind of place.
    pub kind: Word<PointKind>,
    /// The agency it belongs to.
    pub agency: String,
}

/// What a matter is opened with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The item, by id.
    pub item: String,
    /// Its name.
    pub name: String,
    /// The state it opens in.
    pub state: String,
    /// The day.
    pub on: Date,
    /// The day by which it is due, where a source gives the days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Date>,
    /// The person it is about: subject of the stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The organisation that asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// Who asks, under seal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Sealed>,
    /// By which way.
    pub way: Word<Way>,
    /// The day arranged for: of the visit, the booking, the posting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// Who brings it forward for the applicant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Agent>,
    /// Where it is taken in.
    pub taken: Place,
    /// Who decides: code of an agency, or name of a partner.
    pub decides: String,
    /// What was recorded with it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
    /// An amount asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Yuan>,
    /// Clauses behind the item.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<String>,
}

/// Money that a step moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// The fund comes to owe, or pays what it owes.
    pub pays: bool,
    /// Code of the fund.
    pub payer: String,
    /// `payable/person` or `payable/provider`.
    pub payable: String,
    /// With whom: an area, or the code of a provider.
    pub party: String,
    /// The amount.
    pub amount: Yuan,
}

/// A step taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The state it leads to.
    pub to: String,
    /// Chinese name of the state.
    pub name: String,
    /// The day.
    pub on: Date,
    /// The office that takes it.
    pub at: String,
    /// Why, where a reason is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What is recorded with it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
    /// Money that moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub money: Option<Movement>,
    /// Whether the matter ends here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ends: bool,
}

/// What can be recorded of a matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum MatterEntry {
    /// It is opened.
    Opened(Box<Opening>),
    /// A step is taken.
    Stepped(Box<Taken>),
    /// Who asked was read under the special right.
    SealRead {
        /// What for.
        purpose: String,
    },
    /// A fact changes while it is under way, as the figure that is watched.
    Noted {
        /// The day.
        on: Date,
        /// The facts.
        facts: BTreeMap<String, String>,
    },
}

/// A line of a matter's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The state it led to.
    pub state: String,
    /// Chinese name of the state.
    pub name: String,
    /// The day.
    pub on: Date,
    /// The moment it was recorded, microseconds since 1970, UTC.
    pub at: i64,
    /// The office.
    pub office: String,
    /// Who did it.
    pub actor: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matter {
    /// What it was opened with; facts recorded later are taken in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening: Option<Opening>,
    /// The state it is in.
    pub state: String,
    /// The day it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Date>,
    /// What the fund owes by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owed: Option<Movement>,
    /// How it came there.
    pub trail: Vec<Trace>,
    /// How often who asked was read.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub seal_read: u32,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Matter {
    /// The first day on which it came to a state.
    pub fn reached(&self, state: &str) -> Option<Date> {
        self.trail.iter().find(|trace| trace.state == state).map(|trace| trace.on)
    }

    /// Whether it is open after its due date, or was when it ended.
    pub fn overdue(&self, today: Date) -> bool {
        let due = self.opening.as_ref().and_then(|opening| opening.due);
        due.is_some_and(|due| self.ended.unwrap_or(today) > due)
    }
}

impl Fold for Matter {
    type Entry = MatterEntry;
    const KIND: &'static str = "matter";

    fn apply(&mut self, stamp: &Stamp<'_>, entry: &MatterEntry) {
        let trace = |state: &str, name: &str, on, office: &str, reason: Option<&String>| Trace {
            state: state.to_owned(),
            name: name.to_owned(),
            on,
            at: stamp.at,
            office: office.to_owned(),
            actor: stamp.actor.to_owned(),
            reason: reason.cloned(),
        };
        match entry {
            MatterEntry::Opened(opening) => {
                self.state.clone_from(&opening.state);
                let reason = opening.facts.get("reason");
                self.trail.push(trace(&opening.state, "受理", opening.on, &opening.taken.code, reason));
                self.opening = Some((**opening).clone());
            }
            MatterEntry::Stepped(taken) => {
                self.state.clone_from(&taken.to);
                self.trail.push(trace(&taken.to, &taken.name, taken.on, &taken.at, taken.reason.as_ref()));
                if let Some(opening) = &mut self.opening {
                    opening.facts.extend(taken.facts.clone());
                }
                if let Some(money) = &taken.money {
                    self.owed = (!money.pays).then(|| money.clone());
                }
                self.ended = taken.ends.then_some(taken.on);
            }
            MatterEntry::SealRead { .. } => self.seal_read += 1,
            MatterEntry::Noted { facts, .. } => {
                if let Some(opening) = &mut self.opening {
                    opening.facts.extend(facts.clone());
                }
            }
        }
    }

    fn lines(entry: &MatterEntry) -> Vec<Line> {
        let MatterEntry::Stepped(taken) = entry else { return Vec::new() };
        let Some(Movement { pays, payer, payable, party, amount }) = &taken.money else { return Vec::new() };
        let expense = format!("expense/{payer}");
        match pays {
            false => moved((&expense, party), (payable, party), amount.0),
            true => moved((payable, party), ("bank/treasury", ""), amount.0),
        }
    }
}
