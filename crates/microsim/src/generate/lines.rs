//! Lines of a bill: each class cut into lines that add up to it to the fen.

use super::care::Event;
use super::draw::{Draws, Stream};
use super::figures::{Figures, Lines};

/// One line of a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Place of the item in the figures.
    pub item: usize,
    /// The whole amount of the line, in fen.
    pub amount: i64,
    /// What of it lies above the price limit.
    pub over_limit: i64,
}

/// Cuts bills into lines.
pub struct Cutter {
    seed: u64,
    lines: Lines,
    /// Items of classes A, B and C: of visits, and of stays.
    items: [[Vec<usize>; 2]; 3],
}

impl Cutter {
    /// By the items of the figures.
    pub fn of(figures: &Figures, seed: u64) -> Cutter {
        let items = |class: &str, stay: bool| {
            let rows = figures.item.iter().enumerate().filter(|(_, item)| item.class == class && (stay || !item.stay));
            rows.map(|(at, _)| at).collect()
        };
        Cutter {
            seed,
            lines: figures.lines.clone(),
            items: ["A", "B", "C"].map(|class| [items(class, false), items(class, true)]),
        }
    }

    /// The lines of a bill of this number.
    pub fn cut(&self, bill: i64, event: &Event) -> Vec<Line> {
        let mut draws = Draws::of(self.seed, bill, Stream::Lines, 0);
        let how = &self.lines;
        let mut lines = Vec::new();
        for (class, most) in [how.a, how.b, how.c].into_iter().enumerate() {
            let items = &self.items[class][usize::from(event.days > 0)];
            let over = if class == 1 { event.amounts[3] } else { 0 };
            let whole = event.amounts[class] + over;
            let count = (how.least.draw(&mut draws) + whole.unsigned_abs() / (how.yuan * 100)).min(most);
            let weights: Vec<i64> = (0..count).map(|_| how.weights.draw(&mut draws) as i64).collect();
            let sum: i64 = weights.iter().sum();
            let (mut left, mut left_over) = (whole, over);
            for (nth, weight) in weights.iter().enumerate() {
                let last = nth + 1 == weights.len();
                let amount =
                    if last { left } else { (i128::from(whole) * i128::from(*weight) / i128::from(sum)) as i64 };
                let item = items[draws.below(items.len() as u64) as usize];
                let over_limit = left_over.min(amount);
                (left, left_over) = (left - amount, left_over - over_limit);
                if amount > 0 {
                    lines.push(Line { item, amount, over_limit });
                }
            }
        }
        lines
    }
}
