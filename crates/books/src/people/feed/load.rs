//! Loading a file: row by row, each taken or rejected by itself; the whole file refused, where it is to be loaded whole.

use std::collections::{BTreeMap, BTreeSet};

use domain::Date;

use super::absent;
use super::book::{Counts, FeedBook, FeedEntry, Load};
use super::fact::Fact;
use super::row::{Does, Outcome, Sent, take};
use super::rows::{self, Reject, Row, Rows};
use crate::answer::{Refusal, Stop};
use crate::desk::Desk;
use crate::people::documents::masked;
use crate::people::{Dossier, by_document, follow, person_key};
use crate::sheets::{Books, Key};
use crate::vault::hex;

/// A file as it was handed in.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Who sent it.
    pub source: String,
    /// As of which day it reports.
    pub reported: Date,
    /// The fact of rows that tell none.
    pub fact: Option<Fact>,
    /// It lists everybody who has the fact: who is not on it has it no more.
    pub complete: bool,
    /// Whoever is not on the register is put on it.
    pub register: bool,
    /// The file.
    pub text: String,
}

/// What became of one row, or of somebody who is on none.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Line of the file; 0 for who is absent.
    pub line: u32,
    /// Which fact.
    pub fact: Fact,
    /// What it does.
    pub outcome: Outcome,
}

/// What became of a file.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many rows went which way.
    pub counts: Counts,
    /// Rows that were not loaded.
    pub rejects: Vec<Reject>,
    /// What changed or is disputed.
    pub differences: Vec<Difference>,
    /// What should be known beside.
    pub notes: Vec<String>,
    /// The same file was loaded before, without a reject.
    pub again: bool,
}

impl Feed {
    /// The stream of the sender.
    ///
    /// # Errors
    /// When the name cannot be one.
    pub fn key(&self) -> Result<Key, Refusal> {
        key(&self.source)
    }

    /// The hash by which the file is known again.
    fn hash(&self, desk: &Desk<'_>) -> String {
        let mut hash = hex(&desk.vault.input(&self.text));
        hash.truncate(32);
        hash
    }
}

/// The stream of a sender.
pub(super) fn key(source: &str) -> Result<Key, Refusal> {
    let source = source.trim();
    if source.is_empty() || source.contains('/') {
        return Err(Refusal::new("bad-source", "来源名称是空的，或含有 “/”", "写来源单位的名称，如 民政局"));
    }
    Ok(Key::of(format!("feed/{source}")))
}

/// Loads a file.
///
/// # Errors
/// When the file as a whole cannot be one, or the source of the books fails.
pub fn load(desk: &Desk<'_>, books: &mut Books<'_>, feed: &Feed) -> Result<Report, Stop> {
    let key = feed.key()?;
    check(desk, feed)?;
    let book = books.find::<FeedBook>(&key)?.cloned().unwrap_or_default();
    let hash = feed.hash(desk);
    if let Some(before) = known(&book, feed, &hash).filter(|load| load.counts.rejected == 0) {
        return Ok(Report {
            again: true,
            counts: Counts { rows: before.counts.rows, ..Counts::default() },
            ..Report::default()
        });
    }
    let rows = rows::read(&feed.text, feed.fact)?;
    let mut report = Report::default();
    report.counts.rows = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let sent = Sent { feed, book: &book };
    let on_list = take_all(desk, books, &sent, &rows, &mut report)?;
    if let Some(fact) = feed.fact.filter(|_| feed.complete) {
        end_absent(desk, books, &sent, fact, on_list, &mut report)?;
    }
    let Counts { accepted, ended, .. } = report.counts;
    // A file that is known and that changed nothing this time either is not written down again.
    if known(&book, feed, &hash).is_none() || accepted + ended > 0 {
        let Feed { reported, fact, complete, .. } = *feed;
        let load = Load { hash, reported, on: desk.today(), fact, complete, counts: report.counts };
        books.post::<FeedBook>(&key, &FeedEntry::Loaded { load, rejects: report.rejects.clone() })?;
    }
    Ok(report)
}

fn known<'b>(book: &'b FeedBook, feed: &Feed, hash: &str) -> Option<&'b Load> {
    let same = |load: &&Load| {
        load.hash == hash && (load.reported, load.fact, load.complete) == (feed.reported, feed.fact, feed.complete)
    };
    book.loads.iter().rev().find(same)
}

fn check(desk: &Desk<'_>, feed: &Feed) -> Result<(), Refusal> {
    if feed.reported > desk.today() {
        return Err(Refusal::new("impossible-date", "报送日期在今天之后", "核对报送日期"));
    }
    if feed.complete && feed.fact.is_none() {
        let message = "全量名单没有写明是哪一类人的名单";
        return Err(Refusal::new("which-list", message, "用 fact 写明类别或事项"));
    }
    Ok(())
}

/// Takes all rows; gives the persons who are on the list, `None` where a row does not tell whose it is.
fn take_all(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    sent: &Sent<'_>,
    rows: &Rows,
    report: &mut Report,
) -> Result<Option<BTreeSet<Key>>, Stop> {
    let contradictory = contradictory(rows, sent.feed);
    let mut on_list = Some(BTreeSet::new());
    for (nth, page) in rows.chunks(PAGE).enumerate() {
        books.passed(nth * PAGE);
        let ahead = preload(desk, books, sent, page)?;
        for row in page {
            let (refused, number) = match row {
                Err(unread) => (Some(unread.0.clone()), unread.1.as_ref()),
                Ok(row) => {
                    let refused = match contradictory.get(&row.line) {
                        Some(other) => Some(contradiction(*other)),
                        None => take_one(desk, books, sent, row, report)?,
                    };
                    (refused.map(|refusal| rejected(row, refusal)), Some(&row.number))
                }
            };
            match number {
                Some(number) => {
                    let person = by_document(desk, books, number)?;
                    on_list.iter_mut().for_each(|list| list.extend(person.clone()));
                }
                None => on_list = None,
            }
            report.rejects.extend(refused);
        }
        books.let_go(&ahead);
    }
    books.passed(rows.len());
    report.counts.rejected = u32::try_from(report.rejects.len()).unwrap_or(u32::MAX);
    Ok(on_list)
}

