//! A filing is approved or refused.

use domain::{Date, vocabulary};

use super::sheet::{Content, Filings, FilingsEntry, State};
use super::{filed, followed, key, open};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::{Books, Key};

vocabulary! {
    /// What is decided.
    Verdict {
        Approve = "approve", "通过", "approve";
        Refuse = "refuse", "不予", "refuse";
    }
}

command! {
    /// Approve or refuse a filing that was applied for
    Decide = "filing decide", "审核备案" {
        /// Number of the filing
        filing: String = "备案编号",
        /// What is decided
        verdict: Word<Verdict> = "审核结论",
        /// Why; a refusal always says
        reason: Option<String> = "理由（不予时必填）",
    }
}

impl UseCase for Decide {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let (person, filed) = filed(books, &self.filing)?;
        let verdict = self.verdict.0;
        let wanted = if verdict == Verdict::Approve { State::Approved } else { State::Refused };
        if filed.state.0 == wanted {
            return Ok(open::answer(&person, filed.number, &filed.content, wanted));
        }
        if filed.state.0 != State::Applied {
            let message = format!("备案 {} {}，不再审核", self.filing, filed.state.0.name());
            return Err(Refusal::new("already-decided", message, "要改用 filing correct、filing end 或重新申请").into());
        }
        let today = desk.today();
        let reason = self.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        if wanted == State::Approved {
            approve(books, &person, filed.number, &filed.content, today, reason)?;
        } else {
            let Some(reason) = reason else {
                return Err(Refusal::new("missing-reason", "不予备案没有写理由", "写明 reason，照此告知申请人").into());
            };
            let state = Word(State::Refused);
            let entry =
                FilingsEntry::Decided { filing: filed.number, on: today, state, reason: Some(reason.to_owned()) };
            books.post::<Filings>(&key(&person), &entry)?;
            return Ok(open::answer(&person, filed.number, &filed.content, wanted).with("reason", reason));
        }
        let answer = open::answer(&person, filed.number, &filed.content, wanted);
        followed(desk, books, &person, filed.content.from, answer)
    }
}

/// Approves a filing: one whose place it takes ends the day before.
pub(super) fn approve(
    books: &mut Books<'_>,
    person: &Key,
    filing: u32,
    content: &Content,
    today: Date,
    reason: Option<&str>,
) -> Result<(), Stop> {
    let key = key(person);
    if let Some(old) = content.replaces {
        let last = content.from.yesterday().unwrap_or(content.from);
        let closed = FilingsEntry::Closed {
            filing: old,
            on: today,
            last: Some(last),
            state: Word(State::Ended),
            reason: format!("由 {} 替换", super::number(person, filing)),
        };
        books.post::<Filings>(&key, &closed)?;
    }
    let reason = reason.map(str::to_owned);
    let decided = FilingsEntry::Decided { filing, on: today, state: Word(State::Approved), reason };
    books.post::<Filings>(&key, &decided)?;
    Ok(())
}
