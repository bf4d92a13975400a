//! What the terms tell apart of days and ages: the numbers of both, as they go into a bill's kind.

use std::ops::RangeInclusive;

use domain::Date;
use settlement::Alike;

use crate::arrays::number_of;

/// Days and ages told apart, over a span of days. Days are those since 1970-01-01.
#[derive(Debug)]
pub struct Times {
    span: RangeInclusive<i32>,
    /// The first of each of the days told apart, but of those from the first day of the span on.
    days: Vec<i32>,
    /// How many ages are told apart, but the youngest.
    ages: usize,
    /// Of each day of the span, by these ages: the last day of birth of who is so old.
    births: Vec<i32>,
    /// How many days who is so old has lived at least, by these ages: on the day where it is fewest, and where it is most.
    lived: Vec<(i32, i32)>,
}

impl Times {
    /// What these tell apart, from the first day to the last.
    pub fn of(alike: &Alike, span: (Date, Date)) -> Times {
        Times::told_apart(span, |day| alike.day(day), &alike.ages()[1..])
    }

    /// Days are told apart by the one that each is like, ages by the first years of all but the youngest.
    fn told_apart((first, last): (Date, Date), like: impl Fn(Date) -> Date, ages: &[u8]) -> Times {
        let mut times = Times {
            span: number_of(first)..=number_of(last),
            days: Vec::new(),
            ages: ages.len(),
            births: Vec::new(),
            lived: vec![(i32::MAX, 0); ages.len()],
        };
        let mut before = like(first);
        for day in first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last) {
            let (found, number) = (like(day), number_of(day));
            if found != before {
                times.days.push(number);
            }
            before = found;
            for (age, (fewest, most)) in ages.iter().zip(&mut times.lived) {
                let birth = number_of(birth_at_most(day, *age));
                times.births.push(birth);
                (*fewest, *most) = ((*fewest).min(number - birth), (*most).max(number - birth));
            }
        }
        times
    }

    /// Whether all of some days are told.
    pub fn hold(&self, days: &RangeInclusive<i32>) -> bool {
        self.span.contains(days.start()) && self.span.contains(days.end())
    }

    /// How many numbers of days there are.
    pub fn numbers(&self) -> usize {
        self.days.len() + 1
    }

    /// How many ages are told apart.
    pub fn ages(&self) -> usize {
        self.ages + 1
    }

    /// The number of those days that the terms do not tell apart from a day.
    pub fn day(&self, day: i32) -> u16 {
        self.days.partition_point(|first| *first <= day) as u16
    }

    /// The same of each of some days, added to `numbers`.
    #[inline(always)]
    pub fn days_of(&self, days: &[i32], numbers: &mut [u32]) {
        for first in &self.days {
            days.iter()
                .zip(&mut *numbers)
                .for_each(|(day, number)| *number = number.wrapping_add(u32::from(day >= first)));
        }
    }

    /// Which of the ages told apart one born on a day has on a day of the span.
    pub fn age(&self, day: i32, birth: i32) -> u16 {
        let at = (day - self.span.start()) as usize * self.ages;
        self.births[at..][..self.ages].iter().filter(|latest| birth <= **latest).count() as u16
    }

    /// The same of each of some days and births, added to `numbers`, which are all nothing.
    #[inline(always)]
    pub fn ages_of(&self, days: &[i32], births: &[i32], numbers: &mut [u32]) {
        let each = || days.iter().zip(births);
        // Who has lived the most days that it takes is so old, who has not the fewest is not: of many at a time, in one number
        // the first and, in its upper half, the other.
        for (fewest, most) in &self.lived {
            each().zip(&mut *numbers).for_each(|((day, birth), number)| {
                let lived = day.saturating_sub(*birth);
                *number = number.wrapping_add(u32::from(lived >= *most) | u32::from(lived >= *fewest) << 16);
            });
        }
        for ((day, birth), number) in each().zip(numbers) {
            let (certain, possible) = (*number & 0xffff, *number >> 16);
            *number = if certain == possible { certain } else { u32::from(self.age(*day, *birth)) };
        }
    }
}

/// The last day of birth of who has completed so many years on a day.
fn birth_at_most(day: Date, years: u8) -> Date {
    day.saturating_sub(jiff::Span::new().years(years))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Categories, Group, Person, Scheme};

    fn day(year: i16, month: i8, day: i8) -> Date {
        Date::new(year, month, day).unwrap()
    }

    #[test]
    fn who_is_so_old_was_born_on_the_last_day_of_birth_or_earlier() {
        let person = |born| Person {
            scheme: Scheme::Resident,
            tier: None,
            group: Group::Adult,
            categories: Categories::default(),
            born: Some(born),
            insured_since: None,
        };
        let days = [day(2023, 2, 28), day(2023, 3, 1), day(2024, 2, 28), day(2024, 2, 29), day(2024, 3, 1)];
        for (on, years) in days.into_iter().flat_map(|day| [1, 4, 18, 23, 60].map(|years| (day, years))) {
            let last = birth_at_most(on, years);
            for born in [last.yesterday().unwrap(), last, last.tomorrow().unwrap()] {
                let age = person(born).age_on(on).unwrap();
                assert_eq!(age >= years, born <= last, "born {born}, {years} years on {on}");
            }
        }
    }
    #[test]
    fn ages_of_many_are_those_of_each() {
        let ages = [0, 1, 18, 60, 75];
        let times = Times::told_apart((day(2023, 1, 1), day(2024, 12, 31)), |day| day.first_of_year(), &ages[1..]);
        let born =
            [(1900, 1, 1), (1948, 2, 29), (1949, 2, 28), (1964, 2, 29), (1964, 3, 1), (2005, 12, 31), (2006, 1, 1)];
        let born = born.map(|(year, month, of_month)| number_of(day(year, month, of_month)));
        for birth in born.into_iter().chain([i32::MIN, number_of(day(2023, 1, 1))]) {
            let days: Vec<i32> = times.span.clone().filter(|day| *day >= birth).collect();
            let mut numbers = vec![0; days.len()];
            times.ages_of(&days, &vec![birth; days.len()], &mut numbers);
            let each: Vec<u32> = days.iter().map(|day| u32::from(times.age(*day, birth))).collect();
            assert_eq!(numbers, each, "born {birth}");
            numbers.fill(0);
            times.days_of(&days, &mut numbers);
            let each: Vec<u32> = days.iter().map(|day| u32::from(times.day(*day))).collect();
            assert_eq!(numbers, each);
        }
    }
}
