//! Findings about what people write: a place, what is wrong there, and what to do.

use std::fmt;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Likely wrong; the input is still used.
    Warning,
    /// The input is not used.
    Error,
}

impl Severity {
    /// The word used in output.
    pub fn code(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Where: a file, and a line and column counted from 1 in characters, not bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Path as the user knows it.
    pub file: String,
    /// Line, from 1; 0 when the finding is about the file.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// Byte range in the file, for drawing.
    pub span: (usize, usize),
}

impl Place {
    /// A file as a whole.
    pub fn file(file: impl Into<String>) -> Place {
        Place { file: file.into(), ..Place::default() }
    }

    /// The place of a byte range of a text.
    pub fn in_text(file: &str, text: &str, span: std::ops::Range<usize>) -> Place {
        let start = span.start.min(text.len());
        let before = text.get(..start).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Place {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or("").chars().count() + 1,
            span: (start, span.end.min(text.len()).max(start)),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            return f.write_str(&self.file);
        }
        if self.column == 0 {
            return write!(f, "{}:{}", self.file, self.line);
        }
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it weighs.
    pub severity: Severity,
    /// A stable word for the kind of finding, as `unknown-key`.
    pub code: &'static str,
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub cure: String,
    /// The clause concerned, if one is.
    pub clause: Option<String>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: &'static str, place: Place, message: impl Into<String>, cure: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Error, code, place, message: message.into(), cure: cure.into(), clause: None }
    }

    /// A warning.
    pub fn warning(
        code: &'static str,
        place: Place,
        message: impl Into<String>,
        cure: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, place, message, cure) }
    }

    /// With the clause concerned.
    pub fn citing(mut self, clause: impl Into<String>) -> Diagnostic {
        self.clause = Some(clause.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}[{}]: {}", self.place, self.severity.code(), self.code, self.message)?;
        if let Some(clause) = &self.clause {
            write!(f, " ({clause})")?;
        }
        write!(f, "\n  = {}", self.cure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "a = 1\n名称 = \"x\"\n";
        let at = text.find('=').map(|first| text[first + 1..].find('=').unwrap() + first + 1).unwrap();
        let place = Place::in_text("f.toml", text, at..at + 1);
        assert_eq!((place.line, place.column), (2, 4));
    }
}
