//! What answers: the areas' traits of `shared`, implemented on a database and served over HTTP.
//!
//! One folder an area ([`accounts`], [`services`], [`events`]), each with its SQL beside it in `sql.rs` and its REST
//! routes in `rest.rs`; [`store`] is the one way to the database, [`error`] the one way out of trouble, and [`http`]
//! what every request passes; [`permissions`] says who may do what. [`start`] puts them together.

pub mod accounts;
mod address;
pub mod api;
pub mod areas;
pub mod clock;
pub mod commands;
pub mod comparisons;
pub mod config;
pub mod contracts;
pub mod cursor;
pub mod demo;
pub mod digest;
pub mod documents;
pub mod error;
pub mod events;
pub mod fair;
pub mod files;
pub mod http;
pub mod jobs;
mod naming;
pub mod observability;
mod own_contract;
pub mod permissions;
pub mod policies;
mod router;
mod search;
pub mod services;
pub mod start;
pub mod state;
pub mod store;
pub mod versions;
