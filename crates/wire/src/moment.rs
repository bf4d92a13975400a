//! Moments as the interface writes them: China's own time, to the second or the millisecond, with or without marks.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

/// China has one time and no summer time (since 1991), so that a fixed offset is exact.
pub fn local(at: Timestamp) -> DateTime {
    CHINA.to_datetime(at)
}

/// The moment of a local time; none at the far ends of the calendar.
pub fn at(local: DateTime) -> Option<Timestamp> {
    CHINA.to_timestamp(local).ok()
}

const CHINA: Offset = Offset::constant(8);

/// `yyyy-MM-dd HH:mm:ss`, as in `inf_time`.
pub fn spoken(at: DateTime) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `yyyyMMddHHmmss`, 14 digits, as in message ids.
pub fn seconds(at: DateTime) -> String {
    at.strftime("%Y%m%d%H%M%S").to_string()
}

/// `yyyyMMddHHmmssSSS`, 17 digits, as in `refmsg_time`.
pub fn millis(at: DateTime) -> String {
    format!("{}{:03}", seconds(at), at.millisecond())
}

/// Reads `yyyy-MM-dd HH:mm:ss`.
pub fn read_spoken(text: &str) -> Option<DateTime> {
    let shaped = text.len() == 19
        && text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            10 => byte == b' ',
            13 | 16 => byte == b':',
            _ => byte.is_ascii_digit(),
        });
    if !shaped {
        return None;
    }
    moment(&text.bytes().filter(u8::is_ascii_digit).map(char::from).collect::<String>())
}

/// Reads `yyyy-MM-dd`.
pub fn read_day(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    Date::new(digits(text.get(0..4)?)?, digits(text.get(5..7)?)?, digits(text.get(8..10)?)?).ok()
}

/// Reads 14 digits to the second, or 17 to the millisecond.
pub fn read_digits(text: &str) -> Option<DateTime> {
    match text.len() {
        14 | 17 => moment(text),
        _ => None,
    }
}

fn moment(text: &str) -> Option<DateTime> {
    let part = |from: usize, to: usize| text.get(from..to).and_then(digits::<i8>);
    let thousandths: i32 = match text.get(14..) {
        None | Some("") => 0,
        Some(rest) => digits(rest)?,
    };
    let (year, month, day) = (digits(text.get(0..4)?)?, part(4, 6)?, part(6, 8)?);
    DateTime::new(year, month, day, part(8, 10)?, part(10, 12)?, part(12, 14)?, thousandths * 1_000_000).ok()
}

fn digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_moment_is_written_in_three_ways() {
        let noon = jiff::civil::datetime(2023, 4, 5, 12, 6, 7, 89_000_000);
        assert_eq!(spoken(noon), "2023-04-05 12:06:07");
        assert_eq!(seconds(noon), "20230405120607");
        assert_eq!(millis(noon), "20230405120607089");
        assert_eq!(at(noon).map(local), Some(noon));
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "2023-04-05",
            "2023-04-05T12:06:07",
            "2023-02-30 00:00:00",
            "2023-04-05 24:00:00",
            "二〇二三年四月五日",
        ] {
            assert_eq!(read_spoken(text), None, "{text}");
        }
        assert_eq!(read_day("2023-2-3"), None);
        assert_eq!(read_day("2023-02-29"), None);
        assert_eq!(read_digits("202304051206071"), None);
    }

    proptest! {
        #[test]
        fn moments_come_back(millis_of in 0i64..4_000_000_000_000) {
            let moment = local(Timestamp::from_millisecond(millis_of).unwrap());
            prop_assert_eq!(read_digits(&millis(moment)), Some(moment));
            let whole = moment.with().subsec_nanosecond(0).build().unwrap();
            prop_assert_eq!(read_spoken(&spoken(moment)), Some(whole));
            prop_assert_eq!(read_digits(&seconds(moment)), Some(whole));
        }

        #[test]
        fn no_text_makes_it_stumble(text in "\\PC{0,24}") {
            let _ = (read_spoken(&text), read_day(&text), read_digits(&text));
        }
    }
}
