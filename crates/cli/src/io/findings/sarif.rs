//! Findings as SARIF 2.1.0 (OASIS), which code hosts and editors read.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use domain::{Diagnostic, Place};
use serde_json::{Value, json};

use super::Texts;
use claims::text::Lines;

/// Writes one log with one run.
pub(super) fn write(findings: &[Diagnostic], texts: &Texts, out: &mut dyn Write) -> io::Result<()> {
    let lines: BTreeMap<&str, Lines<'_>> = texts.iter().map(|(file, text)| (file.as_str(), Lines::of(text))).collect();
    let mut rules: Vec<&str> = findings.iter().map(|finding| finding.code).collect();
    rules.sort_unstable();
    rules.dedup();
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, &rules, &lines)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "tongchou",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|code| json!({ "id": code })).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

fn result(finding: &Diagnostic, rules: &[&str], lines: &BTreeMap<&str, Lines<'_>>) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(&finding.place.file) } });
    if let Some(region) = region(&finding.place, lines.get(finding.place.file.as_str())) {
        physical["region"] = region;
    }
    let mut properties = json!({ "cure": finding.cure });
    if let Some(clause) = &finding.clause {
        properties["clause"] = json!(clause);
    }
    json!({
        "ruleId": finding.code,
        "ruleIndex": rules.binary_search(&finding.code).unwrap_or_default(),
        "level": finding.severity.code(),
        "message": { "text": format!("{}\n{}", finding.message, finding.cure) },
        "locations": [{ "physicalLocation": physical }],
        "properties": properties,
    })
}

/// Lines and columns of a finding. Columns are characters only where the text is at hand: the column of a row is a field.
fn region(place: &Place, lines: Option<&Lines<'_>>) -> Option<Value> {
    if place.line == 0 {
        return None;
    }
    let Some(lines) = lines else { return Some(json!({ "startLine": place.line })) };
    let (line, column) = lines.place(place.span.0);
    let (end_line, end_column) = lines.place(place.span.1.max(place.span.0));
    Some(json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column }))
}

/// A path as a URI reference; relative paths stay relative.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(byte.into()),
            // writing to a String cannot fail
            byte => _ = write!(uri, "%{byte:02X}"),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("a/b c.csv"), "a/b%20c.csv");
        assert_eq!(uri("/票.csv"), "file:///%E7%A5%A8.csv");
        assert_eq!(uri("a\\b.csv"), "a/b.csv");
    }
}
