//! Filings (2501–2507).

use super::handlers::Block;

/// The transactions of this block.
pub(super) const ALL: Block = &[];
