//! From byte offsets to the lines and columns that people see, and from texts to what of them is shown.

use memchr::memchr2_iter;
use std::{borrow::Cow, iter};

/// A text of at most so many characters, cut with `…` where it is longer.
pub(crate) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    // Bytes bound characters from above, so most texts need no count.
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// Bytes that are looked at together.
const PART: usize = 1024;

/// Where each line of a text starts, and which bytes don't begin a character: with both, a column costs no walk along
/// its line, which in minified JSON is the whole document.
#[derive(Debug)]
pub(crate) struct LineIndex {
    starts: Vec<u32>,
    /// Offsets of UTF-8's continuation bytes, in order; none in a text of ASCII.
    continuations: Vec<u32>,
}

impl LineIndex {
    /// `text` has less than 2³² bytes (the reader's limits see to that).
    pub(crate) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        // Lines end with LF, CRLF or, in YAML of old, CR alone.
        let ends = memchr2_iter(b'\n', b'\r', bytes);
        let ends = ends.filter(|at| bytes[*at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'));
        let mut starts: Vec<u32> = iter::once(0).chain(ends.map(|at| narrow(at + 1))).collect();
        starts.shrink_to_fit();
        let mut continuations = Vec::new();
        // Most documents are of ASCII from end to end, which is seen at a glance.
        for (start, part) in (0..).step_by(PART).zip(bytes.chunks(PART)).filter(|(_, part)| !part.is_ascii()) {
            let inside = part.iter().enumerate().filter(|(_, byte)| matches!(byte, 0x80..=0xBF));
            continuations.extend(inside.map(|(at, _)| narrow(start + at)));
        }
        continuations.shrink_to_fit();
        Self { starts, continuations }
    }

    /// The line, from 1, that a byte offset is in.
    pub(crate) fn line(&self, offset: u32) -> u32 {
        let line = self.starts.partition_point(|start| *start <= offset);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// Line and column, both from 1; columns count characters.
    pub(crate) fn position(&self, offset: u32) -> (u32, u32) {
        let line = self.line(offset);
        let start = self.starts[line as usize - 1];
        let before = |offset: u32| self.continuations.partition_point(|byte| *byte < offset);
        let continuations = u32::try_from(before(offset) - before(start)).unwrap_or(u32::MAX);
        (line, (offset - start).saturating_sub(continuations) + 1)
    }

    pub(crate) fn memory_size(&self) -> usize {
        (self.starts.capacity() + self.continuations.capacity()) * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::LineIndex;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let text = "a\r\näöü: x\r\nz";
        let index = LineIndex::new(text);
        let at = |what: &str| index.position(u32::try_from(text.find(what).expect("in the text")).expect("small"));
        assert_eq!(at("a"), (1, 1));
        assert_eq!(at("ö"), (2, 2));
        assert_eq!(at("x"), (2, 6));
        assert_eq!(at("z"), (3, 1));
        assert_eq!(index.position(u32::try_from(text.len()).expect("small")), (3, 2));
        let breaks = LineIndex::new("a\r\rb\n\nc\r");
        assert_eq!([0, 1, 2, 3, 5, 6, 8].map(|at| breaks.position(at).0), [1, 1, 2, 3, 4, 5, 6]);
    }
}
