//! For development only: a literal second implementation of the benefit rules, made-up people and their bills, and the
//! comparison of both with the engine.
//!
//! * [`reference`] settles bills by the clauses as read, in plain and slow code that owes nothing to the engine;
//! * [`people`] makes up lives of bills, from a seed, with amounts near every line of the terms;
//! * [`changes`] gives terms with other figures;
//! * [`compare`] holds the engine against the reference and shrinks what differs to the few bills that show it;
//! * [`policies`] reads the notices of this repository;
//! * [`postgres`] starts a database server for the tests of the books.
#![allow(clippy::expect_used, clippy::panic, reason = "development only: what fails here is a failing test")]
#![allow(clippy::inconsistent_digit_grouping, reason = "amounts in fen are grouped as yuan and fen")]

pub mod changes;
pub mod compare;
pub mod people;
pub mod policies;
pub mod population;
#[cfg(unix)]
pub mod postgres;
pub mod random;
pub mod reference;
