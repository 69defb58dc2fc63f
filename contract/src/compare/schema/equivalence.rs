//! What versions of OpenAPI spell differently and mean alike: bytes, and bytes as text; and what XML spells.
//!
//! Other such spellings never come this far, since the [normalized](super::normalized) of both are the same.

use super::{
    Conjunction, Medium, Report, Schemas,
    normalized::{Additional, NormalizedSchema, Types},
};
use crate::{
    compare::{
        evidence::{Evidence, Fact, Note},
        value::spelled,
    },
    document::Document,
    references::name_in_file,
    rules,
    text::cut,
    tree::{NodeId, Tree},
};
use std::collections::BTreeMap;

/// Whether a schema is 3.0's word for bytes, by its own members.
pub(crate) fn is_binary(document: &Document, node: NodeId) -> bool {
    let node = document.references.resolve(node);
    let text = |key| document.tree.text_of(node, key);
    !document.version.has_json_schema() && text("type") == Some("string") && text("format") == Some("binary")
}

/// Whether one side says `format: binary`, as 3.0 does, and the other what 3.1 says instead: nothing, or the media type.
pub(super) fn are_bytes(schemas: &mut Schemas<'_>, base: Conjunction, revision: Conjunction) -> bool {
    let later = (schemas.base.document.version.has_json_schema(), schemas.revision.document.version.has_json_schema());
    let (b, r) = (schemas.base.normalized(base), schemas.revision.normalized(revision));
    match later {
        (false, true) => before(schemas.base.document, &b) && since(schemas.revision.document, &r),
        (true, false) => since(schemas.base.document, &b) && before(schemas.revision.document, &r),
        _ => false,
    }
}

fn is_plain(normalized: &NormalizedSchema<'_>) -> bool {
    normalized.values.is_none()
        && normalized.unions.is_empty()
        && normalized.properties.is_empty()
        && normalized.applicators.is_empty()
        && normalized.patterns.is_empty()
        && normalized.items.is_none()
        && normalized.additional == Additional::Open
}

fn before(document: &Document, normalized: &NormalizedSchema<'_>) -> bool {
    normalized.types.without_null() == Types::STRING
        && is_plain(normalized)
        && format_of(document, normalized) == Some("binary")
}

fn since(document: &Document, normalized: &NormalizedSchema<'_>) -> bool {
    let says = |name| normalized.keywords.iter().any(|(keyword, _)| *keyword == name);
    let anything = normalized.types.has(Types::ALL) && normalized.keywords.is_empty();
    let named =
        normalized.types.without_null() == Types::STRING && says("contentMediaType") && !says("contentEncoding");
    is_plain(normalized) && format_of(document, normalized).is_none() && (anything || named)
}

/// Whether a side says by `format: byte` what the other says by `contentEncoding: base64`.
pub(super) fn are_base64(
    documents: (&Document, &Document),
    b: &NormalizedSchema<'_>,
    r: &NormalizedSchema<'_>,
) -> bool {
    let byte = |document, normalized| {
        format_of(document, normalized) == Some("byte") && encoding_of(document, normalized).is_none()
    };
    let base64 = |document, normalized| {
        matches!(format_of(document, normalized), None | Some("byte"))
            && encoding_of(document, normalized).is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64"))
    };
    byte(documents.0, b) && base64(documents.1, r) || base64(documents.0, b) && byte(documents.1, r)
}

/// The types that are seen of a value where the other side expects some: a URL spells a truth like the text `true`.
/// Numbers are left alone, since they have bounds that a list of texts doesn't show.
pub(super) fn types_on_the_wire(
    medium: Medium,
    tree: &Tree,
    normalized: &NormalizedSchema<'_>,
    expected: Types,
) -> Types {
    let listed = normalized.values.as_ref().filter(|values| !values.is_empty());
    let truths = listed
        .is_some_and(|values| values.iter().all(|(_, node)| matches!(spelled(tree, *node).as_str(), "true" | "false")));
    if truths && medium.spells_scalars() && expected.without_null() == Types::BOOLEAN {
        expected
    } else {
        medium.on_the_wire(normalized.types)
    }
}

/// Whether one side lists both truths where the other says `boolean`, and both are spelled alike.
pub(super) fn are_both_truths(
    medium: Medium,
    tree: &Tree,
    listed: &NormalizedSchema<'_>,
    other: &NormalizedSchema<'_>,
) -> bool {
    let holds = |truth: &str| listed.values.iter().flatten().any(|(_, node)| spelled(tree, *node) == truth);
    medium.spells_scalars() && other.types.without_null() == Types::BOOLEAN && holds("true") && holds("false")
}

/// How a value is written in XML, defaults included.
pub(super) fn xml(
    report: &mut Report,
    (base, revision): (&Tree, &Tree),
    b: &NormalizedSchema<'_>,
    r: &NormalizedSchema<'_>,
) {
    let mode = report.mode;
    if !matches!(mode.medium, Medium::Xml | Medium::XmlValue) {
        return;
    }
    let (was, is) = (in_xml(base, b), in_xml(revision, r));
    if was != is {
        let fact = |says: &BTreeMap<&str, &str>| {
            let all: Vec<String> = says.iter().map(|(key, value)| format!("{key}: {value}")).collect();
            Fact::texts(all.iter().map(String::as_str))
        };
        let evidence = Evidence::of("xml", fact(&was), fact(&is));
        let rule = mode.pick(rules::REQUEST_XML_CHANGED, rules::RESPONSE_XML_CHANGED);
        report.add(rule, evidence, b.xml.or(Some(b.node)), r.xml.or(Some(r.node)));
    }
}

