//! The pair of documents that "Load an example" shows.

pub const BASE: &str = include_str!("example/base.yaml");
pub const REVISION: &str = include_str!("example/revision.yaml");
