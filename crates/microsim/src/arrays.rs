//! Columns of Arrow, each brought to one of a few types; one that would lose something is refused.

use std::cmp::Ordering;
use std::ops::Range;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Date32Type, Int16Type, Int64Type};
use arrow_array::{Array, ArrayRef, Date32Array, Int16Array, Int64Array, StringArray};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::DataType;
use domain::Date;
use jiff::ToSpan as _;

use crate::Refused;

/// A number or a text that tells bills or persons apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Id<'a> {
    /// A number.
    Number(i64),
    /// A text.
    Text(&'a str),
}

impl std::fmt::Display for Id<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Id::Number(number) => write!(f, "{number}"),
            Id::Text(text) => f.write_str(text),
        }
    }
}

/// A column of ids.
#[derive(Debug)]
pub enum Ids {
    Numbers(Int64Array),
    Texts(StringArray),
}

impl Ids {
    #[inline]
    pub fn of(&self, row: usize) -> Id<'_> {
        match self {
            Ids::Numbers(numbers) => Id::Number(numbers.value(row)),
            Ids::Texts(texts) => Id::Text(texts.value(row)),
        }
    }

    pub fn text(&self, row: usize) -> String {
        self.of(row).to_string()
    }

    /// Whether any row has none.
    pub fn any_null(&self) -> bool {
        match self {
            Ids::Numbers(numbers) => numbers.null_count() > 0,
            Ids::Texts(texts) => (0..texts.len()).any(|row| self.is_null(row)),
        }
    }

    /// Those of some rows that have one.
    pub fn filled(&self, rows: Range<usize>) -> Vec<usize> {
        let nulls = match self {
            Ids::Numbers(numbers) => numbers.nulls(),
            Ids::Texts(texts) => texts.nulls(),
        };
        // An empty text is none either.
        let filled = |rows: &mut dyn Iterator<Item = usize>| rows.filter(|row| !self.is_null(*row)).collect();
        match nulls {
            None => filled(&mut rows.clone()),
            Some(nulls) => {
                let of_rows = nulls.slice(rows.start, rows.len());
                filled(&mut of_rows.valid_indices().map(|at| rows.start + at))
            }
        }
    }

    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        match self {
            Ids::Numbers(numbers) => numbers.is_null(row),
            Ids::Texts(texts) => texts.is_null(row) || texts.value(row).is_empty(),
        }
    }

    #[inline]
    pub fn compare(&self, one: usize, other: usize) -> Ordering {
        match self {
            Ids::Numbers(numbers) => numbers.value(one).cmp(&numbers.value(other)),
            Ids::Texts(texts) => texts.value(one).cmp(texts.value(other)),
        }
    }
}

/// A column of words: where each row's stands among them.
#[derive(Debug)]
pub struct Words {
    pub keys: Int16Array,
    pub texts: StringArray,
}

impl Words {
    /// The word of a row, without spaces around it; nothing where there is none.
    pub fn of(&self, row: usize) -> Option<&str> {
        self.place(row).map(|place| self.texts.value(place).trim()).filter(|text| !text.is_empty())
    }

    /// The place of a row's word among the words.
    pub fn place(&self, row: usize) -> Option<usize> {
        (!self.keys.is_null(row)).then(|| self.keys.value(row) as usize)
    }
}

/// A day of Arrow; the last there is, if it is too late for any calendar.
pub fn day_of(number: i32) -> Date {
    Date::constant(1970, 1, 1).saturating_add(i64::from(number).days())
}

/// Days since 1970-01-01.
pub fn number_of(day: Date) -> i32 {
    let since = day.since((jiff::Unit::Day, Date::constant(1970, 1, 1)));
    since.map_or(0, |since| since.get_days())
}

/// The day of a row, as days since 1970-01-01; nothing where there is none.
#[inline]
pub fn day(days: &Date32Array, row: usize) -> Option<i32> {
    (!days.is_null(row)).then(|| days.value(row))
}

/// Casts; what does not fit is an error, not a null.
fn cast(name: &str, array: &ArrayRef, to: &DataType, cure: &'static str) -> Result<ArrayRef, Refused> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(array, to, &options).map_err(|error| unfit(name, array, &error.to_string(), cure))
}

fn unfit(name: &str, array: &ArrayRef, why: &str, cure: &'static str) -> Refused {
    let why = if why.is_empty() { String::new() } else { format!("：{why}") };
    Refused::new(format!("{name} 列的类型 {} 不能用{why} (wrong type)", array.data_type()), cure)
}

/// The type of what a column holds, also where it is by dictionary.
fn held(array: &ArrayRef) -> &DataType {
    match array.data_type() {
        DataType::Dictionary(_, values) => values,
        held => held,
    }
}

fn is_text(kind: &DataType) -> bool {
    matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null)
}

pub fn ids_of(name: &str, array: &ArrayRef) -> Result<Ids, Refused> {
    const CURE: &str = "编号用 int64 或文本";
    match held(array) {
        kind if kind.is_integer() => {
            Ok(Ids::Numbers(cast(name, array, &DataType::Int64, CURE)?.as_primitive::<Int64Type>().clone()))
        }
        kind if is_text(kind) => Ok(Ids::Texts(cast(name, array, &DataType::Utf8, CURE)?.as_string::<i32>().clone())),
        _ => Err(unfit(name, array, "", CURE)),
    }
}

pub fn days_of(name: &str, array: &ArrayRef) -> Result<Date32Array, Refused> {
    const CURE: &str = "日期用 date32 或文本 YYYY-MM-DD";
    match held(array) {
        kind if is_text(kind) || kind.is_temporal() => {
            Ok(cast(name, array, &DataType::Date32, CURE)?.as_primitive::<Date32Type>().clone())
        }
        _ => Err(unfit(name, array, "", CURE)),
    }
}

const FEN: &str = "以 _fen 结尾的列用整数，以分为单位";

pub fn fen_of(name: &str, array: &ArrayRef) -> Result<Int64Array, Refused> {
    if !held(array).is_integer() {
        return Err(unfit(name, array, "", FEN));
    }
    Ok(cast(name, array, &DataType::Int64, FEN)?.as_primitive::<Int64Type>().clone())
}

pub fn words_of(name: &str, array: &ArrayRef) -> Result<Words, Refused> {
    const CURE: &str = "用文本";
    let integers = held(array).is_integer();
    if !is_text(held(array)) && !integers {
        return Err(unfit(name, array, "", CURE));
    }
    let texts = if integers { &cast(name, array, &DataType::Utf8, CURE)? } else { array };
    let by_dictionary = DataType::Dictionary(Box::new(DataType::Int16), Box::new(DataType::Utf8));
    let words = cast(name, texts, &by_dictionary, CURE)?;
    let words = words.as_dictionary::<Int16Type>();
    Ok(Words { keys: words.keys().clone(), texts: words.values().as_string::<i32>().clone() })
}
