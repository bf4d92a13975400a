//! Public money: the region's own book, and the fiscal subsidy by area and year — claimed, due, budgeted, arrived, reported.

mod adoption;
mod area;
mod areas;
mod arrears;
mod arrive;
mod claim;
#[cfg(test)]
mod claim_tests;
mod codes;
mod funding;
mod opening;
mod region;
mod report;
#[cfg(test)]
mod tests;

use crate::command::Command;
use crate::question::Query;

pub use adoption::{Adopt, AdoptionLog, ListNotices, Withdraw};
pub use area::{AreaEntry, AreaYear, Arrival, Claimed, Funding, Government, Instalment, Parts, Reported};
pub use areas::{ListAreas, NameAccount, OpenArea};
pub use arrears::{Arrears, Arrivals, Budget, Budgets, Deadline};
pub use arrive::{Arrive, TakeBack};
pub use claim::ClaimSubsidy;
pub use codes::{
    ApproveCode, Asked, Change, CodeChange, CodeRequests, CodeSet, CodesEntry, LookUpCodes, Meaning, RefuseCode,
    RequestCode, RequestState, code_on,
};
pub use funding::{Fix, FundingCoverage, Standards, funding};
pub use opening::{Open, Settings, settings};
pub use region::{Adopted, Area, FiscalAccount, Opening, RegionBook, RegionEntry, key as region_key};
pub use report::{Reconcile, Report, ReportDay, Reports};

/// The commands of public money.
pub const COMMANDS: &[Command] = &[
    Command::of::<Open>(),
    Command::of::<Adopt>(),
    Command::of::<Withdraw>(),
    Command::of::<OpenArea>(),
    Command::of::<NameAccount>(),
    Command::of::<ClaimSubsidy>(),
    Command::of::<Deadline>(),
    Command::of::<Budget>(),
    Command::of::<Arrive>(),
    Command::of::<TakeBack>(),
    Command::of::<ReportDay>(),
    Command::of::<Report>(),
    Command::of::<Fix>(),
    Command::of::<RequestCode>(),
    Command::of::<ApproveCode>(),
    Command::of::<RefuseCode>(),
];

/// The questions about public money.
pub const QUERIES: &[Query] = &[
    Query::of::<ListNotices>(),
    Query::of::<AdoptionLog>(),
    Query::of::<ListAreas>(),
    Query::of::<Budgets>(),
    Query::of::<Arrivals>(),
    Query::of::<Arrears>(),
    Query::of::<Reports>(),
    Query::of::<Reconcile>(),
    Query::of::<Standards>(),
    Query::of::<FundingCoverage>(),
    Query::of::<CodeRequests>(),
    Query::of::<LookUpCodes>(),
];
