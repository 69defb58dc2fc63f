//! What answers: the areas' traits of `shared`, implemented on a database.
//!
//! One folder an area ([`accounts`], [`services`], [`events`]), each with its SQL beside it in `sql.rs`; [`store`] is
//! the one way to the database and [`error`] the one way out of trouble.

pub mod accounts;
pub mod clock;
pub mod demo;
pub mod digest;
pub mod error;
pub mod events;
pub mod services;
pub mod store;
