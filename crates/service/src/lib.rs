//! The books as a service: use cases as transactions, answered once they are on the disk.
//!
//! One writer thread a database takes the requests that wait, runs them one after the other over one working set, writes what
//! they did in one transaction, and answers when that has been committed. A request that was answered before is answered the
//! same again, by its key and a keyed hash of what was asked. Questions are read on connections of their own. The clock, the
//! key, the region's settings and the editions of the policy files are looked after here; what a command means is the
//! business of `books`, and how rows lie on the disk that of `store`.
//!
//! Deliberately absent: any rule of the law, any SQL, any text for a screen but what went wrong and what to do about it.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at the first surprise"))]

mod aside;
mod beside;
mod clock;
pub mod demo;
mod edition;
pub mod export;
mod failure;
mod gate;
mod kept;
mod key;
mod ledger;
mod region;
mod rules;
mod scribe;
mod service;
mod transact;
pub mod uptime;
pub mod verify;
mod writer;

pub use beside::Act;
pub use clock::{Clock, SetClock, ShiftedClock, SystemClock, day_of};
pub use edition::{Policies, edition_library};
pub use failure::{Failure, Trouble};
pub use key::{Key, read_private};
pub use region::{TODAY_NOTE, open_region, regions, today_note};
pub use service::{Connect, Options, Service, Setup, Ticket, connect, request_id};
