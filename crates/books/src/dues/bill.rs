//! Making a bill, declaring it at the tax authority, and years that were paid for in advance.

use domain::{Date, Group};

use super::assess::{Billed, News, bill, facts};
use super::record::{Channel, Choice, DuesEntry, Prepaid};
use super::sheet::Dues;
use super::{dues_key, number_of};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::people;
use crate::sheets::{Books, Key};

command! {
    /// Make the bill of a person's insured year, or make it anew by the facts of now
    MakeBill = "dues bill", "核定年度缴费" {
        /// Number of a document, or the person's number
        person: String = "证件号码或个人编号",
        /// Insured year; of an academic year the year it begins in
        year: i16 = "参保年度；学年为开始的一年",
        /// Tier chosen
        tier: Option<String> = "所选档次",
        /// Population group
        group: Option<Word<Group>> = "参保人群",
        /// State of the record that rules on who may join ask about, as `residence-permit`
        state: Vec<String> = "参保资格所涉的记录状态，如 residence-permit",
        /// Whether the person has an employer
        employed: bool = "是否有用人单位",
    }
}

impl UseCase for MakeBill {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let asked =
            Choice { tier: self.tier.clone(), group: self.group, states: self.state.clone(), employed: self.employed };
        let billed = bill(desk, books, &person, self.year, &asked)?;
        super::settled(desk, books, &dues_key(&person, self.year))?;
        Ok(told(&billed).with("person", number_of(&person)))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        super::keys(desk, &self.person, self.year)
    }
}

/// A bill in words.
fn told(billed: &Billed) -> Answer {
    let Billed { bill, open, over, news, reasons } = billed;
    let how = match news {
        News::New => "已核定",
        News::Same => "核定不变",
        News::Changed => "已重新核定",
    };
    let mut says = format!("{how}，个人应缴 {} 元，尚欠 {open} 元", bill.personal);
    for share in &bill.sponsored {
        let payer = enrolment::due::payer_name(&share.payer);
        says +=
            &share.amount.map_or_else(|| format!("，{payer}全额负担"), |amount| format!("，{payer}资助 {amount} 元"));
    }
    if over.0 > 0 {
        says += &format!("；多缴 {over} 元应退");
    }
    let mut answer = Answer::new(says, format!("due from the person {}, open {open}", bill.personal))
        .with("bill", bill.number.as_str())
        .with("personal", bill.personal.to_string())
        .with("open", open.to_string())
        .with("over", over.to_string())
        .with("from", bill.from.to_string())
        .with("until", bill.end.yesterday().unwrap_or(bill.end).to_string())
        .with("yearly", bill.yearly)
        .because(reasons.iter().cloned());
    if let Some(total) = bill.total {
        answer = answer.with("total", total.to_string());
    }
    if let Some(tier) = &bill.tier {
        answer = answer.with("tier", tier.as_str());
    }
    if !bill.sponsored.is_empty() {
        let amounts = bill.sponsored.iter().map(|share| {
            let amount = share.amount.map(|amount| amount.to_string());
            (share.payer.clone(), amount.map_or(serde_json::Value::Null, serde_json::Value::from))
        });
        answer = answer.with("sponsored", amounts.collect::<serde_json::Map<_, _>>());
    }
    if let Some(from) = bill.collected_from {
        answer = answer.with("collected_from", from.to_string());
    }
    answer
}

command! {
    /// Record that a person's bill was declared at the tax authority
    Declare = "dues declare", "登记缴费申报" {
        /// Number of a document, or the person's number
        person: String = "证件号码或个人编号",
        /// Insured year
        year: i16 = "参保年度",
        /// Day of declaration; today, if left out
        on: Option<Date> = "申报日，不写为今天",
        /// By which way
        channel: Word<Channel> = "申报渠道",
    }
}

