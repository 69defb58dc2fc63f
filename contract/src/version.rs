//! The versions of OpenAPI that are read, and what the rest of the engine has to know about them.

use shared::findings::METHODS;

/// Which OpenAPI a document is written in; later ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OpenApi {
    /// Read by [conversion](crate::swagger): the tree of such a document speaks 3.0's words as well as its own.
    V20,
    V30,
    V31,
    /// Of schemas it says what 3.1 says.
    V32,
}

/// What is read, for messages.
pub(crate) const READ: &str = "2.0, 3.0.x, 3.1.x and 3.2.x";

impl OpenApi {
    /// The version that `openapi` names.
    pub(crate) fn named(version: &str) -> Option<Self> {
        let mut numbers = version.split('.');
        match (numbers.next(), numbers.next()) {
            (Some("3"), Some("0")) => Some(Self::V30),
            (Some("3"), Some("1")) => Some(Self::V31),
            (Some("3"), Some("2")) => Some(Self::V32),
            _ => None,
        }
    }

    /// Whether schemas are those of JSON Schema 2020-12: what stands beside a `$ref` holds as well, `null` is a type,
    /// and exclusive bounds are numbers. Before, references stood alone and `nullable` was a keyword.
    pub(crate) fn has_json_schema(self) -> bool {
        self >= Self::V31
    }

    /// The methods that a path item has as members, in the specification's order.
    pub(crate) const fn methods(self) -> &'static [&'static str] {
        let (methods, trace) = (METHODS.split_at(7).0, METHODS.split_at(8).0);
        match self {
            Self::V20 => methods,
            Self::V30 | Self::V31 => trace,
            Self::V32 => &METHODS,
        }
    }
}

/// Whether a dialect is one of OpenAPI's own, of whichever version and date, or the JSON Schema that they extend.
pub(crate) fn is_own_dialect(uri: &str) -> bool {
    let json_schema = "https://json-schema.org/draft/2020-12/schema";
    uri.starts_with("https://spec.openapis.org/oas/") || uri.trim_end_matches('#') == json_schema
}

#[cfg(test)]
mod tests {
    use super::OpenApi;

    #[test]
    fn versions_have_their_methods() {
        assert_eq!(OpenApi::V20.methods().last(), Some(&"patch"));
        assert_eq!(OpenApi::V31.methods().last(), Some(&"trace"));
        assert_eq!(OpenApi::V32.methods().last(), Some(&"query"));
        assert_eq!(OpenApi::named("3.2.1"), Some(OpenApi::V32));
        assert_eq!(OpenApi::named("3.3.0"), None);
    }
}
