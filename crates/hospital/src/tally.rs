//! What happened, counted while it happens: transactions with their times, refusals, what did not hold.

use std::collections::BTreeMap;
use std::time::Duration;

/// Something that must hold and does not.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Broken {
    /// What does not hold: `identity-a`, `lines`, `estimate`, `repeat` …
    pub kind: &'static str,
    /// The transaction.
    pub infno: String,
    /// Id of the message.
    pub msgid: String,
    /// What was found, Chinese or both.
    pub what: String,
}

/// One kind of transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kind {
    /// Done.
    pub done: usize,
    /// Refused by the platform.
    pub refused: usize,
    /// Not answered in the end.
    pub failed: usize,
    /// Microseconds of each answer that came at the first time of asking.
    pub micros: Vec<u32>,
}

/// All figures of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// By number of the transaction.
    pub kinds: BTreeMap<&'static str, Kind>,
    /// Why something was refused, and how often: transaction and the platform's word.
    pub refusals: BTreeMap<(&'static str, String), usize>,
    /// Why nothing came, and how often.
    pub failures: BTreeMap<String, usize>,
    /// What does not hold, by kind, and how often.
    pub broken: BTreeMap<&'static str, usize>,
    /// The first of them.
    pub examples: Vec<Broken>,
    /// What was done on purpose, and how often: answers lost, messages sent twice …
    pub faults: BTreeMap<&'static str, usize>,
    /// Things that were held against what must be.
    pub checks: usize,
    /// Visits settled to their end.
    pub settled: usize,
    /// Visits that ended without a settlement: refused, or taken back.
    pub unsettled: usize,
    /// Stays that go on tomorrow.
    pub overnight: usize,
    /// Settlements of an earlier day that were taken back.
    pub yesterday: usize,
    /// People who came and are not insured.
    pub uninsured: usize,
    /// Visits that came to nothing, because their patient has died or is in bed.
    pub absent: usize,
    /// What all settlements of the day came to: total and funds in fen, those taken back off again.
    pub turnover: (i64, i64),
    /// How long the visits took, all together.
    pub span: Duration,
}

/// How many broken things are told in full.
const EXAMPLES: usize = 1_000;

impl Figures {
    /// An answer that went well.
    pub fn done(&mut self, infno: &'static str, micros: Option<u32>) {
        let kind = self.kinds.entry(infno).or_default();
        kind.done += 1;
        kind.micros.extend(micros);
    }

    /// A refusal of the platform.
    pub fn refused(&mut self, infno: &'static str, text: &str) {
        self.kinds.entry(infno).or_default().refused += 1;
        *self.refusals.entry((infno, word(text))).or_default() += 1;
    }

    /// No answer, in the end.
    pub fn failed(&mut self, infno: &'static str, text: &str) {
        self.kinds.entry(infno).or_default().failed += 1;
        *self.failures.entry(text.chars().take(120).collect()).or_default() += 1;
    }

    /// Something done on purpose.
    pub fn fault(&mut self, what: &'static str) {
        *self.faults.entry(what).or_default() += 1;
    }

    /// Something that does not hold.
    pub fn broke(&mut self, broken: Broken) {
        *self.broken.entry(broken.kind).or_default() += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(broken);
        }
    }
}

impl Kind {
    /// The time that so many in a thousand answers stay below, in microseconds; none where none was timed.
    pub fn within(&self, per_mille: usize) -> Option<u32> {
        let mut micros = self.micros.clone();
        micros.sort_unstable();
        let place = (micros.len() * per_mille).div_ceil(1_000).saturating_sub(1);
        micros.get(place).copied()
    }
}

/// What a refusal is called: the word in brackets at its end, or its beginning.
fn word(text: &str) -> String {
    let brackets = [('[', ']'), ('(', ')'), ('（', '）')];
    let at_end = brackets.into_iter().find_map(|(from, to)| {
        let (_, word) = text.strip_suffix(to)?.rsplit_once(from)?;
        let plain = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        plain.then(|| word.to_owned())
    });
    at_end.unwrap_or_else(|| text.chars().take(40).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_sorted_times() {
        let kind = Kind { micros: (1..=200).rev().collect(), ..Kind::default() };
        assert_eq!((kind.within(500), kind.within(990), kind.within(1_000)), (Some(100), Some(198), Some(200)));
        assert_eq!(Kind::default().within(500), None);
    }

    #[test]
    fn a_refusal_is_called_by_its_word() {
        assert_eq!(word("未参保：请核对 [not-insured]"), "not-insured");
        assert_eq!(word("未参保：请核对（not-insured）"), "not-insured");
        assert_eq!(word("请先签到（9001）"), "请先签到（9001）");
    }
}