/// Takes a row, or gives why it is not taken.
fn take_one(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    sent: &Sent<'_>,
    row: &Row,
    report: &mut Report,
) -> Result<Option<Refusal>, Stop> {
    match books.attempt(|books| take(desk, books, sent, row)) {
        Ok(outcome) => {
            report.tally(Difference { line: row.line, fact: row.fact, outcome });
            Ok(None)
        }
        Err(Stop::Refused(refusal)) => Ok(Some(refusal)),
        Err(stop) => Err(stop),
    }
}

/// How many rows' sheets are read at once.
pub(super) const PAGE: usize = 1_000;

/// Reads at once what the rows of a page will ask for, one by one, of persons on the register by their first document; of the
/// others, who they are.
fn preload(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    sent: &Sent<'_>,
    page: &[Result<Row, rows::Unread>],
) -> Result<Vec<Key>, Stop> {
    let mut keys = Vec::new();
    let mut persons = Vec::new();
    for row in page.iter().flatten() {
        let index = row.number.index(desk.vault);
        let person = person_key(&index);
        keys.extend(follow::keys(desk, &person, row.from.unwrap_or_else(|| sent.reported(row))));
        keys.push(person.clone());
        persons.push((person, index));
    }
    books.preload(keys.iter().cloned())?;
    follow::preload(books, &keys)?;
    let mut others = Vec::new();
    for (person, index) in persons {
        if books.find::<Dossier>(&person)?.is_none() {
            others.push(index);
        }
    }
    books.preload_links("document", others)?;
    Ok(keys)
}

fn end_absent(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    sent: &Sent<'_>,
    fact: Fact,
    on_list: Option<BTreeSet<Key>>,
    report: &mut Report,
) -> Result<(), Stop> {
    let Some(on_list) = on_list else {
        report.notes.push("有的行看不出是谁，名单上没有的人这次不作终止；更正后重报".to_owned());
        return Ok(());
    };
    if sent.book.listed_after(fact, sent.feed.reported).is_some() {
        report.notes.push("已有日期更晚的全量名单，这次不作终止".to_owned());
        return Ok(());
    }
    for absent::Ended { person, from, followed } in absent::end(desk, books, sent.feed, fact, &on_list)? {
        report.counts.ended += 1;
        let (from, end) = (Some(from), Some(sent.feed.reported));
        let outcome = Outcome { person, does: Does::Ends, from, end, registered: false, conflict: None, followed };
        report.differences.push(Difference { line: 0, fact, outcome });
    }
    Ok(())
}

impl Report {
    fn tally(&mut self, difference: Difference) {
        let Outcome { does, registered, conflict, .. } = &difference.outcome;
        match does {
            Does::Nothing if !registered => self.counts.unchanged += 1,
            Does::Superseded => self.counts.superseded += 1,
            _ => self.counts.accepted += 1,
        }
        self.counts.registered += u32::from(*registered);
        self.counts.conflicts += u32::from(conflict.is_some());
        if *does != Does::Nothing || *registered || conflict.is_some() {
            self.differences.push(difference);
        }
    }
}

/// Lines of one file that say different things of the same person, fact and beginning: each with the other.
fn contradictory(rows: &Rows, feed: &Feed) -> BTreeMap<u32, u32> {
    let mut first: BTreeMap<_, &Row> = BTreeMap::new();
    let mut lines = BTreeMap::new();
    for row in rows.iter().flatten() {
        let reported = row.reported.unwrap_or(feed.reported);
        // A person dies once: there the day is what is said.
        let from = row.from.filter(|_| row.fact != Fact::Death);
        let about =
            (row.number.kind, &row.number.text, row.fact, from, &row.school, row.year, &row.arrangement, reported);
        let Some(other) = first.get(&about) else {
            first.insert(about, row);
            continue;
        };
        // What only fills gaps of the register is no other saying.
        let alike = Row {
            line: other.line,
            area: other.area.clone(),
            phone: other.phone.clone(),
            ethnicity: other.ethnicity.clone(),
            employer: other.employer.clone(),
            ..row.clone()
        } == **other;
        if !alike {
            lines.insert(row.line, other.line);
            lines.entry(other.line).or_insert(row.line);
        }
    }
    lines
}

fn contradiction(other: u32) -> Refusal {
    let message = format!("与第 {other} 行对同一人的同一事项说法不一");
    Refusal::new("contradiction", message, "核实后只留正确的一行")
}

fn rejected(row: &Row, refusal: Refusal) -> Reject {
    let Refusal { code, message, cure, .. } = refusal;
    let field = match code.as_str() {
        "name-differs" => "name",
        "unknown-person" => "number",
        "missing-from" => "from",
        "ends-before-start" => "end",
        _ => "",
    };
    Reject { line: row.line, number: masked(&row.number.text), field: field.to_owned(), code, message, cure }
}
