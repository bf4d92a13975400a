//! Findings to people, with the source line they are about, and to programs as JSON and SARIF.

mod json;
mod people;
mod sarif;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use clap::ValueEnum;
use console::Term;
use domain::Diagnostic;

use crate::sentences::said;
use crate::session::Lang;

/// The texts that findings point into, by the name of their file. A text that is not here is not drawn.
pub type Texts = BTreeMap<String, String>;

/// How findings are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Style {
    /// For people, with the line of the source
    #[default]
    Text,
    /// A JSON array of objects
    Json,
    /// SARIF 2.1.0, for code hosts and editors
    Sarif,
}

/// Tells people on stderr.
///
/// # Errors
/// When stderr cannot be written.
pub fn tell(findings: &[Diagnostic], texts: &Texts, lang: Lang) -> io::Result<()> {
    let terminal = Term::stderr();
    let width = terminal.is_term().then(|| usize::from(terminal.size().1));
    let coloured = width.is_some() && console::colors_enabled_stderr();
    let mut out = io::BufWriter::new(io::stderr());
    people::write(&told(findings, lang), texts, people::Look { width, coloured, lang }, &mut out)?;
    out.flush()
}

/// Writes findings in any style, plain, all of them but for [`Style::Text`], which tells a few of each kind.
///
/// # Errors
/// When the writer fails.
pub fn write(findings: &[Diagnostic], texts: &Texts, style: Style, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    let findings = &*told(findings, lang);
    match style {
        Style::Text => people::write(findings, texts, people::Look { lang, ..people::Look::default() }, out),
        Style::Json => json::write(findings, out),
        Style::Sarif => sarif::write(findings, texts, out),
    }
}

/// Findings in a language. Codes, places and clauses are the same in each.
fn told(findings: &[Diagnostic], lang: Lang) -> Cow<'_, [Diagnostic]> {
    if lang == Lang::Zh {
        return findings.into();
    }
    let one = |finding: &Diagnostic| Diagnostic {
        message: said(lang, &finding.message),
        cure: said(lang, &finding.cure),
        ..finding.clone()
    };
    findings.iter().map(one).collect()
}
