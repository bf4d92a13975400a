//! `reference`: the generated pages and schemas, for docs/reference and for editors.

use std::path::PathBuf;

use crate::io::out::write_whole;
use crate::reference;
use crate::session::Verdict;

/// Asks for the reference.
#[derive(clap::Args)]
pub struct Args {
    /// Folder to write into
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Args {
    /// Writes it.
    pub fn run(self) -> anyhow::Result<Verdict> {
        std::fs::create_dir_all(&self.out)?;
        for (name, text) in reference::files() {
            write_whole(&self.out.join(name), &[], |out| Ok(out.write_all(text.as_bytes())?))?;
        }
        Ok(Verdict::Good)
    }
}
