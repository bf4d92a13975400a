//! The columns of a record batch of bills, each brought to one Arrow type.

use std::cmp::Ordering;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Date32Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, Date32Array, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::DataType;
use domain::{ClassAmounts, Date, Fen, Rate};
use jiff::ToSpan as _;

use super::Fault;
use crate::Refused;

/// Names of the columns of words, in the order of [`Columns::words`].
pub const WORDS: [&str; 10] =
    ["care", "level", "scheme", "tier", "group", "category", "filing", "disease", "mark", "b_share"];
/// How many of them must be there and filled: care and level.
const NEEDED_WORDS: usize = 2;
/// Names of the columns of amounts; what is not there is nothing.
const AMOUNTS: [&str; 4] = ["a_fen", "b_fen", "c_fen", "over_limit_fen"];
/// The other columns.
const OTHERS: [&str; 6] = ["bill", "person", "date", "birth", "insured_since", "from_bill"];

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
    pub fn of(&self, row: usize) -> Id<'_> {
        match self {
            Ids::Numbers(numbers) => Id::Number(numbers.value(row)),
            Ids::Texts(texts) => Id::Text(texts.value(row)),
        }
    }

    pub fn text(&self, row: usize) -> String {
        self.of(row).to_string()
    }

    fn is_null(&self, row: usize) -> bool {
        match self {
            Ids::Numbers(numbers) => numbers.is_null(row),
            Ids::Texts(texts) => texts.is_null(row) || texts.value(row).is_empty(),
        }
    }

    fn compare(&self, one: usize, other: usize) -> Ordering {
        match self {
            Ids::Numbers(numbers) => numbers.value(one).cmp(&numbers.value(other)),
            Ids::Texts(texts) => texts.value(one).cmp(texts.value(other)),
        }
    }
}

/// A column of words: where each row's stands among them.
#[derive(Debug)]
pub struct Words {
    pub keys: Int32Array,
    pub texts: StringArray,
}

/// The columns.
#[derive(Debug)]
pub struct Columns {
    pub bill: Ids,
    pub person: Ids,
    from_bill: Option<Ids>,
    date: Date32Array,
    birth: Option<Date32Array>,
    insured_since: Option<Date32Array>,
    pub words: [Option<Words>; WORDS.len()],
    amounts: [Option<Int64Array>; AMOUNTS.len()],
}

const FEN: &str = "以 _fen 结尾的列用整数，以分为单位";

impl Columns {
    pub fn of(batch: &RecordBatch) -> Result<Columns, Refused> {
        known(batch)?;
        let needed = |name: &'static str| {
            batch.column_by_name(name).ok_or_else(|| {
                Refused::new(format!("没有 {name} 列 (missing column)"), "须有的列：bill、person、date、care、level")
            })
        };
        let mut words: [Option<Words>; WORDS.len()] = Default::default();
        for (at, name) in WORDS.into_iter().enumerate() {
            if at < NEEDED_WORDS {
                needed(name)?;
            }
            words[at] = batch.column_by_name(name).map(|array| words_of(name, array)).transpose()?;
        }
        let mut amounts: [Option<Int64Array>; AMOUNTS.len()] = Default::default();
        for (amounts, name) in amounts.iter_mut().zip(AMOUNTS) {
            *amounts = batch.column_by_name(name).map(|array| fen_of(name, array)).transpose()?;
        }
        let days = |name| batch.column_by_name(name).map(|array| days_of(name, array)).transpose();
        Ok(Columns {
            bill: ids_of("bill", needed("bill")?)?,
            person: ids_of("person", needed("person")?)?,
            from_bill: batch.column_by_name("from_bill").map(|array| ids_of("from_bill", array)).transpose()?,
            date: days_of("date", needed("date")?)?,
            birth: days("birth")?,
            insured_since: days("insured_since")?,
            words,
            amounts,
        })
    }

    /// What is wrong with a row, as far as its kind is not concerned; `before` is the row before it that was good.
    pub fn fault(&self, row: usize, before: Option<usize>) -> Option<Fault> {
        let fault = |column, what: &str, cure| Some(Fault { row, column, what: what.to_owned(), cure });
        const FILL: &str = "补上这一格";
        if self.bill.is_null(row) {
            return fault("bill", "没有票据号", FILL);
        }
        if self.person.is_null(row) {
            return fault("person", "没有人员编号", FILL);
        }
        if self.date.is_null(row) {
            return fault("date", "没有日期", FILL);
        }
        for (words, name) in self.words.iter().zip(WORDS).take(NEEDED_WORDS) {
            if words.as_ref().is_some_and(|words| words.keys.is_null(row)) {
                return fault(name, "空着", FILL);
            }
        }
        let mut sum = 0i64;
        for (amounts, name) in self.amounts.iter().zip(AMOUNTS) {
            let Some(amounts) = amounts else { continue };
            if amounts.is_null(row) {
                return fault(name, "没有金额", "没有这类费用写 0");
            }
            let fen = amounts.value(row);
            if fen < 0 {
                return fault(name, &format!("金额 {fen} 分为负"), "核对金额；冲销的票据不进入测算");
            }
            sum = sum.saturating_add(fen);
        }
        if Fen(sum) > Fen::BILL_LIMIT {
            return fault(AMOUNTS[0], &format!("一张票据合计 {}，超过一亿元", Fen(sum)), "核对金额和单位（分）");
        }
        let date = self.date.value(row);
        if self.birth(row).is_some_and(|birth| birth > date) {
            return fault("birth", "出生晚于票据日期", "核对两个日期");
        }
        if self.insured_since(row).is_some_and(|since| since > date) {
            return fault("insured_since", "连续参保起始晚于票据日期", "核对两个日期");
        }
        let order = before.map(|before| (self.person.compare(before, row), date < self.date.value(before)));
        match order {
            Some((Ordering::Greater, _)) => fault("person", "人员没有按升序排列", "按 person、date 排序后再读"),
            Some((Ordering::Equal, true)) => fault("date", "同一人的票据没有按日期排列", "按 person、date 排序后再读"),
            _ => None,
        }
    }

    pub fn same_person(&self, one: usize, other: usize) -> bool {
        self.person.compare(one, other) == Ordering::Equal
    }

    /// Days since 1970-01-01.
    pub fn day(&self, row: usize) -> i32 {
        self.date.value(row)
    }

    pub fn date(&self, row: usize) -> Date {
        day_of(self.day(row))
    }

    pub fn birth(&self, row: usize) -> Option<i32> {
        value(self.birth.as_ref()?, row)
    }

    pub fn insured_since(&self, row: usize) -> Option<i32> {
        value(self.insured_since.as_ref()?, row)
    }

    pub fn from_bill(&self, row: usize) -> Option<String> {
        self.from_bill.as_ref().filter(|from| !from.is_null(row)).map(|from| from.text(row))
    }

    pub fn continues(&self, row: usize) -> bool {
        self.from_bill.as_ref().is_some_and(|from| !from.is_null(row))
    }

    pub fn amounts(&self, row: usize, b_share: Option<Rate>) -> ClassAmounts {
        let fen = |at: usize| Fen(self.amounts[at].as_ref().map_or(0, |amounts| amounts.value(row)));
        ClassAmounts { a: fen(0), b: fen(1), b_share, b_self_pay: None, c: fen(2), over_limit: fen(3) }
    }
}

