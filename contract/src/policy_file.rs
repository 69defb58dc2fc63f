//! `handshake.toml`: a team's policy, committed beside the contract.
//!
//! Whatever is wrong is said with its line. One that can't be read as it is meant is refused: a policy that is half
//! understood would hide findings. The command line reads it from the working directory, the hub what a pipeline sends, the
//! playground what is typed; all judge by the same.
//!
//! The `toml` crate parses the text, and the tables are read by hand: derived readers would take half as much again in the
//! browser.

use crate::{Date, Ignore, Notice, Policy, PolicyError};
use shared::ApiError;
use std::ops::Range;
use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

/// Where a policy is looked for when none is named.
pub const FILE: &str = "handshake.toml";

/// Why a policy can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct Invalid {
    /// As given.
    pub file: String,
    /// From 1.
    pub line: usize,
    pub message: String,
}

/// A policy and where each of its ignores stands.
#[derive(Debug, Default)]
pub struct Loaded {
    pub policy: Policy,
    /// As given, for messages; empty when there is no file.
    pub file: String,
    /// The whole file; none when there is no file.
    text: Option<String>,
    /// The lines of the policy's ignores.
    pub lines: Vec<usize>,
}

/// Reads a policy; `file` is what messages call it.
pub fn parse(file: &str, text: &str) -> Result<Loaded, Invalid> {
    let breaks: Vec<usize> = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
    let line = |at: usize| 1 + breaks.partition_point(|next| *next < at);
    let mut loaded = Loaded { file: file.to_owned(), text: Some(text.to_owned()), ..Loaded::default() };
    match read(text, breaks.len(), &mut loaded.policy) {
        Ok(starts) => {
            loaded.lines = starts.into_iter().map(line).collect();
            Ok(loaded)
        }
        Err(Wrong { at, message }) => Err(Invalid { file: file.to_owned(), line: line(at), message }),
    }
}

/// What is wrong, from which byte on.
struct Wrong {
    at: usize,
    message: String,
}

impl Wrong {
    fn new(span: &Range<usize>, message: impl Into<String>) -> Self {
        Self { at: span.start, message: message.into() }
    }
}

type Key<'t> = Spanned<DeString<'t>>;
type Value<'t> = Spanned<DeValue<'t>>;

/// Reads a policy, and where each of its ignores starts.
fn read(text: &str, breaks: usize, policy: &mut Policy) -> Result<Vec<usize>, Wrong> {
    use shared::Policy as Bounds;
    if text.len() > Bounds::MAX_BYTES {
        return Err(Wrong { at: 0, message: format!("a policy has at most {} KiB", Bounds::MAX_BYTES / 1024) });
    }
    if breaks > Bounds::MAX_LINES {
        return Err(Wrong { at: 0, message: format!("a policy has at most {} lines", Bounds::MAX_LINES) });
    }
    let whole = DeTable::parse(text)
        .map_err(|error| Wrong::new(&error.span().unwrap_or_default(), error.message().trim().replace('\n', "; ")))?;
    let mut starts = Vec::new();
    for (key, value) in whole.get_ref() {
        match key.get_ref().as_ref() {
            "rules" => {
                for (rule, setting) in table(value)? {
                    set(policy, rule, setting)?;
                }
            }
            "notice" => policy.notice = notice(table(value)?)?,
            "ignore" => {
                let DeValue::Array(ignores) = value.get_ref() else { return Err(is_no("an array of tables", value)) };
                for one in ignores {
                    ignore(policy, one)?;
                    starts.push(one.span().start);
                }
            }
            _ => return Err(unknown(key, "`rules`, `ignore` or `notice`")),
        }
    }
    Ok(starts)
}

fn set(policy: &mut Policy, rule: &Key<'_>, setting: &Value<'_>) -> Result<(), Wrong> {
    policy.set(rule.get_ref(), text(setting)?).map_err(|error| {
        let span = if matches!(error, PolicyError::UnknownSetting { .. }) { setting.span() } else { rule.span() };
        Wrong::new(&span, error.to_string())
    })
}

