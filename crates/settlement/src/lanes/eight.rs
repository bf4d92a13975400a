//! Eight numbers that are worked on alike.
//!
//! Plain loops of a fixed length, inlined into who calls: where a caller lets the compiler use vector instructions they become
//! such. So that nothing jumps, nothing is checked either: who uses them keeps amounts within what is said here.

use std::array::from_fn;
use std::ops::{Add, AddAssign, Index, IndexMut, Sub};

/// How many there are.
pub const LANES: usize = 8;

/// A whole number for each lane. Sums and differences must stay within an `i64`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Eight([i64; LANES]);

impl Eight {
    /// Nothing in each lane.
    pub const ZERO: Eight = Eight::all(0);

    /// The same in each lane.
    #[inline(always)]
    pub const fn all(number: i64) -> Eight {
        Eight([number; LANES])
    }

    /// What is given for each lane.
    #[inline(always)]
    pub fn each(of: impl FnMut(usize) -> i64) -> Eight {
        Eight(from_fn(of))
    }

    /// By lane.
    #[inline(always)]
    pub fn iter(&self) -> impl Iterator<Item = i64> + '_ {
        self.0.iter().copied()
    }

    /// The lower of both.
    #[inline(always)]
    #[must_use]
    pub fn min(self, other: Eight) -> Eight {
        Eight(from_fn(|lane| self.0[lane].min(other.0[lane])))
    }

    /// Nothing where it is below.
    #[inline(always)]
    #[must_use]
    pub fn not_below_zero(self) -> Eight {
        Eight(self.0.map(|number| number.max(0)))
    }

    /// 1 where it is more than the other, else 0.
    #[inline(always)]
    #[must_use]
    pub fn exceeds(self, other: Eight) -> Eight {
        Eight(from_fn(|lane| i64::from(self.0[lane] > other.0[lane])))
    }

    /// 1 where it is below nothing, else 0.
    #[inline(always)]
    #[must_use]
    pub fn below_zero(self) -> Eight {
        Eight::ZERO.exceeds(self)
    }

    /// 1 where it is another than the other, else 0.
    #[inline(always)]
    #[must_use]
    pub fn differs(self, other: Eight) -> Eight {
        Eight(from_fn(|lane| i64::from(self.0[lane] != other.0[lane])))
    }

    /// The bits of both.
    #[inline(always)]
    #[must_use]
    pub fn or(self, other: Eight) -> Eight {
        Eight(from_fn(|lane| self.0[lane] | other.0[lane]))
    }

    /// Whether all lanes are nothing.
    #[inline(always)]
    pub fn is_zero(&self) -> bool {
        self.0.iter().fold(0, |bits, number| bits | number) == 0
    }

    /// The product, of numbers from 0 up to 2^32: such have a vector instruction on every machine.
    #[inline(always)]
    #[must_use]
    pub fn product(self, other: Eight) -> Eight {
        let half = |number: i64| u64::from(number as u32);
        Eight(from_fn(|lane| half(self.0[lane]).wrapping_mul(half(other.0[lane])) as i64))
    }

    /// Micro-fen, from 0 up to 2^32 × 1,000,000, rounded half up to fen: [`domain::Rounding::micro`].
    #[inline(always)]
    #[must_use]
    pub fn micro(self) -> Eight {
        // A quotient from the upper bits, at most 3 below the true one; and of the rest, which is below 4 million, exactly.
        const INVERSE: i64 = (1 << 51) / 1_000_000;
        const INVERSE_OF_REST: i64 = (1 << 44) / 1_000_000 + 1;
        let amount = self + Eight::all(500_000);
        let near = (amount >> 20).product(Eight::all(INVERSE)) >> 31;
        let rest = amount - near.product(Eight::all(1_000_000));
        near + (rest.product(Eight::all(INVERSE_OF_REST)) >> 44)
    }
}

impl Add for Eight {
    type Output = Eight;

    #[inline(always)]
    fn add(self, other: Eight) -> Eight {
        Eight(from_fn(|lane| self.0[lane].wrapping_add(other.0[lane])))
    }
}

impl AddAssign for Eight {
    #[inline(always)]
    fn add_assign(&mut self, other: Eight) {
        *self = *self + other;
    }
}

impl Sub for Eight {
    type Output = Eight;

    #[inline(always)]
    fn sub(self, other: Eight) -> Eight {
        Eight(from_fn(|lane| self.0[lane].wrapping_sub(other.0[lane])))
    }
}

impl std::ops::Shr<u32> for Eight {
    type Output = Eight;

    #[inline(always)]
    fn shr(self, bits: u32) -> Eight {
        Eight(self.0.map(|number| (number as u64).wrapping_shr(bits) as i64))
    }
}

impl Index<usize> for Eight {
    type Output = i64;

    #[inline(always)]
    fn index(&self, lane: usize) -> &i64 {
        &self.0[lane]
    }
}

impl IndexMut<usize> for Eight {
    #[inline(always)]
    fn index_mut(&mut self, lane: usize) -> &mut i64 {
        &mut self.0[lane]
    }
}

#[cfg(test)]
mod tests {
    use domain::Rounding;

    use super::*;

    const MOST: i64 = (1 << 32) * 1_000_000;

    #[test]
    fn micro_fen_are_rounded_as_one_number_is() {
        let check = |amount: i64| {
            let rounded = Eight::each(|lane| (amount + lane as i64).min(MOST)).micro();
            for (lane, rounded) in rounded.iter().enumerate() {
                assert_eq!(rounded, Rounding::HalfUp.micro((amount + lane as i64).min(MOST)), "{amount} and {lane}");
            }
        };
        // Around powers of two, and where a quotient changes, from the first to the last of them.
        (0..52).map(|bits| 1 << bits).for_each(|power: i64| check((power - 4).max(0)));
        let mut fen: i64 = 1;
        while fen < 1 << 32 {
            check(fen * 1_000_000 - 500_004);
            check(fen * 1_000_000 - 4);
            fen += 1 + fen / 997;
        }
        check(MOST);
    }
}
