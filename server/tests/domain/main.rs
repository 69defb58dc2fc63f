//! The areas, through their traits, on a real database.

#[path = "../common/mod.rs"]
mod common;

mod accounts;
mod events;
mod findings;
mod publishing;
mod store;
