//! A table of bills to a table of settlements.
//!
//! Rows come out in the order in which bills came in. A bill has one row; one that a reversal touches has more: `kind` tells
//! `settled`, `reversed` and `difference` apart, and sums over all rows are what is paid in the end.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field, Schema};
use arrow_select::interleave::interleave;
use domain::{Amounts, Payer};
use settlement::{EntryKind, Opening, Settlement};

use crate::fault::Fault;
use crate::intake::{self, Piece};
use crate::table::{Input, Table};
use crate::terms::Made;

/// Columns of the bills that come out again, by any of their names.
const KEPT: [claims::Column; 3] = [claims::Column::Bill, claims::Column::Person, claims::Column::Date];

/// Amounts of a row, but for what funds pay.
const AMOUNTS: [&str; 5] = ["total_fen", "in_scope_fen", "first_self_pay_fen", "out_of_scope_fen", "over_limit_fen"];

/// How a table is to be settled.
pub struct How {
    /// Go on without rows that are at fault.
    pub keep_going: bool,
    /// As many threads as there are processors, if not said.
    pub threads: Option<usize>,
    /// The funds that have a column, those of the terms among them.
    pub funds: Vec<Payer>,
}

/// Settles a table.
///
/// # Errors
/// When the table is at fault, with everything that is.
pub fn table(made: &Made, input: &Input, how: &How) -> Result<Table, Fault> {
    let read = intake::each(made, input, how.keep_going, how.threads, |piece| Lines::of(made, piece))?;
    let lines = Lines::in_order(read.pieces);
    let (schema, batches) = batches(made, input, lines, &how.funds).map_err(anyhow::Error::from)?;
    Ok(Table::new(schema, batches, read.findings))
}

/// Settlements in columns.
#[derive(Default)]
struct Lines {
    /// Row of the bill.
    rows: Vec<u32>,
    kinds: Vec<&'static str>,
    amounts: [Vec<i64>; AMOUNTS.len()],
    paid: Vec<Vec<i64>>,
    funds: Vec<i64>,
    person: Vec<i64>,
    basis: Vec<&'static str>,
    /// Why lines are refused, by position: code and text.
    refused: Vec<(usize, &'static str, String)>,
}

impl Lines {
    fn of(made: &Made, piece: &Piece) -> Lines {
        let mut lines = Lines { paid: vec![Vec::new(); made.funds.len()], ..Lines::default() };
        for bills in piece.persons() {
            let bills: Vec<_> = bills.iter().collect();
            for settlement in made.engine.settle(&bills, &Opening::default()) {
                lines.push(made, piece, &settlement);
            }
        }
        lines
    }

    fn push(&mut self, made: &Made, piece: &Piece, settlement: &Settlement<'_>) {
        let entry = settlement.result.as_ref();
        if let Err(refusal) = entry {
            let text = format!("{refusal}\n  = {}", refusal.cure());
            self.refused.push((self.rows.len(), refusal.code(), text));
        }
        self.rows.push(piece.row_of(settlement.bill));
        self.kinds.push(settlement.kind.code());
        let Amounts { total, in_scope, first_self_pay, out_of_scope, over_limit } =
            entry.map_or_else(|_| Amounts::default(), |entry| entry.amounts);
        let parts = [total, in_scope, first_self_pay, out_of_scope, over_limit];
        for (column, fen) in self.amounts.iter_mut().zip(parts) {
            column.push(fen.0);
        }
        let at = self.funds.len();
        for column in &mut self.paid {
            column.push(0);
        }
        if let Ok(entry) = entry {
            for (stage, paid) in made.engine.plan(entry.plan).stages.iter().zip(&entry.by_stage) {
                if let Some(fund) = fund_of(made, stage.payer) {
                    self.paid[fund][at] += paid;
                }
            }
        }
        self.funds.push(entry.map_or(0, |entry| entry.funds().0));
        self.person.push(entry.map_or(0, |entry| entry.person.0));
        self.basis.push(entry.map_or("", |entry| entry.basis.code()));
    }

    /// All lines in the order of their bills in the table, those of one bill as they were posted.
    fn in_order(pieces: Vec<Lines>) -> Lines {
        let mut all = Lines::default();
        for piece in pieces {
            let before = all.rows.len();
            all.rows.extend(piece.rows);
            all.kinds.extend(piece.kinds);
            all.amounts.iter_mut().zip(piece.amounts).for_each(|(column, more)| column.extend(more));
            all.paid.resize_with(piece.paid.len(), Vec::new);
            all.paid.iter_mut().zip(piece.paid).for_each(|(column, more)| column.extend(more));
            all.funds.extend(piece.funds);
            all.person.extend(piece.person);
            all.basis.extend(piece.basis);
            all.refused.extend(piece.refused.into_iter().map(|(at, code, text)| (before + at, code, text)));
        }
        if all.rows.is_sorted() {
            return all;
        }
        let mut order: Vec<usize> = (0..all.rows.len()).collect();
        order.sort_by_key(|at| all.rows[*at]);
        let longs = |column: Vec<i64>| order.iter().map(|at| column[*at]).collect::<Vec<_>>();
        let words = |column: Vec<&'static str>| order.iter().map(|at| column[*at]).collect::<Vec<_>>();
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(to, from)| place[*from] = to);
        let mut refused: Vec<_> = all.refused.into_iter().map(|(at, code, text)| (place[at], code, text)).collect();
        refused.sort_unstable_by_key(|(at, ..)| *at);
        Lines {
            rows: order.iter().map(|at| all.rows[*at]).collect(),
            kinds: words(all.kinds),
            amounts: all.amounts.map(longs),
            paid: all.paid.into_iter().map(longs).collect(),
            funds: longs(all.funds),
            person: longs(all.person),
            basis: words(all.basis),
            refused,
        }
    }
}

