//! Kinds of bills by number. A bill's words, day and age are small numbers, together its key: only a key that is new is looked at
//! as a bill.

use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};

use domain::{
    Bill, Care, Categories, Category, ClassAmounts, Date, Fen, Filing, Group, Level, Mark, Marks, Part, Person, Rate,
    Scheme, Vocabulary,
};
use fearless_simd::{Simd, dispatch};
use foldhash::fast::FixedState;
use settlement::{Alike, KindId};

use super::Fault;
use super::columns::{Columns, WORDS};
use super::keys::{BLOCK, Layout};
use super::times::Times;
use crate::Refused;
use crate::arrays::{Words, day_of};

/// In place of the number of a kind: such a bill cannot be read.
const UNREADABLE: KindId = KindId::MAX;

/// The kinds met so far.
#[derive(Debug)]
pub struct Kinds {
    alike: Alike,
    times: Times,
    /// Numbers of words by column, from 1.
    words: [HashMap<String, u16>; WORDS.len()],
    known: HashMap<Key, KindId, FixedState>,
    bills: Vec<Bill>,
    /// Why keys cannot be read: column, what is wrong, what to do.
    unreadable: HashMap<Key, (&'static str, String, &'static str)>,
    /// What the processor has.
    level: fearless_simd::Level,
}

/// What a kind is told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Numbers of words by column; 0 where there is none.
    words: [u16; WORDS.len()],
    /// Nothing for a day that is not among those that are read.
    day: Option<u16>,
    age: Option<u16>,
    has_class_b: bool,
    continues: bool,
}

/// The numbers of the words of a batch's columns, by their place in each.
pub type Numbers = [Vec<u16>; WORDS.len()];

impl Kinds {
    pub fn new(alike: Alike, first: Date, last: Date) -> Kinds {
        Kinds {
            times: Times::of(&alike, (first, last)),
            alike,
            words: Default::default(),
            known: HashMap::default(),
            bills: Vec::new(),
            unreadable: HashMap::new(),
            level: fearless_simd::Level::new(),
        }
    }

    pub fn bills(&self) -> &[Bill] {
        &self.bills
    }

    /// The words of a batch's columns by number.
    pub fn numbers(&mut self, columns: &Columns) -> Result<Numbers, Refused> {
        let mut numbers = Numbers::default();
        for (at, words) in columns.words.iter().enumerate() {
            numbers[at] = words.as_ref().map_or(Ok(Vec::new()), |words| self.number(at, words))?;
        }
        Ok(numbers)
    }

    /// The key of a row; `within` are the days that are read.
    pub fn key(&self, row: usize, columns: &Columns, numbers: &Numbers, within: &RangeInclusive<i32>) -> Key {
        let word = |at: usize| {
            let words: &Words = columns.words[at].as_ref()?;
            words.place(row).map(|place| numbers[at][place])
        };
        let day = columns.day(row);
        let told = within.contains(&day) && self.times.hold(&(day..=day));
        Key {
            words: std::array::from_fn(|at| word(at).unwrap_or(0)),
            day: told.then(|| self.times.day(day)),
            age: columns.birth(row).filter(|_| told).map(|birth| self.times.age(day, birth)),
            has_class_b: columns.amounts(row, None).b > Fen::ZERO,
            continues: !columns.continued_of(row..row + 1).is_empty(),
        }
    }

    /// The kinds of a batch, row by row; nothing where some row is of none, or words are too many for short keys.
    pub fn of_all(
        &mut self,
        columns: &Columns,
        numbers: &Numbers,
        within: &RangeInclusive<i32>,
    ) -> Option<Vec<KindId>> {
        if !columns.days_are_within(within) || !self.times.hold(within) {
            return None;
        }
        let layout = Layout::of(columns, &self.times)?;
        let mut met: HashMap<u64, KindId, FixedState> = HashMap::default();
        let mut kinds = Vec::with_capacity(columns.rows());
        let level = self.level;
        for rows in blocks(columns) {
            let keys = dispatch!(level, simd => short_keys(simd, &layout, rows.clone(), &self.times));
            for (row, key) in rows.zip(keys) {
                kinds.push(match met.get(&key) {
                    Some(kind) => *kind,
                    None => {
                        let kind = self.of(row, self.key(row, columns, numbers, within), columns).ok()?;
                        met.insert(key, kind);
                        kind
                    }
                });
            }
        }
        Some(kinds)
    }

