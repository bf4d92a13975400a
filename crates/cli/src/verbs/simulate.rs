//! `simulate`: a year of a whole province under the terms and under variants of them.

#[cfg(feature = "parquet")]
mod made;
#[cfg(feature = "parquet")]
mod variants;

use std::path::PathBuf;

use domain::Date;

use super::policy::day;
use crate::session::{Session, Verdict};

/// Asks for a run.
#[derive(clap::Args)]
pub struct Args {
    /// Folder that `generate` made
    province: PathBuf,
    /// Region by whose terms bills are settled; that of the province, if not given
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// The year; the province's first, if not given
    #[arg(long)]
    year: Option<i16>,
    /// Compare the baseline with this draft folded on top; may be repeated
    #[arg(long, value_name = "NOTICE")]
    draft: Vec<String>,
    /// Compare the baseline with figures changed, as path=value; several of one variant are parted by ';'; may be repeated
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// A file of variants: [[variant]] with name, draft and set
    #[arg(long, value_name = "FILE")]
    variants: Option<PathBuf>,
    /// Fold this draft under the baseline, and so under every variant; may be repeated
    #[arg(long, value_name = "NOTICE")]
    base: Vec<String>,
    /// Only what was known on this day
    #[arg(long, value_name = "DAY", value_parser = day)]
    known_on: Option<Date>,
    /// How many parts to settle at once; as many as there are processors, if not given. The result is the same
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Leave out rows that cannot be read, count them and write them to left-out.csv
    #[arg(long)]
    keep_going: bool,
    /// Folder to write to; the same command goes on with what was stopped
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
}

impl Args {
    /// Settles it.
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
