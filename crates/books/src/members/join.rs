//! Enrolment as one matter (参保“一件事”): one submission registers the person if need be, enrols, bills, and books the payment
//! that comes with it, under one tracking number.

use domain::{Date, Group};

use super::enrol::{Application, enrol};
use super::membership::Channel;
use super::number::tracking;
use super::start::settle_start;
use crate::answer::{Answer, Stop};
use crate::codec::{Word, Yuan};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::dues::{self, Receive};
use crate::people::{self, DocumentKind, Register, Registration, Sex, Work, normal};
use crate::sheets::{Books, Key};

command! {
    /// Register, enrol and bill a person by one submission, under one number
    Join = "member join", "参保一件事" {
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
        /// Telephone
        phone: Option<String> = "联系电话",
        /// Where the household is registered
        registration: Option<Word<Registration>> = "户籍",
        /// How the person works
        work: Option<Word<Work>> = "就业形式",
        /// Insured year
        year: i16 = "参保年度",
        /// Tier of contribution, where the region has tiers
        tier: Option<String> = "缴费档次（分档的地区）",
        /// Population group; by course of study and age, if left out
        group: Option<Word<Group>> = "人群；不写按在读情况和年龄定",
        /// By which way; online, if left out
        channel: Option<Word<Channel>> = "办理渠道，不写为网上",
        /// Number of the tax receipt, where it is paid in the same flow
        receipt: Option<String> = "税票号（同时缴费的）",
        /// What is paid
        amount: Option<Yuan> = "缴费金额（同时缴费的）",
        /// By which way it is paid; by mobile telephone, if left out
        paid_by: Option<Word<dues::Channel>> = "缴费渠道，不写为手机",
    }
}

impl UseCase for Join {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let kind = self.document.map_or(DocumentKind::IdCard, |kind| kind.0);
        let document = normal(kind, &self.number)?;
        let person = match people::by_document(desk, books, &document)? {
            Some(person) => person,
            None => self.register(desk, books)?,
        };
        let number = tracking(desk, books, "join", &person)?;
        let application = Application {
            year: self.year,
            tier: self.tier.clone(),
            group: self.group.map(|group| group.0),
            on: desk.today(),
            channel: self.channel.map_or(Channel::Online, |channel| channel.0),
            employed: false,
            number: Some(number.clone()),
            carried: None,
        };
        let mut answer = enrol(desk, books, &person, &application)?.answer();
        answer.says = format!("参保一件事已受理，受理号 {number}：{}", answer.says);
        answer.english = format!("joined under {number}: {}", answer.english);
        if let (Some(receipt), Some(amount)) = (&self.receipt, self.amount) {
            let channel = self.paid_by.unwrap_or(Word(dues::Channel::Mobile));
            let (receipt, person) = (receipt.clone(), super::id(&person).to_owned());
            let paid = Receive { receipt, person, year: self.year, amount, on: None, channel }.decide(desk, books)?;
            answer.says += &format!("；{}", paid.says);
            answer = answer.with("paid", paid.fields.get("state").cloned().unwrap_or_default());
        }
        for what in settle_start(desk, books, &person, self.year)? {
            answer.says += &format!("；{what}");
        }
        Ok(answer.with("number", number))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        let person = people::likely(desk, &self.number);
        person.map_or_else(Vec::new, |person| super::keys(&person, self.year))
    }
}

impl Join {
    fn register(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Key, Stop> {
        let register = Register {
            number: self.number.clone(),
            document: self.document,
            valid_until: None,
            name: self.name.clone(),
            born: self.born,
            sex: self.sex,
            area: self.area.clone(),
            phone: self.phone.clone(),
            registration: self.registration,
            work: self.work,
            ethnicity: None,
            employer: None,
        };
        let kind = self.document.map_or(DocumentKind::IdCard, |kind| kind.0);
        register.decide(desk, books)?;
        Ok(people::person_key(&normal(kind, &self.number)?.index(desk.vault)))
    }
}
