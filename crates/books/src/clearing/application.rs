//! Clearing applications (清算申请): a provider asks to be paid for a period's settlements of one clearing type. What it asks for
//! must be what the books settled with it; corrections that it did not ask for are told beside.

use domain::{Date, Fen, vocabulary};
use jiff::Span;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::month_of;
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::{Word, Yuan};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::people;
use crate::providers;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};
use crate::turnover::{self, Clearing, Sum};

vocabulary! {
    /// Where a clearing application stands.
    ApplicationState {
        Applied = "applied", "已申请", "applied for";
        Withdrawn = "withdrawn", "已撤销", "withdrawn";
    }
}

command! {
    /// Apply for the clearing of a period's settlements of one clearing type
    Apply = "clearing apply", "机构申请清算一段时间、一个清算类别的结算" {
        /// Code of the provider
        provider: String = "定点机构代码",
        /// The clearing type
        clearing: Word<Clearing> = "清算类别",
        /// The month it counts for, as 2022-03
        month: String = "清算年月，如 2022-03",
        /// First day; that of the month, if left out
        from: Option<Date> = "起始日期，不写为当月第一天",
        /// Last day; that of the month, if left out
        to: Option<Date> = "截止日期，不写为当月最后一天",
        /// Settlements less reversals
        visits: i64 = "人次：结算笔数减撤销笔数",
        /// Sum of the bills
        total: Yuan = "医疗费总额",
        /// What the provider holds to be recognised; kept as told
        recognised: Option<Yuan> = "医保认可费用总额，照机构所报记下",
        /// What the funds pay
        funds: Yuan = "基金申报总额",
        /// What the personal accounts paid
        account: Yuan = "个人账户支出",
        /// What persons paid in cash
        cash: Yuan = "现金支付金额",
    }
}

command! {
    /// Withdraw a clearing application
    Withdraw = "clearing withdraw", "撤销清算申请" {
        /// Code of the provider
        provider: String = "定点机构代码",
        /// Number of the application
        application: String = "清算申请编号",
        /// Why
        reason: Option<String> = "原因",
    }
}

command! {
    /// List a provider's clearing applications of a year
    Applications = "clearing applications", "列出机构一年的清算申请" {
        /// Code of the provider
        provider: String = "定点机构代码",
        /// The year
        year: i16 = "年度",
    }
}

/// What is applied for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The clearing type.
    pub clearing: Word<Clearing>,
    /// First day of the month it counts for.
    pub month: Date,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Settlements less reversals.
    pub visits: i64,
    /// Sum of the bills.
    pub total: Yuan,
    /// Recognised, as the provider told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recognised: Option<Yuan>,
    /// Funds.
    pub funds: Yuan,
    /// Personal accounts.
    pub account: Yuan,
    /// Cash.
    pub cash: Yuan,
    /// Funds, by corrections of the same days that the provider did not ask for.
    #[serde(default)]
    pub corrected_funds: Yuan,
}

/// What can be recorded of a provider's clearing applications.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum ApplicationEntry {
    /// One is made.
    Applied(Claim),
    /// It is withdrawn.
    Withdrawn {
        /// Number within the sheet.
        application: u32,
        /// Why.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
}

/// An application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// Number within the sheet: that of its entry.
    pub number: u32,
    /// Where it stands.
    pub state: Word<ApplicationState>,
    /// What is applied for.
    pub claim: Claim,
}

/// A provider's applications of a year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationBook {
    /// In the order in which they were made.
    pub applications: Vec<Application>,
}

impl Fold for ApplicationBook {
    type Entry = ApplicationEntry;
    const KIND: &'static str = "application";

    fn apply(&mut self, stamp: &Stamp<'_>, entry: &ApplicationEntry) {
        match entry {
            ApplicationEntry::Applied(claim) => {
                let state = Word(ApplicationState::Applied);
                self.applications.push(Application { number: stamp.number, state, claim: claim.clone() });
            }
            ApplicationEntry::Withdrawn { application, .. } => {
                for one in self.applications.iter_mut().filter(|one| one.number == *application) {
                    one.state = Word(ApplicationState::Withdrawn);
                }
            }
        }
    }
}

fn key(provider: &str, year: i16) -> Key {
    Key::in_year(format!("application/{}", providers::code(provider)), year)
}

fn number(provider: &str, year: i16, application: u32) -> String {
    format!("{}-{year}-{application}", providers::code(provider))
}

impl Apply {
    fn days(&self) -> Result<(Date, Date, Date), Refusal> {
        let month = month_of(&self.month)?;
        let (from, to) = (self.from.unwrap_or(month), self.to.unwrap_or(month.last_of_month()));
        if to < from || from.checked_add(Span::new().days(366)).is_ok_and(|end| end <= to) {
            let message = format!("{from} 到 {to} 不是一段不超过一年的时间");
            return Err(Refusal::new("bad-period", message, "起始日期在前；按月申请"));
        }
        Ok((month, from, to))
    }

    /// What of the claim is not what the books settled.
    fn differs(&self, sum: &Sum) -> Vec<String> {
        let visits = i64::from(sum.settled) - i64::from(sum.reversed);
        let cash = sum.person.0 - sum.account.0;
        let amounts = [
            ("医疗费总额", self.total, sum.total.0),
            ("基金支付", self.funds, sum.funds.0),
            ("个人账户", self.account, sum.account.0),
            ("现金", self.cash, cash),
        ];
        let amounts = amounts.into_iter().filter(|(_, told, kept)| told.0 != *kept);
        let amounts = amounts.map(|(name, told, kept)| format!("{name} 申请 {told}，中心 {kept}"));
        let visits = (self.visits != visits).then(|| format!("人次 申请 {}，中心 {visits}", self.visits));
        visits.into_iter().chain(amounts).collect()
    }
}

