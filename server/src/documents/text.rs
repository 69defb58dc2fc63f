//! A document's text, line by line.

use super::{Digest, Weight};
use axum::body::Bytes;
use quick_cache::Weighter;
use shared::{ApiError, contracts::SourceLines};
use std::sync::Arc;

/// A line that is longer (minified JSON) is cut in listings; the whole is in the download.
const LONGEST_LINE: usize = 2_000;
/// The most lines in one listing.
const MAX_LINES: u32 = 1_000;

/// Where every so-many-th line starts is remembered; the lines between are counted from there.
const MARK_EVERY: usize = 256;

/// A document's text, and where some of its lines start.
pub struct Text {
    pub bytes: Bytes,
    lines: usize,
    marks: Vec<usize>,
}

impl Weighter<Digest, Arc<Text>> for Weight {
    fn weight(&self, _: &Digest, text: &Arc<Text>) -> u64 {
        (text.bytes.len() + size_of_val(text.marks.as_slice())) as u64 + 1
    }
}

impl Text {
    pub fn new(bytes: Bytes) -> Self {
        let mut marks = Vec::new();
        let mut lines = 0;
        for start in line_starts(&bytes, 0) {
            if lines % MARK_EVERY == 0 {
                marks.push(start);
            }
            lines += 1;
        }
        Self { bytes, lines, marks }
    }

    /// Some of the lines; past the end there are none.
    pub fn lines(&self, from: u32, count: u32) -> Result<SourceLines, ApiError> {
        if from == 0 {
            return Err(ApiError::invalid("from", "Lines are counted from 1."));
        }
        if !(1..=MAX_LINES).contains(&count) {
            return Err(ApiError::invalid("count", format!("count must be 1 to {MAX_LINES}, not {count}.")));
        }
        let first = from as usize - 1;
        let starts = self.marks.get(first / MARK_EVERY).into_iter().flat_map(|mark| line_starts(&self.bytes, *mark));
        let lines = starts.skip(first % MARK_EVERY).take(count as usize).map(|start| self.line(start)).collect();
        Ok(SourceLines { from, lines, total: u32::try_from(self.lines).unwrap_or(u32::MAX) })
    }

    fn line(&self, start: usize) -> String {
        let rest = &self.bytes[start..];
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        // Stored documents are UTF-8; were one not, a replacement character says so.
        let text = String::from_utf8_lossy(&rest[..end]);
        let text = text.trim_end_matches('\r');
        match text.char_indices().nth(LONGEST_LINE) {
            Some((cut, _)) => format!("{}… (the line goes on: download the document)", &text[..cut]),
            None => text.to_owned(),
        }
    }
}

/// Where lines start, from the start of one on.
fn line_starts(bytes: &[u8], from: usize) -> impl Iterator<Item = usize> {
    let breaks = bytes[from..].iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let starts = std::iter::once(from).chain(breaks.map(move |(at, _)| from + at + 1));
    // The break at the very end ends the last line and doesn't start another.
    starts.filter(|start| *start < bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Text {
        Text::new(Bytes::copy_from_slice(text.as_bytes()))
    }

    #[test]
    fn lines_are_counted_as_editors_do() {
        for (source, lines) in
            [("", &[][..]), ("a", &["a"]), ("a\n", &["a"]), ("a\r\nb", &["a", "b"]), ("a\n\nb\n", &["a", "", "b"])]
        {
            let all = text(source).lines(1, 10).unwrap();
            assert_eq!(all.lines, lines, "{source:?}");
            assert_eq!(all.total as usize, lines.len());
        }
        assert_eq!(text("a\nb\nc").lines(2, 1).unwrap().lines, ["b"]);
        assert!(text("a").lines(7, 1).unwrap().lines.is_empty());
        assert!(text("a").lines(0, 1).is_err());
        assert!(text("a").lines(1, 1_001).is_err());
    }

    #[test]
    fn any_line_is_found_and_memory_does_not_grow_with_lines() {
        let source = (1..=3 * MARK_EVERY).map(|n| format!("{n}\n")).collect::<String>();
        let text = text(&source);
        for from in [1, 2, 255, 256, 257, 258, 511, 512, 513, 767, 768] {
            let lines = text.lines(from, 2).unwrap().lines;
            let expected = (from..from + 2).filter(|n| *n as usize <= 3 * MARK_EVERY).map(|n| n.to_string());
            assert_eq!(lines, expected.collect::<Vec<_>>(), "{from}");
        }
        assert_eq!(text.marks.len(), 3);
    }

    #[test]
    fn an_endless_line_is_cut_between_characters() {
        let line = text(&"é".repeat(LONGEST_LINE + 1)).lines(1, 1).unwrap().lines.remove(0);
        assert_eq!(line.chars().filter(|c| *c == 'é').count(), LONGEST_LINE);
        assert!(line.contains("é… (the line goes on"));
    }
}
