//! What holds from a day to a day: the newest that has begun counts, and nothing falls back once it has ended.

use domain::Date;

/// Something that holds from a day on.
pub trait Dated: Clone + PartialEq {
    /// First day.
    fn from(&self) -> Date;
    /// First day on which it no longer holds.
    fn end(&self) -> Option<Date>;
}

/// Something that holds from a day on, of which the sheet has when it was recorded. Sheets of older versions have not.
pub(crate) trait Recorded: Dated {
    /// Microseconds since 1970; 0 where it is not known.
    fn told(&self) -> i64;
    /// As in a sheet that has it not.
    fn untold(&mut self);
}

/// Leaves out when something was recorded where a kept sheet has it not.
pub(crate) fn as_kept<T: Recorded>(made: &mut [T], kept: &[T]) {
    for one in made {
        if kept.iter().any(|kept| kept.from() == one.from() && kept.told() == 0) {
            one.untold();
        }
    }
}

/// Takes one in, by its first day; what was known from the same day is corrected by it.
pub(crate) fn put<T: Dated>(known: &mut Vec<T>, new: T) {
    match known.binary_search_by_key(&new.from(), T::from) {
        Ok(at) => known[at] = new,
        Err(at) => known.insert(at, new),
    }
}

/// What holds on a day.
pub(crate) fn on<T: Dated>(known: &[T], day: Date) -> Option<&T> {
    known.iter().rfind(|one| one.from() <= day).filter(|one| one.end().is_none_or(|end| day < end))
}