impl UseCase for Apply {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let (month, from, to) = self.days()?;
        let provider = providers::on(books, &self.provider, from)?.code;
        if to >= desk.today() {
            let message = format!("{to} 还没有过完，结算还会变动");
            return Err(Refusal::new("not-over", message, "过了截止日期再申请清算").into());
        }
        let key = key(&provider, month.year());
        let known = books.find::<ApplicationBook>(&key)?.map(|book| book.applications.clone()).unwrap_or_default();
        let overlaps = |one: &&Application| {
            let claim = &one.claim;
            one.state.0 == ApplicationState::Applied
                && claim.clearing == self.clearing
                && claim.from <= to
                && from <= claim.to
        };
        if let Some(other) = known.iter().find(overlaps) {
            let message = format!("已有清算申请 {}，日期重叠", number(&provider, month.year(), other.number));
            return Err(Refusal::new("already-applied", message, "先撤销原申请，再重新申请").into());
        }
        let sum = turnover::sum(books, &provider, from, to, self.clearing.0)?;
        let differs = self.differs(&sum);
        if !differs.is_empty() {
            let message = format!("清算申请与中心结算不一致：{}", differs.join("；"));
            return Err(Refusal::new("not-even", message, "先对账（3201、3202）到平，再申请").into());
        }
        let Apply { clearing, visits, total, recognised, funds, account, cash, .. } = self.clone();
        let corrected_funds = sum.corrected_funds;
        let claim =
            Claim { clearing, month, from, to, visits, total, recognised, funds, account, cash, corrected_funds };
        let application = books.post::<ApplicationBook>(&key, &ApplicationEntry::Applied(claim))?;
        let mut says = format!("已申请清算 {from} 至 {to}：{visits} 人次，基金 {funds}");
        if corrected_funds.0 != Fen::ZERO {
            says.push_str(&format!("；另有更正，基金 {corrected_funds}"));
        }
        let answer = Answer::new(says, format!("clearing applied for, {visits} settlements, funds {funds}"));
        Ok(answer
            .with("application", number(&provider, month.year(), application))
            .with("funds", funds.to_string())
            .with("corrected_funds", corrected_funds.to_string()))
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        let Ok((month, from, to)) = self.days() else { return Vec::new() };
        let days = from.series(Span::new().days(1)).take_while(|day| *day <= to);
        let days = days.map(|day| turnover::key(&self.provider, day));
        days.chain([key(&self.provider, month.year()), providers::key(&self.provider)]).collect()
    }
}

/// The year and number that an application's number tells, where it is this provider's.
fn parse(provider: &str, text: &str) -> Result<(i16, u32), Refusal> {
    let own = text.trim().strip_prefix(&format!("{}-", providers::code(provider)));
    let parts = own.and_then(|rest| rest.split_once('-'));
    let read = parts.and_then(|(year, number)| Some((year.parse().ok()?, number.parse().ok()?)));
    read.ok_or_else(|| unknown(text))
}

fn unknown(text: &str) -> Refusal {
    Refusal::new("unknown-application", format!("本机构没有清算申请 {text}"), "核对清算申请编号")
}

impl UseCase for Withdraw {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let (year, application) = parse(&self.provider, &self.application)?;
        let key = key(&self.provider, year);
        let book = books.find::<ApplicationBook>(&key)?;
        let found = book.and_then(|book| book.applications.iter().find(|one| one.number == application));
        let answer = Answer::new("清算申请已撤销", "the clearing application is withdrawn")
            .with("application", self.application.trim());
        match found.ok_or_else(|| unknown(&self.application))?.state.0 {
            ApplicationState::Withdrawn => Ok(answer),
            ApplicationState::Applied => {
                let reason = self.reason.as_deref().map(people::reason).transpose()?.unwrap_or_default();
                books.post::<ApplicationBook>(&key, &ApplicationEntry::Withdrawn { application, reason })?;
                Ok(answer)
            }
        }
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        parse(&self.provider, &self.application).map(|(year, _)| key(&self.provider, year)).into_iter().collect()
    }
}

const APPLICATIONS: &[Column] = &[
    col("application", "清算申请编号", "application"),
    col("state", "状态", "state"),
    col("clearing", "清算类别", "clearing type"),
    col("month", "清算年月", "month"),
    col("from", "起始日期", "from"),
    col("to", "截止日期", "to"),
    col("visits", "人次", "settlements"),
    col("total", "医疗费总额", "total"),
    col("recognised", "认可费用", "recognised"),
    col("funds", "基金申报", "funds"),
    col("account", "个人账户", "account"),
    col("cash", "现金", "cash"),
    col("corrected_funds", "更正基金支付", "corrected funds"),
];

impl Question for Applications {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let book = books.find::<ApplicationBook>(&key(&self.provider, self.year))?;
        let rows: Vec<Vec<Value>> = book
            .map(|book| book.applications.as_slice())
            .unwrap_or_default()
            .iter()
            .map(|one| {
                let claim = &one.claim;
                vec![
                    json!(number(&self.provider, self.year, one.number)),
                    json!(one.state),
                    json!(claim.clearing),
                    json!(claim.month.strftime("%Y-%m").to_string()),
                    json!(claim.from.to_string()),
                    json!(claim.to.to_string()),
                    json!(claim.visits),
                    json!(claim.total),
                    json!(claim.recognised),
                    json!(claim.funds),
                    json!(claim.account),
                    json!(claim.cash),
                    json!(claim.corrected_funds),
                ]
            })
            .collect();
        let foot = format!("{} 份", rows.len());
        Ok(Table {
            title: format!("{} {} 年的清算申请", self.provider, self.year), columns: APPLICATIONS, rows, foot
        })
    }
}
