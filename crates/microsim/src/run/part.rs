//! One part of a province under all variants.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};

use domain::Bill;
use serde::{Deserialize, Serialize};
use settlement::{Batch, Bound, Columns, Engine, Opening, PersonRun, Reaches, Unfit};

use super::folk::{Folk, Groups};
use super::person::Given;
use super::sieve::{Mask, Sieve, Touched};
use super::tally::{CellId, Names, Reached, Taking, Tally};
use super::terms::{Compiled, unfit};
use super::{Asked, Kept, days, keep_json};
use crate::Refused;
use crate::bills::{Id, Read, Reader};
use crate::files;
use crate::generate::{Manifest, Paths};
use crate::outcome::{Cell, Outcome};

/// Persons settled at a time, so that what is at hand stays in the cache.
const PERSONS: usize = 2_048;

/// Why a bill is refused that counts its deductible on from one that is not there.
const ASTRAY: &str =
    "起付线接续前一张票据计算，而 from_bill 所指的不是此人在此之前的票据 (continues a bill that is not there)";

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
    compiled: &'w Compiled<'w, 'l>,
    province: &'w Path,
    reader: Reader,
    columns: Vec<Columns<'w>>,
    /// From the funds of each variant's columns to those of the run.
    funds: Vec<Vec<usize>>,
    cell_of_kind: Vec<CellId>,
    cells: Vec<Cell>,
    by_cell: HashMap<Cell, CellId>,
    sieve: Sieve,
    groups: Groups,
}

/// The bills of a year of a part.
struct Bills {
    path: PathBuf,
    read: Read,
    /// Rows of each row group.
    row_groups: Vec<usize>,
}

/// What is settled at a time: bills of some persons, who they are among the folk, and in which place of the part's bills.
struct Chunk {
    batch: Batch,
    folk: Vec<usize>,
    places: Vec<usize>,
}

