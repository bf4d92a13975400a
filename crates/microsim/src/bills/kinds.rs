//! Kinds of bills by number. A bill's words, day and age are small numbers, packed into one key: only a key that is new is looked
//! at as a bill.

use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};

use arrow_array::Array as _;
use domain::{
    Bill, Care, Categories, Category, ClassAmounts, Date, Filing, Group, Level, Mark, Marks, Part, Person, Rate,
    Scheme, Vocabulary,
};
use foldhash::fast::FixedState;
use settlement::{Alike, KindId};

use super::Fault;
use super::columns::{Columns, WORDS};
use crate::Refused;
use crate::arrays::{Words, day_of, number_of};

/// Bits of the number of a word in a key.
const WORD_BITS: usize = 10;
/// How many columns of words go into the first half of a key; the others, the day and the age go into the second.
const IN_FIRST: usize = 6;
/// Rows whose keys are made at a time, so that they stay at hand from column to column.
const BLOCK: usize = 1_024;
/// In place of the number of a kind: such a bill cannot be read.
const UNREADABLE: KindId = KindId::MAX;
/// In place of the number of an age: there is no date of birth.
const NO_AGE: u8 = u8::MAX;
/// The key of a row whose day is not within those that are read.
const NO_DAY: Key = (u64::MAX, u64::MAX);

/// The kinds met so far.
#[derive(Debug)]
pub struct Kinds {
    alike: Alike,
    /// First day, as days since 1970-01-01.
    first: i32,
    /// From the first day to the last: the number of those that the terms do not tell apart from it.
    days: Vec<u16>,
    /// Of each of these days, by the ages that the terms tell apart but the first: the last day of birth of who is so old.
    births: Vec<i32>,
    /// Numbers of words by column; 0 is none.
    words: [HashMap<String, u16>; WORDS.len()],
    known: HashMap<Key, KindId, FixedState>,
    bills: Vec<Bill>,
    /// Why keys cannot be read: column, what is wrong, what to do.
    unreadable: HashMap<Key, (&'static str, String, &'static str)>,
}

/// What a kind is told by.
pub type Key = (u64, u64);

/// A column of words, with the number of each, by its place in it, where it stands in its half of a key.
pub struct Numbered<'c> {
    half: usize,
    words: &'c Words,
    numbers: Vec<u64>,
}

