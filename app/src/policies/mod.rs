//! Policies of services.

pub mod api;
pub mod policy;
