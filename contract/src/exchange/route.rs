//! Which operation an address leads to: server and path template, the concrete before the templated (OpenAPI 3.1.1, Path
//! Templating Matching), then the method.

use crate::{
    document::{Document, Operation},
    tree::NodeId,
};
use percent_encoding::percent_decode_str;
use rustc_hash::FxHashMap;
use shared::findings::sent;
use std::collections::BTreeSet;

/// Servers of a document that are looked at; others lead nowhere.
const MAX_SERVERS: usize = 50;
/// Steps that finding one address may take: templates beside literals can multiply.
const MAX_STEPS: usize = 2_000;

/// The paths of a document, after those of its servers. Hosts don't matter here: a server that is gone is a finding by
/// itself, and not one for each operation.
pub(crate) struct Routes {
    places: Vec<Place>,
    /// The segments of each operation's server that come before its path's, by the operation's index.
    skipped: FxHashMap<(usize, usize), usize>,
}

#[derive(Default)]
struct Place {
    literals: FxHashMap<String, usize>,
    templates: Vec<(String, usize)>,
    /// Indexes of the operations whose address ends here.
    operations: Vec<usize>,
}

/// An operation that an address leads to, with the values in its path as they are written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Routed {
    /// Its index in the document.
    pub(crate) operation: usize,
    /// By the parameters' names.
    pub(crate) values: Vec<(String, String)>,
}

impl Routes {
    pub(crate) fn new(document: &Document) -> Self {
        let mut routes = Self { places: vec![Place::default()], skipped: FxHashMap::default() };
        let mut known: FxHashMap<NodeId, Vec<String>> = FxHashMap::default();
        for (index, operation) in document.operations.iter().enumerate() {
            let holder = servers_of(document, operation);
            let prefixes = known.entry(holder).or_insert_with(|| prefixes(document, holder)).clone();
            for prefix in prefixes {
                routes.add(index, &prefix, &operation.key.path);
            }
        }
        routes
    }

    fn add(&mut self, operation: usize, prefix: &str, path: &str) {
        let mut at = 0;
        for segment in segments(prefix).chain(segments(path)) {
            let next = self.places.len();
            let place = &mut self.places[at];
            at = if segment.contains('{') {
                let pattern = crate::operations::template(segment);
                match place.templates.iter().find(|(known, _)| *known == pattern) {
                    Some((_, at)) => *at,
                    None => {
                        place.templates.push((pattern, next));
                        next
                    }
                }
            } else {
                *place.literals.entry(decoded(segment)).or_insert(next)
            };
            if at == next {
                self.places.push(Place::default());
            }
        }
        self.skipped.entry((at, operation)).or_insert_with(|| segments(prefix).count());
        if !self.places[at].operations.contains(&operation) {
            self.places[at].operations.push(operation);
        }
    }

    /// The operations that a request is for. Several only where the document has one path in several spellings.
    pub(crate) fn find(&self, document: &Document, method: &str, path: &str) -> Vec<Routed> {
        let segments: Vec<&str> = segments(path).collect();
        let mut steps = MAX_STEPS;
        let Some(at) = self.descend(0, &segments, &mut steps) else { return Vec::new() };
        let routed = |index: &usize| {
            let operation = &document.operations[*index];
            let skipped = self.skipped.get(&(at, *index)).copied().unwrap_or(0);
            (sent(&operation.key.method) == method).then(|| Routed {
                operation: *index,
                values: self::segments(&operation.key.path)
                    .zip(segments.iter().skip(skipped))
                    .flat_map(|(template, segment)| captured(template, segment).unwrap_or_default())
                    .collect(),
            })
        };
        self.places[at].operations.iter().filter_map(routed).collect()
    }

    fn descend(&self, at: usize, segments: &[&str], steps: &mut usize) -> Option<usize> {
        *steps = steps.checked_sub(1)?;
        let place = &self.places[at];
        let Some((first, rest)) = segments.split_first() else { return (!place.operations.is_empty()).then_some(at) };
        let literal = place.literals.get(&decoded(first)).and_then(|next| self.descend(*next, rest, steps));
        literal.or_else(|| {
            let mut fitting = place.templates.iter().filter(|(pattern, _)| captured(pattern, first).is_some());
            fitting.find_map(|(_, next)| self.descend(*next, rest, steps))
        })
    }
}

/// Who has the servers of an operation: itself, its path or the document.
fn servers_of(document: &Document, operation: &Operation) -> NodeId {
    let has =
        |node: &NodeId| document.tree.get(*node, "servers").is_some_and(|list| !document.tree.items(list).is_empty());
    [operation.node, operation.item].into_iter().find(has).unwrap_or(NodeId::ROOT)
}