/// What a schema says of XML, without what holds anyway: an element by the name that the schema stands under. Prefixes
/// are the writer's choice: readers go by the namespace.
fn in_xml<'t>(tree: &'t Tree, normalized: &NormalizedSchema<'_>) -> BTreeMap<&'t str, &'t str> {
    let Some(xml) = normalized.xml else { return BTreeMap::new() };
    let own = tree.key_of(normalized.node);
    let mut says = BTreeMap::new();
    for (key, value) in tree.entries(xml) {
        match (key, tree.as_str(value), tree.as_bool(value)) {
            ("name", Some(name), _) if Some(name) != own => says.insert("name", name),
            ("namespace", Some(namespace), _) => says.insert("namespace", namespace),
            ("attribute", _, Some(true)) | ("nodeType", Some("attribute"), _) => says.insert("attribute", "true"),
            ("wrapped", _, Some(true)) => says.insert("wrapped", "true"),
            // An element is what a value is anyway; for a list it is what wraps it.
            ("nodeType", Some("element"), _) if normalized.types.has(Types::ARRAY) => says.insert("wrapped", "true"),
            ("nodeType", Some(kind), _) if kind != "element" => says.insert("nodeType", kind),
            _ => None,
        };
    }
    says
}

/// What a discriminator says: the property, and where its values lead. Each component has its own name for a value,
/// whether a mapping says so or not.
pub(super) fn discriminator<'t>(tree: &'t Tree, normalized: &NormalizedSchema<'_>) -> Option<Discriminator<'t>> {
    let node = normalized.discriminator?;
    let component = |name: &str| format!("#/components/schemas/{name}");
    let target = |written: &str| match name_in_file(written) {
        // Some bundlers leave it as it was in another file.
        Some(name) => component(&name),
        None if written.contains(['/', '#', '.']) => written.to_owned(),
        None => component(written),
    };
    let mapping = tree.get(node, "mapping").into_iter().flat_map(|map| tree.entries(map));
    let mapping = mapping.filter_map(|(value, written)| Some((value, target(tree.as_str(written)?))));
    let mut leads = crate::sort::map(mapping.filter(|(value, target)| *target != component(value)));
    // Since 3.2: where any other value leads. No value is empty.
    leads.extend(tree.text_of(node, "defaultMapping").map(|written| ("", target(written))));
    Some(Discriminator { property: tree.text_of(node, "propertyName").unwrap_or_default(), leads })
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Discriminator<'t> {
    property: &'t str,
    /// The component for each value that isn't its name; for the empty text, that for any other value.
    leads: BTreeMap<&'t str, String>,
}

/// What is another about a discriminator.
pub(super) fn other_discriminator(was: Option<&Discriminator<'_>>, is: Option<&Discriminator<'_>>) -> Evidence {
    let (was, is) = match (was, is) {
        (Some(was), Some(is)) if was.property == is.property => (was, is),
        (was, is) => {
            let property = |side: Option<&Discriminator<'_>>| Fact::text(side.map(|side| side.property));
            return Evidence::of("discriminator", property(was), property(is));
        }
    };
    let values = was.leads.keys().chain(is.leads.keys());
    let value = values.copied().find(|value| was.leads.get(value) != is.leads.get(value)).unwrap_or_default();
    let lead = |side: &Discriminator<'_>| Fact::text(side.leads.get(value).map(String::as_str));
    let note = Note::Mapping(cut(is.property, MAX_NAME).into(), cut(value, MAX_NAME).into());
    // What the value leads to is named by components.
    let identity = format!("{} {value}", is.property);
    Evidence::of("discriminator", lead(was), lead(is)).identity(identity).note(note)
}

/// Characters of a discriminator's property or value that are told.
const MAX_NAME: usize = 200;

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

/// Whether a format is one of OpenAPI's registry or of JSON Schema.
pub(super) fn is_known(format: &str) -> bool {
    const KNOWN: [&str; 41] = [
        "base64url",
        "binary",
        "byte",
        "char",
        "commonmark",
        "date",
        "date-time",
        "decimal",
        "decimal128",
        "double",
        "double-int",
        "duration",
        "email",
        "float",
        "hostname",
        "html",
        "http-date",
        "idn-email",
        "idn-hostname",
        "int16",
        "int32",
        "int64",
        "int8",
        "ipv4",
        "ipv6",
        "iri",
        "iri-reference",
        "json-pointer",
        "media-range",
        "password",
        "regex",
        "relative-json-pointer",
        "sf-binary",
        "sf-boolean",
        "sf-decimal",
        "sf-integer",
        "sf-string",
        "sf-token",
        "time",
        "uint8",
        "uri",
    ];
    KNOWN.contains(&format)
        || matches!(format, "uint16" | "uint32" | "uint64" | "uri-reference" | "uri-template" | "uuid")
}

pub(super) fn is_numeric(format: &str) -> bool {
    matches!(format, "int32" | "int64" | "float" | "double")
}

fn format_of<'d>(document: &'d Document, normalized: &NormalizedSchema<'_>) -> Option<&'d str> {
    normalized.formats.first().and_then(|node| document.tree.as_str(*node))
}

fn encoding_of<'d>(document: &'d Document, normalized: &NormalizedSchema<'_>) -> Option<&'d str> {
    let (_, node) = normalized.keywords.iter().find(|(keyword, _)| *keyword == "contentEncoding")?;
    document.tree.as_str(*node)
}
