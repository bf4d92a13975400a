//! What a person's care was settled by, made again: the edition of the policy files that a settlement pins, with the drafts
//! that had been adopted when it was recorded.

use std::collections::BTreeMap;
use std::sync::Arc;

use books::public::{RegionBook, RegionEntry, Settings};
use books::{Entry, Fold, Rules, Stamp};
use policy::Library;
use store::{Error, Store};

use super::{Difference, Differs as _};
use crate::clock::day_of;
use crate::edition::edition_library;
use crate::ledger::entry;

/// What tells the rules of one settlement from those of another.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Made {
    edition: String,
    drafts: Vec<String>,
    strict: bool,
    /// The year in which it was made: bills of the years around it have plans.
    year: i16,
    /// How many entries the region's own book had.
    known: usize,
}

/// Replays the care of one person after the other.
pub struct Replay<'r> {
    region: &'r str,
    /// The region's own book, entry by entry.
    book: Vec<Entry>,
    libraries: BTreeMap<String, Arc<Library>>,
    made: BTreeMap<Made, Arc<Rules>>,
    /// The entries of the person whose years are being read.
    person: Vec<(books::Key, Entry)>,
    /// How many settlements were made again.
    pub settlements: u64,
}

impl<'r> Replay<'r> {
    pub fn new(store: &mut dyn Store, region: &'r str) -> Result<Replay<'r>, Error> {
        let book = store.history(region, "region")?.into_iter().map(entry).collect();
        let (libraries, made) = (BTreeMap::new(), BTreeMap::new());
        Ok(Replay { region, book, libraries, made, person: Vec::new(), settlements: 0 })
    }

    /// Takes the entries of the next stream in; replays the person before, if this is another subject.
    pub fn take(
        &mut self,
        store: &mut dyn Store,
        key: &store::Key,
        entries: Vec<Entry>,
        found: &mut dyn FnMut(Difference),
    ) {
        if self.person.first().is_some_and(|(known, _)| known.subject != key.subject) {
            self.finish(store, found);
        }
        if key.subject.starts_with("care/") {
            let key = books::Key { subject: key.subject.clone(), year: key.year };
            self.person.extend(entries.into_iter().map(|entry| (key.clone(), entry)));
        }
    }

    /// Replays the person whose years have been read.
    pub fn finish(&mut self, store: &mut dyn Store, found: &mut dyn FnMut(Difference)) {
        let Some((first, _)) = self.person.first() else { return };
        let key = store::Key { subject: first.subject.clone(), year: 0 };
        let entries = std::mem::take(&mut self.person);
        let outcome = books::care::replay(entries, &mut |pins, at| {
            let known = self.book.iter().take_while(|entry| entry.at <= at).count();
            let (edition, drafts, year) = (pins.edition.clone(), pins.drafts.clone(), day_of(at).year());
            self.rules(store, Made { edition, drafts, strict: pins.strict, year, known }, at)
        });
        match outcome {
            Ok((settlements, differences)) => {
                self.settlements += settlements as u64;
                for books::care::Difference { key, number, what } in differences {
                    found(store::Key { subject: key.subject, year: key.year }.differs(Some(number), "replay", what));
                }
            }
            Err(what) => found(key.differs(None, "replay", what)),
        }
    }

    fn rules(&mut self, store: &mut dyn Store, made: Made, at: i64) -> Result<Arc<Rules>, String> {
        if let Some(known) = self.made.get(&made) {
            return Ok(Arc::clone(known));
        }
        let library = match self.libraries.get(&made.edition) {
            Some(library) => Arc::clone(library),
            None => {
                let library = edition_library(store, &made.edition).map_err(|failure| failure.to_string())?;
                self.libraries.insert(made.edition.clone(), Arc::clone(&library));
                library
            }
        };
        let mut book = RegionBook::default();
        for Entry { number, at, request, actor, body, .. } in self.book.iter().take(made.known) {
            let entry: RegionEntry = serde_json::from_str(body).map_err(|error| error.to_string())?;
            book.apply(&Stamp { number: *number, at: *at, request, actor }, &entry);
        }
        let settings = Settings {
            region: self.region.to_owned(),
            strict: made.strict,
            adopted: book.adopted.into_values().filter(|adopted| made.drafts.contains(&adopted.draft)).collect(),
            edition: made.edition.clone(),
        };
        let rules = settings.rules(&library, &made.edition, day_of(at)).map_err(|refusal| refusal.to_string())?;
        let rules = Arc::new(rules);
        self.made.insert(made, Arc::clone(&rules));
        Ok(rules)
    }
}
