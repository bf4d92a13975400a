//! A provider's register entry changes for days that are past: which settlements would come out of other facts now, and
//! settling them anew, as differences.
//!
//! The question reads the whole year of care and holds nobody up; the command takes the persons it listed, as many at once as
//! the clerk likes. What has been settled anew is no longer listed. A bill whose place would be refused now (the agreement was
//! ended as of an earlier day) is listed and stays: what was lawfully settled is taken back by a decision (`care reverse`).

use std::collections::BTreeSet;

use domain::{Date, Filing, Level, Marks};
use serde_json::{Value, json};

use super::book::CareYear;
use super::facts;
use super::record::BillRecord;
use super::restate::{active, refresh};
use super::settle::{care_key, day_of_bill, settlement_number};
use super::{number_of, person_of};
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::filings;
use crate::people;
use crate::providers;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

/// How many persons are listed, if nobody says.
const PERSONS: i64 = 500;

command! {
    /// Settlements at a provider that rest on facts the register no longer gives, to settle anew or to decide about
    Affected = "care affected", "机构信息更正后受影响的结算" {
        /// Code of the provider
        provider: String = "定点机构代码",
        /// First day from which its facts were changed
        from: Date = "机构信息自哪一日起更正",
        /// At most so many persons; 500, if left out
        persons: Option<i64> = "至多列多少人，不写为 500",
    }
}

const COLUMNS: &[Column] = &[
    col("person", "个人编号", "person"),
    col("settlement", "结算编号", "settlement"),
    col("date", "日期", "date"),
    col("care", "就医类型", "care"),
    col("was", "结算时", "settled as"),
    col("now", "现登记", "now"),
    col("do", "办理", "what to do"),
];

impl Question for Affected {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let provider = providers::on(books, &self.provider, self.from)?.code;
        let most = usize::try_from(self.persons.unwrap_or(PERSONS)).unwrap_or(0);
        let mut rows: Vec<Vec<Value>> = Vec::new();
        let mut listed = BTreeSet::new();
        for person in treated(desk, books, &provider, self.from)? {
            if listed.len() >= most {
                break;
            }
            for one in active(books, &person, self.from.year())? {
                if !concerns(&one.bill, &provider, self.from) {
                    continue;
                }
                if let Some((now, act)) = otherwise(desk, books, &person, &one.bill)? {
                    listed.insert(person.clone());
                    rows.push(vec![
                        json!(number_of(&person)),
                        json!(settlement_number(&person, one.year, one.number)),
                        json!(one.bill.date.to_string()),
                        json!(one.bill.care.0.name()),
                        json!(place_in_words(&one.bill)),
                        json!(now),
                        json!(act),
                    ]);
                }
            }
        }
        let title = format!("{provider} 自 {} 起更正后受影响的结算", self.from);
        let foot = format!("{} 人 {} 笔", listed.len(), rows.len());
        Ok(Table { title, columns: COLUMNS, rows, foot })
    }
}

/// The persons who had a visit at a provider that stands, in the years from a day on, in order.
fn treated(desk: &Desk<'_>, books: &mut Books<'_>, provider: &str, from: Date) -> Result<BTreeSet<Key>, Stop> {
    let mut persons = BTreeSet::new();
    for year in from.year()..=desk.today().year() {
        books.each::<CareYear>(Some(year), |key, book| {
            let here = |visit: &String| visit.split(' ').next().is_some_and(|code| same(code, provider));
            if book.visits.keys().any(here) {
                persons.insert(person_of(number_of(key)));
            }
            Ok(())
        })?;
    }
    Ok(persons)
}

/// What the registers now say of a bill, and what to do, where that is not what it was settled with.
fn otherwise(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    bill: &BillRecord,
) -> Result<Option<(String, &'static str)>, Stop> {
    let disease = bill.disease.as_deref();
    match filings::at(desk, books, person, &bill.provider, bill.date, bill.care.0, disease) {
        Err(Stop::Refused(refusal)) => Ok(Some((refusal.to_string(), "care reverse"))),
        Err(stop) => Err(stop),
        Ok(_) => Ok(match facts::again(desk, books, person, bill)? {
            Err(refusal) => Some((refusal.to_string(), "care resettle")),
            Ok(now) if now != *bill => Some((place_in_words(&now), "care resettle")),
            Ok(_) => None,
        }),
    }
}

fn place_in_words(bill: &BillRecord) -> String {
    let level: Level = bill.level.0;
    let filing: Filing = bill.filing.0;
    let marks: Vec<&str> = bill.marks.iter().map(|mark| mark.0).collect::<Marks>().iter().map(|m| m.name()).collect();
    [level.name(), filing.name()].into_iter().chain(marks).collect::<Vec<_>>().join("、")
}

fn concerns(bill: &BillRecord, provider: &str, from: Date) -> bool {
    bill.date >= from && same(&bill.provider, provider)
}

fn same(code: &str, provider: &str) -> bool {
    code.trim().eq_ignore_ascii_case(provider)
}

command! {
    /// Settle anew what a corrected register entry of a provider touches, person by person; differences are posted
    Resettle = "care resettle", "机构信息更正后重新结算，差额入账" {
        /// Code of the provider
        provider: String = "定点机构代码",
        /// First day from which its facts were changed
        from: Date = "机构信息自哪一日起更正",
        /// Why, as the number of a document
        reason: String = "依据",
        /// The persons: what `care affected` lists as CSV, or one number a line
        text: String = "名单：care affected 列出的 CSV，或每行一个个人编号",
    }
}

impl UseCase for Resettle {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        day_of_bill(desk, self.from)?;
        let provider = providers::on(books, &self.provider, self.from)?.code;
        let listed = self.listed();
        if listed.is_empty() {
            return Err(Refusal::new("empty-batch", "名单是空的", "用 care affected 列出受影响的人").into());
        }
        let mut differences = Vec::new();
        for number in &listed {
            let person = people::find(desk, books, number)?;
            let changed = refresh(desk, books, &person, self.from, &self.reason, |books, bill| {
                if !concerns(bill, &provider, self.from) {
                    return Ok(Ok(bill.clone()));
                }
                facts::again(desk, books, &person, bill)
            })?;
            differences.extend(changed);
        }
        let says = format!("{} 人重新核对，{} 笔结算有差额，已入账", listed.len(), differences.len());
        let english = format!("{} persons looked at, {} settlements differ", listed.len(), differences.len());
        Ok(Answer::new(says, english).with("persons", listed.len()).with("differences", differences))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        let persons = self.listed().into_iter().filter_map(|number| people::likely(desk, number));
        let years = self.from.year()..=desk.today().year();
        persons.flat_map(|person| years.clone().map(|year| care_key(&person, year)).collect::<Vec<_>>()).collect()
    }
}

impl Resettle {
    /// The first cell of each line, once, without the heading.
    fn listed(&self) -> BTreeSet<&str> {
        let cells = self.text.lines().filter_map(|line| line.split(',').next());
        let cells = cells.map(|cell| cell.trim_matches(['"', '\u{feff}', ' ', '\t']));
        cells.filter(|cell| cell.bytes().any(|byte| byte.is_ascii_digit())).collect()
    }
}