    /// The numbers of the words of a column, by their place in it.
    fn number(&mut self, at: usize, words: &Words) -> Result<Vec<u16>, Refused> {
        let known = &mut self.words[at];
        let number = |text: Option<&str>| {
            let text = text.unwrap_or_default().trim();
            if text.is_empty() {
                return Ok(0);
            }
            if let Some(number) = known.get(text) {
                return Ok(*number);
            }
            let next = u16::try_from(known.len() + 1).map_err(|_| {
                let what = format!("{} 列的词超过 {} 种 (too many words)", WORDS[at], u16::MAX);
                Refused::new(what, "核对这一列；不参与结算的列名字前加 #")
            })?;
            known.insert(text.to_owned(), next);
            Ok(next)
        };
        words.texts.iter().map(number).collect()
    }

    /// The kind of a row with a key.
    #[inline]
    pub fn of(&mut self, row: usize, key: Key, columns: &Columns) -> Result<KindId, Fault> {
        match self.known.get(&key) {
            Some(kind) if *kind != UNREADABLE => Ok(*kind),
            Some(_) => Err(self.unreadable(row, key)),
            None => self.add(row, key, columns),
        }
    }

    fn unreadable(&self, row: usize, key: Key) -> Fault {
        let (column, what, cure) = self.unreadable.get(&key).cloned().unwrap_or_default();
        Fault { row, column, what, cure }
    }

    fn add(&mut self, row: usize, key: Key, columns: &Columns) -> Result<KindId, Fault> {
        if key.day.is_none() {
            let what = format!("{} 不在所算的年度", columns.date(row));
            return Err(Fault { row, column: "date", what, cure: "每个年度的票据放在各自的文件里" });
        }
        match bill(row, columns) {
            Ok(bill) => {
                let kind = self.bills.len() as KindId;
                self.bills.push(self.alike.kind(&bill));
                self.known.insert(key, kind);
                Ok(kind)
            }
            Err(why) => {
                self.known.insert(key, UNREADABLE);
                self.unreadable.insert(key, why);
                Err(self.unreadable(row, key))
            }
        }
    }
}

#[inline(always)]
fn short_keys<S: Simd>(_: S, layout: &Layout<'_>, rows: Range<usize>, times: &Times) -> [u64; BLOCK] {
    layout.keys(rows, times)
}

/// The rows of a batch, some at a time.
fn blocks(columns: &Columns) -> impl Iterator<Item = Range<usize>> + use<> {
    let rows = columns.rows();
    (0..rows).step_by(BLOCK).map(move |first| first..rows.min(first + BLOCK))
}

type Unread = (&'static str, String, &'static str);

/// The bill of a row, but for its ids.
fn bill(row: usize, columns: &Columns) -> Result<Bill, Unread> {
    let text = |at: usize| columns.words[at].as_ref()?.of(row);
    let [care, level, scheme, tier, group, category, filing, disease, mark, b_share] = std::array::from_fn(text);
    let b_share = b_share
        .map(|share| Rate::parse_percent(share).map_err(|error| ("b_share", format!("{share}：{error}"), "写作 10%")));
    let mut amounts: ClassAmounts = columns.amounts(row, b_share.transpose()?);
    amounts.b_self_pay = None;
    Ok(Bill {
        id: String::new(),
        person_id: String::new(),
        region: None,
        person: Person {
            scheme: word("scheme", scheme)?.unwrap_or(Scheme::Resident),
            tier: tier.map(str::to_owned),
            group: word("group", group)?.unwrap_or(Group::Adult),
            categories: words::<Category>("category", category)?.into_iter().collect::<Categories>(),
            born: columns.birth(row).map(day_of),
            insured_since: None,
        },
        date: columns.date(row),
        care: word::<Care>("care", care)?.ok_or(("care", "空着".to_owned(), "补上这一格"))?,
        level: word::<Level>("level", level)?.ok_or(("level", "空着".to_owned(), "补上这一格"))?,
        filing: word("filing", filing)?.unwrap_or(Filing::Local),
        disease: disease.map(str::to_owned),
        marks: words::<Mark>("mark", mark)?.into_iter().collect::<Marks>(),
        amounts,
        from_bill: columns.continued(row),
        part: Part::Whole,
        reverses: None,
        burden_only: false,
    })
}

