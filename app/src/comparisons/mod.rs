//! Comparisons of two versions.

pub mod api;
pub mod compare;
