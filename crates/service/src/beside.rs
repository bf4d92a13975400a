//! What a server needs to know beside the books: who is signed in, and what a request was answered.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use books::Answer;
use books::people::LOOKS;
use store::{Hash, Record, Session, SessionChange, Store};

use crate::failure::Failure;
use crate::service::Service;
use crate::transact::read_answer;

/// How far back it is looked at first, in seconds, and then, while more is wanted: no further than is needed.
const BACK: [i64; 3] = [60, 3_600, 86_400];

/// How many entries are read at once.
const PAGE: usize = 200;

/// Something that was done: a request, and what it wrote to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Act {
    /// When, by the clock of the books: microseconds since 1970, UTC. No two requests are of one moment.
    pub at: i64,
    /// Who asked for it.
    pub actor: String,
    /// The request.
    pub request: String,
    /// The subjects that it wrote to; of a request of very many entries, those of the first.
    pub subjects: BTreeSet<String>,
}

/// The last requests of a time, the latest first, but for those that only put looks on record. It is looked back from now, or from
/// what was recorded later: the clock may have been set back since.
fn lately(
    store: &mut dyn Store,
    region: &str,
    now: i64,
    during: Range<i64>,
    limit: usize,
) -> Result<Vec<Act>, store::Error> {
    let end = if during.end > now {
        let after = store.latest(region, now)?.map_or(now, |latest| latest.saturating_add(1));
        during.end.min(after)
    } else {
        during.end
    };
    let spans = BACK.iter().map(|seconds| end.saturating_sub(seconds * 1_000_000)).chain([during.start]);
    let (mut acts, mut before) = (Vec::new(), end);
    for from in spans.map(|from| from.max(during.start)) {
        read_back(store, region, from..before, limit, &mut acts)?;
        if acts.len() >= limit {
            break;
        }
        before = from;
    }
    acts.truncate(limit);
    Ok(acts)
}

/// Adds the last requests of a time, until there are so many. All that a request writes is of one moment: whatever its size, it
/// takes one page.
fn read_back(
    store: &mut dyn Store,
    region: &str,
    during: Range<i64>,
    limit: usize,
    acts: &mut Vec<Act>,
) -> Result<(), store::Error> {
    let mut before = during.end;
    while before > during.start && acts.len() < limit {
        let page = store.last(region, during.start..before, LOOKS, PAGE)?;
        let is_whole = page.len() < PAGE;
        let mut read: Vec<Act> = Vec::new();
        for Record { key, at, request, actor, .. } in page {
            if read.last().is_none_or(|act| act.request != request) {
                read.push(Act { at, actor, request, subjects: BTreeSet::new() });
            }
            read.last_mut().map(|act| act.subjects.insert(key.subject));
        }
        if is_whole {
            acts.append(&mut read);
            return Ok(());
        }
        // Where a page ends within a request, that is read with the next: whom it was about hangs on all that it wrote to.
        if read.len() > 1 {
            read.pop();
        }
        before = read.last().map_or(during.start, |act| act.at);
        acts.append(&mut read);
    }
    Ok(())
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
        Ok(self.answers(&[request])?.remove(request))
    }

    /// The last requests of a time that wrote anything, at most so many, the latest first, but for those that only put looks on record.
    /// Those before them are the last until the moment of the last of these.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn lately(&self, during: &Range<i64>, limit: usize) -> Result<Vec<Act>, Failure> {
        let now = self.shared.clock.about();
        self.beside(|store, region| lately(store, region, now, during.clone(), limit))
    }

    /// What requests were answered, by their ids; those that were not are left out.
    ///
    /// # Errors
    /// As [`Service::answered`].
    pub fn answers(&self, requests: &[&str]) -> Result<BTreeMap<String, Answer>, Failure> {
        let kept = self.beside(|store, region| store.answered(region, requests))?;
        kept.iter().map(|kept| Ok((kept.request.clone(), read_answer(kept)?))).collect()
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
