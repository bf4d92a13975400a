//! The only SQL: an append-only journal and what is derived from it, on SQLite or PostgreSQL behind one trait.
//!
//! A region's books are *streams* of journal entries, one per subject (a person, a provider, a government, the region) and
//! year; year 0 holds what belongs to no year. Each stream has one [`Sheet`]: how many entries it has, the hash of the last,
//! and their fold, kept so that nobody has to fold again. Sheets, postings and links are derived: the journal is the truth.
//! Each entry's hash covers the hash before it in its stream, so that the chain orders nothing between persons.
//!
//! The store knows keys and texts; what they mean is the books' business. Deliberately absent: any rule, any clock.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at the first surprise"))]

mod batch;
mod chain;
mod check;
mod copy;
mod inside;
mod migrations;
mod open;
mod paging;
mod postgres;
mod seal;
mod signed_in;
mod sqlite;
mod uptime;

use paging::each_once;
use std::ops::Range;

pub use chain::link;
pub use check::{Checked, Fault, check_balance, check_chain};
pub use copy::{Copied, EachNote, Part, Progress, Source, copy, lay, pages};
pub use open::{Mode, open, open_existing};
pub use postgres::Postgres;
pub use seal::{Seal, seal};
pub use signed_in::{Session, SessionChange};
pub use sqlite::Sqlite;
pub use uptime::Run;

/// A stream: a subject in a year. Ordered as the store locks: by subject, then year.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Whose, with its kind: `person/…`, `provider/…`, `area/…`, `region`.
    pub subject: String,
    /// Insured or budget year; 0 for what belongs to none.
    pub year: i16,
}

/// Hash of a journal entry.
pub type Hash = [u8; 32];

/// The fold of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Which stream.
    pub key: Key,
    /// How many entries it has; the number of the last.
    pub entries: u32,
    /// Hash of the last entry.
    pub head: Hash,
    /// What the entries add up to, as canonical JSON.
    pub body: String,
}

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its stream.
    pub key: Key,
    /// Its number in the stream, from 1.
    pub number: u32,
    /// When it was recorded: microseconds since 1970, UTC.
    pub at: i64,
    /// The request that made it.
    pub request: String,
    /// Who asked for it.
    pub actor: String,
    /// What kind of entry it is.
    pub kind: String,
    /// The entry, as canonical JSON.
    pub body: String,
    /// See [`link`].
    pub hash: Hash,
}

/// One line of a balanced posting. The lines of an entry sum to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The entry it belongs to.
    pub key: Key,
    /// Number of the entry.
    pub number: u32,
    /// Number of the line, from 1.
    pub line: u16,
    /// The account, as `expense/basic`.
    pub account: String,
    /// With whom: a provider's code, an area, a level of government; empty where there is nobody.
    pub party: String,
    /// Debit positive, credit negative, fen.
    pub amount: i64,
}

/// A name by which a subject is found: a document's index, a receipt number. A name leads to one subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// What kind of name, as `document`.
    pub kind: String,
    /// The name.
    pub name: String,
    /// Where it leads.
    pub subject: String,
}

/// An answer given, for the same request asked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The idempotency key.
    pub request: String,
    /// Keyed hash of what was asked.
    pub input: Hash,
    /// The answer, as JSON.
    pub answer: String,
    /// When, microseconds since 1970, UTC.
    pub at: i64,
}

/// A region's turn to write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// Since this connection's last turn in the region nobody else has written entries there: the sheets as they were then, or
    /// as this connection committed them since, are what they are.
    pub unchanged: bool,
    /// The answers already given to the requests that were asked about; as [`Store::answered`].
    pub answered: Vec<Answered>,
    /// The sheets that were asked for; as [`Store::sheets`].
    pub sheets: Vec<Sheet>,
}

/// How much of each there is in a region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entries of the journal.
    pub records: u64,
    /// Sheets, which is streams.
    pub sheets: u64,
    /// Lines of postings.
    pub postings: u64,
    /// Names.
    pub links: u64,
    /// Answers.
    pub answers: u64,
    /// Seals.
    pub seals: u64,
}

