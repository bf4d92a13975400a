//! Loading a file: row by row, each taken or rejected by itself; the whole file refused, where it is to be loaded whole.

use std::collections::BTreeSet;

use domain::Date;

use super::absent;
use super::book::{Counts, FeedBook, FeedEntry, Load};
use super::contradictory::{contradiction, contradictory};
use super::fact::Fact;
use super::row::{Does, Outcome, Sent, take};
use super::rows::{Reject, Row, Text, Unread};
use crate::answer::{Refusal, Stop};
use crate::desk::Desk;
use crate::people::documents::masked;
use crate::people::{Dossier, by_document, follow, person_key};
use crate::sheets::{Books, Key};
use crate::vault::hex;

/// A file as it was handed in.
#[derive(Clone, Debug)]
pub struct Feed<'t> {
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
    pub text: &'t str,
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
    /// What should be known beside.
    pub notes: Vec<String>,
    /// The same file was loaded before, without a reject.
    pub again: bool,
}

impl Feed<'_> {
    /// The stream of the sender.
    ///
    /// # Errors
    /// When the name cannot be one.
    pub fn key(&self) -> Result<Key, Refusal> {
        key(&self.source)
    }

    /// The hash by which the file is known again.
    fn hash(&self, desk: &Desk<'_>) -> String {
        let mut hash = hex(&desk.vault.input(self.text));
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

/// Who is told what changed or is disputed, row by row: of a long file that is more than need be held.
pub type Tell<'t> = &'t mut dyn FnMut(Difference);

/// Loads a file.
///
/// # Errors
/// When the file as a whole cannot be one, or the source of the books fails.
pub fn load(desk: &Desk<'_>, books: &mut Books<'_>, feed: &Feed<'_>, tell: Tell<'_>) -> Result<Report, Stop> {
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
    let text = Text::read(feed.text, feed.fact)?;
    let sent = Sent { feed, book: &book };
    let mut taken = Taken { report: Report::default(), on_list: feed.complete.then(BTreeSet::new), tell };
    take_all(desk, books, &sent, &text, &mut taken)?;
    if let Some(fact) = feed.fact.filter(|_| feed.complete) {
        end_absent(desk, books, &sent, fact, &mut taken)?;
    }
    let mut report = taken.report;
    let Counts { accepted, ended, .. } = report.counts;
    // A file that is known and that changed nothing this time either is not written down again.
    if known(&book, feed, &hash).is_none() || accepted + ended > 0 {
        let Feed { reported, fact, complete, .. } = *feed;
        let load = Load { hash, reported, on: desk.today(), fact, complete, counts: report.counts };
        // Of a long file they are too many to be held twice.
        let entry = FeedEntry::Loaded { load, rejects: std::mem::take(&mut report.rejects) };
        books.post::<FeedBook>(&key, &entry)?;
        let FeedEntry::Loaded { rejects, .. } = entry;
        report.rejects = rejects;
    }
    Ok(report)
}

fn known<'b>(book: &'b FeedBook, feed: &Feed<'_>, hash: &str) -> Option<&'b Load> {
    let same = |load: &&Load| {
        load.hash == hash && (load.reported, load.fact, load.complete) == (feed.reported, feed.fact, feed.complete)
    };
    book.loads.iter().rev().find(same)
}

fn check(desk: &Desk<'_>, feed: &Feed<'_>) -> Result<(), Refusal> {
    if feed.reported > desk.today() {
        return Err(Refusal::new("impossible-date", "报送日期在今天之后", "核对报送日期"));
    }
    if feed.complete && feed.fact.is_none() {
        let message = "全量名单没有写明是哪一类人的名单";
        return Err(Refusal::new("which-list", message, "用 fact 写明类别或事项"));
    }
    Ok(())
}

/// What has become of the rows so far.
struct Taken<'t> {
    report: Report,
    /// Who is on a full list; `None` where a row does not tell whose it is, and where nobody asks.
    on_list: Option<BTreeSet<Key>>,
    tell: Tell<'t>,
}

