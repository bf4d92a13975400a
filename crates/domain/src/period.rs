//! Half-open periods of days: the first day is in, the day after the last is out.

use jiff::civil::Date;

/// Days from `from` on, up to but without `end`; open-ended without an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// First day that is no longer in the period.
    pub end: Option<Date>,
}

impl Period {
    /// Whether the day lies in the period.
    pub fn contains(&self, day: Date) -> bool {
        self.from <= day && self.end.is_none_or(|end| day < end)
    }

    /// Whether the two periods share a day.
    pub fn overlaps(&self, other: &Period) -> bool {
        other.end.is_none_or(|end| self.from < end) && self.end.is_none_or(|end| other.from < end)
    }
}
