//! What a person owes for a year, by the facts on the register: the rules of `enrolment::due`, and the bill that comes of them.
//!
//! The facts are those of the day of payment, or of today while nothing is paid, or of the year's first day where that is later:
//! a category that begins after the payment does not change what was rightly paid.

use domain::{Date, Fen, Group, Person, Scheme};
use enrolment::cover::RecordState;
use enrolment::{Asking, Due};

use super::record::{Bill, Choice, DuesEntry, Share};
use super::sheet::{Billing, Dues};
use super::{dues_key, number_of};
use crate::answer::{Refusal, Step, Stop};
use crate::codec::{Word, Yuan};
use crate::desk::Desk;
use crate::members::{self, Capacity, Membership};
use crate::sheets::{Books, Key};
use crate::{people, public};

/// What is due, and the bill as it would be written.
pub(super) struct Assessed {
    pub bill: Bill,
    pub reasons: Vec<Step>,
}

/// What billing did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Billed {
    /// The bill as it stands.
    pub bill: Bill,
    /// What is still to be paid.
    pub open: Fen,
    /// What was paid too much, and goes back.
    pub over: Fen,
    /// Whether anything changed.
    pub news: News,
    /// The reasons.
    pub reasons: Vec<Step>,
}

/// Whether billing changed anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// There was no bill.
    New,
    /// The bill is what it was.
    Same,
    /// The bill is another now.
    Changed,
}

/// Makes a person's bill of a year, or makes it anew where the facts or the choice differ from what it was made by.
///
/// What `asked` leaves out is taken from the bill that stands. Nothing is billed for a year that was paid for in advance.
///
/// # Errors
/// When the person does not owe the contribution here, or a table or fact that decides it is missing.
pub fn bill(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, year: i16, asked: &Choice) -> Result<Billed, Stop> {
    let key = dues_key(person, year);
    let dues = books.find::<Dues>(&key)?.cloned().unwrap_or_default();
    if let Some(prepaid) = &dues.prepaid {
        let message = format!("{year} 年度已于 {} 预缴（凭证 {}），不再核定", prepaid.on, prepaid.receipt);
        return Err(Refusal::new("prepaid", message, "预缴年度用完后，再按年核定").into());
    }
    let standing = dues.standing();
    let before = match standing {
        Some(billing) => billing.bill.asked.clone(),
        None => enrolled_as(desk, books, person, year)?,
    };
    let asked = filled(asked, before);
    let Assessed { mut bill, reasons } = assess(desk, books, person, year, &asked, standing)?;
    let Some(billing) = standing else {
        bill.number = format!("{year}-{}-{}", number_of(person), dues.bills.len() + 1);
        books.post::<Dues>(&key, &DuesEntry::Billed { bill: bill.clone(), reasons: reasons.clone() })?;
        let open = bill.personal.0;
        return Ok(Billed { bill, open, over: Fen::ZERO, news: News::New, reasons });
    };
    bill.number.clone_from(&billing.bill.number);
    bill.area.clone_from(&billing.bill.area);
    if (Bill { on: billing.bill.on, ..bill.clone() }) == billing.bill && billing.undecided.is_none() {
        let bill = billing.bill.clone();
        return Ok(Billed { bill, open: billing.open(), over: Fen::ZERO, news: News::Same, reasons });
    }
    if let Some(batch) = &billing.batch {
        let message = format!("缴费单在批量扣款文件 {batch} 中，结果未回");
        return Err(Refusal::new("in-batch", message, "先用 debit result 录入扣款结果").into());
    }
    let over = billing.received().less(bill.personal.0);
    let refund = (over > Fen::ZERO).then(|| refund_number(&dues, person, year));
    let (was, open) = (billing.was(), bill.personal.0.less(billing.received()));
    let entry = DuesEntry::Rebilled { bill: bill.clone(), was, over: Yuan(over), refund, reasons: reasons.clone() };
    books.post::<Dues>(&key, &entry)?;
    Ok(Billed { bill, open, over, news: News::Changed, reasons })
}

/// The number of the next refund of a person's year.
pub(super) fn refund_number(dues: &Dues, person: &Key, year: i16) -> String {
    format!("R{year}-{}-{}", number_of(person), dues.refunds.len() + 1)
}

