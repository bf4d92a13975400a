//! Drawing the balance after heavy in-patient costs: applied for, checked by the rules of that day, paid; once for a year's costs
//! (TJ16-18b).

use domain::{Care, Date, Fen};
use enrolment::{Costs, account_withdrawal};

use super::book::{AccountBook, AccountEntry, Draw, DrawState, YearCosts};
use super::{account_of, area_of, number_of};
use crate::answer::{Answer, Refusal, Step, Stop};
use crate::care;
use crate::codec::Yuan;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::{Books, Key};

command! {
    /// Apply to draw the balance of the personal account after a year's in-patient costs
    Withdraw = "account apply", "申请提取个人账户余额（当年住院费用达到规定）" {
        /// The person: number of an ID card, or the person's number
        person: String = "人员：身份证号码或个人编号",
        /// The year of the costs
        year: i16 = "费用所属年度",
        /// In-patient costs of the year in all; those of the settled bills, if nothing is given
        total: Option<Yuan> = "当年住院总费用（元）；都不写取已结算的",
        /// Of them in scope
        in_scope: Option<Yuan> = "其中政策范围内（元）",
        /// Of them borne by the person
        own: Option<Yuan> = "其中个人负担（元）",
    }
}

command! {
    /// Check an application to draw the balance
    Check = "account check", "审核提取申请" {
        /// The person
        person: String = "人员：身份证号码或个人编号",
        /// Number of the application
        number: String = "申请号",
    }
}

command! {
    /// Pay out a balance that may be drawn
    Pay = "account pay", "支付核准的提取" {
        /// The person
        person: String = "人员：身份证号码或个人编号",
        /// Number of the application
        number: String = "申请号",
    }
}

impl UseCase for Withdraw {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let (key, account) = account_of(desk, books, &self.person)?;
        let on = desk.today();
        if self.year > on.year() {
            return Err(Refusal::new("bad-year", format!("{} 年还没到", self.year), "写费用所属年度").into());
        }
        // A refused application spends no right; an open or a paid one does.
        let of_year = |draw: &&Draw| draw.year == self.year && draw.state.0 != DrawState::Refused;
        if let Some(known) = account.draws.iter().find(of_year) {
            let message = format!("{} 年已申请过提取（{}，{}）", self.year, known.number, known.state.0.name());
            return Err(Refusal::new("already-drawn", message, "同一年度的费用只能提取一次")
                .by(clauses(desk, on)?)
                .into());
        }
        let given = self.total.is_some() || self.in_scope.is_some() || self.own.is_some();
        let costs = if given {
            YearCosts { total: self.total, in_scope: self.in_scope, own: self.own }
        } else {
            settled(books, &key, self.year)?
        };
        let count = account.draws.iter().filter(|draw| draw.year == self.year).count() + 1;
        let number = format!("{}-{count}", self.year);
        let entry = AccountEntry::DrawApplied { number: number.clone(), year: self.year, on, costs };
        books.post::<AccountBook>(&key, &entry)?;
        let says = format!("提取申请 {number} 已受理，账户余额 {} 元", account.balance);
        Ok(Answer::new(says, format!("application {number} is taken in"))
            .with("person", number_of(&key))
            .with("number", number)
            .with("balance", account.balance.to_string())
            .with("total", costs.total.map(|total| total.to_string()))
            .with("state", DrawState::Applied.code()))
    }
}

/// The in-patient costs of a person's settled bills of a year.
fn settled(books: &mut Books<'_>, account: &Key, year: i16) -> Result<YearCosts, Stop> {
    let bills = care::active(books, &care::person_of(number_of(account)), year)?;
    let inpatient = |care: Care| matches!(care, Care::Inpatient | Care::Delivery | Care::SingleDisease);
    let of: Vec<_> = bills.iter().filter(|one| one.year == year && inpatient(one.bill.care.0)).collect();
    if of.is_empty() {
        let message = format!("{year} 年没有已结算的住院费用");
        return Err(Refusal::new("no-costs", message, "外院或手工的费用用 total、in_scope、own 写明").into());
    }
    let sum = |amount: fn(&care::Paid) -> Yuan| Some(Yuan(of.iter().map(|one| amount(&one.paid).0).sum()));
    Ok(YearCosts { total: sum(|paid| paid.total), in_scope: sum(|paid| paid.in_scope), own: sum(|paid| paid.person) })
}

