//! `bench`: hands over to the benches, always in a release build: settling in memory (testkit's), and durable settlements on
//! SQLite and PostgreSQL (the service's).

use anyhow::Result;
use clap::ValueEnum;

use crate::run;

#[derive(clap::Args)]
pub struct Args {
    /// Which; both, if left out
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
        let words = ["run", "--quiet", "--release", "--package", "testkit", "--bin", "bench", "--", "--format", format];
        go(&words, &args.rest)?;
    }
    if asked(Name::Durable) {
        go(&["bench", "--quiet", "--package", "service", "--bench", "durable", "--", format], &args.rest)?;
    }
    Ok(())
}

fn go(words: &[&str], rest: &[String]) -> Result<()> {
    let mut command = run::cargo(words)?;
    command.args(rest);
    run::go(command)
}
