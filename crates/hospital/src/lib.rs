//! A hospital that plays a day against the national provider interface: an independent client over HTTP.
//!
//! It knows the interface by [`wire`] and nothing of the insurer's side, so that what it finds an outsider would find. From a
//! seed it signs operators in, treats patients, charges, estimates, settles, reverses, loses answers and repeats, reconciles
//! and signs out; every amount that comes back is held against the identities of the interface and against its own books.
//! What it treats are made-up people, of whom it takes a list ([`Town`]); what it charges it fetches from the platform.
//!
//! It is the load generator too: each client holds one connection, all of them share one thread.
//! Deliberately absent: any rule of the law.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at the first surprise"))]

mod catalogue;
mod check;
mod day;
mod draw;
mod faults;
mod files;
mod items;
mod ledger;
mod line;
mod platform;
mod reconcile;
mod record;
mod report;
mod seat;
mod stamp;
mod tally;
mod town;
mod trust;
mod visit;
mod ward;

pub use day::play;
pub use draw::Habits;
pub use items::{Item, Items};
pub use platform::{Address, Keys, Platform};
pub use report::Report;
pub use tally::{Broken, Figures};
pub use town::{Patient, Provider, Town};
pub use trust::Trust;

/// Why a day cannot be played, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Trouble {
    /// What is wrong: Chinese, with the English in brackets.
    pub message: String,
    /// What to do.
    pub cure: String,
}

impl Trouble {
    /// Both texts.
    pub fn new(message: impl Into<String>, cure: impl Into<String>) -> Trouble {
        Trouble { message: message.into(), cure: cure.into() }
    }
}

/// What is played.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where the interface is, and how it is spoken to.
    pub platform: Platform,
    /// The institution that plays.
    pub institution: Provider,
    /// Who may come.
    pub town: Town,
    /// What may be charged; what the platform's lists bring, if none.
    pub items: Option<Items>,
    /// The same seed, the same visits.
    pub seed: u64,
    /// How many visits.
    pub visits: usize,
    /// How many operators at once, each with a connection of its own.
    pub clients: usize,
    /// Visits that begin in a second, at most; as fast as they are done, if none.
    pub rate: Option<u32>,
    /// What happens in a visit, and how often.
    pub habits: Habits,
    /// A folder for each request and answer.
    pub record: Option<std::path::PathBuf>,
    /// A file for the hospital's own books from day to day.
    pub books: Option<std::path::PathBuf>,
    /// Whether identity numbers stand in the records as they are.
    pub clear: bool,
}
