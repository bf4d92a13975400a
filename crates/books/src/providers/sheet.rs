//! A provider's sheet: dated changes of its facts, and its designations.

use domain::{Care, Date, Level, Mark, vocabulary};
use serde::{Deserialize, Serialize};

use super::{Facts, Grade};
use crate::codec::Word;
use crate::fold::{Fold, Stamp};

vocabulary! {
    /// What an authority decides about a provider.
    State {
        Designated = "designated", "定点", "designated";
        Suspended = "suspended", "中止", "suspended";
        Ended = "ended", "解除", "ended";
    }
}

/// What changes from a day on; what is left out stays as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// First day.
    pub from: Date,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Code of the area it lies in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Word<Level>>,
    /// Kinds of care it may settle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub care: Option<Vec<Word<Care>>>,
    /// Marks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marks: Option<Vec<Word<Mark>>>,
    /// Kinds of care for which it is connected to settlement elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connected: Option<Vec<Word<Care>>>,
    /// Special diseases that it settles for persons from elsewhere; all, if it never said which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diseases: Option<Vec<String>>,
    /// Whether it settles online.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<bool>,
    /// Social credit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uscc: Option<String>,
    /// Grade of accreditation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Word<Grade>>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What an authority decides from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// What.
    pub state: Word<State>,
    /// Code of the authority.
    pub by: String,
    /// First day.
    pub from: Date,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Number of the agreement or the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What can be recorded of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum ProviderEntry {
    /// Its facts change; the first time, it comes on the register.
    Changed(Change),
    /// An authority designates it, suspends it or ends its designation.
    Agreed(Agreement),
}

/// What is known of a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Changes, by their first day.
    pub changes: Vec<Change>,
    /// Decisions of the authorities, by their first day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agreements: Vec<Agreement>,
}

/// How a provider stands with an authority on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was never designated.
    Never,
    /// It is designated.
    Designated,
    /// Suspended since this day, for this reason.
    Suspended(Date, Option<String>),
    /// Its designation ended on this day, for this reason.
    Ended(Date, Option<String>),
}

impl Provider {
    /// How it stands on a day; nothing before its first day on the register.
    pub fn on(&self, code: &str, day: Date) -> Option<Facts> {
        let words = |words: Option<&Vec<Word<Care>>>| words.into_iter().flatten().map(|word| word.0).collect();
        let marks = self.latest(day, |change| change.marks.as_ref());
        Some(Facts {
            code: code.to_owned(),
            name: self.latest(day, |change| change.name.as_ref())?.clone(),
            area: self.latest(day, |change| change.area.as_ref())?.clone(),
            level: self.latest(day, |change| change.level.as_ref())?.0,
            marks: marks.into_iter().flatten().map(|mark| mark.0).collect(),
            care: words(self.latest(day, |change| change.care.as_ref())),
            connected: words(self.latest(day, |change| change.connected.as_ref())),
            diseases: self.latest(day, |change| change.diseases.as_ref()).cloned(),
            online: self.latest(day, |change| change.online.as_ref()).copied().unwrap_or(false),
            uscc: self.latest(day, |change| change.uscc.as_ref()).cloned(),
            grade: self.latest(day, |change| change.grade.as_ref()).map(|grade| grade.0),
            designations: self.authorities().map(|by| (by.to_owned(), self.standing(by, day))).collect(),
        })
    }

    /// How it stands with an authority on a day. A later designation takes the place of what was decided before it; a
    /// suspension weighs on the designation it falls in.
    pub fn standing(&self, by: &str, day: Date) -> Standing {
        let begun = || self.agreements.iter().filter(|a| a.by == by && a.from <= day);
        let Some(base) = begun().rfind(|a| a.state.0 != State::Suspended) else { return Standing::Never };
        if base.state.0 == State::Ended {
            return Standing::Ended(base.from, base.reason.clone());
        }
        if let Some(until) = base.until.filter(|until| *until < day) {
            let end = until.tomorrow().unwrap_or(until);
            return Standing::Ended(end, Some("协议期满".to_owned()));
        }
        let holds = |a: &&Agreement| {
            a.state.0 == State::Suspended && a.from >= base.from && a.until.is_none_or(|until| day <= until)
        };
        match begun().rfind(holds) {
            Some(suspended) => Standing::Suspended(suspended.from, suspended.reason.clone()),
            None => Standing::Designated,
        }
    }

    /// The designation that an authority's later decision falls on.
    pub(super) fn designation(&self, by: &str, day: Date) -> Option<&Agreement> {
        self.agreements.iter().rfind(|a| a.by == by && a.from <= day && a.state.0 == State::Designated)
    }

    /// Every authority that decided something, each once.
    pub(super) fn authorities(&self) -> impl Iterator<Item = &str> {
        let first = |(at, a): &(usize, &Agreement)| self.agreements[..*at].iter().all(|earlier| earlier.by != a.by);
        self.agreements.iter().enumerate().filter(first).map(|(_, a)| a.by.as_str())
    }

    fn latest<T>(&self, day: Date, fact: impl Fn(&Change) -> Option<&T>) -> Option<&T> {
        self.changes.iter().rev().filter(|change| change.from <= day).find_map(fact)
    }
}

impl Fold for Provider {
    type Entry = ProviderEntry;
    const KIND: &'static str = "provider";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &ProviderEntry) {
        match entry {
            ProviderEntry::Changed(change) => {
                let at = self.changes.partition_point(|known| known.from <= change.from);
                self.changes.insert(at, change.clone());
            }
            ProviderEntry::Agreed(agreement) => {
                let at = self.agreements.partition_point(|known| known.from <= agreement.from);
                self.agreements.insert(at, agreement.clone());
            }
        }
    }
}

/// A standing in words.
pub fn in_words(standing: &Standing) -> String {
    let because = |reason: &Option<String>| reason.as_ref().map(|why| format!("（{why}）")).unwrap_or_default();
    match standing {
        Standing::Never => "没有定点协议".to_owned(),
        Standing::Designated => "定点".to_owned(),
        Standing::Suspended(since, why) => format!("{since} 起中止{}", because(why)),
        Standing::Ended(since, why) => format!("{since} 起解除{}", because(why)),
    }
}

/// The word of a standing.
pub fn state_word(standing: &Standing) -> &'static str {
    match standing {
        Standing::Never => "none",
        Standing::Designated => State::Designated.code(),
        Standing::Suspended(..) => State::Suspended.code(),
        Standing::Ended(..) => State::Ended.code(),
    }
}
