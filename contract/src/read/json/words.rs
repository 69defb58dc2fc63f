//! Looks at eight bytes at a time, as one word: most of a document is white space and the insides of strings.

const LOWS: u64 = u64::MAX / 0xFF;
const HIGHS: u64 = LOWS << 7;

/// A word of eight times the same byte.
const fn each(byte: u8) -> u64 {
    LOWS * byte as u64
}

/// Marks the bytes that are less than another (which is at most 0x80) with their highest bit. What stands behind the
/// first that is may be marked in error: a borrow goes that way.
const fn less(word: u64, than: u8) -> u64 {
    word.wrapping_sub(each(than)) & !word & HIGHS
}

/// Which byte of a word is the first that is marked; 8 where none is.
const fn first(marks: u64) -> usize {
    marks.trailing_zeros() as usize / 8
}

fn word(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}

/// How many bytes of white space a text begins with.
pub(super) fn white_space(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        // Documents that people read are indented with spaces.
        if let Some(word) = word(&bytes[at..]) {
            let spaces = first(word ^ each(b' '));
            at += spaces;
            if spaces == 8 {
                continue;
            }
        }
        match bytes.get(at) {
            Some(b' ' | b'\t' | b'\n' | b'\r') => at += 1,
            _ => return at,
        }
    }
}

/// How far it is to the first quote, backslash or control character, if there is one: what stands before is as it is
/// written.
pub(super) fn end_of_run(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = word(&bytes[at..]) {
        let marks = less(word ^ each(b'"'), 1) | less(word ^ each(b'\\'), 1) | less(word, 0x20);
        if marks != 0 {
            return Some(at + first(marks));
        }
        at += 8;
    }
    bytes[at..].iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).map(|length| at + length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bytes around those that count, and any others.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            4 => Just(b' '),
            4 => Just(b'a'),
            1 => prop::sample::select(&b"\"\\\n\t\r\x1f\x20\x21\x23\x5b\x5d\x7f\x80\xa2\xdc\xff\0"[..]),
            1 => any::<u8>(),
        ];
        proptest::collection::vec(byte, 0..40)
    }

    proptest! {
        #[test]
        fn words_see_what_single_bytes_show(bytes in bytes()) {
            let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
            prop_assert_eq!(white_space(&bytes), bytes.iter().take_while(|byte| space(byte)).count());
            let ends = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1F);
            prop_assert_eq!(end_of_run(&bytes), bytes.iter().position(ends));
        }
    }
}
