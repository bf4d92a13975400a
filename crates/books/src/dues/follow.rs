//! Bills follow the facts (自动办理): when the register changes from a day on, what is due is decided again, and the difference is
//! billed, refunded or claimed from the sponsor, without anybody asking.

use std::ops::RangeInclusive;

use domain::{Date, Fen};

use super::assess::{Billed, News, bill, refund_number};
use super::dues_key;
use super::record::{Choice, DuesEntry, Ground, RefundState, Undecided};
use super::refund::cancel;
use super::sheet::{Billing, Dues};
use crate::answer::{Refusal, Stop};
use crate::codec::Word;
use crate::desk::Desk;
use crate::members::{self, Cause, Membership};
use crate::people;
use crate::sheets::{Books, Key};

/// How many years back bills are looked at again.
const YEARS: i16 = 5;

/// Lets a person's bills follow facts that changed from a day on. Gives what followed, in sentences.
///
/// A bill that can no longer be decided stays as it is, marked so; that does not stop the change of facts.
///
/// # Errors
/// When the source fails.
pub fn follow(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, from: Date) -> Result<Vec<String>, Stop> {
    let mut said = Vec::new();
    for year in years(desk, from) {
        let key = dues_key(person, year);
        let Some(dues) = books.find::<Dues>(&key)?.cloned() else { continue };
        let Some(billing) = dues.standing() else {
            said.extend(revived(desk, books, person, &key, &dues)?);
            continue;
        };
        if billing.bill.end <= from {
            continue;
        }
        let died = people::dossier(books, person)?.died.filter(|died| *died < billing.bill.end);
        let sentence = match died {
            Some(died) => after_death(desk, books, &key, &dues, billing, died)?,
            None => match left(books, person, year)?.filter(|_| billing.received() == Fen::ZERO) {
                Some(ground) => without_member(desk, books, &key, billing, ground)?,
                None => again(desk, books, person, &key, billing)?,
            },
        };
        if sentence.is_some() {
            said.extend(sentence);
            said.extend(super::settled(desk, books, &key)?);
        }
    }
    Ok(said)
}

/// The years whose bills are looked at again: an academic year reaches into the next calendar year.
fn years(desk: &Desk<'_>, from: Date) -> RangeInclusive<i16> {
    let today = desk.today().year();
    from.year().saturating_sub(1).max(today - YEARS)..=today + 1
}

/// The sheets that [`follow`] asks for, of every person.
pub fn followed(desk: &Desk<'_>, person: &Key, from: Date) -> Vec<Key> {
    years(desk, from).map(|year| dues_key(person, year)).collect()
}

/// Who dies before the year begins owes nothing, and gets back what was paid; who dies in it owes nothing that is still open.
fn after_death(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    key: &Key,
    dues: &Dues,
    billing: &Billing,
    died: Date,
) -> Result<Option<String>, Stop> {
    if died >= billing.bill.from && billing.received() > Fen::ZERO {
        return Ok(None);
    }
    if let Some(batch) = &billing.batch {
        let what = format!("缴费单在批量扣款文件 {batch} 中，结果未回");
        return undecided(books, key, billing, Refusal::new("in-batch", what, "录入扣款结果后重新核定"));
    }
    let asked = dues.refunds.iter().any(|refund| refund.state.0 == RefundState::Requested);
    let refund = (!asked).then(|| refund_number(dues, key, key.year));
    let over = cancel(books, key, billing, Ground::Death, desk.today(), refund)?;
    let back = if over > Fen::ZERO { format!("，应退 {over} 元") } else { String::new() };
    Ok(Some(format!("{} 年度缴费单因死亡撤销{back}", key.year)))
}

/// Whose death was an error, and who is a member again, is billed again.
fn revived(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    key: &Key,
    dues: &Dues,
) -> Result<Option<String>, Stop> {
    let by_death = dues.bills.last().is_some_and(|billing| billing.ground == Some(Word(Ground::Death)));
    let alive = people::dossier(books, person)?.died.is_none();
    let membership = books.find::<Membership>(&members::key(person, key.year))?;
    let member = membership.and_then(Membership::latest).is_some_and(|(_, relation)| relation.is_open());
    if !(by_death && alive && member) {
        return Ok(None);
    }
    match bill(desk, books, person, key.year, &Choice::default()) {
        Ok(billed) => Ok(Some(format!("{} 年度重新核定，个人应缴 {} 元", key.year, billed.bill.personal))),
        Err(Stop::Refused(refusal)) => Ok(Some(format!("{} 年度缴费不能核定：{refusal}", key.year))),
        Err(stop) => Err(stop),
    }
}

/// Why a person who was enrolled in a year is so no more.
fn left(books: &mut Books<'_>, person: &Key, year: i16) -> Result<Option<Ground>, Stop> {
    let membership = books.find::<Membership>(&members::key(person, year))?;
    let last = membership.and_then(Membership::latest).filter(|(_, relation)| !relation.is_open());
    Ok(last.and_then(|(_, relation)| relation.moves.last()).map(|step| match step.cause.0 {
        Cause::Death => Ground::Death,
        Cause::Employee => Ground::Employee,
        Cause::Duplicate => Ground::Duplicate,
        Cause::TransferOut | Cause::OtherScheme | Cause::Abroad => Ground::Moved,
        _ => Ground::Mistake,
    }))
}

/// Who is no member any more, and has paid nothing, owes nothing.
fn without_member(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    key: &Key,
    billing: &Billing,
    ground: Ground,
) -> Result<Option<String>, Stop> {
    if let Some(batch) = &billing.batch {
        let what = format!("缴费单在批量扣款文件 {batch} 中，结果未回");
        return undecided(books, key, billing, Refusal::new("in-batch", what, "录入扣款结果后重新核定"));
    }
    cancel(books, key, billing, ground, desk.today(), None)?;
    Ok(Some(format!("{} 年度参保关系已终止，未缴的缴费单撤销", key.year)))
}

/// Decides a bill again.
pub(super) fn again(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    key: &Key,
    billing: &Billing,
) -> Result<Option<String>, Stop> {
    match bill(desk, books, person, key.year, &Choice::default()) {
        Ok(Billed { news: News::Changed, bill, open, over, .. }) => {
            let sponsors: Vec<String> = bill
                .sponsored
                .iter()
                .filter_map(|share| {
                    let payer = enrolment::due::payer_name(&share.payer);
                    share.amount.map(|amount| format!("，{payer}资助 {amount} 元"))
                })
                .collect();
            let back = if over > Fen::ZERO { format!("，应退 {over} 元") } else { String::new() };
            let sponsors = sponsors.concat();
            Ok(Some(format!(
                "{} 年度缴费重新核定：个人应缴 {} 元，尚欠 {open} 元{sponsors}{back}",
                key.year, bill.personal
            )))
        }
        Ok(_) => Ok(None),
        Err(Stop::Refused(refusal)) => undecided(books, key, billing, refusal),
        Err(stop) => Err(stop),
    }
}

/// Marks a bill that the facts no longer support, but for which nothing else can be decided.
fn undecided(books: &mut Books<'_>, key: &Key, billing: &Billing, refusal: Refusal) -> Result<Option<String>, Stop> {
    let why = Undecided { code: refusal.code, message: refusal.message, clauses: refusal.clauses };
    if billing.undecided.as_ref() == Some(&why) {
        return Ok(None);
    }
    let said = format!("{} 年度缴费单待定：{}", key.year, why.message);
    books.post::<Dues>(key, &DuesEntry::Undecided { bill: billing.bill.number.clone(), why })?;
    Ok(Some(said))
}
