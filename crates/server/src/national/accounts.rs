//! Reconciliation and clearing (3201–3204).

use super::handlers::Block;

/// The transactions of this block.
pub(super) const ALL: Block = &[];
