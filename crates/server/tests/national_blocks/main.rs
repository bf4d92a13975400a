//! The blocks of the national interface that are not care itself, over a real socket: a file a block.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test may stop at the first surprise")]

mod accounts;
mod catalogue;
mod filings;
mod matching;
mod page;
mod questions;
mod review;
mod sheets;
mod town;
