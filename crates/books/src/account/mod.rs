//! The personal account: a month's credit, the share that moves to the card, and the balance drawn after heavy in-patient costs.
//!
//! Deliberately absent: how much a month's credit is. It comes from the employee scheme, whose contributions are not kept here.

mod batch;
mod book;
mod draw;
mod statement;
#[cfg(test)]
mod tests;

use domain::Date;

use crate::answer::{Refusal, Stop};
use crate::codec::Yuan;
use crate::command::Command;
use crate::desk::Desk;
use crate::people;
use crate::question::Query;
use crate::sheets::{Books, Key};

pub use batch::{Batch, BatchEntry, Retry, Transfer, TransferResult, Transfers};
pub use book::{AccountBook, AccountEntry, Draw, DrawState, Month, TransferState, YearCosts};
pub use draw::{Check, Pay, Withdraw};
pub use statement::{Credit, Statement};

/// The commands of personal accounts.
pub const COMMANDS: &[Command] = &[
    Command::of::<Credit>(),
    Command::of::<Transfer>(),
    Command::of::<TransferResult>(),
    Command::of::<Retry>(),
    Command::of::<Withdraw>(),
    Command::of::<Check>(),
    Command::of::<Pay>(),
];

/// The questions about personal accounts.
pub const QUERIES: &[Query] = &[Query::of::<Statement>(), Query::of::<Transfers>()];

/// The stream of the account of a person's number.
/// What a person's account holds; nothing, where there is none.
///
/// # Errors
/// When the source fails.
pub fn balance(books: &mut Books<'_>, person: &Key) -> Result<Option<Yuan>, Stop> {
    let account = account_key(people::told(person));
    Ok(books.find::<AccountBook>(&account)?.map(|account| account.balance))
}

fn account_key(person: &str) -> Key {
    Key::of(format!("account/{person}"))
}

/// The person's number that stands in a key.
fn number_of(key: &Key) -> &str {
    key.subject.split_once('/').map_or(key.subject.as_str(), |(_, number)| number)
}

/// A person's account, which must have been credited once.
fn account_of(desk: &Desk<'_>, books: &mut Books<'_>, person: &str) -> Result<(Key, AccountBook), Stop> {
    let person = people::find(desk, books, person)?;
    let key = account_key(number_of(&person));
    let account = books.find::<AccountBook>(&key)?.cloned();
    let account = account.ok_or_else(|| {
        Refusal::new("no-account", "没有个人账户的记账", "居民医保没有个人账户；职工先用 account credit 记账")
    })?;
    Ok((key, account))
}

/// The area of the person whose account it is: with whom its money is booked.
fn area_of(books: &mut Books<'_>, account: &Key) -> Result<String, Stop> {
    let person = Key::of(format!("person/{}", number_of(account)));
    Ok(people::dossier(books, &person)?.area.clone())
}

/// The first day of a month that is written as `2016-10`.
fn month_of(text: &str) -> Result<Date, Refusal> {
    let day = text.split_once('-').and_then(|(year, month)| Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok());
    day.ok_or_else(|| Refusal::new("bad-month", format!("“{text}” 不是月份"), "写如 2016-10"))
}
