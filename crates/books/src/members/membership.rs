//! A person's insured year: relations of insurance, each with its state from day to day.
//!
//! A relation is *new* when it is enrolled, *active* once the person's own part is paid, and may be *paused* and *ended*; which
//! move may follow which is [`State::may_become`] (JS22-08.1e). Payment stands in the books of contributions: a relation
//! that is open here is new or active as those say. A person may have a calendar year and an academic year of the same name.

use domain::{Date, Group, Scheme, vocabulary};
use serde::{Deserialize, Serialize};

use crate::answer::Step;
use crate::codec::Word;
use crate::fold::{Fold, Stamp};

vocabulary! {
    /// The state of a relation of insurance.
    State {
        New = "new", "新参保", "enrolled, not paid";
        Active = "active", "参保缴费", "enrolled and paid";
        Paused = "paused", "暂停参保", "paused";
        Ended = "ended", "终止参保", "ended";
    }
}

impl State {
    /// Whether a relation may go from this state to that. Payment alone makes a new one active, and an ended one is taken up
    /// again as new: whether it is paid is seen then.
    pub fn may_become(self, to: State) -> bool {
        use State::{Active, Ended, New, Paused};
        matches!(
            (self, to),
            (New, Active | Ended) | (Active, Paused | Ended) | (Paused, Active | Ended) | (Ended, New | Active)
        )
    }
}

vocabulary! {
    /// By which way somebody asks.
    Channel {
        Counter = "counter", "经办窗口", "counter";
        Online = "online", "网上办理", "online";
        Village = "village", "村（社区）代办", "village or community";
        School = "school", "学校集体办理", "school";
        Department = "department", "部门集中办理", "department";
        Automatic = "automatic", "系统自动办理", "automatic";
        Province = "province", "跨省通办", "from another province";
    }
}

vocabulary! {
    /// Why a relation moves from one state to another.
    Cause {
        Request = "request", "本人申请", "on request";
        Death = "death", "死亡", "death";
        Employee = "employee", "转入职工医保", "moves to the employee scheme";
        OtherScheme = "other-scheme", "参加其他医疗保障", "joins another arrangement";
        Duplicate = "duplicate", "重复参保清理", "enrolled twice";
        TransferOut = "transfer-out", "转移接续转出", "transferred to another region";
        Abroad = "abroad", "出国（境）定居", "settled abroad";
        Imprisoned = "imprisoned", "服刑", "imprisoned";
        Unpaid = "unpaid", "逾期未缴费", "not paid in time";
        Mistake = "mistake", "登记有误", "entered by mistake";
        Back = "back", "原因消除", "the cause has gone";
    }
}

/// A move from one state to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// To which state; active means open: whether it is paid the books of contributions say.
    pub to: Word<State>,
    /// First day of the state.
    pub on: Date,
    /// Why.
    pub cause: Word<Cause>,
    /// By which way it was asked for.
    pub channel: Word<Channel>,
}

/// From when benefits run, as decided when the contribution was paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Day of payment.
    pub paid: Date,
    /// First day of benefits.
    pub from: Date,
    /// Last day of waiting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_until: Option<Date>,
    /// The clauses that decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<String>,
    /// Word of the weakest basis used.
    pub basis: String,
}

/// What a person enrols as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    /// The insurance.
    pub scheme: Word<Scheme>,
    /// The population group.
    pub group: Word<Group>,
    /// The tier, by its id in the region; none where the region has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// Whether the year is an academic year.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub academic: bool,
    /// Code of the area of the person on the day.
    pub area: String,
    /// States of the person's record that rules on who may join ask about, by their words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<String>,
    /// Whether the person has an employer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub employed: bool,
}

