//! Birth as one matter (新生儿出生“一件事”): one birth record registers the newborn by the birth certificate, in the household of
//! a parent, enrols and bills it, all under one tracking number.

use domain::Date;

use super::enrol::{Application, enrol};
use super::membership::{Channel, Membership};
use super::number::tracking;
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::people::{self, DocumentKind, Dossier, DossierEntry, Register, Sex, household, masked, normal};
use crate::sheets::{Books, Key};

command! {
    /// Take a birth record: register the newborn, enrol it and bill it under one number
    RecordBirth = "birth record", "出生一件事" {
        /// Number of the birth certificate
        certificate: String = "出生医学证明编号",
        /// The mother: number of an ID card, or the person's number
        mother: Option<String> = "母亲：身份证号码或个人编号",
        /// The father, likewise
        father: Option<String> = "父亲：身份证号码或个人编号",
        /// Day of birth
        born: Date = "出生日期",
        /// Sex
        sex: Word<Sex> = "性别",
        /// Name
        name: String = "姓名",
        /// Insured year; that of the birth, if left out
        year: Option<i16> = "参保年度，不写为出生当年",
        /// Tier of contribution, where the region has tiers
        tier: Option<String> = "缴费档次（分档的地区）",
        /// By which way; the counter, if left out
        channel: Option<Word<Channel>> = "办理渠道，不写为窗口",
    }
}

impl UseCase for RecordBirth {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let certificate = normal(DocumentKind::Birth, &self.certificate)?;
        let year = self.year.unwrap_or_else(|| self.born.year());
        let parent = self.parent(desk, books)?;
        let baby = match people::by_document(desk, books, &certificate)? {
            Some(baby) => {
                if let Some(answer) = already(books, &baby, year)? {
                    return Ok(answer);
                }
                baby
            }
            None => self.register(desk, books, &parent)?,
        };
        let number = tracking(desk, books, "birth", &baby)?;
        let application = Application {
            year,
            tier: self.tier.clone(),
            group: None,
            on: desk.today(),
            channel: self.channel.map_or(Channel::Counter, |channel| channel.0),
            employed: false,
            number: Some(number.clone()),
            carried: None,
        };
        let enrolled = enrol(desk, books, &baby, &application)?;
        let mut answer = enrolled.answer();
        answer.says = format!("出生一件事已受理，受理号 {number}：已凭出生医学证明登记；{}", answer.says);
        answer.english = format!("birth taken under {number}: registered and {}", answer.english);
        Ok(answer.with("number", number).with("certificate", masked(&certificate.text)))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        let parents = [&self.mother, &self.father];
        parents.into_iter().flatten().filter_map(|parent| people::likely(desk, parent)).collect()
    }
}

impl RecordBirth {
    /// The parent on the register: the mother, or else the father.
    fn parent(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Key, Stop> {
        let parents = [(&self.mother, Sex::Female), (&self.father, Sex::Male)];
        let mut found = None;
        for (parent, sex) in parents.into_iter().filter_map(|(parent, sex)| Some((parent.as_ref()?, sex))) {
            let key = people::find(desk, books, parent)?;
            let dossier = people::dossier(books, &key)?;
            if dossier.sex.is_some_and(|known| known.0 != sex) || dossier.born.is_some_and(|born| born >= self.born) {
                let message = "父母一方的性别或出生日期与出生记录对不上";
                return Err(Refusal::new("wrong-parent", message, "核对 mother、father 写的是谁").into());
            }
            found = found.or(Some(key));
        }
        found.ok_or_else(|| {
            Refusal::new("no-parent", "父母至少一方要写明", "写 mother 或 father：身份证号码或个人编号").into()
        })
    }

    /// Registers the newborn at the home of the parent, in the parent's household.
    fn register(&self, desk: &Desk<'_>, books: &mut Books<'_>, parent: &Key) -> Result<Key, Stop> {
        let dossier = people::dossier(books, parent)?;
        let (area, registration) = (dossier.area.clone(), dossier.registration);
        let home = dossier.household_on(desk.today()).map(|time| time.household.clone());
        let register = Register {
            number: self.certificate.clone(),
            document: Some(Word(DocumentKind::Birth)),
            valid_until: None,
            name: self.name.clone(),
            born: Some(self.born),
            sex: Some(self.sex),
            area,
            phone: None,
            registration,
            work: None,
            ethnicity: None,
            employer: None,
        };
        register.decide(desk, books)?;
        let certificate = normal(DocumentKind::Birth, &self.certificate)?;
        let baby = people::person_key(&certificate.index(desk.vault));
        if let Some(home) = home {
            books.link(household::LINK, &format!("{home}/{}", people::told(&baby)), &baby.subject)?;
            let role = if self.sex.0 == Sex::Male { "子" } else { "女" };
            let time = people::Membership { household: home, role: role.to_owned(), from: self.born, end: None };
            books.post::<Dossier>(&baby, &DossierEntry::Household(time))?;
        }
        Ok(baby)
    }
}

/// The answer to a birth record that was taken before: nothing is done twice.
fn already(books: &mut Books<'_>, baby: &Key, year: i16) -> Result<Option<Answer>, Stop> {
    let Some(membership) = books.find::<Membership>(&super::key(baby, year))? else { return Ok(None) };
    let Some((_, relation)) = membership.latest().filter(|(_, relation)| relation.is_open()) else { return Ok(None) };
    let number = relation.application.clone();
    let says = match &number {
        Some(number) => format!("该出生记录已办，受理号 {number}"),
        None => format!("该新生儿已登记{year}年度参保"),
    };
    let answer = Answer::new(says, "taken already").with("person", super::id(baby)).with("year", year);
    Ok(Some(answer.with("number", number).with("already", true)))
}
