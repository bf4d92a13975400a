//! The insured year a contribution buys: the calendar year, or a student's academic year (September to August).

use domain::{Date, Group, Period};
use policy::{Library, Region, Terms, View};

use crate::reasons::Refusal;

/// An insured year and the terms on its first day.
#[derive(Clone, Debug)]
pub struct InsuredYear<'l> {
    /// The year it is called by: the one it begins in.
    pub year: i16,
    /// First day, and the day after the last.
    pub period: Period,
    /// Whether it is an academic year.
    pub academic: bool,
    /// The terms on its first day.
    pub terms: Terms<'l>,
}

impl<'l> InsuredYear<'l> {
    /// The insured year of a person of this group. University students have an academic year where the region sets their
    /// contribution by academic years, and the calendar year elsewhere.
    ///
    /// # Errors
    /// When the year is outside the calendar.
    pub fn of(
        library: &'l Library,
        region: &'l Region,
        view: &View<'l>,
        group: Group,
        year: i16,
    ) -> Result<InsuredYear<'l>, Refusal> {
        if group == Group::University {
            let period = period(year, 9)?;
            let terms = library.terms(region, period.from, view);
            // An academic table that has ended still says that students go by it: the year is then refused, not moved.
            if terms.held("contribution.academic").is_some() {
                return Ok(InsuredYear { year, period, academic: true, terms });
            }
        }
        let period = period(year, 1)?;
        let terms = library.terms(region, period.from, view);
        Ok(InsuredYear { year, period, academic: false, terms })
    }

    /// The first day after the year.
    pub fn end(&self) -> Date {
        self.period.end.unwrap_or(self.period.from)
    }

    /// The terms on another day of the same region, seen in the same way.
    pub fn terms_on(&self, day: Date) -> Terms<'l> {
        self.terms.library.terms(self.terms.region, day, &self.terms.view)
    }

    /// The year in words.
    pub fn name(&self) -> String {
        if self.academic { format!("{}学年", self.year) } else { format!("{}年度", self.year) }
    }
}

fn period(year: i16, month: i8) -> Result<Period, Refusal> {
    let first = |year: i16| Date::new(year, month, 1).ok();
    let days = first(year).zip(year.checked_add(1).and_then(first));
    let (from, end) = days.ok_or_else(|| Refusal::new("year", format!("没有 {year} 年"), "写四位数的年份"))?;
    Ok(Period { from, end: Some(end) })
}
