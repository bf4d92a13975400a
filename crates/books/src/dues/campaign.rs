//! A campaign of reminders as it stands: whom it reaches, what it says, and what became of each reminder.

use domain::{Date, vocabulary};
use serde::{Deserialize, Serialize};

use crate::codec::Word;
use crate::fold::{Fold, Stamp};

vocabulary! {
    /// Whom a campaign reaches.
    Scope {
        All = "all", "全体居民", "all residents";
        Unpaid = "unpaid", "未参保缴费的", "those who have not paid";
    }
}

vocabulary! {
    /// How a reminder reaches a person.
    Reach {
        Sms = "sms", "短信", "text message";
        Letter = "letter", "一封信", "letter";
    }
}

vocabulary! {
    /// What became of a reminder.
    Sending {
        Waiting = "waiting", "待发", "to be sent";
        Sent = "sent", "已发", "sent";
        Failed = "failed", "未送达", "failed";
    }
}

/// A reminder to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// The person's number.
    pub person: String,
    /// What became of it.
    pub state: Word<Sending>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// What can be recorded of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum CampaignEntry {
    /// It is made.
    Made(Campaign),
    /// What was sent, and what failed.
    Results {
        /// Hash of the file.
        hash: String,
        /// The reminders whose state it gives.
        reminders: Vec<Reminder>,
    },
}

/// A campaign.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    /// Insured year.
    pub year: i16,
    /// The day it was made.
    pub on: Option<Date>,
    /// Whom it reaches.
    pub scope: Option<Word<Scope>>,
    /// How.
    pub reach: Option<Word<Reach>>,
    /// Last day of the period, which the message states.
    pub last_day: Option<Date>,
    /// The message.
    pub message: String,
    /// Persons who were looked at: the residents of its area.
    pub residents: u32,
    /// Those it goes to.
    pub reminders: Vec<Reminder>,
    /// Hashes of the result files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<String>,
}

impl Campaign {
    /// How many reminders have come to a state.
    pub fn count(&self, state: Sending) -> usize {
        self.reminders.iter().filter(|reminder| reminder.state.0 == state).count()
    }
}

impl Fold for Campaign {
    type Entry = CampaignEntry;
    const KIND: &'static str = "campaign";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &CampaignEntry) {
        match entry {
            CampaignEntry::Made(campaign) => *self = campaign.clone(),
            CampaignEntry::Results { hash, reminders } => {
                for result in reminders {
                    let of = |known: &&mut Reminder| known.person == result.person;
                    if let Some(known) = self.reminders.iter_mut().find(of) {
                        *known = result.clone();
                    }
                }
                self.results.push(hash.clone());
            }
        }
    }
}
