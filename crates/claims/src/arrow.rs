//! Bills from Arrow tables. Values are read where they stand; only what comes in an odd type is brought to one of a few first,
//! and a column that would lose something is refused.
//!
//! A [`Table`] can be read in pieces and from several threads: [`Table::by_person`] says which rows belong together.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, Date32Array, Decimal128Array, Int32Array, Int64Array, LargeStringArray, ListArray, RecordBatch,
    StringArray, StringViewArray,
};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use domain::{Date, Diagnostic, Place};

use super::columns::Column;
use super::header::Header;
use super::row::{Raw, Row};
use super::{HashMap, Intake, Loaded};

/// Says nothing of how far a reading is.
const UNWATCHED: &dyn Fn(usize) = &|_| {};

/// A table of bills whose columns are known to fit.
pub struct Table {
    name: String,
    header: Header,
    parts: Vec<Part>,
    /// First row of each part, and the number of rows at the end.
    starts: Vec<usize>,
    findings: Vec<Diagnostic>,
    spoilt: bool,
}

impl Table {
    /// Opens a table; `name` is what findings call it. Faults of the header are in [`Table::findings`].
    ///
    /// # Errors
    /// When a value of a column cannot be had in its type, as a number beyond 64 bits.
    pub fn open(name: &str, schema: &Schema, batches: &[RecordBatch]) -> anyhow::Result<Table> {
        let mut intake = Intake::new(name, UNWATCHED);
        let header = header(schema, &mut intake);
        let (mut parts, mut starts) = (Vec::with_capacity(batches.len()), vec![0]);
        for batch in batches {
            parts.push(Part::of(batch, &header)?);
            starts.push(starts.last().copied().unwrap_or_default() + batch.num_rows());
        }
        let Intake { findings, spoilt, .. } = intake;
        Ok(Table { name: name.to_owned(), header, parts, starts, findings, spoilt })
    }

    /// What is wrong with names and types. Errors among these leave every row out.
    pub fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.starts.last().copied().unwrap_or_default()
    }

    /// Position of a column in the table, if it has it.
    pub fn position(&self, column: Column) -> Option<usize> {
        self.header.layout.seat(column).map(|seat| seat.position - 1)
    }

    /// Reads some rows; those of a person must be together in one reading. The line of a bill is its row, from 1.
    pub fn read(&self, rows: impl Iterator<Item = usize>) -> Loaded {
        let mut intake = Intake::new(&self.name, UNWATCHED);
        intake.spoilt = self.spoilt;
        intake.expect(rows.size_hint().0);
        let mut part = 0;
        for row in rows {
            if !(self.starts[part]..self.starts[part + 1]).contains(&row) {
                part = self.part_of(row);
            }
            self.parts[part].take(row - self.starts[part], row + 1, &self.header, &mut intake);
        }
        intake.loaded()
    }

    fn part_of(&self, row: usize) -> usize {
        self.starts.partition_point(|start| *start <= row) - 1
    }

    /// The rows of each person, persons in the order in which they first appear and each one's rows in their own.
    pub fn by_person(&self) -> Persons {
        let mut known: HashMap<Id<'_>, u32> = HashMap::default();
        let mut of_row = Vec::with_capacity(self.rows());
        let mut last: Option<(Id<'_>, u32)> = None;
        for part in &self.parts {
            let cells = part.columns.iter().find(|(column, _)| *column == Column::Person).map(|(_, cells)| cells);
            for row in 0..part.rows {
                let id = cells.map_or(Id::None, |cells| cells.id(row));
                let next = known.len() as u32;
                let person = match last {
                    Some((last, person)) if last == id => person,
                    _ => *known.entry(id).or_insert(next),
                };
                last = Some((id, person));
                of_row.push(person);
            }
        }
        Persons::of(&of_row, known.len())
    }
}

/// The rows of a table, person by person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Persons {
    rows: Vec<u32>,
    /// First position of each person in `rows`, and the number of rows at the end.
    starts: Vec<u32>,
}