impl UseCase for Declare {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let key = dues_key(&person, self.year);
        let standing = books.find::<Dues>(&key)?.and_then(Dues::standing);
        let billing = standing.ok_or_else(|| {
            Refusal::new("no-bill", format!("此人 {} 年度没有缴费单", self.year), "先用 dues bill 核定")
        })?;
        let bill = billing.bill.number.clone();
        if let Some(declared) = billing.declared {
            let says = format!("缴费单 {bill} 已于 {declared} 申报");
            return Ok(Answer::new(says, "declared already").with("bill", bill).with("state", "already"));
        }
        let on = self.on.unwrap_or(desk.today());
        if on > desk.today() {
            return Err(Refusal::new("future-day", format!("申报日 {on} 在今天之后"), "照申报表填写").into());
        }
        books.post::<Dues>(&key, &DuesEntry::Declared { bill: bill.clone(), on, channel: self.channel })?;
        Ok(Answer::new(format!("缴费单 {bill} 已申报"), "declared").with("bill", bill).with("state", "declared"))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        super::keys(desk, &self.person, self.year)
    }
}

command! {
    /// Record years that were paid for in advance under an earlier mechanism; they are not billed again
    Prepay = "dues prepay", "登记多年预缴" {
        /// Number of a document, or the person's number
        person: String = "证件号码或个人编号",
        /// Number of the receipt
        receipt: String = "预缴凭证号",
        /// Day of payment
        on: Date = "预缴日",
        /// First insured year paid for
        from_year: i16 = "预缴的首个参保年度",
        /// Last insured year paid for
        to_year: i16 = "预缴的最后一个参保年度",
        /// Population group at the time of payment
        group: Word<Group> = "预缴时的参保人群",
    }
}

/// The longest advance payment that is read as one: a course of study.
const LONGEST: i16 = 8;

impl UseCase for Prepay {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        if self.to_year < self.from_year || self.to_year - self.from_year >= LONGEST || self.on > desk.today() {
            let message = format!("{} 预缴 {} 至 {} 年度说不通", self.on, self.from_year, self.to_year);
            return Err(Refusal::new("bad-years", message, "核对预缴凭证上的年度和日期").into());
        }
        if self.to_year > self.from_year {
            self.allowed(desk, books, &person)?;
        }
        let mut news = 0;
        for year in self.from_year..=self.to_year {
            let key = dues_key(&person, year);
            let dues = books.find::<Dues>(&key)?;
            let prepaid = Prepaid { receipt: self.receipt.clone(), on: self.on };
            match dues.and_then(|dues| dues.prepaid.as_ref()) {
                Some(known) if *known == prepaid => continue,
                Some(known) => {
                    let message = format!("{year} 年度已按凭证 {} 预缴", known.receipt);
                    return Err(Refusal::new("prepaid", message, "核对预缴凭证").into());
                }
                None => {}
            }
            if dues.is_some_and(|dues| dues.standing().is_some()) {
                let message = format!("{year} 年度已有缴费单");
                return Err(Refusal::new("already-billed", message, "先用 dues cancel 撤销该缴费单").into());
            }
            books.post::<Dues>(&key, &DuesEntry::Prepaid(prepaid))?;
            super::settled(desk, books, &key)?;
            news += 1;
        }
        let says = format!("已登记预缴 {} 至 {} 年度，各年不再核定", self.from_year, self.to_year);
        Ok(Answer::new(says, format!("{news} years recorded as paid in advance")).with("years", news))
    }
}

impl Prepay {
    /// Refused where, by the rules of the day of payment, the person declares and pays each year.
    fn allowed(&self, desk: &Desk<'_>, books: &mut Books<'_>, person: &Key) -> Result<(), Stop> {
        let (facts, _) = facts(books, person, &Choice::default(), self.group.0, self.on)?;
        let terms = desk.rules.terms(self.on)?;
        if let Some(step) = enrolment::due::pays_yearly(&terms, &facts)? {
            let message = format!("{} 起按年度申报缴纳，不得预缴以后各年", self.on);
            return Err(Refusal::new("yearly", message, "只登记当年；以后每年另行核定").by(step.clauses).into());
        }
        Ok(())
    }
}
