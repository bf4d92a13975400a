//! COVID-19 costs of a site: recorded, drawn up by the month, confirmed, paid (疫苗及接种费用、新冠患者医疗费用的结算清算).
//!
//! Doses times unit price is the total; vaccine and vaccination are lines of their own. A patient's bill is settled by the care
//! book, which posts what the funds owe; the statement gathers those bills and pays them.

use domain::{Date, Fen, Mark};

use super::covid_book::{Cost, CovidBook, CovidEntry, Detail, Drawn, Item, Statement, StatementState, grouped, priced};
use super::month_of;
use crate::answer::{Answer, Refusal, Stop};
use crate::care::{Active, active, parse_settlement, person_of};
use crate::codec::{Word, Yuan};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::{Books, Key};

command! {
    /// Record doses that a site gave: vaccine and vaccination fee
    RecordDoses = "covid doses", "登记一个接种点的疫苗接种：疫苗费与接种费" {
        /// Code of the site
        site: String = "接种单位代码",
        /// Number of the record, once in the site's year
        reference: String = "登记号（接种单位当年唯一）",
        /// The day
        on: Date = "接种日",
        /// The vaccine
        product: String = "疫苗",
        /// How many doses
        doses: i64 = "剂次",
        /// Price of one dose
        price: Yuan = "疫苗单价（元/剂）",
        /// Vaccination fee of one dose
        fee: Yuan = "接种费（元/剂次）",
        /// To whom the vaccine is owed; the site, if left out
        supplier: Option<String> = "疫苗款收款方，不写为接种单位",
    }
}

command! {
    /// Record a patient's settled bill for the clearing of COVID-19 costs
    RecordStay = "covid stay", "将一次新冠患者的结算列入清算" {
        /// Number of the settlement
        settlement: String = "结算编号",
    }
}

command! {
    /// Draw up the statement of a site's month
    DrawCovid = "covid draw", "生成一个单位一个月的清算单" {
        /// Code of the site or hospital
        site: String = "单位代码",
        /// The month, as 2022-03
        month: String = "月份，如 2022-03",
        /// Which of the two costs
        cost: Word<Cost> = "哪一类费用",
    }
}

command! {
    /// Give up a statement that is not confirmed, or one of patients that is not paid; its records wait again
    VoidCovid = "covid void", "作废未确认的、或未拨付的患者费用清算单，明细重新待清算" {
        /// Code of the site or hospital
        site: String = "单位代码",
        /// Number of the statement
        number: String = "清算单号",
        /// Why
        reason: String = "原因",
    }
}

command! {
    /// Record that the site confirms a statement
    ConfirmCovid = "covid confirm", "登记单位对清算单的确认" {
        /// Code of the site or hospital
        site: String = "单位代码",
        /// Number of the statement
        number: String = "清算单号",
        /// The total that the site confirms
        total: Yuan = "确认的总额（元）",
        /// Who confirms
        by: String = "确认人",
        /// What finance bears of it; nothing, if left out
        finance: Option<Yuan> = "财政负担部分（元），不写为零",
    }
}

command! {
    /// Pay a confirmed statement
    PayCovid = "covid pay", "拨付已确认的清算单" {
        /// Code of the site or hospital
        site: String = "单位代码",
        /// Number of the statement
        number: String = "清算单号",
        /// Number of the voucher
        voucher: String = "拨款凭证号",
    }
}

/// The stream of a site's year.
pub(super) fn key(site: &str, year: i16) -> Key {
    Key::in_year(format!("covid/{site}"), year)
}

fn book(books: &mut Books<'_>, key: &Key) -> Result<CovidBook, Stop> {
    Ok(books.find::<CovidBook>(key)?.cloned().unwrap_or_default())
}

impl UseCase for RecordDoses {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        if self.on > desk.today() {
            return Err(Refusal::new("impossible-date", format!("接种日 {} 在今天之后", self.on), "核对登记").into());
        }
        let amounts = priced(self.doses, self.price).zip(priced(self.doses, self.fee));
        let negative = self.doses <= 0 || self.price.0 < Fen::ZERO || self.fee.0 < Fen::ZERO;
        let Some((vaccine, fee)) = amounts.filter(|_| !negative) else {
            let message = format!("{} 剂、单价 {}、接种费 {} 不对", self.doses, self.price, self.fee);
            return Err(Refusal::new("bad-amount", message, "剂次大于零，单价不为负").into());
        };
        let detail = |item, price, amount, payee: &str| Detail {
            reference: self.reference.clone(),
            item: Word(item),
            on: self.on,
            what: self.product.clone(),
            count: self.doses,
            price,
            amount,
            payee: payee.to_owned(),
        };
        let details = vec![
            detail(Item::Vaccine, self.price, vaccine, self.supplier.as_deref().unwrap_or(&self.site)),
            detail(Item::Vaccination, self.fee, fee, &self.site),
        ];
        let answer = Answer::new(
            format!("{} 剂：疫苗费 {vaccine} 元，接种费 {fee} 元", self.doses),
            format!("{} doses: vaccine {vaccine}, vaccination {fee}", self.doses),
        )
        .with("vaccine", vaccine.to_string())
        .with("vaccination", fee.to_string());
        let key = key(&self.site, self.on.year());
        let known = book(books, &key)?;
        if known.knows(&self.reference) {
            let all = known.waiting.iter().chain(known.details.values().flatten());
            let same: Vec<&Detail> = all.filter(|detail| detail.reference == self.reference).collect();
            if same.iter().copied().eq(details.iter()) {
                return Ok(answer.with("already", true));
            }
            let message = format!("登记号 {} 已用于另一笔", self.reference);
            return Err(Refusal::new("reference-taken", message, "核对登记号").into());
        }
        books.post::<CovidBook>(&key, &CovidEntry::Recorded { details })?;
        Ok(answer.with("already", false))
    }
}

