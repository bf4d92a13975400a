//! Bills of many persons in columns, as they stand whatever the terms: of each its kind and its amounts.

use std::ops::Range;

use domain::{Bill, ClassAmounts, Date, Fen, Person};

use crate::engine::Engine;
use crate::person::PERSON_LIMIT;

/// What the terms of some engines tell apart of the days and ages of bills, so that bills which none of them tells apart are of
/// one kind.
#[derive(Clone, Debug)]
pub struct Alike {
    /// First days of plans, in order.
    days: Vec<Date>,
    /// First years of age bands, from 0.
    ages: Vec<u8>,
}

impl Alike {
    /// What these engines tell apart.
    pub fn under<'e>(engines: impl IntoIterator<Item = &'e Engine>) -> Alike {
        let plans: Vec<_> = engines.into_iter().flat_map(Engine::plans).collect();
        let mut days: Vec<Date> = plans.iter().map(|plan| plan.from).collect();
        let mut ages: Vec<u8> = plans.iter().flat_map(|plan| plan.ages.iter().copied()).chain([0]).collect();
        days.sort_unstable();
        days.dedup();
        ages.sort_unstable();
        ages.dedup();
        Alike { days, ages }
    }

    /// The first day that a day is like; itself before the first of all.
    pub fn day(&self, day: Date) -> Date {
        let after = self.days.partition_point(|first| *first <= day);
        after.checked_sub(1).map_or(day, |at| self.days[at])
    }

    /// The youngest of each of the ages told apart, from 0.
    pub fn ages(&self) -> &[u8] {
        &self.ages
    }

    /// The youngest age that an age is like.
    #[inline]
    pub fn age(&self, age: u8) -> u8 {
        self.ages[self.ages.partition_point(|first| *first <= age).saturating_sub(1)]
    }

    /// The kind of a bill: a bill like it under these engines, the same for all bills of the kind.
    pub fn kind(&self, bill: &Bill) -> Bill {
        let date = self.day(bill.date);
        let age = bill.person.age_on(bill.date).map(|age| i64::from(self.age(age)));
        let born = age.and_then(|age| date.checked_sub(jiff::Span::new().years(age)).ok());
        let amounts = ClassAmounts {
            b: Fen(i64::from(bill.amounts.b > Fen::ZERO)),
            b_share: bill.amounts.b_share,
            b_self_pay: bill.amounts.b_self_pay.map(|_| Fen::ZERO),
            ..ClassAmounts::default()
        };
        Bill {
            id: String::new(),
            person_id: String::new(),
            person: Person { born, insured_since: None, ..bill.person.clone() },
            date,
            amounts,
            from_bill: bill.from_bill.as_ref().map(|_| String::new()),
            ..bill.clone()
        }
    }
}

/// Number of a kind of bill: its position among those a batch's reader has met.
pub type KindId = u32;

/// Bills of many persons, in columns: each person's together, in order of their days.
#[derive(Clone, Debug)]
pub struct Batch<A = Vec<Classes>> {
    /// First bill of each person, and the number of bills at the end.
    persons: Vec<u32>,
    kinds: Vec<KindId>,
    amounts: A,
    /// Total of the current person's bills, fen.
    sum: i64,
    /// Persons whose bills add up to more than arithmetic takes, in order.
    too_large: Vec<usize>,
}

/// The amounts of a batch's bills, by position: in a list, or in columns that stand elsewhere.
pub trait Amounts {
    /// Those of some bills.
    fn of(&self, bills: Range<usize>) -> impl Iterator<Item = Classes>;
}

impl Amounts for Vec<Classes> {
    fn of(&self, bills: Range<usize>) -> impl Iterator<Item = Classes> {
        self[bills].iter().copied()
    }
}

/// Amounts of a bill, in fen, none of them negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Classes {
    /// In scope whatever the terms: class A, and class B beyond a first self-pay that the bill names to the fen.
    pub whole: i64,
    /// The first self-pay that the bill names to the fen.
    pub first_self_pay: i64,
    /// Class B of any other bill: a share of it, the bill's or the terms', is the person's first.
    pub shared: i64,
    /// Class C, and what lies above price limits.
    pub out: i64,
}

