//! Addresses: paths and servers.

use super::{
    LintRuleId, Linter, quoted,
    words::{self, singular, verb},
};
use crate::tree::NodeId;
use shared::findings::sent;
use std::collections::HashMap;

/// Paths by which a service is watched or found: they belong to no version of its API.
const OPERATIONAL: [&str; 12] = [
    ".well-known",
    "health",
    "healthcheck",
    "healthz",
    "livez",
    "metrics",
    "openapi",
    "openapi.json",
    "openapi.yaml",
    "ping",
    "readyz",
    "version",
];

/// A segment without its parameters: `{name}.json` is `.json`.
fn fixed(segment: &str) -> String {
    let (mut text, mut inside) = (String::new(), false);
    for c in segment.chars() {
        match c {
            '{' => inside = true,
            '}' if inside => inside = false,
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text
}

/// The resource that a segment names: custom methods stand behind a colon (`/orders/{id}:cancel`).
fn resource(segment: &str) -> String {
    let fixed = fixed(segment);
    fixed.split(':').next().unwrap_or_default().to_owned()
}

impl Linter<'_> {
    pub(super) fn paths(&mut self) {
        let (document, tree) = (self.document, self.tree);
        let Some(paths) = document.root("paths") else { return };
        let mut unversioned: Vec<(&str, NodeId)> = Vec::new();
        self.ambiguous();
        for (path, item) in tree.entries(paths).filter(|(path, _)| path.starts_with('/')) {
            self.path(path, item);
            let mut segments = path.split('/').skip(1);
            let operational = OPERATIONAL.contains(&segments.next().unwrap_or_default());
            if !operational && !path.split('/').any(words::version) {
                unversioned.push((path, item));
            }
        }
        let any = tree.members(paths).iter().any(|member| tree.str(member.key).starts_with('/'));
        if any {
            self.version(&unversioned);
        }
    }

    /// Each operation with parameters in its path is a place.
    fn ambiguous(&mut self) {
        let document = self.document;
        let mut known: HashMap<(&str, &str), &str> = HashMap::new();
        for operation in document.operations.iter().filter(|operation| operation.template.contains("{}")) {
            let (method, path) = (operation.key.method.as_str(), operation.key.path.as_str());
            let other = *known.entry((method, &operation.template)).or_insert(path);
            self.place(LintRuleId::PathAmbiguous, other == path, operation.node, || {
                let (method, path, other) = (sent(method), quoted(path), quoted(other));
                format!("{method} `{path}` means the same as {method} `{other}`. Join them, or add a segment to one.")
            });
        }
    }

    fn path(&mut self, path: &str, item: NodeId) {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let names: Vec<String> = segments.iter().map(|segment| resource(segment)).collect();
        let shown = quoted(path);
        let odd = names.iter().find(|name| name.contains('_') || name.chars().any(char::is_uppercase));
        self.place(LintRuleId::PathCase, odd.is_none(), item, || {
            let name = odd.map(String::as_str).unwrap_or_default();
            let kebab = words::words(name).join("-");
            format!("`{}` in `{shown}` isn't in kebab-case. Write `{}`.", quoted(name), quoted(&kebab))
        });
        let verb = names.iter().find_map(|name| verb(name));
        self.place(LintRuleId::PathVerb, verb.is_none(), item, || {
            let verb = verb.as_deref().unwrap_or_default();
            format!("`{shown}` says `{}`. Name the resource, and leave what is done to the method.", quoted(verb))
        });
        let slash = path.len() > 1 && path.ends_with('/');
        self.place(LintRuleId::PathSlash, !slash, item, || {
            format!("`{shown}` ends with a slash. Write `{}`.", quoted(path.trim_end_matches('/')))
        });
        let whole = |segment: &str| segment.starts_with('{') && segment.find('}') == Some(segment.len() - 1);
        let collections = || segments.windows(2).filter(|pair| !pair[0].contains('{') && whole(pair[1]));
        if collections().next().is_some() {
            let one = collections().find(|pair| singular(pair[0])).map(|pair| pair[0]);
            self.place(LintRuleId::PathSingular, one.is_none(), item, || {
                let one = quoted(one.unwrap_or_default());
                format!("`{one}` in `{shown}` holds many things. Name it in the plural.")
            });
        }
    }

    /// One place for the whole document, since one decision mends it.
    fn version(&mut self, unversioned: &[(&str, NodeId)]) {
        let by_server = self.servers().any(|(_, url)| url.split('/').any(words::version));
        let by_parameter = || {
            let mut parameters =
                self.document.components("parameters").into_iter().flat_map(|all| self.tree.entries(all));
            parameters.any(|(_, parameter)| self.names_version(parameter))
                || self.document.operations.first().is_some_and(|operation| {
                    self.document.parameters(operation).into_iter().any(|parameter| self.names_version(parameter))
                })
        };
        let holds = unversioned.is_empty() || by_server || by_parameter();
        let first = unversioned.first().copied();
        let at = first.map(|(_, item)| item).or(self.document.root("paths")).unwrap_or(NodeId::ROOT);
        let scope = self.scope.take();
        self.place(LintRuleId::VersionMissing, holds, at, || {
            let path = quoted(first.map(|(path, _)| path).unwrap_or_default());
            let paths = if unversioned.len() == 1 {
                format!("The path `{path}` names no version")
            } else {
                format!("{} paths name no version, `{path}` among them", unversioned.len())
            };
            format!("{paths}, and neither does a server. Begin them with `/v1`, or put it into the server's URL.")
        });
        self.scope = scope;
    }

    /// Whether a parameter or header chooses the version, such as `Api-Version`.
    fn names_version(&self, parameter: NodeId) -> bool {
        let words = words::words(self.tree.text_of(parameter, "name").unwrap_or_default());
        let located = matches!(self.tree.text_of(parameter, "in"), Some("header" | "query"));
        located
            && words.last().is_some_and(|last| last == "version")
            && (words.len() == 1 || words.iter().any(|w| w == "api"))
    }

    /// The document's servers with their URLs.
    fn servers(&self) -> impl Iterator<Item = (NodeId, &str)> {
        let servers = self.document.root("servers").map(|node| self.tree.items(node)).unwrap_or_default();
        servers.iter().filter_map(|server| Some((*server, self.tree.text_of(*server, "url")?)))
    }

    /// A server, of the document or of a path or operation.
    pub(super) fn server(&mut self, server: NodeId) {
        let Some(url) = self.tree.text_of(server, "url") else { return };
        let holds = !plain(url);
        self.place(LintRuleId::ServerPlain, holds, server, || {
            let (scheme, rest) = url.split_once("://").unwrap_or_default();
            let secure = if scheme.eq_ignore_ascii_case("ws") { "wss" } else { "https" };
            format!(
                "The server `{}` is reached without TLS. Write `{}`.",
                quoted(url),
                quoted(&format!("{secure}://{rest}"))
            )
        });
    }
}

/// Whether a URL goes over the network in the clear.
fn plain(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = if let Some(v6) = host.strip_prefix('[') {
        v6.split(']').next().unwrap_or_default()
    } else {
        host.split(':').next().unwrap_or_default()
    };
    let local = matches!(host, "localhost" | "::1" | "0.0.0.0" | "host.docker.internal")
        || host.ends_with(".localhost")
        || host.starts_with("127.");
    ["http", "ws"].iter().any(|clear| scheme.eq_ignore_ascii_case(clear)) && !local
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn servers_on_this_machine_may_do_without_tls() {
        for (url, expected) in [
            ("http://api.example.org", true),
            ("HTTP://api.example.org:80/v1", true),
            ("ws://api.example.org", true),
            ("http://localhost.example.org", true),
            ("http://localhost@example.org", true),
            ("https://api.example.org", false),
            ("http://localhost:3000/v1", false),
            ("http://127.0.0.1", false),
            ("http://[::1]:8080/", false),
            ("http://api.localhost", false),
            ("/v1", false),
            ("{scheme}://api.example.org", false),
        ] {
            assert_eq!(plain(url), expected, "{url}");
        }
    }
}
