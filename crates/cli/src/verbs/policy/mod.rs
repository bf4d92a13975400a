//! `policy`: what the notices say, what changed, what is wrong and what is missing.

mod check;
mod coverage;
mod diff;
mod list;
mod new;
mod open;
mod paths;
mod set;
mod show;
mod test;

use clap::Subcommand;
use domain::Date;
use policy::{Library, NoticeKind, View};

pub use self::set::Sets;
#[cfg(feature = "parquet")]
pub use self::set::over;

use crate::session::{Session, Verdict};
use crate::stop::Stop;

/// What can be asked of the notices.
#[derive(Subcommand)]
pub enum Verb {
    /// The notices, with their status and how long they hold
    List(list::Args),
    /// The terms in force in a region on a day, with the clause behind every figure
    Show(show::Args),
    /// What changed between two days, and because of which clause
    Diff(diff::Args),
    /// What is wrong with the policy files, each with its place and cure
    Check(check::Args),
    /// The figures that are missing, so that a bill that needs them is refused
    Open(open::Args),
    /// The figures that --set can change, each with its path, present value and clause
    Paths(paths::Args),
    /// How much of the clause register runs, and what does not and why
    Coverage(coverage::Args),
    /// Run the case deck
    Test(test::Args),
    /// Write the starter files of a region, or of a notice
    New(new::Args),
}

impl Verb {
    /// Does what was asked.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        match self {
            Verb::List(args) => args.run(session),
            Verb::Show(args) => args.run(session),
            Verb::Diff(args) => args.run(session),
            Verb::Check(args) => args.run(session),
            Verb::Open(args) => args.run(session),
            Verb::Paths(args) => args.run(session),
            Verb::Coverage(args) => args.run(session),
            Verb::Test(args) => args.run(session),
            Verb::New(args) => args.run(session),
        }
    }
}

/// A day on the command line.
pub fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "日期写成 2022-01-31 (a day as 2022-01-31)".to_owned())
}

/// What is looked at beside region and day.
#[derive(clap::Args)]
pub struct Seen {
    /// Only what was known on this day
    #[arg(long, value_name = "DAY", value_parser = day)]
    known_on: Option<Date>,
    /// Fold this draft on top, by the id of its notice; may be repeated
    #[arg(long, value_name = "NOTICE")]
    draft: Vec<String>,
}

impl Seen {
    /// As the library asks it.
    pub fn view<'l>(&self, library: &'l Library) -> Result<View<'l>, Stop> {
        let drafts: Vec<&str> =
            library.notices.iter().filter(|n| n.kind == NoticeKind::Draft).map(|n| n.id.as_str()).collect();
        for wanted in &self.draft {
            if !drafts.contains(&wanted.as_str()) {
                let what = format!("没有征求意见稿 “{wanted}” (unknown draft)");
                let cure = if drafts.is_empty() {
                    "没有可用的".to_owned()
                } else {
                    format!("可用：{}", drafts.join("、"))
                };
                return Err(Stop::usage(what, cure));
            }
        }
        Ok(View { known_on: self.known_on, drafts: self.draft.clone(), ..View::default() })
    }

    /// The same, without supplements if it is to be strict.
    pub fn strictly<'l>(&self, library: &'l Library, strict: bool) -> Result<View<'l>, Stop> {
        Ok(View { without_supplements: strict, ..self.view(library)? })
    }

    /// Whether drafts are asked for.
    pub fn has_drafts(&self) -> bool {
        !self.draft.is_empty()
    }

    /// The same, before the drafts.
    pub fn without_drafts<'l>(&self) -> View<'l> {
        View { known_on: self.known_on, ..View::default() }
    }
}

/// The last day of a period that ends before `end`.
pub fn last_day(end: Option<Date>) -> Option<Date> {
    end.and_then(|end| end.yesterday().ok())
}
