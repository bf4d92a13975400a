//! The national interface between a provider and the insurer (定点医药机构接口), as bytes and as data.
//!
//! Three layers that do not know each other: the [`envelope`] (what a message says of itself), the [`cipher`] (how its
//! content is hidden and signed) and the [`gateway`] (which headers vouch for the sender). A [`Profile`] says which of
//! them a region takes. Beside them the [`dictionary`] of transactions, fields and codes, and the [`identities`] that the
//! amounts of a settlement keep.
//!
//! Deliberately absent: sockets, files, the clock and randomness (moments and nonces are arguments, a signing device is a
//! trait), and what any transaction does. The field names are the interface's own.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at the first surprise"))]

pub mod amount;
pub mod cipher;
pub mod dictionary;
pub mod envelope;
mod fault;
pub mod gateway;
pub mod identities;
pub mod moment;
pub mod profile;
mod secret;

pub use dictionary::check_input;
pub use envelope::{InfCode, Reply, Request};
pub use fault::{Fault, FaultKind, Wanted, told};
pub use profile::{Profile, ProfileError};
pub use secret::Secret;
