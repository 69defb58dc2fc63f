//! From byte offsets to the lines and columns that people see, and from texts to what of them is shown.

use std::borrow::Cow;

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

/// Where each line of a text starts.
#[derive(Debug)]
pub(crate) struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// `text` has less than 2³² bytes (the reader's limits see to that).
    pub(crate) fn new(text: &str) -> Self {
        let mut starts = vec![0];
        // Lines end with LF; the CR of a CRLF belongs to its line.
        for (offset, byte) in (1_u32..).zip(text.bytes()) {
            if byte == b'\n' {
                starts.push(offset);
            }
        }
        starts.shrink_to_fit();
        Self { starts }
    }

    /// The line, from 1, that a byte offset is in.
    pub(crate) fn line(&self, offset: u32) -> u32 {
        let line = self.starts.partition_point(|start| *start <= offset);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// Line and column, both from 1; columns count characters.
    pub(crate) fn position(&self, text: &str, offset: u32) -> (u32, u32) {
        let line = self.line(offset);
        let start = self.starts[line as usize - 1] as usize;
        let before = text.get(start..offset as usize).unwrap_or_default();
        let column = u32::try_from(before.chars().count()).unwrap_or(u32::MAX).saturating_add(1);
        (line, column)
    }

    pub(crate) fn memory_size(&self) -> usize {
        self.starts.capacity() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::LineIndex;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let text = "a\r\näöü: x\n\nz";
        let index = LineIndex::new(text);
        let at =
            |what: &str| index.position(text, u32::try_from(text.find(what).expect("in the text")).expect("small"));
        assert_eq!(at("a"), (1, 1));
        assert_eq!(at("ö"), (2, 2));
        assert_eq!(at("x"), (2, 6));
        assert_eq!(at("z"), (4, 1));
        assert_eq!(index.position(text, u32::try_from(text.len()).expect("small")), (4, 2));
    }
}
