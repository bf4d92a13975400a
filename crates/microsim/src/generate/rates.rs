//! Figures turned into the tables that care is drawn from: how much of it comes at each age, so that all of it together comes
//! at the rates of the figures; where it is sought, what it costs, which diagnoses there are.

use domain::{Care, Level};

use super::draw::Weighted;
use super::figures::{AgeTimes, Ages, Chronic, Diagnosis, Figures, MAX_AGE, Sex, by_age};
use crate::Refused;

/// Ages that tables have room for.
pub const AGES: usize = MAX_AGE as usize + 1;

/// Parts per million of what stands by the hundred thousand.
pub const PER_100K: u64 = 10;

/// Place of the diagnoses of a kind of care, a sex and an age.
pub fn slot(care: Care, sex: Sex, age: usize) -> usize {
    (care as usize * 2 + sex as usize) * AGES + age.min(AGES - 1)
}

/// Diagnoses by [`slot`].
pub fn diagnoses(figures: &Figures) -> Vec<Weighted<usize>> {
    let mut tables = Vec::with_capacity(Care::ALL.len() * 2 * AGES);
    for care in Care::ALL {
        // Kinds of care without diagnoses of their own have those of ordinary visits.
        let named = |care: Care| figures.diagnosis.iter().any(|d| d.care.iter().any(|word| word.0 == care));
        let care = if named(*care) { *care } else { Care::Outpatient };
        for sex in [Sex::Female, Sex::Male] {
            for age in 0..=MAX_AGE {
                let fits = |d: &Diagnosis| {
                    d.care.iter().any(|word| word.0 == care)
                        && d.sex.is_none_or(|of| of == sex)
                        && d.ages.0.contains(age)
                };
                let rows = figures.diagnosis.iter().enumerate().filter(|(_, d)| fits(d));
                tables.push(Weighted::of(rows.map(|(at, d)| (d.weight, at))));
            }
        }
    }
    tables
}

/// Mean cost of a kind of care by level, in fen.
pub fn costs(figures: &Figures, care: Care) -> [i64; Level::ALL.len()] {
    let rows = figures.of(&figures.cost, care);
    let of = |level: Level| rows.into_iter().flatten().find(|row| row.level.0 == level).map_or(0, |row| row.yuan * 100);
    std::array::from_fn(|at| of(Level::ALL[at]))
}

/// The share of each level, of those that have a cost.
pub fn shares(figures: &Figures, care: Care) -> [u64; Level::ALL.len()] {
    let rows = figures.of(&figures.levels, care);
    let costs = costs(figures, care);
    let of = |level: Level| rows.into_iter().flatten().find(|row| row.level.0 == level).map_or(0, |row| row.share.0);
    std::array::from_fn(|at| if costs[at] > 0 { of(Level::ALL[at]) } else { 0 })
}

/// The people by age, over which rates are averages.
pub struct People<'f> {
    pub weights: Vec<u64>,
    pub figures: &'f Figures,
    pub prevalence: &'f [Vec<u64>],
    pub incidence: &'f [Vec<u64>],
}

impl People<'_> {
    fn ages(&self) -> impl Iterator<Item = (usize, u128)> {
        self.weights.iter().enumerate().map(|(age, weight)| (age, u128::from(*weight)))
    }

    fn whole(&self) -> u128 {
        self.weights.iter().map(|weight| u128::from(*weight)).sum::<u128>().max(1)
    }

    /// A rate spread over the ages by the figures' multiples, such that its average is the rate; `more` is how many times as
    /// much who is of an age has on average for other reasons, millionths.
    pub fn spread(&self, rate: u64, care: Care, more: impl Fn(usize) -> u64) -> Vec<u64> {
        let rows = self.figures.of(&self.figures.by_age, care);
        let whole: [AgeTimes; 0] = [];
        let times = by_age(rows.map_or(&whole[..], Vec::as_slice), |row| (row.ages, row.times.0));
        let times = |age: usize| if rows.is_some() { times[age] } else { 1_000_000 };
        let mean: u128 = self.ages().map(|(age, weight)| weight * u128::from(times(age)) * u128::from(more(age))).sum();
        let mean = (mean / self.whole() / 1_000_000).max(1);
        (0..AGES).map(|age| (u128::from(rate) * u128::from(times(age)) / mean) as u64).collect()
    }

    /// Ordinary stays: what major illness brings is part of the rate.
    pub fn stays(&self, rate: u64) -> Result<Vec<u64>, Refused> {
        let majors = self.figures.major.iter().zip(self.incidence);
        let of_major = majors.map(|(major, incidence)| {
            let cases = |age: usize| -> u128 {
                let ago = 0..usize::try_from(major.years).unwrap_or(0);
                ago.filter_map(|ago| incidence.get(age.checked_sub(ago)?)).map(|ppm| u128::from(*ppm)).sum()
            };
            self.ages().map(|(age, weight)| weight * cases(age)).sum::<u128>() * u128::from(major.admissions) / 100
        });
        let of_major = (of_major.sum::<u128>() / self.whole()) as u64;
        let ordinary = rate.checked_sub(of_major).ok_or_else(|| {
            let what = format!("大病的住院（每百万人 {of_major}）已多于 rate.inpatient（每百万人 {rate}）");
            Refused::new(what, "减少 major 的发病率、年数或住院次数，或提高 rate.inpatient")
        })?;
        let more = |age: usize| {
            let rows = self.figures.chronic.iter().zip(self.prevalence);
            let more = rows.map(|(c, prevalence)| c.admissions.0 * prevalence[age] / 1_000_000);
            1_000_000 + more.sum::<u64>()
        };
        Ok(self.spread(ordinary, Care::Inpatient, more))
    }

    /// A rate of all people, as one of each case of chronic illness; `counts` says how much of a case counts, millionths.
    pub fn per_case(&self, rate: u64, counts: impl Fn(&Chronic) -> u64) -> u64 {
        let rows = self.figures.chronic.iter().zip(self.prevalence);
        let cases = rows.map(|(c, prevalence)| {
            let ill: u128 = self.ages().map(|(age, weight)| weight * u128::from(prevalence[age])).sum();
            ill / self.whole() * u128::from(counts(c)) / 1_000_000
        });
        match cases.sum::<u128>() {
            0 => 0,
            cases => (u128::from(rate) * 1_000_000 / cases) as u64,
        }
    }

    /// The probability of a delivery in a year of a woman of each age, such that births come out at their rate.
    pub fn deliveries(&self) -> Vec<u64> {
        let rows = &self.figures.fertility;
        let female = u128::from(1_000_000 - self.figures.male.0).max(1);
        let of = |age: usize| {
            let age = u8::try_from(age).ok()?;
            let row = rows.iter().find(|row| row.ages.0.contains(age))?;
            let Ages(band) = row.ages;
            let women: u128 = self.ages().filter(|(a, _)| band.contains(*a as u8)).map(|(_, weight)| weight).sum();
            let births = u128::from(self.figures.births * PER_100K) * u128::from(row.share.0) * self.whole();
            Some((births / (women * female).max(1)) as u64)
        };
        (0..AGES).map(|age| of(age).unwrap_or(0)).collect()
    }
}
