//! The only HTTP: what the books can do, over a socket.
//!
//! Routes are made from the registry of commands and questions, so that a new one is served as soon as it is declared. Who may
//! do what is decided in one place ([`access`]), from roles that are data. Nothing here knows a rule of the law or a table of
//! the database: a request becomes a command or a question of the service, and its answer becomes JSON.
//!
//! Invariants: nothing is answered as done before it is on the disk; what was not allowed says nothing of what exists; no
//! personal data and no secret is ever logged; a slow, silent or broken client costs itself and nobody else.
//!
//! Deliberately absent: pages for people (`pages`, which comes in by [`router_with`] and asks by [`App::ask`]), TLS of its own making.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at the first surprise"))]

pub mod access;
mod app;
mod bridge;
mod desk;
mod docs;
mod door;
mod fhir;
mod lately;
mod listen;
mod national;
mod openapi;
pub mod ops;
mod problem;
mod refused;
mod rest;
mod sso;
mod tls;

pub use access::SignedIn;
pub use app::{App, Settings, metrics_router, nothing_here, peer, router, router_with};
pub use bridge::{Bridge, Limits};
pub use lately::{Did, Done, Ends, Looking, Reach, Whom};
pub use listen::{Listening, Patience, bind};
pub use national::{National, Signing};
pub use openapi::document;
pub use problem::Problem;
pub use refused::Refused;
pub use rest::Pairs;
pub use sso::{Landing, local};
pub use tls::{Tls, read as read_tls};
