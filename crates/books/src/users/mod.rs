//! Who may come in: users of a region's books, keys of hospital systems, and what needs a second person.
//!
//! A secret never enters the books: a password comes as its argon2id hash, a key as the hash of its text, both made at the edge.
//! Only that of a key for the national interface is kept, sealed: signatures cannot be checked without it.
//! What a role may do is the edge's business too; here a role is a word. That nobody approves what he proposed himself holds
//! here, whatever the edge lets in.

mod account;
mod key;
mod proposal;
mod subject;
#[cfg(test)]
mod tests;

use crate::answer::Refusal;
use crate::command::Command;
use crate::question::Query;

pub use account::{AddUser, Disable, Enable, ListUsers, Password, SetRole, UserBook, UserEntry, any_user, user};
pub use key::{ApiKey, IssueKey, KeyEntry, ListKeys, RevokeKey, SECRET, api_key};
pub use proposal::{Approve, ListProposals, Make, Proposal, ProposalEntry, Refuse, made_by, proposed, proposed_of};
pub use subject::{Bind, SubjectBook, SubjectEntry, Unbind, bound};

/// The commands.
pub const COMMANDS: &[Command] = &[
    Command::of::<AddUser>(),
    Command::of::<Password>(),
    Command::of::<Disable>(),
    Command::of::<Enable>(),
    Command::of::<SetRole>(),
    Command::of::<Bind>(),
    Command::of::<Unbind>(),
    Command::of::<IssueKey>(),
    Command::of::<RevokeKey>(),
    Command::of::<Make>(),
    Command::of::<Approve>(),
    Command::of::<Refuse>(),
];

/// The questions.
pub const QUERIES: &[Query] = &[Query::of::<ListUsers>(), Query::of::<ListKeys>(), Query::of::<ListProposals>()];

/// A name that can stand in a subject, in a log and in an address: 2 to 32 small letters, digits, dots, dashes.
fn name(text: &str) -> Result<String, Refusal> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    if (2..=32).contains(&text.len()) && text.bytes().all(fits) && text.as_bytes()[0].is_ascii_lowercase() {
        return Ok(text.to_owned());
    }
    Err(Refusal::new("bad-name", "名字不能用", "2 到 32 个小写字母、数字、点、横线，以字母开头"))
}

/// A reason that says something.
fn reason(text: &str) -> Result<String, Refusal> {
    match text.trim() {
        "" => Err(Refusal::new("missing-reason", "没有写理由", "写 reason")),
        text => Ok(text.to_owned()),
    }
}
