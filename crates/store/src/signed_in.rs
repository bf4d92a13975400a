//! Who is signed in: kept beside the books so that a restart signs nobody out. No part of the journal, of seals or of copies.

use crate::Hash;

/// Somebody signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Hash of its token.
    pub token: Hash,
    /// Name of the user.
    pub user: String,
    /// The user's changes when it began: another password or role ends it.
    pub changes: u32,
    /// When it ends whatever happens: microseconds since 1970, UTC.
    pub ends: i64,
    /// When it was last used, as far as has been told.
    pub used: i64,
}

/// What becomes of sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionChange {
    /// One begins.
    Begin(Session),
    /// One, by the hash of its token, was used at a moment; one that has ended meanwhile stays so.
    Used(Hash, i64),
    /// One, by the hash of its token, ends.
    End(Hash),
    /// Those go that have ended by a moment, or were last used at or before another.
    Expire {
        /// The moment.
        now: i64,
        /// The other.
        idle_since: i64,
    },
}