/// What is asked for, with what it leaves out taken from what is known.
fn filled(asked: &Choice, known: Choice) -> Choice {
    Choice {
        tier: asked.tier.clone().or(known.tier),
        group: asked.group.or(known.group),
        states: if asked.states.is_empty() { known.states } else { asked.states.clone() },
        employed: asked.employed || known.employed,
    }
}

/// What the person enrolled as; of who has not, the register tells the states of the record.
fn enrolled_as(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, year: i16) -> Result<Choice, Stop> {
    let membership = books.find::<Membership>(&members::key(person, year))?;
    if let Some((_, relation)) = membership.and_then(Membership::latest) {
        let Capacity { tier, group, states, employed, .. } = relation.capacity.clone();
        return Ok(Choice { tier, group: Some(group), states, employed });
    }
    let states = people::dossier(books, person)?.record_states(desk.today());
    Ok(Choice { states: states.into_iter().map(|state| state.code().to_owned()).collect(), ..Choice::default() })
}

/// What is due from a person for a year; nothing is posted.
pub(super) fn assess(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    year: i16,
    asked: &Choice,
    standing: Option<&Billing>,
) -> Result<Assessed, Stop> {
    let today = desk.today();
    let decided_on = standing.and_then(Billing::first_paid).unwrap_or(today);
    let group = asked.group.map(|group| group.0).ok_or_else(no_group)?;
    let insured = desk.rules.year(group, year)?;
    let day = decided_on.max(insured.period.from);
    let (facts, area) = facts(books, person, asked, group, day)?;
    let paid_on = insured.period.contains(decided_on).then_some(decided_on);
    let states = states(&asked.states)?;
    // A bill that is paid, or on which nothing is due from the person, keeps the standard of that day.
    let fixed_by = standing.and_then(Billing::paid_on).unwrap_or(decided_on);
    let funding = public::funding(books, &area, year, fixed_by)?;
    let asking = Asking { paid_on, employed: asked.employed, states, funding, ..Asking::default() };
    let due = enrolment::due(&insured, &facts, &asking)?;
    desk.rules.accept(due.basis)?;
    Ok(Assessed { reasons: due.steps.iter().map(Step::from).collect(), bill: written(due, asked, group, area, today) })
}

fn no_group() -> Refusal {
    Refusal::new("no-group", "不知道此人属哪一类参保人群", "给出 group：adult、minor、student、university、elder 等")
}

/// A person as the rules of contribution see one on a day, and the code of the area.
pub(super) fn facts(
    books: &mut Books<'_>,
    person: &Key,
    asked: &Choice,
    group: Group,
    day: Date,
) -> Result<(Person, String), Stop> {
    let dossier = people::dossier(books, person)?;
    if let Some(died) = dossier.died.filter(|died| *died < day) {
        return Err(Refusal::new("dead", format!("此人已于 {died} 死亡"), "核对死亡登记；不再核定缴费").into());
    }
    let scheme = if matches!(group, Group::Active | Group::Retired) { Scheme::Employee } else { Scheme::Resident };
    let facts = Person {
        scheme,
        tier: asked.tier.clone(),
        group,
        categories: dossier.categories_on(day),
        born: dossier.born,
        insured_since: None,
    };
    Ok((facts, dossier.area.clone()))
}

/// States of the record by their words.
pub(super) fn states(words: &[String]) -> Result<Vec<RecordState>, Refusal> {
    let state = |word: &String| {
        RecordState::parse(word).ok_or_else(|| {
            let known: Vec<&str> = RecordState::ALL.iter().map(|(_, code, _)| *code).collect();
            Refusal::new("unknown-state", format!("没有 “{word}” 这种记录状态"), format!("可用：{}", known.join("、")))
        })
    };
    words.iter().map(state).collect()
}

fn written(due: Due, asked: &Choice, group: Group, area: String, on: Date) -> Bill {
    let share = |s: enrolment::Sponsored| Share { payer: s.payer, amount: s.amount.map(Yuan), clauses: s.clauses };
    Bill {
        number: String::new(),
        on,
        area,
        asked: asked.clone(),
        group: Word(group),
        scheme: Word(due.scheme),
        tier: due.tier,
        from: due.period.from,
        end: due.period.end.unwrap_or(due.period.from),
        total: due.total.ok().map(Yuan),
        personal: Yuan(due.personal),
        sponsored: due.sponsored.into_iter().map(share).collect(),
        collected_from: due.collected_from,
        yearly: due.yearly,
    }
}
