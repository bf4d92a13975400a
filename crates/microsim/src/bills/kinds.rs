//! Kinds of bills by number. A bill's words, day and age are small numbers, packed into one key: only a key that is new is looked
//! at as a bill.

use std::collections::HashMap;

use arrow_array::Array as _;
use domain::{
    Bill, Care, Categories, Category, ClassAmounts, Date, Fen, Filing, Group, Level, Mark, Marks, Part, Person, Rate,
    Scheme, Vocabulary,
};
use foldhash::fast::FixedState;
use settlement::{Alike, KindId};

use super::Fault;
use super::columns::{Columns, WORDS};
use crate::Refused;
use crate::arrays::{day_of, number_of};

/// Bits of the number of a word in a key.
const WORD_BITS: usize = 10;
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
    known: HashMap<u128, KindId, FixedState>,
    bills: Vec<Bill>,
    /// Why keys cannot be read: column, what is wrong, what to do.
    unreadable: HashMap<u128, (&'static str, String, &'static str)>,
}

/// The numbers of a batch's words; and the last birthday looked at, which is mostly the next one's too, with the same written
/// as a number.
#[derive(Debug)]
pub struct Numbers {
    of_word: [Vec<u16>; WORDS.len()],
    born: (i32, i32),
}

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

    /// Numbers the words of a batch.
    pub fn words(&mut self, columns: &Columns) -> Result<Numbers, Refused> {
        let mut of_word: [Vec<u16>; WORDS.len()] = Default::default();
        for (at, words) in columns.words.iter().enumerate() {
            let Some(words) = words else { continue };
            let known = &mut self.words[at];
            for text in &words.texts {
                let text = text.unwrap_or_default().trim();
                let next = known.len() + 1;
                let number = match known.get(text) {
                    _ if text.is_empty() => 0,
                    Some(number) => *number,
                    None if next < 1 << WORD_BITS => {
                        known.insert(text.to_owned(), next as u16);
                        next as u16
                    }
                    None => {
                        let what = format!("{} 列的词超过 {next} 种 (too many words)", WORDS[at]);
                        return Err(Refused::new(what, "核对这一列；不参与结算的列名字前加 #"));
                    }
                };
                of_word[at].push(number);
            }
        }
        Ok(Numbers { of_word, born: (0, written(day_of(0))) })
    }

    /// The kind of a row.
    #[inline]
    pub fn of(&mut self, row: usize, columns: &Columns, numbers: &mut Numbers) -> Result<KindId, Fault> {
        let day = columns.day(row).checked_sub(self.first).and_then(|day| self.days.get(usize::try_from(day).ok()?));
        let Some((like, day)) = day else {
            let what = format!("{} 不在所算的年度", columns.date(row));
            return Err(Fault { row, column: "date", what, cure: "每个年度的票据放在各自的文件里" });
        };
        let age = columns.birth(row).map_or(NO_AGE, |birth| {
            if numbers.born.0 != birth {
                numbers.born = (birth, written(day_of(birth)));
            }
            self.alike.age(u8::try_from((day - numbers.born.1) / 10_000).unwrap_or(NO_AGE))
        });
        let has_b = columns.amounts(row, None).b > Fen::ZERO;
        let mut key = u128::from(*like) << 8 | u128::from(age);
        key = key << 2 | u128::from(has_b) << 1 | u128::from(columns.continues(row));
        for (words, of_word) in columns.words.iter().zip(&numbers.of_word) {
            let word = match words {
                Some(words) if !words.keys.is_null(row) => of_word[words.keys.value(row) as usize],
                _ => 0,
            };
            key = key << WORD_BITS | u128::from(word);
        }
        match self.known.get(&key) {
            Some(kind) if *kind != UNREADABLE => Ok(*kind),
            Some(_) => Err(self.unreadable(row, key)),
            None => self.add(row, key, columns),
        }
    }

    fn unreadable(&self, row: usize, key: u128) -> Fault {
        let (column, what, cure) = self.unreadable.get(&key).cloned().unwrap_or_default();
        Fault { row, column, what, cure }
    }

    fn add(&mut self, row: usize, key: u128, columns: &Columns) -> Result<KindId, Fault> {
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
        from_bill: columns.from_bill(row),
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