fn word<T: Vocabulary>(column: &'static str, text: Option<&str>) -> Result<Option<T>, Unread> {
    let Some(text) = text else { return Ok(None) };
    let found = T::all().iter().copied().find(|word| word.word() == text || word.chinese() == text);
    found.map(Some).ok_or_else(|| {
        let words: Vec<&str> = T::all().iter().map(|word| word.word()).collect();
        (column, format!("不认识 {text}；可用：{}", words.join("、")), "改成其中一个，或它的中文名")
    })
}

fn words<T: Vocabulary>(column: &'static str, texts: Option<&str>) -> Result<Vec<T>, Unread> {
    let texts = texts.unwrap_or_default().split('|').map(str::trim).filter(|text| !text.is_empty());
    texts.filter_map(|text| word(column, Some(text)).transpose()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::types::Int16Type;
    use arrow_array::{ArrayRef, Date32Array, DictionaryArray, Int64Array, RecordBatch, StringArray};
    use settlement::Options;

    use super::*;
    use crate::arrays::number_of;

    const ROWS: usize = 3 * BLOCK + 77;

    /// The nth of some words, row by row, of which some are missing.
    fn words(every: usize, words: &[&'static str], some: bool) -> ArrayRef {
        let word = |row: usize| Some(words[row / every % words.len()]).filter(|_| !some || row % 7 != 3);
        let words: DictionaryArray<Int16Type> = (0..ROWS).map(word).collect();
        Arc::new(words)
    }

    #[test]
    fn kinds_by_short_keys_are_those_by_whole_ones() {
        let (first, last) = (Date::constant(2023, 1, 1), Date::constant(2023, 12, 31));
        let engine =
            testkit::policies::engine(&testkit::policies::shipped(), "tianjin", first, last, Options::default());
        let alike = Alike::under([&engine]);
        let within = number_of(first)..=number_of(last);
        let day = |row: usize| within.start() + (row * 11 % 365) as i32;
        // Some have their birthdays about the day of the bill.
        let birth = |row: usize| Some(day(row) - (row % 97 * 365 + row % 97 / 4) as i32 - 1).filter(|_| row % 5 != 2);
        let from = |row: usize| ["", "7"][row % 2];
        let fen = |every: usize| Arc::new(Int64Array::from_iter_values((0..ROWS).map(|row| (row % every) as i64)));
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("bill", Arc::new(Int64Array::from_iter_values(0..ROWS as i64))),
            ("person", Arc::new(Int64Array::from_iter_values(0..ROWS as i64))),
            ("date", Arc::new(Date32Array::from_iter_values((0..ROWS).map(day)))),
            ("birth", Arc::new(Date32Array::from_iter((0..ROWS).map(birth)))),
            ("care", words(1, &["outpatient", "inpatient"], false)),
            ("level", words(2, &["primary", "2", "3p"], false)),
            ("tier", words(5, &["", "high", "low"], true)),
            ("category", words(3, &["low-income", "edge|disabled-soldier"], true)),
            ("from_bill", Arc::new(StringArray::from_iter((0..ROWS).map(|row| (row % 11 == 0).then(|| from(row)))))),
            ("a_fen", fen(9)),
            ("b_fen", fen(13)),
        ];
        let columns = Columns::of(&RecordBatch::try_from_iter(columns).unwrap()).unwrap();
        let mut kinds = Kinds::new(alike, first, last);
        let numbers = kinds.numbers(&columns).unwrap();
        let kind =
            |kinds: &mut Kinds, row| kinds.of(row, kinds.key(row, &columns, &numbers, &within), &columns).unwrap();
        let whole: Vec<KindId> = (0..ROWS).map(|row| kind(&mut kinds, row)).collect();
        let met = kinds.bills().len();
        assert!(met > 50, "{met}");
        assert_eq!(kinds.of_all(&columns, &numbers, &within).unwrap(), whole);
        assert_eq!(kinds.bills().len(), met);
        // A bill too many days away is of no kind.
        assert!(kinds.of_all(&columns, &numbers, &(within.start() + 1..=*within.end())).is_none());
    }
}
