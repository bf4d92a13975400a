//! The words of the field as types: money in fen, exact rates, days, the closed vocabulary of facts, bills, and findings.
//!
//! Nothing here reads a file, a clock or the network; nothing here is a float. Other crates trust these types: what is
//! parsed into them is valid.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at the first surprise"))]

pub mod basis;
pub mod bill;
pub mod diagnostic;
pub mod facts;
pub mod lang;
pub mod money;
pub mod period;

pub use basis::Basis;
pub use bill::{Amounts, Bill, ClassAmounts, Person};
pub use diagnostic::{Diagnostic, Place, Severity};
pub use facts::{
    AgeBand, Care, Categories, Category, Filing, Group, Layer, Level, Mark, Marks, Part, Payer, Scheme, Vocabulary,
};
pub use jiff::civil::Date;
pub use lang::Lang;
pub use money::{Fen, MoneyError, Rate, Rounding};
pub use period::Period;
