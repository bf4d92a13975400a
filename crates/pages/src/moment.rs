//! Moments of the books, microseconds since 1970 in UTC, as a clock in China shows them: it has one time zone.

use jiff::tz::{TimeZone, offset};
use jiff::{Timestamp, Zoned};

fn zone() -> TimeZone {
    TimeZone::fixed(offset(8))
}

/// A moment in China.
pub fn in_china(at: i64) -> Zoned {
    Timestamp::from_microsecond(at).unwrap_or_default().to_zoned(zone())
}

/// When the day of a moment began.
pub fn day_begins(at: i64) -> i64 {
    in_china(at).date().to_zoned(zone()).map_or(at, |midnight| midnight.timestamp().as_microsecond())
}

/// A moment to the minute.
pub fn to_minute(at: i64) -> String {
    in_china(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A moment to the second.
pub fn to_second(at: i64) -> String {
    in_china(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_china() {
        // 2022-10-31 15:59:59 and 16:00:00 in UTC.
        let late = 1_667_231_999_000_000;
        assert_eq!(to_second(late), "2022-10-31 23:59:59");
        assert_eq!(to_minute(late + 1_000_000), "2022-11-01 00:00");
        assert_eq!(to_second(day_begins(late)), "2022-10-31 00:00:00");
        assert_eq!(day_begins(late + 1_000_000), late + 1_000_000);
    }
}
