//! Partner feeds: files in which other departments tell who is of which category, died, studies or is secured elsewhere.
//!
//! A file says as of which day it reports. It may come late, twice, out of order, or contradict itself or others; what a row means
//! then is in [`judge`]. A row is taken or rejected by itself; the rejects go back to who sent the file, masked. Each register speaks
//! for itself: where two differ, both stand, and the difference is told.

mod absent;
mod book;
mod command;
mod contradictory;
mod fact;
mod judge;
mod list;
mod load;
mod row;
mod rows;
#[cfg(test)]
mod tests;

use super::documents::{Number, masked};
use crate::answer::Refusal;

pub use book::{Counts, FeedBook, FeedEntry, Load};
pub use command::LoadFeed;
pub use fact::Fact;
pub use list::{CompareFeed, FeedHistory, FeedRejects};
pub use load::{Difference, Feed, Report, Tell, load};
pub use row::{Does, Outcome};
pub use rows::{Reject, date};

/// Nobody is on the register under a number.
fn unknown(number: &Number) -> Refusal {
    let message = format!("登记册上没有{} {}", number.kind.name(), masked(&number.text));
    Refusal::new("unknown-person", message, "核对号码；确是新人的先登记，或装载时写 register")
}
