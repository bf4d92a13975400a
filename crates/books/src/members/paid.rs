//! The day on which a person's own part of a year is paid, as the books of contributions have it.

use domain::Date;

use super::Membership;
use crate::answer::Stop;
use crate::sheets::{Books, Key};

/// The day on which the person's own part of a year is fully paid; the day of the bill, where nothing is due.
pub(crate) fn paid_on(books: &mut Books<'_>, person: &Key, year: i16) -> Result<Option<Date>, Stop> {
    let relations = books.find::<Membership>(&super::key(person, year))?;
    Ok(relations.and_then(|m| m.latest()?.1.start.as_ref().map(|start| start.paid)))
}
