//! Services, the versions of their contracts, and what changed between two of them.

pub mod compare;
pub mod contract;
mod crumbs;
pub mod functions;
mod head;
pub mod lint;
pub mod list;
pub mod new;
pub mod policy;
pub mod publish;
pub mod queries;
pub mod service;
pub mod source;
mod start;
pub mod version;
