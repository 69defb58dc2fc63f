//! Which ignore covers a finding, without asking each of them: a policy has hundreds, a document a hundred thousand places.

use super::{Ignore, wildcard};
use shared::findings::{OperationKey, Place};
use std::collections::HashMap;

/// The ignores of one rule, by what they name. The first of the policy that covers a finding is the one that is told.
#[derive(Debug, Default)]
pub(crate) struct Index<'p> {
    /// Each with its place in the policy.
    ignores: Vec<(usize, &'p Ignore)>,
    /// Those that name an operation, but no place.
    operations: HashMap<String, usize>,
    /// Those that name a finding by its fingerprint.
    fingerprints: HashMap<&'p str, usize>,
    /// Those that name a place, by its pointer.
    places: HashMap<String, Vec<usize>>,
    /// Those with a wildcard, which are asked one by one.
    patterns: Vec<usize>,
    /// The one that names neither.
    all: Option<usize>,
}

impl<'p> FromIterator<(usize, &'p Ignore)> for Index<'p> {
    fn from_iter<I: IntoIterator<Item = (usize, &'p Ignore)>>(ignores: I) -> Self {
        let mut index = Self::default();
        for (place, ignore) in ignores {
            index.add(place, ignore);
        }
        index
    }
}

impl<'p> Index<'p> {
    pub(crate) fn add(&mut self, place: usize, ignore: &'p Ignore) {
        let at = self.ignores.len();
        self.ignores.push((place, ignore));
        if let Some(fingerprint) = &ignore.fingerprint {
            self.fingerprints.entry(fingerprint).or_insert(at);
            return;
        }
        match (&ignore.path, &ignore.operation) {
            _ if ignore.has_wildcard() => self.patterns.push(at),
            (Some(path), _) => {
                for start in starts(path) {
                    self.places.entry(start).or_default().push(at);
                }
            }
            (None, Some(operation)) => {
                self.operations.entry(name(operation)).or_insert(at);
            }
            (None, None) => {
                self.all.get_or_insert(at);
            }
        }
    }

    /// The places of its ignores in the policy.
    pub(crate) fn places(&self) -> impl Iterator<Item = usize> {
        self.ignores.iter().map(|(place, _)| *place)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.ignores.is_empty()
    }

    /// The ignore that speaks of a finding of the rule, by the finding's fingerprint, operation and places; with its place
    /// in the policy.
    pub(crate) fn covering<'f>(
        &self,
        fingerprint: Option<&str>,
        operation: Option<&OperationKey>,
        places: &(impl Iterator<Item = &'f Place> + Clone),
    ) -> Option<(usize, &'p Ignore)> {
        if self.is_empty() {
            return None;
        }
        let named = operation.map(name);
        let by_operation = named.as_ref().and_then(|name| self.operations.get(name)).copied();
        let is_there = |at: &&usize| {
            let wanted = self.ignores[**at].1.operation.as_ref();
            wanted.is_none_or(|wanted| named.as_deref() == Some(&name(wanted)))
        };
        let here = |place: &Place| {
            let at = prefixes(&place.pointer).filter_map(|start| self.places.get(start)?.iter().find(is_there));
            at.min().copied()
        };
        let by_place = if self.places.is_empty() { None } else { places.clone().filter_map(here).min() };
        let by_pattern = self.patterns.iter().copied().find(|at| {
            let Ignore { operation, path, .. } = self.ignores[*at].1;
            operation.as_ref().is_none_or(|wanted| named.as_deref().is_some_and(|given| fits_operation(wanted, given)))
                && path.as_ref().is_none_or(|path| places.clone().any(|place| fits_place(path, &place.pointer)))
        });
        let by_fingerprint = fingerprint.and_then(|fingerprint| self.fingerprints.get(fingerprint)).copied();
        let found = [self.all, by_fingerprint, by_operation, by_place, by_pattern];
        let first = found.into_iter().flatten().min()?;
        self.ignores.get(first).copied()
    }
}

/// The pointers that a path of a policy stands for.
fn starts(path: &str) -> Vec<String> {
    let starts = match path.strip_prefix('#').unwrap_or(path) {
        pointer if pointer.starts_with('/') => vec![pointer.to_owned()],
        // OpenAPI 2.0 keeps its schemas elsewhere.
        name => ["/components/schemas/", "/definitions/"].map(|at| format!("{at}{name}")).into(),
    };
    starts.into_iter().map(|start| start.trim_end_matches('/').to_owned()).collect()
}

