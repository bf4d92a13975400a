//! What every verb is given: the language, the notices, and today.

use clap::builder::{PossibleValuesParser, TypedValueParser};
pub use domain::Lang;
use domain::{Date, Severity};
use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use policy::{Library, Region};
use shelf::Shelf;

use crate::io::findings;
use crate::stop::Stop;

/// The languages that may be asked for, by their words.
pub fn languages() -> impl TypedValueParser<Value = Lang> {
    PossibleValuesParser::new(["zh", "en"]).map(|word| if word == "en" { Lang::En } else { Lang::Zh })
}

/// How a verb that ran to its end went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As asked. Exit code 0.
    Good,
    /// Something was found or refused, and has been said. Exit code 1.
    Findings,
}

/// What every verb is given.
pub struct Session {
    /// Language of the output.
    pub lang: Lang,
    /// The notices, faults included.
    pub shelf: Shelf,
}

impl Session {
    /// The notices, if nothing is wrong with them. What is in doubt is not run.
    pub fn library(&self) -> Result<&Library, Stop> {
        let library = &self.shelf.library;
        if !library.has_errors() {
            return Ok(library);
        }
        let errors: Vec<_> = library.findings.iter().filter(|f| f.severity == Severity::Error).cloned().collect();
        // What cannot be told has no reader; the refusal stands.
        _ = findings::tell(&errors, &self.shelf.texts, self.lang);
        let count = errors.len();
        Err(Stop::Refused(match self.lang {
            Lang::Zh => format!("政策文件有 {count} 处错误，改正后再运行；`tongchou policy check` 列出全部"),
            Lang::En => {
                format!("{count} errors in the policy files: mend them first; `tongchou policy check` lists all")
            }
        }))
    }

    /// The region of a slug, a code, a Chinese name or an alias.
    pub fn region<'s>(&self, library: &'s Library, name: &str) -> Result<&'s Region, Stop> {
        library.region(name).map_err(|what| {
            Stop::usage(
                what,
                self.lang.of(
                    "`tongchou policy list` 列出各地区；自己的地区用 --policies 目录 加上",
                    "`tongchou policy list` names the regions; --policies DIR adds your own",
                ),
            )
        })
    }
}

/// Today in China, which has one time zone.
pub fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::fixed(offset(8))).date()
}
