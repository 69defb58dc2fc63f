//! What versions of OpenAPI spell differently and mean alike: bytes, and bytes as text.
//!
//! Other such spellings never come this far, since the [facts](super::facts) of both are the same.

use super::{
    Conjunction, Schemas,
    facts::{Additional, Facts, Types},
};
use crate::{document::Document, tree::NodeId};

/// Whether a schema is 3.0's word for bytes, by its own members.
pub(crate) fn is_binary(document: &Document, node: NodeId) -> bool {
    let node = document.references.resolve(node);
    let text = |key| document.tree.text_of(node, key);
    !document.version.has_json_schema() && text("type") == Some("string") && text("format") == Some("binary")
}

/// Whether one side says `format: binary`, as 3.0 does, and the other what 3.1 says instead: nothing, or the media type.
pub(super) fn are_bytes(schemas: &mut Schemas<'_>, base: Conjunction, revision: Conjunction) -> bool {
    let later = (schemas.base.document.version.has_json_schema(), schemas.revision.document.version.has_json_schema());
    let (b, r) = (schemas.base.facts(base), schemas.revision.facts(revision));
    match later {
        (false, true) => before(schemas.base.document, &b) && since(schemas.revision.document, &r),
        (true, false) => since(schemas.base.document, &b) && before(schemas.revision.document, &r),
        _ => false,
    }
}

fn is_plain(facts: &Facts<'_>) -> bool {
    facts.values.is_none()
        && facts.unions.is_empty()
        && facts.properties.is_empty()
        && facts.applicators.is_empty()
        && facts.patterns.is_empty()
        && facts.items.is_none()
        && facts.additional == Additional::Open
}

fn before(document: &Document, facts: &Facts<'_>) -> bool {
    facts.types.without_null() == Types::STRING && is_plain(facts) && format_of(document, facts) == Some("binary")
}

fn since(document: &Document, facts: &Facts<'_>) -> bool {
    let says = |name| facts.keywords.iter().any(|(keyword, _)| *keyword == name);
    let anything = facts.types.has(Types::ALL) && facts.keywords.is_empty();
    let named = facts.types.without_null() == Types::STRING && says("contentMediaType") && !says("contentEncoding");
    is_plain(facts) && format_of(document, facts).is_none() && (anything || named)
}

/// Whether a side says by `format: byte` what the other says by `contentEncoding: base64`.
pub(super) fn are_base64(documents: (&Document, &Document), b: &Facts<'_>, r: &Facts<'_>) -> bool {
    let byte = |document, facts| format_of(document, facts) == Some("byte") && encoding_of(document, facts).is_none();
    let base64 = |document, facts| {
        matches!(format_of(document, facts), None | Some("byte"))
            && encoding_of(document, facts).is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64"))
    };
    byte(documents.0, b) && base64(documents.1, r) || base64(documents.0, b) && byte(documents.1, r)
}

/// Whether every text or number of a format is one of another.
pub(super) fn is_narrower(format: &str, than: &str) -> bool {
    matches!(
        (format, than),
        ("int32", "int64" | "double")
            | ("float", "double")
            | ("email", "idn-email")
            | ("hostname", "idn-hostname")
            | ("uri", "uri-reference" | "iri" | "iri-reference")
            | ("uri-reference" | "iri", "iri-reference")
    )
}

pub(super) fn is_numeric(format: &str) -> bool {
    matches!(format, "int32" | "int64" | "float" | "double")
}

fn format_of<'d>(document: &'d Document, facts: &Facts<'_>) -> Option<&'d str> {
    facts.format.and_then(|node| document.tree.as_str(node))
}

fn encoding_of<'d>(document: &'d Document, facts: &Facts<'_>) -> Option<&'d str> {
    let (_, node) = facts.keywords.iter().find(|(keyword, _)| *keyword == "contentEncoding")?;
    document.tree.as_str(*node)
}