fn value(days: &Date32Array, row: usize) -> Option<i32> {
    (!days.is_null(row)).then(|| days.value(row))
}

/// A day of Arrow; the last there is, if it is too late for any calendar.
pub fn day_of(number: i32) -> Date {
    Date::constant(1970, 1, 1).saturating_add(i64::from(number).days())
}

/// Refuses what no column of bills is called.
fn known(batch: &RecordBatch) -> Result<(), Refused> {
    let known = || OTHERS.into_iter().chain(WORDS).chain(AMOUNTS);
    let schema = batch.schema();
    let unknown = schema
        .fields()
        .iter()
        .map(|field| field.name())
        .find(|name| !name.starts_with('#') && known().all(|known| known != name.as_str()));
    let Some(unknown) = unknown else { return Ok(()) };
    let names: Vec<&str> = known().collect();
    let cure = format!("可用的列：{}；其他列的名字前加 #", names.join("、"));
    Err(Refused::new(format!("不认识的列 {unknown} (unknown column)"), cure))
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

fn ids_of(name: &str, array: &ArrayRef) -> Result<Ids, Refused> {
    const CURE: &str = "编号用 int64 或文本";
    match held(array) {
        kind if kind.is_integer() => {
            Ok(Ids::Numbers(cast(name, array, &DataType::Int64, CURE)?.as_primitive::<Int64Type>().clone()))
        }
        kind if is_text(kind) => Ok(Ids::Texts(cast(name, array, &DataType::Utf8, CURE)?.as_string::<i32>().clone())),
        _ => Err(unfit(name, array, "", CURE)),
    }
}

fn days_of(name: &str, array: &ArrayRef) -> Result<Date32Array, Refused> {
    const CURE: &str = "日期用 date32 或文本 YYYY-MM-DD";
    match held(array) {
        kind if is_text(kind) || kind.is_temporal() => {
            Ok(cast(name, array, &DataType::Date32, CURE)?.as_primitive::<Date32Type>().clone())
        }
        _ => Err(unfit(name, array, "", CURE)),
    }
}

fn fen_of(name: &str, array: &ArrayRef) -> Result<Int64Array, Refused> {
    if !held(array).is_integer() {
        return Err(unfit(name, array, "", FEN));
    }
    Ok(cast(name, array, &DataType::Int64, FEN)?.as_primitive::<Int64Type>().clone())
}

fn words_of(name: &str, array: &ArrayRef) -> Result<Words, Refused> {
    const CURE: &str = "用文本";
    let integers = held(array).is_integer();
    if !is_text(held(array)) && !integers {
        return Err(unfit(name, array, "", CURE));
    }
    let texts = if integers { &cast(name, array, &DataType::Utf8, CURE)? } else { array };
    let by_dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let words = cast(name, texts, &by_dictionary, CURE)?;
    let words = words.as_dictionary::<Int32Type>();
    Ok(Words { keys: words.keys().clone(), texts: words.values().as_string::<i32>().clone() })
}
