//! Who is signed in. The store keeps it, so that a restart signs nobody out and several servers over one database know the same;
//! here stands what was read a moment ago. Tokens are kept as hashes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use service::{Clock as _, Failure, SystemClock};
use sha2::{Digest as _, Sha256};
use store::{Hash, Session, SessionChange};
use tracing::warn;

use super::REMEMBERED;
use super::roles::Session as Life;
use super::secret;
use crate::bridge::Bridge;

/// How a session's token begins.
const TOKEN: &str = "tcs_";
/// How often it is written when sessions were last used: each time is a commit.
const TOLD: i64 = 60_000_000;

/// All sessions.
pub(super) struct Sessions {
    /// Microseconds from signing in, and without a request.
    life: i64,
    idle: i64,
    read: Mutex<Read>,
}

/// What was read from the store.
#[derive(Default)]
struct Read {
    sessions: BTreeMap<Hash, Known>,
    /// When it was last told there when they were used.
    told: i64,
}

struct Known {
    session: Session,
    /// When it was read.
    at: i64,
    /// When it was used.
    used: i64,
}

/// Now, by the machine's clock: a session is no part of the books, whose clock may stand still.
pub(super) fn now() -> i64 {
    SystemClock.now()
}

impl Sessions {
    pub fn new(life: Life) -> Sessions {
        let minutes = |count: u32| 60_000_000 * i64::from(count);
        Sessions { life: minutes(life.hours) * 60, idle: minutes(life.idle_minutes), read: Mutex::default() }
    }

    /// Begins a session, and gives its token and its length. Those that have ended are cleared away.
    pub async fn begin(
        &self,
        bridge: &Arc<Bridge>,
        user: &str,
        changes: u32,
        now: i64,
    ) -> Result<(String, Duration), Failure> {
        let text = format!("{TOKEN}{}", secret::secret()?);
        let session = Session { token: hash(&text), user: user.to_owned(), changes, ends: now + self.life, used: now };
        let expire = SessionChange::Expire { now, idle_since: now - self.idle };
        bridge.change_sessions(vec![expire, SessionChange::Begin(session)]).await?;
        Ok((text, Duration::from_micros(self.life.unsigned_abs())))
    }

    /// The name and state of a token's user, if its session lives; it is used by that.
    pub async fn of(&self, bridge: &Arc<Bridge>, text: &str, now: i64) -> Result<Option<(String, u32)>, Failure> {
        // What was never given out is not looked for.
        if !text.starts_with(TOKEN) || text.len() != TOKEN.len() + secret::LETTERS {
            return Ok(None);
        }
        let token = hash(text);
        if let Some(found) = self.remembered(&token, now) {
            return Ok(Some(found));
        }
        let Some(session) = bridge.session(token).await? else {
            self.lock().sessions.remove(&token);
            return Ok(None);
        };
        let used = self.lock().sessions.get(&token).map_or(session.used, |known| known.used.max(session.used));
        if !self.lives(&session, used, now) {
            self.end(bridge, text).await?;
            return Ok(None);
        }
        let found = (session.user.clone(), session.changes);
        self.lock().sessions.insert(token, Known { session, at: now, used: now });
        self.tell(bridge, now);
        Ok(Some(found))
    }

    /// What was read of a token a moment ago.
    fn remembered(&self, token: &Hash, now: i64) -> Option<(String, u32)> {
        let mut read = self.lock();
        let known = read.sessions.get_mut(token)?;
        let fresh = (0..REMEMBERED.as_micros()).contains(&u128::try_from(now - known.at).ok()?);
        if !fresh || !self.lives(&known.session, known.used, now) {
            return None;
        }
        known.used = now;
        Some((known.session.user.clone(), known.session.changes))
    }

    fn lives(&self, session: &Session, used: i64, now: i64) -> bool {
        now < session.ends && now < used + self.idle
    }

    /// Ends a token's session.
    pub async fn end(&self, bridge: &Arc<Bridge>, text: &str) -> Result<(), Failure> {
        let token = hash(text);
        self.lock().sessions.remove(&token);
        bridge.change_sessions(vec![SessionChange::End(token)]).await
    }

    /// Tells the store, once in a while and without waiting for it, when sessions were used.
    fn tell(&self, bridge: &Arc<Bridge>, now: i64) {
        let mut read = self.lock();
        if now - read.told < TOLD {
            return;
        }
        read.told = now;
        read.sessions.retain(|_, known| self.lives(&known.session, known.used, now));
        let mut changes = Vec::new();
        for (token, known) in &mut read.sessions {
            if known.used > known.session.used {
                known.session.used = known.used;
                changes.push(SessionChange::Used(*token, known.used));
            }
        }
        drop(read);
        if changes.is_empty() {
            return;
        }
        let bridge = Arc::clone(bridge);
        tokio::spawn(async move {
            if let Err(failure) = bridge.change_sessions(changes).await {
                warn!(%failure, "when sessions were used is not written; they may end early by idling");
            }
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(text: &str) -> Hash {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_lives_by_its_hours_and_by_its_use() {
        let sessions = Sessions::new(Life { hours: 1, idle_minutes: 10 });
        let minute = 60_000_000;
        let session = Session { token: [0; 32], user: "li".to_owned(), changes: 1, ends: 60 * minute, used: 0 };
        assert!(sessions.lives(&session, 54 * minute, 60 * minute - 1));
        assert!(!sessions.lives(&session, 54 * minute, 60 * minute), "by its hours");
        assert!(sessions.lives(&session, 0, 10 * minute - 1));
        assert!(!sessions.lives(&session, 0, 10 * minute), "by idling");
    }
}
