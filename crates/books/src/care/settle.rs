//! A bill settled live: against the running amounts as they stand, under the terms of its day, posted with its receipt.

use domain::{Date, Fen};
use serde_json::Value;
use settlement::{Engine, Entry, PersonRun, Plan, Standing};

use super::book::{CareEntry, CareYear, visit_name};
use super::record::{BillRecord, Paid, Pins, Running, step_record};
use crate::answer::{Answer, Refusal, Step, Stop};
use crate::desk::{Desk, Rules};
use crate::sheets::{Books, Key};
use crate::turnover::{self, Move};

/// How many years back a person's running amounts may come from.
const BACK: i16 = 5;

/// A person's stream of care in a year.
pub fn care_key(person: &Key, year: i16) -> Key {
    Key::in_year(format!("care/{}", super::number_of(person)), year)
}

/// What the engine made of a bill, with the plan it used.
pub(crate) struct Made<'e> {
    pub plan: &'e Plan,
    pub entry: Entry,
    pub standing: Standing,
}

/// Settles a bill from a standing, without effect.
pub(crate) fn make<'e>(engine: &'e Engine, standing: &Standing, bill: &BillRecord) -> Result<Made<'e>, Refusal> {
    let mut run = PersonRun::resume(engine, standing).map_err(|refusal| Refusal::from(&refusal))?;
    let entry = run.settle(&bill.bill()).map_err(|refusal| Refusal::from(&refusal))?;
    Ok(Made { plan: engine.plan(entry.plan), entry, standing: run.standing() })
}

/// Where a person stands at a bill of a year: after the last bill of that year, or of the years before.
pub(crate) fn standing(books: &mut Books<'_>, person: &Key, year: i16) -> Result<Standing, Stop> {
    let mut brought = Standing::default();
    for year in (year - BACK..=year).rev() {
        let Some(book) = books.find::<CareYear>(&care_key(person, year))? else { continue };
        let standing = book.standing();
        if standing.progress.is_some() {
            return Ok(standing);
        }
        if book.opening.is_some() {
            brought = standing;
        }
    }
    Ok(brought)
}

/// Where a person stands before the first bill of a year.
pub(crate) fn standing_before(books: &mut Books<'_>, person: &Key, year: i16) -> Result<Standing, Stop> {
    let before = standing(books, person, year - 1)?;
    if before.progress.is_some() {
        return Ok(before);
    }
    let book = books.find::<CareYear>(&care_key(person, year))?;
    let brought = book.and_then(|book| book.opening.as_ref()).map(settlement::Opening::from);
    Ok(brought.map_or(before, |opening| Standing { opening, progress: None }))
}

/// A person's streams of care of the years from one on.
pub(crate) fn keys_from(desk: &Desk<'_>, person: &Key, year: i16) -> Vec<Key> {
    (year..=desk.today().year() + 1).map(|year| care_key(person, year)).collect()
}

/// The years from one on in which the person has a book.
pub(crate) fn years_from(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, year: i16) -> Result<Vec<i16>, Stop> {
    let keys = keys_from(desk, person, year);
    books.preload(keys.iter().cloned())?;
    let mut years = Vec::new();
    for key in keys {
        if books.find::<CareYear>(&key)?.is_some() {
            years.push(key.year);
        }
    }
    Ok(years)
}

/// Settles a bill and posts it. A bill that already stands is answered with what it was answered then.
pub(crate) fn settle(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    bill: BillRecord,
    by_hand: bool,
    explain: bool,
) -> Result<Answer, Stop> {
    let year = bill.date.year();
    let key = care_key(person, year);
    let name = visit_name(&bill.provider, &bill.visit);
    let known = books.find::<CareYear>(&key)?.and_then(|book| book.visits.get(&name).copied());
    if let Some(number) = known {
        return repeated(books, person, &key, number, &bill);
    }
    let posted = post(desk, books, person, &bill, by_hand)?;
    let mut answer = receipt(person, year, posted.number, &bill, &posted.paid);
    if explain {
        let reasons = settlement::reasons(posted.plan, &bill.bill(), &posted.entry);
        answer = answer.because(reasons.iter().map(Step::from));
    }
    if let Some(followed) = posted.differences {
        answer = answer.with("differences", followed);
    }
    Ok(answer)
}

/// A bill that is settled and posted.
pub(crate) struct Posted<'e> {
    pub plan: &'e Plan,
    pub entry: Entry,
    pub paid: Paid,
    /// Number of the entry.
    pub number: u32,
    /// What changed in later years, where there are any.
    pub differences: Option<Vec<Value>>,
}

/// Settles a bill that does not stand yet, and posts it.
pub(crate) fn post<'d>(
    desk: &Desk<'d>,
    books: &mut Books<'_>,
    person: &Key,
    bill: &BillRecord,
    by_hand: bool,
) -> Result<Posted<'d>, Stop> {
    let year = bill.date.year();
    let key = care_key(person, year);
    let standing = standing(books, person, year)?;
    let Made { plan, entry, standing } = make(&desk.rules.engine, &standing, bill)?;
    let paid = Paid::of(plan, &entry);
    let Some(progress) = &standing.progress else {
        return Err(Stop::Source("a settled bill left no running amounts".to_owned()));
    };
    let pins = pins(desk.rules, &plan.hash);
    let steps = entry.steps.iter().map(step_record).collect();
    let settled = CareEntry::Settled {
        bill: bill.clone(),
        paid: paid.clone(),
        by_hand,
        steps,
        pins,
        running: Running::from(progress),
    };
    let number = books.post::<CareYear>(&key, &settled)?;
    if !by_hand {
        let settlement = settlement_number(person, year, number);
        turnover::post(desk, books, Move::Settled, settlement, bill, &paid)?;
    }
    let later = !years_from(desk, books, person, year + 1)?.is_empty();
    let anew =
        |books: &mut Books<'_>| super::restate::restate(desk, books, person, year + 1, &format!("补结 {year} 年费用"));
    let differences = if later { Some(anew(books)?) } else { None };
    Ok(Posted { plan, entry, paid, number, differences })
}