/// What one transaction writes. Sheets replace what was there; all else is new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Journal entries, in order within each stream.
    pub records: Vec<Record>,
    /// The sheets of the streams written to, each once.
    pub sheets: Vec<Sheet>,
    /// Postings.
    pub postings: Vec<Posting>,
    /// New names.
    pub links: Vec<Link>,
    /// Answers.
    pub answers: Vec<Answered>,
}

impl Batch {
    /// How many rows of all kinds it has.
    pub fn rows(&self) -> u64 {
        let Batch { records, sheets, postings, links, answers } = self;
        (records.len() + sheets.len() + postings.len() + links.len() + answers.len()) as u64
    }
}

/// The balance of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The account.
    pub account: String,
    /// With whom.
    pub party: String,
    /// Sum of debits, fen.
    pub debit: i64,
    /// Sum of credits as a positive number, fen.
    pub credit: i64,
}

/// What the store refuses or cannot do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another writer was first: begin the transaction again.
    #[error("another writer was first ({0}); begin again")]
    Conflict(String),
    /// The connection is gone; whether the last commit took place is not known. Connect again and ask by the request.
    #[error("the database is gone: {0}")]
    Gone(String),
    /// No room left, or the file cannot be written.
    #[error("the database cannot be written: {0}")]
    Full(String),
    /// The database is of a newer program, of none, or damaged.
    #[error("{0}")]
    Unfit(String),
    /// Anything else.
    #[error("database error: {0}")]
    Other(String),
}

/// Takes the key, the number and the hash of an entry.
pub type Each<'a> = &'a mut dyn FnMut(&Key, u32, &Hash);

/// A connection to the books. All methods but the reads stand inside [`Store::begin`] and [`Store::commit`]; a read outside
/// sees what is committed. After an error inside a transaction there is only [`Store::rollback`].
pub trait Store: Send {
    /// Begins a transaction that writes. SQLite: takes the one writer's place, waiting for it.
    fn begin(&mut self) -> Result<(), Error>;
    /// Begins a transaction that only reads: everything in it is seen as of one moment.
    fn begin_read(&mut self) -> Result<(), Error>;
    /// Makes what was written last. When it returns, it is on the disk.
    fn commit(&mut self) -> Result<(), Error>;
    /// Leaves a transaction without effect.
    fn rollback(&mut self) -> Result<(), Error>;

    /// Takes the region's turn to write, waiting for who has it; it is held to the end of the transaction. Nobody else then
    /// writes to the region, so that whatever is read stays true until the commit. A write takes the turn, if that has not
    /// been done. Tells what is known of requests and the sheets of streams with it, which saves journeys to a server.
    /// Refuses a region without books.
    fn turn(&mut self, region: &str, requests: &[&str], streams: &[Key]) -> Result<Turn, Error>;

    /// The answers already given to these requests; each once and in order, as with the next two.
    fn answered(&mut self, region: &str, requests: &[&str]) -> Result<Vec<Answered>, Error>;
    /// The sheets of these streams, as far as they exist, in the order of keys.
    fn sheets(&mut self, region: &str, keys: &[Key]) -> Result<Vec<Sheet>, Error>;
    /// Where these names lead, as far as they do.
    fn linked(&mut self, region: &str, names: &[(&str, &str)]) -> Result<Vec<Link>, Error>;
    /// The names of a kind that begin so, in order, at most `limit`.
    fn names(&mut self, region: &str, kind: &str, prefix: &str, limit: usize) -> Result<Vec<Link>, Error>;
    /// Writes a batch: a few statements, whatever its size. Each stream must still have as many entries as its sheet had
    /// when it was read (new entries and sheet give that number); otherwise another writer was first. Postings are of entries
    /// that come with them or are there.
    fn write(&mut self, region: &str, batch: &Batch) -> Result<(), Error>;
    /// [`Store::write`] and [`Store::commit`] together, which saves a journey to a server. After an error nothing of the
    /// transaction stands (unless the database is gone: then that is not known), and it is still to be rolled back.
    fn finish(&mut self, region: &str, batch: &Batch) -> Result<(), Error> {
        self.write(region, batch)?;
        self.commit()
    }
    /// Writes part of what another database held. All of it must be new here; sheets need not come with their entries.
    fn load(&mut self, region: &str, batch: &Batch) -> Result<(), Error>;

