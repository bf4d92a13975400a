//! `policy check`: what is wrong with the policy files, all of it at once, each with its place and cure.

use std::path::PathBuf;

use domain::{Diagnostic, Severity};

use super::Seen;
use crate::io::findings::{self, Style};
use crate::output::put;
use crate::session::{Lang, Session, Verdict};

/// Asks for the findings.
#[derive(clap::Args)]
pub struct Args {
    /// Slug, code, Chinese name or alias: its files and those of the regions above it; every region if left out
    region: Option<String>,
    #[command(flatten)]
    seen: Seen,
    /// Form of the output: text (default), json or sarif
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    format: Style,
    /// In text: notes too, as of statements that cannot be judged for lack of a figure
    #[arg(long)]
    notes: bool,
    /// Write to a file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Args {
    /// Tells them; errors end in exit code 1.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let found = self.findings(session)?;
        let all = self.notes || self.format != Style::Text;
        let told: Vec<Diagnostic> = found.iter().filter(|f| all || f.severity > Severity::Note).cloned().collect();
        let mut text = Vec::new();
        findings::write(&told, &session.shelf.texts, self.format, session.lang, &mut text)?;
        if self.format == Style::Text {
            text.extend(summary(&found, self.notes, session.lang).into_bytes());
        }
        put(&String::from_utf8(text)?, self.output.as_deref())?;
        let wrong = found.iter().any(|finding| finding.severity == Severity::Error);
        Ok(if wrong { Verdict::Findings } else { Verdict::Good })
    }

    /// What is wrong with the files; and if nothing is, where the figures do not keep what the notices say of them.
    fn findings(&self, session: &Session) -> anyhow::Result<Vec<Diagnostic>> {
        let library = &session.shelf.library;
        let asked = self.region.as_ref().map(|name| session.region(library, name)).transpose()?;
        let chain = asked.map(|region| library.chain(region));
        let folders = &session.shelf.regions;
        let wanted = |slug: &str| chain.as_ref().is_none_or(|chain| chain.iter().any(|region| region.slug == slug));
        // What is wrong with no region's file concerns every region.
        let of_region = |finding: &&Diagnostic| folders.get(&finding.place.file).is_none_or(|slug| wanted(slug));
        let mut found: Vec<Diagnostic> = library.findings.iter().filter(of_region).cloned().collect();
        if library.has_errors() {
            return Ok(found);
        }
        let view = self.seen.view(library)?;
        let regions = library.regions.values().filter(|region| asked.is_none_or(|asked| asked.slug == region.slug));
        for said in cases::judged(library, regions, &view) {
            if !found.contains(&said) {
                found.push(said);
            }
        }
        found.sort_by(|a, b| a.place.cmp(&b.place));
        Ok(found)
    }
}

fn summary(findings: &[Diagnostic], told: bool, lang: Lang) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings, notes) = (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
    let more = if told || notes == 0 { "" } else { lang.of("（--notes 列出）", " (--notes lists them)") };
    match lang {
        Lang::Zh => format!("{errors} 处错误，{warnings} 处警告，{notes} 处提示{more}\n"),
        Lang::En => format!("{errors} errors, {warnings} warnings, {notes} notes{more}\n"),
    }
}