/// What a settlement is made by.
pub(crate) fn pins(rules: &Rules, terms: &str) -> Pins {
    Pins {
        edition: rules.edition.clone(),
        terms: terms.to_owned(),
        engine: concat!("tongchou ", env!("CARGO_PKG_VERSION")).to_owned(),
        drafts: rules.drafts.clone(),
        strict: rules.strict,
    }
}

/// The number of a settlement: the person's, the year's, the entry's.
pub fn settlement_number(person: &Key, year: i16, number: u32) -> String {
    format!("{}-{year}-{number}", super::number_of(person))
}

/// The answer to a settled bill.
pub(crate) fn receipt(person: &Key, year: i16, number: u32, bill: &BillRecord, paid: &Paid) -> Answer {
    let funds = paid.funds();
    let says = format!("总费用 {}，基金支付 {funds}，个人负担 {}", paid.total, paid.person);
    let english = format!("bill {}, funds pay {funds}, the person bears {}", paid.total, paid.person);
    let mut columns: serde_json::Map<String, serde_json::Value> = serde_json::Map::new();
    let mut payers = serde_json::Map::new();
    let mut by_column: std::collections::BTreeMap<&str, Fen> = std::collections::BTreeMap::new();
    for (payer, amount) in paid.by_payer() {
        payers.insert(payer.code().to_owned(), amount.to_string().into());
        *by_column.entry(payer.column()).or_insert(Fen::ZERO) += amount;
    }
    columns.extend(by_column.into_iter().map(|(column, amount)| (column.to_owned(), amount.to_string().into())));
    Answer::new(says, english)
        .with("settlement", settlement_number(person, year, number))
        .with("visit", bill.visit.clone())
        .with("provider", bill.provider.clone())
        .with("date", bill.date.to_string())
        .with("total", paid.total.to_string())
        .with("in_scope", paid.in_scope.to_string())
        .with("first_self_pay", paid.first_self_pay.to_string())
        .with("out_of_scope", paid.out_of_scope.to_string())
        .with("over_limit", paid.over_limit.to_string())
        .with("funds", funds.to_string())
        .with("person", paid.person.to_string())
        .with("payers", payers)
        .with("columns", columns)
        .with("basis", paid.basis.clone())
}

/// The same bill again: the same receipt, and nothing is paid twice. Another bill under its number is refused.
fn repeated(books: &mut Books<'_>, person: &Key, key: &Key, number: u32, bill: &BillRecord) -> Result<Answer, Stop> {
    for (at, entry, body) in books.history::<CareYear>(&key.subject)? {
        if at.year == key.year
            && entry.number == number
            && let CareEntry::Settled { bill: settled, paid, .. } = body
        {
            if same_bill(&settled, bill) {
                return Ok(receipt(person, key.year, number, &settled, &paid).with("already", true));
            }
            let message = format!("就诊 {} 已经结算，而这次的内容不同", bill.visit);
            let cure = "先撤销原结算（care reverse），再按新内容结算";
            return Err(Refusal::new("already-settled", message, cure).into());
        }
    }
    Err(Stop::Source(format!("{}：第 {number} 条记录不在 (entry missing)", key.subject)))
}

/// Whether a provider asks for the same: what it says of the visit, not what the registers say of the person.
fn same_bill(one: &BillRecord, other: &BillRecord) -> bool {
    let asked = |bill: &BillRecord| {
        let BillRecord {
            from,
            date,
            care,
            disease,
            a,
            b,
            b_share,
            b_self_pay,
            c,
            over_limit,
            from_visit,
            burden_only,
            ..
        } = bill;
        let amounts = (*a, *b, b_share.clone(), *b_self_pay, *c, *over_limit);
        (*from, *date, *care, disease.clone(), amounts, from_visit.clone(), *burden_only)
    };
    asked(one) == asked(other)
}

/// The day and number that a settlement's number tells.
pub(crate) fn parse_settlement(text: &str) -> Result<(String, i16, u32), Refusal> {
    let wrong =
        || Refusal::new("bad-settlement", format!("“{text}” 不是结算编号"), "写结算时给出的编号：个人编号-年度-序号");
    let mut parts = text.rsplitn(3, '-');
    let (number, year, person) = (parts.next(), parts.next(), parts.next());
    let number = number.and_then(|n| n.parse().ok()).ok_or_else(wrong)?;
    let year = year.and_then(|y| y.parse().ok()).ok_or_else(wrong)?;
    Ok((person.ok_or_else(wrong)?.to_owned(), year, number))
}

/// Whether a day can be that of a bill.
pub(crate) fn day_of_bill(desk: &Desk<'_>, day: Date) -> Result<(), Refusal> {
    if day > desk.today() {
        return Err(Refusal::new("impossible-date", format!("{day} 还没有到"), "核对就诊结束的日期"));
    }
    Ok(())
}
