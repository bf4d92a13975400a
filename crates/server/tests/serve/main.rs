//! The server on a real socket, over a region to play with: what it answers, to whom, and what it bears.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod access;
mod client;
mod docs;
mod faults;
mod fhir;
mod lately;
mod oidc;
mod openapi;
mod rest;
mod second;
mod sessions;
mod town;
