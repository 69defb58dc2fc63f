//! What every request passes, whatever it is about: the layers, and what handlers take in and give out.
//!
//! No area is known here. Areas bring their routes, each with its limits, and `router` puts them together.

pub(crate) mod assets;
pub mod auth;
pub mod body;
pub mod cache;
mod declared;
pub(crate) mod encoding;
pub mod error;
mod error_page;
mod forms;
pub(crate) mod health;
pub(crate) mod host;
pub mod limits;
pub(crate) mod loopback;
pub mod pages;
pub mod precondition;
pub mod rate;
mod redirect;
pub mod renders;
pub(crate) mod security;
pub mod serve;
pub mod slots;
pub(crate) mod spec;
pub(crate) mod trace;
pub mod uploads;
pub mod visitor;
mod wire;
