//! The verbs, one file each.

mod completions;
mod explain;
mod policy;
mod reference;
mod settle;

use clap::Subcommand;

use crate::session::{Session, Verdict};

/// What the program can be asked.
#[derive(Subcommand)]
pub enum Verb {
    /// Settle bills: what every fund and the person pay, and why
    Settle(settle::Args),
    /// Ask about one bill, and be answered with every step
    Explain(explain::Args),
    /// The notices: list, show, compare, check, test them; start a region
    #[command(subcommand)]
    Policy(policy::Verb),
    /// Completions for a shell
    Completions(completions::Args),
    /// Write the generated reference: pages and JSON Schemas
    #[command(hide = true)]
    Reference(reference::Args),
}

impl Verb {
    /// Does what was asked.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        match self {
            Verb::Settle(args) => args.run(session),
            Verb::Explain(args) => args.run(session),
            Verb::Policy(verb) => verb.run(session),
            Verb::Completions(args) => args.run(),
            Verb::Reference(args) => args.run(),
        }
    }
}
