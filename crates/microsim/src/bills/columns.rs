//! The columns of a record batch of bills, each brought to one Arrow type.

use std::cmp::Ordering;
use std::ops::{Range, RangeInclusive};

use arrow_array::{Array as _, Date32Array, Int64Array, RecordBatch};
use arrow_buffer::NullBuffer;
use domain::{ClassAmounts, Date, Fen, Rate};
use settlement::Classes;

use super::Fault;
use crate::Refused;
use crate::arrays::{Ids, Words, day, day_of, days_of, fen_of, ids_of, words_of};

/// Names of the columns of words, in the order of [`Columns::words`].
pub const WORDS: [&str; 10] =
    ["care", "level", "scheme", "tier", "group", "category", "filing", "disease", "mark", "b_share"];
/// How many of them must be there and filled: care and level.
const NEEDED_WORDS: usize = 2;
/// Names of the columns of amounts; what is not there is nothing.
const AMOUNTS: [&str; 4] = ["a_fen", "b_fen", "c_fen", "over_limit_fen"];
/// The other columns.
const OTHERS: [&str; 6] = ["bill", "person", "date", "birth", "insured_since", "from_bill"];

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
    pub amounts: Amounts,
}

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
        let nothing = || Ok(Int64Array::from(vec![0; batch.num_rows()]));
        let fen = |name| batch.column_by_name(name).map_or_else(nothing, |array| fen_of(name, array));
        let [a, b, c, over_limit] = AMOUNTS.map(fen);
        let days = |name| batch.column_by_name(name).map(|array| days_of(name, array)).transpose();
        Ok(Columns {
            bill: ids_of("bill", needed("bill")?)?,
            person: ids_of("person", needed("person")?)?,
            from_bill: batch.column_by_name("from_bill").map(|array| ids_of("from_bill", array)).transpose()?,
            date: days_of("date", needed("date")?)?,
            birth: days("birth")?,
            insured_since: days("insured_since")?,
            words,
            amounts: Amounts([a?, b?, c?, over_limit?]),
        })
    }

    /// What is wrong with a row by itself, as far as its kind is not concerned.
    pub fn fault(&self, row: usize) -> Option<Fault> {
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
        for (amounts, name) in self.amounts.0.iter().zip(AMOUNTS) {
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
        None
    }

    /// Which of two rows comes first: by person, a person's by their days.
    pub fn order(&self, one: usize, other: usize) -> Ordering {
        self.person.compare(one, other).then_with(|| self.day(one).cmp(&self.day(other)))
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.date.len()
    }

    /// Whether all rows are in order and none has a fault: what [`Columns::fault`] finds row by row, found column by column.
    pub fn sound(&self) -> bool {
        let filled = !self.bill.any_null() && !self.person.any_null() && self.date.null_count() == 0;
        let needed = self.words.iter().take(NEEDED_WORDS).flatten();
        if !filled || needed.into_iter().any(|words| words.keys.null_count() > 0) {
            return false;
        }
        // Whether any is negative, or so large that four of them might be too much: by the bits of all, many of which are
        // looked at at a time.
        let bits = |amounts: &[i64]| amounts.iter().fold(0, |bits, fen| bits | *fen as u64);
        let most = 1 << (Fen::BILL_LIMIT.0 as u64 / AMOUNTS.len() as u64).ilog2();
        let mut small = self.amounts.0.iter().map(|amounts| amounts.null_count() == 0 && bits(amounts.values()) < most);
        let dates = self.date.values();
        let begins = [&self.birth, &self.insured_since];
        let mut early = begins.into_iter().flatten().map(|days| {
            let pairs = days.values().iter().zip(dates);
            match days.null_count() {
                0 => pairs.fold(true, |early, (day, date)| early & (day <= date)),
                _ => pairs.enumerate().all(|(row, (day, date))| day <= date || days.is_null(row)),
            }
        });
        small.all(|small| small) && early.all(|early| early) && self.in_order()
    }

    fn in_order(&self) -> bool {
        let dates = self.date.values();
        match &self.person {
            Ids::Numbers(persons) => {
                let pairs = persons.values().windows(2).zip(dates.windows(2));
                pairs.fold(true, |rising, (person, date)| {
                    rising & ((person[0] < person[1]) | (person[0] == person[1]) & (date[0] <= date[1]))
                })
            }
            texts @ Ids::Texts(_) => (1..dates.len()).all(|row| match texts.compare(row - 1, row) {
                Ordering::Less => true,
                Ordering::Equal => dates[row - 1] <= dates[row],
                Ordering::Greater => false,
            }),
        }
    }

    #[inline]
    pub fn same_person(&self, one: usize, other: usize) -> bool {
        self.person.compare(one, other) == Ordering::Equal
    }

    /// Days since 1970-01-01.
    #[inline]
    pub fn day(&self, row: usize) -> i32 {
        self.date.value(row)
    }

    /// Of some rows.
    pub fn days(&self, rows: Range<usize>) -> &[i32] {
        &self.date.values()[rows]
    }

    /// Whether all rows have one of some days.
    pub fn days_are_within(&self, within: &RangeInclusive<i32>) -> bool {
        self.date.values().iter().fold(true, |all, day| all & (within.start() <= day) & (day <= within.end()))
    }

    /// The births of some rows, with those that have none; nothing where there is no such column.
    pub fn births(&self, rows: Range<usize>) -> Option<(&[i32], Option<NullBuffer>)> {
        let birth = self.birth.as_ref()?;
        let nulls = birth.nulls().filter(|nulls| nulls.null_count() > 0);
        Some((&birth.values()[rows.clone()], nulls.map(|nulls| nulls.slice(rows.start, rows.len()))))
    }

    pub fn date(&self, row: usize) -> Date {
        day_of(self.day(row))
    }

    #[inline]
    pub fn birth(&self, row: usize) -> Option<i32> {
        day(self.birth.as_ref()?, row)
    }

    pub fn insured_since(&self, row: usize) -> Option<i32> {
        day(self.insured_since.as_ref()?, row)
    }

    pub fn continued(&self, row: usize) -> Option<String> {
        self.from_bill.as_ref().filter(|from| !from.is_null(row)).map(|from| from.text(row))
    }

    /// The rows among some that continue another bill.
    pub fn continued_of(&self, rows: Range<usize>) -> Vec<usize> {
        self.from_bill.as_ref().map_or_else(Vec::new, |from| from.filled(rows))
    }

    /// Class B of some rows, fen.
    pub fn class_b(&self, rows: Range<usize>) -> &[i64] {
        &self.amounts.0[1].values()[rows]
    }

    /// The first row of each person, and the number of rows.
    pub fn persons(&self) -> Vec<u32> {
        let rows = self.rows();
        let mut persons = vec![0; rows + 1];
        let mut known = usize::from(rows > 0);
        // Where the next one begins is written down at each row, and stands if it does: without a jump, which none could foretell.
        for row in 1..rows {
            persons[known] = row as u32;
            known += usize::from(!self.same_person(row - 1, row));
        }
        persons[known] = rows as u32;
        persons.truncate(known + 1);
        persons
    }

    /// The amounts of a row.
    #[inline]
    pub fn amounts(&self, row: usize, b_share: Option<Rate>) -> ClassAmounts {
        let fen = |at: usize| Fen(self.amounts.0[at].value(row));
        ClassAmounts { a: fen(0), b: fen(1), b_share, b_self_pay: None, c: fen(2), over_limit: fen(3) }
    }
}

/// What bills cost, fen, in the order of their names; what there is no column of is nothing.
#[derive(Clone, Debug)]
pub struct Amounts([Int64Array; AMOUNTS.len()]);

impl Amounts {
    /// Those of some rows.
    pub fn of_rows(&self, rows: &[u32]) -> Amounts {
        let some = |all: &Int64Array| rows.iter().map(|row| all.value(*row as usize)).collect();
        Amounts(self.0.each_ref().map(some))
    }
}

impl settlement::Amounts for Amounts {
    fn of(&self, bills: Range<usize>) -> impl Iterator<Item = Classes> {
        let [a, b, c, over_limit] = self.0.each_ref().map(|fen| &fen.values()[bills.clone()]);
        let bills = a.iter().zip(b).zip(c).zip(over_limit);
        bills.map(|(((a, b), c), over_limit)| Classes::whole(*a, *b, *c, *over_limit))
    }
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
