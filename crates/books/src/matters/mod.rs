//! Matters: service items as data, opened under a tracking number and taken from step to step.
//!
//! One engine for what the notices ask of many workflows: items of the list (TJ22-08c, JS22-08.1a, CQ21-07.1d), assistance on
//! application (TJ22-03j), requests between regions (TJ22-07g), deliveries (TJ16-25), referrals (TJ22-02.3g), monitoring
//! (CQ21-03.2), reports and the platform's own records. What differs between them stands in `matter.*` of the policy files.

mod available;
pub mod burden;
pub mod credentials;
mod items;
mod list;
pub mod monitor;
mod open;
pub mod platform;
mod points;
pub mod relief;
pub mod rights;
mod sample;
mod seal;
mod sheet;
mod step;
#[cfg(test)]
mod tests;
mod transitions;

use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};

use crate::answer::Refusal;
use crate::command::Command;
use crate::question::Query;
use crate::vault::VaultError;

pub use items::{Decides, Item, ItemStep, PointKind, Way};
pub use list::{Days, ListMatters, OffList, ShowMatter};
pub use open::{Asked, Open, key, open};
pub use points::{Authorise, ListItems, Point, PointEntry, Withdraw};
pub use sample::Draw;
pub use seal::{ReadSeal, Readings};
pub use sheet::{Agent, Matter, MatterEntry, Movement, Opening, Place, Taken, Trace};
pub use step::Take;
pub(crate) use step::days_between;
pub use transitions::Transitions;

/// The commands of matters.
pub const COMMANDS: &[Command] = &[
    Command::of::<Open>(),
    Command::of::<Take>(),
    Command::of::<ReadSeal>(),
    Command::of::<Authorise>(),
    Command::of::<Withdraw>(),
    Command::of::<Draw>(),
    Command::of::<relief::Refer>(),
    Command::of::<monitor::Observe>(),
    Command::of::<monitor::Share>(),
    Command::of::<credentials::Activate>(),
    Command::of::<credentials::End>(),
    Command::of::<credentials::Identify>(),
    Command::of::<rights::GrantRight>(),
    Command::of::<rights::WithdrawRight>(),
    Command::of::<platform::Watch>(),
    Command::of::<platform::Measure>(),
];

/// The questions about matters.
pub const QUERIES: &[Query] = &[
    Query::of::<ListItems>(),
    Query::of::<ListMatters>(),
    Query::of::<ShowMatter>(),
    Query::of::<OffList>(),
    Query::of::<Days>(),
    Query::of::<Readings>(),
    Query::of::<Transitions>(),
    Query::of::<monitor::Counts>(),
    Query::of::<credentials::Channels>(),
    Query::of::<credentials::Rates>(),
    Query::of::<credentials::Shares>(),
    Query::of::<rights::ListRights>(),
    Query::of::<platform::Health>(),
    Query::of::<available::Availability>(),
];

/// A moment as people write it, in China.
fn time(at: i64) -> String {
    let moment = Timestamp::from_microsecond(at).unwrap_or_default().to_zoned(TimeZone::fixed(offset(8)));
    moment.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn damaged(error: VaultError) -> Refusal {
    Refusal::new("sealed", error.to_string(), "用建库时的密钥")
}
