//! Everything of one region, or of all, from one database into another: a backup, its restoration, the move from a file to
//! a server; and from whatever else holds books, which is a [`Source`].
//!
//! What is read is of one moment; what is written is one transaction; pages of it are held, never the whole. The target
//! must have nothing of the region yet: nothing is mixed or replaced.

use sha2::{Digest, Sha256};

use crate::{Batch, Counts, Error, Hash, Key, Run, Seal, Store};

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

impl Part {
    /// All of them, in the order in which they are copied.
    pub const ALL: [Part; 5] = [Part::Records, Part::Sheets, Part::Postings, Part::Links, Part::Answers];

    /// How much of it there is.
    pub fn of(self, counts: &Counts) -> u64 {
        match self {
            Part::Records => counts.records,
            Part::Sheets => counts.sheets,
            Part::Postings => counts.postings,
            Part::Links => counts.links,
            Part::Answers => counts.answers,
        }
    }
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

/// Takes a text beside the books: its name, and the text.
pub type EachNote<'e, E> = &'e mut dyn FnMut(&str, &str) -> Result<(), E>;

/// Books that can be copied, wherever they lie. All is read once, and in the order in which a store gives it.
pub trait Source {
    /// Why they cannot be read.
    type Error: From<Error>;
    /// The regions that have books there, each with how much it has.
    fn regions(&mut self) -> Result<Vec<(String, Counts)>, Self::Error>;
    /// Gives the texts beside the books, each with its name.
    fn notes(&mut self, each: EachNote<Self::Error>) -> Result<(), Self::Error>;
    /// Gives a part of a region, a page at a time.
    fn pages(
        &mut self,
        region: &str,
        part: Part,
        each: &mut dyn FnMut(&Batch) -> Result<(), Self::Error>,
    ) -> Result<(), Self::Error>;
    /// The seals of a region, by number.
    fn seals(&mut self, region: &str) -> Result<Vec<Seal>, Self::Error>;
    /// The times in which its servers were up.
    fn runs(&mut self, region: &str) -> Result<Vec<Run>, Self::Error>;
    /// Looks at a region that has arrived whole, before it is committed.
    fn arrived(&mut self, _region: &str, _to: &mut dyn Store) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// The books of a database, inside [`Store::begin_read`].
struct Held<'s>(&'s mut dyn Store);

impl Source for Held<'_> {
    type Error = Error;

    fn regions(&mut self) -> Result<Vec<(String, Counts)>, Error> {
        let regions = self.0.regions()?;
        regions.into_iter().map(|region| self.0.counts(&region).map(|counts| (region, counts))).collect()
    }

    fn notes(&mut self, each: EachNote<Error>) -> Result<(), Error> {
        for name in self.0.notes("")? {
            if let Some(text) = self.0.note(&name)? {
                each(&name, &text)?;
            }
        }
        Ok(())
    }

    fn pages(
        &mut self,
        region: &str,
        part: Part,
        each: &mut dyn FnMut(&Batch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        pages(self.0, region, part, each)
    }

    fn seals(&mut self, region: &str) -> Result<Vec<Seal>, Error> {
        self.0.seals(region)
    }

    fn runs(&mut self, region: &str) -> Result<Vec<Run>, Error> {
        self.0.runs(region)
    }
}

/// Reads a part of a region whole, a page at a time.
pub fn pages<E: From<Error>>(
    from: &mut dyn Store,
    region: &str,
    part: Part,
    each: &mut dyn FnMut(&Batch) -> Result<(), E>,
) -> Result<(), E> {
    let mut page = next(from, region, part, &Batch::default())?;
    while page.rows() > 0 {
        each(&page)?;
        page = next(from, region, part, &page)?;
    }
    Ok(())
}

/// The page of a part that follows another.
fn next(from: &mut dyn Store, region: &str, part: Part, before: &Batch) -> Result<Batch, Error> {
    let mut page = Batch::default();
    match part {
        Part::Records => {
            let after = before.records.last().map(|last| (&last.key, last.number));
            page.records = from.journal(region, after, PAGE)?;
        }
        Part::Sheets => page.sheets = from.scan(region, "", None, before.sheets.last().map(|last| &last.key), PAGE)?,
        Part::Postings => {
            let after = before.postings.last().map(|last| (&last.key, last.number, last.line));
            page.postings = from.postings(region, after, PAGE)?;
        }
        Part::Links => {
            let after = before.links.last().map(|last| (last.kind.as_str(), last.name.as_str()));
            page.links = from.links(region, after, PAGE)?;
        }
        Part::Answers => {
            let after = before.answers.last().map(|last| last.request.as_str());
            page.answers = from.answers(region, after, PAGE)?;
        }
    }
    Ok(page)
}

/// Copies a region, or all, of a database. Begins and ends its own transactions on both sides.
pub fn copy(
    from: &mut dyn Store,
    to: &mut dyn Store,
    region: Option<&str>,
    told: &mut dyn FnMut(Progress),
) -> Result<Copied, Error> {
    from.begin_read()?;
    let copied = lay(&mut Held(&mut *from), to, region, told);
    let _ = from.rollback();
    copied
}

/// Copies a region, or all, into a database, in one transaction.
pub fn lay<S: Source>(
    from: &mut S,
    to: &mut dyn Store,
    region: Option<&str>,
    told: &mut dyn FnMut(Progress),
) -> Result<Copied, S::Error> {
    to.begin()?;
    let copied = Copier { from, to: &mut *to, told }.run(region).and_then(|copied| {
        to.commit()?;
        Ok(copied)
    });
    if copied.is_err() {
        // The first error is the one that tells.
        let _ = to.rollback();
    }
    copied
}

struct Copier<'c, S> {
    from: &'c mut S,
    to: &'c mut dyn Store,
    told: &'c mut dyn FnMut(Progress),
}

