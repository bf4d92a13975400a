//! The parts of a run put together: what is kept of each, and the sums of all.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::Asked;
use super::folk::{GroupId, Groups};
use super::part::Spoilt;
use super::tally::{CellId, Names, Tally};
use super::terms::Compiled;
use crate::Refused;
use crate::outcome::{self, By, Cell, Group, Outcome, People};

/// Numbers of cells, in the order in which they were met.
#[derive(Debug, Default)]
pub struct Cells {
    all: Vec<Cell>,
    known: HashMap<Cell, CellId>,
}

impl Cells {
    /// The number of a cell, which is new if it has not been met.
    pub fn id(&mut self, cell: Cell) -> CellId {
        let next = self.all.len();
        let id = *self.known.entry(cell.clone()).or_insert(next as CellId);
        if usize::from(id) == next {
            self.all.push(cell);
        }
        id
    }

    /// All of them, in the order of their numbers.
    pub fn all(&self) -> &[Cell] {
        &self.all
    }
}

/// Which form [`Kept`] has, which does not tell its own: a run that was begun with another is not gone on with. One more when a
/// field or a figure moves.
pub const FORM: u32 = 3;

/// What is kept of a part until all are there: sums under numbers, and what these stand for.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    #[serde(with = "outcome::pairs")]
    pub people: BTreeMap<Group, People>,
    pub cells: Vec<Cell>,
    pub groups: Vec<(By, String)>,
    /// Of the baseline, then what each variant adds to it.
    pub tallies: Vec<Tally>,
    pub left_out: i64,
    pub spoilt: Vec<Spoilt>,
}

/// The sums of all parts so far, under numbers of their own.
#[derive(Default)]
pub struct Whole {
    people: BTreeMap<Group, People>,
    cells: Cells,
    groups: Groups,
    tallies: Vec<Tally>,
    left_out: i64,
    /// Rows that were left out.
    pub spoilt: Vec<Spoilt>,
}

impl Whole {
    /// Adds a part.
    ///
    /// # Errors
    /// When there are more groups than can be numbered.
    pub fn add(&mut self, part: Kept) -> Result<(), Refused> {
        let cells: Vec<CellId> = part.cells.into_iter().map(|cell| self.cells.id(cell)).collect();
        let groups = part.groups.iter().map(|(by, value)| self.groups.id(*by, value));
        let groups: Vec<GroupId> = groups.collect::<Result<_, _>>()?;
        for (group, people) in part.people {
            self.people.entry(group).or_default().add(&people);
        }
        self.tallies.resize(part.tallies.len(), Tally::default());
        for (sums, of_part) in self.tallies.iter_mut().zip(&part.tallies) {
            sums.add_part(of_part, &cells, &groups);
        }
        self.left_out += part.left_out;
        self.spoilt.extend(part.spoilt);
        Ok(())
    }

    /// What was found in all parts; `province` is its hash.
    pub fn outcome(&self, compiled: &Compiled<'_, '_>, asked: &Asked<'_>, province: &str) -> Outcome {
        let mut outcome = compiled.outcome(asked, province);
        outcome.people.clone_from(&self.people);
        outcome.left_out = self.left_out;
        let names = Names { cells: self.cells.all(), groups: &self.groups, funds: compiled.funds.len() };
        for (at, (tally, told)) in self.tallies.iter().zip(&mut outcome.variants).enumerate() {
            tally.tell((at > 0).then(|| &self.tallies[0]), &names, told);
        }
        outcome
    }
}
