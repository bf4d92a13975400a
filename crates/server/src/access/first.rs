//! The first administrator: made by a token that the server prints when it starts without users, good for once and for a day.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use service::Trouble;

use super::secret;

/// For how long the token is good.
const LIFE: Duration = Duration::from_secs(24 * 3_600);

/// The hash of the token and its end; nothing, where there are users.
#[derive(Debug, Default)]
pub struct First(Mutex<Option<(String, Instant)>>);

impl First {
    /// None: there are users.
    pub fn none() -> First {
        First::default()
    }

    /// A new token, and its text to be printed.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn token() -> Result<(First, String), Trouble> {
        let text = format!("tca_{}", secret::secret()?);
        let first = First(Mutex::new(Some((secret::hash(&text), Instant::now() + LIFE))));
        Ok((first, text))
    }

    /// Whether a text is the token, which then is used up.
    pub(crate) fn take(&self, text: &str) -> bool {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let good = |(hash, ends): &(String, Instant)| *hash == secret::hash(text) && Instant::now() < *ends;
        if kept.as_ref().is_some_and(good) {
            *kept = None;
            return true;
        }
        false
    }

    /// Gives the token back, where it was of no use.
    pub(crate) fn put_back(&self, text: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some((secret::hash(text), Instant::now() + LIFE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_good_once() {
        let (first, text) = First::token().unwrap();
        assert!(!first.take("tca_other"));
        assert!(first.take(&text));
        assert!(!first.take(&text));
        assert!(!First::none().take(&text));
    }
}