/// Whether an operation's name fits one that may have wildcards.
fn fits_operation(wanted: &OperationKey, given: &str) -> bool {
    let wanted = name(wanted);
    let Some(((own_method, own_path), (method, path))) = wanted.split_once(' ').zip(given.split_once(' ')) else {
        return false;
    };
    wildcard::segment(own_method, method) && wildcard::fits(own_path, path)
}

/// Whether a place is at or within one that may have wildcards.
fn fits_place(path: &str, pointer: &str) -> bool {
    starts(path).iter().any(|start| prefixes(pointer).any(|prefix| wildcard::fits(start, prefix)))
}

/// A pointer and those of all that it is within.
fn prefixes(pointer: &str) -> impl Iterator<Item = &str> {
    let ends = pointer.bytes().enumerate().filter(|(_, byte)| *byte == b'/').map(|(at, _)| at);
    ends.chain([pointer.len()]).filter_map(|end| pointer.get(..end))
}

/// An operation by its method and its path, without the names in its braces.
fn name(operation: &OperationKey) -> String {
    let mut name = format!("{} ", operation.method);
    let mut inside = false;
    for c in operation.path.chars() {
        match c {
            '{' => inside = true,
            '}' => inside = false,
            _ if inside => continue,
            _ => {}
        }
        name.push(c);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignore(operation: Option<&str>, path: Option<&str>) -> Ignore {
        Ignore {
            rule: "response-property-removed".to_owned(),
            operation: operation.map(|text| text.parse().expect("an operation")),
            path: path.map(str::to_owned),
            fingerprint: None,
            reason: "nobody reads it".to_owned(),
            expires: None,
        }
    }

    fn place(pointer: &str) -> Place {
        Place { file: None, pointer: pointer.to_owned(), line: 1, column: 1 }
    }

    const AT: &str = "/components/schemas/Order/properties/a";

    #[test]
    fn an_ignore_covers_what_it_names() {
        let key: OperationKey = "GET /a/{id}".parse().expect("an operation");
        for (operation, path, covers) in [
            (None, None, true),
            (Some("get /a/{key}"), None, true),
            (Some("POST /a/{id}"), None, false),
            (Some("GET /a"), None, false),
            (None, Some("Order"), true),
            (None, Some("Ord"), false),
            (None, Some("/"), true),
            (None, Some("/components/schemas/Order"), true),
            (None, Some("#/components/schemas/Order/"), true),
            (None, Some("/components/schemas/Order/properties/a"), true),
            (None, Some("/components/schemas/Order/properties/a/type"), false),
            (None, Some("/components/schemas/Ord"), false),
            (Some("GET /a/{id}"), Some("Order"), true),
            (Some("GET /a/{id}"), Some("Other"), false),
            (Some("GET /b"), Some("Order"), false),
            (Some("GET /a/*"), None, true),
            (Some("* /a/**"), None, true),
            (Some("P* /a/*"), None, false),
            (Some("GET /*"), None, false),
            (None, Some("Ord*"), true),
            (None, Some("*Item"), false),
            (None, Some("/components/schemas/*/properties/a"), true),
            (None, Some("/paths/**"), false),
            (Some("* /**"), Some("Order"), true),
            (Some("* /b/**"), Some("Order"), false),
        ] {
            let ignore = ignore(operation, path);
            let index: Index<'_> = [(0, &ignore)].into_iter().collect();
            let found = index.covering(None, Some(&key), &[place(AT)].iter());
            assert_eq!(found.is_some(), covers, "{operation:?} {path:?}");
        }
        let of_operation = ignore(Some("GET /a"), None);
        let index: Index<'_> = [(0, &of_operation)].into_iter().collect();
        assert!(index.covering(None, None, &[place(AT)].iter()).is_none());
        let of_schema = ignore(None, Some("Order"));
        let index: Index<'_> = [(0, &of_schema)].into_iter().collect();
        assert!(index.covering(None, None, &[place("/definitions/Order/properties/a")].iter()).is_some());
        assert!(index.covering(None, None, &[place("/x"), place(AT)].iter()).is_some(), "either of its places");
    }

    #[test]
    fn the_first_that_covers_it_is_told() {
        let all = [
            ignore(Some("GET /other"), Some("Order")),
            ignore(None, Some("Order")),
            ignore(Some("GET /a"), None),
            ignore(None, Some("/components")),
            ignore(None, None),
        ];
        let key: OperationKey = "GET /a".parse().expect("an operation");
        for (from, first) in [(0, 1), (1, 1), (2, 2), (3, 3), (4, 4)] {
            let index: Index<'_> = all.iter().enumerate().skip(from).collect();
            let found = index.covering(None, Some(&key), &[place(AT)].iter()).expect("one covers it");
            assert_eq!(found, (first, &all[first]), "{from}");
        }
    }
}
