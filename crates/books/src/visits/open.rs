//! A visit is opened, amended, and its registration taken back.

use domain::Care;
use jiff::civil::DateTime;
use serde_json::Value;

use super::book::{Certificate, Described, Insurance, Opened, Visit, VisitEntry};
use super::describe::{DiagnosisLine, described, redescribe};
use super::{clear, held, is_stay, key, past, sealed};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::matters::credentials::{self, Token};
use crate::people::{Ground, Look, looked};
use crate::sheets::{Books, Key};
use crate::{filings, members, people};

command! {
    /// Open a visit: a registration or an admission; gives its number
    Open = "visit open", "登记就诊：挂号或入院，给出就诊号" {
        /// Number of an ID card, or the person's number
        person: String = "证件号码或个人编号",
        /// Code of the provider
        provider: String = "定点机构代码",
        /// The provider's number of the visit: outpatient or inpatient number
        number: String = "机构的门诊号或住院号",
        /// Kind of care
        care: Word<Care> = "就医类型",
        /// Code of the kind of care, as the provider writes it
        kind: Option<String> = "医疗类别代码，照机构所写",
        /// When it began
        begin: DateTime = "开始时间",
        /// Code of the chronic, special or single disease
        disease: Option<String> = "慢特病或单病种编码",
        /// Department
        department: Option<String> = "科室",
        /// Code of the physician
        physician: Option<String> = "医师编码",
        /// Name of the physician
        physician_name: Option<String> = "医师姓名",
        /// What the person showed
        certificate: Option<Word<Certificate>> = "就诊凭证类型",
        /// Number of what the person showed, which must not be another's
        certificate_number: Option<String> = "出示的凭证的号码，不能是别人的",
        /// The insurance it is to be settled by
        insurance: Option<Word<Insurance>> = "险种",
        /// The main condition in words
        condition: Option<String> = "主要病情描述",
        /// The diagnoses
        diagnoses: Vec<DiagnosisLine> = "诊断",
        /// Through what, where settlements of the visit tell the provider who the person is: that is recorded
        through: Option<String> = "途径，如接口交易号；写明的，结算时带出人员信息（留痕）",
    }
}

/// How many characters of a hash make a visit's number.
const NUMBER: usize = 24;
/// How often a registration can be taken back and made again at the same moment.
const AGAIN: u32 = 20;

impl Open {
    /// The number that such a visit has, the first time or after so many that were taken back.
    fn visit(&self, desk: &Desk<'_>, person: &Key, again: u32) -> String {
        let provider = self.provider.trim().to_ascii_uppercase();
        let what = format!("{provider}|{}|{}|{}|{}", self.number.trim(), person.subject, self.care.0, self.begin);
        let text = if again == 0 { what } else { format!("{what}|{again}") };
        let index = desk.vault.index("visit", &text);
        index[..index.len().min(NUMBER)].to_owned()
    }

    fn opened(&self, desk: &Desk<'_>, person: &Key) -> Result<Opened, Refusal> {
        let Some(number) = sealed(desk, &Some(self.number.clone())) else {
            return Err(Refusal::new("bad-field", "没有写机构的门诊号或住院号", "写 number"));
        };
        Ok(Opened {
            person: people::told(person).to_owned(),
            provider: self.provider.trim().to_ascii_uppercase(),
            number,
            care: self.care,
            kind: clear("医疗类别", &self.kind)?,
            begin: self.begin,
            department: clear("科室", &self.department)?,
            physician: clear("医师编码", &self.physician)?,
            physician_name: sealed(desk, &self.physician_name),
            certificate: self.certificate,
            insurance: self.insurance.unwrap_or(Word(Insurance::Resident)),
            through: self.through.as_deref().map(people::reason).transpose()?,
        })
    }
}

impl UseCase for Open {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let day = self.begin.date();
        past(desk, "就诊日期", day)?;
        let person = people::find(desk, books, &self.person)?;
        let opened = self.opened(desk, &person)?;
        for again in 0..AGAIN {
            let visit = self.visit(desk, &person, again);
            match books.find::<Visit>(&key(&visit))? {
                Some(known) if known.cancelled => {}
                Some(known) => {
                    return Ok(answer(&visit, known.opened.as_ref().unwrap_or(&opened)).with("already", true));
                }
                None => return self.post(desk, books, &person, &visit, opened),
            }
        }
        let message = "同一登记已反复撤销";
        Err(Refusal::new("visit-cancelled", message, "核对就诊开始时间，按实际时间重新登记").into())
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        let Some(person) = people::likely(desk, &self.person) else { return Vec::new() };
        let mut keys = members::keys(&person, self.begin.year());
        keys.extend(filings::keys(&person, &self.provider));
        keys.push(key(&self.visit(desk, &person, 0)));
        keys
    }

    fn recallable(&self) -> bool {
        true
    }
}

