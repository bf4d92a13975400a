//! Days of the simulated hospital against the real server: everything holds, whatever goes wrong on the line; a server that is
//! broken is found out; and the books come out again from the journal.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod broken;
#[path = "../common/mod.rs"]
mod common;
mod days;
mod gateways;
mod served;
