//! Lists and dictionaries to fetch, files up and down (1301–1321, 1901, 9101, 9102).

use super::handlers::Block;

/// The transactions of this block.
pub(super) const ALL: Block = &[];
