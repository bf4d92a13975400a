//! `generate`: a province of made-up people, their enrolment, hospitals and bills, from a seed.

#[cfg(feature = "parquet")]
mod made;

use std::path::PathBuf;

use super::policy::Seen;
use crate::session::{Session, Verdict};

/// Asks for a province.
#[derive(clap::Args)]
pub struct Args {
    /// Region by whose terms its bills go: slug, code, Chinese name or alias
    #[arg(long, value_name = "REGION")]
    region: String,
    /// How many people there are on the first day
    #[arg(long, value_name = "N")]
    people: i64,
    /// First year
    #[arg(long)]
    year: i16,
    /// How many years
    #[arg(long, value_name = "K", default_value_t = 1)]
    years: i16,
    /// The seed: the same one gives the same files
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Folder to write to; the same command goes on with what was stopped
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Give every bill its lines
    #[arg(long)]
    lines: bool,
    /// Plant anomalies for an audit to find; the truth about them is written beside
    #[arg(long)]
    anomalies: bool,
    /// Figures of the population of your own, over those of the region
    #[arg(long, value_name = "FILE")]
    parameters: Option<PathBuf>,
    /// How many parts to make at once; as many as there are processors, if not given. The result is the same
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    #[command(flatten)]
    seen: Seen,
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

    /// A build without Parquet cannot.
    pub fn make(_: &Args, session: &Session) -> anyhow::Result<Verdict> {
        Err(Stop::without_parquet(session.lang).into())
    }
}
