//! `handshake.toml`: a team's policy, committed beside the contract.
//!
//! Parsed here and checked by the engine, so that whatever is wrong is said with its line. One that can't be read as it
//! is meant is refused: a policy that is half understood would hide findings. The command line reads it from the working
//! directory, the hub what a pipeline sends; both judge by the same.

use contract::{Date, Ignore, Notice, PolicyError};
use serde::Deserialize;
use shared::Policy;
use std::{collections::BTreeMap, ops::Range};
use toml::Spanned;

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
    pub policy: contract::Policy,
    /// As given, for messages; empty when there is no file.
    pub file: String,
    /// The whole file; none when there is no file.
    text: Option<String>,
    /// The lines of the policy's ignores.
    pub lines: Vec<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rules: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    ignore: Vec<Spanned<RawIgnore>>,
    #[serde(default)]
    notice: RawNotice,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIgnore {
    rule: Spanned<String>,
    operation: Option<Spanned<String>>,
    path: Option<String>,
    fingerprint: Option<String>,
    #[serde(default)]
    reason: String,
    /// A date of TOML's own, or one in quotes.
    expires: Option<Spanned<toml::Value>>,
}

/// Days between a deprecation and its sunset.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawNotice {
    #[serde(default)]
    stable: u32,
    #[serde(default)]
    beta: u32,
}

/// Reads a policy; `file` is what messages call it.
pub fn parse(file: &str, text: &str) -> Result<Loaded, Invalid> {
    let breaks: Vec<usize> = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
    let line = |span: Range<usize>| 1 + breaks.partition_point(|at| *at < span.start);
    let invalid = |span: Range<usize>, message: String| Invalid { file: file.to_owned(), line: line(span), message };
    if text.len() > Policy::MAX_BYTES {
        return Err(invalid(0..0, format!("a policy has at most {} KiB", Policy::MAX_BYTES / 1024)));
    }
    if breaks.len() > Policy::MAX_LINES {
        return Err(invalid(0..0, format!("a policy has at most {} lines", Policy::MAX_LINES)));
    }
    let raw: File = toml::from_str(text)
        .map_err(|error| invalid(error.span().unwrap_or_default(), error.message().trim().replace('\n', "; ")))?;
    let notice = Notice { stable: raw.notice.stable, beta: raw.notice.beta };
    let mut loaded = Loaded {
        policy: contract::Policy::default(),
        file: file.to_owned(),
        text: Some(text.to_owned()),
        lines: Vec::new(),
    };
    loaded.policy.notice = notice;
    for (rule, setting) in raw.rules {
        loaded.policy.set(rule.get_ref(), setting.get_ref()).map_err(|error| {
            let span = if matches!(error, PolicyError::UnknownSetting { .. }) { setting.span() } else { rule.span() };
            invalid(span, error.to_string())
        })?;
    }
    for raw in raw.ignore {
        let at = raw.span();
        let raw = raw.into_inner();
        let operation = raw.operation.map(|operation| {
            operation.get_ref().parse().map_err(|error: shared::ApiError| invalid(operation.span(), error.message))
        });
        let expires = raw.expires.map(|date| {
            let text = match date.get_ref() {
                toml::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let wrong = |_| invalid(date.span(), format!("`{text}` is no date: write the last day, as in 2027-03-31"));
            text.parse::<Date>().map_err(wrong)
        });
        let rule_span = raw.rule.span();
        let ignore = Ignore {
            rule: raw.rule.into_inner(),
            operation: operation.transpose()?,
            path: raw.path,
            fingerprint: raw.fingerprint,
            reason: raw.reason,
            expires: expires.transpose()?,
        };
        let line = line(at.clone());
        loaded.policy.ignore(ignore).map_err(|error| {
            let of_rule = matches!(error, PolicyError::UnknownRule { .. } | PolicyError::Undeniable);
            let span = if of_rule { rule_span } else { at };
            invalid(span, error.to_string())
        })?;
        loaded.lines.push(line);
    }
    Ok(loaded)
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
    fn the_page_s_example_is_right() {
        let loaded = parse(FILE, app::policies::policy::EXAMPLE).expect("it is right");
        assert_eq!(loaded.policy.ignores().len(), 1);
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
                "p.toml:4: `soon` is no date: write the last day, as in 2027-03-31",
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
            ("[notice]\nstable = -1", "p.toml:2: "),
        ] {
            let error = parse("p.toml", text).expect_err(text).to_string();
            assert!(error.starts_with(start), "{error}");
        }
    }
}
