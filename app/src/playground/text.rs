//! A document that is edited in parts.
//!
//! A text area with ten megabytes in it works, but each key costs it a layout of all of them. So the whole document is
//! kept here, and the text area holds a part of it, small enough to type in; a document that is no larger than two
//! parts is shown whole. Showing large documents read-only would have been simpler, and would have told the people
//! with the largest contracts to go elsewhere.
//!
//! Lines end with a line feed, as in a text area's value. Lines count from 1, columns in characters from 1, as the
//! engine counts them; what the text area is told counts UTF-16 code units, as scripts do.

use std::ops::Range;

/// About as many bytes as are shown at once. A text area of this size takes a key in a few milliseconds.
pub const PART: usize = 64 * 1024;

/// A line of more bytes is not selected whole.
const LONG_LINE: usize = 2_000;

/// What of the document is on screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    /// Line of the first character shown.
    pub first: u32,
    /// Line of the last one.
    pub last: u32,
    /// Lines of the whole document.
    pub lines: u32,
    /// Bytes of the whole document.
    pub bytes: usize,
    /// Whether the part is all there is.
    pub whole: bool,
}

/// Where something is within the part that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// In UTF-16 code units.
    pub start: usize,
    pub end: usize,
    /// Line within the part, from 0.
    pub row: u32,
}

/// A document and which part of it is shown.
#[derive(Debug, Clone)]
pub struct Text {
    all: String,
    shown: Range<usize>,
    /// Line feeds before the part, and in the whole document.
    before: u32,
    breaks: u32,
}

impl Default for Text {
    fn default() -> Self {
        Self::new(String::new())
    }
}

impl Text {
    #[must_use]
    pub fn new(text: String) -> Self {
        let all = with_line_feeds(text);
        let breaks = breaks(&all);
        let mut text = Self { all, shown: 0..0, before: 0, breaks };
        text.show(0);
        text
    }

    /// The whole document.
    #[must_use]
    pub fn all(&self) -> &str {
        &self.all
    }

    /// The part that is shown.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.all[self.shown.clone()]
    }

    #[must_use]
    pub fn part(&self) -> Part {
        Part {
            first: self.before + 1,
            last: self.before + 1 + breaks(self.shown()),
            lines: self.breaks + 1,
            bytes: self.all.len(),
            whole: self.shown == (0..self.all.len()),
        }
    }

    /// Takes over what became of the part in the text area. Whether that grew so much that another part should be
    /// shown.
    pub fn edit(&mut self, part: &str) -> bool {
        self.breaks = self.breaks - breaks(self.shown()) + breaks(part);
        self.all.replace_range(self.shown.clone(), part);
        self.shown.end = self.shown.start + part.len();
        part.len() > 3 * PART
    }

    /// Puts text in the place of a selection, in UTF-16 code units of the part, and shows where it ends.
    pub fn paste(&mut self, from: usize, to: usize, text: String) -> Selection {
        let text = with_line_feeds(text);
        let place = self.byte(from.min(to))..self.byte(from.max(to));
        let end = place.start + text.len();
        self.breaks = self.breaks - breaks(&self.all[place.clone()]) + breaks(&text);
        self.all.replace_range(place, &text);
        self.show(end);
        self.selection(end, end)
    }

    /// Shows the part around a byte of the document.
    fn show(&mut self, at: usize) {
        let all = &self.all;
        self.shown = if all.len() <= 2 * PART {
            0..all.len()
        } else {
            let at = all.floor_char_boundary(at);
            let mut from = all.floor_char_boundary(at.saturating_sub(PART / 4));
            // From the start of a line, unless that is too far away.
            if from > 0
                && let Some(line) = all[from..at].find('\n')
            {
                from += line + 1;
            }
            let mut to = all.floor_char_boundary(from + PART);
            // To the end of a line, but never less far than to the next character, so that leafing gets on.
            let next = all.ceil_char_boundary(at + 1).min(to);
            if to < all.len()
                && let Some(line) = all[next..to].rfind('\n')
            {
                to = next + line;
            }
            from..to
        };
        self.before = breaks(&all[..self.shown.start]);
    }

    /// Shows the part behind this one.
    pub fn later(&mut self) {
        self.show(self.shown.end);
    }

    /// Shows the part before this one.
    pub fn earlier(&mut self) {
        self.show(self.shown.start.saturating_sub(PART / 2));
    }

    /// Shows the part around a position of the part at hand, in UTF-16 code units, after it grew.
    pub fn show_around(&mut self, caret: usize) -> Selection {
        let at = self.byte(caret);
        self.show(at);
        self.selection(at, at)
    }

    /// Shows a line and says where it is. A line beyond the end is the last one.
    pub fn find(&mut self, line: u32, column: u32) -> Selection {
        let wanted = line.saturating_sub(1).min(self.breaks);
        let start = match wanted {
            0 => 0,
            n => self.all.match_indices('\n').nth(n as usize - 1).map_or(0, |(at, _)| at + 1),
        };
        let end = self.all[start..].find('\n').map_or(self.all.len(), |length| start + length);
        let at = |column: u32| {
            self.all[start..end].char_indices().nth(column as usize).map_or(end, |(offset, _)| start + offset)
        };
        let (from, to) = if end - start > LONG_LINE {
            (at(column.saturating_sub(1)), at(column.saturating_add(80)))
        } else {
            (start, end)
        };
        // What is on screen stays there, if what is sought is in it.
        if from < self.shown.start || to > self.shown.end {
            self.show(from);
        }
        self.selection(from, to)
    }

    fn selection(&self, from: usize, to: usize) -> Selection {
        let (from, to) = (from.max(self.shown.start), to.clamp(self.shown.start, self.shown.end));
        let before = &self.all[self.shown.start..from.min(to)];
        let start = units(before);
        Selection { start, end: start + units(&self.all[from.min(to)..to]), row: breaks(before) }
    }

    /// The byte of the document at a position of the part.
    fn byte(&self, unit: usize) -> usize {
        let mut left = unit;
        for (offset, c) in self.shown().char_indices() {
            if left == 0 {
                return self.shown.start + offset;
            }
            left = left.saturating_sub(c.len_utf16());
        }
        self.shown.end
    }
}

