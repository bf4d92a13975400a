//! `policy check`: what is wrong with the policy files, all of it at once, each with its place and cure.

use std::collections::BTreeSet;
use std::path::PathBuf;

use domain::{Diagnostic, Severity};
use serde_json::{Value, json};

use crate::output::{array, put};
use crate::session::{Lang, Session, Verdict};

/// Asks for the findings.
#[derive(clap::Args)]
pub struct Args {
    /// Slug, code, Chinese name or alias: its files and those of the regions above it; every region if left out
    region: Option<String>,
    /// Form of the output: text (default), json or sarif
    #[arg(long, value_enum, value_name = "FORM", default_value_t, hide_default_value = true, hide_possible_values = true)]
    format: Form,
    /// Write to a file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    #[default]
    Text,
    Json,
    Sarif,
}

impl Args {
    /// Tells them; errors end in exit code 1.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let findings = self.findings(session)?;
        let text = match self.format {
            Form::Text => text(&findings, session.lang),
            Form::Json => array(&findings.iter().map(|finding| record(finding)).collect::<Vec<_>>()),
            Form::Sarif => serde_json::to_string_pretty(&sarif(&findings))? + "\n",
        };
        put(&text, self.output.as_deref())?;
        let wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
        Ok(if wrong { Verdict::Findings } else { Verdict::Good })
    }

    fn findings<'s>(&self, session: &'s Session) -> anyhow::Result<Vec<&'s Diagnostic>> {
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
        Ok(library.findings.iter().filter(of_region).collect())
    }
}

fn text(findings: &[&Diagnostic], lang: Lang) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let notes = findings.len() - errors - warnings;
    let mut text: String = findings.iter().map(|finding| format!("{finding}\n")).collect();
    text.push_str(&match lang {
        Lang::Zh => format!("{errors} 处错误，{warnings} 处警告，{notes} 处提示\n"),
        Lang::En => format!("{errors} errors, {warnings} warnings, {notes} notes\n"),
    });
    text
}

fn record(finding: &Diagnostic) -> Value {
    json!({
        "severity": finding.severity.code(),
        "code": finding.code,
        "file": finding.place.file,
        "line": finding.place.line,
        "column": finding.place.column,
        "message": finding.message,
        "cure": finding.cure,
        "clause": finding.clause,
    })
}

/// The findings as SARIF 2.1.0, which code hosts show beside the lines.
fn sarif(findings: &[&Diagnostic]) -> Value {
    let rules: BTreeSet<&str> = findings.iter().map(|finding| finding.code).collect();
    let rules: Vec<Value> = rules.into_iter().map(|code| json!({ "id": code })).collect();
    let result = |finding: &&Diagnostic| {
        let mut place = json!({ "artifactLocation": { "uri": finding.place.file.replace('\\', "/") } });
        if finding.place.line > 0 {
            place["region"] = json!({ "startLine": finding.place.line, "startColumn": finding.place.column });
        }
        json!({
            "ruleId": finding.code,
            "level": finding.severity.code(),
            "message": { "text": format!("{}\n{}", finding.message, finding.cure) },
            "locations": [{ "physicalLocation": place }],
        })
    };
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "tongchou", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": findings.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}
