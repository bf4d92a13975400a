//! On what a figure rests. The weakest basis used is part of every result.

use std::fmt;

/// From strongest to weakest; `max` of two bases is the weaker one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// The notice prints it.
    #[default]
    Stated,
    /// Computed from a stated rule and a published statistic.
    Derived,
    /// Read in a text about the notice, not in the notice.
    Secondary,
    /// An assumption, so that a region can be run at all.
    Illustrative,
}

impl Basis {
    /// All, strongest first.
    pub const ALL: [Basis; 4] = [Basis::Stated, Basis::Derived, Basis::Secondary, Basis::Illustrative];

    /// The word used in notice files and output.
    pub fn code(self) -> &'static str {
        match self {
            Basis::Stated => "stated",
            Basis::Derived => "derived",
            Basis::Secondary => "secondary",
            Basis::Illustrative => "illustrative",
        }
    }

    /// The Chinese word.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Stated => "原文",
            Basis::Derived => "推算",
            Basis::Secondary => "转引",
            Basis::Illustrative => "示意",
        }
    }

    /// Reads the word used in notice files.
    pub fn parse(text: &str) -> Option<Basis> {
        Basis::ALL.into_iter().find(|basis| basis.code() == text)
    }

    /// Whether a strict run accepts it.
    pub fn holds_when_strict(self) -> bool {
        self <= Basis::Derived
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}
