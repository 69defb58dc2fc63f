//! How a contract's server reads a request as it is on the wire: the address leads to a path and a method, the rest to
//! parameters and their values.
//!
//! What a change breaks is judged part by part, which is how people think of it; but a message is read whole, and what
//! one part of a contract refuses, another may take: a path by a template, a query by an object whose members it has. So
//! nothing is claimed of a message that wasn't read here, too.

mod decode;
mod parts;
mod route;

pub(crate) use decode::{Arrived, Wanted, readings};
pub(crate) use parts::{covers, listed, written_types};
pub(crate) use route::{Routes, servers_of};

/// A media type without its parameters, in lower case.
pub(crate) fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_lowercase()
}
