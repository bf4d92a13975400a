//! One part of a province under all variants.

use std::path::{Path, PathBuf};

use domain::Bill;
use fearless_simd::Level;
use serde::{Deserialize, Serialize};
use settlement::{Columns, Refusal, Unfit};

use super::chunk::{Chunk, Scratch};
use super::folk::{Folk, Groups};
use super::octet::{Added, Octet};
use super::sieve::Sieve;
use super::tally::{CellId, Tally};
use super::terms::{Compiled, unfit};
use super::whole::{Cells, Kept};
use super::{Asked, Progress, days};
use crate::bills::{Id, Read, Reader};
use crate::files;
use crate::generate::{Manifest, Paths};
use crate::outcome::Cell;
use crate::{Refused, Stopped};

/// Persons settled at a time, so that what is at hand stays in the cache.
const PERSONS: usize = 512;

/// A row of bills that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Spoilt {
    /// The file.
    pub file: PathBuf,
    /// Row group, from 0.
    pub group: usize,
    /// Row in it, from 1.
    pub row: usize,
    /// Name of the column.
    pub column: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub cure: String,
}

impl Spoilt {
    fn refused(&self) -> Refused {
        let Spoilt { file, group, row, column, what, cure } = self;
        let what = format!("{} 第 {group} 行组第 {row} 行 {column}：{what} (unreadable bill)", file.display());
        Refused::new(what, format!("{cure}；或用 --keep-going 略过并计数"))
    }
}

/// Settles parts, one after another, and remembers the kinds of bills it has met.
pub struct Worker<'w, 'l> {
    asked: &'w Asked<'l>,
    manifest: &'w Manifest,
    pub(super) compiled: &'w Compiled<'w, 'l>,
    province: &'w Path,
    pub(super) reader: Reader,
    pub(super) columns: Vec<Columns<'w>>,
    /// Of each variant the first whose columns its own follow; itself, if there is none.
    pub(super) leaders: Vec<usize>,
    /// From the funds of each variant's columns to those of the run.
    pub(super) funds: Vec<Vec<usize>>,
    pub(super) cell_of_kind: Vec<CellId>,
    cells: Cells,
    pub(super) sieve: Sieve,
    pub(super) octets: Vec<Octet>,
    /// What the processor has for them.
    pub(super) level: Level,
    pub(super) groups: Groups,
}

/// The bills of a year of a part.
pub struct Bills {
    path: PathBuf,
    pub(super) read: Read,
    /// Rows of each row group.
    row_groups: Vec<usize>,
}

impl<'w, 'l> Worker<'w, 'l> {
    /// A worker that has met nothing yet.
    pub fn new(
        asked: &'w Asked<'l>,
        manifest: &'w Manifest,
        compiled: &'w Compiled<'w, 'l>,
        province: &'w Path,
    ) -> anyhow::Result<Worker<'w, 'l>> {
        let columns = compiled.columns()?;
        let funds = |columns: &Columns<'_>| columns.funds().iter().map(|fund| compiled.fund(*fund)).collect();
        Ok(Worker {
            asked,
            manifest,
            compiled,
            province,
            reader: Reader::new(compiled.alike(), compiled.span),
            funds: columns.iter().map(funds).collect(),
            leaders: leaders(&columns),
            columns,
            cell_of_kind: Vec::new(),
            cells: Cells::default(),
            sieve: Sieve::default(),
            octets: Vec::new(),
            level: Level::new(),
            groups: Groups::default(),
        })
    }

    /// Settles a part: what is to be kept of it, and how many bills it had.
    pub fn settle(&mut self, part: i64, progress: &dyn Progress) -> anyhow::Result<(Kept, i64)> {
        let paths = Paths::of(self.province, part);
        let year = self.asked.year;
        let folk = Folk::read(&paths.people(), &paths.yearly("enrolment", year), year, &mut self.groups)?;
        let mut spoilt = Vec::new();
        let bills = self.read(&paths, year, &mut spoilt)?;
        let left_out = spoilt.len();
        let earlier = (self.compiled.from_year..year).filter(|year| self.manifest.each_year().any(|has| has == *year));
        let earlier: Vec<Bills> = earlier.map(|year| self.read(&paths, year, &mut spoilt)).collect::<Result<_, _>>()?;
        self.learn()?;
        let of_earlier = spoilt.split_off(left_out);
        let whose = whose(&bills, &folk, &mut spoilt);
        let left_out = spoilt.len();
        spoilt.extend(of_earlier);
        if let Some(first) = spoilt.first().filter(|_| !self.asked.keep_going) {
            return Err(first.refused().into());
        }
        let mut tallies = vec![Tally::default(); self.columns.len()];
        tallies[0].enrolled(&folk);
        let mut added: Vec<Added> = self.octets.iter().map(|_| Added::new(self.compiled.funds.len())).collect();
        let (mut scratch, all) = (Scratch::default(), bills.read.persons());
        for first in all.clone().step_by(PERSONS) {
            if progress.stopped() {
                return Err(Stopped.into());
            }
            let persons = first..all.end.min(first + PERSONS);
            let chunk = Chunk { bills: &bills, earlier: &earlier, whose: &whose, persons };
            self.settle_chunk(&chunk, &folk, (&mut tallies, &mut added), &mut scratch);
        }
        for (octet, added) in self.octets.iter().zip(added) {
            added.tell(octet, &mut tallies);
        }
        let reason = |variant: usize, kind| {
            let refusal: Option<&Refusal> = self.columns[variant].refusal(kind);
            refusal.map_or_else(String::new, ToString::to_string)
        };
        for tally in &mut tallies {
            tally.tell_reasons(reason);
            tally.spread(&self.groups);
        }
        let kept = Kept {
            people: folk.people(&self.groups, self.level),
            cells: self.cells.all().to_vec(),
            groups: self.groups.all().to_vec(),
            tallies,
            left_out: left_out as i64,
            spoilt,
        };
        Ok((kept, bills.read.batch.len() as i64))
    }