/// What a variant gives of the bills of a batch; and why some are refused, where it was found in order.
struct Settled {
    given: Vec<Given>,
    refused: BTreeMap<usize, String>,
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
            columns,
            cell_of_kind: Vec::new(),
            cells: Vec::new(),
            by_cell: HashMap::new(),
            sieve: Sieve::default(),
            groups: Groups::default(),
        })
    }

    /// Settles a part and writes its outcome; how many bills it had.
    pub fn settle(&mut self, part: i64, to: &Path) -> anyhow::Result<i64> {
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
        let persons: Vec<usize> = bills.read.persons().collect();
        for persons in persons.chunks(PERSONS) {
            let known = || persons.iter().copied().filter(|person| whose[*person].is_some());
            let chunk = Chunk {
                batch: bills.read.batch.of_persons(known()),
                folk: known().filter_map(|person| whose[person]).collect(),
                places: known().collect(),
            };
            self.settle_chunk(&chunk, &bills, &earlier, &folk, &mut tallies);
        }
        let outcome = self.outcome(&folk, &tallies, left_out);
        keep_json(to, &Kept { outcome, spoilt })?;
        Ok(bills.read.batch.len() as i64)
    }

    fn settle_chunk(&self, chunk: &Chunk, bills: &Bills, earlier: &[Bills], folk: &Folk, tallies: &mut [Tally]) {
        let mut passed = Vec::new();
        let sieved = (!self.sieve.is_empty()).then_some(&mut passed);
        let in_order = |person: usize| self.ordered(chunk.places[person], bills, earlier);
        let baseline = self.settled(0, &chunk.batch, sieved, in_order);
        let years: Vec<Given> = persons(&chunk.batch).map(|(_, bills)| Given::sum(&baseline.given[bills])).collect();
        for (person, bills) in persons(&chunk.batch) {
            self.count(&mut tallies[0], &chunk.batch, bills, &baseline);
            tallies[0].person(folk, chunk.folk[person], &years[person]);
        }
        let anew = self.anew(&chunk.batch, &passed);
        for (variant, tally) in tallies.iter_mut().enumerate().skip(1) {
            let whom = &anew[variant];
            let batch = chunk.batch.of_persons(whom.iter().copied());
            let settled = self.settled(variant, &batch, None, |person| in_order(whom[person]));
            for (person, bills) in persons(&batch) {
                let in_chunk = whom[person];
                let before = chunk.batch.bills_of(in_chunk);
                let (old, new) = (&baseline.given[before.clone()], &settled.given[bills.clone()]);
                if old == new {
                    // Might have been settled otherwise, and was not.
                    continue;
                }
                let same_bills = old.iter().zip(new).all(|(old, new)| old.bills() == new.bills());
                let year = Given::sum(new);
                self.uncount(tally, &chunk.batch, before, &baseline);
                self.count(tally, &batch, bills, &settled);
                tally.change(folk, chunk.folk[in_chunk], (&years[in_chunk], &year), same_bills);
            }
            tally.changed.settled_anew += whom.len() as i64;
        }
    }

    /// Of each variant the persons whom it settles anew; `passed` are the variants with a limit that a person passes, or nothing
    /// where the baseline was settled in order.
    fn anew(&self, batch: &Batch, passed: &[Mask]) -> Vec<Vec<usize>> {
        let mut anew = vec![Vec::new(); self.columns.len()];
        if self.sieve.is_empty() {
            return anew;
        }
        for (person, bills) in persons(batch) {
            let mut touched = Touched::default();
            bills.for_each(|bill| touched.add(self.sieve.touched(batch.kind(bill))));
            let passed = passed.get(person).copied().unwrap_or(Mask::MAX);
            let mut mask = touched.any | touched.beyond & passed;
            while mask != 0 {
                anew[mask.trailing_zeros() as usize].push(person);
                mask &= mask - 1;
            }
        }
        anew
    }

    fn count(&self, tally: &mut Tally, batch: &Batch, bills: Range<usize>, settled: &Settled) {
        for bill in bills {
            let (kind, given) = (batch.kind(bill), &settled.given[bill]);
            if given.bills() == 1 {
                tally.bill(self.cell_of_kind[kind as usize], given);
            } else {
                tally.refused(kind, settled.refused.get(&bill), 1);
            }
        }
    }

    fn uncount(&self, tally: &mut Tally, batch: &Batch, bills: Range<usize>, settled: &Settled) {
        for bill in bills {
            let (kind, given) = (batch.kind(bill), &settled.given[bill]);
            if given.bills() == 1 {
                tally.less(self.cell_of_kind[kind as usize], given);
            } else {
                tally.refused(kind, settled.refused.get(&bill), -1);
            }
        }
    }

    /// What a variant gives of each bill of a batch; `ordered` tells all bills of a person, earlier years' too. Where it is asked
    /// for and the batch stands in columns, also which variants have a limit that each person passes.
    fn settled(
        &self,
        variant: usize,
        batch: &Batch,
        passed: Option<&mut Vec<Mask>>,
        ordered: impl Fn(usize) -> Vec<Bill>,
    ) -> Settled {
        let columns = &self.columns[variant];
        let mut settled = Settled { given: vec![Given::default(); batch.len()], refused: BTreeMap::new() };
        let mut in_order: Vec<usize> = Vec::new();
        if columns.carries() {
            in_order.extend(0..batch.persons());
        } else {
            let bound: Bound<'_> = columns.bind(batch);
            let mut taking = Taking {
                given: &mut settled.given,
                ordered: &mut in_order,
                funds: &self.funds[variant],
                bound: &bound,
                batch,
                reached: passed.map(|passed| Reached { sieve: &self.sieve, now: Reaches::default(), passed }),
            };
            columns.settle(&bound, 0..batch.persons(), &mut taking);
        }
        for person in in_order {
            self.in_order(variant, &ordered(person), batch.bills_of(person), &mut settled);
        }
        settled
    }

    /// Settles a person's bills in the ordered form; those of the year, which come last, are the ones told.
    fn in_order(&self, variant: usize, bills: &[Bill], told: Range<usize>, settled: &mut Settled) {
        let Some((_, terms)) = self.compiled.each().nth(variant) else { return };
        let engine: &Engine = &terms.engine;
        let mut run = PersonRun::new(engine, &Opening::default());
        let before = bills.len() - told.len();
        for (at, bill) in bills.iter().enumerate() {
            if let Some(from) = &bill.from_bill
                && !bills[..at].iter().any(|earlier| earlier.id == *from)
                && run.clone().settle(bill).is_ok_and(|entry| engine.counts_on(&entry))
            {
                // What it had met of the deductible is not known.
                if at >= before {
                    settled.refused.insert(told.start + at - before, ASTRAY.to_owned());
                }
                continue;
            }
            let entry = run.settle(bill);
            let Some(place) = at.checked_sub(before).map(|at| told.start + at) else { continue };
            let entry = match entry {
                Ok(entry) => entry,
                Err(refusal) => {
                    settled.refused.insert(place, refusal.to_string());
                    continue;
                }
            };
            let given = &mut settled.given[place];
            let amounts = &entry.amounts;
            given.settle(amounts.total.0, amounts.in_scope.0, amounts.first_self_pay.0);
            for (stage, paid) in engine.plan(entry.plan).stages.iter().zip(&entry.by_stage) {
                given.pay(self.compiled.fund(stage.payer), *paid);
            }
        }
    }

    /// All bills of a person, in order: those of earlier years, then those of the year.
    fn ordered(&self, person: usize, bills: &Bills, earlier: &[Bills]) -> Vec<Bill> {
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
        let (batch, row_groups) = files::read(&path)?;
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
            for columns in &mut self.columns {
                // Refused bills are counted, chained ones settled in order.
                if let Err(too_varied @ Unfit::TooVaried) = columns.learn(bill) {
                    return Err(unfit(too_varied).into());
                }
            }
            self.sieve.learn(self.compiled, &self.columns);
            let cell = Cell {
                tier: bill.person.tier.clone().unwrap_or_default(),
                level: bill.level.code().to_owned(),
                care: bill.care.code().to_owned(),
            };
            let next = self.cells.len();
            let id = *self.by_cell.entry(cell.clone()).or_insert(next as CellId);
            if usize::from(id) == next {
                self.cells.push(cell);
            }
            self.cell_of_kind.push(id);
        }
        self.sieve.order();
        Ok(())
    }

    fn outcome(&self, folk: &Folk, tallies: &[Tally], left_out: usize) -> Outcome {
        let mut outcome = self.compiled.outcome(self.asked, "");
        outcome.people = folk.people(&self.groups);
        outcome.left_out = left_out as i64;
        for (at, told) in outcome.variants.iter_mut().enumerate() {
            let reason = |kind| self.columns[at].refusal(kind).map_or_else(String::new, ToString::to_string);
            let names =
                Names { cells: &self.cells, groups: &self.groups, funds: self.compiled.funds.len(), reason: &reason };
            tallies[at].tell((at > 0).then(|| &tallies[0]), &names, told);
        }
        outcome
    }
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

/// The persons of a batch with their bills.
fn persons(batch: &Batch) -> impl Iterator<Item = (usize, Range<usize>)> {
    (0..batch.persons()).map(|person| (person, batch.bills_of(person)))
}
