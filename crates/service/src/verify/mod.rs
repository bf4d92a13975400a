//! Verification: everything that is derived is made again from the journal and compared, and every difference is named.
//!
//! * the chain and its seals, the sheets' heads, and that each entry's postings sum to nothing: as the store checks them;
//! * each sheet: the fold of its stream's entries;
//! * the postings: the lines that the entries imply, no more and no fewer;
//! * links that lead to a subject with entries; answers that can be read, one for each request in the journal;
//! * every settlement, made again under the terms it pins.
//!
//! It reads in the order of streams, a page at a time, as of one moment; its memory is that of the longest stream.

mod pages;
mod replay;
mod streams;

use std::collections::BTreeSet;

use store::{Fault, Key, Store};

use crate::failure::Failure;

use pages::Pages;
use replay::Replay;
use streams::Streams;

/// How many rows are read at once.
const PAGE: usize = 1_000;

/// Something that is not as the journal says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The subject, or the name of what has no stream.
    pub subject: String,
    /// The year, or 0.
    pub year: i16,
    /// The number of the entry, where one is meant.
    pub number: Option<u32>,
    /// A stable word: what kind of difference.
    pub code: &'static str,
    /// What differs.
    pub what: String,
}

/// How much was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Seals.
    pub seals: u64,
    /// Streams.
    pub streams: u64,
    /// Entries of the journal.
    pub entries: u64,
    /// Settlements made again.
    pub settlements: u64,
    /// Postings.
    pub postings: u64,
    /// Names.
    pub links: u64,
    /// Answers.
    pub answers: u64,
}

/// Verifies a region's books. `moved` is told how many entries have been compared so far; `found` each difference.
///
/// # Errors
/// When the store cannot be read.
pub fn verify(
    store: &mut dyn Store,
    region: &str,
    moved: &mut dyn FnMut(u64),
    found: &mut dyn FnMut(Difference),
) -> Result<Compared, Failure> {
    store.begin_read()?;
    let compared = all(store, region, moved, found);
    let ended = store.rollback();
    let compared = compared?;
    ended?;
    Ok(compared)
}

fn all(
    store: &mut dyn Store,
    region: &str,
    moved: &mut dyn FnMut(u64),
    found: &mut dyn FnMut(Difference),
) -> Result<Compared, Failure> {
    let checked = store::check_chain(store, region, &mut |fault| found(told(fault)))?;
    store::check_balance(store, region, &mut |fault| found(told(fault)))?;
    let mut compared = Compared { seals: checked.seals, ..Compared::default() };
    let mut streams = Streams::new(region);
    let mut replay = Replay::new(store, region)?;
    let mut asked = BTreeSet::new();
    while let Some(stream) = streams.next(store)? {
        compared.streams += 1;
        compared.entries += stream.records.len() as u64;
        compared.postings += stream.postings.len() as u64;
        asked.extend(stream.records.iter().map(|record| record.request.clone()));
        let entries = stream.check(found);
        replay.take(store, &stream.key, entries, found);
        if asked.len() >= PAGE {
            answered(store, region, &mut asked, found)?;
        }
        moved(compared.entries);
    }
    // They are read with their entries; one that says it belongs to none is only counted.
    let strays = store.counts(region)?.postings.saturating_sub(compared.postings);
    if strays > 0 {
        found(named("posting", region, "stray-posting", format!("{strays} 行分录没有对应的记录")));
    }
    replay.finish(store, found);
    compared.settlements = replay.settlements;
    answered(store, region, &mut asked, found)?;
    compared.links = links(store, region, found)?;
    compared.answers = answers(store, region, found)?;
    Ok(compared)
}

