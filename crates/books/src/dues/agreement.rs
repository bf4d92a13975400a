//! Payment agreements: a payer lets the contributions of some persons be taken from an account. Each is active, expired or
//! cancelled on a day. The account number is sealed; files carry the agreement's number.

use domain::{Date, vocabulary};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::sheet::Dues;
use super::{dues_key, number_of, record::DuesEntry};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::people;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};
use crate::vault::Sealed;

vocabulary! {
    /// The state of a payment agreement on a day.
    AgreementState {
        Active = "active", "有效", "active";
        Expired = "expired", "到期", "expired";
        Cancelled = "cancelled", "已解除", "cancelled";
    }
}

/// What can be recorded of a payment agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum AgreementEntry {
    /// It is signed.
    Signed(Agreement),
    /// It is cancelled.
    Cancelled {
        /// The day.
        on: Date,
        /// Why.
        why: String,
    },
}

/// A payment agreement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// The payer: a person's number, though the payer need not be on the register.
    pub payer: String,
    /// The bank.
    pub bank: String,
    /// The account, sealed.
    pub account: Option<Sealed>,
    /// Numbers of the persons it pays for.
    pub persons: Vec<String>,
    /// First day.
    pub from: Option<Date>,
    /// Last day; without one it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Day of cancellation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Date>,
}

impl Agreement {
    /// Its state on a day.
    pub fn state_on(&self, day: Date) -> AgreementState {
        if self.cancelled.is_some_and(|cancelled| cancelled <= day) {
            AgreementState::Cancelled
        } else if self.until.is_some_and(|until| until < day) {
            AgreementState::Expired
        } else {
            AgreementState::Active
        }
    }
}

impl Fold for Agreement {
    type Entry = AgreementEntry;
    const KIND: &'static str = "agreement";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &AgreementEntry) {
        match entry {
            AgreementEntry::Signed(agreement) => *self = agreement.clone(),
            AgreementEntry::Cancelled { on, .. } => self.cancelled = Some(*on),
        }
    }
}

/// The stream of an agreement.
pub(super) fn key(number: &str) -> Key {
    Key::of(format!("agreement/{number}"))
}

/// The agreement by which a person's contributions are taken on a day, and its number.
pub(super) fn active(books: &mut Books<'_>, person: &Key, day: Date) -> Result<Option<(String, Agreement)>, Stop> {
    let of = books.find::<Dues>(&dues_key(person, 0))?.and_then(|dues| dues.agreement.clone());
    let Some(number) = of else { return Ok(None) };
    let agreement = books.find::<Agreement>(&key(&number))?;
    let active = agreement.filter(|agreement| agreement.state_on(day) == AgreementState::Active).cloned();
    Ok(active.map(|agreement| (number, agreement)))
}

/// An account number as it is shown: its last four digits.
pub(super) fn masked(account: &str) -> String {
    let shown = account.len().saturating_sub(4);
    format!("****{}", account.get(shown..).unwrap_or_default())
}

command! {
    /// Record a payment agreement: contributions of some persons are taken from an account
    Sign = "agreement sign", "签订缴费协议" {
        /// The payer: number of a document, or a person's number
        payer: String = "缴款人证件号码或个人编号",
        /// Persons it pays for; the payer, if left out
        person: Vec<String> = "代缴的参保人，不写为缴款人本人",
        /// Account number
        account: String = "银行账号",
        /// Bank
        bank: String = "开户银行",
        /// First day; today, if left out
        from: Option<Date> = "生效日，不写为今天",
        /// Last day; without end, if left out
        until: Option<Date> = "到期日，不写为不设期限",
    }
}