impl Open {
    fn post(
        &self,
        desk: &Desk<'_>,
        books: &mut Books<'_>,
        person: &Key,
        visit: &str,
        opened: Opened,
    ) -> Result<Answer, Stop> {
        let day = self.begin.date();
        let insured = members::insured(desk, books, person, day)?;
        let scheme = match insured.person.scheme {
            domain::Scheme::Resident => Insurance::Resident,
            domain::Scheme::Employee => Insurance::Employee,
        };
        if let Some(asked) = self.insurance.filter(|asked| asked.0 != scheme) {
            let message = format!("险种 {asked} 不是该人参加的险种（{scheme} {}）", scheme.name());
            return Err(Refusal::new("other-insurance", message, "按参保险种登记").into());
        }
        let opened = Opened { insurance: Word(scheme), ..opened };
        let disease = self.disease.as_deref();
        let place = filings::at(desk, books, person, &opened.provider, day, self.care.0, disease)?;
        self.identify(desk, books, person)?;
        let begin = self.begin.strftime("%Y%m%d%H%M%S");
        if is_stay(self.care.0) {
            not_in_hospital(books, person)?;
            books.link("stay", &format!("{}/{begin}/{visit}", opened.person), &key(visit).subject)?;
        }
        let name = format!("{}/{}/{begin}/{visit}", opened.person, opened.provider);
        books.link("visit", &name, &key(visit).subject)?;
        books.post::<Visit>(&key(visit), &VisitEntry::Opened(opened.clone()))?;
        let described = described(desk, &self.disease, &self.diagnoses, &self.condition)?;
        if described != Described::default() {
            books.post::<Visit>(&key(visit), &VisitEntry::Described(described))?;
        }
        if let Some(through) = &opened.through {
            let (on, ground) = (desk.today(), Word(Ground::Visit));
            let (through, provider) = (through.clone(), Some(opened.provider.clone()));
            looked(desk, books, person, Look { on, ground, reason: "就诊结算".to_owned(), through, provider })?;
        }
        let answer = answer(visit, &opened)
            .with("level", place.level.code())
            .with("filing", place.filing.code())
            .with("filings", place.filings);
        Ok(answer.because(place.steps))
    }

    /// Whether the person may be identified by what was shown; where the terms say nothing of it, by anything.
    fn identify(&self, desk: &Desk<'_>, books: &mut Books<'_>, person: &Key) -> Result<(), Stop> {
        let token = match self.certificate.map(|shown| shown.0) {
            Some(Certificate::Electronic) => Some(Token::Electronic),
            Some(Certificate::Card) => Some(Token::Card),
            Some(Certificate::IdCard) | None => None,
        };
        if let Some(number) = &self.certificate_number {
            let whose = match token {
                None => Some(people::find(desk, books, number)?),
                // A number that is on no record tells nothing of whose it is.
                Some(token) => credentials::owner(desk, books, token, number)?,
            };
            if whose.is_some_and(|whose| whose != *person) {
                let message = "出示的凭证不是这个人的";
                return Err(Refusal::new("other-person", message, "核对人员编号和所出示的凭证").into());
            }
        }
        if self.certificate.is_none() {
            return Ok(());
        }
        let day = self.begin.date();
        credentials::accepted(desk, books, person, token, day)?;
        if let Some(token) = token {
            credentials::used(books, person, token, &self.provider, day)?;
        }
        Ok(())
    }
}

/// Nobody is in two hospitals at once.
fn not_in_hospital(books: &mut Books<'_>, person: &Key) -> Result<(), Stop> {
    const STAYS: usize = 1_000;
    let stays = books.names("stay", &format!("{}/", people::told(person)), STAYS)?;
    books.preload(stays.iter().map(|stay| Key::of(stay.subject.clone())))?;
    for stay in stays {
        let key = Key::of(stay.subject);
        let Some(visit) = books.find::<Visit>(&key)? else { continue };
        if visit.cancelled || visit.discharged.is_some() || visit.ended() {
            continue;
        }
        if let Some(opened) = &visit.opened {
            let message = format!("该人 {} 起在 {} 住院，还没有出院", opened.begin.date(), opened.provider);
            return Err(Refusal::new("in-hospital", message, "先办出院或撤销原入院登记").into());
        }
    }
    Ok(())
}

fn answer(visit: &str, opened: &Opened) -> Answer {
    Answer::new(format!("已登记，就诊号 {visit}"), format!("opened as {visit}"))
        .with("visit", visit)
        .with("person", opened.person.clone())
        .with("provider", opened.provider.clone())
        .with("care", opened.care.0.code())
        .with("begin", opened.begin.to_string())
        .with("insurance", opened.insurance.0.code())
}

