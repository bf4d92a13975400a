//! What is wrong with one `path=value`, by its place in the text.

use std::ops::Range;

/// What is wrong, where in the text, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Byte range in the text.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub cure: String,
}

impl Fault {
    /// A fault at a place of the text.
    pub fn new(span: Range<usize>, message: impl Into<String>, cure: impl Into<String>) -> Fault {
        Fault { span, message: message.into(), cure: cure.into() }
    }

    /// The same at another place.
    pub fn at(self, span: Range<usize>) -> Fault {
        Fault { span, ..self }
    }
}
