//! The days of the years that are generated, by number: a day of a year is its place from 0.

use domain::Date;
use jiff::{Span, Unit};

use crate::Refused;

/// Days since 1970-01-01.
pub fn number(day: Date) -> i32 {
    Date::constant(1970, 1, 1).until((Unit::Day, day)).map_or(0, |span| span.get_days())
}

/// The days of a year.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// The year.
    pub year: i16,
    /// Number of its first day.
    pub first: i32,
    days: Vec<Date>,
}

impl Calendar {
    /// First and last day of some years.
    ///
    /// # Errors
    /// When they are not years of this project's time.
    pub fn span((first, last): (i16, i16)) -> Result<(Date, Date), Refused> {
        let refused = || Refused::new(format!("没有 {first} 至 {last} 年 (no such years)"), "写 2000 至 2199 的年份");
        if !(2000..=2199).contains(&first) || !(first..=2199).contains(&last) {
            return Err(refused());
        }
        Date::new(first, 1, 1).ok().zip(Date::new(last, 12, 31).ok()).ok_or_else(refused)
    }

    /// A year.
    ///
    /// # Errors
    /// As [`Calendar::span`].
    pub fn of(year: i16) -> Result<Calendar, Refused> {
        let (first, _) = Calendar::span((year, year))?;
        let days = (0..366).filter_map(|at| first.checked_add(Span::new().days(at)).ok());
        Ok(Calendar { year, first: number(first), days: days.filter(|day| day.year() == year).collect() })
    }

    /// How many days it has.
    pub fn len(&self) -> i32 {
        self.days.len() as i32
    }

    /// The day at a place, the nearest one for a place outside the year.
    pub fn day(&self, at: i32) -> Date {
        self.days[at.clamp(0, self.len() - 1) as usize]
    }

    /// The place of a day, which may lie outside the year.
    pub fn place(&self, day: Date) -> i32 {
        number(day) - self.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_are_counted_from_the_first() {
        let leap = Calendar::of(2024).unwrap();
        assert_eq!((leap.len(), leap.day(59), leap.day(365)), (366, date(2024, 2, 29), date(2024, 12, 31)));
        assert_eq!((leap.place(date(2024, 3, 1)), leap.place(date(2023, 12, 31))), (60, -1));
        assert!(Calendar::of(1999).is_err());
    }
}
