//! The hub from the outside: a real server on port 0 over a real database, spoken to over HTTP.
//!
//! SQLite by default; PostgreSQL when `HANDSHAKE_TEST_DATABASE_URL` names a server, where each test gets a database
//! of its own.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod accounts;
mod bounds;
mod connections;
mod database;
mod declared;
mod errors;
mod events;
mod forms;
mod jobs;
mod manage_accounts;
mod pages;
mod permissions;
mod rates;
mod services;
mod settings;
mod sign_in_flood;
mod support;
mod uploads;