    /// All bills of a person, in order: those of earlier years, then those of the year.
    pub(super) fn ordered(&self, person: usize, bills: &Bills, earlier: &[Bills]) -> Vec<Bill> {
        let id = bills.read.person(person);
        let mut all = Vec::new();
        for (year, person) in earlier.iter().filter_map(|year| Some((year, year.find(id)?))) {
            all.extend(year.read.batch.bills_of(person).map(|bill| self.reader.bill(&year.read, bill)));
        }
        all.extend(bills.read.batch.bills_of(person).map(|bill| self.reader.bill(&bills.read, bill)));
        all
    }

    fn read(&mut self, paths: &Paths<'_>, year: i16, spoilt: &mut Vec<Spoilt>) -> anyhow::Result<Bills> {
        let path = paths.yearly("bills", year);
        let (batch, row_groups) = files::read(&path, |name| !name.starts_with('#'))?;
        let read = self
            .reader
            .read(&batch, days(year, year)?)
            .map_err(|told| Refused { what: format!("{}：{}", path.display(), told.what), ..told })?;
        let bills = Bills { path, read, row_groups };
        let faults = bills.read.faults.iter();
        spoilt.extend(faults.map(|fault| bills.spoilt(fault.row, fault.column, fault.what.clone(), fault.cure)));
        Ok(bills)
    }

    /// Learns the kinds met since.
    fn learn(&mut self) -> anyhow::Result<()> {
        for bill in &self.reader.kinds()[self.cell_of_kind.len()..] {
            for (variant, columns) in self.columns.iter_mut().enumerate() {
                // Refused bills are counted, chained ones settled in order.
                if self.leaders[variant] == variant
                    && let Err(too_varied @ Unfit::TooVaried) = columns.learn(bill)
                {
                    return Err(unfit(too_varied).into());
                }
            }
            let cell = Cell {
                tier: bill.person.tier.clone().unwrap_or_default(),
                level: bill.level.code().to_owned(),
                care: bill.care.code().to_owned(),
            };
            self.cell_of_kind.push(self.cells.id(cell));
        }
        for variant in 0..self.columns.len() {
            let (leaders, columns) = self.columns.split_at_mut(variant);
            if let Some(leader) = leaders.get(self.leaders[variant]) {
                columns[0].follow(leader);
            }
        }
        self.sieve.learn(self.compiled, &self.columns, &self.leaders);
        if self.octets.is_empty() {
            let follow = |variant: &usize| self.leaders[*variant] == 0 && !self.compiled.same_as_baseline(*variant);
            self.octets = Octet::form((1..self.columns.len()).filter(follow), &self.sieve);
        }
        self.octets.iter_mut().for_each(|octet| octet.learn(&self.columns));
        Ok(())
    }
}

/// Of each of some columns the first that it follows; itself, if there is none.
fn leaders(columns: &[Columns<'_>]) -> Vec<usize> {
    let mut leaders: Vec<usize> = Vec::with_capacity(columns.len());
    for (variant, own) in columns.iter().enumerate() {
        let leader = (0..variant).find(|before| leaders[*before] == *before && own.follows(&columns[*before]));
        leaders.push(leader.unwrap_or(variant));
    }
    leaders
}

impl Bills {
    /// Where a person stands, by the order of ids.
    fn find(&self, id: Id<'_>) -> Option<usize> {
        let persons = self.read.persons();
        let mut range = persons;
        while range.start < range.end {
            let middle = range.start + (range.end - range.start) / 2;
            match self.read.person(middle).cmp(&id) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => range.start = middle + 1,
                std::cmp::Ordering::Greater => range.end = middle,
            }
        }
        None
    }

    fn spoilt(&self, row: usize, column: &str, what: String, cure: &str) -> Spoilt {
        let (mut group, mut row) = (0, row);
        while let Some(rows) = self.row_groups.get(group).filter(|rows| row >= **rows) {
            row -= rows;
            group += 1;
        }
        let (column, cure) = (column.to_owned(), cure.to_owned());
        Spoilt { file: self.path.clone(), group, row: row + 1, column, what, cure }
    }
}

/// Which of the folk each person with bills is; who is not among them, or not enrolled, is a fault of each bill.
fn whose(bills: &Bills, folk: &Folk, spoilt: &mut Vec<Spoilt>) -> Vec<Option<usize>> {
    let mut whose = Vec::with_capacity(bills.read.batch.persons());
    for person in bills.read.persons() {
        let found = match bills.read.person(person) {
            Id::Number(id) => folk.find(id),
            Id::Text(_) => None,
        };
        let enrolled = found.filter(|found| folk.is_enrolled(*found));
        if enrolled.is_none() {
            let what = if found.is_none() { "此人不在 people 里" } else { "此人本年度没有参保" };
            let rows = bills.read.batch.bills_of(person).map(|bill| bills.read.row(bill));
            spoilt.extend(rows.map(|row| {
                let what = format!("{what}：{}", bills.read.person(person));
                bills.spoilt(row, "person", what, "核对 person 与 people、enrolment 的同一部分")
            }));
        }
        whose.push(enrolled);
    }
    whose
}
