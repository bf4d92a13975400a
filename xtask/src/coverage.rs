//! `coverage`: a ratchet. What the clause register shows as done may grow and may not fall.
//!
//! The floor is a committed file, so that a fall is a line in a diff which someone has to defend. A clause may move
//! from `shown` (a named test) to `executed` (a provision with a passing case), never the other way; what is left
//! (`open` and `not_executable` together) may not grow, except with `--write` when a notice enters the register.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::run;

const FLOOR: &str = "policies/coverage.floor.json";

#[derive(clap::Args)]
pub struct Args {
    /// Make today's figures the floor
    #[arg(long)]
    pub write: bool,
}

/// One notice of `tongchou policy coverage --format json`: clauses in all, and how many stand where.
#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Row {
    notice: String,
    clauses: u32,
    executed: u32,
    shown: u32,
    open: u32,
    not_executable: u32,
}

pub fn run(args: &Args) -> Result<()> {
    let report = run::text(run::tongchou(&["policy", "coverage", "--format", "json"])?)?;
    let today = parsed(&report).context("`tongchou policy coverage --format json`")?;
    if today.is_empty() {
        bail!("`tongchou policy coverage --format json` names no notice");
    }
    let path = run::root()?.join(FLOOR);
    if args.write {
        fs::write(&path, written(&today)?)?;
        println!("{FLOOR}: {} notices", today.len());
        return Ok(());
    }
    let floor = fs::read_to_string(&path)
        .with_context(|| format!("no floor in {FLOOR} (cure: cargo xtask coverage --write)"))?;
    let floor = parsed(&floor).context(FLOOR)?;
    let falls = falls(&floor, &today);
    if !falls.is_empty() {
        bail!("clause coverage falls below {FLOOR}\n  {}", falls.join("\n  "));
    }
    println!("{}", summary(&floor, &today));
    Ok(())
}

fn parsed(text: &str) -> Result<Vec<Row>> {
    Ok(serde_json::from_str(text)?)
}

/// One line a notice, so that a change of the floor reads well in a diff.
fn written(rows: &[Row]) -> Result<String> {
    let mut text = String::from("[\n");
    for (index, row) in rows.iter().enumerate() {
        let notice = serde_json::to_string(&row.notice)?;
        let Row { clauses, executed, shown, open, not_executable, .. } = row;
        let comma = if index + 1 < rows.len() { "," } else { "" };
        writeln!(
            text,
            r#"  {{ "notice": {notice}, "clauses": {clauses}, "executed": {executed}, "shown": {shown}, "open": {open}, "not_executable": {not_executable} }}{comma}"#
        )?;
    }
    text.push_str("]\n");
    Ok(text)
}

fn falls(floor: &[Row], today: &[Row]) -> Vec<String> {
    let mut lines = Vec::new();
    for was in floor {
        let notice = &was.notice;
        let Some(now) = today.iter().find(|row| row.notice == *notice) else {
            lines.push(format!("{notice}: no longer in the report"));
            continue;
        };
        if now.executed < was.executed {
            lines.push(format!("{notice}: executed {} -> {}", was.executed, now.executed));
        }
        let (done_was, done_now) = (was.executed + was.shown, now.executed + now.shown);
        if done_now < done_was {
            lines.push(format!("{notice}: executed and shown {done_was} -> {done_now}"));
        }
        let (left_was, left_now) = (was.open + was.not_executable, now.open + now.not_executable);
        if left_now > left_was {
            lines.push(format!("{notice}: open and not executable {left_was} -> {left_now}"));
        }
    }
    lines
}

fn summary(floor: &[Row], today: &[Row]) -> String {
    let sum = |field: fn(&Row) -> u32| today.iter().map(field).sum::<u32>();
    let mut line = format!(
        "clauses: {}, executed {}, shown {}, open {}, not executable {}",
        sum(|row| row.clauses),
        sum(|row| row.executed),
        sum(|row| row.shown),
        sum(|row| row.open),
        sum(|row| row.not_executable),
    );
    if floor != today {
        line.push_str(" (above the floor: `cargo xtask coverage --write` keeps the gain)");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(notice: &str, executed: u32, shown: u32, open: u32, not_executable: u32) -> Row {
        let clauses = executed + shown + open + not_executable;
        Row { notice: notice.to_string(), clauses, executed, shown, open, not_executable }
    }

    #[test]
    fn a_gain_passes() {
        let floor = [row("a", 5, 2, 3, 4)];
        assert!(falls(&floor, &[row("a", 6, 2, 2, 4)]).is_empty());
        assert!(falls(&floor, &[row("a", 6, 1, 3, 4)]).is_empty(), "shown became executed");
        assert!(falls(&floor, &[row("a", 5, 2, 4, 3)]).is_empty(), "found to be open after all");
        assert!(falls(&floor, &[row("a", 5, 2, 3, 4), row("new", 0, 0, 9, 0)]).is_empty());
    }

    #[test]
    fn every_fall_is_named() {
        let floor = [row("a", 5, 2, 3, 4), row("b", 1, 0, 0, 0)];
        assert_eq!(
            falls(&floor, &[row("a", 4, 2, 4, 4)]),
            [
                "a: executed 5 -> 4",
                "a: executed and shown 7 -> 6",
                "a: open and not executable 7 -> 8",
                "b: no longer in the report",
            ]
        );
        assert_eq!(falls(&floor[..1], &[row("a", 4, 3, 3, 4)]), ["a: executed 5 -> 4"]);
    }

    #[test]
    fn the_floor_reads_back() {
        let rows = [row("a", 5, 2, 3, 4), row("带引号\"的", 0, 0, 1, 0)];
        assert_eq!(parsed(&written(&rows).unwrap()).unwrap(), rows);
    }
}
