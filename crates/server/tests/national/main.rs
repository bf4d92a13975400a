//! The national interface on a real socket: visits from registration to settlement, and all that a message can be refused for.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "../serve/client.rs"]
#[allow(dead_code, reason = "shared with the other tests of the server")]
mod client;
mod faults;
mod his;
mod robust;
mod sealed;
mod visits;