/// Line ends as a text area's value has them.
fn with_line_feeds(text: String) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
}

fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

fn breaks(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbered(lines: u32) -> String {
        (1..=lines).map(|n| format!("line {n} é𝄞")).collect::<Vec<_>>().join("\n")
    }

    fn selected(text: &Text, Selection { start, end, .. }: Selection) -> String {
        let units: Vec<u16> = text.shown().encode_utf16().collect();
        String::from_utf16(&units[start..end]).unwrap()
    }

    #[test]
    fn small_documents_are_shown_whole() {
        let mut text = Text::new("a\r\nb\rc".to_owned());
        assert_eq!(text.shown(), "a\nb\nc");
        assert_eq!(text.part(), Part { first: 1, last: 3, lines: 3, bytes: 5, whole: true });
        assert!(!text.edit("a\nb\nc\nd\n"));
        assert_eq!(text.part(), Part { first: 1, last: 5, lines: 5, bytes: 8, whole: true });
        assert_eq!(Text::default().part(), Part { first: 1, last: 1, lines: 1, bytes: 0, whole: true });
    }

    #[test]
    fn lines_are_found_wherever_they_are() {
        let mut text = Text::new(numbered(50_000));
        for line in [1, 2, 25_000, 25_001, 49_999, 50_000, 3] {
            let at = text.find(line, 3);
            assert_eq!(selected(&text, at), format!("line {line} é𝄞"));
            assert_eq!(text.part().first + at.row, line);
            assert!(!text.part().whole && text.shown().len() <= PART);
        }
        let beyond = text.find(u32::MAX, 1);
        assert_eq!(selected(&text, beyond), "line 50000 é𝄞");
        let nowhere = text.find(0, 0);
        assert_eq!(selected(&text, nowhere), "line 1 é𝄞");
    }

    #[test]
    fn what_is_on_screen_stays_there() {
        let mut text = Text::new(numbered(50_000));
        text.find(20_000, 1);
        let part = text.part();
        text.find(20_010, 1);
        assert_eq!(text.part(), part);
    }

    #[test]
    fn edits_of_a_part_are_edits_of_the_document() {
        let mut text = Text::new(numbered(50_000));
        text.find(20_000, 1);
        let part = text.shown().replacen("line 20000 é𝄞", "first\nsecond", 1);
        text.edit(&part);
        assert_eq!(text.part().lines, 50_001);
        let at = text.find(20_001, 1);
        assert_eq!(selected(&text, at), "second");
        assert_eq!(text.all(), numbered(50_000).replacen("line 20000 é𝄞", "first\nsecond", 1));
    }

    #[test]
    fn a_large_paste_is_put_into_its_place() {
        let mut text = Text::new("é𝄞[x]end".to_owned());
        let at = text.paste(4, 5, "1\r\n".repeat(200_000));
        assert_eq!(text.all(), format!("é𝄞[{}]end", "1\n".repeat(200_000)));
        assert_eq!(text.part().lines, 200_001);
        assert!(text.shown().len() <= PART && text.shown().ends_with("]end"));
        assert_eq!((at.start, at.end), (units(text.shown()) - 4, units(text.shown()) - 4));
    }

    #[test]
    fn a_document_of_one_line_is_shown_in_parts_too() {
        let mut text = Text::new("é".repeat(500_000));
        let mut parts = 1;
        while text.shown.end < text.all.len() {
            text.later();
            parts += 1;
            assert!(text.shown().len() <= PART && parts < 100);
        }
        while text.shown.start > 0 {
            text.earlier();
            parts += 1;
            assert!(text.shown().len() <= PART && parts < 200);
        }
        let at = text.find(1, 400_001);
        assert_eq!(at.end - at.start, 81);
        assert_eq!(text.part().lines, 1);
    }

    #[test]
    fn a_part_that_grew_is_exchanged() {
        let mut text = Text::new(String::new());
        let typed = numbered(20_000);
        assert!(text.edit(&typed));
        let at = text.show_around(units(&typed));
        assert!(text.shown().len() <= PART);
        assert_eq!((at.start, at.end), (units(text.shown()), units(text.shown())));
        assert_eq!(text.all(), typed);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// Whatever is leafed, sought and typed: the parts are parts, and lines are counted right.
        #[test]
        fn parts_hold_together(
            pieces in proptest::collection::vec("(\n|[a-é𝄞]{1,40}){0,3}", 20..60),
            steps in proptest::collection::vec((0..5_u8, 0..20_000_u32), 0..12),
        ) {
            let mut text = Text::new(pieces.concat().repeat(100));
            for (step, number) in steps {
                match step {
                    0 => text.later(),
                    1 => text.earlier(),
                    2 => { text.find(number, number % 90); }
                    3 => { let part = text.shown().to_owned() + "\nx"; text.edit(&part); }
                    _ => { text.paste(number as usize, 7, "p\nq".to_owned()); }
                }
                let part = text.part();
                prop_assert_eq!(part.lines as usize, text.all().split('\n').count());
                prop_assert_eq!(part.first as usize, text.all()[..text.shown.start].split('\n').count());
                prop_assert!(part.last <= part.lines && part.first <= part.last);
            }
        }
    }
}
