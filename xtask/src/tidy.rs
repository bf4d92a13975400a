//! `tidy`: what no compiler checks. The walls between the crates, and the manners of the sources.
//!
//! Each rule gives findings, `place: what is wrong; what to do`; all of them are printed, and any of them fails.

mod code;
mod links;
mod sources;
mod walls;

use anyhow::{Result, bail};

use crate::workspace;

pub fn run() -> Result<()> {
    let metadata = workspace::metadata()?;
    let files = workspace::sources()?;
    let mut findings = walls::check(&metadata);
    findings.extend(sources::check(&files));
    findings.extend(links::check(&files));
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("{} findings", findings.len());
    }
    println!("tidy: {} crates, {} files, nothing to say", metadata.packages.len(), files.len());
    Ok(())
}
