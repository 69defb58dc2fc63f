//! Texts that match a regular expression: the shortest, and some that take other turns.
//!
//! They are made from the syntax tree. Its translation into sets of characters would be as large in the browser as the
//! rest of the parser, and what is made here is checked by the validator anyway.

use regex_syntax::ast::{
    Ast, ClassAscii, ClassAsciiKind, ClassPerl, ClassPerlKind, ClassSet, ClassSetBinaryOpKind, ClassSetItem,
    RepetitionKind, RepetitionRange, parse::ParserBuilder,
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
    let Ok(ast) = ParserBuilder::new().nest_limit(50).build().parse(pattern) else { return Vec::new() };
    let mut texts: Vec<String> = Vec::new();
    for turn in 0..4 {
        let (mut text, mut parts) = (String::new(), MAX_PARTS);
        if write(&ast, turn, &mut parts, &mut text) && !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// Appends a text that matches. At each fork, `turn` says which way: 0 goes the shortest.
fn write(ast: &Ast, turn: usize, parts: &mut usize, out: &mut String) -> bool {
    if out.len() > MAX_TEXT || *parts == 0 {
        return false;
    }
    *parts -= 1;
    match ast {
        Ast::Empty(_) | Ast::Flags(_) | Ast::Assertion(_) => true,
        Ast::Literal(literal) => {
            out.push(literal.c);
            true
        }
        Ast::Dot(_) => put(out, turn, &|c| Some(c != '\n')),
        Ast::ClassUnicode(_) => false,
        Ast::ClassPerl(class) => put(out, turn, &|c| Some(perl(class, c))),
        Ast::ClassBracketed(class) => put(out, turn, &|c| Some(set(&class.kind, c)? != class.negated)),
        Ast::Repetition(repetition) => {
            let (least, most) = match &repetition.op.kind {
                RepetitionKind::ZeroOrOne => (0, 1),
                RepetitionKind::ZeroOrMore => (0, u32::MAX),
                RepetitionKind::OneOrMore => (1, u32::MAX),
                RepetitionKind::Range(RepetitionRange::Exactly(count)) => (*count, *count),
                RepetitionKind::Range(RepetitionRange::AtLeast(count)) => (*count, u32::MAX),
                RepetitionKind::Range(RepetitionRange::Bounded(least, most)) => (*least, *most),
            };
            let count = least.saturating_add(u32::try_from(turn).unwrap_or(0)).min(most);
            (0..count).all(|_| write(&repetition.ast, turn, parts, out))
        }
        Ast::Group(group) => write(&group.ast, turn, parts, out),
        Ast::Concat(all) => all.asts.iter().all(|part| write(part, turn, parts, out)),
        Ast::Alternation(all) => {
            all.asts.get(turn % all.asts.len().max(1)).is_some_and(|part| write(part, turn, parts, out))
        }
    }
}

/// Appends a character of a class: a letter or digit if there is one. Without Unicode's tables, which are large, a class
/// may say of no character whether it has it.
fn put(out: &mut String, turn: usize, has: &dyn Fn(char) -> Option<bool>) -> bool {
    const LIKED: [&[u8]; 4] = [b"a0A-_ ", b"b1B.:", b"z9Z/@", b"x5X!,"];
    let liked = LIKED[turn % 4].iter().chain(LIKED[0]).copied();
    let found = liked.chain(b' '..=b'~').chain(0..=127).map(char::from).find(|c| has(*c) == Some(true));
    out.extend(found);
    found.is_some()
}

/// Whether a set has a character. Its depth is bounded by the parser.
fn set(of: &ClassSet, c: char) -> Option<bool> {
    match of {
        ClassSet::Item(of) => item(of, c),
        ClassSet::BinaryOp(of) => {
            let (left, right) = (set(&of.lhs, c)?, set(&of.rhs, c)?);
            Some(match of.kind {
                ClassSetBinaryOpKind::Intersection => left && right,
                ClassSetBinaryOpKind::Difference => left && !right,
                ClassSetBinaryOpKind::SymmetricDifference => left != right,
            })
        }
    }
}

fn item(of: &ClassSetItem, c: char) -> Option<bool> {
    Some(match of {
        ClassSetItem::Empty(_) => false,
        ClassSetItem::Literal(literal) => literal.c == c,
        ClassSetItem::Range(range) => (range.start.c..=range.end.c).contains(&c),
        ClassSetItem::Ascii(class) => ascii(class, c),
        ClassSetItem::Unicode(_) => return None,
        ClassSetItem::Perl(class) => perl(class, c),
        ClassSetItem::Bracketed(class) => set(&class.kind, c)? != class.negated,
        ClassSetItem::Union(union) => {
            let mut any = false;
            for of in &union.items {
                any |= item(of, c)?;
            }
            any
        }
    })
}

/// As ECMA 262 has them: `\d` is `[0-9]`.
fn perl(class: &ClassPerl, c: char) -> bool {
    let has = match class.kind {
        ClassPerlKind::Digit => c.is_ascii_digit(),
        ClassPerlKind::Space => c.is_whitespace(),
        ClassPerlKind::Word => c.is_ascii_alphanumeric() || c == '_',
    };
    has != class.negated
}

fn ascii(class: &ClassAscii, c: char) -> bool {
    let has = match class.kind {
        ClassAsciiKind::Alnum => c.is_ascii_alphanumeric(),
        ClassAsciiKind::Alpha => c.is_ascii_alphabetic(),
        ClassAsciiKind::Ascii => c.is_ascii(),
        ClassAsciiKind::Blank => c == ' ' || c == '\t',
        ClassAsciiKind::Cntrl => c.is_ascii_control(),
        ClassAsciiKind::Digit => c.is_ascii_digit(),
        ClassAsciiKind::Graph => c.is_ascii_graphic(),
        ClassAsciiKind::Lower => c.is_ascii_lowercase(),
        ClassAsciiKind::Print => c == ' ' || c.is_ascii_graphic(),
        ClassAsciiKind::Punct => c.is_ascii_punctuation(),
        ClassAsciiKind::Space => c.is_ascii_whitespace() || c == '\u{b}',
        ClassAsciiKind::Upper => c.is_ascii_uppercase(),
        ClassAsciiKind::Word => c.is_ascii_alphanumeric() || c == '_',
        ClassAsciiKind::Xdigit => c.is_ascii_hexdigit(),
    };
    has != class.negated
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
            (r"^[\w--[a-z]]$", "0"),
            (r"^[[:upper:]\s]$", "A"),
            (r"^[^\W\d]$", "a"),
            (r"(?i)^x\.y$", "x.y"),
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
