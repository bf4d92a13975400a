//! Who should be enrolled and is not: coverage with the missing listed (全覆盖), and the missed and the broken (漏保、断保).

use std::collections::{BTreeMap, BTreeSet};

use domain::{Date, vocabulary};
use enrolment::RecordState;
use serde_json::json;

use super::list::{Row, day_of, relations, shown};
use super::membership::{Membership, State};
use crate::answer::Stop;
use crate::codec::Word;
use crate::command;
use crate::desk::Desk;
use crate::people::Dossier;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

vocabulary! {
    /// Why somebody who should be enrolled is not.
    Gap {
        Missed = "missed", "漏保", "never insured";
        Broken = "broken", "断保", "insured last year, not this year";
        Lapsed = "lapsed", "曾经参保", "insured in an earlier year";
        Unpaid = "unpaid", "已登记未缴费", "enrolled, not paid";
    }
}

command! {
    /// Coverage of a year: enrolled of those who should be, with the missing listed
    Coverage = "member coverage", "参保覆盖率和未参保名单" {
        /// Insured year
        year: i16 = "参保年度",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
        /// The day; today, or the last day of a year gone by, if left out
        on: Option<Date> = "哪一日，不写为今天（已过的年度为年末）",
        /// Only who is missing for this reason
        gap: Option<Word<Gap>> = "只列哪一种",
    }
}

const COLUMNS: &[Column] = &[
    col("person", "个人编号", "person"),
    col("name", "姓名", "name"),
    col("number", "证件号码", "document"),
    col("area", "区划", "area"),
    col("gap", "原因", "gap"),
    col("last", "最近参保年度", "last insured year"),
];

/// Somebody who should be enrolled and is not.
struct Missing {
    person: Key,
    area: String,
    gap: Gap,
    last: Option<i16>,
}

impl Question for Coverage {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let day = day_of(desk, self.year, self.on);
        let should = should_be(books, day, self.area.as_deref())?;
        let states = states(desk, books, self.year, day)?;
        let mut missing = Vec::new();
        let mut enrolled = 0_usize;
        let before = covered_in(desk, books, self.year.saturating_sub(1))?;
        for (person, area) in &should {
            let state = states.get(person).copied();
            if matches!(state, Some(State::Active | State::Paused)) {
                enrolled += 1;
                continue;
            }
            let last = last_year(books, person, self.year)?;
            let gap = match (state, last) {
                (Some(State::New), _) => Gap::Unpaid,
                _ if before.contains(person) => Gap::Broken,
                (_, Some(_)) => Gap::Lapsed,
                (_, None) => Gap::Missed,
            };
            missing.push(Missing { person: person.clone(), area: area.clone(), gap, last });
        }
        missing.retain(|missing| self.gap.is_none_or(|gap| gap.0 == missing.gap));
        let mut rows = Vec::new();
        for Missing { person, area, gap, last } in missing {
            let (name, number) = shown(desk, books, &person)?;
            rows.push(vec![
                json!(super::id(&person)),
                json!(name),
                json!(number),
                json!(area),
                json!(gap.code()),
                json!(last),
            ]);
        }
        let rate = percent(enrolled, should.len());
        let foot = format!("应参保 {} 人，已参保 {enrolled} 人，覆盖率 {rate}", should.len());
        Ok(Table { title: format!("{}年度未参保名单（{day}）", self.year), columns: COLUMNS, rows, foot })
    }
}

/// A share in percent with one decimal, half up; a dash of nothing.
pub(super) fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "—".to_owned();
    }
    let tenths = (part * 2_000 + whole) / (2 * whole);
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// Who should be enrolled on a day: alive, on a ground to join here, and not secured by another arrangement.
fn should_be(books: &mut Books<'_>, day: Date, area: Option<&str>) -> Result<Vec<(Key, String)>, Stop> {
    let mut should = Vec::new();
    books.each::<Dossier>(None, |key, dossier| {
        let here = area.is_none_or(|area| dossier.area.starts_with(area));
        let alive = dossier.alive_on(day) && dossier.born.is_none_or(|born| born <= day);
        let barred = [RecordState::NoHousehold, RecordState::PermitExpired, RecordState::OtherScheme];
        let states = dossier.record_states(day);
        if here && alive && !states.iter().any(|state| barred.contains(state)) {
            should.push((key.clone(), dossier.area.clone()));
        }
        Ok(())
    })?;
    Ok(should)
}

/// The states of a year's members on a day.
fn states(desk: &Desk<'_>, books: &mut Books<'_>, year: i16, day: Date) -> Result<BTreeMap<Key, State>, Stop> {
    let rows = relations(desk, books, year)?;
    Ok(rows.into_iter().map(|row| (row.person.clone(), row.state_on(day))).collect())
}

/// Who was active at the end of a year.
pub(super) fn covered_in(desk: &Desk<'_>, books: &mut Books<'_>, year: i16) -> Result<BTreeSet<Key>, Stop> {
    let last = super::ends(year, false).yesterday().unwrap_or(Date::MAX);
    let rows = relations(desk, books, year)?;
    let active = |row: &Row| row.state_on(last) == State::Active;
    Ok(rows.into_iter().filter(active).map(|row| row.person).collect())
}

/// The last year before this one in which a person has a relation.
fn last_year(books: &mut Books<'_>, person: &Key, year: i16) -> Result<Option<i16>, Stop> {
    for of in (year.saturating_sub(LOOK_BACK)..year).rev() {
        if books.find::<Membership>(&super::key(person, of))?.is_some() {
            return Ok(Some(of));
        }
    }
    Ok(None)
}

/// How many years are looked back for an earlier relation.
const LOOK_BACK: i16 = 10;

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_share_has_one_decimal() {
        assert_eq!(percent(990, 1_000), "99.0%");
        assert_eq!((percent(2, 3), percent(0, 0)), ("66.7%".to_owned(), "—".to_owned()));
    }
}
