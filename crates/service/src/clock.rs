//! The clock. Nothing below this crate asks for the time.

use std::sync::atomic::{AtomicI64, Ordering};

use domain::Date;
use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};

/// Tells the time: microseconds since 1970, UTC.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> i64;

    /// About now, which leaves the clock as it is.
    fn about(&self) -> i64 {
        self.now()
    }
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        Timestamp::now().as_microsecond()
    }
}

/// The moments that a writer records at, each after the one before: the order in which requests were decided is the order of
/// their moments, even when the clock is set back.
#[derive(Debug, Default)]
pub(crate) struct Moments {
    last: Option<i64>,
}

impl Moments {
    /// Comes after what others have recorded, or this program at another time: the clock may have been set back since.
    pub fn follow(&mut self, recorded: Option<i64>) {
        self.last = self.last.max(recorded);
    }

    /// The first of so many moments, a microsecond apart.
    pub fn next(&mut self, clock: &dyn Clock, count: usize) -> i64 {
        let now = clock.now();
        let first = self.last.map_or(now, |last| now.max(last.saturating_add(1)));
        let more = i64::try_from(count).unwrap_or(i64::MAX).saturating_sub(1);
        self.last = Some(first.saturating_add(more));
        first
    }
}

/// A clock that is set, and moves on by a step each time it is read: the same run gives the same journal.
#[derive(Debug)]
pub struct SetClock {
    now: AtomicI64,
    step: i64,
}

impl SetClock {
    /// Noon of a day in China, moving on by so many microseconds a reading.
    pub fn at(day: Date, step: i64) -> SetClock {
        SetClock { now: AtomicI64::new(noon(day)), step }
    }

    /// Puts it to noon of another day.
    pub fn set(&self, day: Date) {
        self.now.store(noon(day), Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> i64 {
        self.now.fetch_add(self.step, Ordering::SeqCst)
    }

    fn about(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }
}

/// The clock of the machine moved to another day, for books that live on a day of their own.
#[derive(Clone, Copy, Debug)]
pub struct ShiftedClock {
    by: i64,
}

impl ShiftedClock {
    /// The time of day is the machine's; the day is this one.
    pub fn on(day: Date) -> ShiftedClock {
        let today = day_of(Timestamp::now().as_microsecond());
        ShiftedClock { by: noon(day) - noon(today) }
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> i64 {
        Timestamp::now().as_microsecond() + self.by
    }
}

/// The day in China, which has one time zone.
pub fn day_of(at: i64) -> Date {
    Timestamp::from_microsecond(at).unwrap_or_default().to_zoned(TimeZone::fixed(offset(8))).date()
}

fn noon(day: Date) -> i64 {
    // A day outside the calendar of timestamps cannot be written as a day of the domain either.
    let zoned = day.at(12, 0, 0, 0).to_zoned(TimeZone::fixed(offset(8)));
    zoned.map_or(0, |zoned| zoned.timestamp().as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_set_clock_moves_by_its_step_alone() {
        let clock = SetClock::at(date(2022, 3, 1), 1_000_000);
        assert_eq!(clock.now() + 1_000_000, clock.now());
        assert_eq!(day_of(clock.now()), date(2022, 3, 1));
        clock.set(date(2023, 1, 1));
        assert_eq!(day_of(clock.now()), date(2023, 1, 1));
    }

    #[test]
    fn moments_follow_each_other_though_the_clock_is_set_back() {
        let clock = SetClock::at(date(2022, 3, 1), 10);
        let mut moments = Moments::default();
        let first = moments.next(&clock, 64);
        assert_eq!(moments.next(&clock, 1), first + 64);
        clock.set(date(2022, 2, 1));
        assert_eq!(moments.next(&clock, 2), first + 65);
        clock.set(date(2022, 3, 2));
        assert_eq!(day_of(moments.next(&clock, 1)), date(2022, 3, 2));
    }

    #[test]
    fn a_shifted_clock_is_on_its_day() {
        // At noon of the day the machine's time of day is added; the day itself is kept.
        assert_eq!(day_of(ShiftedClock::on(date(2022, 3, 1)).now()), date(2022, 3, 1));
    }
}
