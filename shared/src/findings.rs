//! What the engine says about a change: findings, each with its rule, level and places.

use crate::{
    subject::{Subject, Values},
    words,
};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};

/// How a change is felt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Nobody who kept to the old contract notices.
    Safe,
    /// The documents alone can't decide whether somebody is hurt.
    Risky,
    /// Somebody who kept to the old contract is hurt.
    Breaking,
}

impl Level {
    pub const ALL: [Self; 3] = [Self::Breaking, Self::Risky, Self::Safe];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Risky => "risky",
            Self::Breaking => "breaking",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Level {
    type Err = crate::ApiError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|level| level.as_str() == text)
            .ok_or_else(|| crate::ApiError::invalid("level", "A level is breaking, risky or safe."))
    }
}

/// Which way the data flows that a finding is about. The same schema change is harmless one way and breaks the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Clients send it, the service reads it.
    Request,
    /// The service sends it, clients read it.
    Response,
}

impl Direction {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
        }
    }
}

/// Where something stands in a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The file, where the contract has several: its path below their root folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// JSON pointer (RFC 6901), `$ref`s resolved: it points at where the thing is written.
    pub pointer: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// The methods that OpenAPI has words for, in its specification's order; `query` came with 3.2, `trace` with 3.0.
pub const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// An operation, by what identifies it over the wire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OperationKey {
    /// In lower case what OpenAPI has a word for: `get`, `put`, `post`, `delete`, `options`, `head`, `patch`, `trace`,
    /// `query`. Any other method as it is sent: `COPY`.
    pub method: String,
    /// The path template as the document writes it.
    pub path: String,
}

impl OperationKey {
    /// The key for a method in any case. Methods that OpenAPI has no word for are what they are: case counts.
    #[must_use]
    pub fn new(method: &str, path: impl Into<String>) -> Self {
        let known = METHODS.into_iter().find(|known| known.eq_ignore_ascii_case(method));
        Self { method: known.unwrap_or(method).to_owned(), path: path.into() }
    }

    /// The method as it is sent.
    #[must_use]
    pub fn sent(&self) -> Cow<'_, str> {
        sent(&self.method)
    }
}

/// A key's method as it is sent.
#[must_use]
pub fn sent(method: &str) -> Cow<'_, str> {
    if METHODS.contains(&method) { Cow::Owned(method.to_ascii_uppercase()) } else { Cow::Borrowed(method) }
}

impl fmt::Display for OperationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.sent(), self.path)
    }
}

impl std::str::FromStr for OperationKey {
    type Err = crate::ApiError;
    /// Reads `GET /pets/{id}`, in either case where OpenAPI has a word for the method.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().split_once(' ') {
            Some((method, path)) if !method.is_empty() && path.trim_start().starts_with('/') => {
                Ok(Self::new(method, path.trim_start()))
            }
            _ => Err(crate::ApiError::invalid(
                "operation",
                "An operation is a method and a path: for example GET /pets/{id}.",
            )),
        }
    }
}

/// One of the two documents of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    Base,
    Revision,
}

impl Side {
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Base => Self::Revision,
            Self::Revision => Self::Base,
        }
    }
}

/// A header field of an HTTP message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// The field's name, in any case.
    pub name: String,
    /// Its value, without the white space around it.
    pub value: String,
}

/// A whole HTTP message (RFC 9112) that one contract takes and the other refuses: what shows a finding to be true.
///
/// A request that the base takes and the revision refuses, or a response that the revision may give and the base doesn't
/// allow. Credentials are placeholders in angle brackets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Witness {
    /// Whose contract takes the message.
    pub accepted_by: Side,
    /// `POST /orders HTTP/1.1`, or `HTTP/1.1 200 OK`.
    pub start_line: String,
    /// Its header fields, in their order.
    pub headers: Vec<Header>,
    /// Its body as text; absent when it has none.
    pub body: Option<String>,
    /// Why the other contract refuses it, in a sentence.
    pub refusal: String,
}

impl fmt::Display for Witness {
    /// The message as it is on the wire, but for the ends of lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.start_line)?;
        for Header { name, value } in &self.headers {
            write!(f, "\n{name}: {value}")?;
        }
        self.body.as_ref().map_or(Ok(()), |body| write!(f, "\n\n{body}"))
    }
}

