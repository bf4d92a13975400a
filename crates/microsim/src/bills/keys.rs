//! Short keys: what a batch's rows are told apart by, packed into one number by the batch's own words. Rows of one short key are
//! of one kind; which, only one of them need be looked at for.

use std::ops::Range;

use arrow_array::Array as _;

use super::columns::Columns;
use super::times::Times;
use crate::arrays::Words;

/// Rows whose keys are made at a time, so that they stay at hand from column to column.
pub const BLOCK: usize = 1_024;

/// Where in a short key stands what.
pub struct Layout<'c> {
    columns: &'c Columns,
    words: Vec<(&'c Words, u32)>,
    day: u32,
    age: u32,
}

/// Where in a short key stands whether a bill has class B, and whether it continues another.
const CLASS_B: u32 = 0;
const CONTINUES: u32 = 1;
const BITS: u32 = 2;

impl<'c> Layout<'c> {
    /// The layout for a batch; nothing where its words are too many for a number of 64 bits.
    pub fn of(columns: &'c Columns, times: &Times) -> Option<Layout<'c>> {
        let mut bits = BITS;
        // Room for so many numbers, from 0 on.
        let mut room = |numbers: usize| {
            let at = bits;
            bits += usize::BITS - numbers.leading_zeros();
            at
        };
        let (day, age) = (room(times.numbers()), room(times.ages()));
        let words = columns.words.iter().flatten().filter(|words| words.keys.null_count() < words.keys.len());
        let words = words.map(|words| (words, room(words.texts.len()))).collect();
        (bits <= u64::BITS).then_some(Layout { columns, words, day, age })
    }

    /// The short keys of a block of rows, column by column; their days are of the span.
    #[inline(always)]
    pub fn keys(&self, rows: Range<usize>, times: &Times) -> [u64; BLOCK] {
        let columns = self.columns;
        let mut keys = [0; BLOCK];
        let of_rows = &mut keys[..rows.len()];
        for (words, shift) in &self.words {
            add_words(words, rows.clone(), *shift, of_rows);
        }
        let of_class_b = of_rows.iter_mut().zip(columns.class_b(rows.clone()));
        of_class_b.for_each(|(key, fen)| *key |= u64::from(*fen > 0) << CLASS_B);
        columns.continued_of(rows.clone()).into_iter().for_each(|row| of_rows[row - rows.start] |= 1 << CONTINUES);
        let days = columns.days(rows.clone());
        let mut numbers = [0; BLOCK];
        let numbers = &mut numbers[..rows.len()];
        times.days_of(days, numbers);
        add(numbers, self.day, of_rows);
        if let Some((births, nulls)) = columns.births(rows) {
            numbers.fill(0);
            times.ages_of(days, births, numbers);
            match nulls {
                None => numbers.iter_mut().for_each(|age| *age = age.wrapping_add(1)),
                Some(nulls) => {
                    let ages = numbers.iter_mut().zip(&nulls);
                    ages.for_each(|(age, born)| *age = if born { age.wrapping_add(1) } else { 0 });
                }
            }
            add(numbers, self.age, of_rows);
        }
        keys
    }
}

#[inline(always)]
fn add(numbers: &[u32], shift: u32, keys: &mut [u64]) {
    keys.iter_mut().zip(numbers).for_each(|(key, number)| *key |= u64::from(*number).wrapping_shl(shift));
}

/// Adds where the words of some rows stand in their column, from 1; 0 where there is none.
#[inline(always)]
fn add_words(words: &Words, rows: Range<usize>, shift: u32, keys: &mut [u64]) {
    let found = &words.keys.values()[rows.clone()];
    let number = |word: i16| (word as u16 as u64).wrapping_add(1).wrapping_shl(shift);
    let Some(nulls) = words.keys.nulls() else {
        keys.iter_mut().zip(found).for_each(|(key, word)| *key |= number(*word));
        return;
    };
    let filled = nulls.inner().slice(rows.start, rows.len());
    let pieces = keys.chunks_mut(64).zip(found.chunks(64)).zip(filled.bit_chunks().iter_padded());
    for ((keys, found), filled) in pieces {
        for ((at, key), word) in (0..u64::BITS).zip(keys).zip(found) {
            *key |= number(*word) & (filled.wrapping_shr(at) & 1).wrapping_neg();
        }
    }
}
