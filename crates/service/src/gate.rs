//! The gate: where requests wait for the next transaction, and which of them run together.

use std::collections::VecDeque;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use crate::writer::Waiting;

/// The longest that a transaction waits for those who are likely to ask again at once.
const PATIENCE: Duration = Duration::from_millis(5);

/// The least time between the beginnings of two transactions, while several ask at once and many of them are still to come: a
/// transaction costs the disk and the processor much of its own, so that those who come within this are better served together.
const APART: Duration = Duration::from_millis(2);

/// So long it is remembered how many asked at once, and up to twice that.
const REMEMBERED: Duration = Duration::from_millis(250);

/// Where requests wait for the next transaction.
pub(crate) struct Gate {
    queue: Receiver<Waiting>,
    /// Taken from the queue, and left over by the last transaction.
    held: VecDeque<Waiting>,
    /// How many the last transaction answered: so many are likely to ask again at once.
    last: usize,
    /// How long that is worth waiting for: a part of what a transaction takes.
    patience: Duration,
    /// When the last transaction began.
    begun: Instant,
    crowd: Crowd,
}

/// The most who asked at once lately: those who are being answered, and those who wait.
struct Crowd {
    /// Since the last turn, and between that and the turn before.
    most: (usize, usize),
    turned: Instant,
}

impl Crowd {
    fn new(now: Instant) -> Crowd {
        Crowd { most: (0, 0), turned: now }
    }

    /// Forgets what was long ago. Gives the most who asked at once since.
    fn most(&mut self, now: Instant) -> usize {
        let since = now.saturating_duration_since(self.turned);
        if since >= REMEMBERED {
            let last = if since < REMEMBERED * 2 { self.most.0 } else { 0 };
            (self.most, self.turned) = ((0, last), now);
        }
        self.most.0.max(self.most.1)
    }

    fn saw(&mut self, here: usize) {
        self.most.0 = self.most.0.max(here);
    }
}

impl Gate {
    /// At which nobody has waited yet.
    pub fn new(queue: Receiver<Waiting>) -> Gate {
        let begun = Instant::now();
        let crowd = Crowd::new(begun);
        Gate { queue, held: VecDeque::new(), last: 0, patience: Duration::ZERO, begun, crowd }
    }

    /// Whether none is left over or taken from the queue already.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// So many were answered by a transaction that took so long; `later` come first in the next.
    pub fn answered(&mut self, count: usize, took: Duration, later: impl DoubleEndedIterator<Item = Waiting>) {
        (self.last, self.patience) = (count, (took / 4).min(PATIENCE));
        later.rev().for_each(|waiting| self.held.push_front(waiting));
    }

    /// Waits for a request. Gives whether there is one: none comes when nobody can ask any more.
    pub fn wait(&mut self) -> bool {
        if self.held.is_empty() {
            self.held.extend(self.queue.recv().ok());
        }
        !self.held.is_empty()
    }

    /// The next requests to run together; none where what is being written is to land first, or nobody waits. Waits for others
    /// only as long as it pays: while fewer are here than were answered a moment ago, or where some are being written, than half
    /// of both; and while some who asked at once lately are missing and the last transaction has only just begun. Where more than
    /// a quarter of them would still be missing if all came back who were answered a moment ago, it does not pay to decide on top
    /// of what is being written. Where no more are missing, none are being written and it pays `in_halves`, half of those who are
    /// here go first, so that the others are decided meanwhile.
    pub fn gather(&mut self, most: usize, flying: usize, in_halves: bool) -> Option<Vec<Waiting>> {
        let now = Instant::now();
        let crowd = self.crowd.most(now);
        let (apart, patient) = (self.begun + APART, now + self.patience);
        let nearly_all = |count: usize| count >= crowd - crowd / 4;
        self.held.extend(self.queue.try_iter().take(most.saturating_sub(self.held.len())));
        if flying > 0 && now < apart && !nearly_all(self.held.len().max(self.last) + flying) {
            return None;
        }
        let half_of_both = (self.last + flying).div_ceil(2).min(crowd.saturating_sub(flying));
        let likely = if flying > 0 { half_of_both } else { self.last };
        while self.held.len() < most {
            let here = self.held.len();
            let until = if flying == 0 && here < crowd { apart } else { now };
            let until = if here < likely { until.max(patient) } else { until };
            let Ok(next) = self.queue.recv_timeout(until.saturating_duration_since(Instant::now())) else { break };
            self.held.push_back(next);
        }
        let here = self.held.len();
        if here == 0 {
            return None;
        }
        self.begun = Instant::now();
        self.crowd.saw(here + flying);
        let count = match flying {
            // One alone is not decided ahead.
            0 if in_halves && (3..most).contains(&here) && nearly_all(here) => here.div_ceil(2),
            0 => here,
            _ => here.min(likely.max(here.saturating_sub(likely))),
        };
        let alone = self.held.iter().position(|waiting| waiting.job.alone);
        let count = alone.map_or(count, |at| count.min(at.max(1)));
        Some(self.held.drain(..count.min(most)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_is_remembered_for_a_while_and_then_forgotten() {
        let begun = Instant::now();
        let mut crowd = Crowd::new(begun);
        crowd.saw(8);
        for part in [0, 50, 99, 100, 150, 199] {
            assert_eq!(crowd.most(begun + REMEMBERED * part / 100), 8, "{part} %");
            crowd.saw(1);
        }
        assert_eq!(crowd.most(begun + REMEMBERED * 2), 1);
        crowd.saw(8);
        assert_eq!(crowd.most(begun + REMEMBERED * 4), 0, "nobody has asked since");
    }
}
