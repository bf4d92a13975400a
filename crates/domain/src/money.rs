//! Money in whole fen and rates in parts per million: exact, integer, rounded once and by name.
//!
//! A product of an amount and a rate is kept as *micro-fen* (fen × 1,000,000) until the one rounding of a stage. An amount of
//! one bill is at most [`Fen::BILL_LIMIT`], so that a year of bills times a rate stays within an `i64`.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// An amount of money in fen (0.01 yuan). May be negative only as a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fen(pub i64);

impl Fen {
    /// Nothing.
    pub const ZERO: Fen = Fen(0);
    /// No limit: larger than any amount a year can hold.
    pub const UNLIMITED: Fen = Fen(i64::MAX / 8_000_000);
    /// The largest amount accepted for one bill or figure: 100 million yuan.
    pub const BILL_LIMIT: Fen = Fen(10_000_000_000);

    /// `yuan` whole yuan.
    pub const fn yuan(yuan: i64) -> Fen {
        Fen(yuan * 100)
    }

    /// Reads yuan with at most two decimals, as `1234`, `1234.5` or `1,234.50`.
    ///
    /// # Errors
    /// A message in Chinese and English saying what is wrong with the text.
    pub fn parse_yuan(text: &str) -> Result<Fen, MoneyError> {
        let text = text.trim();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let whole = ungroup(whole).ok_or(MoneyError::NotANumber)?;
        if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return Err(MoneyError::NotANumber);
        }
        if fraction.len() > 2 {
            return Err(MoneyError::TooManyDecimals);
        }
        let yuan: i64 = whole.parse().map_err(|_| MoneyError::TooLarge)?;
        let cents: i64 = fraction.parse().map_err(|_| MoneyError::NotANumber)?;
        let cents = if fraction.len() == 1 { cents * 10 } else { cents };
        if yuan > Fen::BILL_LIMIT.0 / 100 {
            return Err(MoneyError::TooLarge);
        }
        let fen = yuan * 100 + cents;
        Ok(Fen(if negative { -fen } else { fen }))
    }

    /// The smaller of two amounts.
    pub fn min(self, other: Fen) -> Fen {
        Fen(self.0.min(other.0))
    }

    /// The larger of two amounts.
    pub fn max(self, other: Fen) -> Fen {
        Fen(self.0.max(other.0))
    }

    /// `self - other`, but never below nothing.
    pub fn less(self, other: Fen) -> Fen {
        Fen((self.0 - other.0).max(0))
    }

    /// This amount times a rate, rounded to the fen; at most [`Fen::UNLIMITED`].
    pub fn times(self, rate: Rate, rounding: Rounding) -> Fen {
        match self.0.checked_mul(rate.ppm()) {
            Some(micro) => Fen(rounding.micro(micro)).min(Fen::UNLIMITED),
            None => Fen::UNLIMITED,
        }
    }
}

/// Digits, with commas only as thousands separators; `None` for anything else.
fn ungroup(whole: &str) -> Option<String> {
    let mut groups = whole.split(',');
    let first = groups.next().filter(|g| !g.is_empty())?;
    let grouped = whole.contains(',');
    let well_formed = (!grouped || first.len() <= 3)
        && groups.clone().all(|g| g.len() == 3)
        && whole.bytes().all(|b| b.is_ascii_digit() || b == b',');
    well_formed.then(|| whole.replace(',', ""))
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // From the last digit on, without the machinery of format: a settlement is full of amounts.
        let mut text = [b'0'; 24];
        let (mut at, mut rest, mut digits) = (text.len(), self.0.unsigned_abs(), 0);
        while rest > 0 || digits < 3 {
            if digits == 2 {
                at -= 1;
                text[at] = b'.';
            }
            at -= 1;
            text[at] = b'0' + (rest % 10) as u8;
            (rest, digits) = (rest / 10, digits + 1);
        }
        if self.0 < 0 {
            at -= 1;
            text[at] = b'-';
        }
        f.pad(std::str::from_utf8(&text[at..]).unwrap_or_default())
    }
}

