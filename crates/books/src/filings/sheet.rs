//! A person's filings: each with its number, its state and its days.

use domain::{Care, Date, Period, vocabulary};
use serde::{Deserialize, Serialize};

use crate::codec::Word;
use crate::fold::{Fold, Stamp};

vocabulary! {
    /// What a filing is for.
    Kind {
        Referral = "referral", "转诊", "referral to another provider";
        LongTerm = "long-term", "异地长期居住备案", "living elsewhere for long";
        Temporary = "temporary", "临时外出就医备案", "temporary care elsewhere";
        Emergency = "emergency", "异地急诊抢救", "emergency elsewhere";
        Special = "special", "门诊慢特病", "outpatient chronic or special disease";
        TwoDisease = "two-disease", "两病门诊用药", "outpatient drugs for hypertension and diabetes";
        Chosen = "chosen", "选定定点", "chosen providers";
        Precise = "precise", "精准保障核准", "approval of precise protection";
        Assistance = "assistance", "依申请救助", "assistance on application";
        Accident = "accident", "意外伤害报案", "accident report";
    }
}

vocabulary! {
    /// Where a filing stands.
    State {
        Applied = "applied", "待审核", "applied for";
        Approved = "approved", "已生效", "approved";
        Refused = "refused", "不予备案", "refused";
        Ended = "ended", "已终止", "ended";
        Cancelled = "cancelled", "已撤销", "cancelled";
    }
}

/// What a filing says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// What it is for.
    pub kind: Word<Kind>,
    /// First day.
    pub from: Date,
    /// Last day; until it is changed, if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Code of the area it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Codes of the providers it is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<String>,
    /// Kinds of care it is for; those that its kind is about, if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub care: Vec<Word<Care>>,
    /// Code of the provider that refers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_provider: Option<String>,
    /// The bill that the care continues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_bill: Option<String>,
    /// Code of the disease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disease: Option<String>,
    /// The physician.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub physician: Option<String>,
    /// Who identified the disease, where and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identified: Option<Identified>,
    /// Number of the certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// What happened, of an accident: the outcome claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Conditions that are recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
    /// Documents that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<String>,
    /// The matter it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matter: Option<String>,
    /// By which channel it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Code of the provider that filed it for the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Number, within the sheet, of the filing whose place it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<u32>,
}

/// An identification of a disease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identified {
    /// The day.
    pub on: Date,
    /// The expert.
    pub expert: String,
    /// Code of the centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub centre: Option<String>,
}

/// Other providers, or another area, from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// First day.
    pub from: Date,
    /// Codes of the providers from then on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<String>,
    /// The area from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Why.
    pub reason: String,
}

/// What can be recorded of a person's filings. `filing` is the number within the person's sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum FilingsEntry {
    /// One is applied for.
    Opened {
        /// The day.
        on: Date,
        /// What it says.
        content: Content,
    },
    /// It is approved or refused.
    Decided {
        /// Which.
        filing: u32,
        /// The day.
        on: Date,
        /// Approved, or refused.
        state: Word<State>,
        /// Why; a refusal always says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Other places are chosen.
    Moved {
        /// Which.
        filing: u32,
        /// The day it is recorded for.
        on: Date,
        /// The places.
        moved: Moved,
    },
    /// What it said was wrong; it says this from its beginning.
    Corrected {
        /// Which.
        filing: u32,
        /// The day.
        on: Date,
        /// What it says.
        content: Content,
        /// Why.
        reason: String,
    },
    /// It ends, or is cancelled before it was decided.
    Closed {
        /// Which.
        filing: u32,
        /// The day.
        on: Date,
        /// Its last day, of one that was approved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last: Option<Date>,
        /// Ended, or cancelled.
        state: Word<State>,
        /// Why.
        reason: String,
    },
}

