//! A line of charges as the catalogue judges it: class, first self-pay, what lies above the price limit, what is not paid.
//!
//! Of each line: amount = in scope + first self-pay + out of scope + above the limit, to the fen. A refund is judged as what it
//! leaves of its line less what the line was, so that a line refunded in pieces comes to nothing in every part.

use domain::{Date, Fen, Rate, Rounding};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::catalogue::Class;
use crate::codec::{Decimal, Percent, Word, Yuan};

/// A line as the visit's sheet keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Charge batch.
    pub batch: String,
    /// Day of the charge.
    pub day: Date,
    /// Code of the item.
    pub code: String,
    /// How many units; negative in a refund.
    pub count: Decimal,
    /// Amount; negative in a refund.
    pub amount: Yuan,
    /// How it is paid.
    pub terms: Terms,
    /// First self-pay.
    #[serde(default, skip_serializing_if = "nothing")]
    pub first_self_pay: Yuan,
    /// Out of scope.
    #[serde(default, skip_serializing_if = "nothing")]
    pub out_of_scope: Yuan,
    /// Above the price limit.
    #[serde(default, skip_serializing_if = "nothing")]
    pub over_limit: Yuan,
    /// Serial number of the line that this one refunds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_of: Option<String>,
    /// Number of the settlement it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<String>,
}

impl Kept {
    /// What is in scope.
    pub fn in_scope(&self) -> Fen {
        self.amount.0 - self.first_self_pay.0 - self.out_of_scope.0 - self.over_limit.0
    }

    /// With the parts of its amount.
    pub(super) fn split(self, scope: Scope) -> Kept {
        Kept {
            first_self_pay: Yuan(scope.first_self_pay),
            out_of_scope: Yuan(scope.out_of_scope),
            over_limit: Yuan(scope.over_limit),
            ..self
        }
    }
}

/// A line as it is charged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charged {
    /// Serial number at the provider.
    pub sn: String,
    /// When.
    pub at: DateTime,
    /// Name of the item in the catalogue.
    pub name: String,
    /// Price of a unit.
    pub price: Decimal,
    /// Code of the item at the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_code: Option<String>,
    /// Number of the prescription or order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// What the sheet keeps.
    pub kept: Kept,
}

/// How a line is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Class.
    pub class: Word<Class>,
    /// First self-pay share.
    #[serde(default, skip_serializing_if = "whole")]
    pub share: Percent,
    /// Price limit of a unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Yuan>,
    /// The person pays all of it: its conditions are not met, or the provider decided so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
}

/// What of a line is not in scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// First self-pay.
    pub first_self_pay: Fen,
    /// Out of scope.
    pub out_of_scope: Fen,
    /// Above the price limit.
    pub over_limit: Fen,
}

impl Scope {
    /// The change from an earlier one.
    pub fn since(self, earlier: Scope) -> Scope {
        Scope {
            first_self_pay: self.first_self_pay - earlier.first_self_pay,
            out_of_scope: self.out_of_scope - earlier.out_of_scope,
            over_limit: self.over_limit - earlier.over_limit,
        }
    }
}

impl Terms {
    /// The parts of an amount for so many units, neither of them negative.
    pub fn scope(&self, count: Decimal, amount: Fen, rounding: Rounding) -> Scope {
        if self.own || self.class.0 == Class::C {
            return Scope { out_of_scope: amount, ..Scope::default() };
        }
        let over_limit = self.limit.map_or(Fen::ZERO, |limit| amount.less(of_units(limit.0, count, rounding)));
        let first_self_pay = (amount - over_limit).times(self.share.0, rounding);
        Scope { first_self_pay, over_limit, ..Scope::default() }
    }
}

/// The price of so many units.
fn of_units(price: Fen, count: Decimal, rounding: Rounding) -> Fen {
    match i64::try_from(i128::from(price.0) * i128::from(count.millionths())) {
        Ok(micro) => Fen(rounding.micro(micro)),
        Err(_) => Fen::UNLIMITED,
    }
}

/// Whether an amount is what so many units cost, off by a fen at most: systems round differently.
pub(super) fn is_product(amount: Fen, count: Decimal, price: Decimal) -> bool {
    const PER_FEN: i128 = 10_000_000_000;
    let product = i128::from(count.millionths()) * i128::from(price.millionths());
    (i128::from(amount.0) * PER_FEN - product).abs() <= PER_FEN
}

fn nothing(amount: &Yuan) -> bool {
    amount.0 == Fen::ZERO
}

fn whole(share: &Percent) -> bool {
    share.0 == Rate::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(class: Class, share: i64, limit: Option<i64>) -> Terms {
        let limit = limit.map(|fen| Yuan(Fen(fen)));
        Terms { class: Word(class), share: Percent(Rate::percent(share)), limit, own: false }
    }

    fn parts(terms: &Terms, count: &str, fen: i64) -> [i64; 3] {
        let scope = terms.scope(Decimal::parse(count).unwrap(), Fen(fen), Rounding::HalfUp);
        [scope.first_self_pay.0, scope.out_of_scope.0, scope.over_limit.0]
    }

    #[test]
    fn what_lies_above_the_limit_goes_before_the_share() {
        assert_eq!(parts(&terms(Class::A, 0, None), "1", 1_000), [0, 0, 0]);
        // 2.5 units at 100.00, limit 80.00: 200.00 count, of which 10% first.
        assert_eq!(parts(&terms(Class::B, 10, Some(8_000)), "2.5", 25_000), [2_000, 0, 5_000]);
        assert_eq!(parts(&terms(Class::C, 100, None), "1", 1_000), [0, 1_000, 0]);
        let own = Terms { own: true, ..terms(Class::A, 0, Some(1)) };
        assert_eq!(parts(&own, "1", 1_000), [0, 1_000, 0]);
    }

    #[test]
    fn half_a_fen_of_first_self_pay_goes_up() {
        assert_eq!(parts(&terms(Class::B, 10, None), "1", 10_005), [1_001, 0, 0]);
    }

    #[test]
    fn an_amount_may_be_off_by_a_fen_from_count_and_price() {
        let is = |fen, count: &str, price: &str| {
            is_product(Fen(fen), Decimal::parse(count).unwrap(), Decimal::parse(price).unwrap())
        };
        assert!(is(1_000, "3", "3.333333") && is(-25_050, "-2.5", "100.2"));
        assert!(!is(1_002, "3", "3.333333") && !is(1_000, "-1", "10"));
    }
}
