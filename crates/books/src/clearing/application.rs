//! Applications of providers for clearing: what was settled in a period of days, of one insurance and clearing type, applied for
//! once and only as the turnover of those days has it.
//!
//! What followed without the provider's asking (corrections) is recorded beside the application and not part of its amounts.
//! Deliberately absent: what is paid out in the end, after deposits and deductions.

use domain::{Date, Scheme, vocabulary};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::{Answer, Refusal, Stop};
use crate::codec::{Word, Yuan};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::people::reason;
use crate::providers;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};
use crate::turnover::{self, Clearing, Day, Sum};

vocabulary! {
    /// How far an application has come.
    ApplicationState {
        Applied = "applied", "已申请", "applied";
        Withdrawn = "withdrawn", "已撤销", "withdrawn by the provider";
        Returned = "returned", "已退回", "returned to the provider";
        Accepted = "accepted", "已受理", "accepted";
    }
}

vocabulary! {
    /// What the office decides.
    Verdict {
        Accept = "accept", "受理", "accept";
        Return = "return", "退回", "return";
    }
}

command! {
    /// Apply for the clearing of a period; the amounts must be those of the provider's turnover
    Apply = "clearing apply", "机构清算申请" {
        /// Code of the provider
        provider: String = "机构编码",
        /// First day
        from: Date = "开始日期",
        /// Last day
        to: Date = "结束日期",
        /// The insurance
        scheme: Word<Scheme> = "险种",
        /// The clearing type
        clearing: Word<Clearing> = "清算类别",
        /// Settlements less those taken back
        count: i64 = "清算人次（结算减撤销）",
        /// The bills
        total: Yuan = "医疗费总额",
        /// What the funds pay
        funds: Yuan = "基金申报总额",
        /// What personal accounts pay
        account: Yuan = "个人账户支出",
        /// What persons bear
        person: Yuan = "个人负担",
    }
}

command! {
    /// Withdraw an application for clearing that is not accepted
    Withdraw = "clearing withdraw", "撤销清算申请" {
        /// Code of the provider
        provider: String = "机构编码",
        /// Number of the application
        application: String = "清算申请编号",
    }
}

command! {
    /// Accept an application for clearing, or return it
    Decide = "clearing decide", "受理或退回清算申请" {
        /// Code of the provider
        provider: String = "机构编码",
        /// Number of the application
        application: String = "清算申请编号",
        /// What is decided
        verdict: Word<Verdict> = "决定",
        /// Why; needed to return it
        reason: Option<String> = "原因，退回时必写",
    }
}

command! {
    /// List a provider's applications for clearing
    Applications = "clearing applications", "列出机构的清算申请" {
        /// Code of the provider
        provider: String = "机构编码",
        /// In this state
        state: Option<Word<ApplicationState>> = "状态",
    }
}

/// An application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// Its number.
    pub number: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// The insurance.
    pub scheme: Word<Scheme>,
    /// The clearing type.
    pub clearing: Word<Clearing>,
    /// The sums of its days.
    pub sum: Sum,
    /// How far it has come.
    pub state: Word<ApplicationState>,
    /// Why it was returned.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// What can be recorded of a provider's applications.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum ApplicationEntry {
    /// Applied for.
    Applied(Application),
    /// It goes to another state.
    Moved {
        /// Its number.
        number: String,
        /// Which.
        to: Word<ApplicationState>,
        /// Why.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
}

/// A provider's applications.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationBook {
    /// In the order they came.
    pub applications: Vec<Application>,
}

impl Fold for ApplicationBook {
    type Entry = ApplicationEntry;
    const KIND: &'static str = "clearance";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &ApplicationEntry) {
        match entry {
            ApplicationEntry::Applied(application) => self.applications.push(application.clone()),
            ApplicationEntry::Moved { number, to, reason } => {
                for one in self.applications.iter_mut().filter(|one| one.number == *number) {
                    one.state = *to;
                    one.reason.clone_from(reason);
                }
            }
        }
    }
}

fn key(provider: &str) -> Key {
    Key::of(format!("clearance/{}", providers::code(provider)))
}

