//! Services, the versions of their contracts, and what changed between two of them.

pub mod functions;
pub mod list;
pub mod new;
pub mod queries;
pub mod service;
