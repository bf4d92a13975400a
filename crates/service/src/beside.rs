//! What a server needs to know beside the books: who is signed in, and what a request was answered.

use books::Answer;
use store::{Hash, Session, SessionChange, Store};

use crate::failure::Failure;
use crate::service::Service;
use crate::transact::read_answer;

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