impl Apply {
    fn days(&self) -> Vec<Date> {
        let days = self.from.series(jiff::Span::new().days(1)).take_while(|day| *day <= self.to);
        // More than a year is refused before it is read.
        days.take(367).collect()
    }

    /// What the turnover of the days comes to.
    fn turnover(&self, books: &mut Books<'_>) -> Result<Sum, Stop> {
        let keys: Vec<Key> = self.days().into_iter().map(|day| turnover::key(&self.provider, day)).collect();
        books.preload(keys.iter().cloned())?;
        let mut sum = Sum::default();
        for key in keys {
            let Some(day) = books.find::<Day>(&key)? else { continue };
            let wanted = day.sums.iter().filter(|(of, _)| of.scheme == self.scheme && of.clearing == self.clearing);
            wanted.for_each(|(_, one)| sum.add(one));
        }
        Ok(sum)
    }

    /// What is told otherwise than the turnover has it.
    fn differences(&self, sum: &Sum) -> Vec<String> {
        let count = i64::from(sum.settled) - i64::from(sum.reversed);
        let mut told = Vec::new();
        if self.count != count {
            told.push(format!("人次：申请 {}，结算记录 {count}", self.count));
        }
        let amounts = [
            ("医疗费总额", self.total, sum.total),
            ("基金申报总额", self.funds, sum.funds),
            ("个人账户支出", self.account, sum.account),
            ("个人负担", self.person, sum.person),
        ];
        let differ = amounts.into_iter().filter(|(_, applied, settled)| applied != settled);
        told.extend(differ.map(|(what, applied, settled)| format!("{what}：申请 {applied}，结算记录 {settled}")));
        told
    }

    /// Refuses a period that is not over, too long, or applied for already.
    fn check(&self, desk: &Desk<'_>, known: &[Application]) -> Result<(), Refusal> {
        if self.to < self.from || self.days().len() > 366 {
            let message = format!("{} 到 {} 不是一段不超过一年的时间", self.from, self.to);
            return Err(Refusal::new("bad-period", message, "开始日期在前；更长的分几次申请"));
        }
        if self.to >= desk.today() {
            return Err(Refusal::new("period-not-over", format!("{} 还没有过完", self.to), "次日起申请"));
        }
        let stands = |one: &&Application| matches!(one.state.0, ApplicationState::Applied | ApplicationState::Accepted);
        let same = |one: &&Application| one.scheme == self.scheme && one.clearing == self.clearing;
        let meets = |one: &&Application| one.from <= self.to && self.from <= one.to;
        match known.iter().filter(stands).filter(same).find(meets) {
            None => Ok(()),
            Some(one) => {
                let message = format!("{} 到 {} 已由申请 {} 申请过", one.from, one.to, one.number);
                Err(Refusal::new("already-applied", message, "改期间，或先用 clearing withdraw 撤销原申请"))
            }
        }
    }
}

impl UseCase for Apply {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let provider = providers::on(books, &self.provider, desk.today())?.code;
        let key = key(&provider);
        let known = books.find::<ApplicationBook>(&key)?.map(|book| book.applications.clone()).unwrap_or_default();
        self.check(desk, &known)?;
        let sum = self.turnover(books)?;
        let differences = self.differences(&sum);
        if !differences.is_empty() {
            let message = format!("申请与结算记录不符：{}", differences.join("；"));
            return Err(Refusal::new(
                "amounts-differ",
                message,
                "先对总账（3201），不平的对明细（3202），对平后再申请",
            )
            .into());
        }
        let (year, month) = (self.from.year(), self.from.month());
        let number = format!("Q{provider}{year:04}{month:02}{:04}", known.len() + 1);
        let (corrected, corrected_funds) = (sum.corrected, sum.corrected_funds.to_string());
        let application = Application {
            number: number.clone(),
            from: self.from,
            to: self.to,
            scheme: self.scheme,
            clearing: self.clearing,
            sum,
            state: Word(ApplicationState::Applied),
            reason: String::new(),
        };
        books.post::<ApplicationBook>(&key, &ApplicationEntry::Applied(application))?;
        let answer = Answer::new(format!("清算申请 {number} 已记录"), format!("application {number} recorded"));
        Ok(answer
            .with("application", number)
            .with("state", "applied")
            .with("corrected", corrected)
            .with("corrected_funds", corrected_funds))
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        let days = self.days().into_iter().map(|day| turnover::key(&self.provider, day));
        days.chain([providers::key(&self.provider), key(&self.provider)]).collect()
    }
}

