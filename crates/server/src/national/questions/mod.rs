//! Questions of an institution about a person and its own visits (5201–5206, 5301–5304).
//!
//! Whoever asks sees what is its own: visits and settlements of other institutions are not told. Where an answer shows a person,
//! the look is on record before it is given.

mod filed;
mod lines;
mod running;
mod settled;
mod visits;

use super::handlers::{Block, on};

/// The transactions of this block.
pub(super) const ALL: Block = &[
    on!("5201", visits::visits),
    on!("5202", visits::diagnoses),
    on!("5203", settled::settlement),
    on!("5204", lines::lines),
    on!("5205", lines::medicines),
    on!("5206", running::running),
    on!("5301", filed::special),
    on!("5302", filed::chosen),
    on!("5303", visits::in_hospital),
    on!("5304", filed::referrals),
];
