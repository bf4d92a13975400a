//! `bench`: hands over to the bench that testkit owns, always in a release build.

use anyhow::Result;
use clap::ValueEnum;

use crate::run;

#[derive(clap::Args)]
pub struct Args {
    /// A table for people, or an array of {name, value, unit, floor, ratio}
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Passed on to the bench
    #[arg(last = true)]
    rest: Vec<String>,
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
    let words = ["run", "--quiet", "--release", "--package", "testkit", "--bin", "bench", "--", "--format", format];
    let mut command = run::cargo(&words)?;
    command.args(&args.rest);
    run::go(command)
}
