//! Texts that match a regular expression: the shortest, and some that take other turns.

use regex_syntax::{
    ParserBuilder,
    hir::{Class, Hir, HirKind},
};

/// Characters of a text that is made.
const MAX_TEXT: usize = 400;
/// Parts of a pattern that are gone through for a text: what is repeated may be nothing.
const MAX_PARTS: usize = 10_000;
/// Bytes of a pattern that texts are made for.
pub(super) const MAX_PATTERN: usize = 10_000;

/// A few texts that match a pattern, readable characters first; none where the pattern isn't understood.
pub(super) fn texts(pattern: &str) -> Vec<String> {
    if pattern.len() > MAX_PATTERN {
        return Vec::new();
    }
    // Without Unicode's tables, which are large: `\d` is `[0-9]`, as ECMA 262 has it.
    let parsed = ParserBuilder::new().unicode(false).utf8(false).nest_limit(50).build().parse(pattern);
    let Ok(hir) = parsed else { return Vec::new() };
    let mut texts: Vec<String> = Vec::new();
    for turn in 0..4 {
        let (mut bytes, mut parts) = (Vec::new(), MAX_PARTS);
        let whole = write(&hir, turn, &mut parts, &mut bytes);
        if let (true, Ok(text)) = (whole, String::from_utf8(bytes))
            && !texts.contains(&text)
        {
            texts.push(text);
        }
    }
    texts
}

/// Appends a text that matches. At each fork, `turn` says which way: 0 goes the shortest.
fn write(hir: &Hir, turn: usize, parts: &mut usize, out: &mut Vec<u8>) -> bool {
    if out.len() > MAX_TEXT || *parts == 0 {
        return false;
    }
    *parts -= 1;
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => {
            out.extend_from_slice(&literal.0);
            true
        }
        HirKind::Class(class) => character(class, turn).map(|byte| out.push(byte)).is_some(),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(u32::MAX);
            let count = repetition.min.saturating_add(u32::try_from(turn).unwrap_or(0)).min(most);
            (0..count).all(|_| write(&repetition.sub, turn, parts, out))
        }
        HirKind::Capture(capture) => write(&capture.sub, turn, parts, out),
        HirKind::Concat(all) => all.iter().all(|part| write(part, turn, parts, out)),
        HirKind::Alternation(all) => all.get(turn % all.len().max(1)).is_some_and(|part| write(part, turn, parts, out)),
    }
}

/// A character of a class: a letter or digit if there is one.
fn character(class: &Class, turn: usize) -> Option<u8> {
    let has = |byte: u8| match class {
        Class::Bytes(class) => class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&byte)),
        Class::Unicode(class) => {
            class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&char::from(byte)))
        }
    };
    const LIKED: [&[u8]; 4] = [b"a0A-_ ", b"b1B.:", b"z9Z/@", b"x5X!,"];
    let liked = LIKED[turn % 4].iter().chain(LIKED[0]).copied();
    liked.chain(b' '..=b'~').chain(0..=127).find(|byte| has(*byte))
}

#[cfg(test)]
mod tests {
    use super::texts;

    #[test]
    fn the_first_text_is_the_shortest() {
        for (pattern, expected) in [
            ("^[a-z]{3}$", "aaa"),
            (r"^\d{4}-\d{2}$", "0000-00"),
            ("^(foo|bar)+$", "foo"),
            ("^[^a-zA-Z0-9]$", "-"),
            ("colou?r", "color"),
            ("^.{2}$", "aa"),
            ("", ""),
        ] {
            assert_eq!(texts(pattern).first().map(String::as_str), Some(expected), "{pattern}");
        }
    }

    #[test]
    fn each_text_matches() {
        for pattern in ["^[a-z]{3}$", r"^\d+(\.\d+)?$", "^(foo|bar)+$", "^a*b$", "^[A-Z]{2,}[0-9]?$", r"^\S+@\S+$"] {
            let regex = regex_lite::Regex::new(pattern).expect("it is a pattern");
            for text in texts(pattern) {
                assert!(regex.is_match(&text), "{pattern}: {text}");
            }
        }
    }

    #[test]
    fn what_is_not_understood_or_endless_gives_nothing() {
        for pattern in ["(?=a)b", "a{100000}", r"\p{L}", "((a?){100000}){100000}", "(((b{0,9}){9999}){9999}){9999}"] {
            assert_eq!(texts(pattern), Vec::<String>::new(), "{pattern}");
        }
    }
}
