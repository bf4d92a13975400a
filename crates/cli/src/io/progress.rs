//! A bar on stderr for work that takes a while, and nothing otherwise.

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

/// A line that counts the seconds of one request over the lines of a file: it takes effect whole, so that there is no part of
/// it to tell. Hidden for few lines, and when stderr is no terminal.
pub fn over_request(label: &'static str, lines: u64) -> ProgressBar {
    bar(label, lines, LONG_REQUEST, "{spinner} {prefix} {human_len} {elapsed}")
}

fn bar(label: &'static str, length: u64, long: u64, template: &str) -> ProgressBar {
    if length < long {
        return ProgressBar::hidden();
    }
    // indicatif draws to stderr and hides itself where that is no terminal
    let bar = ProgressBar::new(length).with_prefix(label);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_work_shows_nothing() {
        assert!(over_rows("结算", 12).is_hidden());
        assert!(over_bytes("读取", 1000).is_hidden());
        assert!(over_request("feed load", 1000).is_hidden());
    }
}