impl UseCase for RecordStay {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let Some(one) = standing(books, &self.settlement)? else {
            let message = format!("{} 不是有效的结算", self.settlement);
            return Err(Refusal::new("not-standing", message, "care statement 列出仍有效的结算").into());
        };
        if !one.bill.marks.contains(&Word(Mark::Covid)) {
            let message = format!("{} 没有新冠标记", self.settlement);
            return Err(Refusal::new("not-covid", message, "结算时写明 mark = covid").into());
        }
        if one.by_hand {
            let message = format!("{} 是手工报销，已付给个人", self.settlement);
            return Err(Refusal::new("by-hand", message, "只列入与机构直接结算的费用").into());
        }
        let amount = Yuan(one.paid.funds());
        let provider = one.bill.provider.clone();
        let key = key(&provider, one.bill.date.year());
        let answer = Answer::new(
            format!("{} 列入清算，基金支付 {amount} 元", self.settlement),
            format!("{} is listed with {amount}", self.settlement),
        )
        .with("site", provider.clone())
        .with("amount", amount.to_string());
        if book(books, &key)?.knows(&self.settlement) {
            return Ok(answer.with("already", true));
        }
        let detail = Detail {
            reference: self.settlement.clone(),
            item: Word(Item::Stay),
            on: one.bill.date,
            what: one.bill.care.0.code().to_owned(),
            count: 1,
            price: amount,
            amount,
            payee: provider,
        };
        books.post::<CovidBook>(&key, &CovidEntry::Recorded { details: vec![detail] })?;
        Ok(answer.with("already", false))
    }
}

impl UseCase for DrawCovid {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let month = month_of(&self.month)?;
        let key = key(&self.site, month.year());
        let known = book(books, &key)?;
        let of = |detail: &&Detail| detail.item.0.cost() == self.cost.0 && detail.on.first_of_month() == month;
        let (mut details, mut renewed, mut dropped) = (Vec::new(), Vec::new(), Vec::new());
        for detail in known.waiting.iter().filter(of) {
            match now(books, detail)? {
                Some(amount) if amount == detail.amount => details.push(detail.clone()),
                Some(amount) => {
                    let detail = Detail { price: amount, amount, ..detail.clone() };
                    renewed.push(detail.clone());
                    details.push(detail);
                }
                None => dropped.push(detail.reference.clone()),
            }
        }
        if details.is_empty() {
            let message = format!("{} {} 没有待清算的{}", self.site, self.month, self.cost.0.name());
            return Err(Refusal::new("nothing-to-clear", message, "先用 covid doses 或 covid stay 登记").into());
        }
        let lines = grouped(&details);
        let total = Yuan(lines.iter().map(|line| line.amount.0).sum());
        let number = format!("{}-{}-{}", self.month, self.cost, known.count(month, self.cost.0) + 1);
        let drawn = Drawn { number, month, cost: self.cost, lines, total, renewed, dropped };
        let answer = told(&drawn);
        books.post::<CovidBook>(&key, &CovidEntry::Drawn(drawn))?;
        Ok(answer)
    }
}

fn told(drawn: &Drawn) -> Answer {
    let Drawn { number, lines, total, renewed, dropped, .. } = drawn;
    let sum = |item| lines.iter().filter(|line| line.item == Word(item)).map(|line| line.amount.0).sum::<Fen>();
    let mut says = format!("清算单 {number}：{} 行，共 {total} 元", lines.len());
    if !renewed.is_empty() || !dropped.is_empty() {
        says += &format!("；{} 次结算已有差额，{} 次已撤销", renewed.len(), dropped.len());
    }
    Answer::new(says, format!("statement {number}: {} lines, {total}", lines.len()))
        .with("number", number.clone())
        .with("lines", lines.len())
        .with("vaccine", sum(Item::Vaccine).to_string())
        .with("vaccination", sum(Item::Vaccination).to_string())
        .with("stays", sum(Item::Stay).to_string())
        .with("total", total.to_string())
        .with("dropped", dropped.clone())
}

/// What a record amounts to now: a bill may have been settled anew or taken back since it was listed.
fn now(books: &mut Books<'_>, detail: &Detail) -> Result<Option<Yuan>, Stop> {
    if detail.item.0 != Item::Stay {
        return Ok(Some(detail.amount));
    }
    Ok(standing(books, &detail.reference)?.map(|one| Yuan(one.paid.funds())))
}

