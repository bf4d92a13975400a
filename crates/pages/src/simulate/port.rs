//! What the pages ask of whoever runs simulations: the program hands it in, for a run needs files, threads and the engine of
//! populations, none of which are here.

use domain::Lang;
use serde::{Deserialize, Serialize};

/// What is to be run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Slug of the region.
    pub region: String,
    /// The year.
    pub year: i16,
    /// Years before it whose bills are made too, for regions where a year leaves something to the next.
    pub before: i16,
    /// People on the first day.
    pub people: i64,
    /// Seed of the population.
    pub seed: u64,
    /// Figures set otherwise, as `path=value`: one variant of all of them.
    pub set: Vec<String>,
    /// Id of a draft that the program knows; empty for none.
    pub draft: String,
    /// Text of a draft notice; empty for none.
    pub text: String,
    /// Who asked for it.
    pub by: String,
    /// When, by the clock of the books, in microseconds since 1970.
    pub at: i64,
}

/// The part of an order that something is wrong with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// No part of it.
    Whole,
    /// The draft that was chosen.
    Draft,
    /// The text of a draft.
    Text,
    /// One of the figures, by its place in [`Order::set`].
    Set(usize),
}

/// What is wrong with an order, in Chinese.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// With what.
    pub at: At,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub cure: String,
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The population is made.
    Making,
    /// Its bills are settled.
    Settling,
}

/// How far a run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits; so many are before it.
    Waiting(usize),
    /// It runs.
    Running {
        /// What is being done.
        stage: Stage,
        /// How much of all is done, in thousandths.
        permille: u32,
        /// Seconds that are left, as far as can be told.
        left: Option<u64>,
    },
    /// It is whole. The baseline, then each variant.
    Done(Vec<Headline>),
    /// It could not be done: what is wrong, and what to do, in Chinese.
    Failed(String, String),
    /// The program ended before it was whole.
    Interrupted,
}

impl State {
    /// Whether it waits or runs.
    pub fn is_going(&self) -> bool {
        matches!(self, State::Waiting(_) | State::Running { .. })
    }
}

/// The main figures of a variant. Amounts in fen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Headline {
    /// Its name; `baseline` for the terms as they are.
    pub name: String,
    /// Code of the weakest basis of its figures.
    pub basis: String,
    /// Bills settled.
    pub bills: i64,
    /// Their total.
    pub total: i64,
    /// In scope.
    pub in_scope: i64,
    /// What all funds pay.
    pub paid: i64,
    /// What is left to the persons.
    pub own: i64,
    /// Persons who pay less than under the baseline.
    pub winners: i64,
    /// Persons who pay more.
    pub losers: i64,
    /// Bills refused.
    pub refused: i64,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its number.
    pub id: u32,
    /// What was asked for.
    pub order: Order,
    /// How far it is.
    pub state: State,
}

/// The report of a run that is whole, in a language.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Its title.
    pub title: String,
    /// That nobody in it exists, and on what it rests.
    pub warning: String,
    /// Its parts, the main figures first.
    pub sections: Vec<Section>,
    /// Its tables as CSV: name of the file without its ending, and title.
    pub files: Vec<(String, String)>,
}

/// A part of a report.
#[derive(Clone, Debug, Default)]
pub struct Section {
    /// Its name in an address.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What stands above the rest.
    pub texts: Vec<String>,
    /// What each chart shows, and its SVG: without style or script in it, for the colours of [`Simulations::colours`].
    pub charts: Vec<(String, String)>,
    /// Tables.
    pub tables: Vec<Table>,
    /// What words mean.
    pub terms: Vec<(String, String)>,
}

/// A table as people read it: cells, each with whether it is a number.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Its title.
    pub title: String,
    /// That it is made up, and its weakest basis.
    pub source: String,
    /// Above its columns.
    pub head: Vec<(String, bool)>,
    /// Its rows.
    pub rows: Vec<Vec<(String, bool)>>,
}

/// A file to keep.
pub struct File {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub kind: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// The files of a run cannot be read or removed. Why, with their paths, is in the server's log and not for who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;

/// Who runs simulations: one at a time, in order, and keeps what came of them.
pub trait Simulations: Send + Sync {
    /// The most people of a run.
    fn most_people(&self) -> i64;
    /// Takes an order, and gives its number.
    ///
    /// # Errors
    /// All that is wrong with it, or that too many wait.
    fn start(&self, order: Order) -> Result<u32, Vec<Fault>>;
    /// All runs, the latest first.
    fn runs(&self) -> Vec<Run>;
    /// A run by its number.
    fn run(&self, id: u32) -> Option<Run>;
    /// Ends a run that waits or runs, of which nothing is kept, or forgets one that is over.
    ///
    /// # Errors
    /// When its files cannot be removed.
    fn delete(&self, id: u32) -> Result<(), Broken>;
    /// The report of a run that is whole; none of another, nor of one that was deleted meanwhile.
    ///
    /// # Errors
    /// When it cannot be read.
    fn report(&self, id: u32, lang: Lang) -> Result<Option<Report>, Broken>;
    /// A file of such a run: `report.html`, `report.xlsx`, or a table as `NAME.csv`; none of another name.
    ///
    /// # Errors
    /// As [`Simulations::report`].
    fn file(&self, id: u32, name: &str, lang: Lang) -> Result<Option<File>, Broken>;
    /// Colours of charts as CSS.
    fn colours(&self) -> &str;
}