/// Days between a deprecation and its sunset.
fn notice(table: &DeTable<'_>) -> Result<Notice, Wrong> {
    let mut notice = Notice::default();
    for (key, value) in table {
        let days = match key.get_ref().as_ref() {
            "stable" => &mut notice.stable,
            "beta" => &mut notice.beta,
            _ => return Err(unknown(key, "`stable` or `beta`")),
        };
        let number = match value.get_ref() {
            DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        *days = number.ok_or_else(|| is_no("a number of days", value))?;
    }
    Ok(notice)
}

fn ignore(policy: &mut Policy, one: &Value<'_>) -> Result<(), Wrong> {
    let mut rule = None;
    let mut ignore = Ignore {
        rule: String::new(),
        operation: None,
        path: None,
        fingerprint: None,
        reason: String::new(),
        expires: None,
    };
    for (key, value) in table(one)? {
        match key.get_ref().as_ref() {
            "rule" => {
                text(value)?.clone_into(&mut ignore.rule);
                rule = Some(value.span());
            }
            "operation" => {
                let operation = text(value)?.parse();
                ignore.operation = Some(operation.map_err(|error: ApiError| Wrong::new(&value.span(), error.message))?);
            }
            "path" => ignore.path = Some(text(value)?.to_owned()),
            "fingerprint" => ignore.fingerprint = Some(text(value)?.to_owned()),
            "reason" => text(value)?.clone_into(&mut ignore.reason),
            "expires" => ignore.expires = Some(date(value)?),
            _ => return Err(unknown(key, "`rule`, `operation`, `path`, `fingerprint`, `reason` or `expires`")),
        }
    }
    let Some(rule) = rule else { return Err(Wrong::new(&one.span(), "an ignore names a `rule`")) };
    policy.ignore(ignore).map_err(|error| {
        let of_rule = matches!(error, PolicyError::UnknownRule { .. } | PolicyError::Undeniable);
        Wrong::new(&if of_rule { rule } else { one.span() }, error.to_string())
    })
}

/// A date of TOML's own, or one in quotes.
fn date(value: &Value<'_>) -> Result<Date, Wrong> {
    let text = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        _ => return Err(is_no("a date", value)),
    };
    let wrong =
        |_| Wrong::new(&value.span(), format!("`{text}` is not a valid date: write the last day, as in 2027-03-31"));
    text.parse().map_err(wrong)
}

fn table<'v, 't>(value: &'v Value<'t>) -> Result<&'v DeTable<'t>, Wrong> {
    match value.get_ref() {
        DeValue::Table(table) => Ok(table),
        _ => Err(is_no("a table", value)),
    }
}

fn text<'v>(value: &'v Value<'_>) -> Result<&'v str, Wrong> {
    match value.get_ref() {
        DeValue::String(text) => Ok(text),
        _ => Err(is_no("a string", value)),
    }
}

fn is_no(wanted: &str, value: &Value<'_>) -> Wrong {
    Wrong::new(&value.span(), format!("expected {wanted}, found {}", value.get_ref().type_str()))
}

fn unknown(key: &Key<'_>, known: &str) -> Wrong {
    Wrong::new(&key.span(), format!("unknown field `{}`, expected {known}", key.get_ref()))
}

impl Loaded {
    /// The file's text, if there is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// A line of text for each ignore that has ended on a day, with its place.
    #[must_use]
    pub fn endings_on(&self, today: Date) -> Vec<String> {
        let ended = self.endings(&self.policy.ended(today));
        ended.into_iter().map(|(line, message)| format!("{}:{line}: {message}", self.file)).collect()
    }

    /// What is to be said of ignores that cover nothing, each with its line.
    pub fn unused(&self, which: &[usize]) -> Vec<(usize, String)> {
        let lines = which.iter().filter_map(|index| self.lines.get(*index));
        lines
            .map(|line| (*line, "this ignore covers no finding: remove it, or fix what it names.".to_owned()))
            .collect()
    }

