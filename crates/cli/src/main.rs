//! The one binary. Each verb is one file of [`verbs`]; this one only finds which is meant, and ends with its exit code.

// A pipe may be closed while we write, as `head` does: `output::put` and `output::aside` end quietly then, the macros panic.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod answer;
mod english;
mod help;
#[cfg_attr(not(feature = "parquet"), allow(dead_code, reason = "some of it serves Parquet alone"))]
mod io;
mod output;
mod reference;
mod said;
mod sentences;
mod session;
#[cfg(feature = "parquet")]
mod simulations;
mod stop;
mod verbs;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgAction, ArgMatches, Args, FromArgMatches, Parser};
use shelf::Shelf;

use crate::output::aside;
use crate::sentences::said;
use crate::session::{Lang, Session, Verdict, languages};
use crate::stop::Stop;
use crate::verbs::Verb;
use crate::verbs::live::Declared;

/// A third of what an answer over the network costs is asking for memory and giving it back, which the system's own does slowly
/// where many threads do it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Resident medical security run from its own legal notices: every fen cites its clause
#[derive(Parser)]
#[command(name = "tongchou", version, disable_help_flag = true, disable_version_flag = true)]
#[command(disable_help_subcommand = true, subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 good; 1 findings or refused; 2 wrong command line")]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    /// Print the version
    #[arg(short = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,
    #[command(subcommand)]
    verb: Verb,
}

/// What every verb takes.
#[derive(Args)]
#[command(next_help_heading = "global")]
struct Globals {
    /// Lay a folder of your own notices over those the program carries; may be repeated
    #[arg(long, value_name = "DIR", global = true)]
    policies: Vec<PathBuf>,
    /// Language of help and messages: zh (default) or en
    #[arg(long, value_parser = languages(), global = true)]
    lang: Option<Lang>,
    /// Print this help
    #[arg(short, long, action = ArgAction::Help, global = true)]
    help: Option<bool>,
}

fn main() -> ExitCode {
    let matches = match help::command(help::language()).try_get_matches_from(words()) {
        Ok(matches) => matches,
        Err(error) => return help::explain(&error, help::language()),
    };
    let asked = match Asked::read(&matches) {
        Ok(asked) => asked,
        Err(error) => return help::explain(&error, help::language()),
    };
    if !matches!(&asked, Asked::Written(Cli { verb: Verb::Serve(_), .. })) {
        log();
    }
    let lang = asked.globals().lang.unwrap_or_else(help::language);
    match run(asked, lang) {
        Ok(Verdict::Good) => ExitCode::SUCCESS,
        Ok(Verdict::Findings) => ExitCode::FAILURE,
        Err(error) => ended(&error, lang),
    }
}

/// The words of the command line; without any, the program serves.
fn words() -> Vec<std::ffi::OsString> {
    let mut words: Vec<_> = std::env::args_os().collect();
    if words.len() < 2 {
        words.resize_with(1, || "tongchou".into());
        words.push("serve".into());
    }
    words
}

/// Tells on stderr what the service does, where TONGCHOU_LOG asks for it: error, warn, info or debug. Requests are named by
/// their keys; nothing of a person is in it.
fn log() {
    let asked = std::env::var("TONGCHOU_LOG").ok().and_then(|level| level.parse::<tracing::Level>().ok());
    if let Some(level) = asked {
        tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_ansi(false).init();
    }
}

/// What was asked: one of the verbs written by hand, or one of those that the books declare.
enum Asked {
    Written(Cli),
    Declared(Globals, Declared),
}

impl Asked {
    fn read(matches: &ArgMatches) -> Result<Asked, clap::Error> {
        match Declared::read(matches)? {
            Some(declared) => Ok(Asked::Declared(Globals::from_arg_matches(matches)?, declared)),
            None => Ok(Asked::Written(Cli::from_arg_matches(matches)?)),
        }
    }

    fn globals(&self) -> &Globals {
        match self {
            Asked::Written(cli) => &cli.globals,
            Asked::Declared(globals, _) => globals,
        }
    }
}

fn run(asked: Asked, lang: Lang) -> anyhow::Result<Verdict> {
    let shelf = Shelf::read(&asked.globals().policies).map_err(|no| Stop::usage(no.what, no.cure))?;
    let session = Session { lang, shelf };
    match asked {
        Asked::Written(cli) => cli.verb.run(&session),
        Asked::Declared(_, declared) => declared.run(&session),
    }
}

fn ended(error: &anyhow::Error, lang: Lang) -> ExitCode {
    // Who closes the pipe early, as `head` does, has seen enough.
    let closed = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(closed) {
        return ExitCode::SUCCESS;
    }
    let told: Vec<String> = error.chain().map(|cause| said(lang, &cause.to_string())).collect();
    aside(format!("{}{}", lang.of("错误：", "error: "), told.join(": ")));
    match error.downcast_ref::<Stop>() {
        Some(Stop::Usage { .. }) => ExitCode::from(2),
        _ => ExitCode::FAILURE,
    }
}
