//! The envelope of a message: what it says of itself, around the `input` and `output` that belong to the transaction.
//!
//! Strict about what must be there, so that a clerk learns the name of what is missing; lenient about the rest: numbers
//! stand for text, ids may be longer than stated (longer ones are in use), unknown fields are kept and given back.
//! Whether `input` is hidden is the cipher's matter: here it is any JSON value.

mod ids;
mod read;
mod reply;
mod request;

pub use ids::{MessageId, message_id, reference_id};
pub use reply::{InfCode, Reply};
pub use request::Request;
