//! What a finding is about, as data: which part of which message, and what was there before and after.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// A part of a contract.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The document as a whole.
    #[default]
    Document,
    Server,
    SecurityScheme,
    Webhook,
    Callback,
    Operation,
    /// What an operation asks of those who call it.
    Security,
    Parameter,
    RequestBody,
    Response,
    Header,
    Link,
}

impl Part {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Server => "server",
            Self::SecurityScheme => "security-scheme",
            Self::Webhook => "webhook",
            Self::Callback => "callback",
            Self::Operation => "operation",
            Self::Security => "security",
            Self::Parameter => "parameter",
            Self::RequestBody => "request-body",
            Self::Response => "response",
            Self::Header => "header",
            Self::Link => "link",
        }
    }
}

/// What a step leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// The property with the step's name.
    Property,
    /// Each item of an array.
    Items,
    /// Each value of an object that isn't named.
    Values,
    /// One of several alternatives, with the name of its component if it has one.
    Alternative,
    /// What stands in the keyword with the step's name: `not`, `patternProperties ^x-`.
    Keyword,
    /// As many steps as the name says, which are left out of a long path.
    Omitted,
}

/// One step from a schema to one inside of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Step {
    pub kind: StepKind,
    /// The property, keyword or component; for steps that are left out, how many there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What a finding is about, within its operation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Subject {
    #[cfg_attr(feature = "openapi", schema(required))]
    pub part: Part,
    /// The response's status, or that of the response whose header or link it is: `200`, `4XX`, `default`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The body's media type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Where a parameter is sent: `path`, `query`, `header`, `cookie`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The name of the parameter, header, link or security scheme, or the server's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The operation's callback that it is in: its name, and where it is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback: Option<String>,
    /// The webhook that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// The way from the message's schema to the one that changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<Step>,
    /// The keyword or field that changed: `maximum`, `deprecated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyword: Option<String>,
    /// The schema of the components that it is written in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
}

impl Subject {
    /// About a part, and nothing more.
    #[must_use]
    pub fn of(part: Part) -> Self {
        Self { part, ..Self::default() }
    }

    /// Whether it is about an operation of a path, or something within, and not about a webhook.
    #[must_use]
    pub const fn is_of_path(&self) -> bool {
        self.webhook.is_none()
    }
}

/// Steps as people write them: `owner.addresses[].zip`.
pub struct PathText<'a>(pub &'a [Step]);

impl fmt::Display for PathText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Step { kind, name }) in self.0.iter().enumerate() {
            if index > 0 && !matches!(kind, StepKind::Items | StepKind::Values) {
                f.write_str(".")?;
            }
            let name = name.as_deref();
            match kind {
                StepKind::Property => f.write_str(name.unwrap_or_default())?,
                StepKind::Items => f.write_str("[]")?,
                StepKind::Values => f.write_str("{}")?,
                StepKind::Alternative => write!(f, "({})", name.unwrap_or("alternative"))?,
                StepKind::Keyword => write!(f, "({})", name.unwrap_or_default())?,
                StepKind::Omitted => f.write_str("…")?,
            }
        }
        Ok(())
    }
}

/// What was and what is, as JSON, where there is such.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Values {
    /// In the base; absent where it said nothing.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub base: Option<Value>,
    /// In the revision; absent where it says nothing.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub revision: Option<Value>,
    /// Whether either is cut, since it is long: texts end with `…` then, and members or items are missing.
    #[serde(skip_serializing_if = "is_false")]
    pub cut: bool,
}

// JSON has no NaN, the one value that isn't equal to itself.
impl Eq for Values {}

impl Values {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.base.is_none() && self.revision.is_none()
    }
}

/// Tells a value that is `null` from one that is absent.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

// The signature is serde's.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_null_is_told_from_none() {
        let values = Values { base: Some(Value::Null), ..Values::default() };
        let text = serde_json::to_string(&values).expect("it is JSON");
        assert_eq!(text, r#"{"base":null}"#);
        assert_eq!(serde_json::from_str::<Values>(&text).expect("it is one"), values);
        assert_eq!(serde_json::from_str::<Values>("{}").expect("it is one"), Values::default());
    }

    #[test]
    fn a_path_is_written_as_people_do() {
        let step = |kind, name: &str| Step { kind, name: Some(name.to_owned()).filter(|name| !name.is_empty()) };
        let path = [
            step(StepKind::Property, "owner"),
            step(StepKind::Items, ""),
            step(StepKind::Values, ""),
            step(StepKind::Alternative, "Cat"),
            step(StepKind::Alternative, ""),
            step(StepKind::Keyword, "not"),
        ];
        assert_eq!(PathText(&path).to_string(), "owner[]{}.(Cat).(alternative).(not)");
    }
}
