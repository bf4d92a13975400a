//! How values of the domain stand in the journal and in requests: amounts as exact decimal yuan, ratios as per cent, words of
//! the closed vocabularies by their codes.

use std::fmt;

use domain::{Fen, MoneyError, Rate, Vocabulary};
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

/// An amount, written in yuan as `"46374.80"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Yuan(pub Fen);

impl fmt::Display for Yuan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Yuan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Yuan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Yuan, D::Error> {
        let text = String::deserialize(deserializer)?;
        Fen::parse_yuan(&text).map(Yuan).map_err(|error| D::Error::custom(format!("“{text}”：{error}")))
    }
}

/// A ratio, written as `"10%"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(pub Rate);

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Percent, D::Error> {
        let text = String::deserialize(deserializer)?;
        Rate::parse_percent(&text).map(Percent).map_err(|error| D::Error::custom(format!("“{text}”：{error}")))
    }
}

/// An exact number with at most six decimals, written as `"1.5"`: counts and prices of units, finer than the fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(i64);

impl Decimal {
    /// How many parts make one.
    pub const ONE: i64 = 1_000_000;
    const DIGITS: usize = 6;
    /// The largest that is read: a hundred million.
    const LARGEST: i64 = 100_000_000;

    /// From millionths.
    pub const fn from_millionths(millionths: i64) -> Decimal {
        Decimal(millionths)
    }

    /// In millionths.
    pub const fn millionths(self) -> i64 {
        self.0
    }

    /// Reads `-12.345`.
    ///
    /// # Errors
    /// When it is no number, has more than six decimals, or is too large.
    pub fn parse(text: &str) -> Result<Decimal, MoneyError> {
        let text = text.trim();
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        if [whole, fraction].iter().any(|part| part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit())) {
            return Err(MoneyError::NotANumber);
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > Decimal::DIGITS {
            return Err(MoneyError::TooManyDecimals);
        }
        let whole: i64 = whole.parse().map_err(|_| MoneyError::TooLarge)?;
        if whole > Decimal::LARGEST {
            return Err(MoneyError::TooLarge);
        }
        let fraction: i64 = format!("{fraction:0<6}").parse().map_err(|_| MoneyError::NotANumber)?;
        Ok(Decimal(sign * (whole * Decimal::ONE + fraction)))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.unsigned_abs() / 1_000_000, self.0.unsigned_abs() % 1_000_000);
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        write!(f, "{sign}{whole}.{}", format!("{rest:06}").trim_end_matches('0'))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let text = String::deserialize(deserializer)?;
        Decimal::parse(&text).map_err(|error| D::Error::custom(format!("“{text}”：{error}")))
    }
}

/// A word of a closed vocabulary, written by its code; read by its code or its Chinese name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word<V>(pub V);

impl<V: Vocabulary> fmt::Display for Word<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.word())
    }
}

impl<V: Vocabulary> Serialize for Word<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.word())
    }
}

impl<'de, V: Vocabulary> Deserialize<'de> for Word<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Word<V>, D::Error> {
        let text = String::deserialize(deserializer)?;
        V::read(&text).map(Word).ok_or_else(|| {
            let known: Vec<&str> = V::all().iter().map(|v| v.word()).collect();
            D::Error::custom(format!("没有 “{text}” 这个词；可用：{}", known.join("、")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn decimals_read_and_write_exactly() {
        for (text, millionths, written) in [
            ("1.5", 1_500_000, "1.5"),
            ("-0.000001", -1, "-0.000001"),
            ("3", 3_000_000, "3"),
            ("2.50", 2_500_000, "2.5"),
        ] {
            let read = Decimal::parse(text).unwrap();
            assert_eq!((read.millionths(), read.to_string().as_str()), (millionths, written));
        }
        for wrong in ["", "1.", ".5", "1e3", "0.1234567", "100000001", "--1"] {
            assert!(Decimal::parse(wrong).is_err(), "{wrong}");
        }
    }
}
