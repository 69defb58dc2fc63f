//! Which operation an address leads to: server and path template, the concrete before the templated (OpenAPI 3.1.1, Path
//! Templating Matching), then the method.

use crate::{
    document::{Document, Operation},
    tree::NodeId,
};
use percent_encoding::percent_decode_str;
use shared::findings::sent;

/// Servers of a document that are looked at; others lead nowhere.
const MAX_SERVERS: usize = 20;

/// The paths of a document, after those of its servers. Hosts don't matter here: a server that is gone is a finding by
/// itself, and not one for each operation.
///
/// A list, since few messages are read: the prover's budget pays for going through it.
pub(crate) struct Routes(Vec<Place>);

struct Place {
    /// Those of the server, then those of the path's template.
    segments: Vec<String>,
    /// How many are the server's.
    skipped: usize,
    /// The operation's index.
    operation: usize,
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
        let mut places = Vec::new();
        let shared = prefixes(document, NodeId::ROOT);
        for (operation, found) in document.operations.iter().enumerate() {
            let holder = servers_of(document, found);
            let own = (holder != NodeId::ROOT).then(|| prefixes(document, holder));
            for prefix in own.as_ref().unwrap_or(&shared) {
                let before = segments(prefix).map(decoded);
                let skipped = segments(prefix).count();
                let segments = before.chain(segments(&found.key.path).map(str::to_owned)).collect();
                places.push(Place { segments, skipped, operation });
            }
        }
        Self(places)
    }

    /// How many addresses there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The operations that a request is for. Several only where the document has one path in several spellings.
    pub(crate) fn find(&self, document: &Document, method: &str, path: &str) -> Vec<Routed> {
        let given: Vec<&str> = segments(path).collect();
        let mut best: Vec<&Place> = Vec::new();
        for place in self.0.iter().filter(|place| place.fits(&given)) {
            // The first segment in which they differ decides.
            let order = best.first().map_or(1, |best| place.precedence(best));
            if order > 0 {
                best.clear();
            }
            if order >= 0 {
                best.push(place);
            }
        }
        let of_method = |place: &&Place| sent(&document.operations[place.operation].key.method) == method;
        let mut found: Vec<Routed> = Vec::new();
        for place in best.into_iter().filter(of_method) {
            if !found.iter().any(|known| known.operation == place.operation) {
                found.push(Routed { operation: place.operation, values: place.values(&given) });
            }
        }
        found
    }
}

impl Place {
    fn fits(&self, given: &[&str]) -> bool {
        let pairs = || self.segments.iter().zip(given);
        self.segments.len() == given.len() && pairs().all(|(own, given)| matched(own, given).is_some())
    }

    /// 1 if it comes before another that fits the same address, -1 if after it.
    fn precedence(&self, other: &Self) -> i8 {
        for (own, other) in self.segments.iter().zip(&other.segments) {
            match (own.contains('{'), other.contains('{')) {
                (false, true) => return 1,
                (true, false) => return -1,
                _ => {}
            }
        }
        0
    }

    fn values(&self, given: &[&str]) -> Vec<(String, String)> {
        let pairs = self.segments.iter().zip(given).skip(self.skipped);
        pairs.flat_map(|(own, given)| matched(own, given).unwrap_or_default()).collect()
    }
}

/// What a segment of a template stands for, if it fits.
fn matched(template: &str, segment: &str) -> Option<Vec<(String, String)>> {
    if template.contains('{') { captured(template, segment) } else { (decoded(segment) == template).then(Vec::new) }
}

/// Who has the servers of an operation: itself, its path or the document.
pub(crate) fn servers_of(document: &Document, operation: &Operation) -> NodeId {
    let has =
        |node: &NodeId| document.tree.get(*node, "servers").is_some_and(|list| !document.tree.items(list).is_empty());
    [operation.node, operation.item].into_iter().find(has).unwrap_or(NodeId::ROOT)
}

/// The paths of servers, each variable with its default and with each value that it lists.
fn prefixes(document: &Document, holder: NodeId) -> Vec<String> {
    let tree = &document.tree;
    let servers = tree.get(holder, "servers").map(|list| tree.items(list)).unwrap_or_default();
    let mut found: Vec<String> = Vec::new();
    for server in servers.iter().take(MAX_SERVERS) {
        let path = path_of(tree.text_of(*server, "url").unwrap_or_default());
        let mut paths = vec![path.to_owned()];
        let variables = tree.get(*server, "variables").into_iter().flat_map(|map| tree.entries(map));
        for (name, variable) in variables.take(MAX_SERVERS) {
            let place = format!("{{{name}}}");
            if !path.contains(&place) {
                continue;
            }
            let mut values = Vec::new();
            values.extend(tree.text_of(variable, "default"));
            let listed = tree.get(variable, "enum").map(|list| tree.items(list)).unwrap_or_default();
            values.extend(listed.iter().take(MAX_SERVERS).filter_map(|value| tree.as_str(*value)));
            let mut filled = Vec::new();
            for path in &paths {
                filled.extend(values.iter().map(|value| path.replace(&place, value)));
            }
            filled.truncate(MAX_SERVERS);
            paths = filled;
        }
        for path in paths {
            if found.len() < MAX_SERVERS && !found.contains(&path) {
                found.push(path);
            }
        }
    }
    if found.is_empty() {
        found.push(String::new());
    }
    found
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
