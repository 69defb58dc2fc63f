//! The tables of edits, with what each means. Tests of rules hold the engine to them, and the golden digest is made of
//! what it finds in them.

pub mod fields;
pub mod lives;
pub mod operations;
pub mod schemas;
pub mod shop;
