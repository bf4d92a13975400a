//! Exact ratios, rounded once: to millionths, half away from zero. No floats, so that the same figures give the same text everywhere.

/// Parts per million of a quotient; `None` where there is nothing to divide by.
pub fn millionths(part: i128, whole: i128) -> Option<i64> {
    rounded(part.checked_mul(1_000_000)?, whole)
}

/// A quotient as a whole number: an amount a head.
pub fn per(amount: i64, heads: i64) -> Option<i64> {
    rounded(i128::from(amount), i128::from(heads))
}

/// Rounded half away from zero; `None` unless the divisor is positive and the result fits.
pub fn rounded(part: i128, whole: i128) -> Option<i64> {
    if whole <= 0 {
        return None;
    }
    let (quotient, rest) = (part / whole, part % whole);
    let up = i128::from(rest.unsigned_abs() >= whole.unsigned_abs() - rest.unsigned_abs() && rest != 0);
    i64::try_from(quotient + up * part.signum()).ok()
}

/// Millionths as decimal text with six places.
pub fn decimal(millionths: i64) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let size = millionths.unsigned_abs();
    format!("{sign}{}.{:06}", size / 1_000_000, size % 1_000_000)
}

/// A number over a divisor with so many places, and a comma between thousands.
pub fn grouped(number: i64, divisor: i64, places: u32) -> String {
    let scale = 10_i128.pow(places);
    let Some(scaled) = rounded(i128::from(number) * scale, i128::from(divisor)) else { return String::new() };
    let size = u128::from(scaled.unsigned_abs());
    let (whole, part) = (size / scale.unsigned_abs(), size % scale.unsigned_abs());
    let digits = whole.to_string();
    let mut text = String::from(if scaled < 0 { "−" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if places > 0 {
        text.push_str(&format!(".{part:0width$}", width = places as usize));
    }
    text
}

/// Millionths as percent with one place.
pub fn percent(millionths: i64) -> String {
    format!("{}%", grouped(millionths, 10_000, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_are_rounded_half_away_from_zero() {
        assert_eq!(millionths(1, 3), Some(333_333));
        assert_eq!(millionths(2, 3), Some(666_667));
        assert_eq!(millionths(-2, 3), Some(-666_667));
        assert_eq!(
            (per(5, 2), per(-5, 2), per(4, 2), per(7, 3), per(1, 3)),
            (Some(3), Some(-3), Some(2), Some(2), Some(0))
        );
        assert_eq!((millionths(1, 0), per(1, 0), per(0, 7)), (None, None, Some(0)));
        assert_eq!(millionths(i128::MAX, 2), None);
    }

    #[test]
    fn texts_are_exact() {
        assert_eq!((decimal(-1).as_str(), decimal(1_250_000).as_str()), ("-0.000001", "1.250000"));
        assert_eq!(grouped(123_456_789, 100, 2), "1,234,567.89");
        assert_eq!((grouped(-99_995, 100, 1).as_str(), grouped(999, 1, 0).as_str()), ("−1,000.0", "999"));
        assert_eq!((grouped(-4, 1_000, 1).as_str(), grouped(0, 100, 2).as_str()), ("0.0", "0.00"));
        assert_eq!((percent(673_499).as_str(), percent(-5_000).as_str()), ("67.3%", "−0.5%"));
    }
}
