//! Draws without a state between persons: each is a function of seed, person, stream and year, so that a part, a year or a
//! switch never moves another's. Integers only; the mixing is that of SplitMix64, whose ten lines are its whole definition.

/// What a sequence of draws is for. The numbers are part of the format: a new stream takes a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Stream {
    /// Sex, age, income, area, tier: once a life.
    Birth = 1,
    /// Poverty class and the other categories.
    Category = 2,
    /// Chronic illness.
    Chronic = 3,
    /// Onset of a major illness in a year.
    Major = 4,
    /// Death in a year.
    Death = 5,
    /// Whether cover lapses in a year, and when it is paid.
    Enrolment = 6,
    /// Visits of a year.
    Outpatient = 7,
    /// Stays of a year.
    Inpatient = 8,
    /// Visits for chronic and major illness in a year.
    Illness = 9,
    /// A delivery in a year.
    Delivery = 10,
    /// Planted anomalies of a year.
    Anomaly = 11,
    /// Lines of a bill; the bill stands where the person does elsewhere.
    Lines = 12,
    /// One event; a draw of its stream stands where the seed does elsewhere.
    Event = 13,
    /// How far a year's growth of costs is from the assumed; the path of a forecast stands where the person does elsewhere.
    CostGrowth = 14,
    /// The same of enrolment.
    EnrolmentChange = 15,
    /// The same of births.
    BirthsChange = 16,
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// A sequence of draws.
#[derive(Clone, Debug)]
pub struct Draws(u64);

impl Draws {
    /// The sequence of a person, a stream and a year (0 for what belongs to none).
    pub fn of(seed: u64, person: i64, stream: Stream, year: i16) -> Draws {
        let which = u64::from(stream as u16) << 16 | u64::from(year.unsigned_abs());
        let start = mix(seed.wrapping_add(GOLDEN)) ^ (person as u64).wrapping_mul(GOLDEN);
        Draws(mix(mix(start) ^ which.wrapping_mul(0xd6e8_feb8_6659_fd93)))
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number below `end`, which is not nothing.
    pub fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(end)) >> 64) as u64
    }

    /// Whether something of this probability (parts per million) happens.
    pub fn chance(&mut self, ppm: u64) -> bool {
        self.below(1_000_000) < ppm
    }

    /// A rank between 0 and 1, in parts of 2³².
    pub fn rank(&mut self) -> u32 {
        (self.bits() >> 32) as u32
    }

    /// How often something happens that happens `ppm` millionths of a time on average (Poisson).
    pub fn count(&mut self, ppm: u64) -> u64 {
        const AT_ONCE: u64 = 16_000_000;
        if ppm > AT_ONCE {
            // what comes at a rate is the sum of what comes at its parts
            return self.count(AT_ONCE) + self.count((ppm - AT_ONCE).min(200_000_000));
        }
        let mut left = self.bits() >> (64 - BITS);
        let mut weight = exp_minus(ppm);
        let mut times = 0;
        while left >= weight && times < 100 {
            left -= weight;
            times += 1;
            weight = (u128::from(weight) * u128::from(ppm) / (1_000_000 * u128::from(times))) as u64;
        }
        times
    }
}

/// Bits of a probability in [`Draws::count`].
const BITS: u32 = 60;
const ONE: u128 = 1 << BITS;
/// e⁻¹ in parts of 2⁶⁰.
const E_MINUS_1: u128 = 424_136_118_829_305_329;

/// e to the minus so many millionths (at most sixteen), in parts of 2⁶⁰: whole numbers by products, the rest by its series.
fn exp_minus(ppm: u64) -> u64 {
    let (whole, rest) = (ppm / 1_000_000, u128::from(ppm % 1_000_000));
    let (mut sum, mut term) = (ONE as i128, ONE as i128);
    for n in 1..=18 {
        term = -(term * rest as i128 / (1_000_000 * n));
        sum += term;
        if term == 0 {
            break;
        }
    }
    (0..whole).fold(sum as u128, |product, _| (product * E_MINUS_1) >> BITS) as u64
}

/// A distribution by its quantiles, straight between them, in terms of its mean: what is drawn has exactly the mean asked.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Rank in parts of 2³², and the value there, in any unit.
    knots: Vec<(u64, i64)>,
    /// Twice the mean, times 2³².
    twice_mean: i128,
}