    /// What is to be said of ignores that have ended, each with its line.
    pub fn endings(&self, which: &[usize]) -> Vec<(usize, String)> {
        let find = |index: &usize| Some((*self.lines.get(*index)?, self.policy.ignores().get(*index)?.expires?));
        let say = |(line, last): (usize, Date)| {
            (line, format!("this ignore ended on {last}: its findings count again. Fix them, or name a later day."))
        };
        which.iter().filter_map(find).map(say).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read() {
        let text = "[rules]\nresponse-property-removed = 'breaking'\npath-with-verb = 'error'\noperation-added = \"off\"\n\n[notice]\nstable = 90\n\n[[ignore]]\nrule = 'operation-removed'\noperation = 'GET /a'\nreason = 'unused'\nexpires = 2027-03-31\n[[ignore]]\nrule = 'operation-removed'\nreason = 'unused'\nexpires = '2027-03-31'\n";
        let loaded = parse("p.toml", text).expect("it is right");
        assert_eq!(loaded.lines, [9, 14]);
        assert_eq!(loaded.policy.notice.stable, 90);
        let last: Vec<_> = loaded.policy.ignores().iter().filter_map(|ignore| ignore.expires).collect();
        assert_eq!(last[0], last[1]);
        assert!(matches!(&loaded.endings(&[1])[..], [(14, said)] if said.contains("2027-03-31")));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, said) in [
            ("[rules]\n\nno-such = 'off'", "p.toml:3: there is no rule `no-such`; `handshake rules` lists all"),
            ("[rules]\noperation-added = 'fatal'", "p.toml:2: `fatal` is no level: write breaking, risky, safe or off"),
            (
                "[rules]\npath-with-verb = 'risky'",
                "p.toml:2: `risky` is no severity: write error, warning, hint or off",
            ),
            (
                "[[ignore]]\nrule = 'operation-removed'",
                "p.toml:1: an ignore needs a `reason`: say why the finding is accepted, for those who read the report",
            ),
            (
                "[[ignore]]\nrule = 'operation-removed'\nreason = 'x'\nexpires = 'soon'",
                "p.toml:4: `soon` is not a valid date: write the last day, as in 2027-03-31",
            ),
            (
                "[[ignore]]\nrule = 'operation-removed'\nreason = 'x'\noperation = 'everything'",
                "p.toml:4: An operation is a method and a path: for example GET /pets/{id}.",
            ),
            (
                "[[ignore]]\nrule = 'operation-removed'\nreason = 'x'\nfingerprint = '12'",
                "p.toml:1: `12` is not a fingerprint: copy the 32 digits and letters from a report in JSON or SARIF",
            ),
            (
                "[[ignore]]\nrule = 'gone'\nreason = 'x'",
                "p.toml:2: there is no rule `gone`; `handshake rules` lists all",
            ),
        ] {
            assert_eq!(parse("p.toml", text).expect_err(text).to_string(), said);
        }
        for (text, start) in [
            ("rule = 1", "p.toml:1: unknown field"),
            ("\n[rules", "p.toml:2: "),
            ("[notice]\nstable = -1", "p.toml:2: expected a number of days, found integer"),
            ("rules = 1", "p.toml:1: expected a table, found integer"),
            ("[rules]\noperation-added = 1", "p.toml:2: expected a string, found integer"),
            ("ignore = {}", "p.toml:1: expected an array of tables, found table"),
            ("[[ignore]]\nreason = 'x'", "p.toml:1: an ignore names a `rule`"),
            ("[[ignore]]\nrule = 'operation-removed'\nreason = 'x'\nexpires = 2027", "p.toml:4: expected a date"),
            ("[[ignore]]\nrules = 'x'", "p.toml:2: unknown field `rules`, expected `rule`"),
            ("[notice]\nalpha = 1", "p.toml:2: unknown field `alpha`"),
        ] {
            let error = parse("p.toml", text).expect_err(text).to_string();
            assert!(error.starts_with(start), "{error}");
        }
    }
}