/// Moves an application that still stands as applied for.
fn moved(
    books: &mut Books<'_>,
    provider: &str,
    number: &str,
    to: ApplicationState,
    reason: String,
) -> Result<Answer, Stop> {
    let key = key(provider);
    let known = books.find::<ApplicationBook>(&key)?;
    let known = known.and_then(|book| book.applications.iter().find(|one| one.number == number.trim()));
    let Some(state) = known.map(|one| one.state.0) else {
        let message = format!("没有编号为 {number} 的清算申请");
        return Err(Refusal::new("unknown-application", message, "clearing applications 列出申请").into());
    };
    if state == to {
        return Ok(Answer::new(format!("{number} {}", to.name()), "already so").with("state", to.code()));
    }
    if state != ApplicationState::Applied {
        let message = format!("{number} {}，不能改为“{}”", state.name(), to.name());
        return Err(Refusal::new("wrong-state", message, "只有已申请、尚未受理的可以撤销、受理或退回").into());
    }
    let entry = ApplicationEntry::Moved { number: number.trim().to_owned(), to: Word(to), reason };
    books.post::<ApplicationBook>(&key, &entry)?;
    Ok(Answer::new(format!("{number} {}", to.name()), to.english()).with("state", to.code()))
}

impl UseCase for Withdraw {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        moved(books, &self.provider, &self.application, ApplicationState::Withdrawn, String::new())
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        vec![key(&self.provider)]
    }
}

impl UseCase for Decide {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let (to, why) = match self.verdict.0 {
            Verdict::Accept => {
                (ApplicationState::Accepted, self.reason.as_deref().map(reason).transpose()?.unwrap_or_default())
            }
            Verdict::Return => (ApplicationState::Returned, reason(self.reason.as_deref().unwrap_or_default())?),
        };
        moved(books, &self.provider, &self.application, to, why)
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        vec![key(&self.provider)]
    }
}

const APPLICATIONS: &[Column] = &[
    col("application", "清算申请编号", "application"),
    col("from", "开始日期", "from"),
    col("to", "结束日期", "to"),
    col("scheme", "险种", "insurance"),
    col("clearing", "清算类别", "clearing type"),
    col("count", "人次", "settlements"),
    col("total", "医疗费总额", "total"),
    col("funds", "基金申报总额", "funds"),
    col("account", "个人账户", "account"),
    col("person", "个人负担", "person"),
    col("corrected_funds", "更正基金", "corrected funds"),
    col("state", "状态", "state"),
    col("reason", "原因", "reason"),
];

impl Question for Applications {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let book = books.find::<ApplicationBook>(&key(&self.provider))?;
        let all = book.map(|book| book.applications.as_slice()).unwrap_or_default();
        let wanted = all.iter().filter(|one| self.state.is_none_or(|state| state == one.state));
        let row = |one: &Application| {
            let sum = &one.sum;
            vec![
                json!(one.number),
                json!(one.from.to_string()),
                json!(one.to.to_string()),
                json!(one.scheme),
                json!(one.clearing),
                json!(i64::from(sum.settled) - i64::from(sum.reversed)),
                json!(sum.total),
                json!(sum.funds),
                json!(sum.account),
                json!(sum.person),
                json!(sum.corrected_funds),
                json!(one.state),
                json!(one.reason),
            ]
        };
        let rows: Vec<Vec<Value>> = wanted.map(row).collect();
        let foot = format!("{} 份", rows.len());
        Ok(Table { title: format!("{} 的清算申请", self.provider), columns: APPLICATIONS, rows, foot })
    }
}