impl Shape {
    /// A shape over ranks in parts per million, ascending from nothing to the whole; `None` when they are not.
    pub fn new(knots: &[(i64, i64)]) -> Option<Shape> {
        let ascending = knots.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
        let whole = knots.first()?.0 == 0 && knots.last()?.0 == 1_000_000 && knots[0].1 >= 0;
        let knots: Vec<(u64, i64)> =
            knots.iter().map(|(ppm, value)| (((*ppm as u64) << 32) / 1_000_000, *value)).collect();
        let area = |pair: &[(u64, i64)]| i128::from(pair[1].0 - pair[0].0) * i128::from(pair[0].1 + pair[1].1);
        let twice_mean = knots.windows(2).map(area).sum();
        (ascending && whole && twice_mean > 0).then_some(Shape { knots, twice_mean })
    }

    /// The value at a rank, of a distribution whose mean is this.
    pub fn at(&self, rank: u32, mean: i64) -> i64 {
        let rank = u64::from(rank);
        let above = self.knots.partition_point(|(at, _)| *at <= rank).clamp(1, self.knots.len() - 1);
        let ((low, from), (high, to)) = (self.knots[above - 1], self.knots[above]);
        let width = i128::from(high - low);
        let value = i128::from(from) * width + i128::from(to - from) * i128::from(rank - low);
        (value * i128::from(mean) * 2 * (1 << 32) / (width * self.twice_mean)) as i64
    }
}

/// Draws one of many by weight.
#[derive(Clone, Debug, Default)]
pub struct Weighted<T> {
    sums: Vec<(u64, T)>,
}

impl<T: Copy> Weighted<T> {
    /// Of these, each with its weight.
    pub fn of(weights: impl IntoIterator<Item = (u64, T)>) -> Weighted<T> {
        let mut sum = 0;
        let add = |(weight, value): (u64, T)| {
            sum += weight;
            (sum, value)
        };
        Weighted { sums: weights.into_iter().filter(|(weight, _)| *weight > 0).map(add).collect() }
    }

    /// One of them; `None` where there are none.
    pub fn draw(&self, draws: &mut Draws) -> Option<T> {
        let whole = self.sums.last()?.0;
        let at = draws.below(whole);
        self.sums.get(self.sums.partition_point(|(sum, _)| *sum <= at)).map(|(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_belongs_to_its_person_stream_and_year() {
        let first = |seed, person, stream, year| Draws::of(seed, person, stream, year).bits();
        let one = first(1, 7, Stream::Birth, 0);
        assert_eq!(one, first(1, 7, Stream::Birth, 0));
        for other in [
            first(2, 7, Stream::Birth, 0),
            first(1, 8, Stream::Birth, 0),
            first(1, 7, Stream::Category, 0),
            first(1, 7, Stream::Birth, 2022),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn exp_is_that_of_the_tables() {
        // e^-0.5 and e^-10 to twelve digits
        let close = |ppm, expected: u128| {
            let found = (u128::from(exp_minus(ppm)) * 1_000_000_000_000_000) >> BITS;
            assert!(found.abs_diff(expected) <= 1, "{ppm}: {found}");
        };
        close(0, 1_000_000_000_000_000);
        close(500_000, 606_530_659_712_633);
        close(1_000_000, 367_879_441_171_442);
        close(10_000_000, 45_399_929_762);
    }

    #[test]
    fn counts_and_amounts_have_the_mean_asked() {
        let mut draws = Draws::of(5, 0, Stream::Birth, 0);
        for ppm in [3_000, 162_700, 1_728_500, 40_000_000] {
            let sum: u64 = (0..200_000).map(|_| draws.count(ppm)).sum();
            let expected = ppm / 5;
            assert!(sum.abs_diff(expected) < expected / 15, "{ppm}: {sum}");
        }
        let shape = Shape::new(&[(0, 10), (500_000, 60), (990_000, 400), (1_000_000, 5_000)]).unwrap();
        let sum: i64 = (0..200_000).map(|_| shape.at(draws.rank(), 660_000)).sum();
        assert!((sum / 200_000 - 660_000).abs() < 20_000, "{sum}");
        assert_eq!((shape.at(0, 660_000) > 0, shape.at(u32::MAX, 1).is_positive()), (true, true));
    }

    #[test]
    fn a_shape_must_ascend_from_nothing_to_the_whole() {
        for knots in
            [&[][..], &[(0, 1)], &[(0, 2), (1_000_000, 1)], &[(1, 1), (1_000_000, 2)], &[(0, 0), (1_000_000, 0)]]
        {
            assert!(Shape::new(knots).is_none(), "{knots:?}");
        }
    }

    #[test]
    fn the_weighted_come_by_their_weight() {
        let weighted = Weighted::of([(1, 'a'), (0, 'b'), (3, 'c')]);
        let mut draws = Draws::of(5, 1, Stream::Birth, 0);
        let a = (0..40_000).filter(|_| weighted.draw(&mut draws) == Some('a')).count();
        assert!(a.abs_diff(10_000) < 400, "{a}");
        assert_eq!(Weighted::<u8>::default().draw(&mut draws), None);
    }
}
