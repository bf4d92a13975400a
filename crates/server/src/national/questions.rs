//! Questions (5201–5206, 5301–5304).

use super::handlers::Block;

/// The transactions of this block.
pub(super) const ALL: Block = &[];
