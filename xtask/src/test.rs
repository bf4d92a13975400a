//! `test`: all that a change must pass. This is the README's test command, and CI runs the same.
//!
//! Every Rust test, then with the program: the case deck of the notices, the generated pages, the API against its
//! document, the Python package from Python, and clause coverage against its floor. The last line is plain, `N passed, N failed`,
//! and counts the Rust tests; any other step that fails is named before it.

use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{coverage, fuzz, python, run, schema};

/// Tests first: when they do not even build, the rest has nothing to say.
pub fn run() -> Result<()> {
    let mut tally = Tally::default();
    let mut ended_well = true;
    for (command, closing) in test_commands()? {
        ended_well &= counted(command, closing, &mut tally)?;
    }
    if !ended_well && tally.failed == 0 {
        bail!("the tests did not run to their end");
    }
    let others = run::all(&[
        ("case deck", deck),
        ("generated pages", pages),
        ("API fuzz", fuzz::run),
        ("Python package", packaged),
        ("clause coverage", floor),
    ]);
    if let Err(error) = &others {
        eprintln!("{error:#}");
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if tally.failed > 0 || others.is_err() {
        // The plain line stays the last one, so this ends without the usual error text.
        std::process::exit(1);
    }
    Ok(())
}

/// What the closing lines of `cargo test` and of nextest begin with. Each counts only its own: nextest shows what a failed test
/// printed, and that is a run of `cargo test`.
const CARGO: &str = "test result:";
const NEXTEST: &str = "Summary [";

/// nextest does not run the examples in the documentation; `cargo test` does both.
fn test_commands() -> Result<Vec<(Command, &'static str)>> {
    let words: &[(&[&str], &str)] = if run::has_cargo("nextest")? {
        &[
            (&["test", "--doc", "--workspace", "--all-features", "--no-fail-fast", "--quiet"], CARGO),
            (&["nextest", "run", "--workspace", "--all-features"], NEXTEST),
        ]
    } else {
        &[(&["test", "--workspace", "--all-features", "--no-fail-fast"], CARGO)]
    };
    words.iter().map(|(words, closing)| Ok((run::cargo(words)?, *closing))).collect()
}

fn deck() -> Result<()> {
    run::go(run::tongchou(&["policy", "test"])?)
}

fn pages() -> Result<()> {
    schema::run(&schema::Args { check: true })
}

fn packaged() -> Result<()> {
    python::run(&python::Args::default())
}

fn floor() -> Result<()> {
    coverage::run(&coverage::Args { write: false })
}

/// Runs a test command with its output passed on, and adds up what its closing lines say.
///
/// nextest closes on the error stream and `cargo test` on the output, so both are read.
fn counted(mut command: Command, closing: &'static str, tally: &mut Tally) -> Result<bool> {
    run::say(&command);
    if std::io::stderr().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let errors = child.stderr.take().context("stderr is piped")?;
    let output = child.stdout.take().context("stdout is piped")?;
    let errors = std::thread::spawn(move || passed_on(errors, closing, |line| eprintln!("{line}")));
    tally.add(passed_on(output, closing, |line| println!("{line}"))?);
    let errors = errors.join().map_err(|_| anyhow::anyhow!("reading the test run's errors failed"))?;
    tally.add(errors?);
    Ok(child.wait()?.success())
}

fn passed_on(stream: impl Read, closing: &str, show: impl Fn(&str)) -> Result<Tally> {
    let mut tally = Tally::default();
    // Bytes, not lines of text: a test may print anything.
    for line in BufReader::new(stream).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        show(&line);
        tally.add(Tally::of_line(&line, closing));
    }
    Ok(tally)
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// What a closing line counts; nothing for any other line.
    fn of_line(line: &str, closing: &str) -> Tally {
        let plain = without_colour(line);
        let plain = plain.trim();
        let mut tally = Tally::default();
        if !plain.starts_with(closing) {
            return tally;
        }
        let words: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        for pair in words.windows(2) {
            let Ok(count) = pair[0].parse::<u64>() else { continue };
            match pair[1] {
                "passed" => tally.passed += count,
                // nextest counts a test that ran out of time, or could not be started, on its own.
                "failed" | "timed" | "exec" => tally.failed += count,
                _ => {}
            }
        }
        tally
    }
}

fn without_colour(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line.chars();
    while let Some(letter) = rest.next() {
        if letter == '\u{1b}' {
            rest.by_ref().find(|c| c.is_ascii_alphabetic());
        } else {
            plain.push(letter);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, passed: u64, failed: u64) {
        let closing = if line.contains(CARGO) { CARGO } else { NEXTEST };
        assert_eq!(Tally::of_line(line, closing), Tally { passed, failed }, "{line}");
    }

    #[test]
    fn reads_the_closing_lines_of_both_runners() {
        check("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s", 3, 0);
        check("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out", 3, 2);
        check("     Summary [   0.012s] 5 tests run: 5 passed, 0 skipped", 5, 0);
        check(
            "     Summary [   0.012s] 9 tests run: 5 passed (1 slow), 2 failed, 1 timed out, 1 exec failed, 0 skipped",
            5,
            4,
        );
        check(
            "\u{1b}[32;1m     Summary\u{1b}[0m [   0.012s] \u{1b}[1m5\u{1b}[0m tests run: \u{1b}[1m5\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m",
            5,
            0,
        );
    }

    #[test]
    fn other_lines_count_nothing() {
        check("test money::conserves ... ok", 0, 0);
        check("case deck: 12 passed, 0 failed", 0, 0);
        let inner = "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 90 filtered out";
        assert_eq!(Tally::of_line(inner, NEXTEST), Tally::default());
    }
}
