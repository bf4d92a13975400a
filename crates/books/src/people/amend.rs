//! What is known of a person changes: name and contact, documents, permits. Each change says why.

use domain::Date;

use super::documents::{DocumentKind, normal};
use super::dossier::{Amendment, Dossier, DossierEntry};
use super::record::{Permit, Registration, Sex, Work};
use super::register::{born_by, clean_area, clean_name, clean_phone, sealed, sealed_employer, sealed_ethnicity};
use super::{answered, by_document, dossier, find, follow, likely, open, reason};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::{Books, Key};

command! {
    /// Amend what is known of a person
    Amend = "person amend", "更正人员信息" {
        /// Number of an identity document, or person's number
        person: String = "证件号码或个人编号",
        /// Name as on the document
        name: Option<String> = "姓名",
        /// Date of birth, where no document tells it
        born: Option<Date> = "出生日期（证件号码不含时）",
        /// Sex, where no document tells it
        sex: Option<Word<Sex>> = "性别（证件号码不含时）",
        /// Code of the area
        area: Option<String> = "所在区划代码",
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
        /// First day from which what follows is decided by it; today, if left out
        from: Option<Date> = "从哪一日起生效，不写为今天",
        /// Why
        reason: String = "原因",
    }
}

impl UseCase for Amend {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = find(desk, books, &self.person)?;
        let seal = |purpose, text: &str| desk.vault.seal(purpose, text);
        let amendment = Amendment {
            name: self.name.as_deref().map(clean_name).transpose()?.map(|name| seal("name", name)),
            sex: self.sex,
            born: self.born,
            area: self.area.as_deref().map(clean_area).transpose()?.map(str::to_owned),
            phone: self.phone.as_deref().map(clean_phone).transpose()?.map(|phone| seal("phone", &phone)),
            registration: self.registration,
            work: self.work,
            ethnicity: sealed_ethnicity(desk, self.ethnicity.as_deref())?,
            employer: sealed_employer(desk, self.employer.as_deref())?,
            reason: reason(&self.reason)?,
        };
        let known = dossier(books, &key)?;
        told_by_document(desk, known, &amendment)?;
        let mut after = known.clone();
        after.amend(&amendment);
        if after == *known {
            return Ok(answered(&key, "所写与登记一致，未作变更", "already so", Vec::new()));
        }
        books.post::<Dossier>(&key, &DossierEntry::Amended(amendment))?;
        let followed = follow::changed(desk, books, &key, self.from.unwrap_or(desk.today()))?;
        Ok(answered(&key, "已更正", "amended", followed))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        likely(desk, &self.person).into_iter().collect()
    }
}

/// Birth and sex that the document in use tells are not amended beside it.
fn told_by_document(desk: &Desk<'_>, known: &Dossier, amendment: &Amendment) -> Result<(), Stop> {
    if let Some(born) = amendment.born {
        born_by(born, desk.today())?;
        if known.died.is_some_and(|died| died < born) {
            return Err(Refusal::new("impossible-date", "出生日期在死亡日期之后", "核对证件").into());
        }
    }
    let Some(document) = known.document() else { return Ok(()) };
    let number = normal(document.kind.0, &open(desk, "number", &document.number)?)?;
    let born = amendment.born.zip(number.born).is_some_and(|(given, told)| given != told);
    let sex = amendment.sex.zip(number.sex).is_some_and(|(given, told)| given.0 != told);
    if born || sex {
        let message = format!("{}号码已载明出生日期和性别，与所写不一致", document.kind.0.name());
        return Err(Refusal::new("told-by-document", message, "证件有误的，先用 person document 换证件").into());
    }
    Ok(())
}

command! {
    /// Add a document of a person, or one in the place of an older one of the same kind
    AddDocument = "person document", "登记或更换证件" {
        /// Number of an identity document, or person's number
        person: String = "证件号码或个人编号",
        /// Kind of the document; a resident ID card, if left out
        document: Option<Word<DocumentKind>> = "证件种类，不写为居民身份证",
        /// Number of the document
        number: String = "证件号码",
        /// Last day on which it is valid
        valid_until: Option<Date> = "有效期的最后一日",
        /// Why
        reason: Option<String> = "原因",
    }
}