fn take_all(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    sent: &Sent<'_>,
    text: &Text<'_>,
    taken: &mut Taken<'_>,
) -> Result<(), Stop> {
    let contradictory = contradictory(text, sent.feed);
    let (mut lines, mut passed) = (text.lines(), 0);
    loop {
        books.passed(passed)?;
        let page: Vec<_> = lines.by_ref().take(PAGE).map(|line| text.row(line)).collect();
        if page.is_empty() {
            break;
        }
        passed += page.len();
        let ahead = preload(desk, books, sent, &page)?;
        for row in &page {
            let (refused, number) = match row {
                Err(unread) => (Some(unread.0.clone()), unread.1.as_ref()),
                Ok(row) => {
                    let refused = match contradictory.get(&row.line) {
                        Some(other) => Some(contradiction(*other)),
                        None => take_one(desk, books, sent, row, taken)?,
                    };
                    (refused.map(|refusal| rejected(row, refusal)), Some(&row.number))
                }
            };
            match number.filter(|_| taken.on_list.is_some()) {
                Some(number) => {
                    let person = by_document(desk, books, number)?;
                    taken.on_list.iter_mut().for_each(|list| list.extend(person.clone()));
                }
                None => taken.on_list = None,
            }
            taken.report.rejects.extend(refused);
        }
        books.let_go(&ahead.sheets, "document", ahead.documents);
    }
    let count = |rows: usize| u32::try_from(rows).unwrap_or(u32::MAX);
    taken.report.counts.rows = count(passed);
    taken.report.counts.rejected = count(taken.report.rejects.len());
    Ok(())
}

/// Takes a row, or gives why it is not taken.
fn take_one(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    sent: &Sent<'_>,
    row: &Row,
    taken: &mut Taken<'_>,
) -> Result<Option<Refusal>, Stop> {
    match books.attempt(|books| take(desk, books, sent, row)) {
        Ok(outcome) => {
            taken.tally(Difference { line: row.line, fact: row.fact, outcome });
            Ok(None)
        }
        Err(Stop::Refused(refusal)) => Ok(Some(refusal)),
        Err(stop) => Err(stop),
    }
}

/// How many rows' sheets are read at once.
pub(super) const PAGE: usize = 1_000;

/// What was read ahead of a page: sheets, and documents that were looked up.
struct Ahead {
    sheets: Vec<Key>,
    documents: Vec<String>,
}

/// Reads at once what the rows of a page will ask for, one by one, of persons on the register by their first document; of the
/// others, who they are.
fn preload(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    sent: &Sent<'_>,
    page: &[Result<Row, Unread>],
) -> Result<Ahead, Stop> {
    let mut keys = Vec::new();
    let mut persons = Vec::new();
    for row in page.iter().flatten() {
        let index = row.number.index(desk.vault);
        let person = person_key(&index);
        keys.extend(follow::keys(desk, &person, row.from.unwrap_or_else(|| sent.reported(row))));
        keys.push(person.clone());
        persons.push((person, index));
    }
    let sheets = books.preload(keys.iter().cloned())?;
    follow::preload(books, &keys)?;
    let mut others = Vec::new();
    for (person, index) in persons {
        if books.find::<Dossier>(&person)?.is_none() {
            others.push(index);
        }
    }
    books.preload_links("document", others.iter().cloned())?;
    Ok(Ahead { sheets, documents: others })
}

fn end_absent(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    sent: &Sent<'_>,
    fact: Fact,
    taken: &mut Taken<'_>,
) -> Result<(), Stop> {
    let Taken { report, on_list, tell } = taken;
    let Some(on_list) = on_list else {
        report.notes.push("有的行看不出是谁，名单上没有的人这次不作终止；更正后重报".to_owned());
        return Ok(());
    };
    if sent.book.listed_after(fact, sent.feed.reported).is_some() {
        report.notes.push("已有日期更晚的全量名单，这次不作终止".to_owned());
        return Ok(());
    }
    absent::end(desk, books, sent.feed, fact, on_list, &mut |person, from, followed| {
        report.counts.ended += 1;
        let (from, end) = (Some(from), Some(sent.feed.reported));
        let outcome = Outcome { person, does: Does::Ends, from, end, registered: false, conflict: None, followed };
        tell(Difference { line: 0, fact, outcome });
    })
}

impl Taken<'_> {
    fn tally(&mut self, difference: Difference) {
        let Outcome { does, registered, conflict, .. } = &difference.outcome;
        let counts = &mut self.report.counts;
        match does {
            Does::Nothing if !registered => counts.unchanged += 1,
            Does::Superseded => counts.superseded += 1,
            _ => counts.accepted += 1,
        }
        counts.registered += u32::from(*registered);
        counts.conflicts += u32::from(conflict.is_some());
        if *does != Does::Nothing || *registered || conflict.is_some() {
            (self.tell)(difference);
        }
    }
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
