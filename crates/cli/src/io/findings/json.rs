//! Findings as one JSON array.

use std::io::{self, Write};

use domain::Diagnostic;
use serde::Serialize;

#[derive(Serialize)]
struct Finding<'f> {
    severity: &'static str,
    code: &'static str,
    file: &'f str,
    /// Null when the finding is about the file as a whole.
    line: Option<usize>,
    column: Option<usize>,
    message: &'f str,
    cure: &'f str,
    clause: Option<&'f str>,
}

/// Writes an array, an object a line.
pub(super) fn write(findings: &[Diagnostic], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"[")?;
    for (index, finding) in findings.iter().enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        let Diagnostic { severity, code, place, message, cure, clause } = finding;
        let within = |number: usize| (place.line > 0 && number > 0).then_some(number);
        let finding = Finding {
            severity: severity.code(),
            code,
            file: &place.file,
            line: within(place.line),
            column: within(place.column),
            message,
            cure,
            clause: clause.as_deref(),
        };
        serde_json::to_writer(&mut *out, &finding)?;
    }
    out.write_all(if findings.is_empty() { b"]\n" } else { b"\n]\n" })
}
