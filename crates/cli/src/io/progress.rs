//! A bar on stderr for work that takes a while, and nothing otherwise.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Bytes from which on reading shows a bar.
const LONG_FILE: u64 = 20 << 20;
/// Rows from which on working shows a bar.
const LONG_RUN: u64 = 100_000;
/// Lines from which on a file that is taken in one request shows that it is being worked on.
const LONG_REQUEST: u64 = 5_000;

/// A bar over the bytes of a file; hidden for a short one, and when stderr is no terminal.
pub fn over_bytes(label: &'static str, bytes: u64) -> ProgressBar {
    bar(label, bytes, LONG_FILE, "{prefix} {bar:30} {bytes}/{total_bytes} {eta}")
}

/// A bar over rows; hidden for few, and when stderr is no terminal.
pub fn over_rows(label: &'static str, rows: u64) -> ProgressBar {
    bar(label, rows, LONG_RUN, "{prefix} {bar:30} {human_pos}/{human_len} {eta}")
}

/// A bar for what always takes a moment; its length is set later.
pub fn always(label: &'static str) -> ProgressBar {
    bar(label, LONG_RUN, LONG_RUN, "{prefix} {bar:30} {human_pos}/{human_len} {eta}")
}

/// Does a request over the lines of a file, and shows how many it has dealt with, and the seconds: the rest is to write all of it
/// at once, for it takes effect whole. Nothing is shown for few lines, and when stderr is no terminal.
pub fn over_request<T>(
    label: &'static str,
    lines: u64,
    passed: impl Fn() -> u64 + Sync,
    request: impl FnOnce() -> T,
) -> T {
    let bar = bar(label, lines, LONG_REQUEST, "{spinner} {prefix} {human_pos}/{human_len} {elapsed}");
    if bar.is_hidden() {
        return request();
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                bar.set_position(passed().min(lines));
                std::thread::sleep(STEP);
            }
        });
        let outcome = request();
        done.store(true, Ordering::Relaxed);
        bar.finish_and_clear();
        outcome
    })
}

/// How often a bar is drawn anew.
const STEP: Duration = Duration::from_millis(200);

fn bar(label: &'static str, length: u64, long: u64, template: &str) -> ProgressBar {
    if length < long {
        return ProgressBar::hidden();
    }
    // indicatif draws to stderr and hides itself where that is no terminal
    let bar = ProgressBar::new(length).with_prefix(label);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(STEP);
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_work_shows_nothing() {
        assert!(over_rows("结算", 12).is_hidden());
        assert!(over_bytes("读取", 1000).is_hidden());
    }
}
