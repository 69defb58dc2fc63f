//! From bytes to a tree: which format it is, and what both formats share.

mod builder;
mod json;
mod scalar;
mod yaml;

use crate::{
    Limits,
    error::{ReadError, whole},
    text::LineIndex,
    tree::{Source, Tree},
};
use shared::{error::Detail, versions::Format};

/// A problem at a byte offset of the source.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) offset: u32,
    pub(crate) message: String,
}

impl Problem {
    pub(crate) fn new(offset: u32, message: impl Into<String>) -> Self {
        Self { offset, message: message.into() }
    }
}

/// Offsets are 32 bits of which one marks the side buffer.
pub(crate) const MAX_BYTES: usize = 1 << 30;

/// Reads a source into a tree.
pub(crate) fn read(source: &[u8], limits: &Limits) -> Result<(Tree, Format), ReadError> {
    read_after(&Tree::default(), source, limits)
}

/// Reads a source into a tree of its own, whose values count with those of the files that were read before.
pub(crate) fn read_after(before: &Tree, source: &[u8], limits: &Limits) -> Result<(Tree, Format), ReadError> {
    let limit = limits.max_bytes.min(MAX_BYTES);
    if source.len() > limit {
        return Err(ReadError::too_large(source.len(), limit));
    }
    let text = decode(source)?;
    if text.trim_start().is_empty() {
        let message = "The document is empty. Send an OpenAPI document in JSON or YAML.";
        return Err(ReadError::invalid(vec![whole(message.to_owned())]));
    }
    let format = detect(text);
    let lines = LineIndex::new(text);
    let built = match format {
        Format::Json => json::read(text, &lines, limits, before),
        Format::Yaml => yaml::read(text, &lines, limits, before),
    };
    match built {
        Ok(mut tree) => {
            tree.sources.push(Source::first(lines));
            Ok((tree, format))
        }
        Err(problem) => {
            let (line, column) = lines.position(problem.offset);
            let field = String::new();
            let detail = Detail { field, message: problem.message, line: Some(line), column: Some(column), file: None };
            Err(ReadError::invalid(vec![detail]))
        }
    }
}

/// The text behind a byte order mark, if any.
fn decode(source: &[u8]) -> Result<&str, ReadError> {
    if is_utf16(source) {
        let message = "The document is UTF-16, not UTF-8. Save it as UTF-8.";
        return Err(ReadError::invalid(vec![whole(message.to_owned())]));
    }
    let text = std::str::from_utf8(source).map_err(|error| {
        let good = error.valid_up_to();
        let head = std::str::from_utf8(&source[..good]).unwrap_or_default();
        let (line, column) = LineIndex::new(head).position(u32::try_from(good).unwrap_or(u32::MAX));
        ReadError::invalid(vec![Detail {
            field: String::new(),
            message: format!("The document isn't UTF-8: byte {good} is 0x{:02X}. Save it as UTF-8.", source[good]),
            line: Some(line),
            column: Some(column),
            file: None,
        }])
    })?;
    Ok(text.strip_prefix('\u{FEFF}').unwrap_or(text))
}

/// UTF-16 by its byte order mark, or by the zeros that every ASCII character has there.
fn is_utf16(source: &[u8]) -> bool {
    match source {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => true,
        [a, b, c, d, ..] => matches!((a, b, c, d), (0, 1.., 0, 1..) | (1.., 0, 1.., 0)),
        _ => false,
    }
}

/// JSON starts with `{` and then `"` or `}`, or with `[`. Anything else, YAML's flow style included, is YAML,
/// of which JSON is nearly a subset, but JSON gets the stricter and five times faster reader.
fn detect(text: &str) -> Format {
    let mut significant = text.chars().filter(|c| !c.is_whitespace());
    match (significant.next(), significant.next()) {
        (Some('['), _) | (Some('{'), Some('"' | '}' | '/') | None) => Format::Json,
        _ => Format::Yaml,
    }
}
