//! The engine: reads contracts and says what a change to one means. Pure functions over documents, without IO,
//! clock or global state: the same code in the server, the browser and the command line.
pub mod rules;

mod check;
mod compare;
mod document;
mod error;
mod grammar;
mod limits;
mod read;
mod references;
mod text;
mod tree;
mod views;

pub use compare::compare;
pub use document::{Document, Info};
pub use error::{ReadError, ReadErrorKind};
pub use limits::Limits;