/// What can be recorded of an insured year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum MembershipEntry {
    /// A relation begins.
    Enrolled {
        /// Day of enrolment.
        on: Date,
        /// What the person enrols as.
        capacity: Capacity,
        /// By which way.
        channel: Word<Channel>,
        /// Tracking number of the matter.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        application: Option<String>,
        /// First day of unbroken cover up to the beginning of this year.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Date>,
        /// The transfer that carries the years before, if one does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        carried: Option<String>,
    },
    /// A relation moves to another state.
    Moved {
        /// Which relation of the year, from 0.
        relation: u8,
        /// The move.
        step: Move,
    },
    /// Another tier is chosen.
    Tier {
        /// Which relation.
        relation: u8,
        /// The tier.
        tier: String,
        /// The day.
        on: Date,
    },
    /// The contribution is paid, and from when benefits run is decided; it replaces an earlier decision.
    Starts {
        /// Which relation.
        relation: u8,
        /// The decision.
        start: Start,
        /// Its reasons.
        because: Vec<Step>,
    },
    /// An earlier decision on when benefits run falls: the payment went back, or the facts no longer decide it.
    StartsNot {
        /// Which relation.
        relation: u8,
    },
    /// First day of unbroken cover up to the beginning of this year, as now known; none when it was broken.
    Since {
        /// Which relation.
        relation: u8,
        /// The day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Date>,
    },
}

/// A relation of insurance in a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// Day of enrolment.
    pub enrolled: Date,
    /// What the person enrolled as.
    pub capacity: Capacity,
    /// By which way.
    pub channel: Word<Channel>,
    /// Tracking number of the matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// First day of unbroken cover up to the beginning of this year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Date>,
    /// The transfer that carries the years before, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<String>,
    /// From when benefits run, once decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Start>,
    /// Moves since enrolment, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<Move>,
}

impl Relation {
    /// The last move on or before a day.
    pub fn moved_by(&self, day: Date) -> Option<&Move> {
        self.moves.iter().rev().find(|step| step.on <= day)
    }

    /// The state on a day, where the person's own part was paid on `paid`.
    pub fn state_on(&self, day: Date, paid: Option<Date>) -> State {
        match self.moved_by(day).map(|step| step.to.0) {
            Some(State::Paused) => State::Paused,
            Some(State::Ended) => State::Ended,
            _ if paid.is_some_and(|paid| paid <= day) => State::Active,
            _ => State::New,
        }
    }

    /// The state that a move leads to: who is taken up again and has not paid is new.
    pub fn state_after(&self, to: State, paid: Option<Date>) -> State {
        if to == State::Active && paid.is_none() { State::New } else { to }
    }

    /// Whether it has not ended, as far as is recorded.
    pub fn is_open(&self) -> bool {
        self.moves.last().is_none_or(|step| step.to.0 != State::Ended)
    }
}

/// A person's insured year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Relations, in the order of enrolment.
    pub relations: Vec<Relation>,
}

impl Membership {
    /// The number of the relation that has not ended, of the calendar or the academic year.
    pub fn open(&self, academic: bool) -> Option<u8> {
        let open = self.relations.iter().rposition(|r| r.capacity.academic == academic && r.is_open());
        open.and_then(|at| u8::try_from(at).ok())
    }

    /// A relation by its number.
    pub fn relation(&self, number: u8) -> Option<&Relation> {
        self.relations.get(usize::from(number))
    }

    /// The relation that matters most for a day's question: the last that has not ended, else the last.
    pub fn latest(&self) -> Option<(u8, &Relation)> {
        let open = self.relations.iter().rposition(Relation::is_open);
        let at = open.or(self.relations.len().checked_sub(1))?;
        Some((u8::try_from(at).ok()?, self.relations.get(at)?))
    }
}

impl Fold for Membership {
    type Entry = MembershipEntry;
    const KIND: &'static str = "member";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &MembershipEntry) {
        use MembershipEntry as E;
        match entry {
            E::Enrolled { on, capacity, channel, application, since, carried } => self.relations.push(Relation {
                enrolled: *on,
                capacity: capacity.clone(),
                channel: *channel,
                application: application.clone(),
                since: *since,
                carried: carried.clone(),
                start: None,
                moves: Vec::new(),
            }),
            E::Moved { relation, step } => self.change(*relation, |r| r.moves.push(step.clone())),
            E::Tier { relation, tier, .. } => self.change(*relation, |r| r.capacity.tier = Some(tier.clone())),
            E::Starts { relation, start, .. } => self.change(*relation, |r| r.start = Some(start.clone())),
            E::StartsNot { relation } => self.change(*relation, |r| r.start = None),
            E::Since { relation, since } => self.change(*relation, |r| r.since = *since),
        }
    }
}

impl Membership {
    fn change(&mut self, relation: u8, change: impl FnOnce(&mut Relation)) {
        if let Some(relation) = self.relations.get_mut(usize::from(relation)) {
            change(relation);
        }
    }
}