impl UseCase for Check {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let (key, account) = account_of(desk, books, &self.person)?;
        let draw = in_state(&account, &self.number, DrawState::Applied)?;
        let costs = Costs {
            total: draw.costs.total.map(|yuan| yuan.0),
            in_scope: draw.costs.in_scope.map(|yuan| yuan.0),
            own: draw.costs.own.map(|yuan| yuan.0),
        };
        let decided = account_withdrawal(&desk.rules.terms(draw.on)?, &costs, account.balance.0)?;
        desk.rules.accept(decided.basis)?;
        let (number, amount) = (draw.number.clone(), Yuan(decided.withdraw));
        let open = decided.open && decided.withdraw > Fen::ZERO;
        let entry = if open {
            let (clauses, basis) = (decided.step.clauses.clone(), decided.basis.to_string());
            AccountEntry::DrawApproved { number, amount, area: area_of(books, &key)?, clauses, basis }
        } else {
            AccountEntry::DrawRefused { number, why: decided.step.text.clone() }
        };
        books.post::<AccountBook>(&key, &entry)?;
        let state = if open { DrawState::Approved } else { DrawState::Refused };
        let says = format!("申请 {}{}：{} 元", self.number, state.name(), amount);
        Ok(Answer::new(says, format!("application {} is {}", self.number, state.code()))
            .with("state", state.code())
            .with("amount", amount.to_string())
            .because([Step::from(&decided.step)]))
    }
}

impl UseCase for Pay {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let (key, account) = account_of(desk, books, &self.person)?;
        let draw = in_state(&account, &self.number, DrawState::Approved)?;
        let entry = AccountEntry::DrawPaid {
            number: draw.number.clone(),
            amount: draw.amount,
            area: area_of(books, &key)?,
            on: desk.today(),
        };
        books.post::<AccountBook>(&key, &entry)?;
        let says = format!("申请 {} 已支付 {} 元，账户余额 {} 元", draw.number, draw.amount, account.balance);
        Ok(Answer::new(says, format!("{} is paid", draw.amount))
            .with("paid", draw.amount.to_string())
            .with("balance", account.balance.to_string())
            .with("state", DrawState::Paid.code()))
    }
}

fn in_state(account: &AccountBook, number: &str, wanted: DrawState) -> Result<Draw, Refusal> {
    let Some(draw) = account.draw(number) else {
        return Err(Refusal::new("unknown-application", format!("没有提取申请 {number}"), "用 account statement 查看"));
    };
    if draw.state.0 == wanted {
        return Ok(draw.clone());
    }
    let message = format!("申请 {number} 现为“{}”，不是“{}”", draw.state.0.name(), wanted.name());
    Err(Refusal::new("wrong-state", message, "按 申请（withdraw）→ 审核（check）→ 支付（pay）办理"))
}

/// The clauses of the rule on drawing.
fn clauses(desk: &Desk<'_>, day: Date) -> Result<Vec<String>, Refusal> {
    let terms = desk.rules.terms(day)?;
    Ok(terms.get("account.withdrawal").map(|cited| cited.provision.clauses.clone()).unwrap_or_default())
}

/// Keys that a command about a person's account reads.
pub(super) fn keys(desk: &Desk<'_>, person: &str) -> Vec<Key> {
    crate::people::likely(desk, person)
        .map_or(Vec::new(), |person| vec![super::account_key(number_of(&person)), person])
}
