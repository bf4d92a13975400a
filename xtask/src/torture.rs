//! `torture`: the long run of the crash trials. Each kills a worker under load at random points, restarts or cuts off its
//! database, fills its disk; in the end what was acknowledged is counted and the books are verified.

use anyhow::Result;

use crate::run;

#[derive(clap::Args)]
pub struct Args {
    /// How many kills on each engine; the other trials are as long in proportion
    #[arg(long, default_value_t = 200)]
    rounds: u64,
    /// Repeat the run of a seed that a failing run printed
    #[arg(long)]
    seed: Option<u64>,
    /// Only the trials whose name holds this word, as `sqlite`
    only: Option<String>,
}

pub fn run(args: &Args) -> Result<()> {
    let mut words = vec!["test", "--release", "--package", "service", "--test", "torture", "--"];
    words.extend(args.only.as_deref());
    words.extend(["--nocapture", "--test-threads", "1"]);
    let mut command = run::cargo(&words)?;
    command.env("TORTURE_ROUNDS", args.rounds.to_string());
    if let Some(seed) = args.seed {
        command.env("TORTURE_SEED", seed.to_string());
    }
    run::go(command)
}
