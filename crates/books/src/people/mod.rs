//! People: who is on the register, by which documents, and what is known of them from which day.

mod documents;
mod dossier;
mod list;
mod register;

use crate::answer::{Refusal, Stop};
use crate::command::Command;
use crate::desk::Desk;
use crate::question::Query;
use crate::sheets::{Books, Key};

pub use documents::{DocumentKind, Number, masked, normal, recognise};
pub use dossier::{Document, Dossier, DossierEntry, Holding, Sex};
pub use list::ListPeople;
pub use register::Register;

/// The commands of the register.
pub const COMMANDS: &[Command] = &[Command::of::<Register>()];

/// The questions about the register.
pub const QUERIES: &[Query] = &[Query::of::<ListPeople>()];

/// Length of a person's number.
const NUMBER: usize = 16;

/// The stream of the person whose first document has this index.
pub fn person_key(index: &str) -> Key {
    Key::of(format!("person/{}", &index[..index.len().min(NUMBER)]))
}

/// The stream that a person's document or number most likely leads to, without asking the books.
pub fn likely(desk: &Desk<'_>, person: &str) -> Option<Key> {
    if is_number(person) {
        return Some(person_key(person));
    }
    let number = documents::recognise(person).ok()?;
    Some(person_key(&number.index(desk.vault)))
}

/// The stream of a person, by the number of a document or the person's number.
///
/// # Errors
/// When nobody is on the register under it.
pub fn find(desk: &Desk<'_>, books: &mut Books<'_>, person: &str) -> Result<Key, Stop> {
    if is_number(person) {
        let key = person_key(person);
        if books.find::<Dossier>(&key)?.is_some() {
            return Ok(key);
        }
        return Err(unknown().into());
    }
    let number = documents::recognise(person)?;
    by_document(desk, books, &number)?.ok_or_else(|| unknown().into())
}

/// The stream of the person who has a document.
///
/// # Errors
/// When the source fails.
pub fn by_document(desk: &Desk<'_>, books: &mut Books<'_>, number: &Number) -> Result<Option<Key>, Stop> {
    let index = number.index(desk.vault);
    let key = person_key(&index);
    let first = books.find::<Dossier>(&key)?.is_some_and(|dossier| dossier.documents.iter().any(|d| d.index == index));
    if first {
        return Ok(Some(key));
    }
    Ok(books.linked("document", &index)?.map(Key::of))
}

/// A person's sheet.
///
/// # Errors
/// When the source fails, or there is nobody.
pub fn dossier<'b>(books: &'b mut Books<'_>, key: &Key) -> Result<&'b Dossier, Stop> {
    books.find::<Dossier>(key)?.ok_or_else(|| unknown().into())
}

fn unknown() -> Refusal {
    Refusal::new("unknown-person", "登记册上没有这个人", "核对证件号码；新人先用 person register 登记")
}

fn is_number(text: &str) -> bool {
    text.len() == NUMBER && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
