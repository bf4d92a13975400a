//! How often somebody may ask: each is owed a moment later than the last by a fixed step, and may run ahead by a burst.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Names kept at most: beyond, those who owe nothing are forgotten, then all.
const NAMES: usize = 10_000;

/// When each name has paid off what it asked.
#[derive(Debug, Default)]
pub(super) struct Rates {
    paid_off: Mutex<BTreeMap<String, Instant>>,
}

impl Rates {
    /// Lets one more request of a name in, or tells after how long it would be.
    pub fn take(&self, name: &str, count: u32, per: Duration, now: Instant) -> Result<(), Duration> {
        let step = per / count.max(1);
        let mut paid_off = self.paid_off.lock().unwrap_or_else(PoisonError::into_inner);
        if paid_off.len() >= NAMES {
            paid_off.retain(|_, until| *until > now);
            if paid_off.len() >= NAMES {
                paid_off.clear();
            }
        }
        let until = paid_off.get(name).copied().filter(|until| *until > now).unwrap_or(now) + step;
        // A burst of as many as `per` allows.
        let ahead = until.saturating_duration_since(now);
        if ahead > per {
            return Err(ahead - per);
        }
        paid_off.insert(name.to_owned(), until);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_in_and_then_one_a_step() {
        let (rates, now, minute) = (Rates::default(), Instant::now(), Duration::from_secs(60));
        let take = |name: &str, after: u64| rates.take(name, 10, minute, now + Duration::from_secs(after));
        assert!((0..10).all(|_| take("a", 0).is_ok()));
        assert_eq!(take("a", 0), Err(Duration::from_secs(6)));
        assert_eq!(take("b", 0), Ok(()), "others do not pay for it");
        assert_eq!(take("a", 6), Ok(()));
        assert!(take("a", 6).is_err());
    }
}
