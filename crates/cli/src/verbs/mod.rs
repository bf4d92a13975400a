//! The verbs, one file each.

mod account;
mod completions;
mod cover;
mod due;
mod explain;
mod forecast;
mod generate;
mod hospital;
pub mod live;
mod person;
mod policy;
mod reference;
pub mod serve;
mod settle;
mod simulate;
mod subsidy;

use clap::Subcommand;

use crate::session::{Session, Verdict};

/// What the program can be asked.
#[derive(Subcommand)]
pub enum Verb {
    /// Settle bills: what every fund and the person pay, and why
    Settle(settle::Args),
    /// Ask about one bill, and be answered with every step
    Explain(Box<explain::Args>),
    /// What is due for a person's insured year, and who pays it
    Due(due::Args),
    /// From which day a person who joins is covered
    Cover(cover::Args),
    /// The fiscal subsidy of a year, and which government pays which part
    Subsidy(subsidy::Args),
    /// The personal account: the monthly share on the card, the withdrawal
    #[command(subcommand)]
    Account(account::Verb),
    /// The notices: list, show, compare, check, test them; start a region
    #[command(subcommand)]
    Policy(policy::Verb),
    /// Serve the books over HTTP; without a database, those of a region to play with
    Serve(serve::Args),
    /// A hospital that plays a day against the national interface, and checks all that comes back
    Hospital(Box<hospital::Args>),
    /// A province of made-up people from a seed: enrolment, hospitals and bills as Parquet
    Generate(Box<generate::Args>),
    /// What a draft or other figures cost, and who gains and who loses, over a whole province
    Simulate(Box<simulate::Args>),
    /// How long the fund lasts, from what a simulation found: years ahead by scenarios, with ranges
    Forecast(Box<forecast::Args>),
    /// Open the books of a region in a database
    Open(live::open::Args),
    /// A region to play with: made-up people, contributions and settlements
    Demo(live::demo::Args),
    /// Verify books: make everything derived again from the journal and name what differs
    Verify(live::verify::Args),
    /// Balances: what stands on every account
    Ledger(live::ledger::Args),
    /// Write a backup of the books to a file, while they are in use
    Backup(live::keep::Backup),
    /// Restore a backup into a new database
    Restore(live::keep::Restore),
    /// Move books into another database, as from a file to PostgreSQL
    Move(live::keep::Move),
    /// Write books as files that any program can read: JSON Lines, with a manifest
    Export(live::export::Export),
    /// Load an export into a new database, of either engine
    Import(live::export::Import),
    /// Seal what has been recorded with one hash, to be kept elsewhere
    Seal(live::seal::Args),
    /// When a server was up, by the month: minutes up and down, and how it ended
    Uptime(live::uptime::Args),
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
            Verb::Due(args) => args.run(session),
            Verb::Cover(args) => args.run(session),
            Verb::Subsidy(args) => args.run(session),
            Verb::Account(verb) => verb.run(session),
            Verb::Policy(verb) => verb.run(session),
            Verb::Serve(args) => args.run(session),
            Verb::Hospital(args) => args.run(session),
            Verb::Generate(args) => args.run(session),
            Verb::Simulate(args) => args.run(session),
            Verb::Forecast(args) => args.run(session),
            Verb::Open(args) => args.run(session),
            Verb::Demo(args) => args.run(session),
            Verb::Verify(args) => args.run(session),
            Verb::Ledger(args) => args.run(session),
            Verb::Backup(args) => args.run(session),
            Verb::Restore(args) => args.run(session),
            Verb::Move(args) => args.run(session),
            Verb::Export(args) => args.run(session),
            Verb::Import(args) => args.run(session),
            Verb::Seal(args) => args.run(session),
            Verb::Uptime(args) => args.run(session),
            Verb::Completions(args) => args.run(),
            Verb::Reference(args) => args.run(),
        }
    }
}
