//! Why a document can't be read.

use shared::error::Detail;
use std::fmt;

/// At most this many problems are collected: a reader mends a handful at a time.
pub(crate) const MAX_PROBLEMS: usize = 20;

/// What kind of refusal it is; the hub answers each with its own error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadErrorKind {
    /// The source has more bytes than the limit.
    TooLarge,
    /// The source isn't a contract that can be read.
    Invalid,
}

/// A document that was refused. Every problem says what to do about it; all but those about the document as a
/// whole carry line and column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ReadError {
    pub kind: ReadErrorKind,
    /// In document order; never empty; at most 20.
    pub problems: Vec<Detail>,
}

impl ReadError {
    pub(crate) fn too_large(size: usize, limit: usize) -> Self {
        let message = format!(
            "The document has {size} bytes; at most {limit} are read. Split the contract into services, \
             or remove generated examples."
        );
        Self { kind: ReadErrorKind::TooLarge, problems: vec![whole(message)] }
    }

    /// Names the file of problems that aren't in another one.
    pub(crate) fn in_file(mut self, path: &str) -> Self {
        self.problems.iter_mut().for_each(|problem| {
            problem.file.get_or_insert_with(|| path.to_owned());
        });
        self
    }

    pub(crate) fn invalid(problems: Vec<Detail>) -> Self {
        Self { kind: ReadErrorKind::Invalid, problems }
    }
}

/// A problem of the document as a whole.
pub(crate) fn whole(message: String) -> Detail {
    Detail { field: String::new(), message, line: Some(1), column: Some(1), file: None }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.problems.first() else {
            return f.write_str("The document can't be read.");
        };
        if let (Some(line), Some(column)) = (first.line, first.column) {
            write!(f, "Line {line}, column {column}: ")?;
        }
        f.write_str(&first.message)?;
        match self.problems.len() {
            0 | 1 => Ok(()),
            2 => f.write_str(" There is one more problem."),
            n => write!(f, " There are {} more problems.", n - 1),
        }
    }
}
