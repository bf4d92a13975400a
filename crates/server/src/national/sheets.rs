//! The settlement sheet (4101–4103).

use super::handlers::Block;

/// The transactions of this block.
pub(super) const ALL: Block = &[];
