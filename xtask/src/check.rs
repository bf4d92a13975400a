//! `check`: what is quick to say about a change, before every commit.
//!
//! A tool that this machine lacks is named and passed over: someone without rustfmt must still be able to work. CI
//! installs what it can and prints the same words where it cannot.

use anyhow::Result;

use crate::{run, tidy};

/// All four, whatever the first of them says.
pub fn run() -> Result<()> {
    run::all(&[("tidy", tidy::run), ("format", format), ("lints", lints), ("licences", licences)])
}

fn format() -> Result<()> {
    tool("fmt", "rustup component add rustfmt", &["fmt", "--all", "--check"])
}

/// All features, as `test` builds them.
fn lints() -> Result<()> {
    let words = ["clippy", "--keep-going", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    tool("clippy", "rustup component add clippy", &words)
}

/// Without advisories: their database needs the network (see deny.toml).
fn licences() -> Result<()> {
    let words = ["deny", "--log-level", "error", "check", "licenses", "bans", "sources"];
    tool("deny", "cargo install cargo-deny --locked", &words)
}

fn tool(name: &str, cure: &str, words: &[&str]) -> Result<()> {
    if run::has_cargo(name)? {
        return run::go(run::cargo(words)?);
    }
    eprintln!("passed over: `cargo {name}` is not installed here (cure: {cure})");
    Ok(())
}
