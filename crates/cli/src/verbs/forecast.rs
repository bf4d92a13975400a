//! `forecast`: how long the fund lasts, from what a run found, by scenarios and with ranges.

#[cfg(feature = "parquet")]
mod made;
#[cfg(feature = "parquet")]
mod tables;

use std::path::PathBuf;

use crate::io::out::Format;
use crate::session::{Session, Verdict};

/// Asks for a forecast.
#[derive(clap::Args)]
pub struct Args {
    /// Folder that `simulate` wrote
    run: PathBuf,
    /// How many years after the run's
    #[arg(long, value_name = "N", default_value_t = 10)]
    years: i16,
    /// How many paths of chance the ranges are made of; 0: no ranges
    #[arg(long, value_name = "N", default_value_t = 200)]
    seeds: u32,
    /// Seed of their chances: the same one gives the same figures
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Only this scenario of the assumptions; may be repeated
    #[arg(long, value_name = "NAME")]
    scenario: Vec<String>,
    /// Assumptions of your own, over those of the region
    #[arg(long, value_name = "FILE")]
    assumptions: Option<PathBuf>,
    /// Balance on the first day of the run's year, in yuan; else as the assumptions say
    #[arg(long, value_name = "YUAN", allow_hyphen_values = true)]
    opening_balance: Option<String>,
    /// Figures of the population of your own, as given to `generate`
    #[arg(long, value_name = "FILE")]
    parameters: Option<PathBuf>,
    /// Folder to write tables and charts to, too
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Format of the table on the standard output: table (default), json, jsonl or csv
    #[arg(long, value_enum)]
    format: Option<Format>,
}

impl Args {
    /// Makes it.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        made::make(&self, session)
    }
}

#[cfg(not(feature = "parquet"))]
mod made {
    use super::Args;
    use crate::session::{Session, Verdict};
    use crate::stop::Stop;

    /// A build without Parquet has no runs to look at.
    pub fn make(_: &Args, session: &Session) -> anyhow::Result<Verdict> {
        Err(Stop::without_parquet(session.lang).into())
    }
}