/// The funds that any of some terms pays from, in legal order.
pub fn funds_of<'m>(all: impl IntoIterator<Item = &'m Made>) -> Vec<Payer> {
    let mut funds: Vec<Payer> = all.into_iter().flat_map(|made| made.funds.iter().copied()).collect();
    funds.sort_unstable();
    funds.dedup();
    funds
}

/// Position of a fund among those of the terms.
pub fn fund_of(made: &Made, payer: Payer) -> Option<usize> {
    made.funds.iter().position(|fund| *fund == payer)
}

/// The name of a fund's column.
pub fn column_of(payer: Payer) -> String {
    format!("{}_fen", payer.code().replace('-', "_"))
}

type Arrow<T> = Result<T, arrow_schema::ArrowError>;

/// The columns of the bills and those of the settlements, side by side.
fn batches(made: &Made, input: &Input, lines: Lines, funds: &[Payer]) -> Arrow<(Schema, Vec<RecordBatch>)> {
    let (mut fields, mut columns) = kept(input, &lines.rows)?;
    let settled = NullBuffer::from_iter({
        let mut refused = lines.refused.iter().map(|(at, ..)| *at).peekable();
        (0..lines.rows.len()).map(move |at| refused.next_if_eq(&at).is_none())
    });
    let settled = Some(settled).filter(|settled| settled.null_count() > 0);
    let mut add = |name: &str, array: ArrayRef, nullable: bool| {
        fields.push(Field::new(name, array.data_type().clone(), nullable));
        columns.push(array);
    };
    let fen = |column: Vec<i64>| Arc::new(Int64Array::new(column.into(), settled.clone())) as ArrayRef;
    add("kind", Arc::new(StringArray::from(lines.kinds)), false);
    for (name, column) in AMOUNTS.into_iter().zip(lines.amounts) {
        add(name, fen(column), true);
    }
    let rows = lines.rows.len();
    let mut paid = lines.paid;
    for fund in funds {
        let own = fund_of(made, *fund).and_then(|at| paid.get_mut(at)).map(std::mem::take);
        add(&column_of(*fund), fen(own.unwrap_or_else(|| vec![0; rows])), true);
    }
    add("funds_fen", fen(lines.funds), true);
    add("person_pays_fen", fen(lines.person), true);
    let words = |words: &mut dyn Iterator<Item = Option<&str>>| Arc::new(StringArray::from_iter(words)) as ArrayRef;
    add("basis", words(&mut lines.basis.iter().map(|basis| Some(*basis).filter(|basis| !basis.is_empty()))), true);
    let at_rows = |text: &dyn Fn(usize) -> String| {
        let mut refused = lines.refused.iter().enumerate().peekable();
        let texts = (0..rows).map(|at| refused.next_if(|(_, (of, ..))| *of == at).map(|(which, _)| text(which)));
        Arc::new(StringArray::from_iter(texts)) as ArrayRef
    };
    add("refused", at_rows(&|which| lines.refused[which].1.to_owned()), true);
    add("reason", at_rows(&|which| lines.refused[which].2.clone()), true);
    let schema = Schema::new(fields);
    let whole = RecordBatch::try_new(Arc::new(schema.clone()), columns)?;
    let batches = if rows == 0 { Vec::new() } else { vec![whole] };
    Ok((schema, batches))
}

/// The columns of the bills at the rows of the lines, in their own types; the same buffers, where nothing is to be moved.
fn kept(input: &Input, rows: &[u32]) -> Arrow<(Vec<Field>, Vec<ArrayRef>)> {
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    let same = rows.iter().enumerate().all(|(at, row)| at as u32 == *row);
    let mut places: Vec<(usize, usize)> = Vec::new();
    if !(same && input.batches.len() == 1) {
        let starts: Vec<usize> = input
            .batches
            .iter()
            .scan(0, |start, batch| Some(std::mem::replace(start, *start + batch.num_rows())))
            .collect();
        places.extend(rows.iter().map(|row| {
            let batch = starts.partition_point(|start| *start <= *row as usize) - 1;
            (batch, *row as usize - starts[batch])
        }));
    }
    for wanted in KEPT {
        let is = |field: &Arc<Field>| matches!(claims::Column::named(field.name()), Some(claims::Named::Column { column, .. }) if column == wanted);
        let Some(at) = input.schema.fields().iter().position(is) else { continue };
        let field = input.schema.field(at);
        let array = match &input.batches[..] {
            [] => arrow_array::new_empty_array(field.data_type()),
            [only] if same => only.column(at).slice(0, rows.len()),
            all => {
                interleave(&all.iter().map(|batch| batch.column(at).as_ref()).collect::<Vec<&dyn Array>>(), &places)?
            }
        };
        fields.push(Field::new(wanted.name(), field.data_type().clone(), true));
        columns.push(array);
    }
    Ok((fields, columns))
}

/// Whether an entry counts as a bill more or a bill less.
pub fn counts(kind: EntryKind) -> i64 {
    match kind {
        EntryKind::Settled => 1,
        EntryKind::Reversed => -1,
        EntryKind::Difference => 0,
    }
}

/// The type of amounts: whole fen.
pub const FEN: DataType = DataType::Int64;