impl Kinds {
    pub fn new(alike: Alike, first: Date, last: Date) -> Kinds {
        let (mut days, mut births) = (Vec::new(), Vec::new());
        let (mut like, mut number) = (None, 0u16);
        let mut day = first;
        while day <= last {
            let found = alike.day(day);
            if like.is_some_and(|like| like != found) {
                number = number.saturating_add(1);
            }
            like = Some(found);
            days.push(number);
            births.extend(alike.ages()[1..].iter().map(|age| number_of(birth_at_most(day, *age))));
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        Kinds {
            alike,
            first: number_of(first),
            days,
            births,
            words: Default::default(),
            known: HashMap::default(),
            bills: Vec::new(),
            unreadable: HashMap::new(),
        }
    }

    pub fn bills(&self) -> &[Bill] {
        &self.bills
    }

    /// The words of a batch's columns by number.
    pub fn words<'c>(&mut self, columns: &'c Columns) -> Result<Vec<Numbered<'c>>, Refused> {
        let words = columns.words.iter().enumerate().filter_map(|(at, words)| Some((at, words.as_ref()?)));
        words.map(|(at, words)| Ok(Numbered { half: at / IN_FIRST, words, numbers: self.number(at, words)? })).collect()
    }

    /// The keys of a batch, row by row; a row whose day is not within these has that of no kind.
    pub fn keys(&self, columns: &Columns, words: &[Numbered<'_>], within: &RangeInclusive<i32>) -> Vec<Key> {
        let mut keys = Vec::with_capacity(columns.rows());
        for rows in blocks(columns) {
            let of_block = self.keys_of(rows.clone(), columns, words, within);
            keys.extend_from_slice(&of_block[..rows.len()]);
        }
        keys
    }

    /// The kinds of a batch, row by row; nothing where some row is of none.
    pub fn of_all(
        &mut self,
        columns: &Columns,
        words: &[Numbered<'_>],
        within: &RangeInclusive<i32>,
    ) -> Option<Vec<KindId>> {
        let mut kinds = Vec::with_capacity(columns.rows());
        for rows in blocks(columns) {
            let keys = self.keys_of(rows.clone(), columns, words, within);
            for (row, key) in rows.zip(keys) {
                let known = self.known.get(&key).copied().filter(|kind| *kind != UNREADABLE);
                kinds.push(known.map_or_else(|| self.of(row, key, columns).ok(), Some)?);
            }
        }
        Some(kinds)
    }

    /// The keys of a block of rows, column by column.
    fn keys_of(
        &self,
        rows: Range<usize>,
        columns: &Columns,
        words: &[Numbered<'_>],
        within: &RangeInclusive<i32>,
    ) -> [Key; BLOCK] {
        let mut halves = [[0u64; BLOCK]; 2];
        for Numbered { half, words, numbers } in words {
            let half = &mut halves[*half][..rows.len()];
            let found = &words.keys.values()[rows.clone()];
            let number = |word: i16| numbers[word as usize];
            match words.keys.nulls() {
                None => half.iter_mut().zip(found).for_each(|(half, word)| *half |= number(*word)),
                Some(nulls) => {
                    let filled = nulls.slice(rows.start, rows.len());
                    filled.valid_indices().for_each(|row| half[row] |= number(found[row]));
                }
            }
        }
        let [one, other] = &mut halves;
        one.iter_mut().zip(columns.class_b(rows.clone())).for_each(|(one, fen)| *one |= u64::from(*fen > 0) << 1);
        columns.continued_of(rows.clone()).for_each(|row| one[row - rows.start] |= 1);
        let mut keys = [NO_DAY; BLOCK];
        for ((row, key), (one, other)) in rows.zip(&mut keys).zip(one.iter().zip(other)) {
            let day = columns.day(row);
            // A day before the first comes out beyond the last.
            let at = day.wrapping_sub(self.first) as u32 as usize;
            if let Some(like) = self.days.get(at).filter(|_| within.contains(&day)) {
                let age = columns.birth(row).map_or(NO_AGE, |birth| self.age(at, birth));
                *key = (*one, *other | u64::from(*like) << 8 | u64::from(age));
            }
        }
        keys
    }

    /// Which of the ages that the terms tell apart one born on a day has on one of the days.
    #[inline]
    fn age(&self, day: usize, birth: i32) -> u8 {
        let ages = self.alike.ages().len() - 1;
        let births = &self.births[day * ages..][..ages];
        births.iter().fold(0, |age: u8, latest| age.wrapping_add(u8::from(birth <= *latest)))
    }

    /// The numbers of the words of a column, by their place in it; each where it stands in its half of a key.
    fn number(&mut self, at: usize, words: &Words) -> Result<Vec<u64>, Refused> {
        let known = &mut self.words[at];
        let mut number = |text: Option<&str>| {
            let text = text.unwrap_or_default().trim();
            let next = known.len() + 1;
            match known.get(text) {
                _ if text.is_empty() => Ok(0),
                Some(number) => Ok(u64::from(*number)),
                None if next < 1 << WORD_BITS => {
                    known.insert(text.to_owned(), next as u16);
                    Ok(next as u64)
                }
                None => {
                    let what = format!("{} 列的词超过 {next} 种 (too many words)", WORDS[at]);
                    Err(Refused::new(what, "核对这一列；不参与结算的列名字前加 #"))
                }
            }
        };
        // Below the words are the flags in the first half, the day and the age in the second.
        let shift = WORD_BITS * (at % IN_FIRST) + if at < IN_FIRST { 2 } else { 24 };
        words.texts.iter().map(|text| Ok(number(text)? << shift)).collect()
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
        if key == NO_DAY {
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

/// The rows of a batch, some at a time.
fn blocks(columns: &Columns) -> impl Iterator<Item = Range<usize>> {
    let rows = columns.rows();
    (0..rows).step_by(BLOCK).map(move |first| first..rows.min(first + BLOCK))
}

/// The last day of birth of who has completed so many years on a day.
fn birth_at_most(day: Date, years: u8) -> Date {
    day.saturating_sub(jiff::Span::new().years(years))
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
    use super::*;

    #[test]
    fn who_is_so_old_was_born_on_the_last_day_of_birth_or_earlier() {
        let day = |year, month, day| Date::new(year, month, day).unwrap();
        let person = |born| Person {
            scheme: Scheme::Resident,
            tier: None,
            group: Group::Adult,
            categories: Categories::default(),
            born: Some(born),
            insured_since: None,
        };
        let days = [day(2023, 2, 28), day(2023, 3, 1), day(2024, 2, 28), day(2024, 2, 29), day(2024, 3, 1)];
        for (on, years) in days.into_iter().flat_map(|day| [1, 4, 18, 23, 60].map(|years| (day, years))) {
            let last = birth_at_most(on, years);
            for born in [last.yesterday().unwrap(), last, last.tomorrow().unwrap()] {
                let age = person(born).age_on(on).unwrap();
                assert_eq!(age >= years, born <= last, "born {born}, {years} years on {on}");
            }
        }
    }
}
