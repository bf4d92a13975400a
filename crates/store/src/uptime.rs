//! When a server was up: kept beside the books, so that it is known after it died. No part of the journal or of seals.

/// A time in which a server was up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its name, unlike any other.
    pub id: String,
    /// When it began: microseconds since 1970, UTC.
    pub begun: i64,
    /// When it was last seen alive.
    pub seen: i64,
    /// Whether it ended in order, when it was last seen.
    pub stopped: bool,
}
