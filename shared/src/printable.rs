//! Text that may be printed: the one place where what others wrote is made harmless for a terminal and for a log.
//!
//! Documents, policies, hubs, Git and file names say what they like, and a pipeline runs this program with all of it. Text
//! of theirs could steer a terminal (ESC and the C1 controls), turn what is read around it (bidirectional controls), hide,
//! add lines of its own, or be a command to the machine that keeps the log: GitHub's `::error`, which holds at the start
//! of a line, or `##[error]`, `##vso[…]` and `##teamcity[…]`, which hold anywhere in it. What is written takes
//! [`Printable`]s only, so that none of them gets by.

use crate::text::is_invisible;
use serde::Serialize;
use std::fmt::{self, Display, Write as _};

/// A text in one line without anything that isn't seen; what wasn't is shown as `\u{1b}`. It is no command to a log,
/// wherever in a line it is put.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Printable(String);

impl Printable {
    pub fn new(text: impl Display) -> Self {
        let mut line = Line { out: String::new(), before: None, blank: true };
        // Writing into a String can't fail.
        let _ = write!(line, "{text}");
        Self(line.out)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Display for Printable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text in lines of its own, each of them printable: for what this program has put together of several lines.
pub fn lines(text: &str) -> impl Iterator<Item = Printable> {
    text.split('\n').map(Printable::new)
}

struct Line {
    out: String,
    before: Option<char>,
    /// Whether nothing but space came yet.
    blank: bool,
}

impl fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                ':' if self.blank => write!(self.out, "{}", c.escape_unicode())?,
                '#' if self.before == Some('#') => write!(self.out, "{}", c.escape_unicode())?,
                c if c.is_control() || is_invisible(c) => write!(self.out, "{}", c.escape_unicode())?,
                c => self.out.push(c),
            }
            self.blank &= c.is_whitespace();
            self.before = Some(c);
        }
        Ok(())
    }
}

/// JSON for people and logs: what isn't seen is written as JSON's escapes, within strings, where alone it can stand; so
/// is what a log would take for a command.
pub fn json(value: &impl Serialize) -> serde_json::Result<String> {
    let plain = serde_json::to_string_pretty(value)?;
    let mut out = String::with_capacity(plain.len() + 1);
    let mut before = None;
    for c in plain.chars() {
        let line_break = c == '\n';
        if !line_break && (c.is_control() || is_invisible(c)) || c == '#' && before == Some('#') {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing into a String can't fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
        before = Some(c);
    }
    out.push('\n');
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_not_seen_is_shown() {
        for (text, shown) in [
            ("plain: `a` – ä 日本語 🙂", "plain: `a` – ä 日本語 🙂"),
            ("\u{1b}[31mred\u{9b}0m", r"\u{1b}[31mred\u{9b}0m"),
            ("a\r\n\tb\u{7f}", r"a\r\n\tb\u{7f}"),
            ("a\u{202e}b\u{2066}\u{200f}\u{61c}\u{feff}", r"a\u{202e}b\u{2066}\u{200f}\u{61c}\u{feff}"),
            ("::error::x", r"\u{3a}:error::x"),
            ("  ::add-mask::x", r"  \u{3a}:add-mask::x"),
            ("a ##[error]x ###vso[y]", r"a #\u{23}[error]x #\u{23}\u{23}vso[y]"),
            ("#1 :a", "#1 :a"),
        ] {
            assert_eq!(Printable::new(text).as_str(), shown, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_hides_or_commands(text in hostile()) {
            let printable = Printable::new(&text);
            let shown = printable.as_str();
            prop_assert!(shown.chars().all(|c| !c.is_control() && !is_invisible(c)), "{shown:?}");
            prop_assert!(!shown.trim_start().starts_with(':') && !shown.contains("##"), "{shown:?}");
            // What is harmless is left as it is, which is also what has been made so before.
            prop_assert_eq!(Printable::new(shown).to_string(), shown);
        }

        #[test]
        fn json_stays_what_it_is(text in hostile()) {
            let written = json(&serde_json::json!({ text.clone(): [&text] })).unwrap();
            prop_assert!(written.chars().all(|c| c == '\n' || !c.is_control() && !is_invisible(c)), "{written:?}");
            prop_assert!(!written.contains("##"), "{written:?}");
            let read: serde_json::Value = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(read, serde_json::json!({ text.clone(): [&text] }));
        }
    }

    /// Texts made of what is dangerous, and of anything.
    fn hostile() -> impl Strategy<Value = String> {
        let unseen: Vec<char> = ('\0'..=char::MAX).filter(|c| c.is_control() || is_invisible(*c)).collect();
        let part = prop_oneof![
            prop::sample::select(unseen).prop_map(String::from),
            prop::sample::select(vec![":", "::", "#", "##", "[", " ", "\n", "::error::", "##[error]"])
                .prop_map(String::from),
            any::<char>().prop_map(String::from),
        ];
        prop::collection::vec(part, 0..20).prop_map(|parts| parts.concat())
    }
}