impl Persons {
    fn of(of_row: &[u32], persons: usize) -> Persons {
        let mut starts = vec![0u32; persons + 1];
        for person in of_row {
            starts[*person as usize + 1] += 1;
        }
        for person in 0..persons {
            starts[person + 1] += starts[person];
        }
        let mut next = starts.clone();
        let mut rows = vec![0u32; of_row.len()];
        for (row, person) in of_row.iter().enumerate() {
            let at = &mut next[*person as usize];
            rows[*at as usize] = row as u32;
            *at += 1;
        }
        Persons { rows, starts }
    }

    /// How many persons there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The persons in pieces of about so many rows, never less than one person.
    pub fn pieces(&self, rows: usize) -> Vec<&[u32]> {
        let (mut pieces, mut from) = (Vec::new(), 0);
        for end in &self.starts[1..] {
            if (end - from) as usize >= rows {
                pieces.push(&self.rows[from as usize..*end as usize]);
                from = *end;
            }
        }
        if (from as usize) < self.rows.len() {
            pieces.push(&self.rows[from as usize..]);
        }
        pieces
    }
}

/// Who a row is about, as far as telling persons apart goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Id<'a> {
    None,
    Number(i64),
    Text(&'a str),
}

/// The names and types of a table's columns; faults go to the intake.
pub(super) fn header(schema: &Schema, intake: &mut Intake<'_>) -> Header {
    let place = Place::file(intake.file);
    let names = schema.fields().iter().map(|field| field.name().as_str());
    let mut header = Header::read(names, &place, intake);
    refuse_unfit_types(schema.fields(), &mut header, intake);
    header
}

/// The columns of one batch that are read.
pub(super) struct Part {
    rows: usize,
    columns: Vec<(Column, Cells)>,
}

impl Part {
    /// Of a batch of a table with this header.
    pub fn of(batch: &RecordBatch, header: &Header) -> anyhow::Result<Part> {
        let fields = header.columns.iter().zip(batch.columns());
        let columns = fields
            .filter_map(|(column, array)| column.map(|column| (column, array)))
            .map(|(column, array)| {
                let in_fen = header.layout.seat(column).is_some_and(|seat| seat.in_fen);
                Ok((column, Cells::of(array, in_fen)?))
            })
            .collect::<anyhow::Result<_>>()?;
        Ok(Part { rows: batch.num_rows(), columns })
    }

    /// Takes a row into the intake under its line.
    pub fn take(&self, index: usize, line: usize, header: &Header, intake: &mut Intake<'_>) {
        let mut row = Row::new(line, 0, &header.layout);
        for (column, cells) in &self.columns {
            *row.cell_mut(*column) = cells.get(index);
        }
        intake.take(&row, true);
    }
}

/// Refuses, once a column, types that the column cannot take.
fn refuse_unfit_types(fields: &arrow_schema::Fields, header: &mut Header, intake: &mut Intake<'_>) {
    for (index, field) in fields.iter().enumerate() {
        let Some(column) = header.columns[index] else { continue };
        let in_fen = header.layout.seat(column).is_some_and(|seat| seat.in_fen);
        if let Some(cure) = unfit(column, in_fen, field) {
            let place = Place { column: index + 1, ..Place::file(intake.file) };
            let message = format!("{}的类型 {} 不能用", column.label(), field.data_type());
            intake.spoil(Diagnostic::error("wrong-type", place, message, cure));
            header.columns[index] = None;
            header.layout.remove(column);
        }
    }
}

