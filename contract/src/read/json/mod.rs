//! Reads JSON (RFC 8259), strictly: [tokens](lexer), and a loop that knows which may follow which, no recursion.

use super::{Problem, builder::Builder};
use crate::{
    Limits,
    text::LineIndex,
    tree::{Kind, Str, Tree},
};
use lexer::{Lexer, Token};
use std::borrow::Cow;

mod lexer;
mod words;

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

pub(super) fn read(text: &str, lines: &LineIndex, limits: &Limits, before: &Tree) -> Result<Tree, Problem> {
    let mut reader = Reader { builder: Builder::new(text, lines, limits, before), open: Vec::new() };
    let mut lexer = Lexer::new(text);
    let mut expect = Expect::Value;
    while let Some((token, start)) = lexer.next()? {
        expect = reader.take(expect, token, start)?;
    }
    if expect != Expect::End {
        let message = format!("This isn't JSON: the document ends where {} should come.", expect.phrase());
        return Err(Problem::new(offset(text.len()), message));
    }
    Ok(reader.builder.finish())
}

struct Reader<'a> {
    builder: Builder<'a>,
    /// The containers that are open: `true` for objects.
    open: Vec<bool>,
}

impl Reader<'_> {
    fn take(&mut self, expect: Expect, token: Token<'_>, start: usize) -> Result<Expect, Problem> {
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
                let data = self.string(string, start)?;
                self.scalar(Kind::String, data, start)
            }
            Token::String(string) if matches!(expect, Key | FirstKey) => {
                let key = self.string(string, start)?;
                self.builder.key(key, offset(start), false);
                Ok(Colon)
            }
            Token::Number(number) if value => self.scalar(Kind::Number, Builder::slice(start, number.len()), start),
            Token::Bool(yes) if value => self.scalar(Kind::Bool, Str { offset: u32::from(yes), len: 0 }, start),
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

    fn string(&mut self, string: Cow<'_, str>, start: usize) -> Result<Str, Problem> {
        match string {
            Cow::Borrowed(slice) => Ok(Builder::slice(start + 1, slice.len())),
            Cow::Owned(string) => self.builder.keep(&string, offset(start)),
        }
    }
}

fn unexpected(expect: Expect, token: &Token<'_>, start: usize, after: bool) -> Problem {
    let message = match token {
        Token::CloseBrace | Token::CloseBracket if matches!(expect, Expect::Key | Expect::Value) => {
            let bracket = if *token == Token::CloseBrace { '}' } else { ']' };
            format!("This isn't JSON: `{bracket}` after a comma or colon. Remove the trailing comma.")
        }
        _ if after => "This isn't JSON: something follows after the document's end. Send one document.".to_owned(),
        token => format!("This isn't JSON: {} should come here, not {}.", expect.phrase(), name(token)),
    };
    Problem::new(offset(start), message)
}

/// A token as messages show it.
fn name(token: &Token<'_>) -> String {
    let sign = match token {
        Token::OpenBrace => "{",
        Token::CloseBrace => "}",
        Token::OpenBracket => "[",
        Token::CloseBracket => "]",
        Token::Colon => ":",
        Token::Comma => ",",
        Token::String(text) => return format!("the string {:?}", crate::text::cut(text, 30)),
        Token::Number(number) => &crate::text::cut(number, 30),
        Token::Bool(true) => "true",
        Token::Bool(false) => "false",
        Token::Null => "null",
    };
    format!("`{sign}`")
}

fn offset(at: usize) -> u32 {
    // `read` refuses sources of 2³⁰ bytes and more.
    u32::try_from(at).unwrap_or(u32::MAX)
}
