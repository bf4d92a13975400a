//! Dues: what a person owes for an insured year and who pays it, what comes in by tax receipts, and what goes back.
//!
//! Amounts are those of `enrolment::due`; here they become bills with numbers, money that is posted, and a day from which the
//! year counts as paid. Deliberately absent: collection itself, which is the tax authority's and the banks'.

mod agreement;
mod assess;
mod bill;
mod campaign;
mod debit;
mod files;
mod follow;
mod lists;
mod rates;
mod receive;
mod record;
mod refund;
mod remind;
mod results;
mod sheet;
mod sponsor;
mod suspense;
mod tax;
#[cfg(test)]
mod tests;
mod withhold;

use domain::Date;

use crate::answer::Stop;
use crate::command::Command;
use crate::desk::Desk;
use crate::members;
use crate::people;
use crate::question::Query;
use crate::sheets::{Books, Key};

pub use agreement::{Agreement, AgreementEntry, AgreementState, CancelAgreement, ListAgreements, Sign};
pub use assess::{Billed, News, bill};
pub use bill::{Declare, MakeBill, Prepay};
pub use campaign::{Campaign, CampaignEntry, Reach, Reminder, Scope, Sending};
pub use debit::{Batch, Debit, DebitEntry, DebitLine};
pub use files::{LineResult, Report};
pub use follow::{follow, followed};
pub use lists::{HouseholdDues, OpenBills, Reasons, ShowDues, Suspense};
pub use rates::{ByChannel, ListDebits, Rate};
pub use receive::Receive;
pub use record::{
    Bill, Channel, Choice, DuesEntry, Ground, Prepaid, Receipt, Refund, RefundState, Share, Undecided, Was,
};
pub use refund::{AskRefund, Cancel, DecideRefund, PayRefund};
pub use remind::{ListCampaigns, Remind, RemindResult, ShowCampaign};
pub use results::LoadResult;
pub use sheet::{Billing, Dues};
pub use sponsor::{Arrival, Arrive, ListSponsors, SponsorBook, SponsorEntry};
pub use suspense::{Assign, Held, HeldEntry, Return, Why};

pub use tax::{LoadReceipts, Obligations, Reconcile, TaxEntry, TaxFile};
pub use withhold::Withhold;

/// The commands of contributions.
pub const COMMANDS: &[Command] = &[
    Command::of::<Arrive>(),
    Command::of::<AskRefund>(),
    Command::of::<Assign>(),
    Command::of::<Batch>(),
    Command::of::<Cancel>(),
    Command::of::<CancelAgreement>(),
    Command::of::<DecideRefund>(),
    Command::of::<Declare>(),
    Command::of::<LoadReceipts>(),
    Command::of::<LoadResult>(),
    Command::of::<MakeBill>(),
    Command::of::<Obligations>(),
    Command::of::<PayRefund>(),
    Command::of::<Prepay>(),
    Command::of::<Receive>(),
    Command::of::<Remind>(),
    Command::of::<RemindResult>(),
    Command::of::<Return>(),
    Command::of::<Sign>(),
    Command::of::<Withhold>(),
];

/// The questions about contributions.
pub const QUERIES: &[Query] = &[
    Query::of::<ByChannel>(),
    Query::of::<HouseholdDues>(),
    Query::of::<ListAgreements>(),
    Query::of::<ListCampaigns>(),
    Query::of::<ListDebits>(),
    Query::of::<ListSponsors>(),
    Query::of::<OpenBills>(),
    Query::of::<Rate>(),
    Query::of::<Reasons>(),
    Query::of::<Reconcile>(),
    Query::of::<ShowCampaign>(),
    Query::of::<ShowDues>(),
    Query::of::<Suspense>(),
];

/// Day on which the person's own part of a year's contribution was fully paid; the day of the bill if nothing is due from the
/// person; `None` while something is open or nothing is billed.
///
/// # Errors
/// When the source fails.
pub fn paid_on(_desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, year: i16) -> Result<Option<Date>, Stop> {
    Ok(books.find::<Dues>(&dues_key(person, year))?.and_then(Dues::paid_on))
}

/// The streams that a command about a person's dues of a year will read, as far as its fields tell.
pub fn keys(desk: &Desk<'_>, person: &str, year: i16) -> Vec<Key> {
    let Some(person) = people::likely(desk, person) else { return Vec::new() };
    let dues = dues_key(&person, year);
    vec![person, dues]
}

/// Lets the start of benefits follow what is paid for a year. Gives what followed, in sentences.
fn settled(desk: &Desk<'_>, books: &mut Books<'_>, dues: &Key) -> Result<Vec<String>, Stop> {
    members::settle_start(desk, books, &person_of(dues), dues.year)
}

/// The person whose dues these are.
fn person_of(dues: &Key) -> Key {
    Key::of(format!("person/{}", number_of(dues)))
}

/// The stream of a person's dues of a year.
pub fn dues_key(person: &Key, year: i16) -> Key {
    Key::in_year(format!("dues/{}", number_of(person)), year)
}

/// The person's number, of the stream of a person or of dues.
fn number_of(person: &Key) -> &str {
    person.subject.split_once('/').map_or("", |(_, number)| number)
}

/// The stream of dues that the number of a bill or a refund tells, as `2023-7f…-1`.
fn key_of_number(number: &str) -> Option<Key> {
    let mut parts = number.split('-');
    let (year, person, count) = (parts.next()?, parts.next()?, parts.next()?);
    let hex = person.len() == 16 && person.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let whole = hex && parts.next().is_none() && count.parse::<u32>().is_ok();
    whole.then(|| Some(Key::in_year(format!("dues/{person}"), year.parse().ok()?)))?
}