/// Refuses a statement with a bill that was taken back, or comes out otherwise, since it was drawn up.
fn unchanged(books: &mut Books<'_>, known: &CovidBook, number: &str) -> Result<(), Stop> {
    for detail in known.details.get(number).into_iter().flatten() {
        if now(books, detail)? != Some(detail.amount) {
            let message = format!("{} 列入时 {} 元，其后已撤销或有差额", detail.reference, detail.amount);
            return Err(Refusal::new("settlement-changed", message, "用 covid void 作废，重新生成").into());
        }
    }
    Ok(())
}

/// A settlement, if it stands.
fn standing(books: &mut Books<'_>, settlement: &str) -> Result<Option<Active>, Stop> {
    let (person, year, number) = parse_settlement(settlement)?;
    let active = active(books, &person_of(&person), year)?;
    Ok(active.into_iter().find(|one| (one.year, one.number) == (year, number)))
}

impl UseCase for VoidCovid {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = key(&self.site, year_of(&self.number)?);
        let known = book(books, &key)?;
        // The confirmation of patients' bills posts nothing: those may still change until they are paid.
        let patients = |statement: &Statement| statement.drawn.cost.0 == Cost::Patients;
        let confirmed = in_state(&known, &self.number, StatementState::Confirmed);
        if !confirmed.is_ok_and(|statement| patients(&statement)) {
            in_state(&known, &self.number, StatementState::Drawn)?;
        }
        let (number, reason) = (self.number.clone(), self.reason.clone());
        books.post::<CovidBook>(&key, &CovidEntry::Voided { number, reason })?;
        let says = format!("清算单 {} 作废，明细重新待清算", self.number);
        Ok(Answer::new(says, format!("statement {} is given up", self.number)))
    }
}

/// A statement in a state.
fn in_state(known: &CovidBook, number: &str, wanted: StatementState) -> Result<Statement, Refusal> {
    let Some(statement) = known.statements.get(number) else {
        return Err(Refusal::new("unknown-statement", format!("没有清算单 {number}"), "用 covid statements 查看"));
    };
    if statement.state.0 == wanted {
        return Ok(statement.clone());
    }
    let message = format!("清算单 {number} 现为“{}”，不是“{}”", statement.state.0.name(), wanted.name());
    Err(Refusal::new("wrong-state", message, "按 生成（draw）→ 确认（confirm）→ 拨付（pay）办理"))
}

/// The year that the number of a statement begins with.
pub(super) fn year_of(number: &str) -> Result<i16, Refusal> {
    let year = number.split('-').next().and_then(|year| year.parse().ok());
    year.ok_or_else(|| Refusal::new("unknown-statement", format!("没有清算单 {number}"), "用 covid statements 查看"))
}

impl UseCase for ConfirmCovid {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = key(&self.site, year_of(&self.number)?);
        let known = book(books, &key)?;
        let Drawn { total, lines, cost, .. } = in_state(&known, &self.number, StatementState::Drawn)?.drawn;
        if self.total != total {
            let message = format!("确认 {} 元，清算单为 {total} 元", self.total);
            return Err(Refusal::new("differs", message, "用 covid details 逐笔核对").into());
        }
        let finance = self.finance.unwrap_or_default();
        let bears = cost.0 == Cost::Vaccine;
        if finance.0 < Fen::ZERO || finance > total || (finance.0 > Fen::ZERO && !bears) {
            let message = format!("财政负担 {finance} 元不对");
            let cure = "疫苗及接种费用在零与总额之间；患者费用的负担已在结算时分清，不再写";
            return Err(Refusal::new("bad-amount", message, cure).into());
        }
        unchanged(books, &known, &self.number)?;
        let entry = CovidEntry::Confirmed {
            number: self.number.clone(),
            by: self.by.clone(),
            on: desk.today(),
            finance,
            owed: if bears { lines } else { Vec::new() },
        };
        books.post::<CovidBook>(&key, &entry)?;
        let fund = total.0 - finance.0;
        Ok(Answer::new(
            format!("清算单 {} 已确认：基金 {fund} 元，财政 {finance} 元", self.number),
            format!("statement {} is confirmed", self.number),
        )
        .with("state", StatementState::Confirmed.code())
        .with("fund", fund.to_string())
        .with("finance", finance.to_string()))
    }
}

impl UseCase for PayCovid {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = key(&self.site, year_of(&self.number)?);
        let known = book(books, &key)?;
        let Drawn { total, lines, .. } = in_state(&known, &self.number, StatementState::Confirmed)?.drawn;
        unchanged(books, &known, &self.number)?;
        let (number, voucher, on) = (self.number.clone(), self.voucher.clone(), desk.today());
        books.post::<CovidBook>(&key, &CovidEntry::Paid { number, voucher, on, lines })?;
        Ok(Answer::new(
            format!("清算单 {} 已拨付 {total} 元", self.number),
            format!("{total} is paid for statement {}", self.number),
        )
        .with("state", StatementState::Paid.code())
        .with("paid", total.to_string()))
    }
}
