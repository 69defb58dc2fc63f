//! The areas, through their traits, on a real database.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

#[path = "../common/mod.rs"]
mod common;

mod accounts;
mod demo;
mod events;
mod findings;
mod jobs;
mod manage_accounts;
mod once;
mod policy;
mod publishing;
mod rejudge;
mod services;
mod store;
