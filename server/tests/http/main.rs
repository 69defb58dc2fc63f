//! The hub from the outside: a real server on port 0 over a real database, spoken to over HTTP.
//!
//! SQLite by default; PostgreSQL when `HANDSHAKE_TEST_DATABASE_URL` names a server, where each test gets a database
//! of its own.

mod accounts;
mod errors;
mod events;
mod pages;
mod services;
mod support;