impl UseCase for Sign {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let today = desk.today();
        let from = self.from.unwrap_or(today);
        let account: String = self.account.chars().filter(|c| !c.is_whitespace()).collect();
        if !(8..=32).contains(&account.len()) || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Refusal::new("bad-account", "银行账号应为 8 至 32 位数字", "照银行卡或存折填写").into());
        }
        if from > today || self.until.is_some_and(|until| until < from) {
            let message = format!("协议期从 {from} 起说不通");
            return Err(Refusal::new("bad-period", message, "生效日不晚于今天，到期日不早于生效日").into());
        }
        let payer = people::likely(desk, &self.payer)
            .ok_or_else(|| Refusal::new("bad-document", "缴款人的证件号码读不懂", "写 18 位身份证号码或个人编号"))?;
        let own = std::slice::from_ref(&self.payer);
        let named = if self.person.is_empty() { own } else { &self.person };
        let mut persons = Vec::new();
        for person in named {
            persons.push(people::find(desk, books, person)?);
        }
        let parts = format!("{} {account} {from}", number_of(&payer));
        let number = format!("A{}", desk.vault.index("agreement", &parts).get(..12).unwrap_or_default());
        if books.find::<Agreement>(&key(&number))?.is_some() {
            return Ok(Answer::new(format!("协议 {number} 已经签订"), "signed already")
                .with("agreement", number)
                .with("state", "already"));
        }
        for person in &persons {
            if let Some((other, _)) = active(books, person, today)? {
                let message = format!("个人编号 {} 已有有效协议 {other}", number_of(person));
                return Err(Refusal::new("already-agreed", message, "先用 agreement cancel 解除原协议").into());
            }
        }
        let agreement = Agreement {
            payer: number_of(&payer).to_owned(),
            bank: self.bank.trim().to_owned(),
            account: Some(desk.vault.seal("account", &account)),
            persons: persons.iter().map(|person| number_of(person).to_owned()).collect(),
            from: Some(from),
            until: self.until,
            cancelled: None,
        };
        books.post::<Agreement>(&key(&number), &AgreementEntry::Signed(agreement))?;
        for person in &persons {
            books.post::<Dues>(&dues_key(person, 0), &DuesEntry::Agreed { agreement: number.clone() })?;
        }
        Ok(Answer::new(format!("已签订协议 {number}，代缴 {} 人", persons.len()), "signed")
            .with("agreement", number)
            .with("account", masked(&account))
            .with("persons", persons.len())
            .with("state", AgreementState::Active.code()))
    }
}

command! {
    /// Cancel a payment agreement
    CancelAgreement = "agreement cancel", "解除缴费协议" {
        /// Number of the agreement
        agreement: String = "协议编号",
        /// Why
        why: String = "原因",
    }
}

impl UseCase for CancelAgreement {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = key(&self.agreement);
        let known = books.find::<Agreement>(&key)?.ok_or_else(|| {
            let message = format!("没有协议 {}", self.agreement);
            Refusal::new("unknown-agreement", message, "用 agreement list 查看")
        })?;
        if let Some(cancelled) = known.cancelled {
            let says = format!("协议 {} 已于 {cancelled} 解除", self.agreement);
            return Ok(Answer::new(says, "cancelled already").with("state", AgreementState::Cancelled.code()));
        }
        let entry = AgreementEntry::Cancelled { on: desk.today(), why: self.why.clone() };
        books.post::<Agreement>(&key, &entry)?;
        let says = format!("协议 {} 已解除", self.agreement);
        Ok(Answer::new(says, "cancelled").with("state", AgreementState::Cancelled.code()))
    }
}

command! {
    /// List the payment agreements with their states on a day
    ListAgreements = "agreement list", "列出缴费协议" {
        /// The day; today, if left out
        on: Option<Date> = "哪一天的状态，不写为今天",
        /// Only those in this state
        state: Option<Word<AgreementState>> = "只列此状态",
    }
}

const COLUMNS: &[Column] = &[
    col("agreement", "协议编号", "agreement"),
    col("payer", "缴款人", "payer"),
    col("bank", "银行", "bank"),
    col("account", "账号", "account"),
    col("persons", "代缴人数", "persons"),
    col("from", "生效日", "from"),
    col("until", "到期日", "until"),
    col("state", "状态", "state"),
];

impl Question for ListAgreements {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let day = self.on.unwrap_or(desk.today());
        let mut rows = Vec::new();
        books.each::<Agreement>(None, |key, agreement| {
            let state = agreement.state_on(day);
            if self.state.is_none_or(|wanted| wanted.0 == state) {
                let account = agreement.account.as_ref().map(|sealed| desk.vault.open("account", sealed)).transpose();
                let account = account.map_err(|error| Refusal::new("sealed", error.to_string(), "用建库时的密钥"))?;
                rows.push(vec![
                    json!(key.subject.trim_start_matches("agreement/")),
                    json!(agreement.payer),
                    json!(agreement.bank),
                    json!(account.map(|account| masked(&account))),
                    json!(agreement.persons.len()),
                    json!(agreement.from.map(|day| day.to_string())),
                    json!(agreement.until.map(|day| day.to_string())),
                    json!(state.code()),
                ]);
            }
            Ok(())
        })?;
        let foot = format!("{} 份", rows.len());
        Ok(Table { title: format!("缴费协议（{day}）"), columns: COLUMNS, rows, foot })
    }
}
