//! The one door for developers: `cargo xtask <verb>`.
//!
//! Each verb is one file. Nobody needs them to use Tongchou; together they are what a change must pass, here and in
//! `.ci/run` alike. A verb that finds several things wrong names all of them.

mod bench;
mod check;
mod coverage;
mod fuzz;
mod python;
mod run;
mod schema;
mod test;
mod tidy;
mod torture;
mod venv;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The one door for developers of Tongchou")]
enum Verb {
    /// What is quick to say about a change: format, lints, walls, licences
    Check,
    /// All that a change must pass: every test, the case deck, generated pages, clause coverage
    Test,
    /// The walls between the crates and the manners of the sources
    Tidy,
    /// Write docs/reference and the JSON schema of notice files anew
    Schema(schema::Args),
    /// Hold clause coverage against its floor (policies/coverage.floor.json)
    Coverage(coverage::Args),
    /// Settled bills a second in memory and on the disk, against floors measured in the same run
    Bench(bench::Args),
    /// Send the REST API what its OpenAPI document allows and what it does not
    Fuzz,
    /// Build the Python package and test it from Python, on Spark too; words after `--` go to pytest
    Python(python::Args),
    /// Kill, cut and fill up the books under load, and count what was acknowledged
    Torture(torture::Args),
}

/// A finding is no crash: it ends in one line and the exit code, never in a backtrace.
fn main() -> ExitCode {
    let done = match Verb::parse() {
        Verb::Check => check::run(),
        Verb::Test => test::run(),
        Verb::Tidy => tidy::run(),
        Verb::Schema(args) => schema::run(&args),
        Verb::Coverage(args) => coverage::run(&args),
        Verb::Bench(args) => bench::run(&args),
        Verb::Fuzz => fuzz::run(),
        Verb::Python(args) => python::run(&args),
        Verb::Torture(args) => torture::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