/// A filing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filed {
    /// Its number within the sheet: that of the entry that opened it.
    pub number: u32,
    /// Where it stands.
    pub state: Word<State>,
    /// The day it was applied for.
    pub applied: Date,
    /// The day it was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Date>,
    /// Why it was refused, ended, cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The last day on which it holds, once ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Date>,
    /// What it says.
    pub content: Content,
    /// Later choices of places, by their first day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<Moved>,
}

/// The filings of a person, in the order they were applied for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filings {
    /// All of them.
    pub filed: Vec<Filed>,
}

impl Filed {
    /// The days on which it holds; of one that is applied for, the days it asks for; none of one refused or cancelled.
    pub fn period(&self) -> Option<Period> {
        let until = match (self.content.until, self.last) {
            (Some(until), Some(last)) => Some(until.min(last)),
            (until, last) => until.or(last),
        };
        // The day before the first: it never held.
        let end = until.map(|until| until.tomorrow().unwrap_or(until));
        let period = Period { from: self.content.from, end };
        let open = !matches!(self.state.0, State::Refused | State::Cancelled);
        Some(period).filter(|period| open && period.end.is_none_or(|end| period.from < end))
    }

    /// Whether it is approved and holds on a day.
    pub fn holds(&self, day: Date) -> bool {
        matches!(self.state.0, State::Approved | State::Ended) && self.period().is_some_and(|p| p.contains(day))
    }

    /// The providers it is for on a day.
    pub fn providers(&self, day: Date) -> &[String] {
        let moved = self.moves.iter().rfind(|moved| moved.from <= day && !moved.providers.is_empty());
        moved.map_or(&self.content.providers, |moved| &moved.providers)
    }

    /// The area it is for on a day.
    pub fn area(&self, day: Date) -> Option<&str> {
        let moved = self.moves.iter().rev().filter(|moved| moved.from <= day).find_map(|moved| moved.area.as_deref());
        moved.or(self.content.area.as_deref())
    }
}

impl Filings {
    /// A filing by its number within the sheet.
    pub fn get(&self, number: u32) -> Option<&Filed> {
        self.filed.iter().find(|filed| filed.number == number)
    }

    /// The filings of a kind that hold on a day.
    pub fn on(&self, kind: Kind, day: Date) -> impl Iterator<Item = &Filed> {
        self.filed.iter().filter(move |filed| filed.content.kind.0 == kind && filed.holds(day))
    }
}

impl Fold for Filings {
    type Entry = FilingsEntry;
    const KIND: &'static str = "filings";

    fn apply(&mut self, stamp: &Stamp<'_>, entry: &FilingsEntry) {
        let filing = match entry {
            FilingsEntry::Opened { on, content } => {
                self.filed.push(Filed {
                    number: stamp.number,
                    state: Word(State::Applied),
                    applied: *on,
                    decided: None,
                    reason: None,
                    last: None,
                    content: content.clone(),
                    moves: Vec::new(),
                });
                return;
            }
            FilingsEntry::Decided { filing, .. }
            | FilingsEntry::Moved { filing, .. }
            | FilingsEntry::Corrected { filing, .. }
            | FilingsEntry::Closed { filing, .. } => *filing,
        };
        let Some(filed) = self.filed.iter_mut().find(|filed| filed.number == filing) else { return };
        match entry {
            FilingsEntry::Opened { .. } => {}
            FilingsEntry::Decided { on, state, reason, .. } => {
                (filed.state, filed.decided) = (*state, Some(*on));
                filed.reason.clone_from(reason);
            }
            FilingsEntry::Moved { moved, .. } => {
                let at = filed.moves.partition_point(|known| known.from <= moved.from);
                filed.moves.insert(at, moved.clone());
            }
            FilingsEntry::Corrected { content, .. } => filed.content = content.clone(),
            FilingsEntry::Closed { last, state, reason, .. } => {
                (filed.state, filed.last) = (*state, *last);
                filed.reason = Some(reason.clone());
            }
        }
    }
}