command! {
    /// Amend a visit before it is settled; what is left out stays as it is
    Amend = "visit amend", "变更就诊登记（结算之前），不写的不变" {
        /// Number of the visit
        visit: String = "就诊号",
        /// Code of the provider
        provider: String = "定点机构代码",
        /// Number of an ID card, or the person's number
        person: Option<String> = "证件号码或个人编号",
        /// Kind of care
        care: Option<Word<Care>> = "就医类型",
        /// Code of the kind of care, as the provider writes it
        kind: Option<String> = "医疗类别代码，照机构所写",
        /// When it began
        begin: Option<DateTime> = "开始时间",
        /// The provider's number of the visit
        number: Option<String> = "机构的门诊号或住院号",
        /// Department
        department: Option<String> = "科室",
        /// Code of the physician
        physician: Option<String> = "医师编码",
        /// Name of the physician
        physician_name: Option<String> = "医师姓名",
        /// Code of the chronic, special or single disease
        disease: Option<String> = "慢特病或单病种编码",
        /// The main condition in words
        condition: Option<String> = "主要病情描述",
        /// The diagnoses; where there are any, they take the place of those before
        diagnoses: Vec<DiagnosisLine> = "诊断，写了的替换以前所报",
    }
}

impl UseCase for Amend {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let held = held(desk, books, &self.visit, &self.provider, self.person.as_deref())?;
        unsettled(books, &held.key, &self.visit)?;
        let before = held.opened;
        let care = self.care.unwrap_or(before.care);
        if is_stay(care.0) != is_stay(before.care.0) {
            let cure = "撤销登记（visit cancel）后按正确的类型重新登记";
            return Err(Refusal::new("other-care", "住院和门诊登记不能互改", cure).into());
        }
        let opened = Opened {
            care,
            kind: clear("医疗类别", &self.kind)?.or(before.kind),
            begin: self.begin.unwrap_or(before.begin),
            number: sealed(desk, &self.number).unwrap_or(before.number),
            department: clear("科室", &self.department)?.or(before.department),
            physician: clear("医师编码", &self.physician)?.or(before.physician),
            physician_name: sealed(desk, &self.physician_name).or(before.physician_name),
            ..before
        };
        past(desk, "就诊日期", opened.begin.date())?;
        books.post::<Visit>(&held.key, &VisitEntry::Opened(opened.clone()))?;
        redescribe(desk, books, &held.key, (&self.disease, &self.diagnoses, &self.condition))?;
        Ok(answer(&self.visit, &opened))
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        vec![key(&self.visit)]
    }

    fn recallable(&self) -> bool {
        true
    }
}

command! {
    /// Take a registration back: nothing of it may be charged or settled
    Cancel = "visit cancel", "撤销挂号或入院登记（没有费用和结算的）" {
        /// Number of the visit
        visit: String = "就诊号",
        /// Code of the provider
        provider: String = "定点机构代码",
        /// Number of an ID card, or the person's number
        person: Option<String> = "证件号码或个人编号",
        /// Why
        reason: Option<String> = "原因",
    }
}

impl UseCase for Cancel {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let held = held(desk, books, &self.visit, &self.provider, self.person.as_deref())?;
        let reason = clear("原因", &self.reason)?.unwrap_or_default();
        cancel(books, &held.key, &self.visit, &reason)?;
        let says = format!("就诊 {} 的登记已撤销", self.visit);
        Ok(Answer::new(says, "registration taken back").with("visit", Value::from(self.visit.trim())))
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        vec![key(&self.visit)]
    }

    fn recallable(&self) -> bool {
        true
    }
}

/// Takes a registration back.
pub(super) fn cancel(books: &mut Books<'_>, key: &Key, visit: &str, reason: &str) -> Result<(), Stop> {
    unsettled(books, key, visit)?;
    let lines = books.find::<Visit>(key)?.map_or(0, |visit| visit.lines.len());
    if lines > 0 {
        let message = format!("就诊 {visit} 还有 {lines} 行费用明细");
        return Err(Refusal::new("has-lines", message, "先撤销明细（visit strike，0000 为全部），再撤销登记").into());
    }
    books.post::<Visit>(key, &VisitEntry::Cancelled { reason: reason.to_owned() })?;
    Ok(())
}

/// Refuses a visit that has a settlement.
pub(super) fn unsettled(books: &mut Books<'_>, key: &Key, visit: &str) -> Result<(), Stop> {
    let standing = books.find::<Visit>(key)?.and_then(|visit| visit.standing().next_back().cloned());
    match standing {
        None => Ok(()),
        Some(part) => {
            let message = format!("就诊 {visit} 已结算（{}）", part.settlement);
            Err(Refusal::new("visit-settled", message, "先撤销结算（visit reverse）").into())
        }
    }
}
