//! What a server needs to know beside the books: who is signed in, and what a request was answered.

use std::collections::BTreeSet;
use std::ops::Range;

use books::Answer;
use books::people::LOOKS;
use store::{Hash, Record, Session, SessionChange, Store};

use crate::failure::Failure;
use crate::service::Service;
use crate::transact::read_answer;

/// How far back it is looked for what was done, in seconds: no further than is needed.
const BACK: [i64; 4] = [60, 3_600, 86_400, 7 * 86_400];

/// How many entries are read at once.
const PAGE: usize = 200;

/// Something that was done: a request, and what it wrote to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Act {
    /// When, by the clock of the books: microseconds since 1970, UTC.
    pub at: i64,
    /// Who asked for it.
    pub actor: String,
    /// The request.
    pub request: String,
    /// The subjects that it wrote to, as far as they were read.
    pub subjects: BTreeSet<String>,
    /// What it was answered.
    pub answer: Option<Answer>,
}

/// The last requests of a time. All that a request writes is of one moment: whatever its size, it takes one page.
fn lately(store: &mut dyn Store, region: &str, during: Range<i64>, limit: usize) -> Result<Vec<Act>, store::Error> {
    let mut acts: Vec<Act> = Vec::new();
    let mut before = during.end;
    loop {
        let page = store.last(region, during.start..before, LOOKS, PAGE)?;
        let is_last = page.len() < PAGE;
        before = page.last().map_or(before, |record| record.at);
        for Record { key, at, request, actor, .. } in page {
            if acts.last().is_none_or(|act| act.request != request) {
                acts.push(Act { at, actor, request, ..Act::default() });
            }
            acts.last_mut().map(|act| act.subjects.insert(key.subject));
        }
        if is_last || acts.len() >= limit {
            acts.truncate(limit);
            return Ok(acts);
        }
    }
}

impl Service {
    /// The session of a token, if there is one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn session(&self, token: &Hash) -> Result<Option<Session>, Failure> {
        self.beside(|store, region| store.session(region, token))
    }

    /// Records what becomes of sessions, all of it or nothing.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn change_sessions(&self, changes: &[SessionChange]) -> Result<(), Failure> {
        self.beside(|store, region| {
            store.begin()?;
            changes.iter().try_for_each(|change| store.change_session(region, change))?;
            store.commit()
        })
    }

    /// What a request was answered, if it was: sent again, it is answered the same.
    ///
    /// # Errors
    /// When the database cannot be read, or what it keeps of the answer cannot.
    pub fn answered(&self, request: &str) -> Result<Option<Answer>, Failure> {
        let kept = self.beside(|store, region| store.answered(region, &[request]))?;
        kept.first().map(read_answer).transpose()
    }

    /// The last requests that wrote anything, the latest first, but for those that only put looks on record: of the last minute, or
    /// as far back as a week, until there are so many.
    ///
    /// # Errors
    /// When the database cannot be read, or what it keeps of an answer cannot.
    pub fn lately(&self, limit: usize) -> Result<Vec<Act>, Failure> {
        let now = self.now();
        let (mut acts, answers) = self.beside(|store, region| {
            let mut acts = Vec::new();
            for seconds in BACK {
                acts = lately(store, region, now - seconds * 1_000_000..now + 1, limit)?;
                if acts.len() >= limit {
                    break;
                }
            }
            let requests: Vec<&str> = acts.iter().map(|act: &Act| act.request.as_str()).collect();
            let answers = store.answered(region, &requests)?;
            Ok((acts, answers))
        })?;
        for act in &mut acts {
            let answered = answers.iter().find(|answered| answered.request == act.request);
            act.answer = answered.map(read_answer).transpose()?;
        }
        Ok(acts)
    }

    /// Does something on a connection of its own. May be done twice, if the connection is lost.
    fn beside<T>(&self, mut work: impl FnMut(&mut dyn Store, &str) -> Result<T, store::Error>) -> Result<T, Failure> {
        let mut once = || {
            let mut store = self.shared.connection()?;
            let done = work(store.as_mut(), &self.shared.region);
            if done.is_ok() || store.rollback().is_ok() {
                self.shared.put_back(store);
            }
            done
        };
        match once() {
            // An idle connection may have been cut since it was last used.
            Err(store::Error::Gone(_)) => once(),
            done => done,
        }
        .map_err(Failure::from)
    }
}
