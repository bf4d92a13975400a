//! Coming on the register.

use domain::Date;

use super::documents::{DocumentKind, Number, normal};
use super::dossier::{Dossier, DossierEntry};
use super::record::{Document, Registration, Sex, Work};
use super::{by_document, person_key, told};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::{Books, Key};
use crate::vault::Sealed;

/// How old somebody may be, in years: beyond it the year of birth is an error of writing.
const OLDEST: i16 = 130;
/// Characters that `emp_name` of the national interface takes.
const LONGEST_EMPLOYER: usize = 200;

command! {
    /// Put a person on the register, by an identity document
    Register = "person register", "登记人员" {
        /// Number of the document
        number: String = "证件号码",
        /// Kind of the document; a resident ID card, if left out
        document: Option<Word<DocumentKind>> = "证件种类，不写为居民身份证",
        /// Last day on which the document is valid
        valid_until: Option<Date> = "证件有效期的最后一日",
        /// Name as on the document
        name: String = "姓名",
        /// Date of birth, where the number does not tell it
        born: Option<Date> = "出生日期（证件号码不含时）",
        /// Sex, where the number does not tell it
        sex: Option<Word<Sex>> = "性别（证件号码不含时）",
        /// Code of the area
        area: String = "所在区划代码",
        /// Telephone
        phone: Option<String> = "联系电话",
        /// Where the household is registered
        registration: Option<Word<Registration>> = "户籍",
        /// How the person works
        work: Option<Word<Work>> = "就业形式",
        /// Code of the ethnic group by GB/T 3304, two digits
        ethnicity: Option<String> = "民族代码（GB/T 3304，两位数字）",
        /// Name of the employer
        employer: Option<String> = "工作单位名称",
    }
}

impl UseCase for Register {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let kind = self.document.map_or(DocumentKind::IdCard, |kind| kind.0);
        let number = normal(kind, &self.number)?;
        let key = self.enter(desk, books, &number)?;
        let person = told(&key);
        Ok(Answer::new(format!("已登记，个人编号 {person}"), format!("registered as {person}")).with("person", person))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        let kind = self.document.map_or(DocumentKind::IdCard, |kind| kind.0);
        normal(kind, &self.number).map(|number| person_key(&number.index(desk.vault))).into_iter().collect()
    }
}

impl Register {
    /// Puts the person on the register by a number that is read already.
    pub(super) fn enter(&self, desk: &Desk<'_>, books: &mut Books<'_>, number: &Number) -> Result<Key, Stop> {
        if by_document(desk, books, number)?.is_some() {
            let message = format!("{}已在登记册上", number.kind.name());
            return Err(
                Refusal::new("already-registered", message, "用 person show 查看；信息有变用 person amend").into()
            );
        }
        let name = clean_name(&self.name)?;
        let born = number.born.or(self.born);
        if let Some(born) = born {
            born_by(born, desk.today())?;
        }
        let document = sealed(desk, number, self.valid_until);
        let key = person_key(&document.index);
        let entry = DossierEntry::Registered {
            document,
            name: desk.vault.seal("name", name),
            sex: number.sex.map(Word).or(self.sex),
            born,
            area: clean_area(&self.area)?.to_owned(),
            phone: self.phone.as_deref().map(clean_phone).transpose()?.map(|phone| desk.vault.seal("phone", &phone)),
            registration: self.registration,
            work: self.work,
            ethnicity: sealed_ethnicity(desk, self.ethnicity.as_deref())?,
            employer: sealed_employer(desk, self.employer.as_deref())?,
        };
        books.post::<Dossier>(&key, &entry)?;
        Ok(key)
    }
}

/// A document as it is kept.
pub(super) fn sealed(desk: &Desk<'_>, number: &Number, valid_until: Option<Date>) -> Document {
    Document {
        kind: Word(number.kind),
        index: number.index(desk.vault),
        number: desk.vault.seal("number", &number.text),
        valid_until,
    }
}

/// A date of birth that can be.
pub(super) fn born_by(born: Date, today: Date) -> Result<(), Refusal> {
    let what = if born > today {
        "出生日期在今天之后"
    } else if born.year() + OLDEST < today.year() {
        "出生日期太早"
    } else {
        return Ok(());
    };
    Err(Refusal::new("impossible-date", format!("{what}：{born}"), "核对证件"))
}

/// A name as written on documents: without blanks around it, and not empty.
pub(super) fn clean_name(name: &str) -> Result<&str, Refusal> {
    match name.trim() {
        "" => Err(Refusal::new("no-name", "姓名是空的", "照证件写姓名")),
        name => Ok(name),
    }
}

/// An area code: digits of a county, town or village.
pub(super) fn clean_area(area: &str) -> Result<&str, Refusal> {
    let area = area.trim();
    let right = matches!(area.len(), 6 | 9 | 12) && area.bytes().all(|byte| byte.is_ascii_digit());
    if right {
        return Ok(area);
    }
    let cure = "写 6 位县级、9 位乡级或 12 位村级代码";
    Err(Refusal::new("bad-area", format!("“{area}” 不是区划代码"), cure))
}

/// The code of an ethnic group, sealed: two digits, by GB/T 3304. The table itself is not at hand, so that only its form is checked.
pub(super) fn sealed_ethnicity(desk: &Desk<'_>, code: Option<&str>) -> Result<Option<Sealed>, Refusal> {
    let Some(code) = code.map(str::trim) else { return Ok(None) };
    if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_digit()) && code != "00" {
        return Ok(Some(desk.vault.seal("ethnicity", code)));
    }
    Err(Refusal::new("bad-ethnicity", format!("“{code}” 不是民族代码"), "写 GB/T 3304 的两位数字代码，如 01"))
}

/// The name of an employer, sealed: as long as the national interface takes it.
pub(super) fn sealed_employer(desk: &Desk<'_>, name: Option<&str>) -> Result<Option<Sealed>, Refusal> {
    let Some(name) = name.map(str::trim) else { return Ok(None) };
    if !name.is_empty() && name.chars().count() <= LONGEST_EMPLOYER {
        return Ok(Some(desk.vault.seal("employer", name)));
    }
    let message = format!("单位名称是空的，或超过 {LONGEST_EMPLOYER} 字");
    Err(Refusal::new("bad-employer", message, "照单位公章写名称"))
}

/// A telephone number: digits, as they are dialled.
pub(super) fn clean_phone(phone: &str) -> Result<String, Refusal> {
    let digits: String = phone.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let plain = digits.strip_prefix('+').unwrap_or(&digits);
    if (7..=15).contains(&plain.len()) && plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(digits);
    }
    Err(Refusal::new("bad-phone", "联系电话只能是 7 至 15 位数字", "核对联系电话"))
}
