//! Splits JSON into tokens: RFC 8259 to the letter, without recursion, and without a copy of what has no escapes.

use super::{super::Problem, offset, words};
use std::borrow::Cow;

#[derive(Debug, PartialEq)]
pub(super) enum Token<'a> {
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    Colon,
    Comma,
    /// What stands between the quotes, with escapes resolved.
    String(Cow<'a, str>),
    /// As written.
    Number(&'a str),
    Bool(bool),
    Null,
}

pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next token with the byte that it starts at; nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<(Token<'a>, usize)>, Problem> {
        let bytes = self.text.as_bytes();
        self.at += words::white_space(&bytes[self.at..]);
        let start = self.at;
        let Some(first) = bytes.get(start) else { return Ok(None) };
        let single = match first {
            b'{' => Token::OpenBrace,
            b'}' => Token::CloseBrace,
            b'[' => Token::OpenBracket,
            b']' => Token::CloseBracket,
            b':' => Token::Colon,
            b',' => Token::Comma,
            b'"' => return self.string().map(|text| Some((Token::String(text), start))),
            b'-' | b'0'..=b'9' => return self.number().map(|number| Some((Token::Number(number), start))),
            _ => return self.word().map(|token| Some((token, start))),
        };
        self.at += 1;
        Ok(Some((single, start)))
    }

    /// From one quote to the next.
    fn string(&mut self) -> Result<Cow<'a, str>, Problem> {
        let bytes = self.text.as_bytes();
        let opened = self.at;
        let mut resolved = String::new();
        let mut from = opened + 1;
        loop {
            let Some(length) = words::end_of_run(&bytes[from..]) else {
                return Err(problem(opened, "this string has no closing `\"`"));
            };
            // Each of the bytes looked for is a character, so slices end between characters.
            let (run, stop) = (&self.text[from..from + length], from + length);
            match bytes[stop] {
                b'"' => {
                    self.at = stop + 1;
                    if resolved.is_empty() && from == opened + 1 {
                        return Ok(Cow::Borrowed(run));
                    }
                    resolved.push_str(run);
                    return Ok(Cow::Owned(resolved));
                }
                b'\\' => {
                    resolved.push_str(run);
                    let (c, length) = escape(&self.text[stop..], stop)?;
                    resolved.push(c);
                    from = stop + length;
                }
                _ => {
                    let message =
                        "a string has a raw line break or control character here. Write it as an escape, such as \\n";
                    return Err(problem(stop, message));
                }
            }
        }
    }

    fn number(&mut self) -> Result<&'a str, Problem> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let at_least_one = |from: usize| match digits(from) {
            0 => Err(problem(start, "a number lacks a digit: before or after its point, its sign or its `e`")),
            count => Ok(from + count),
        };
        let whole = start + usize::from(bytes[start] == b'-');
        let mut end = at_least_one(whole)?;
        if bytes[whole] == b'0' && end > whole + 1 {
            return Err(problem(start, "numbers have no leading zeros"));
        }
        if bytes.get(end) == Some(&b'.') {
            end = at_least_one(end + 1)?;
        }
        if let Some(b'e' | b'E') = bytes.get(end) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            end = at_least_one(end + 1 + sign)?;
        }
        if bytes.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_')) {
            return Err(problem(start, "a number is written in decimal digits, with `.` and `e` at most once"));
        }
        self.at = end;
        Ok(&self.text[start..end])
    }

    /// `true`, `false`, `null`, or what doesn't belong here.
    fn word(&mut self) -> Result<Token<'a>, Problem> {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let token = match &rest[..length] {
            "true" => Token::Bool(true),
            "false" => Token::Bool(false),
            "null" => Token::Null,
            word => return Err(foreign(rest, word, self.at)),
        };
        self.at += length;
        Ok(token)
    }
}

