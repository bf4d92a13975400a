//! A table of bills under several terms: sums by variant, tier, level and kind of care.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{Field, Schema};
use domain::{Bill, Care, Level};
use pyo3::prelude::*;
use settlement::{Opening, Settlement};

use crate::columns::Workers;
use crate::fault::Fault;
use crate::intake;
use crate::settle::{FEN, column_of, counts, fund_of, funds_of};
use crate::table::{Input, Table};
use crate::terms::{Made, Terms};

/// Sums of a table of bills under each of some terms. One row for each variant, tier, level and kind of care that occurs.
#[pyfunction]
#[pyo3(name = "_compare", signature = (terms, table, keep_going, threads))]
pub fn compare(
    py: Python<'_>,
    terms: Vec<PyRef<'_, Terms>>,
    table: Input,
    keep_going: bool,
    threads: Option<usize>,
) -> PyResult<Table> {
    let made: Vec<Arc<Made>> = terms.iter().map(|terms| terms.made.clone()).collect();
    Ok(py.detach(move || compared(&made, &table, keep_going, threads))?)
}

/// The columns of all funds that any of some terms pays from, in legal order.
#[pyfunction]
#[pyo3(name = "_fund_columns")]
pub fn fund_columns(terms: Vec<PyRef<'_, Terms>>) -> Vec<String> {
    funds_of(terms.iter().map(|terms| &*terms.made)).into_iter().map(column_of).collect()
}

/// Where bills belong: tier, level and kind of care.
pub type Cell = (String, Level, Care);

/// Sums of bills, fen but for counts.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    /// Bills settled.
    pub bills: i64,
    /// Bills refused, which are in no other sum.
    pub refused: i64,
    /// Of bills as they were billed.
    pub total: i64,
    /// In scope.
    pub in_scope: i64,
    /// First self-pay of class B.
    pub first_self_pay: i64,
    /// By fund of the variant's terms.
    pub paid: Vec<i64>,
    /// Of all funds.
    pub funds: i64,
    /// What no fund pays.
    pub person: i64,
}

/// Sums by where bills belong.
pub type Cells = BTreeMap<Cell, Sums>;

fn compared(all: &[Arc<Made>], input: &Input, keep_going: bool, threads: Option<usize>) -> Result<Table, Fault> {
    let Some(first) = all.first() else {
        return Err(Fault::usage("没有条款可比", "tongchou.compare([terms, …], 表)"));
    };
    for (at, made) in all.iter().enumerate() {
        if all[..at].iter().any(|earlier| earlier.name == made.name) {
            let what = format!("有两套条款都叫“{}”", made.name);
            return Err(Fault::usage(what, "给每套一个名字：terms(…, name=\"…\")"));
        }
        if (&made.region, made.years) != (&first.region, first.years) {
            let what = format!("“{}”与“{}”不是同一统筹区、同一些年份的条款", made.name, first.name);
            return Err(Fault::usage(what, "只比较同一统筹区、同样年份的条款"));
        }
    }
    let workers = Workers::new(all);
    let read = intake::each(first, input, keep_going, threads, |piece| workers.sums(piece))?;
    let mut sums: Vec<Cells> = vec![Cells::new(); all.len()];
    for piece in read.pieces {
        for (sums, cells) in sums.iter_mut().zip(piece) {
            for (cell, more) in cells {
                sums.entry(cell).or_default().add(&more);
            }
        }
    }
    let (schema, batch) = rows(all, &sums).map_err(anyhow::Error::from)?;
    Ok(Table::new(schema, batch, read.findings))
}

/// Where a bill belongs.
pub fn cell_of(bill: &Bill) -> Cell {
    (bill.person.tier.clone().unwrap_or_default(), bill.level, bill.care)
}

/// The sums of some persons' bills, settled one by one in order.
pub fn in_order(made: &Made, persons: &[&[Bill]]) -> Cells {
    let mut cells = Cells::new();
    for bills in persons {
        let bills: Vec<&Bill> = bills.iter().collect();
        for settlement in made.engine.settle(&bills, &Opening::default()) {
            cells.entry(cell_of(settlement.bill)).or_default().count(made, &settlement);
        }
    }
    cells
}

