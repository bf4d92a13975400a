//! Who is signed in: in memory alone, so that a restart signs everybody out. Tokens are kept as hashes.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use service::Trouble;

use super::roles::Session as Life;
use super::secret;

/// How a session's token begins.
pub(super) const TOKEN: &str = "tcs_";
/// Sessions kept at most; beyond, the one longest unused ends.
const MOST: usize = 20_000;

struct Session {
    name: String,
    /// The user's changes when it began: another password or role ends it.
    changes: u32,
    ends: Instant,
    used: Instant,
}

/// All sessions.
pub(super) struct Sessions {
    life: Duration,
    idle: Duration,
    open: Mutex<BTreeMap<String, Session>>,
}

impl Sessions {
    pub fn new(life: Life) -> Sessions {
        let Life { hours, idle_minutes } = life;
        let (life, idle) = (Duration::from_secs(3_600) * hours, Duration::from_secs(60) * idle_minutes);
        Sessions { life, idle, open: Mutex::default() }
    }

    /// Begins a session, and gives its token and its length.
    pub fn begin(&self, name: &str, changes: u32, now: Instant) -> Result<(String, Duration), Trouble> {
        let token = format!("{TOKEN}{}", secret::secret()?);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= MOST {
            open.retain(|_, session| session.ends > now && session.used + self.idle > now);
        }
        if open.len() >= MOST
            && let Some(oldest) = open.iter().min_by_key(|(_, session)| session.used).map(|(hash, _)| hash.clone())
        {
            open.remove(&oldest);
        }
        let session = Session { name: name.to_owned(), changes, ends: now + self.life, used: now };
        open.insert(secret::hash(&token), session);
        Ok((token, self.life))
    }

    /// The name and state of a token's user, if its session lives.
    pub fn of(&self, token: &str, now: Instant) -> Option<(String, u32)> {
        let hash = secret::hash(token);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let session = open.get_mut(&hash)?;
        if session.ends <= now || session.used + self.idle <= now {
            open.remove(&hash);
            return None;
        }
        session.used = now;
        Some((session.name.clone(), session.changes))
    }

    /// Ends a token's session.
    pub fn end(&self, token: &str) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&secret::hash(token));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_by_its_hours_by_idling_and_by_signing_out() {
        let sessions = Sessions::new(Life { hours: 1, idle_minutes: 10 });
        let now = Instant::now();
        let at = |minutes: u64| now + Duration::from_secs(60 * minutes);
        let begin = || sessions.begin("li", 1, now).unwrap().0;
        let token = begin();
        assert!((1..7).all(|nth| sessions.of(&token, at(nth * 9)).is_some()));
        assert_eq!(sessions.of(&token, at(60)), None, "by its hours");
        let token = begin();
        assert_eq!(sessions.of(&token, at(10)), None, "by idling");
        let token = begin();
        sessions.end(&token);
        assert_eq!(sessions.of(&token, now), None, "by signing out");
        assert_eq!(sessions.of("tcs_x", now), None);
    }
}
