//! What people see: pages, components, cached queries, and the server functions behind them.
//!
//! One folder an area, under the same name as in `shared` and `server`. A page asks through a cached query
//! ([`queries`]); the query calls a server function; the server function is a few lines that call the area's trait,
//! which the server hands in by context ([`context::Hub`]). This crate never sees the server.
//!
//! The same code renders on the server (feature `ssr`) and takes over in the browser (feature `hydrate`). Nothing
//! here may render differently on the two sides: what only one side knows (the time, the position in the stream)
//! travels in the page's head, see [`shell()`].

// Views nest as deep as the markup does, and each level is a type.
#![recursion_limit = "512"]

pub mod accounts;
mod api;
mod client;
pub mod comparisons;
#[cfg(feature = "ssr")]
pub mod context;
pub mod contracts;
pub mod dashboard;
pub mod events;
#[cfg(feature = "ssr")]
mod front;
pub mod jobs;
mod js;
pub mod playground;
pub mod policies;
pub mod practices;
mod prefetch;
pub mod queries;
pub mod reference;
mod root;
pub mod rules;
pub mod services;
#[cfg(feature = "ssr")]
mod shell;
pub mod ui;
pub mod versions;

#[cfg(feature = "ssr")]
pub use front::front;
pub use root::App;
pub use shared::urls;
#[cfg(feature = "ssr")]
pub use shell::shell;
