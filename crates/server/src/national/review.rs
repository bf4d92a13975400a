//! Review before and during care (3101–3103).

use super::handlers::Block;

/// The transactions of this block.
pub(super) const ALL: Block = &[];
