//! Amounts of money in messages: yuan with at most two decimals there, whole fen here.
//!
//! Hospital systems send amounts as numbers or as text; both are read. What reads JSON holds a number with decimals as a binary
//! fraction, which gives back every decimal of up to 15 digits as it was written; an amount of more digits is therefore no
//! amount here, and no sum is ever formed of such fractions: all arithmetic is in whole fen.

use serde_json::{Number, Value};

/// Digits of whole yuan at most: with two decimals, 15 digits.
const WHOLE: usize = 13;

/// An amount of money in fen: `12.3`, `"12.30"`, `12`. None for anything else, or beyond 13 digits of yuan.
pub fn fen(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => read(&number.to_string()),
        Value::String(text) => read(text.trim()),
        _ => None,
    }
}

/// The amount of a field, where it is there: absent, null and empty are none.
pub fn field(node: &Value, name: &str) -> Option<i64> {
    node.get(name).and_then(fen)
}

/// An amount as the interface takes it, a number of yuan with its two decimals as far as JSON keeps them.
pub fn yuan(fen: i64) -> Value {
    serde_json::from_str::<Number>(&text(fen)).map_or(Value::Null, Value::Number)
}

/// An amount as text with two decimals: `-0.05`, `1200.00`.
pub fn text(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

fn read(text: &str) -> Option<i64> {
    let (digits, decimals) = decimal(text, WHOLE, 2)?;
    let scale = if decimals == 0 { 100 } else { 10_i64.pow(2 - decimals) };
    digits.checked_mul(scale)
}

/// A plain decimal: its digits as one whole number, and how many of them are decimals (no zeros at the end). None where
/// it is not one, or has more digits before or behind the point than it may.
pub(crate) fn decimal(text: &str, whole_most: usize, decimals_most: usize) -> Option<(i64, u32)> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = rest.split_once('.').unwrap_or((rest, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(part) || (part.is_empty() && rest.ends_with('.')) {
        return None;
    }
    let part = part.trim_end_matches('0');
    let whole = whole.trim_start_matches('0');
    if whole.len() > whole_most || part.len() > decimals_most {
        return None;
    }
    let digits: i64 = match format!("{whole}{part}") {
        none if none.is_empty() => 0,
        some => some.parse().ok()?,
    };
    Some((if negative { -digits } else { digits }, u32::try_from(part.len()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn numbers_and_text_are_read() {
        for (value, expected) in [
            (json!(12.3), Some(1230)),
            (json!("12.30"), Some(1230)),
            (json!(12), Some(1200)),
            (json!("-0.05"), Some(-5)),
            (json!("0.050"), Some(5)),
            (json!(0), Some(0)),
            (json!("1.005"), None),
            (json!("1,000.00"), None),
            (json!("1e3"), None),
            (json!("12."), None),
            (json!(""), None),
            (json!("-"), None),
            (json!(null), None),
            (json!(true), None),
            (json!("9999999999999.99"), Some(999_999_999_999_999)),
            (json!(9999999999999.99), Some(999_999_999_999_999)),
            (json!("10000000000000"), None),
        ] {
            assert_eq!(fen(&value), expected, "{value}");
        }
    }

    proptest! {
        #[test]
        fn amounts_come_back(amount in -999_999_999_999_999_i64..=999_999_999_999_999) {
            let sent = serde_json::to_string(&yuan(amount)).unwrap();
            let back: Value = serde_json::from_str(&sent).unwrap();
            prop_assert_eq!(fen(&back), Some(amount));
            prop_assert_eq!(fen(&Value::String(text(amount))), Some(amount));
        }

        #[test]
        fn no_text_makes_it_stumble(text in "[-0-9.eE ]{0,24}") {
            let _ = fen(&Value::String(text));
        }
    }
}