/// What the store found, in the words of this report.
fn told(fault: Fault) -> Difference {
    match fault {
        Fault::Changed { key, number } => {
            key.differs(Some(number), "chain", "哈希不符：这条记录或它前面的被改过或插过".to_owned())
        }
        Fault::Missing { key, first, last } => {
            key.differs(Some(first), "missing", format!("缺第 {first} 条至第 {last} 条记录"))
        }
        Fault::NoSheet { key } => key.differs(None, "no-sheet", "有记录，没有账页".to_owned()),
        Fault::Uncounted { key, counted, found } => {
            key.differs(Some(found), "entries", format!("账页说有 {counted} 条记录，账里有 {found} 条"))
        }
        Fault::Head { key, number } => key.differs(Some(number), "head", "账页所记的最后一条的哈希与账不符".to_owned()),
        Fault::Unsealed { number, sealed, found } => {
            let what = format!("封存时有 {sealed} 条记录，现在有 {found} 条，或内容不同");
            named("seal", &number.to_string(), "unsealed", what)
        }
        Fault::SealBroken { number } => {
            named("seal", &number.to_string(), "broken-seal", "与前一次封存接不上".to_owned())
        }
        Fault::Unbalanced { key, number, sum } => {
            key.differs(Some(number), "unbalanced", format!("分录借贷不平，差 {}", domain::Fen(sum)))
        }
    }
}

/// Requests of the journal that were never answered: what they wrote did not come by the service.
fn answered(
    store: &mut dyn Store,
    region: &str,
    asked: &mut BTreeSet<String>,
    found: &mut dyn FnMut(Difference),
) -> Result<(), Failure> {
    let asked = std::mem::take(asked);
    let requests: Vec<&str> = asked.iter().map(String::as_str).collect();
    for page in requests.chunks(PAGE) {
        let known: BTreeSet<String> = store.answered(region, page)?.into_iter().map(|known| known.request).collect();
        for request in page.iter().filter(|request| !known.contains(**request)) {
            found(named("request", request, "no-answer", "账里有这个请求的记录，却没有它的答复".to_owned()));
        }
    }
    Ok(())
}

/// Names that lead nowhere.
fn links(store: &mut dyn Store, region: &str, found: &mut dyn FnMut(Difference)) -> Result<u64, Failure> {
    let mut pages = Pages::links(region);
    let mut count = 0;
    loop {
        let page = pages.page(store)?;
        if page.is_empty() {
            return Ok(count);
        }
        count += page.len() as u64;
        let mut keys: Vec<Key> = page.iter().map(|link| Key { subject: link.subject.clone(), year: 0 }).collect();
        keys.sort();
        keys.dedup();
        let known: BTreeSet<String> = store.sheets(region, &keys)?.into_iter().map(|sheet| sheet.key.subject).collect();
        for link in page.iter().filter(|link| !known.contains(&link.subject)) {
            // A subject may have streams of years alone.
            let after = Key { subject: link.subject.clone(), year: i16::MIN };
            let next = store.scan(region, &link.subject, None, Some(&after), 1)?;
            if next.first().is_none_or(|sheet| sheet.key.subject != link.subject) {
                let what = format!("名称 {} 指向 {}，账里没有它", link.kind, link.subject);
                found(named("link", &link.name, "dead-link", what));
            }
        }
    }
}

fn answers(store: &mut dyn Store, region: &str, found: &mut dyn FnMut(Difference)) -> Result<u64, Failure> {
    let mut pages = Pages::answers(region);
    let mut count = 0;
    loop {
        let page = pages.page(store)?;
        if page.is_empty() {
            return Ok(count);
        }
        count += page.len() as u64;
        for answered in page {
            if serde_json::from_str::<books::Answer>(&answered.answer).is_err() {
                found(named("request", &answered.request, "bad-answer", "所存的答复读不懂".to_owned()));
            }
        }
    }
}

fn named(kind: &str, name: &str, code: &'static str, what: String) -> Difference {
    Difference { subject: format!("{kind} {name}"), year: 0, number: None, code, what }
}

/// A difference in a stream.
trait Differs {
    fn differs(&self, number: Option<u32>, code: &'static str, what: String) -> Difference;
}

impl Differs for Key {
    fn differs(&self, number: Option<u32>, code: &'static str, what: String) -> Difference {
        Difference { subject: self.subject.clone(), year: self.year, number, code, what }
    }
}
