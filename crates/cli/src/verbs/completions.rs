//! `completions`: what a shell needs to complete verbs and options.

use std::io::Write;

use clap_complete::Shell;

use crate::help;
use crate::session::{Lang, Verdict};

/// Asks for a shell.
#[derive(clap::Args)]
pub struct Args {
    /// bash, zsh, fish, elvish or powershell
    #[arg(value_enum)]
    shell: Shell,
}

impl Args {
    /// Prints the completions.
    pub fn run(self) -> anyhow::Result<Verdict> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut help::command(Lang::Zh), "tongchou", &mut text);
        std::io::stdout().write_all(&text)?;
        Ok(Verdict::Good)
    }
}
