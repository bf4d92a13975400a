//! Lines of one file that contradict each other.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::fact::Fact;
use super::load::Feed;
use super::rows::{Row, Text};
use crate::answer::Refusal;

/// Lines that say different things of the same person, fact and beginning: each with the other.
///
/// Of a long file no rows are held, but of each line a hash of whose it is; lines that share one are read again and compared.
pub(super) fn contradictory(text: &Text<'_>, feed: &Feed<'_>) -> BTreeMap<u32, u32> {
    let mut marked: Vec<(u64, (u32, &str))> = text.lines().filter_map(|line| Some((mark(text, line)?, line))).collect();
    marked.sort_unstable();
    let mut lines = BTreeMap::new();
    for alike in marked.chunk_by(|one, next| one.0 == next.0).filter(|alike| alike.len() > 1) {
        let rows: Vec<Row> = alike.iter().filter_map(|(_, line)| text.row(*line).ok()).collect();
        compare(&rows, feed, &mut lines);
    }
    lines
}

fn mark(text: &Text<'_>, line: (u32, &str)) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    text.row(line).ok()?.number.text.hash(&mut hasher);
    Some(hasher.finish())
}

fn compare(rows: &[Row], feed: &Feed<'_>, lines: &mut BTreeMap<u32, u32>) {
    let mut first: BTreeMap<_, &Row> = BTreeMap::new();
    for row in rows {
        let reported = row.reported.unwrap_or(feed.reported);
        // A person dies once: there the day is what is said.
        let from = row.from.filter(|_| row.fact != Fact::Death);
        let about =
            (row.number.kind, &row.number.text, row.fact, from, &row.school, row.year, &row.arrangement, reported);
        let Some(other) = first.get(&about) else {
            first.insert(about, row);
            continue;
        };
        // What only fills gaps of the register is no other saying.
        let alike = Row {
            line: other.line,
            area: other.area.clone(),
            phone: other.phone.clone(),
            ethnicity: other.ethnicity.clone(),
            employer: other.employer.clone(),
            ..row.clone()
        } == **other;
        if !alike {
            lines.insert(row.line, other.line);
            lines.entry(other.line).or_insert(row.line);
        }
    }
}

/// The refusal of such a line.
pub(super) fn contradiction(other: u32) -> Refusal {
    let message = format!("与第 {other} 行对同一人的同一事项说法不一");
    Refusal::new("contradiction", message, "核实后只留正确的一行")
}
