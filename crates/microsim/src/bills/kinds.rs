//! Kinds of bills by number. A bill's words, day and age are small numbers, packed into one key: only a key that is new is looked
//! at as a bill.

use std::collections::HashMap;
use std::ops::RangeInclusive;

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
/// In place of the number of a kind: such a bill cannot be read.
const UNREADABLE: KindId = KindId::MAX;
/// In place of an age: there is no date of birth.
const NO_AGE: u8 = u8::MAX;

/// The kinds met so far.
#[derive(Debug)]
pub struct Kinds {
    alike: Alike,
    /// First day, as days since 1970-01-01.
    first: i32,
    /// From the first day to the last: the number of those that the terms do not tell apart from it, and the day written
    /// as a number.
    days: Vec<(u16, i32)>,
    /// Numbers of words by column; 0 is none.
    words: [HashMap<String, u16>; WORDS.len()],
    known: HashMap<Key, KindId, FixedState>,
    bills: Vec<Bill>,
    /// Why keys cannot be read: column, what is wrong, what to do.
    unreadable: HashMap<Key, (&'static str, String, &'static str)>,
}

/// What a kind is told by.
pub type Key = (u64, u64);

impl Kinds {
    pub fn new(alike: Alike, first: Date, last: Date) -> Kinds {
        let mut days = Vec::new();
        let (mut like, mut number) = (None, 0u16);
        let mut day = first;
        while day <= last {
            let found = alike.day(day);
            if like.is_some_and(|like| like != found) {
                number = number.saturating_add(1);
            }
            like = Some(found);
            days.push((number, written(day)));
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        Kinds {
            alike,
            first: number_of(first),
            days,
            words: Default::default(),
            known: HashMap::default(),
            bills: Vec::new(),
            unreadable: HashMap::new(),
        }
    }

    pub fn bills(&self) -> &[Bill] {
        &self.bills
    }

    /// The keys of a batch, row by row; nothing of a row whose day is not within these.
    pub fn keys(&mut self, columns: &Columns, within: RangeInclusive<i32>) -> Result<Vec<Option<Key>>, Refused> {
        let rows = columns.rows();
        let (mut first, mut second) = (vec![0u64; rows], vec![0u64; rows]);
        for (at, words) in columns.words.iter().enumerate() {
            let Some(words) = words else { continue };
            let numbers = self.number(at, words)?;
            let half = if at < IN_FIRST { &mut first } else { &mut second };
            let shift = WORD_BITS * (at % IN_FIRST);
            if words.keys.null_count() == 0 {
                for (key, word) in half.iter_mut().zip(words.keys.values()) {
                    *key |= numbers[*word as usize] << shift;
                }
            } else {
                for (key, word) in half.iter_mut().zip(&words.keys) {
                    *key |= word.map_or(0, |word| numbers[word as usize]) << shift;
                }
            }
        }
        let mut born = (0, written(day_of(0)));
        let mut key = |row: usize| {
            let day = Some(columns.day(row)).filter(|day| within.contains(day))?.checked_sub(self.first)?;
            let (like, day) = self.days.get(usize::try_from(day).ok()?)?;
            let age = columns.birth(row).map_or(NO_AGE, |birth| {
                if born.0 != birth {
                    born = (birth, written(day_of(birth)));
                }
                self.alike.age(u8::try_from((day - born.1) / 10_000).unwrap_or(NO_AGE))
            });
            let flags = u64::from(columns.has_b(row)) << 1 | u64::from(columns.continues(row));
            let second = second[row] << 24 | u64::from(*like) << 8 | u64::from(age);
            Some((first[row] << 2 | flags, second))
        };
        Ok((0..rows).map(&mut key).collect())
    }

    /// The numbers of the words of a column, by their place in it.
    fn number(&mut self, at: usize, words: &Words) -> Result<Vec<u64>, Refused> {
        let known = &mut self.words[at];
        let number = |text: Option<&str>| {
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
        words.texts.iter().map(number).collect()
    }

    /// The kind of a row with a key.
    #[inline]
    pub fn of(&mut self, row: usize, key: Option<Key>, columns: &Columns) -> Result<KindId, Fault> {
        let Some(key) = key else {
            let what = format!("{} 不在所算的年度", columns.date(row));
            return Err(Fault { row, column: "date", what, cure: "每个年度的票据放在各自的文件里" });
        };
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

/// A day written as a number, as 20220131: the difference of two has completed years before its last four digits.
fn written(day: Date) -> i32 {
    i32::from(day.year()) * 10_000 + i32::from(day.month()) * 100 + i32::from(day.day())
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
