//! Sums of a piece in columns, where the terms allow it: every kind of bill is looked up once, and all variants run over one
//! batch ([`settlement::Columns`]).
//!
//! Bill by bill in order are settled: who has a bill that continues another, stands in parts or takes one back; everybody under
//! terms of several years, or whose years leave something to each other. Both give the same.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use domain::{Bill, Part};
use foldhash::{HashMap, HashMapExt as _};
use settlement::{Alike, Batch, BillSums, Classes, Columns, KindId, Sink};

use crate::compare::{Cell, Cells, Sums, cell_of, in_order};
use crate::intake::Piece;
use crate::terms::Made;

/// Works on pieces by some threads at once, each with the kinds that it has met.
pub struct Workers<'m> {
    all: &'m [Arc<Made>],
    idle: Mutex<Vec<Worker<'m>>>,
}

impl<'m> Workers<'m> {
    /// For all variants.
    pub fn new(all: &'m [Arc<Made>]) -> Workers<'m> {
        Workers { all, idle: Mutex::default() }
    }

    /// The sums of a piece under each variant.
    pub fn sums(&self, piece: &Piece) -> Vec<Cells> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let known = idle().pop();
        let mut worker = known.unwrap_or_else(|| Worker::new(self.all));
        let sums = worker.sums(piece);
        idle().push(worker);
        sums
    }
}

struct Worker<'m> {
    alike: Alike,
    known: HashMap<Bill, KindId>,
    /// Of each kind a bill, and where bills of it belong.
    kinds: Vec<(Bill, usize)>,
    cells: Vec<Cell>,
    variants: Vec<Variant<'m>>,
}

struct Variant<'m> {
    made: &'m Made,
    /// None where the terms take no columns.
    columns: Option<Columns<'m>>,
}

/// Bills of persons who may stand in columns, and whose they are.
#[derive(Default)]
struct Ready<'p> {
    batch: Batch,
    persons: Vec<&'p [Bill]>,
    /// Who may not, under any terms.
    chained: Vec<&'p [Bill]>,
}

impl<'m> Worker<'m> {
    fn new(all: &'m [Arc<Made>]) -> Worker<'m> {
        let columns = |made: &'m Made| {
            let fit = made.years.0 == made.years.1 && !made.engine.carries();
            fit.then(|| Columns::new(&made.engine).ok()).flatten()
        };
        Worker {
            alike: Alike::under(all.iter().map(|made| &made.engine)),
            known: HashMap::new(),
            kinds: Vec::new(),
            cells: Vec::new(),
            variants: all.iter().map(|made| Variant { made, columns: columns(made) }).collect(),
        }
    }

    fn sums(&mut self, piece: &Piece) -> Vec<Cells> {
        if self.variants.iter().all(|variant| variant.columns.is_none()) {
            let persons: Vec<&[Bill]> = piece.persons().collect();
            return self.variants.iter().map(|variant| in_order(variant.made, &persons)).collect();
        }
        let ready = self.ready(piece);
        let (kinds, cells) = (&self.kinds, &self.cells);
        self.variants.iter_mut().map(|variant| variant.sums(&ready, kinds, cells)).collect()
    }

    fn ready<'p>(&mut self, piece: &'p Piece) -> Ready<'p> {
        let mut ready = Ready::default();
        let chained = |bill: &Bill| bill.from_bill.is_some() || bill.part != Part::Whole || bill.reverses.is_some();
        for bills in piece.persons() {
            if bills.iter().any(chained) {
                ready.chained.push(bills);
                continue;
            }
            let mut in_order: Vec<&Bill> = bills.iter().collect();
            in_order.sort_by_key(|bill| bill.date);
            for bill in in_order {
                let kind = self.kind(bill);
                ready.batch.push(kind, &Classes::of(&bill.amounts));
            }
            ready.batch.end_person();
            ready.persons.push(bills);
        }
        ready
    }

    fn kind(&mut self, bill: &Bill) -> KindId {
        let kind = self.alike.kind(bill);
        if let Some(id) = self.known.get(&kind) {
            return *id;
        }
        let cell = cell_of(bill);
        let at = self.cells.iter().position(|known| *known == cell).unwrap_or_else(|| {
            self.cells.push(cell);
            self.cells.len() - 1
        });
        let id = self.kinds.len() as KindId;
        self.kinds.push((kind.clone(), at));
        self.known.insert(kind, id);
        id
    }
}

impl Variant<'_> {
    fn sums(&mut self, ready: &Ready<'_>, kinds: &[(Bill, usize)], cells: &[Cell]) -> Cells {
        self.learn(kinds);
        let Some(columns) = &self.columns else {
            let everybody: Vec<&[Bill]> = ready.persons.iter().chain(&ready.chained).copied().collect();
            return in_order(self.made, &everybody);
        };
        let bound = columns.bind(&ready.batch);
        let mut adding = Adding { ready, kinds, sums: Vec::new(), ordered: ready.chained.clone() };
        adding.sums.resize_with(cells.len(), || Sums::of(columns.funds().len()));
        columns.settle(&bound, 0..ready.batch.persons(), &mut adding);
        let mut all = in_order(self.made, &adding.ordered);
        for (cell, sums) in cells.iter().zip(&adding.sums).filter(|(_, sums)| sums.any()) {
            all.entry(cell.clone()).or_default().add(sums);
        }
        all
    }

    /// Learns the kinds met since; why some cannot stand in columns, the run itself says.
    fn learn(&mut self, kinds: &[(Bill, usize)]) {
        let Some(columns) = &mut self.columns else { return };
        for (kind, _) in &kinds[columns.kinds()..] {
            _ = columns.learn(kind);
        }
        if columns.kinds() < kinds.len() {
            // More forms than columns tell apart.
            self.columns = None;
        }
    }
}

/// Adds up what is paid; columns have the funds of the terms, in the same order.
struct Adding<'a, 'p> {
    ready: &'a Ready<'p>,
    kinds: &'a [(Bill, usize)],
    /// By cell.
    sums: Vec<Sums>,
    /// Who is settled in order instead.
    ordered: Vec<&'p [Bill]>,
}

impl Adding<'_, '_> {
    fn cell(&mut self, bill: usize) -> &mut Sums {
        &mut self.sums[self.kinds[self.ready.batch.kind(bill) as usize].1]
    }
}

impl Sink for Adding<'_, '_> {
    fn pay(&mut self, bill: usize, fund: usize, fen: i64) {
        self.cell(bill).paid[fund] += fen;
    }

    fn settled(&mut self, bill: usize, BillSums { total, in_scope, first_self_pay, funds }: BillSums) {
        let sums = self.cell(bill);
        sums.bills += 1;
        sums.total += total;
        sums.in_scope += in_scope;
        sums.first_self_pay += first_self_pay;
        sums.funds += funds;
        sums.person += total - funds;
    }

    fn refused(&mut self, bill: usize) {
        self.cell(bill).refused += 1;
    }

    fn end(&mut self, _: usize, _: Range<usize>) {}

    fn ordered(&mut self, person: usize, _: Range<usize>) {
        self.ordered.push(self.ready.persons[person]);
    }
}