impl Add for Fen {
    type Output = Fen;
    fn add(self, other: Fen) -> Fen {
        Fen(self.0 + other.0)
    }
}
impl Sub for Fen {
    type Output = Fen;
    fn sub(self, other: Fen) -> Fen {
        Fen(self.0 - other.0)
    }
}
impl Neg for Fen {
    type Output = Fen;
    fn neg(self) -> Fen {
        Fen(-self.0)
    }
}
impl AddAssign for Fen {
    fn add_assign(&mut self, other: Fen) {
        self.0 += other.0;
    }
}
impl SubAssign for Fen {
    fn sub_assign(&mut self, other: Fen) {
        self.0 -= other.0;
    }
}
impl Sum for Fen {
    fn sum<I: Iterator<Item = Fen>>(amounts: I) -> Fen {
        amounts.fold(Fen::ZERO, Add::add)
    }
}

/// Why a text is not an amount or a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoneyError {
    /// Not digits with an optional decimal point.
    NotANumber,
    /// More than two decimals of a yuan, or a rate finer than 0.0001%.
    TooManyDecimals,
    /// Beyond [`Fen::BILL_LIMIT`].
    TooLarge,
    /// A rate without its percent sign.
    NoPercentSign,
}

impl fmt::Display for MoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MoneyError::NotANumber => "不是数字 (not a number)",
            MoneyError::TooManyDecimals => "小数位过多 (too many decimals)",
            MoneyError::TooLarge => "超过一亿元 (above 100 million yuan)",
            MoneyError::NoPercentSign => "比例应带百分号，如 \"70%\" (a ratio carries a percent sign)",
        })
    }
}

impl std::error::Error for MoneyError {}

/// An exact ratio in parts per million (70% is 700,000). May be negative as an adjustment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(i64);

impl Rate {
    /// Nothing.
    pub const ZERO: Rate = Rate(0);
    /// The whole.
    pub const ONE: Rate = Rate(1_000_000);

    /// From parts per million.
    pub const fn from_ppm(ppm: i64) -> Rate {
        Rate(ppm)
    }

    /// From whole per cent.
    pub const fn percent(percent: i64) -> Rate {
        Rate(percent * 10_000)
    }

    /// Parts per million.
    pub const fn ppm(self) -> i64 {
        self.0
    }

    /// Reads `70%`, `2.5%` or `-10%`.
    ///
    /// # Errors
    /// When the percent sign is missing, or the ratio is finer than 0.0001%.
    pub fn parse_percent(text: &str) -> Result<Rate, MoneyError> {
        let digits = text.trim().strip_suffix('%').ok_or(MoneyError::NoPercentSign)?;
        Rate::parse_points(digits)
    }

    /// Reads percentage points without a sign of per cent: `5`, `-2.5`.
    ///
    /// # Errors
    /// When the text is not a number or finer than 0.0001 points.
    pub fn parse_points(text: &str) -> Result<Rate, MoneyError> {
        let text = text.trim();
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) {
            return Err(MoneyError::NotANumber);
        }
        if fraction.len() > 4 {
            return Err(MoneyError::TooManyDecimals);
        }
        let whole: i64 = whole.parse().map_err(|_| MoneyError::TooLarge)?;
        if whole > 100_000 {
            return Err(MoneyError::TooLarge);
        }
        let scale = 10_i64.pow(4 - fraction.len() as u32);
        let fraction: i64 = fraction.parse().map_err(|_| MoneyError::NotANumber)?;
        Ok(Rate(sign * (whole * 10_000 + fraction * scale)))
    }

    /// The product of two rates, if it is exact in parts per million.
    pub fn times(self, other: Rate) -> Option<Rate> {
        let product = self.0.checked_mul(other.0)?;
        (product % 1_000_000 == 0).then_some(Rate(product / 1_000_000))
    }

    /// `self + other`, kept within 0% and 100%.
    pub fn plus_within_whole(self, other: Rate) -> Rate {
        Rate((self.0 + other.0).clamp(0, 1_000_000))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let ppm = self.0.unsigned_abs();
        let (whole, rest) = (ppm / 10_000, ppm % 10_000);
        if rest == 0 {
            return f.pad(&format!("{sign}{whole}%"));
        }
        let fraction = format!("{rest:04}");
        f.pad(&format!("{sign}{whole}.{}%", fraction.trim_end_matches('0')))
    }
}

