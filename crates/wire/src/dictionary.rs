//! The dictionary: which transactions there are, what goes in and comes out, what each field may hold, and what codes mean.
//!
//! One table of fields ([`field()`]), one of transactions ([`transaction`]) that name those fields, one of code tables
//! ([`code_table`]). [`check_input`] checks by them, [`page`] prints them, transaction 1901 serves the codes.
//!
//! Source: no official text was at hand. Names, lengths and what must be there are what independent public hospital
//! systems send and expect ([`Known::Seen`]); what was not seen in any of them is marked [`Known::Background`]. Regions
//! differ: what a region adds or waives stands in its [`Profile`](crate::Profile).

mod check;
mod codes;
mod columns;
mod field;
mod fields;
mod page;
mod transaction;
mod transactions;

pub use check::{Leave, check_input, check_input_by, rows};
pub use codes::{CODE_TABLES, Code, CodeTable, code_table};
pub use columns::columns;
pub use field::{Field, Kind};
pub use fields::field;
pub use page::page;
pub use transaction::{Block, Known, Node, Shape, Transaction};
pub use transactions::{TRANSACTIONS, transaction};

pub(crate) use check::short;
