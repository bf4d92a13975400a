//! `bench`: hands over to the benches, built as what is distributed is: settling in memory (testkit's), durable settlements on
//! SQLite and PostgreSQL (the service's), a province from its files (microsim's), visits over the national interface (the
//! command's), and a simple plan beside DuckDB, Polars and OpenFisca (`benches/peers`).

use std::process::Command;

use anyhow::Result;
use clap::ValueEnum;

use crate::{run, workspace};

#[derive(clap::Args)]
pub struct Args {
    /// Which; all, if left out
    #[arg(value_enum)]
    name: Option<Name>,
    /// A table for people, or an array of {name, value, unit, floor, ratio}
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Passed on to the bench
    #[arg(last = true)]
    rest: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Name {
    /// Bills through the engine, in memory
    Settle,
    /// Settlements through the service, on the disk
    Durable,
    /// Visits over the national interface, server and hospital as two processes
    Serve,
    /// A year of a province from its files, under one reading of the terms and under a hundred
    Province,
    /// The same bills by the same simple plan beside DuckDB, Polars and OpenFisca, from PyPI
    Peers,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Json,
}

pub fn run(args: &Args) -> Result<()> {
    let format = match args.format {
        Format::Table => "table",
        Format::Json => "json",
    };
    let asked = |name| args.name.is_none_or(|asked| asked == name);
    if asked(Name::Settle) {
        let words = ["--package", "testkit", "--bin", "bench", "--", "--format", format];
        go("run", &words, &args.rest)?;
    }
    if asked(Name::Durable) {
        go("bench", &["--package", "service", "--bench", "durable", "--", format], &args.rest)?;
    }
    if asked(Name::Province) {
        go("bench", &["--package", "microsim", "--bench", "province", "--", format], &args.rest)?;
    }
    if asked(Name::Serve) {
        go("bench", &["--package", "cli", "--bench", "serve", "--", format], &args.rest)?;
    }
    if asked(Name::Peers) {
        peers(format, &args.rest)?;
    }
    Ok(())
}

/// Hands over to the script, which finds its own Python packages.
fn peers(format: &str, rest: &[String]) -> Result<()> {
    go("build", &["--package", "cli"], &[])?;
    let target = workspace::metadata()?.target_directory;
    let mut script = Command::new("python3");
    script.arg(run::root()?.join("benches/peers/run.py")).arg(target.join("dist/tongchou")).arg(target.join("peers"));
    script.args(["--format", format]).args(rest);
    run::go(script)
}

fn go(verb: &str, words: &[&str], rest: &[String]) -> Result<()> {
    let mut command = run::cargo(&[verb, "--quiet", "--profile", "dist"])?;
    command.args(words).args(rest);
    run::go(command)
}
