//! The folder of runs: `runs/NUMBER/` with what was asked for (`order.json`), the run as `simulate` leaves it (`run/`) and at the
//! end its main figures (`done.json`) or why there are none (`failed.json`); `people/` with the populations made so far;
//! `last.json` with the highest number that was given.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context as _;
use microsim::files::whole;
use microsim::generate::Manifest;
use pages::simulate::{Headline, Order, State};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Populations that are kept at most; those used last stay.
const POPULATIONS: usize = 6;

/// Where runs and populations are.
pub struct Kept {
    folder: PathBuf,
}

/// Why a run came to nothing.
#[derive(Serialize, Deserialize)]
struct Failed {
    what: String,
    cure: String,
}

impl Kept {
    /// In a folder, which need not be there yet.
    pub fn new(folder: PathBuf) -> Kept {
        Kept { folder }
    }

    fn runs(&self) -> PathBuf {
        self.folder.join("runs")
    }

    fn of(&self, id: u32) -> PathBuf {
        self.runs().join(id.to_string())
    }

    /// Where `simulate` writes.
    pub fn outcome(&self, id: u32) -> PathBuf {
        self.of(id).join("run")
    }

    fn highest(&self) -> PathBuf {
        self.folder.join("last.json")
    }

    /// Numbers of all folders, also of those that could be removed by half only.
    fn folders(&self) -> impl Iterator<Item = u32> {
        let entries = fs::read_dir(self.runs()).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
    }

    /// Numbers of all runs, rising.
    pub fn ids(&self) -> Vec<u32> {
        let mut ids: Vec<u32> = self.folders().filter(|id| self.of(*id).join("order.json").is_file()).collect();
        ids.sort_unstable();
        ids
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.ids().len()
    }

    /// The highest number that was given; 0 where none was.
    pub fn last(&self) -> u32 {
        self.folders().chain(read(&self.highest())).max().unwrap_or(0)
    }

    /// Keeps what was asked for, and that its number is given: a run that is deleted leaves it to no other.
    pub fn begin(&self, id: u32, order: &Order) -> anyhow::Result<()> {
        write(&self.highest(), &id)?;
        write(&self.of(id).join("order.json"), order)
    }

    /// What was asked for.
    pub fn order(&self, id: u32) -> Option<Order> {
        read(&self.of(id).join("order.json"))
    }

    /// Keeps the main figures: the run is done.
    pub fn done(&self, id: u32, lines: &[Headline]) -> anyhow::Result<()> {
        write(&self.of(id).join("done.json"), &lines)
    }

    /// Keeps why there is no result.
    pub fn failed(&self, id: u32, what: String, cure: String) -> anyhow::Result<()> {
        write(&self.of(id).join("failed.json"), &Failed { what, cure })
    }

    /// How a run stands that neither waits nor runs.
    pub fn state(&self, id: u32) -> State {
        let done = || read(&self.of(id).join("done.json")).map(State::Done);
        let failed = || read(&self.of(id).join("failed.json")).map(|Failed { what, cure }| State::Failed(what, cure));
        done().or_else(failed).unwrap_or(State::Interrupted)
    }

    /// Removes a run. It is no run any more from the moment that its order is gone.
    pub fn forget(&self, id: u32) -> anyhow::Result<()> {
        let folder = self.of(id);
        let gone = match fs::remove_file(folder.join("order.json")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => fs::remove_dir_all(&folder).or_else(|error| if folder.exists() { Err(error) } else { Ok(()) }),
        };
        gone.with_context(|| folder.display().to_string())
    }

    fn all_people(&self) -> PathBuf {
        self.folder.join("people")
    }

    fn own(&self, order: &Order) -> PathBuf {
        let Order { region, year, before, people, seed, .. } = order;
        self.all_people().join(format!("{region}-{year}-{before}-{people}-{seed}"))
    }

    /// Removes the populations that are not whole: none must be in the making.
    pub fn forget_half_made(&self) -> anyhow::Result<()> {
        let all = fs::read_dir(self.all_people()).into_iter().flatten().flatten().map(|entry| entry.path());
        let half_made = all.filter(|path| path.is_dir() && !Manifest::path(path).is_file());
        half_made
            .map(|path| fs::remove_dir_all(&path).with_context(|| path.display().to_string()))
            .fold(Ok(()), Result::and)
    }

    /// Where the population of an order is, or will be; those least lately used make room.
    pub fn people(&self, order: &Order) -> anyhow::Result<PathBuf> {
        let own = self.own(order);
        let mut others: Vec<(SystemTime, PathBuf)> = fs::read_dir(self.all_people())
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.path() != own)
            .map(|entry| (used(&entry.path()), entry.path()))
            .collect();
        others.sort();
        let surplus = (others.len() + 1).saturating_sub(POPULATIONS);
        for (_, path) in others.drain(..surplus) {
            fs::remove_dir_all(&path).with_context(|| path.display().to_string())?;
        }
        Ok(own)
    }
}

/// When a population was last used: long ago, if it was never whole.
fn used(folder: &Path) -> SystemTime {
    let manifest = fs::metadata(Manifest::path(folder));
    manifest.and_then(|manifest| manifest.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Notes that a population is used now.
pub fn use_now(folder: &Path) -> io::Result<()> {
    let manifest = File::options().append(true).open(Manifest::path(folder))?;
    manifest.set_modified(SystemTime::now())
}

fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn write(path: &Path, value: &impl Serialize) -> anyhow::Result<()> {
    whole(path, |out| Ok(serde_json::to_writer(out, value)?))
}
