//! Characters that aren't seen, or that change how others are: one list for names, which refuse them, and for the command
//! line, which shows them.

/// Whether a character is seen as nothing, or turns the direction of what is around it: Unicode's default ignorable code
/// points and bidirectional controls, the separators of lines and paragraphs, noncharacters, and other formats without
/// a glyph.
///
/// They let two names look alike, or a line read in another way than it is. Control characters are another kind, which
/// [`char::is_control`] knows.
#[must_use]
pub const fn is_invisible(c: char) -> bool {
    // Noncharacters: XML can't hold some of them.
    (c as u32) & 0xfffe == 0xfffe
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            // Zero-width spaces and joiners, marks of direction.
            | '\u{200b}'..='\u{200f}'
            // Separators of lines and paragraphs, embeddings and overrides.
            | '\u{2028}'..='\u{202e}'
            // Word joiner, invisible operators, isolates.
            | '\u{2060}'..='\u{206f}'
            // Braille without a dot.
            | '\u{2800}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{fdd0}'..='\u{fdef}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            // Tags and variation selectors.
            | '\u{e0000}'..='\u{e0fff}'
        )
}

/// The first character of a text that isn't seen as what it is: a control character, or an [invisible](is_invisible)
/// one.
#[must_use]
pub fn first_unseen(text: &str) -> Option<char> {
    text.chars().find(|c| c.is_control() || is_invisible(*c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use icu_properties::{
        CodePointSetData,
        props::{BidiControl, DefaultIgnorableCodePoint, NoncharacterCodePoint},
    };

    #[test]
    fn every_character_that_unicode_calls_ignorable_bidirectional_or_none_is_known() {
        let (ignorable, turning, none) = (
            CodePointSetData::new::<DefaultIgnorableCodePoint>(),
            CodePointSetData::new::<BidiControl>(),
            CodePointSetData::new::<NoncharacterCodePoint>(),
        );
        for c in ('\0'..=char::MAX).filter(|c| ignorable.contains(*c) || turning.contains(*c) || none.contains(*c)) {
            assert!(is_invisible(c), "{:x}", u32::from(c));
        }
    }

    #[test]
    fn what_is_seen_is_not_on_the_list() {
        for c in "aZ09 ~-_.ä߀日本語한🙂\u{301}\u{a0}\u{640}".chars() {
            assert!(!is_invisible(c), "{c:?}");
        }
        assert_eq!(first_unseen("1.0.0-β"), None);
        assert_eq!(first_unseen("a\u{202e}b\n"), Some('\u{202e}'));
        assert_eq!(first_unseen("a\nb"), Some('\n'));
    }
}
