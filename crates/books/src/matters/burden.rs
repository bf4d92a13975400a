//! What a person bears, as settled bills have it, held against the lines of referral and watch. Called after every change of a
//! person's settlements, so that referrals and flags arise without anybody asking (CQ21-03.2i, TJ22-02.3g).
//!
//! Borne is all that no fund took of a bill, in scope or not: the notices say the person's own burden, without a base.

use domain::{Date, Fen};
use serde_json::Value;

use super::{monitor, relief};
use crate::answer::{Answer, Stop};
use crate::care::{CareEntry, CareYear};
use crate::desk::Desk;
use crate::sheets::{Books, Key};

/// Months that the watch looks back.
const MONTHS: i32 = 12;

/// What a person bore: in the year of a bill, and in the months up to today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Borne {
    year: Fen,
    months: Fen,
}

/// Holds a person's burden against the lines after a bill of a day was settled or taken back, and tells what came of it with the
/// answer. Where the region has no lines nothing is read.
///
/// # Errors
/// When the source fails.
pub fn follow(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    day: Date,
    mut answer: Answer,
) -> Result<Answer, Stop> {
    let (refers, watches) = (desk.rules.sets("relief.line"), desk.rules.sets("monitor.line"));
    if !refers && !watches {
        return Ok(answer);
    }
    let today = desk.today();
    let borne = borne(books, person, day.year(), today)?;
    if refers {
        let told = relief::judge(desk, books, person, day.year(), borne.year);
        answer = told_with(answer, "referral", told)?;
    }
    if watches {
        let told = monitor::observed(desk, books, person, borne.months);
        answer = told_with(answer, "watch", told)?;
    }
    Ok(answer)
}

/// A bill is settled whatever comes of the watch: what it refuses is told, and no more.
fn told_with(answer: Answer, name: &str, told: Result<Answer, Stop>) -> Result<Answer, Stop> {
    match told {
        Ok(told) => match told.fields.get("matter") {
            Some(Value::String(number)) => Ok(answer.with(name, number.clone())),
            _ => Ok(answer),
        },
        Err(Stop::Refused(refusal)) => Ok(answer.with(&format!("{name}_refused"), refusal.to_string())),
        Err(source) => Err(source),
    }
}

fn borne(books: &mut Books<'_>, person: &Key, year: i16, today: Date) -> Result<Borne, Stop> {
    let since = today.checked_sub(jiff::Span::new().months(MONTHS)).unwrap_or(Date::MIN);
    let subject = format!("care/{}", person.subject.trim_start_matches("person/"));
    let mut borne = Borne::default();
    let mut days: Vec<(i16, u32, Date)> = Vec::new();
    for (key, entry, body) in books.history::<CareYear>(&subject)? {
        let (day, own) = match &body {
            CareEntry::Settled { bill, paid, .. } => {
                days.push((key.year, entry.number, bill.date));
                (Some(bill.date), paid.person.0)
            }
            CareEntry::Differed { bill, change: paid, .. } | CareEntry::Reinstated { bill, paid, .. } => {
                (Some(bill.date), paid.person.0)
            }
            CareEntry::Reversed { settlement, paid, .. } => {
                let of = |(year, number, _): &&(i16, u32, Date)| *year == key.year && number == settlement;
                (days.iter().find(of).map(|(.., day)| *day), paid.person.0)
            }
            _ => (None, Fen::ZERO),
        };
        if key.year == year {
            borne.year += own;
        }
        if day.is_some_and(|day| since < day && day <= today) {
            borne.months += own;
        }
    }
    Ok(borne)
}
