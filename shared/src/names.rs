//! Names that people choose. Each is a type whose only constructor checks, so that code that holds one
//! holds a good one (parse, don't validate).

use crate::{ApiError, text::first_unseen};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Classes of characters for patterns of the contract, made from what checks them, so that the two can't differ.
#[cfg(feature = "openapi")]
pub(crate) mod patterns {
    use crate::text::is_invisible;
    use std::sync::LazyLock;

    /// What isn't seen, and white space.
    pub fn space() -> &'static str {
        static CLASS: LazyLock<String> =
            LazyLock::new(|| class(|c| c.is_whitespace() || c.is_control() || is_invisible(c)));
        &CLASS
    }

    /// What isn't seen.
    pub fn unseen() -> &'static str {
        static CLASS: LazyLock<String> = LazyLock::new(|| class(|c| c.is_control() || is_invisible(c)));
        &CLASS
    }

    /// What isn't seen, but for line breaks and tabs.
    pub fn unseen_in_lines() -> &'static str {
        static CLASS: LazyLock<String> =
            LazyLock::new(|| class(|c| !matches!(c, '\n' | '\r' | '\t') && (c.is_control() || is_invisible(c))));
        &CLASS
    }

    fn class(is: impl Fn(char) -> bool) -> String {
        let mut ranges: Vec<(char, char)> = Vec::new();
        for c in ('\0'..=char::MAX).filter(|c| is(*c)) {
            match ranges.last_mut() {
                Some((_, last)) if u32::from(*last) + 1 == u32::from(c) => *last = c,
                _ => ranges.push((c, c)),
            }
        }
        // Engines agree about escapes of four digits only.
        let written = |c: char| match u32::from(c) {
            code @ ..=0xffff => format!("\\u{code:04x}"),
            _ => c.to_string(),
        };
        ranges.into_iter().map(|(first, last)| format!("{}-{}", written(first), written(last))).collect()
    }
}

