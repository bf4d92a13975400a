//! Everything of one region, or of all, from one database into another: a backup, its restoration, the move from a file to
//! a server.
//!
//! What is read is of one moment; what is written is one transaction; pages of it are held, never the whole. The target
//! must have nothing of the region yet: nothing is mixed or replaced.

use sha2::{Digest, Sha256};

use crate::{Batch, Counts, Error, Hash, Key, Store};

/// Rows held at a time.
const PAGE: usize = 1000;

/// What is being copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Journal entries.
    Records,
    /// Sheets.
    Sheets,
    /// Postings.
    Postings,
    /// Names.
    Links,
    /// Answers.
    Answers,
}

/// How far a copy has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'r> {
    /// The region.
    pub region: &'r str,
    /// What is being copied.
    pub part: Part,
    /// How much of it is done.
    pub done: u64,
    /// Of how much.
    pub total: u64,
}

/// What was copied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// The regions, each with what it has, read back from the target.
    pub regions: Vec<(String, Counts)>,
    /// Texts beside the books, as far as the target did not have them.
    pub notes: u64,
}

/// Copies a region, or all. Begins and ends its own transactions on both sides.
pub fn copy(
    from: &mut dyn Store,
    to: &mut dyn Store,
    region: Option<&str>,
    told: &mut dyn FnMut(Progress),
) -> Result<Copied, Error> {
    from.begin_read()?;
    let copied = to.begin().and_then(|()| {
        let copied = Copier { from: &mut *from, to: &mut *to, told }.run(region)?;
        to.commit()?;
        Ok(copied)
    });
    if copied.is_err() {
        // The first error is the one that tells.
        let _ = to.rollback();
    }
    let _ = from.rollback();
    copied
}

struct Copier<'c> {
    from: &'c mut dyn Store,
    to: &'c mut dyn Store,
    told: &'c mut dyn FnMut(Progress),
}