impl UseCase for AddDocument {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = find(desk, books, &self.person)?;
        let kind = self.document.map_or(DocumentKind::IdCard, |kind| kind.0);
        let number = normal(kind, &self.number)?;
        if by_document(desk, books, &number)?.is_some_and(|other| other != key) {
            let message = format!("这个{}号码是登记册上另一个人的", kind.name());
            return Err(Refusal::new(
                "already-registered",
                message,
                "核对号码；确系一人的，列入 person duplicates 核查",
            )
            .into());
        }
        let known = dossier(books, &key)?;
        let document = sealed(desk, &number, self.valid_until);
        if known.documents.iter().rev().find(|d| d.kind == document.kind) == Some(&document) {
            return Ok(answered(&key, "证件已登记过，未作变更", "already so", Vec::new()));
        }
        // What the number tells of birth and sex must agree with what is known, or be what becomes known.
        let differs = known.born.zip(number.born).is_some_and(|(known, told)| known != told)
            || known.sex.zip(number.sex).is_some_and(|(known, told)| known.0 != told);
        if differs && self.reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
            let message = format!("{}号码载明的出生日期或性别与登记不一致", kind.name());
            return Err(Refusal::new("documents-differ", message, "核对是否同一人；确需更正的写明 reason").into());
        }
        let fresh = known.born.is_none() && number.born.is_some() || known.sex.is_none() && number.sex.is_some();
        if let Some(born) = number.born {
            born_by(born, desk.today())?;
        }
        books.link("document", &document.index, &key.subject)?;
        books.post::<Dossier>(&key, &DossierEntry::Document(document))?;
        if differs || fresh {
            let why = self.reason.clone().unwrap_or_else(|| format!("按{}号码", kind.name()));
            let amendment =
                Amendment { born: number.born, sex: number.sex.map(Word), reason: why, ..Amendment::default() };
            books.post::<Dossier>(&key, &DossierEntry::Amended(amendment))?;
        }
        let followed = follow::changed(desk, books, &key, desk.today())?;
        Ok(answered(&key, &format!("已登记{}", kind.name()), "document recorded", followed))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        likely(desk, &self.person).into_iter().collect()
    }
}

command! {
    /// Record a permit of residence, the ground on which somebody without local household may enrol
    AddPermit = "person permit", "登记居住证" {
        /// Number of an identity document, or person's number
        person: String = "证件号码或个人编号",
        /// First day
        from: Date = "签发日",
        /// Last day on which it is valid
        valid_until: Date = "有效期的最后一日",
    }
}

impl UseCase for AddPermit {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = find(desk, books, &self.person)?;
        if self.valid_until < self.from {
            return Err(Refusal::new("ends-before-start", "居住证的有效期止于签发之前", "核对居住证").into());
        }
        if self.from > desk.today() {
            return Err(Refusal::new("impossible-date", "签发日在今天之后", "核对居住证").into());
        }
        let permit = Permit { from: self.from, valid_until: self.valid_until };
        let known = dossier(books, &key)?;
        if known.permits.contains(&permit) {
            return Ok(answered(&key, "居住证已登记过，未作变更", "already so", Vec::new()));
        }
        // Who holds a permit of residence has the household elsewhere.
        let elsewhere = Some(Word(Registration::Elsewhere));
        let unknown = known.registration != elsewhere;
        books.post::<Dossier>(&key, &DossierEntry::Permit(permit))?;
        if unknown {
            let amendment =
                Amendment { registration: elsewhere, reason: "持居住证".to_owned(), ..Amendment::default() };
            books.post::<Dossier>(&key, &DossierEntry::Amended(amendment))?;
        }
        let followed = follow::changed(desk, books, &key, self.from)?;
        let says = format!("已登记居住证，有效期至 {}", self.valid_until);
        Ok(answered(&key, &says, &format!("permit recorded, valid until {}", self.valid_until), followed))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        likely(desk, &self.person).into_iter().collect()
    }
}