    /// The journal of a subject over all years, by year and number.
    fn history(&mut self, region: &str, subject: &str) -> Result<Vec<Record>, Error>;
    /// The journals of several subjects, each as [`Store::history`] gives it.
    fn histories(&mut self, region: &str, subjects: &[&str]) -> Result<Vec<Record>, Error> {
        let mut found = Vec::new();
        for subject in each_once(subjects) {
            found.extend(self.history(region, subject)?);
        }
        Ok(found)
    }
    /// Sheets in the order of keys, of the subjects that begin with `prefix`: the next `limit` after `after`, of one year or all.
    fn scan(
        &mut self,
        region: &str,
        prefix: &str,
        year: Option<i16>,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Sheet>, Error>;
    /// The journal in the order of streams and numbers: the next `limit` after an entry.
    fn journal(&mut self, region: &str, after: Option<(&Key, u32)>, limit: usize) -> Result<Vec<Record>, Error>;
    /// Postings in the same order.
    fn postings(&mut self, region: &str, after: Option<(&Key, u32, u16)>, limit: usize) -> Result<Vec<Posting>, Error>;
    /// Links in the order of kinds and names.
    fn links(&mut self, region: &str, after: Option<(&str, &str)>, limit: usize) -> Result<Vec<Link>, Error>;
    /// Answers in the order of requests.
    fn answers(&mut self, region: &str, after: Option<&str>, limit: usize) -> Result<Vec<Answered>, Error>;
    /// The balance of every account and party, by account; of one year or all.
    fn balances(&mut self, region: &str, year: Option<i16>) -> Result<Vec<Balance>, Error>;

    /// The entries whose postings do not sum to nothing, with the sum, in the order of the journal: the next `limit` after one.
    fn unbalanced(
        &mut self,
        region: &str,
        after: Option<(&Key, u32)>,
        limit: usize,
    ) -> Result<Vec<(Key, u32, i64)>, Error>;
    /// The last moment at which anything was recorded, if that is not before another moment.
    fn latest(&mut self, region: &str, from: i64) -> Result<Option<i64>, Error>;
    /// Gives each entry recorded from one moment until before another, in the order of the journal, without holding them.
    fn recorded(&mut self, region: &str, from: i64, before: i64, each: Each) -> Result<(), Error>;
    /// The last entries that were recorded from one moment until before another, the latest first, at most `limit`; but none of
    /// subjects that begin with `without`.
    fn last(&mut self, region: &str, during: Range<i64>, without: &str, limit: usize) -> Result<Vec<Record>, Error>;
    /// How much there is.
    fn counts(&mut self, region: &str) -> Result<Counts, Error>;
    /// The seals, by number.
    fn seals(&mut self, region: &str) -> Result<Vec<Seal>, Error>;
    /// Adds a seal that [`seal`] made.
    fn add_seal(&mut self, region: &str, seal: &Seal) -> Result<(), Error>;

    /// The session of a token, if there is one.
    fn session(&mut self, region: &str, token: &Hash) -> Result<Option<Session>, Error>;
    /// Records what becomes of sessions. It does not take the region's turn: nothing in the books hangs on it.
    fn change_session(&mut self, region: &str, change: &SessionChange) -> Result<(), Error>;

    /// The times in which servers of a region were up, in the order of their beginnings.
    fn runs(&mut self, region: &str) -> Result<Vec<Run>, Error>;
    /// Keeps what is known of such a time; its last sign of life never goes back. It does not take the region's turn.
    fn keep_run(&mut self, region: &str, run: &Run) -> Result<(), Error>;

    /// The regions that have books here.
    fn regions(&mut self) -> Result<Vec<String>, Error>;
    /// Makes a region's books, if they are not there.
    fn open_region(&mut self, region: &str) -> Result<(), Error>;
    /// A text kept beside the books: the policy files of an edition, by their hash; the check value of the key.
    fn note(&mut self, name: &str) -> Result<Option<String>, Error>;
    /// Keeps such a text, if there is none of that name yet.
    fn keep_note(&mut self, name: &str, text: &str) -> Result<(), Error>;
    /// The names of such texts that begin so.
    fn notes(&mut self, prefix: &str) -> Result<Vec<String>, Error>;
}
