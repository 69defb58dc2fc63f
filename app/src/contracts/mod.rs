//! A version's contract: operations, schemas, the source, and what could be better about it.

pub mod api;
pub mod browse;
mod links;
pub mod lint;
pub mod operation;
pub mod schema;
pub mod source;

pub use links::{Links, prose};
