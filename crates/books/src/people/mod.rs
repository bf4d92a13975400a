//! People: who is on the register, by which documents, and what is known of them from which day.

mod access;
mod amend;
mod category;
mod classes;
mod documents;
mod dossier;
mod facts;
pub mod feed;
pub mod follow;
mod history;
pub mod household;
mod ledger;
mod life;
mod list;
mod quality;
mod read;
mod record;
mod register;
mod secured;
mod show;
mod study;
#[cfg(test)]
mod tests;

use crate::answer::{Answer, Refusal, Stop};
use crate::command::Command;
use crate::desk::Desk;
use crate::question::Query;
use crate::sheets::{Books, Key};
use crate::vault::Sealed;

pub use access::{Access, AccessEntry, AccessLog, Ground, LOOKS, Look, NoteAccess, looked};
pub use amend::{AddDocument, AddPermit, Amend};
pub use category::{AssertCategory, CorrectCategory, EndCategory};
pub use classes::NeedyClasses;
pub use documents::{DocumentKind, Number, masked, normal, recognise};
pub use dossier::{Amendment, Dossier, DossierEntry};
pub use history::CategoryHistory;
pub use household::{JoinHousehold, LeaveHousehold, together};
pub(crate) use ledger::share;
pub use ledger::{NeedyCoverage, NeedyLedger};
pub use life::{Die, Revive};
pub use list::{Duplicates, FindPeople, ListPeople, identity, masked_name};
pub use quality::{Gaps, Quality};
pub use read::ReadPerson;
pub(crate) use read::tell;
pub use record::{
    Arrangement, Document, Holding, Loan, Membership, Permit, Registration, Secured, Sex, Study, StudyLevel, Work,
};
pub use register::Register;
pub use secured::{EndArrangement, RecordArrangement};
pub use show::{ShowPerson, ViewPerson};
pub use study::{CertifyLoan, RecordStudy, SubmitLoan};

/// The commands of the register.
pub const COMMANDS: &[Command] = &[
    Command::of::<Register>(),
    Command::of::<Amend>(),
    Command::of::<AddDocument>(),
    Command::of::<AddPermit>(),
    Command::of::<ViewPerson>(),
    Command::of::<ReadPerson>(),
    Command::of::<NoteAccess>(),
    Command::of::<Die>(),
    Command::of::<Revive>(),
    Command::of::<JoinHousehold>(),
    Command::of::<LeaveHousehold>(),
    Command::of::<RecordStudy>(),
    Command::of::<SubmitLoan>(),
    Command::of::<CertifyLoan>(),
    Command::of::<RecordArrangement>(),
    Command::of::<EndArrangement>(),
    Command::of::<AssertCategory>(),
    Command::of::<EndCategory>(),
    Command::of::<CorrectCategory>(),
    Command::of::<feed::LoadFeed>(),
];

/// The questions about the register.
pub const QUERIES: &[Query] = &[
    Query::of::<ListPeople>(),
    Query::of::<FindPeople>(),
    Query::of::<ShowPerson>(),
    Query::of::<Duplicates>(),
    Query::of::<CategoryHistory>(),
    Query::of::<feed::CompareFeed>(),
    Query::of::<feed::FeedHistory>(),
    Query::of::<feed::FeedRejects>(),
    Query::of::<NeedyLedger>(),
    Query::of::<NeedyCoverage>(),
    Query::of::<NeedyClasses>(),
    Query::of::<Quality>(),
    Query::of::<Gaps>(),
    Query::of::<AccessLog>(),
];

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

/// Whether a person is on the register of an area, told by its code or the beginning of it.
///
/// # Errors
/// When the source fails.
pub fn is_of(books: &mut Books<'_>, key: &Key, area: &str) -> Result<bool, Stop> {
    Ok(books.find::<Dossier>(key)?.is_some_and(|dossier| dossier.area.starts_with(area)))
}

/// Of what is each about a person, or about nobody known, what is to be listed of an area: where one is named, what is about
/// persons registered there.
///
/// # Errors
/// When the source fails.
pub(crate) fn of_area<T>(
    books: &mut Books<'_>,
    area: Option<&str>,
    all: Vec<(Option<Key>, T)>,
) -> Result<Vec<T>, Stop> {
    let Some(area) = area else { return Ok(all.into_iter().map(|(_, one)| one).collect()) };
    books.preload(all.iter().filter_map(|(person, _)| person.clone()))?;
    let mut found = Vec::new();
    for (person, one) in all {
        if person.map_or(Ok(false), |person| is_of(books, &person, area))? {
            found.push(one);
        }
    }
    Ok(found)
}

/// A person's number: what is left of the subject.
pub fn told(key: &Key) -> &str {
    key.subject.strip_prefix("person/").unwrap_or(&key.subject)
}

/// Opens what is sealed.
///
/// # Errors
/// When it was sealed with another key, or is damaged.
pub fn open(desk: &Desk<'_>, purpose: &str, sealed: &Sealed) -> Result<String, Refusal> {
    desk.vault.open(purpose, sealed).map_err(|error| Refusal::new("sealed", error.to_string(), "用建库时的密钥"))
}

/// The answer of a change of a person's facts, with what followed from it.
fn answered(key: &Key, says: &str, english: &str, followed: Vec<String>) -> Answer {
    let says = std::iter::once(says.to_owned()).chain(followed.iter().cloned()).collect::<Vec<_>>().join("；");
    let answer = Answer::new(says, english).with("person", told(key));
    if followed.is_empty() { answer } else { answer.with("followed", followed) }
}

/// A reason that says something, and no number of an ID card.
///
/// # Errors
/// When it says nothing, or tells a number.
pub(crate) fn reason(text: &str) -> Result<String, Refusal> {
    match text.trim() {
        "" => Err(Refusal::new("no-reason", "没有写原因", "写明 reason：依据哪份材料、为什么")),
        text if tells_number(text) => {
            Err(Refusal::new("number-in-text", "原因里有身份证号码，原因不加密", "去掉号码，或写个人编号"))
        }
        text => Ok(text.to_owned()),
    }
}

/// Whether a text that is kept in clear tells the number of an ID card.
pub(crate) fn tells_number(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() == 18);
    words.into_iter().any(|word| recognise(word).is_ok())
}

fn unknown() -> Refusal {
    Refusal::new("unknown-person", "登记册上没有这个人", "核对证件号码；新人先用 person register 登记")
}

/// Whether a text is a person's number, as the register gives it.
pub fn is_number(text: &str) -> bool {
    text.len() == NUMBER && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
