//! Reads JSON (RFC 8259), strictly: tokens of `jsonc-parser`'s scanner, a loop of our own, no recursion.

use super::{Problem, builder::Builder};
use crate::{
    Limits,
    text::LineIndex,
    tree::{Kind, Str, Tree},
};
use jsonc_parser::{Scanner, ScannerOptions, tokens::Token};
use std::borrow::Cow;

const STRICT: ScannerOptions = ScannerOptions {
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// What the grammar allows next.
#[derive(Clone, Copy, PartialEq)]
enum Expect {
    Value,
    /// A value, or the end of an empty list.
    FirstItem,
    Key,
    /// A key, or the end of an empty object.
    FirstKey,
    Colon,
    /// A comma or the end of the container that is open.
    Next,
    End,
}

impl Expect {
    const fn phrase(self) -> &'static str {
        match self {
            Self::Value => "a value",
            Self::FirstItem => "a value or `]`",
            Self::Key => "a key in double quotes",
            Self::FirstKey => "a key in double quotes or `}`",
            Self::Colon => "`:`",
            Self::Next => "`,` or the end of this object or list",
            Self::End => "the end of the document",
        }
    }
}

pub(super) fn read(text: &str, lines: &LineIndex, limits: &Limits) -> Result<Tree, Problem> {
    let mut reader = Reader { builder: Builder::new(text, lines, limits), text, open: Vec::new() };
    let mut scanner = Scanner::new(text, &STRICT);
    let mut expect = Expect::Value;
    let mut end = 0;
    loop {
        let token = scanner.scan().map_err(|error| {
            Problem::new(
                offset(error.range().start),
                format!("This isn't JSON: {}.", lower_first(&error.kind().to_string())),
            )
        })?;
        let start = scanner.token_start();
        refuse_foreign_space(&text[end..start], end)?;
        let Some(token) = token else { break };
        end = scanner.token_end();
        expect = reader.take(expect, token, start, end)?;
    }
    if expect != Expect::End {
        let message = format!("This isn't JSON: the document ends where {} should come.", expect.phrase());
        return Err(Problem::new(offset(text.len()), message));
    }
    Ok(reader.builder.finish())
}

struct Reader<'a> {
    builder: Builder<'a>,
    text: &'a str,
    /// The containers that are open: `true` for objects.
    open: Vec<bool>,
}

impl Reader<'_> {
    fn take(&mut self, expect: Expect, token: Token<'_>, start: usize, end: usize) -> Result<Expect, Problem> {
        use Expect::{Colon, End, FirstItem, FirstKey, Key, Next, Value};
        let value = matches!(expect, Value | FirstItem);
        match token {
            Token::OpenBrace if value => self.open(Kind::Object, start),
            Token::OpenBracket if value => self.open(Kind::Array, start),
            Token::CloseBrace if self.open.last() == Some(&true) && matches!(expect, Next | FirstKey) => self.close(),
            Token::CloseBracket if self.open.last() == Some(&false) && matches!(expect, Next | FirstItem) => {
                self.close()
            }
            Token::String(string) if value => {
                let data = self.string(string, start, end)?;
                self.scalar(Kind::String, data, start)
            }
            Token::String(string) if matches!(expect, Key | FirstKey) => {
                let key = self.string(string, start, end)?;
                self.builder.key(key, offset(start), false);
                Ok(Colon)
            }
            Token::Number(number) if value => self.scalar(Kind::Number, Builder::slice(start, number.len()), start),
            Token::Boolean(yes) if value => self.scalar(Kind::Bool, Str { offset: u32::from(yes), len: 0 }, start),
            Token::Null if value => self.scalar(Kind::Null, Str { offset: 0, len: 0 }, start),
            Token::Colon if expect == Colon => Ok(Value),
            Token::Comma if expect == Next => Ok(if self.open.last() == Some(&true) { Key } else { Value }),
            token => Err(unexpected(expect, &token, start, expect == End)),
        }
    }

    fn open(&mut self, kind: Kind, start: usize) -> Result<Expect, Problem> {
        self.builder.open(kind, offset(start))?;
        self.open.push(kind == Kind::Object);
        Ok(if kind == Kind::Object { Expect::FirstKey } else { Expect::FirstItem })
    }

    fn close(&mut self) -> Result<Expect, Problem> {
        self.builder.close()?;
        self.open.pop();
        Ok(self.after_value())
    }

    fn scalar(&mut self, kind: Kind, data: Str, start: usize) -> Result<Expect, Problem> {
        self.builder.scalar(kind, data, offset(start))?;
        Ok(self.after_value())
    }

    fn after_value(&self) -> Expect {
        if self.open.is_empty() { Expect::End } else { Expect::Next }
    }

    fn string(&mut self, string: Cow<'_, str>, start: usize, end: usize) -> Result<Str, Problem> {
        // The scanner lets raw control characters through, which RFC 8259 forbids.
        let raw = &self.text[start..end];
        if let Some(at) = raw.bytes().position(|byte| byte < 0x20) {
            let message = "This isn't JSON: a string has a raw line break or control character here. Write it as an escape, such as \\n.";
            return Err(Problem::new(offset(start + at), message));
        }
        match string {
            Cow::Borrowed(slice) => Ok(Builder::slice(start + 1, slice.len())),
            Cow::Owned(string) => self.builder.keep(&string, offset(start)),
        }
    }
}

fn unexpected(expect: Expect, token: &Token<'_>, start: usize, after: bool) -> Problem {
    let message = match token {
        Token::CommentLine(_) | Token::CommentBlock(_) => {
            "JSON has no comments. Remove this one, or publish the document as YAML.".to_owned()
        }
        Token::CloseBrace | Token::CloseBracket if matches!(expect, Expect::Key | Expect::Value) => {
            format!("This isn't JSON: `{}` after a comma or colon. Remove the trailing comma.", token.as_str())
        }
        Token::Number(_) if expect == Expect::Next || expect == Expect::End => {
            "This isn't JSON: a number can't be followed by another. Numbers have no leading zeros.".to_owned()
        }
        _ if after => "This isn't JSON: something follows after the document's end. Send one document.".to_owned(),
        token => format!("This isn't JSON: {} should come here, not `{}`.", expect.phrase(), shorten(token.as_str())),
    };
    Problem::new(offset(start), message)
}

/// The scanner skips all of Unicode's white space; JSON has four kinds.
fn refuse_foreign_space(gap: &str, start: usize) -> Result<(), Problem> {
    match gap.char_indices().find(|(_, c)| !matches!(c, ' ' | '\t' | '\n' | '\r')) {
        None => Ok(()),
        Some((at, c)) => {
            let message =
                format!("This isn't JSON: the character U+{:04X} isn't white space here. Remove it.", u32::from(c));
            Err(Problem::new(offset(start + at), message))
        }
    }
}

fn offset(at: usize) -> u32 {
    // `read` refuses sources of 2³⁰ bytes and more.
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(30).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