impl<S: Source> Copier<'_, S> {
    fn run(&mut self, region: Option<&str>) -> Result<Copied, S::Error> {
        let mut regions = self.from.regions()?;
        if let Some(wanted) = region {
            regions.retain(|(region, _)| region == wanted);
            if regions.is_empty() {
                return Err(crate::open::no_such_region(wanted).into());
            }
        }
        let there = self.to.regions()?;
        for (region, _) in regions.iter().filter(|(region, _)| there.contains(region)) {
            if self.to.counts(region)? != Counts::default() {
                let what =
                    format!("the target already holds books of region {region}: copy into a database that has none");
                return Err(Error::Unfit(what).into());
            }
        }
        let mut copied = Copied { notes: self.notes(!there.is_empty())?, ..Copied::default() };
        for (region, counts) in regions {
            self.region(&region, counts)?;
            copied.regions.push((region, counts));
        }
        Ok(copied)
    }

    /// A text that stands in both with other words (the check value of another key, above all) forbids the copy. So does, where
    /// the target has books already, one that only one of them has and that is not named by its own hash: it would hold for the
    /// books of the other as well (the day on which made-up books stand still, above all).
    fn notes(&mut self, shared: bool) -> Result<u64, S::Error> {
        let (to, mut new) = (&mut *self.to, 0);
        let holds_for_all = |name: &str| shared && !name.contains('/');
        let mut only_there = to.notes("")?;
        only_there.retain(|name| holds_for_all(name));
        self.from.notes(&mut |name, text| {
            only_there.retain(|there| there != name);
            match to.note(name)? {
                None if holds_for_all(name) => {
                    let what = format!("the target holds books without a `{name}`: copy into a database of its own");
                    return Err(Error::Unfit(what).into());
                }
                None => {
                    to.keep_note(name, text)?;
                    new += 1;
                }
                Some(there) if there == text => {}
                Some(_) => {
                    let what = format!("the target already holds another `{name}`: copy into a database of its own");
                    return Err(Error::Unfit(what).into());
                }
            }
            Ok(())
        })?;
        match only_there.first() {
            None => Ok(new),
            Some(name) => {
                let what = format!("the target holds books with a `{name}` of theirs: copy into a database of its own");
                Err(Error::Unfit(what).into())
            }
        }
    }

    fn region(&mut self, region: &str, total: Counts) -> Result<(), S::Error> {
        self.to.open_region(region)?;
        let mut heads = Heads::default();
        for part in Part::ALL {
            self.part(region, part, part.of(&total), &mut heads)?;
        }
        for seal in self.from.seals(region)? {
            self.to.add_seal(region, &seal)?;
        }
        for run in self.from.runs(region)? {
            self.to.keep_run(region, &run)?;
        }
        self.compare(region, total, heads)?;
        self.from.arrived(region, self.to)
    }

    fn part(&mut self, region: &str, part: Part, total: u64, heads: &mut Heads) -> Result<(), S::Error> {
        let (to, told, mut done) = (&mut *self.to, &mut *self.told, 0);
        self.from.pages(region, part, &mut |page| {
            page.sheets.iter().for_each(|sheet| heads.add(&sheet.key, sheet.entries, &sheet.head));
            to.load(region, page)?;
            done += page.rows();
            told(Progress { region, part, done, total });
            Ok(())
        })
    }

    /// What the target has must be what the source has: as many of each, and the same heads, on which all entries hang.
    fn compare(&mut self, region: &str, total: Counts, heads: Heads) -> Result<(), Error> {
        let there = self.to.counts(region)?;
        let mut found = Heads::default();
        pages::<Error>(self.to, region, Part::Sheets, &mut |page| {
            page.sheets.iter().for_each(|sheet| found.add(&sheet.key, sheet.entries, &sheet.head));
            Ok(())
        })?;
        if there == total && found.0.finalize() == heads.0.finalize() {
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
