//! Writes that hold only for the state that the writer saw (RFC 9110, section 13.1.1).

use crate::{ApiError, ErrorCode, Result};

/// What a write's `If-Match` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// Whatever the state is: the header is absent, or `*`.
    Any,
    /// These entity tags, in their quotes.
    OneOf(Vec<String>),
}

impl IfMatch {
    /// The value of the header. A weak tag matches nothing, since the comparison is strong.
    #[must_use]
    pub fn parse(value: Option<&str>) -> Self {
        match value.map(str::trim) {
            None | Some("*") => Self::Any,
            Some(tags) => Self::OneOf(tags.split(',').map(|tag| tag.trim().to_owned()).collect()),
        }
    }

    /// Refuses a write that was made for another state than the one with this tag.
    pub fn check(&self, current: &str) -> Result<()> {
        match self {
            Self::OneOf(tags) if !tags.iter().any(|tag| tag == current) => Err(ApiError::new(
                ErrorCode::PreconditionFailed,
                "It was changed by somebody else since you read it. Read it again and repeat your change.",
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::IfMatch;

    #[test]
    fn tags_are_compared_strongly() {
        for (header, current, allowed) in [
            (None, "\"1\"", true),
            (Some("*"), "\"1\"", true),
            (Some("\"1\""), "\"1\"", true),
            (Some(" \"2\" , \"1\""), "\"1\"", true),
            (Some("\"2\""), "\"1\"", false),
            (Some("W/\"1\""), "\"1\"", false),
            (Some("1"), "\"1\"", false),
            (Some(""), "\"1\"", false),
        ] {
            assert_eq!(IfMatch::parse(header).check(current).is_ok(), allowed, "{header:?} {current}");
        }
    }
}
