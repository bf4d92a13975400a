//! The edges: files of bills in, sheets and findings out.
//!
//! Each way in ends in valid domain values or findings that name file, row, column and cure; each way out writes a file
//! whole or not at all. Nothing of the law is known here, and no amount is a float.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at the first surprise"))]

pub mod bills;
pub mod findings;
pub mod out;
pub mod progress;
pub mod sheet;
