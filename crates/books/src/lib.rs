//! The books: people, contributions, filings, settlements and money as journal entries, and what they add up to.
//!
//! A use case is a [`Command`]: `(desk, command, books) -> answer or refusal`. It posts entries to streams; the entries of a
//! stream fold into its sheet, which is all that the next command reads. Corrections are entries too: nothing is changed in
//! place. Money moves by the balanced lines that an entry implies. Dates, terms and the key come in by the [`Desk`]: nothing
//! here asks the clock, opens a file or knows a database.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at the first surprise"))]

mod answer;
mod codec;
mod command;
mod desk;
mod fold;
mod memory;
mod money;
mod past;
mod question;
mod sheets;
mod source;
#[cfg(test)]
mod testing;
mod vault;

pub mod account;
pub mod care;
pub mod catalogue;
pub mod clearing;
pub mod desks;
pub mod dues;
pub mod filings;
pub mod lists;
pub mod matching;
pub mod matters;
pub mod members;
pub mod people;
pub mod providers;
pub mod public;
pub mod turnover;
pub mod users;
pub mod visits;

pub use answer::{Answer, Refusal, Step, Stop};
pub use codec::{Decimal, Percent, Word, Yuan};
pub use command::{COMMANDS, Command, FieldForm, Form, Input, InputKind, Request};
pub use desk::{Desk, Look, Rules};
pub use fold::{Entry, Fold, STREAMS, Stamp, StreamKind};
pub use memory::Memory;
pub use money::{ACCOUNTS, Account, Line, Nature, account_named, moved};
pub use past::Past;
pub use question::{Column, QUERIES, Query, Question, Table, col};
pub use sheets::{Books, Done, Key, Leaf, Link, Outbox, Posted, Raw, Shelf, Source};
pub use vault::{Sealed, Vault, VaultError};
