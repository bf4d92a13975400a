//! Coming on the register.

use domain::Date;

use super::documents::{DocumentKind, normal};
use super::dossier::{Document, Dossier, DossierEntry, Sex};
use super::{by_document, person_key};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::Books;

command! {
    /// Put a person on the register, by an identity document
    Register = "person register", "登记人员" {
        /// Number of the document
        number: String = "证件号码",
        /// Kind of the document; a resident ID card, if left out
        document: Option<Word<DocumentKind>> = "证件种类，不写为居民身份证",
        /// Name as on the document
        name: String = "姓名",
        /// Date of birth, where the number does not tell it
        born: Option<Date> = "出生日期（证件号码不含时）",
        /// Sex, where the number does not tell it
        sex: Option<Word<Sex>> = "性别（证件号码不含时）",
        /// Code of the area
        area: String = "所在区划代码",
    }
}

impl UseCase for Register {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let kind = self.document.map_or(DocumentKind::IdCard, |kind| kind.0);
        let number = normal(kind, &self.number)?;
        if by_document(desk, books, &number)?.is_some() {
            let message = format!("{}已在登记册上", kind.name());
            return Err(
                Refusal::new("already-registered", message, "用 person show 查看；信息有变用 person amend").into()
            );
        }
        let born = number.born.or(self.born);
        if born.is_some_and(|born| born > desk.today()) {
            return Err(Refusal::new("impossible-date", "出生日期在今天之后", "核对证件").into());
        }
        let index = number.index(desk.vault);
        let key = person_key(&index);
        let document =
            Document { kind: Word(kind), index, number: desk.vault.seal("number", &number.text), valid_until: None };
        let entry = DossierEntry::Registered {
            document,
            name: desk.vault.seal("name", self.name.trim()),
            sex: number.sex.map(Word).or(self.sex),
            born,
            area: self.area.clone(),
        };
        books.post::<Dossier>(&key, &entry)?;
        let person = key.subject.trim_start_matches("person/").to_owned();
        Ok(Answer::new(format!("已登记，个人编号 {person}"), format!("registered as {person}")).with("person", person))
    }
}