impl Sums {
    /// Of nothing, with so many funds.
    pub fn of(funds: usize) -> Sums {
        Sums { paid: vec![0; funds], ..Sums::default() }
    }

    /// Whether any bill is in them.
    pub fn any(&self) -> bool {
        self.bills > 0 || self.refused > 0
    }

    fn count(&mut self, made: &Made, settlement: &Settlement<'_>) {
        let Ok(entry) = &settlement.result else {
            self.refused += 1;
            return;
        };
        self.bills += counts(settlement.kind);
        self.total += entry.amounts.total.0;
        self.in_scope += entry.amounts.in_scope.0;
        self.first_self_pay += entry.amounts.first_self_pay.0;
        self.funds += entry.funds().0;
        self.person += entry.person.0;
        self.paid.resize(made.funds.len(), 0);
        for (stage, paid) in made.engine.plan(entry.plan).stages.iter().zip(&entry.by_stage) {
            if let Some(fund) = fund_of(made, stage.payer) {
                self.paid[fund] += paid;
            }
        }
    }

    /// Adds others of the same terms.
    pub fn add(&mut self, more: &Sums) {
        self.bills += more.bills;
        self.refused += more.refused;
        self.total += more.total;
        self.in_scope += more.in_scope;
        self.first_self_pay += more.first_self_pay;
        self.funds += more.funds;
        self.person += more.person;
        self.paid.resize(self.paid.len().max(more.paid.len()), 0);
        self.paid.iter_mut().zip(&more.paid).for_each(|(sum, more)| *sum += more);
    }
}

/// The sums as a table: variants as they were given, cells in order. Every fund of any variant has a column.
fn rows(all: &[Arc<Made>], sums: &[Cells]) -> Result<(Schema, Vec<RecordBatch>), arrow_schema::ArrowError> {
    let funds = funds_of(all.iter().map(|made| &**made));
    let lines: Vec<(&Made, &Cell, &Sums)> =
        all.iter().zip(sums).flat_map(|(made, cells)| cells.iter().map(|(cell, sums)| (&**made, cell, sums))).collect();
    let (mut fields, mut columns): (Vec<Field>, Vec<ArrayRef>) = (Vec::new(), Vec::new());
    let mut words = |name: &str, of: &dyn Fn(&(&Made, &Cell, &Sums)) -> String| {
        fields.push(Field::new(name, arrow_schema::DataType::Utf8, false));
        columns.push(Arc::new(StringArray::from_iter_values(lines.iter().map(of))));
    };
    words("variant", &|(made, ..)| made.name.clone());
    words("tier", &|(_, (tier, ..), _)| tier.clone());
    words("level", &|(_, (_, level, _), _)| level.code().to_owned());
    words("care", &|(_, (.., care), _)| care.code().to_owned());
    let mut longs = |name: &str, of: &dyn Fn(&(&Made, &Cell, &Sums)) -> i64| {
        fields.push(Field::new(name, FEN, false));
        columns.push(Arc::new(Int64Array::from_iter_values(lines.iter().map(of))));
    };
    longs("bills", &|(.., sums)| sums.bills);
    longs("refused", &|(.., sums)| sums.refused);
    longs("total_fen", &|(.., sums)| sums.total);
    longs("in_scope_fen", &|(.., sums)| sums.in_scope);
    longs("first_self_pay_fen", &|(.., sums)| sums.first_self_pay);
    for fund in funds {
        let of = |made: &Made, sums: &Sums| sums.paid.get(fund_of(made, fund)?).copied();
        longs(&column_of(fund), &|(made, _, sums)| of(made, sums).unwrap_or_default());
    }
    longs("funds_fen", &|(.., sums)| sums.funds);
    longs("person_pays_fen", &|(.., sums)| sums.person);
    let schema = Schema::new(fields);
    let batch = RecordBatch::try_new(Arc::new(schema.clone()), columns)?;
    Ok((schema, if batch.num_rows() == 0 { Vec::new() } else { vec![batch] }))
}