/// Why a type does not fit a column; `None` when it does.
fn unfit(column: Column, in_fen: bool, field: &Field) -> Option<&'static str> {
    let kind = match field.data_type() {
        DataType::Dictionary(_, values) => values,
        kind => kind,
    };
    let text = matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null);
    if column.is_amount() && in_fen {
        let whole = kind.is_integer() || *kind == DataType::Null;
        return (!whole).then_some("以 _fen 结尾的列用整数，以分为单位");
    }
    if column.is_amount() {
        let decimal = matches!(kind, DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..));
        let cure = "金额用 decimal128(18,2) 或文本，以元为单位；整数分请把列名改为以 _fen 结尾；浮点数会丢失精度";
        return (!text && !decimal).then_some(cure);
    }
    match column {
        Column::Date | Column::Birth | Column::InsuredSince => {
            let day = matches!(kind, DataType::Date32 | DataType::Date64 | DataType::Timestamp(_, None));
            (!text && !day).then_some("日期用 date32、不带时区的 timestamp 或文本 YYYY-MM-DD")
        }
        Column::Category | Column::Mark => {
            let list = match kind {
                DataType::List(item) | DataType::LargeList(item) => {
                    matches!(item.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
                }
                _ => false,
            };
            (!text && !list).then_some("用文本（多项以 | 分隔）或文本列表")
        }
        Column::BShare => (!text).then_some("比例用带百分号的文本，如 10%"),
        _ if kind.is_floating() => Some("用文本或整数；有空缺的整数列不要让 pandas 变成浮点数：astype(\"Int64\")"),
        _ => (!text && !kind.is_integer()).then_some("用文本"),
    }
}

/// A column of a batch. Text and days stay where they are.
enum Cells {
    Text(StringArray),
    LargeText(LargeStringArray),
    TextView(StringViewArray),
    /// Texts that repeat, and which of them a row has.
    Words(Int32Array, StringArray),
    /// Whole numbers as text, as ids.
    Number(Int64Array),
    List(ListArray),
    Date(Date32Array),
    /// Units since 1970-01-01, and how many of them a day has.
    Moment(Int64Array, i64),
    /// Whole fen.
    Fen(Int64Array),
    /// Yuan, with this many decimals.
    Yuan(Decimal128Array, i8),
}

/// Casts; what does not fit is an error, not a null.
fn cast(array: &dyn Array, to: &DataType) -> anyhow::Result<ArrayRef> {
    Ok(cast_with_options(array, to, &CastOptions { safe: false, ..CastOptions::default() })?)
}

impl Cells {
    fn of(array: &ArrayRef, in_fen: bool) -> anyhow::Result<Cells> {
        if let Some(words) = array.as_any_dictionary_opt() {
            if matches!(words.values().data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) {
                let keys = cast(words.keys(), &DataType::Int32)?.as_primitive::<Int32Type>().clone();
                return Ok(Cells::Words(keys, cast(words.values(), &DataType::Utf8)?.as_string::<i32>().clone()));
            }
            return Cells::of(&cast(array, words.values().data_type())?, in_fen);
        }
        let whole = |array: &dyn Array| anyhow::Ok(cast(array, &DataType::Int64)?.as_primitive::<Int64Type>().clone());
        Ok(match array.data_type() {
            DataType::Date32 | DataType::Date64 => {
                Cells::Date(cast(array, &DataType::Date32)?.as_primitive::<Date32Type>().clone())
            }
            DataType::Timestamp(unit, _) => Cells::Moment(whole(array)?, in_a_day(*unit)),
            DataType::Decimal32(_, scale) | DataType::Decimal64(_, scale) | DataType::Decimal128(_, scale) => {
                let wide = cast(array, &DataType::Decimal128(38, *scale))?;
                Cells::Yuan(wide.as_primitive::<Decimal128Type>().clone(), *scale)
            }
            DataType::List(_) | DataType::LargeList(_) => {
                let texts = DataType::List(Field::new_list_field(DataType::Utf8, true).into());
                Cells::List(cast(array, &texts)?.as_list::<i32>().clone())
            }
            kind if kind.is_integer() && in_fen => Cells::Fen(whole(array)?),
            DataType::UInt64 => Cells::Text(cast(array, &DataType::Utf8)?.as_string::<i32>().clone()),
            kind if kind.is_integer() => Cells::Number(whole(array)?),
            DataType::LargeUtf8 => Cells::LargeText(array.as_string::<i64>().clone()),
            DataType::Utf8View => Cells::TextView(array.as_string_view().clone()),
            _ => Cells::Text(cast(array, &DataType::Utf8)?.as_string::<i32>().clone()),
        })
    }