macro_rules! name {
    ($(#[doc = $doc:literal])* $name:ident, $field:literal, $schema:expr, $check:expr) => {
        $(#[doc = $doc])*
        ///
        /// Parsing takes what a person typed, with space around it; the wire has none.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = ApiError;
            fn from_str(text: &str) -> Result<Self, ApiError> {
                text.trim().to_owned().try_into()
            }
        }

        impl TryFrom<String> for $name {
            type Error = ApiError;
            fn try_from(text: String) -> Result<Self, ApiError> {
                let check: fn(&str) -> Result<String, String> = $check;
                check(&text).map(Self).map_err(|message| ApiError::invalid($field, message))
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let text = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::Type::String);
                let build: fn(utoipa::openapi::ObjectBuilder) -> utoipa::openapi::ObjectBuilder = $schema;
                build(text).description(Some(concat!($($doc),*).trim_ascii())).build().into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// A service's name, as it stands in URLs: 1 to 63 lower-case letters, digits and hyphens, a letter first
    /// (a DNS label, RFC 1035).
    ServiceName, "name",
    |schema| schema.min_length(Some(1)).max_length(Some(63)).pattern(Some("^[a-z]([a-z0-9-]*[a-z0-9])?$")).examples(["orders"]),
    |text| {
        let mut chars = text.chars();
        let starts = chars.next().is_some_and(|c| c.is_ascii_lowercase());
        let rest = chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if starts && rest && text.len() <= 63 && !text.ends_with('-') {
            Ok(text.to_owned())
        } else {
            Err("A service's name has 1 to 63 lower-case letters, digits and hyphens, starts with a letter \
                 and doesn't end with a hyphen: for example orders-api.".into())
        }
    }
);

name!(
    /// A version's label: 1 to 64 characters that are seen, without spaces or `/ ? # % \ " < >`, so that it stands in a URL.
    VersionLabel, "label",
    |schema| schema.min_length(Some(1)).max_length(Some(64)).examples(["1.4.0"]).pattern(Some({
        let not = format!(r##""#%/<>?\\{}"##, patterns::space());
        format!(r"^(\.{{3,}}|\.*[^.{not}][^{not}]*)$")
    })),
    |text| {
        let bad = |c: char| c.is_whitespace() || "/?#%\\\"<>".contains(c);
        if text.is_empty() || text.chars().count() > 64 {
            Err("A version's label has 1 to 64 characters: for example 1.4.0.".into())
        } else if let Some(c) = first_unseen(text) {
            Err(unseen("A version's label", c))
        } else if let Some(c) = text.chars().find(|c| bad(*c)) {
            Err(format!("A version's label can't contain {c:?}, since it stands in addresses."))
        } else if text == "." || text == ".." {
            Err("A version's label can't be dots alone.".into())
        } else {
            Ok(text.to_owned())
        }
    }
);

name!(
    /// An e-mail address, kept in lower case: one `@`, something on both sides, a dot or `localhost` after it.
    /// Only sending a message proves an address; this catches slips.
    Email, "email",
    |schema| schema.max_length(Some(254)).examples(["ada@example.org"]).pattern(Some({
        let not = format!("@{}", patterns::space());
        format!(r"^[^{not}]+@(localhost|[^.{not}][^{not}]*\.[^{not}]*[^.{not}])$")
    })),
    |text| {
        let good = text.chars().count() <= 254
            && !text.contains(char::is_whitespace)
            && first_unseen(text).is_none()
            && text.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty() && !domain.contains('@') && !domain.starts_with('.') && !domain.ends_with('.')
                    && (domain.contains('.') || domain == "localhost")
            });
        if good { Ok(text.to_lowercase()) } else { Err("This isn't an e-mail address: for example ada@example.org.".into()) }
    }
);

name!(
    /// What people are called on screen: 1 to 80 characters that are seen, without space around them.
    DisplayName, "displayName",
    |schema| schema.min_length(Some(1)).max_length(Some(80)).examples(["Ada"]).pattern(Some({
        let (space, unseen) = (patterns::space(), patterns::unseen());
        format!("^[^{space}]([^{unseen}]*[^{space}])?$")
    })),
    |text| {
        if text.trim() != text || text.is_empty() || text.chars().count() > 80 {
            Err("A name has 1 to 80 characters, without space around them.".into())
        } else if let Some(c) = first_unseen(text) {
            Err(unseen("A name", c))
        } else {
            Ok(text.to_owned())
        }
    }
);

/// What is said of a character that nobody sees, or that changes how others are seen.
#[must_use]
pub fn unseen(what: &str, c: char) -> String {
    format!("{what} can't contain {}, which isn't seen.", c.escape_unicode())
}

/// A new password: 12 to 256 characters (NIST SP 800-63B: length over composition rules). Never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct NewPassword(String);

impl NewPassword {
    /// The secret itself, for hashing only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for NewPassword {
    type Err = ApiError;
    fn from_str(text: &str) -> Result<Self, ApiError> {
        match text.chars().count() {
            12..=256 => Ok(Self(text.to_owned())),
            _ => Err(ApiError::invalid(
                "password",
                "A password has at least 12 and at most 256 characters. A few words are good.",
            )),
        }
    }
}

impl TryFrom<String> for NewPassword {
    type Error = ApiError;
    fn try_from(text: String) -> Result<Self, ApiError> {
        text.parse()
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Rows that are read where they should not be, or the other way round.
    fn wrong<'t, T: std::str::FromStr>(rows: &[(&'t str, bool)]) -> Vec<&'t str> {
        rows.iter().filter(|(text, good)| text.parse::<T>().is_ok() != *good).map(|(text, _)| *text).collect()
    }

    #[test]
    fn names() {
        let rows = [
            ("orders", true),
            ("orders-api2", true),
            ("  orders ", true),
            ("", false),
            ("Orders", false),
            ("2fa", false),
            ("a-", false),
            ("a/b", false),
            ("a b", false),
            (&"a".repeat(63), true),
            (&"a".repeat(64), false),
        ];
        assert_eq!(wrong::<ServiceName>(&rows), [""; 0]);
        let rows = [
            ("1.0.0", true),
            ("v2-β+build.7", true),
            ("2024-11-01", true),
            ("", false),
            ("a/b", false),
            ("..", false),
            ("1 0", false),
        ];
        assert_eq!(wrong::<VersionLabel>(&rows), [""; 0]);
        let rows = [
            ("Ada@Example.org", true),
            ("a@localhost", true),
            ("a", false),
            ("@b.c", false),
            ("a@b", false),
            ("a@b@c.d", false),
            ("a b@c.d", false),
        ];
        assert_eq!(wrong::<Email>(&rows), [""; 0]);
        assert_eq!("Ada@Example.org".parse::<Email>().unwrap().as_str(), "ada@example.org");
    }

    #[test]
    fn a_password_is_never_printed() {
        let password: NewPassword = "correct horse battery".parse().unwrap();
        assert!(!format!("{password:?}").contains("horse"));
        assert!("short".parse::<NewPassword>().is_err());
    }

    /// A character that nobody sees.
    fn unseen_character() -> impl Strategy<Value = char> {
        let all = ('\0'..=char::MAX).filter(|c| c.is_control() || crate::text::is_invisible(*c));
        prop::sample::select(all.collect::<Vec<char>>())
    }

    proptest! {
        #[test]
        fn no_name_hides_a_character(before in "[a-z]{1,8}", c in unseen_character(), after in "[a-z]{1,8}") {
            let text = format!("{before}{c}{after}");
            prop_assert!(text.parse::<VersionLabel>().is_err());
            prop_assert!(text.parse::<DisplayName>().is_err());
            prop_assert!(text.parse::<ServiceName>().is_err());
            let email = format!("{text}@example.org");
            prop_assert!(email.parse::<Email>().is_err());
        }

        #[test]
        fn what_a_name_refuses_is_said_without_it(c in unseen_character()) {
            let said = format!("a{c}b").parse::<VersionLabel>().unwrap_err().message;
            prop_assert!(first_unseen(&said).is_none(), "{}", said);
        }

        #[test]
        fn a_parsed_name_parses_to_itself(text in "\\PC{0,70}") {
            if let Ok(label) = text.parse::<VersionLabel>() {
                prop_assert_eq!(label.as_str().parse::<VersionLabel>().unwrap(), label);
            }
            if let Ok(name) = text.parse::<DisplayName>() {
                prop_assert_eq!(DisplayName::try_from(name.to_string()).unwrap(), name);
            }
            if let Ok(name) = text.parse::<ServiceName>() {
                prop_assert_eq!(name.as_str().parse::<ServiceName>().unwrap(), name);
            }
        }
    }
}
