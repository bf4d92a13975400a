//! A settlement is taken back: its lines are unsettled again. If that is recalled, it stands as before.

use domain::Fen;

use super::book::{Visit, VisitEntry};
use super::receipt::amounts;
use super::{Held, clear, held, key};
use crate::answer::{Answer, Refusal, Stop};
use crate::care::{self, Paid};
use crate::command;
use crate::command::UseCase;
use crate::desk::{Desk, moment_of};
use crate::sheets::{Books, Key};

command! {
    /// Take the settlement of a visit back; its lines can be struck or settled again
    Reverse = "visit reverse", "撤销就诊的结算，明细回到未结算" {
        /// Number of the visit
        visit: String = "就诊号",
        /// Code of the provider
        provider: String = "定点机构代码",
        /// Number of an ID card, or the person's number
        person: Option<String> = "证件号码或个人编号",
        /// Number of the settlement
        settlement: String = "结算编号",
        /// Why
        reason: Option<String> = "原因",
    }
}

impl UseCase for Reverse {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let held = held(desk, books, &self.visit, &self.provider, self.person.as_deref())?;
        let reason = clear("原因", &self.reason)?.unwrap_or_else(|| "机构撤销".to_owned());
        reverse(desk, books, &held, &self.settlement, &reason)
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        let today = desk.today();
        let mut keys = vec![key(&self.visit), crate::turnover::key(&self.provider, today)];
        if let Ok((person, year, _)) = care::parse_settlement(&self.settlement) {
            let person = care::person_of(&person);
            keys.extend((year - 5..=today.year() + 1).map(|year| care::care_key(&person, year)));
        }
        keys
    }

    fn recallable(&self) -> bool {
        true
    }
}

/// Takes a settlement of a visit back.
pub(super) fn reverse(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    held: &Held,
    settlement: &str,
    reason: &str,
) -> Result<Answer, Stop> {
    let settlement = settlement.trim();
    let known = books
        .find::<Visit>(&held.key)?
        .and_then(|visit| visit.parts.iter().find(|part| part.settlement == settlement).map(|part| part.reversed));
    match known {
        None => {
            let message = format!("这次就诊没有结算 {settlement}");
            return Err(Refusal::new("unknown-settlement", message, "visit settlements 列出各次结算").into());
        }
        Some(true) => {
            let message = format!("结算 {settlement} 已撤销");
            return Err(Refusal::new("already-reversed", message, "不必再撤销；要重新收费，重新结算").into());
        }
        Some(false) => {}
    }
    let entry = VisitEntry::Reversed { settlement: settlement.to_owned(), reason: reason.to_owned() };
    let stands = care::stands(books, settlement)?;
    books.post::<Visit>(&held.key, &entry)?;
    if !stands {
        // A change of facts took the payment back before: only the lines are freed.
        let says = "这次结算已由中心撤回，明细回到未结算";
        let answer = amounts(Answer::new(says, "taken back by the centre before"), &Paid::default());
        let answer = answer.with("settlement", settlement).with("already", true);
        return Ok(stamped(desk, books, held, answer)?);
    }
    let (taken, answer) = care::take_back(desk, books, settlement, reason)?;
    let back = taken.paid.negated();
    let number = answer.fields.get("entry").and_then(serde_json::Value::as_u64).unwrap_or_default();
    let reversal = care::settlement_number(&held.person, taken.year, u32::try_from(number).unwrap_or_default());
    debug_assert!(back.total.0 <= Fen::ZERO, "what is taken back is negative");
    Ok(stamped(desk, books, held, amounts(answer, &back).with("reversal", reversal))?)
}

/// Lets a settlement stand again that a request took back.
pub(super) fn reinstate(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    key: &Key,
    settlement: &str,
    request: &str,
    reason: &str,
) -> Result<(), Stop> {
    let settled = books.history::<Visit>(&key.subject)?.into_iter().find_map(|(_, _, entry)| match entry {
        VisitEntry::Settled { part, lines, .. } if part.settlement == settlement => Some(lines),
        _ => None,
    });
    let (settlement, reason) = (settlement.to_owned(), reason.to_owned());
    care::reinstate(desk, books, &settlement, request, &reason)?;
    let lines = settled.unwrap_or_default();
    books.post::<Visit>(key, &VisitEntry::Reinstated { settlement, lines, reason })?;
    Ok(())
}

/// With the visit, and when and by which request it was taken back.
fn stamped(desk: &Desk<'_>, books: &Books<'_>, held: &Held, answer: Answer) -> Result<Answer, Refusal> {
    let answer = answer.with("visit", held.key.subject.trim_start_matches("visit/"));
    let answer = answer.with("insurance", held.opened.insurance.0.code());
    let answer = answer.with("at", moment_of(desk.at).to_string()).with("request", books.request());
    Ok(answer.with("office", desk.rules.region()?.code.clone()))
}