/// Why a finding doesn't count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Ignored {
    /// What the policy says, for people.
    pub reason: String,
    /// The last day on which it is ignored, as in `2027-03-31`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = Date))]
    pub expires: Option<String>,
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        self.expires.as_ref().map_or(Ok(()), |last| write!(f, " (until {last})"))
    }
}

/// One difference between two documents and what it means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Stable id in kebab-case, named by what happens: `response-property-became-optional`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub rule: Cow<'static, str>,
    pub level: Level,
    /// The operation that is touched; absent when the finding is about the document as a whole.
    pub operation: Option<OperationKey>,
    pub direction: Option<Direction>,
    /// What it is about, within the operation.
    #[serde(default)]
    pub subject: Subject,
    /// What was and what is.
    #[serde(default, skip_serializing_if = "Values::is_empty")]
    pub values: Values,
    /// The other operations that it holds for, where it stands for those that aren't told one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<OperationKey>,
    /// Tells it apart: 32 hexadecimal digits, made of rule, operation, subject and values. It stays the same when the
    /// sentence is worded in another way, or the documents are reordered, moved or refactored.
    #[serde(default)]
    pub fingerprint: String,
    /// What happened, in a sentence that is made of the rule, the subject and the values.
    pub message: String,
    /// Where it was written in the base document.
    pub base: Option<Place>,
    /// Where it is written in the revision.
    pub revision: Option<Place>,
    /// A message that shows it; breaking findings only.
    #[serde(default)]
    pub witness: Option<Witness>,
    /// Why a breaking finding has no witness, or why one of a breaking rule is only risky: no message shows it.
    #[serde(default)]
    pub unproven: Option<String>,
    /// The engine's level, where a policy gives the finding another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine_level: Option<Level>,
    /// Why it doesn't count, where a policy ignores it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignored: Option<Ignored>,
}

/// How many findings of each level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Changes that hurt somebody who kept to the old contract.
    pub breaking: u32,
    /// Changes of which the documents alone can't tell.
    pub risky: u32,
    /// Changes that nobody notices who kept to the old contract.
    pub safe: u32,
}

impl Counts {
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            *counts.get_mut(finding.level) += 1;
        }
        counts
    }

    #[must_use]
    pub const fn get(&self, level: Level) -> u32 {
        match level {
            Level::Breaking => self.breaking,
            Level::Risky => self.risky,
            Level::Safe => self.safe,
        }
    }

    const fn get_mut(&mut self, level: Level) -> &mut u32 {
        match level {
            Level::Breaking => &mut self.breaking,
            Level::Risky => &mut self.risky,
            Level::Safe => &mut self.safe,
        }
    }

    #[must_use]
    pub const fn total(&self) -> u32 {
        self.breaking + self.risky + self.safe
    }

    /// "3 breaking, 1 risky, 9 safe changes": what a sentence says of the counts.
    #[must_use]
    pub fn in_words(&self) -> String {
        let levels: Vec<_> = Level::ALL.into_iter().filter(|level| self.get(*level) > 0).collect();
        let parts: Vec<_> = levels.iter().map(|level| format!("{} {level}", words::number(self.get(*level)))).collect();
        // The noun agrees with the number that it follows.
        match levels.last().map(|level| self.get(*level)) {
            None => "no changes".to_owned(),
            Some(1) => format!("{} change", parts.join(", ")),
            Some(_) => format!("{} changes", parts.join(", ")),
        }
    }

    /// The worst level present; a change without findings is safe.
    #[must_use]
    pub const fn verdict(&self) -> Level {
        if self.breaking > 0 {
            Level::Breaking
        } else if self.risky > 0 {
            Level::Risky
        } else {
            Level::Safe
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn counts_in_words() {
        let words = |breaking, risky, safe| Counts { breaking, risky, safe }.in_words();
        assert_eq!(words(3, 1, 9), "3 breaking, 1 risky, 9 safe changes");
        assert_eq!(words(1, 0, 0), "1 breaking change");
        assert_eq!(words(3, 0, 1), "3 breaking, 1 safe change");
        assert_eq!(words(1, 0, 1_330), "1 breaking, 1,330 safe changes");
        assert_eq!(words(0, 0, 0), "no changes");
    }
}
