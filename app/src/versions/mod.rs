//! Versions: their heads, and the form that publishes one.

pub mod api;
#[cfg(feature = "ssr")]
mod form;
pub mod head;
pub mod publish;