    fn array(&self) -> &dyn Array {
        match self {
            Cells::Text(array) => array,
            Cells::LargeText(array) => array,
            Cells::TextView(array) => array,
            Cells::Words(keys, _) => keys,
            Cells::List(array) => array,
            Cells::Date(array) => array,
            Cells::Number(array) | Cells::Moment(array, _) | Cells::Fen(array) => array,
            Cells::Yuan(array, _) => array,
        }
    }

    /// The text of a row that is not null.
    fn text(&self, row: usize) -> Option<&str> {
        Some(match self {
            Cells::Text(array) => array.value(row),
            Cells::LargeText(array) => array.value(row),
            Cells::TextView(array) => array.value(row),
            Cells::Words(keys, words) => {
                let word = usize::try_from(keys.value(row)).ok()?;
                return words.is_valid(word).then(|| words.value(word));
            }
            _ => return None,
        })
    }

    fn id(&self, row: usize) -> Id<'_> {
        match self {
            _ if self.array().is_null(row) => Id::None,
            Cells::Number(array) => Id::Number(array.value(row)),
            _ => self.text(row).map_or(Id::None, |text| Id::Text(text.trim())),
        }
    }

    fn get(&self, row: usize) -> Raw<'_> {
        if self.array().is_null(row) {
            return Raw::Absent;
        }
        match self {
            Cells::Number(array) => Raw::Text(Cow::Owned(array.value(row).to_string())),
            Cells::List(array) => {
                let texts = array.value(row);
                let texts = texts.as_string::<i32>();
                Raw::List(texts.iter().flatten().map(|text| Cow::Owned(text.to_owned())).collect())
            }
            Cells::Date(array) => day(i64::from(array.value(row))),
            Cells::Moment(array, in_a_day) => {
                let moment = array.value(row);
                if moment % in_a_day == 0 {
                    return day(moment / in_a_day);
                }
                Raw::Unfit("带时刻的日期".to_owned(), "日期不带时刻：在 pandas 中用 .dt.normalize() 去掉")
            }
            Cells::Fen(array) => Raw::Fen(array.value(row)),
            Cells::Yuan(array, scale) => fen_of(array.value(row), *scale),
            _ => self.text(row).map_or(Raw::Absent, Raw::text),
        }
    }
}

fn in_a_day(unit: TimeUnit) -> i64 {
    86_400
        * match unit {
            TimeUnit::Second => 1,
            TimeUnit::Millisecond => 1_000,
            TimeUnit::Microsecond => 1_000_000,
            TimeUnit::Nanosecond => 1_000_000_000,
        }
}

fn day(since_1970: i64) -> Raw<'static> {
    let days = jiff::Span::new().try_days(since_1970);
    let day = days.and_then(|days| Date::constant(1970, 1, 1).checked_add(days));
    day.map_or_else(|_| Raw::Unfit("日期".to_owned(), "核对日期"), Raw::Date)
}

/// A decimal number of yuan as fen, or refused when it is finer than a fen.
fn fen_of(value: i128, scale: i8) -> Raw<'static> {
    const TOO_FINE: &str = "金额最多两位小数（到分）";
    const TOO_LARGE: &str = "核对金额和单位（元）";
    let power = 10_i128.checked_pow(u32::from(scale.abs_diff(2)));
    let fen = match power {
        Some(power) if scale <= 2 => value.checked_mul(power),
        Some(power) if value % power == 0 => Some(value / power),
        _ => return Raw::Unfit(format!("{scale} 位小数的 {value}"), TOO_FINE),
    };
    match fen.and_then(|fen| i64::try_from(fen).ok()) {
        Some(fen) => Raw::Fen(fen),
        None => Raw::Unfit(format!("过大的数 {value}"), TOO_LARGE),
    }
}
