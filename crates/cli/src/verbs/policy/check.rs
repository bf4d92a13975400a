//! `policy check`: what is wrong with the policy files, all of it at once, each with its place and cure.

use std::collections::BTreeSet;
use std::path::PathBuf;

use domain::{Diagnostic, Severity};

use crate::io::findings::{self, Style};
use crate::output::put;
use crate::session::{Lang, Session, Verdict};

/// Asks for the findings.
#[derive(clap::Args)]
pub struct Args {
    /// Slug, code, Chinese name or alias: its files and those of the regions above it; every region if left out
    region: Option<String>,
    /// Form of the output: text (default), json or sarif
    #[arg(
        long,
        value_enum,
        value_name = "FORM",
        default_value_t,
        hide_default_value = true,
        hide_possible_values = true
    )]
    format: Style,
    /// Write to a file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Args {
    /// Tells them; errors end in exit code 1.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let found = self.findings(session)?;
        let mut text = Vec::new();
        findings::write(&found, &session.shelf.texts, self.format, &mut text)?;
        if self.format == Style::Text {
            text.extend(summary(&found, session.lang).into_bytes());
        }
        put(&String::from_utf8(text)?, self.output.as_deref())?;
        let wrong = found.iter().any(|finding| finding.severity == Severity::Error);
        Ok(if wrong { Verdict::Findings } else { Verdict::Good })
    }

    fn findings(&self, session: &Session) -> anyhow::Result<Vec<Diagnostic>> {
        let library = &session.shelf.library;
        let mut wanted: Option<BTreeSet<&str>> = None;
        if let Some(name) = &self.region {
            let region = session.region(library, name)?;
            wanted = Some(library.chain(region).iter().map(|region| region.slug.as_str()).collect());
        }
        let folders = &session.shelf.regions;
        let of_region = |finding: &&Diagnostic| {
            let Some(wanted) = &wanted else { return true };
            // What is wrong with no region's file concerns every region.
            folders.get(&finding.place.file).is_none_or(|slug| wanted.contains(slug.as_str()))
        };
        Ok(library.findings.iter().filter(of_region).cloned().collect())
    }
}

fn summary(findings: &[Diagnostic], lang: Lang) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings, notes) = (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
    match lang {
        Lang::Zh => format!("{errors} 处错误，{warnings} 处警告，{notes} 处提示\n"),
        Lang::En => format!("{errors} errors, {warnings} warnings, {notes} notes\n"),
    }
}
