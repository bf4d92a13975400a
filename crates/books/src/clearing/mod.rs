//! Clearing: costs that are settled between agencies and paid by statement, each amount traceable to its details.
//!
//! COVID-19 costs (patients, vaccines, vaccination) by site and month; costs of care across provinces by province and month; what
//! providers apply to be paid for.
//! Deliberately absent: how a bill is settled, which is the care book's, and the format of the national clearing files.

mod application;
mod covid;
mod covid_book;
mod covid_list;
mod province_book;
mod provinces;
#[cfg(test)]
mod tests;

use domain::Date;

use crate::answer::Refusal;
use crate::command::Command;
use crate::question::Query;

pub use application::{
    Application, ApplicationBook, ApplicationEntry, ApplicationState, Applications, Apply, Claim, Withdraw,
};
pub use covid::{ConfirmCovid, DrawCovid, PayCovid, RecordDoses, RecordStay, VoidCovid};
pub use covid_book::{Cost, CovidBook, CovidEntry, Detail, Item, StatementLine, StatementState};
pub use covid_list::{CovidDetails, CovidStatement, CovidStatements};
pub use province_book::{ClearingEntry, Direction, ProvinceBook, ProvinceMonth};
pub use provinces::{ClearingDetails, Clearings, Deduct, Draw, Record, Settle};

/// The commands of clearing.
pub const COMMANDS: &[Command] = &[
    Command::of::<RecordDoses>(),
    Command::of::<RecordStay>(),
    Command::of::<DrawCovid>(),
    Command::of::<ConfirmCovid>(),
    Command::of::<VoidCovid>(),
    Command::of::<PayCovid>(),
    Command::of::<Record>(),
    Command::of::<Deduct>(),
    Command::of::<Draw>(),
    Command::of::<Settle>(),
    Command::of::<Apply>(),
    Command::of::<Withdraw>(),
];

/// The questions about clearing.
pub const QUERIES: &[Query] = &[
    Query::of::<CovidStatements>(),
    Query::of::<CovidStatement>(),
    Query::of::<CovidDetails>(),
    Query::of::<Clearings>(),
    Query::of::<ClearingDetails>(),
    Query::of::<Applications>(),
];

/// The first day of a month that is written as `2022-03`.
fn month_of(text: &str) -> Result<Date, Refusal> {
    let day = text.split_once('-').and_then(|(year, month)| Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok());
    day.ok_or_else(|| Refusal::new("bad-month", format!("“{text}” 不是月份"), "写如 2022-03"))
}
