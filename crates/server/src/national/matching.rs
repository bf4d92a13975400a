//! The institution's items against the national ones (3301, 3302).

use super::handlers::Block;

/// The transactions of this block.
pub(super) const ALL: Block = &[];
