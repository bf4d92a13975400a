//! People by sex and single age, and how a year carries them on: who dies, who is born. Nobody moves in or out.

use crate::{WHOLE, share, sum, whole};

/// One person; a projection splits them.
pub const PERSON: i64 = 1_000_000;

/// Completed years that are told apart: 0 to 100, the last with all above.
pub const YEARS: usize = 101;

/// Places of a cohort: those born in the year, then those of 0 to 100 completed years on its first day.
pub const PLACES: usize = YEARS + 1;

/// Female or male.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sex {
    /// 女
    Female,
    /// 男
    Male,
}

impl Sex {
    /// Both.
    pub const BOTH: [Sex; 2] = [Sex::Female, Sex::Male];
}

/// How people die and are born, before any change over the years.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lives {
    /// Deaths in a year of a million persons of each age; of age 0, of a million born, in the year of their birth.
    pub mortality: [i64; YEARS],
    /// Births in a year of a million women of each age.
    pub fertility: [i64; YEARS],
    /// Boys of a million births.
    pub male: i64,
}

/// All persons of a year, in millionths, by sex and [place](PLACES): those alive on its first day, and those born in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cohorts(pub [[i64; PLACES]; 2]);

/// What changed from one year to the next, in millionths of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Died in the first of the two years.
    pub died: i64,
    /// Born in the second.
    pub born: i64,
}

/// Completed years on the first day; who is born in the year has the costs of age 0.
pub fn age(place: usize) -> usize {
    place.saturating_sub(1).min(YEARS - 1)
}

/// Whose mortality holds in a year: infants' for who is born in it, and only then. Who was born the year before has lived
/// through that, and has the mortality of age 1.
fn mortal(place: usize) -> usize {
    if place == 0 { 0 } else { age(place).max(1) }
}

impl Cohorts {
    /// Everybody; `None` where they are too many to be counted.
    pub fn living(&self) -> Option<i64> {
        sum(self.0.iter().flatten().copied())
    }

    /// Born in the year.
    pub fn born(&self) -> i64 {
        self.0.iter().map(|places| places[0]).sum()
    }

    /// Deaths of the year, by sex and place; `mortality` is how many times the given one it is, parts per million.
    fn deaths(&self, lives: &Lives, mortality: i64) -> Option<[[i64; PLACES]; 2]> {
        let mut deaths = self.0;
        for place in 0..PLACES {
            let rate = share(i128::from(lives.mortality[mortal(place)]), i128::from(mortality), i128::from(WHOLE))?;
            let rate = rate.clamp(0, i128::from(WHOLE));
            for of_sex in &mut deaths {
                of_sex[place] = whole(share(i128::from(of_sex[place]), rate, i128::from(WHOLE))?)?;
            }
        }
        Some(deaths)
    }

    /// How many die in the year; `None` where they are too many to be counted.
    pub fn dying(&self, lives: &Lives, mortality: i64) -> Option<i64> {
        sum(self.deaths(lives, mortality)?.into_iter().flatten())
    }

    /// The next year's persons: the living less the dead, a year older, and those born to the women of its first day.
    /// `mortality` is that of this year, `births` the fertility of the next, each against the given one in parts per million.
    /// `None` where there would be more than can be counted.
    pub fn next(&self, lives: &Lives, mortality: i64, births: i64) -> Option<(Cohorts, Moved)> {
        let deaths = self.deaths(lives, mortality)?;
        let mut next = [[0; PLACES]; 2];
        for sex in Sex::BOTH.map(|sex| sex as usize) {
            for place in 0..PLACES {
                next[sex][(place + 1).min(PLACES - 1)] += self.0[sex][place] - deaths[sex][place];
            }
        }
        let women = next[Sex::Female as usize].iter().enumerate().skip(1);
        let born = women.map(|(place, women)| {
            let of_mother = i128::from(lives.fertility[age(place)]) * i128::from(births.max(0));
            whole(share(i128::from(*women), of_mother, i128::from(WHOLE) * i128::from(WHOLE))?)
        });
        let born = sum(born.collect::<Option<Vec<i64>>>()?)?;
        let boys = whole(share(i128::from(born), i128::from(lives.male), i128::from(WHOLE))?)?;
        next[Sex::Female as usize][0] = born - boys;
        next[Sex::Male as usize][0] = boys;
        Some((Cohorts(next), Moved { died: sum(deaths.into_iter().flatten())?, born }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lives() -> Lives {
        let mut lives = Lives { mortality: [10_000; YEARS], fertility: [0; YEARS], male: 512_400 };
        lives.mortality[100] = 400_000;
        lives.fertility[20..40].fill(60_000);
        lives
    }

    fn some() -> Cohorts {
        let mut places = [[0; PLACES]; 2];
        for (at, living) in places.iter_mut().flatten().enumerate() {
            *living = PERSON * (at as i64 * 7_919 % 1_013);
        }
        Cohorts(places)
    }

    #[test]
    fn who_lived_has_died_or_is_a_year_older() {
        let mut people = some();
        for year in 0..40 {
            let (next, moved) = people.next(&lives(), WHOLE - year * 10_000, WHOLE).unwrap();
            assert_eq!(moved.died, people.dying(&lives(), WHOLE - year * 10_000).unwrap());
            assert_eq!(moved.born, next.born());
            assert_eq!(next.living().unwrap() - moved.born, people.living().unwrap() - moved.died);
            people = next;
        }
    }

    #[test]
    fn one_woman_of_twenty_is_counted_by_hand() {
        let mut people = Cohorts([[0; PLACES]; 2]);
        people.0[0][20] = 100 * PERSON;
        // 19 completed years on the first day: one of a hundred dies, ninety-nine are 20 next year and have 6% children.
        let (next, moved) = people.next(&lives(), WHOLE, WHOLE).unwrap();
        assert_eq!((moved.died, moved.born), (PERSON, 5_940_000));
        assert_eq!((next.0[0][21], next.0[1][0], next.0[0][0]), (99 * PERSON, 3_043_656, 2_896_344));
        let (half, _) = people.next(&lives(), WHOLE / 2, WHOLE / 2).unwrap();
        assert_eq!((half.0[0][21], half.born()), (99_500_000, 2_985_000));
    }

    #[test]
    fn infants_die_of_the_mortality_of_infants_once() {
        let mut lives = Lives { mortality: [1_000; YEARS], fertility: [0; YEARS], male: 0 };
        lives.mortality[0] = 100_000;
        let mut people = Cohorts([[0; PLACES]; 2]);
        people.0[0][0] = 1_000 * PERSON;
        // Of a thousand born a hundred die in the year of birth; of nine hundred one of a thousand in each year after it.
        let (next, born) = people.next(&lives, WHOLE, WHOLE).unwrap();
        let (_, first) = next.next(&lives, WHOLE, WHOLE).unwrap();
        assert_eq!((born.died, first.died), (100 * PERSON, 900_000));
    }

    #[test]
    fn the_oldest_stay_together() {
        let mut people = Cohorts([[0; PLACES]; 2]);
        people.0[1][PLACES - 1] = 10 * PERSON;
        people.0[1][PLACES - 2] = 100 * PERSON;
        let (next, _) = people.next(&lives(), WHOLE, WHOLE).unwrap();
        assert_eq!(next.0[1][PLACES - 1], 6 * PERSON + 99 * PERSON);
    }
}