impl Copier<'_> {
    fn run(&mut self, region: Option<&str>) -> Result<Copied, Error> {
        let mut regions = self.from.regions()?;
        if let Some(wanted) = region {
            regions.retain(|region| region == wanted);
            if regions.is_empty() {
                return Err(crate::open::no_such_region(wanted));
            }
        }
        let mut copied = Copied { notes: self.notes()?, ..Copied::default() };
        for region in regions {
            let counts = self.region(&region)?;
            copied.regions.push((region, counts));
        }
        Ok(copied)
    }

    /// A text that stands in both with other words (the check value of another key, above all) forbids the copy.
    fn notes(&mut self) -> Result<u64, Error> {
        let mut new = 0;
        for name in self.from.notes("")? {
            let Some(text) = self.from.note(&name)? else { continue };
            match self.to.note(&name)? {
                None => {
                    self.to.keep_note(&name, &text)?;
                    new += 1;
                }
                Some(there) if there == text => {}
                Some(_) => {
                    return Err(Error::Unfit(format!(
                        "the target already holds another `{name}`: copy into a database of its own"
                    )));
                }
            }
        }
        Ok(new)
    }

    fn region(&mut self, region: &str) -> Result<Counts, Error> {
        self.to.open_region(region)?;
        if self.to.counts(region)? != Counts::default() {
            return Err(Error::Unfit(format!(
                "the target already holds books of region {region}: copy into a database that has none"
            )));
        }
        let total = self.from.counts(region)?;
        self.records(region, total.records)?;
        let heads = self.sheets(region, total.sheets)?;
        self.postings(region, total.postings)?;
        self.links(region, total.links)?;
        self.answers(region, total.answers)?;
        for seal in self.from.seals(region)? {
            self.to.add_seal(region, &seal)?;
        }
        for run in self.from.runs(region)? {
            self.to.keep_run(region, &run)?;
        }
        self.compare(region, total, heads)?;
        Ok(total)
    }

    fn records(&mut self, region: &str, total: u64) -> Result<(), Error> {
        let (mut after, mut done): (Option<(Key, u32)>, _) = (None, 0);
        loop {
            let records = self.from.journal(region, after.as_ref().map(|(key, number)| (key, *number)), PAGE)?;
            let Some(last) = records.last() else { return Ok(()) };
            after = Some((last.key.clone(), last.number));
            done += records.len() as u64;
            self.to.load(region, &Batch { records, ..Batch::default() })?;
            (self.told)(Progress { region, part: Part::Records, done, total });
        }
    }

    /// Gives the hash of all heads.
    fn sheets(&mut self, region: &str, total: u64) -> Result<Hash, Error> {
        let (mut after, mut done, mut heads) = (None, 0, Heads::default());
        loop {
            let sheets = self.from.scan(region, "", None, after.as_ref(), PAGE)?;
            let Some(last) = sheets.last() else { return Ok(heads.0.finalize().into()) };
            after = Some(last.key.clone());
            done += sheets.len() as u64;
            sheets.iter().for_each(|sheet| heads.add(&sheet.key, sheet.entries, &sheet.head));
            self.to.load(region, &Batch { sheets, ..Batch::default() })?;
            (self.told)(Progress { region, part: Part::Sheets, done, total });
        }
    }

    fn postings(&mut self, region: &str, total: u64) -> Result<(), Error> {
        let (mut after, mut done): (Option<(Key, u32, u16)>, _) = (None, 0);
        loop {
            let from = after.as_ref().map(|(key, number, line)| (key, *number, *line));
            let postings = self.from.postings(region, from, PAGE)?;
            let Some(last) = postings.last() else { return Ok(()) };
            after = Some((last.key.clone(), last.number, last.line));
            done += postings.len() as u64;
            self.to.load(region, &Batch { postings, ..Batch::default() })?;
            (self.told)(Progress { region, part: Part::Postings, done, total });
        }
    }

    fn links(&mut self, region: &str, total: u64) -> Result<(), Error> {
        let (mut after, mut done): (Option<(String, String)>, _) = (None, 0);
        loop {
            let from = after.as_ref().map(|(kind, name)| (kind.as_str(), name.as_str()));
            let links = self.from.links(region, from, PAGE)?;
            let Some(last) = links.last() else { return Ok(()) };
            after = Some((last.kind.clone(), last.name.clone()));
            done += links.len() as u64;
            self.to.load(region, &Batch { links, ..Batch::default() })?;
            (self.told)(Progress { region, part: Part::Links, done, total });
        }
    }

    fn answers(&mut self, region: &str, total: u64) -> Result<(), Error> {
        let (mut after, mut done): (Option<String>, _) = (None, 0);
        loop {
            let answers = self.from.answers(region, after.as_deref(), PAGE)?;
            let Some(last) = answers.last() else { return Ok(()) };
            after = Some(last.request.clone());
            done += answers.len() as u64;
            self.to.load(region, &Batch { answers, ..Batch::default() })?;
            (self.told)(Progress { region, part: Part::Answers, done, total });
        }
    }

    /// What the target has must be what the source has: as many of each, and the same heads, on which all entries hang.
    fn compare(&mut self, region: &str, total: Counts, heads: Hash) -> Result<(), Error> {
        let there = self.to.counts(region)?;
        let (mut after, mut found) = (None, Heads::default());
        loop {
            let sheets = self.to.scan(region, "", None, after.as_ref(), PAGE)?;
            let Some(last) = sheets.last() else { break };
            after = Some(last.key.clone());
            sheets.iter().for_each(|sheet| found.add(&sheet.key, sheet.entries, &sheet.head));
        }
        if there == total && Hash::from(found.0.finalize()) == heads {
            return Ok(());
        }
        Err(Error::Other(format!(
            "region {region} did not arrive as it was sent ({total:?}, {there:?}), and nothing was kept: run it again"
        )))
    }
}

#[derive(Default)]
struct Heads(Sha256);

impl Heads {
    fn add(&mut self, key: &Key, entries: u32, head: &Hash) {
        self.0.update((key.subject.len() as u64).to_be_bytes());
        self.0.update(key.subject.as_bytes());
        self.0.update(key.year.to_be_bytes());
        self.0.update(entries.to_be_bytes());
        self.0.update(head);
    }
}