/// How a payment becomes whole fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rounding {
    /// Half a fen goes up (四舍五入): the default.
    #[default]
    HalfUp,
    /// What is below a fen is dropped.
    Down,
    /// Half a fen goes to the even neighbour.
    HalfEven,
}

impl Rounding {
    /// Reads the name used in region files.
    pub fn parse(text: &str) -> Option<Rounding> {
        match text {
            "half-up" => Some(Rounding::HalfUp),
            "down" => Some(Rounding::Down),
            "half-even" => Some(Rounding::HalfEven),
            _ => None,
        }
    }

    /// Rounds micro-fen (fen × 1,000,000, not negative) to fen.
    #[inline]
    pub fn micro(self, micro: i64) -> i64 {
        const M: i64 = 1_000_000;
        match self {
            Rounding::HalfUp => (micro + M / 2) / M,
            Rounding::Down => micro / M,
            Rounding::HalfEven => {
                let (whole, rest) = (micro / M, micro % M);
                let up = rest > M / 2 || (rest == M / 2 && whole % 2 == 1);
                whole + i64::from(up)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_text_is_exact_or_refused() {
        assert_eq!(Fen::parse_yuan("146.4"), Ok(Fen(14_640)));
        assert_eq!(Fen::parse_yuan("1,234.50"), Ok(Fen(123_450)));
        assert_eq!(Fen::parse_yuan("-3"), Ok(Fen(-300)));
        assert_eq!(Fen::parse_yuan("1.005"), Err(MoneyError::TooManyDecimals));
        assert_eq!(Fen::parse_yuan("12,34"), Err(MoneyError::NotANumber));
        assert_eq!(Fen::parse_yuan("100000001"), Err(MoneyError::TooLarge));
        for bad in ["", "-", "1.", ".5", "１２", "1e3", "--1", "1 000"] {
            assert_eq!(Fen::parse_yuan(bad), Err(MoneyError::NotANumber), "{bad:?}");
        }
        assert_eq!(Fen(-5).to_string(), "-0.05");
    }

    #[test]
    fn percent_text_is_exact_or_refused() {
        assert_eq!(Rate::parse_percent("2.5%"), Ok(Rate::from_ppm(25_000)));
        assert_eq!(Rate::parse_percent("70"), Err(MoneyError::NoPercentSign));
        assert_eq!(Rate::parse_percent("0.00001%"), Err(MoneyError::TooManyDecimals));
        assert_eq!(Rate::from_ppm(25_000).to_string(), "2.5%");
        assert_eq!(Rate::percent(85).times(Rate::percent(90)), Some(Rate::from_ppm(765_000)));
    }

    #[test]
    fn each_rounding_treats_half_a_fen_as_named() {
        assert_eq!(Rounding::HalfUp.micro(500_000), 1);
        assert_eq!(Rounding::Down.micro(999_999), 0);
        assert_eq!(Rounding::HalfEven.micro(500_000), 0);
        assert_eq!(Rounding::HalfEven.micro(1_500_000), 2);
        // 33.33 yuan of account credit: 70% is 23.33 (2,333.1 fen)
        assert_eq!(Fen(3333).times(Rate::percent(70), Rounding::HalfUp), Fen(2333));
    }
}