/// The paths of servers, each variable with its default and with each value that it lists.
fn prefixes(document: &Document, holder: NodeId) -> Vec<String> {
    let tree = &document.tree;
    let servers = tree.get(holder, "servers").map(|list| tree.items(list)).unwrap_or_default();
    let mut found = BTreeSet::new();
    for server in servers.iter().take(MAX_SERVERS) {
        let url = tree.text_of(*server, "url").unwrap_or_default();
        let path = path_of(url);
        let mut paths = vec![path.to_owned()];
        let variables = tree.get(*server, "variables").into_iter().flat_map(|map| tree.entries(map));
        for (name, variable) in variables.filter(|(name, _)| path.contains(&format!("{{{name}}}"))) {
            let listed = tree.get(variable, "enum").map(|list| tree.items(list)).unwrap_or_default();
            let values =
                tree.text_of(variable, "default").into_iter().chain(listed.iter().filter_map(|v| tree.as_str(*v)));
            let values: BTreeSet<&str> = values.take(MAX_SERVERS).collect();
            paths = paths
                .iter()
                .flat_map(|path| values.iter().map(move |value| path.replace(&format!("{{{name}}}"), value)))
                .take(MAX_SERVERS)
                .collect();
        }
        found.extend(paths);
    }
    if found.is_empty() {
        found.insert(String::new());
    }
    found.into_iter().take(MAX_SERVERS).collect()
}

/// The path of a server's URL, which may be relative.
pub(crate) fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let start = if rest.len() == url.len() { 0 } else { rest.find('/').unwrap_or(rest.len()) };
    let path = &rest[start..];
    &path[..path.find(['?', '#']).unwrap_or(path.len())]
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.trim_start_matches('/').split('/').filter(|segment| !segment.is_empty())
}

fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// What a template's parameters stand for in a segment, if it fits: `{a}.{b}` in `1.json`.
fn captured(template: &str, segment: &str) -> Option<Vec<(String, String)>> {
    let mut values = Vec::new();
    let (mut template, mut segment) = (template, segment);
    while let Some((before, rest)) = template.split_once('{') {
        segment = segment.strip_prefix(before)?;
        let (name, after) = rest.split_once('}')?;
        let next = after.split('{').next().unwrap_or_default();
        let end = if next.is_empty() { segment.len() } else { segment.get(1..)?.find(next)? + 1 };
        if end == 0 {
            return None;
        }
        values.push((name.to_owned(), segment[..end].to_owned()));
        (template, segment) = (after, &segment[end..]);
    }
    (template == segment).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn document(text: &str) -> Document {
        Document::read(text.as_bytes(), &Limits::default()).expect("a contract")
    }

    #[test]
    fn requests_find_their_operations() {
        let operation = "{get: {responses: {default: {description: ok}}}}";
        let paths = ["/pets/mine", "/pets/{id}", "/pets/{id}/toys/{toy}.{format}", "/pets", "/{rest}/all"];
        let paths = paths.map(|path| format!("  '{path}': {operation}\n")).concat();
        let text = format!(
            "openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\nservers:\n- url: https://a.example/{{v}}\n  variables: \
             {{v: {{default: v1, enum: [v1, v2]}}}}\npaths:\n{paths}  /own:\n    servers: [{{url: /other/}}]\n    get: \
             {{responses: {{default: {{description: ok}}}}}}\n"
        );
        let document = document(&text);
        let routes = Routes::new(&document);
        let mut wrong = Vec::new();
        for (method, path, expected) in [
            ("GET", "/v1/pets/mine", Some("/pets/mine ")),
            ("GET", "/v2/pets/7", Some("/pets/{id} id=7")),
            ("GET", "/v1/pets/m%69ne", Some("/pets/mine ")),
            ("GET", "/v1/pets/7/toys/ball.json", Some("/pets/{id}/toys/{toy}.{format} id=7,toy=ball,format=json")),
            ("GET", "/v1/pets/7/toys/ball", None),
            ("GET", "/v1/pets/all", Some("/pets/{id} id=all")),
            ("GET", "/v1/people/all", Some("/{rest}/all rest=people")),
            ("POST", "/v1/pets/mine", None),
            ("GET", "/v3/pets", None),
            ("GET", "/pets", None),
            ("GET", "/other/own", Some("/own ")),
            ("GET", "/v1/own", None),
        ] {
            let found = routes.find(&document, method, path);
            let shown = found.first().map(|routed| {
                let values: Vec<_> = routed.values.iter().map(|(name, value)| format!("{name}={value}")).collect();
                format!("{} {}", document.operations[routed.operation].key.path, values.join(","))
            });
            if shown.as_deref() != expected || found.len() > 1 {
                wrong.push(format!("{method} {path}: {shown:?} instead of {expected:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn servers_have_paths() {
        for (url, path) in [
            ("https://a.example", ""),
            ("https://a.example/", "/"),
            ("https://a.example/v1?x=1", "/v1"),
            ("/v1", "/v1"),
            ("", ""),
            ("//a.example/v1", "//a.example/v1"),
        ] {
            assert_eq!(path_of(url), path, "{url}");
        }
    }
}
