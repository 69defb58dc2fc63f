//! Services: the list, one service, and making one.

pub mod api;
pub mod list;
pub mod new;
pub mod service;
pub mod settings;
mod start;
