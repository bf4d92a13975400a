//! Findings as people read them: what is wrong, the line of the source with the spot marked, and the cure.

use std::collections::BTreeMap;
use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use domain::{Diagnostic, Severity};

use super::Texts;
use crate::sentences::said;
use crate::session::Lang;
use claims::text::Lines;

/// So many of one kind are told; a wrong column can be wrong in a million rows.
const OF_ONE_KIND: usize = 50;
/// A source line longer than this (JSON in one line) is not drawn.
const LONGEST_LINE: usize = 2000;

/// How the text is to look.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Look {
    /// Columns of the terminal; `None` for a file or a pipe.
    pub width: Option<usize>,
    /// Whether to colour.
    pub coloured: bool,
    /// The language of what stands around the findings.
    pub lang: Lang,
}

/// Writes findings one after another, and then how many more there are of which kind.
pub(super) fn write(findings: &[Diagnostic], texts: &Texts, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let renderer = if look.coloured { Renderer::styled() } else { Renderer::plain() };
    let renderer = look.width.map_or(renderer.clone(), |width| renderer.term_width(width));
    let mut lines: BTreeMap<&str, Lines<'_>> = BTreeMap::new();
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings {
        let count = told.entry(finding.code).or_default();
        *count += 1;
        if *count > OF_ONE_KIND {
            continue;
        }
        let source = texts.get(&finding.place.file).filter(|_| finding.place.line > 0);
        let drawn = source.and_then(|text| {
            let lines = lines.entry(&finding.place.file).or_insert_with(|| Lines::of(text));
            draw(finding, lines, &renderer, look.lang)
        });
        match drawn {
            Some(drawn) => writeln!(out, "{drawn}\n")?,
            None => writeln!(out, "{}", in_one_line(finding, look.lang))?,
        }
    }
    for (code, count) in told.into_iter().filter(|(_, count)| *count > OF_ONE_KIND) {
        writeln!(out, "{}", said(look.lang, &format!("{code}：另有 {} 处同类问题未逐一列出", count - OF_ONE_KIND)))?;
    }
    Ok(())
}

/// A finding with its source; `None` when that cannot be shown well.
fn draw(finding: &Diagnostic, lines: &Lines<'_>, renderer: &Renderer, lang: Lang) -> Option<String> {
    let (from, to) = finding.place.span;
    let first = lines.place(from).0;
    let (begin, source) = lines.between(first, lines.place(to.max(from)).0);
    let (from, to) = (from.checked_sub(begin)?.min(source.len()), to.checked_sub(begin)?.min(source.len()));
    if source.len() > LONGEST_LINE || !source.is_char_boundary(from) || !source.is_char_boundary(to) {
        return None;
    }
    let spot = Snippet::source(source)
        .line_start(first)
        .path(finding.place.file.as_str())
        .annotation(AnnotationKind::Primary.span(from..to.max(from)));
    let clause = finding.clause.as_ref().map(|clause| Level::NOTE.message(said(lang, &format!("条款 {clause}"))));
    let report = level(finding.severity)
        .primary_title(finding.message.as_str())
        .id(finding.code)
        .element(spot)
        .elements(clause)
        .element(Level::HELP.message(finding.cure.as_str()));
    Some(renderer.render(&[report]))
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

fn in_one_line(finding: &Diagnostic, lang: Lang) -> String {
    let Diagnostic { severity, code, place, message, cure, clause } = finding;
    let clause = clause
        .as_ref()
        .map_or(String::new(), |clause| format!("{}{clause}{}", lang.of("（", " ("), lang.of("）", ")")));
    format!("{place}: {}[{code}]: {message}{clause} => {cure}", severity.code())
}
