//! The engine: reads contracts and says what a change to one means.
//!
//! Pure functions over documents, without IO, clock or global state, so that the server, the command line and the browser
//! (as WebAssembly) give the same verdict.
//!
//! ```
//! use contract::{Document, Judging, Limits, judge};
//!
//! let source = |kind| format!(
//!     "openapi: 3.1.0\ninfo: {{title: Shop, version: '1'}}\npaths:\n  /orders:\n    post:\n      \
//!      requestBody: {{content: {{application/json: {{schema: {{type: {kind}}}}}}}}}"
//! );
//! let base = Document::read(source("number").as_bytes(), &Limits::default())?;
//! let revision = Document::read(source("integer").as_bytes(), &Limits::default())?;
//! let report = judge(&base, &revision, &Judging::default());
//! assert_eq!(report.findings[0].rule, "request-type-narrowed");
//! assert_eq!(report.findings[0].message, "The request body: type narrowed from number to integer");
//! # Ok::<(), contract::ReadError>(())
//! ```
//!
//! The way of a document: [bytes to a tree](read) that knows where everything stands, [a check](check) of its
//! structure by [a table](grammar), which also resolves references; [a conversion](swagger) of what is still OpenAPI 2.0;
//! then [views] of it, what could be [better](lint) about it, or [a verdict](mod@judge) on two: [a comparison](compare) by
//! [rules], whose findings a [policy] may judge in another way and [witnesses](witness) show to be true.

// The overview above links to private modules: it is for those who read the source.
#![allow(rustdoc::private_intra_doc_links)]

pub mod lint;
pub mod policy_file;
pub mod rules;

mod budget;
mod bundle;
mod check;
mod compare;
mod date;
mod document;
mod error;
mod exchange;
mod files;
mod generation;
mod grammar;
#[cfg(all(any(debug_assertions, test), feature = "independent"))]
mod independent;
mod json_schema;
mod judge;
mod limits;
mod operations;
mod options;
mod policy;
mod read;
mod references;
mod sort;
mod swagger;
mod text;
mod tree;
mod version;
mod views;
mod witness;

pub use bundle::bundle;
pub use date::{Date, InvalidDate};
pub use document::{Document, Info};
pub use error::{ReadError, ReadErrorKind};
pub use files::{Files, missing};
pub use generation::generation;
pub use judge::{Judging, Report, compare, judge};
pub use limits::Limits;
pub use lint::{JudgedLint, lint, lint_with};
pub use options::{Notice, Options};
pub use policy::{ALL_CHANGES, Ignore, Policy, PolicyError};
