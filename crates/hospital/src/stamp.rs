//! Time and message ids: the clock of the platform, and ids that no other message of this institution has.

use std::cell::Cell;

use jiff::Timestamp;
use jiff::civil::DateTime;
use wire::envelope::message_id;
use wire::moment;

/// How many ids a second has by the form of the interface.
const A_SECOND: u32 = 10_000;

/// The clock, put right by the platform's, and the last id given.
#[derive(Debug, Default)]
pub struct Stamps {
    /// How far the platform is ahead of this machine, in milliseconds.
    ahead: Cell<i64>,
    /// Second and serial of the last id.
    last: Cell<(i64, u32)>,
}

impl Stamps {
    /// The moment on the platform.
    pub fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_millisecond(now.as_millisecond() + self.ahead.get()).unwrap_or(now)
    }

    /// The local time on the platform.
    pub fn local(&self) -> DateTime {
        moment::local(self.now())
    }

    /// Takes the platform's time from an answer; whether it was more than a minute off.
    pub fn set(&self, platform: DateTime) -> bool {
        const MINUTE: i64 = 60_000;
        let Some(platform) = moment::at(platform) else { return false };
        let off = platform.as_millisecond() - self.now().as_millisecond();
        if off.abs() < MINUTE {
            return false;
        }
        self.ahead.set(self.ahead.get() + off);
        // Ids go by the platform's time from now on, which may lie before those given so far.
        self.last.set((0, 0));
        true
    }

    /// A new message id. Where a second has no more, the next one lends its own.
    pub fn id(&self, institution: &str) -> String {
        let now = self.now().as_second();
        let (second, serial) = match self.last.get() {
            (second, serial) if second >= now && serial + 1 < A_SECOND => (second, serial + 1),
            (second, _) if second >= now => (second + 1, 0),
            // A day that begins in the second in which another ended begins where that one hardly came to.
            (0, 0) => (now, u32::try_from(self.now().as_millisecond() % 1_000).unwrap_or_default() * 10),
            _ => (now, 0),
        };
        self.last.set((second, serial));
        let at = Timestamp::from_second(second).map(moment::local).unwrap_or_default();
        message_id(institution, at, serial)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_id_is_given_twice_however_fast() {
        let stamps = Stamps::default();
        let ids: BTreeSet<String> = (0..35_000).map(|_| stamps.id("H99010100001")).collect();
        assert_eq!(ids.len(), 35_000);
        assert!(ids.iter().all(|id| id.len() == 30));
    }

    #[test]
    fn the_platforms_day_is_taken_over() {
        let stamps = Stamps::default();
        stamps.id("H99010100001");
        let day = jiff::civil::datetime(2022, 10, 31, 12, 0, 0, 0);
        assert!(stamps.set(day) && !stamps.set(day));
        assert_eq!(stamps.local().date(), day.date());
        assert!(stamps.id("H99010100001").starts_with("H9901010000120221031"));
    }
}