impl Classes {
    /// The amounts of a bill.
    #[inline]
    pub fn of(amounts: &ClassAmounts) -> Classes {
        let named = amounts.b_self_pay;
        let (first, shared) = named.map_or((Fen::ZERO, amounts.b), |first| (first, Fen::ZERO));
        Classes {
            whole: (amounts.a + amounts.b - first - shared).0,
            first_self_pay: first.0,
            shared: shared.0,
            out: (amounts.c + amounts.over_limit).0,
        }
    }

    /// Of a bill whose classes are nobody's but the terms' to share: A, B, C, and what lies above price limits.
    #[inline]
    pub fn whole(a: i64, b: i64, c: i64, over_limit: i64) -> Classes {
        Classes { whole: a, first_self_pay: 0, shared: b, out: c + over_limit }
    }

    /// All of the bill.
    #[inline]
    pub fn total(&self) -> i64 {
        self.whole + self.first_self_pay + self.shared + self.out
    }
}

impl Default for Batch {
    fn default() -> Batch {
        Batch { persons: vec![0], kinds: Vec::new(), amounts: Vec::new(), sum: 0, too_large: Vec::new() }
    }
}

impl Batch {
    /// An empty one with room for some bills.
    pub fn with_room(bills: usize) -> Batch {
        Batch { kinds: Vec::with_capacity(bills), amounts: Vec::with_capacity(bills), ..Batch::default() }
    }

    /// Adds the current person's next bill.
    #[inline]
    pub fn push(&mut self, kind: KindId, amounts: &Classes) {
        self.kinds.push(kind);
        self.sum = self.sum.saturating_add(amounts.total());
        self.amounts.push(*amounts);
    }

    /// Ends the current person: the next bill is another's.
    #[inline]
    pub fn end_person(&mut self) {
        if std::mem::take(&mut self.sum) > PERSON_LIMIT.0 {
            self.too_large.push(self.persons());
        }
        self.persons.push(self.kinds.len() as u32);
    }
}

impl<A: Amounts> Batch<A> {
    /// Bills of whole persons: the kind and the amounts of each; `persons` has the position of each person's first bill and, at
    /// its end, the number of bills.
    pub fn of(kinds: Vec<KindId>, amounts: A, persons: Vec<u32>) -> Batch<A> {
        let sum = |bills| amounts.of(bills).fold(0i64, |sum, amounts| sum.saturating_add(amounts.total()));
        let mut too_large = Vec::new();
        // Mostly all bills together are not too much.
        if sum(0..kinds.len()) > PERSON_LIMIT.0 {
            let bills = persons.windows(2).map(|ends| ends[0] as usize..ends[1] as usize).enumerate();
            too_large =
                bills.filter(|(_, bills)| sum(bills.clone()) > PERSON_LIMIT.0).map(|(person, _)| person).collect();
        }
        Batch { persons, kinds, amounts, sum: 0, too_large }
    }

    /// Kind and amounts of some bills.
    pub(crate) fn bills(&self, bills: Range<usize>) -> impl Iterator<Item = (&KindId, Classes)> {
        self.kinds[bills.clone()].iter().zip(self.amounts.of(bills))
    }
}

impl<A> Batch<A> {
    /// How many bills there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// How many persons there are.
    #[inline]
    pub fn persons(&self) -> usize {
        self.persons.len() - 1
    }

    /// The bills of a person, by position.
    #[inline]
    pub fn bills_of(&self, person: usize) -> Range<usize> {
        self.persons[person] as usize..self.persons[person + 1] as usize
    }

    /// The bills of persons who follow each other, by position.
    #[inline]
    pub fn bills_of_all(&self, persons: Range<usize>) -> Range<usize> {
        self.persons[persons.start] as usize..self.persons[persons.end] as usize
    }

    /// Whether a person's bills add up to more than arithmetic takes.
    #[inline]
    pub(crate) fn is_too_large(&self, person: usize) -> bool {
        self.too_large.binary_search(&person).is_ok()
    }

    /// The kind of a bill.
    #[inline]
    pub fn kind(&self, bill: usize) -> KindId {
        self.kinds[bill]
    }

    /// First bill of each person, and the number of bills at the end.
    pub(crate) fn ends(&self) -> &[u32] {
        &self.persons
    }
}