/// What begins with none of JSON's characters.
fn foreign(rest: &str, word: &str, at: usize) -> Problem {
    let first = rest.chars().next().unwrap_or_default();
    if rest.starts_with("//") || rest.starts_with("/*") || first == '#' {
        let message = "JSON has no comments. Remove this one, or publish the document as YAML.";
        return Problem::new(offset(at), message);
    }
    if first == '\'' {
        return problem(at, "strings stand in double quotes");
    }
    if first.is_whitespace() || first.is_control() {
        return problem(at, &format!("the character U+{:04X} isn't white space here. Remove it", u32::from(first)));
    }
    let shown = if word.is_empty() { first.to_string() } else { crate::text::cut(word, 30).into_owned() };
    let values = "A value is a string in double quotes, a number, true, false, null, a list or an object";
    problem(at, &format!("`{shown}` has no meaning here. {values}"))
}

/// The character that an escape stands for, and the escape's length in bytes.
fn escape(rest: &str, at: usize) -> Result<(char, usize), Problem> {
    let c = match rest.as_bytes().get(1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{C}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(rest, at),
        _ => return Err(problem(at, "this escape is none of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX")),
    };
    Ok((c, 2))
}

/// `\uXXXX`, or two of them that are one character together (a surrogate pair).
fn unicode(rest: &str, at: usize) -> Result<(char, usize), Problem> {
    let unit = |rest: &str| {
        let digits = rest.strip_prefix("\\u")?.get(..4)?;
        // Not by the parser alone, which takes a sign.
        let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        u16::from_str_radix(digits, 16).ok().filter(|_| hexadecimal)
    };
    let Some(first) = unit(rest) else { return Err(problem(at, "\\u takes four hexadecimal digits")) };
    if let Some(c) = char::from_u32(first.into()) {
        return Ok((c, 6));
    }
    let pair = unit(&rest[6..]).and_then(|second| char::decode_utf16([first, second]).next()?.ok());
    pair.map(|c| (c, 12))
        .ok_or_else(|| problem(at, "this escape is half of a surrogate pair, whose other half must stand beside it"))
}

fn problem(at: usize, what: &str) -> Problem {
    Problem::new(offset(at), format!("This isn't JSON: {what}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tokens(text: &str) -> Result<Vec<Token<'_>>, Problem> {
        let mut lexer = Lexer::new(text);
        let mut tokens = Vec::new();
        while let Some((token, _)) = lexer.next()? {
            tokens.push(token);
        }
        Ok(tokens)
    }

    /// Texts around the edges of strings and numbers, as another implementation sees them.
    fn edges() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("\\u"),
            Just("\\uD83D"),
            Just("\\uDE00"),
            Just("\\u00e9"),
            Just("\\n"),
            Just("\\"),
            Just("\""),
            Just("é"),
            Just("a"),
            Just("\n"),
            Just("\u{7f}"),
            Just("0"),
            Just("1"),
            Just("-"),
            Just("+"),
            Just("."),
            Just("e"),
            Just("E"),
            Just(" "),
            Just("\u{a0}"),
            Just("true"),
            Just("null"),
            Just("_"),
            Just("D8"),
        ];
        let pieces = proptest::collection::vec(piece, 0..6);
        (any::<bool>(), pieces).prop_map(|(quoted, pieces)| {
            let text = pieces.concat();
            if quoted { format!("\"{text}\"") } else { text }
        })
    }

    proptest! {
        #[test]
        fn scalars_are_those_of_serde_json(text in edges()) {
            let ours = tokens(&text).ok().filter(|tokens| tokens.len() == 1);
            let theirs: Option<serde_json::Value> = serde_json::from_str(&text).ok();
            prop_assert_eq!(ours.is_some(), theirs.is_some(), "{:?}: {:?}", ours, theirs);
            match (ours.as_deref(), theirs) {
                (Some([Token::String(ours)]), Some(theirs)) => prop_assert_eq!(Some(ours.as_ref()), theirs.as_str()),
                (Some([Token::Number(ours)]), Some(theirs)) => prop_assert_eq!(ours.trim(), text.trim(), "{:?}", theirs),
                (Some([Token::Bool(ours)]), Some(theirs)) => prop_assert_eq!(Some(*ours), theirs.as_bool()),
                (Some([Token::Null]), Some(theirs)) => prop_assert!(theirs.is_null()),
                (ours, theirs) => prop_assert!(ours.is_none() && theirs.is_none()),
            }
        }
    }
}
