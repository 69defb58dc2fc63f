//! What tells a finding apart from others, whatever words it is told in and wherever it stands.
//!
//! The first 128 bits of SHA-256 over rule, direction, operation, subject and values, as hexadecimal digits. Left out is
//! what changes without another meaning: the sentence, lines and pointers, the names of components, of alternatives and
//! of path parameters, which no message carries. A standard hash, and no faster one, since people write
//! fingerprints into policies: they have to be the same in ten years, and hard to meet by design.

use super::sha256::hex;
use shared::{
    Subject,
    findings::{Direction, OperationKey},
    subject::{Part, Step, StepKind},
};

/// Words of 32 bits of the hash that are shown.
const WORDS: usize = 4;

pub(super) struct Ingredients<'a> {
    pub(super) rule: &'a str,
    pub(super) direction: Option<Direction>,
    pub(super) operation: Option<&'a OperationKey>,
    pub(super) subject: &'a Subject,
    /// What tells the values apart.
    pub(super) identity: &'a str,
}

impl Ingredients<'_> {
    pub(super) fn fingerprint(&self) -> String {
        let Self { rule, direction, operation, subject, identity } = self;
        let mut hash = Vec::new();
        put(&mut hash, rule);
        put(&mut hash, direction.map_or("", Direction::as_str));
        let path = operation.map_or("", |key| key.path.as_str());
        put(&mut hash, operation.map_or("", |key| key.method.as_str()));
        put(&mut hash, &without_names(path));
        put(&mut hash, subject.part.as_str());
        let of = |text: &Option<String>| text.as_deref().unwrap_or_default().to_owned();
        put(&mut hash, &of(&subject.status));
        put(&mut hash, &of(&subject.media_type));
        put(&mut hash, &of(&subject.location));
        put(&mut hash, &name(subject, path));
        put(&mut hash, &of(&subject.callback));
        put(&mut hash, &of(&subject.webhook));
        put(&mut hash, &of(&subject.keyword));
        for Step { kind, name } in &subject.path {
            let kind_of = match kind {
                StepKind::Property => "property",
                StepKind::Items => "items",
                StepKind::Values => "values",
                StepKind::Alternative => "alternative",
                StepKind::Keyword => "keyword",
                StepKind::Omitted => "omitted",
            };
            put(&mut hash, kind_of);
            // An alternative's name is that of its component.
            put(&mut hash, name.as_deref().filter(|_| *kind != StepKind::Alternative).unwrap_or_default());
        }
        put(&mut hash, "");
        put(&mut hash, identity);
        hex(hash, WORDS)
    }
}

/// The fingerprint of one of several findings that are alike in all that tells findings apart.
pub(super) fn of_several(fingerprint: &str, ordinal: usize) -> String {
    let mut hash = Vec::new();
    put(&mut hash, fingerprint);
    put(&mut hash, &ordinal.to_string());
    hex(hash, WORDS)
}

/// Adds a text so that no other row of texts adds up to the same.
fn put(hash: &mut Vec<u8>, text: &str) {
    hash.extend(u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
    hash.extend(text.as_bytes());
}

/// A path without the names in its braces.
fn without_names(path: &str) -> String {
    let mut inside = false;
    let outside = |c: &char| {
        let was = inside;
        inside = *c == '{' || inside && *c != '}';
        !(was && inside)
    };
    path.chars().filter(outside).collect()
}

/// A name as it is on the wire: headers in any case; a path's parameter by its place in the path.
fn name(subject: &Subject, path: &str) -> String {
    let name = subject.name.as_deref().unwrap_or_default();
    let location = subject.location.as_deref();
    if location == Some("header") || subject.part == Part::Header {
        return name.to_ascii_lowercase();
    }
    let names = || path.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name));
    let place = if location == Some("path") { names().position(|other| other == name) } else { None };
    place.map_or_else(|| name.to_owned(), |place| format!("{{{place}}}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, subject: &Subject, identity: &str) -> String {
        let operation = OperationKey::new("get", path);
        let ingredients = Ingredients {
            rule: "request-bound-tightened",
            direction: Some(Direction::Request),
            operation: Some(&operation),
            subject,
            identity,
        };
        ingredients.fingerprint()
    }

    #[test]
    fn a_fingerprint_stays_what_it_is() {
        // People have these in their policies: a change of this test ends them all.
        let subject = Subject {
            location: Some("query".to_owned()),
            name: Some("limit".to_owned()),
            keyword: Some("maximum".to_owned()),
            ..Subject::of(Part::Parameter)
        };
        assert_eq!(of("/orders/{id}", &subject, "8\n4"), "1154342484f50a49baf474148f005868");
        assert_eq!(of("/orders/{id}", &subject, "8\n4"), of("/orders/{order}", &subject, "8\n4"));
        assert_ne!(of("/orders/{id}", &subject, "8\n4"), of("/orders/id", &subject, "8\n4"));
        assert_ne!(of("/orders/{id}", &subject, "8\n4"), of("/orders/{id}", &subject, "8\n5"));
    }

    #[test]
    fn names_count_as_on_the_wire() {
        let parameter = |location: &str, name: &str| Subject {
            location: Some(location.to_owned()),
            name: Some(name.to_owned()),
            ..Subject::of(Part::Parameter)
        };
        assert_eq!(of("/{a}/{b}", &parameter("path", "b"), ""), of("/{x}/{y}", &parameter("path", "y"), ""));
        assert_ne!(of("/{a}/{b}", &parameter("path", "a"), ""), of("/{a}/{b}", &parameter("path", "b"), ""));
        assert_eq!(of("/", &parameter("header", "X-A"), ""), of("/", &parameter("header", "x-a"), ""));
        assert_ne!(of("/", &parameter("query", "A"), ""), of("/", &parameter("query", "a"), ""));
        assert_eq!(without_names("/a/{b}/c{d}"), "/a/{}/c{}");
    }
}
