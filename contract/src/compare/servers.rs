//! Where operations are called: servers, their variables, and what a path or an operation has instead of the document's.

use super::{
    Comparison, Scope,
    evidence::{About, Evidence, Fact},
    findings::quoted,
};
use crate::{
    document::{Document, Operation},
    exchange::servers_of,
    rules,
    tree::NodeId,
};
use shared::{Level, Subject, subject::Part};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

/// A server's address as written and its node.
type Server<'d> = (&'d str, NodeId);

fn servers(document: &Document, holder: NodeId) -> Vec<Server<'_>> {
    let servers = document.tree.get(holder, "servers").map(|node| document.tree.items(node)).unwrap_or_default();
    servers.iter().filter_map(|node| Some((document.tree.text_of(*node, "url")?, *node))).collect()
}

/// What an address leads to: a slash at its end changes nothing, and without any server there is `/`.
fn address(url: &str) -> &str {
    url.strip_suffix('/').unwrap_or(url)
}

/// Where the authority ends that an address without its scheme begins with.
fn path_start(rest: &str) -> usize {
    rest.find(['/', '?', '#']).unwrap_or(rest.len())
}

/// What an address leads to, without what it ends with. Scheme and host are the same in any case, and a port that the
/// scheme implies may be left out (RFC 3986, sections 6.2.2.1 and 6.2.3).
fn cut<'u>(url: &'u str, suffix: &str) -> Cow<'u, str> {
    let address = address(url);
    let address = address.strip_suffix(suffix).unwrap_or(address);
    let Some((scheme, rest)) = address.split_once("://") else { return address.into() };
    let scheme = scheme.to_ascii_lowercase();
    let (authority, path) = rest.split_at(path_start(rest));
    let (user, host) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    let mut variable = false;
    let lower = |c: char| {
        variable = c == '{' || variable && c != '}';
        if variable { c } else { c.to_ascii_lowercase() }
    };
    let mut host: String = host.chars().map(lower).collect();
    let implied = match scheme.as_str() {
        "http" | "ws" => ":80",
        "https" | "wss" => ":443",
        _ => "",
    };
    host.truncate(host.strip_suffix(implied).map_or(host.len(), str::len));
    format!("{scheme}://{user}{host}{path}").into()
}

/// What an address leads to, without what moved from its end into the paths.
fn without<'d>(document: &Document, url: &'d str, server: NodeId, moved: &str) -> Cow<'d, str> {
    if moved.is_empty() {
        return cut(url, "");
    }
    match filled(document, url, server, |variable| is_fixed(document, variable)) {
        Cow::Borrowed(url) => cut(url, moved),
        Cow::Owned(url) => cut(&url, moved).into_owned().into(),
    }
}

/// What the addresses of an operation's servers end with: `/v1` of `https://example.org/v1`, variables with their
/// default. Nothing where they differ.
fn prefix(document: &Document, holder: NodeId) -> Option<String> {
    let mut paths = servers(document, holder).into_iter().map(|(url, server)| {
        let url = filled(document, url, server, |_| true);
        let url = address(&url);
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let path = &rest[path_start(rest)..];
        (!path.contains(['{', '?', '#'])).then(|| path.to_owned())
    });
    let first = paths.next().unwrap_or(Some(String::new()))?;
    // Nobody moves what is longer; each operation's path would be as long.
    const LONGEST: usize = 200;
    (first.len() <= LONGEST && paths.all(|other| other.as_ref() == Some(&first))).then_some(first)
}

/// A server's address with the defaults of those variables in its path that a predicate holds for.
fn filled<'d>(document: &Document, url: &'d str, server: NodeId, fills: impl Fn(NodeId) -> bool) -> Cow<'d, str> {
    const MOST: usize = 20;
    let tree = &document.tree;
    let mut url = Cow::from(url);
    for (name, variable) in tree.get(server, "variables").into_iter().flat_map(|map| tree.entries(map)).take(MOST) {
        let place = format!("{{{name}}}");
        let Some(value) = tree.text_of(variable, "default").filter(|_| fills(variable)) else { continue };
        let start = url.find("://").map_or(0, |at| at + 3);
        let start = start + path_start(&url[start..]);
        if url[start..].contains(&place) {
            url = format!("{}{}", &url[..start], url[start..].replace(&place, value)).into();
        }
    }
    url
}

/// Whether a variable has its default and no other value.
fn is_fixed(document: &Document, variable: NodeId) -> bool {
    let tree = &document.tree;
    let default = tree.text_of(variable, "default");
    tree.get(variable, "enum").is_none_or(|list| tree.items(list).iter().all(|value| tree.as_str(*value) == default))
}

/// What comes before the paths of operations, by who has their servers.
pub(super) type Before = HashMap<NodeId, String>;

/// What comes before each path, where a part of the address moved between the servers, those of a path and the paths:
/// clients call what they called. Empty on both sides where nothing moved.
#[derive(Default)]
pub(super) struct Prefixes {
    pub(super) base: Before,
    pub(super) revision: Before,
}

impl Prefixes {
    pub(super) fn new(base: &Document, revision: &Document) -> Self {
        let of = |document: &Document| {
            let mut all = Before::from([(NodeId::ROOT, prefix(document, NodeId::ROOT).unwrap_or_default())]);
            for operation in &document.operations {
                let holder = servers_of(document, operation);
                all.entry(holder).or_insert_with(|| prefix(document, holder).unwrap_or_default());
            }
            all
        };
        let moved = Self { base: of(base), revision: of(revision) };
        if moved.base.values().chain(moved.revision.values()).collect::<HashSet<_>>().len() == 1 {
            return Self::default();
        }
        let count = |prefixes: &Self| {
            let path = |document, before: &Before, o: &Operation| whole_path(document, before, o, &o.template);
            let had: HashSet<String> = base.operations.iter().map(|o| path(base, &prefixes.base, o)).collect();
            let have = revision.operations.iter().map(|o| path(revision, &prefixes.revision, o));
            have.filter(|path| had.contains(path)).count()
        };
        if count(&moved) > count(&Self::default()) { moved } else { Self::default() }
    }
}

/// An operation's path, in whichever spelling, with what comes before it.
pub(super) fn whole_path(document: &Document, before: &Before, operation: &Operation, path: &str) -> String {
    let prefix = if before.is_empty() { None } else { before.get(&servers_of(document, operation)) };
    format!("{}{path}", prefix.map_or("", String::as_str))
}

fn about(scope: Option<&Scope>, url: Option<&str>, evidence: Evidence) -> About {
    let name = url.map(|url| quoted(url).into_owned());
    let subject = scope.map_or_else(|| Subject::of(Part::Server), |scope| scope.subject(Part::Server));
    (Subject { name, ..subject }, evidence)
}

impl Comparison<'_> {
    /// The document's servers, unless all operations that stayed have others, before or after: those are told with them.
    pub(super) fn shared_servers(&mut self) {
        if self.shares_servers != Some(false) {
            self.servers(None, (NodeId::ROOT, NodeId::ROOT));
        }
    }

    /// The servers of an operation that has some of its own, on either side.
    pub(super) fn own_servers(&mut self, scope: &Scope, base: &Operation, revision: &Operation) {
        let holders = (servers_of(self.base, base), servers_of(self.revision, revision));
        let shared = holders == (NodeId::ROOT, NodeId::ROOT);
        self.shares_servers = Some(shared || self.shares_servers == Some(true));
        if shared {
            // Told once, for the document.
            return;
        }
        // An address is read letter by letter.
        let size = |servers: Vec<Server<'_>>| servers.iter().map(|(url, _)| 1 + url.len() / 100).sum::<usize>();
        if self.spend(size(servers(self.base, holders.0)) + size(servers(self.revision, holders.1))) {
            self.servers(Some(scope), holders);
        }
    }

    pub(super) fn servers(&mut self, scope: Option<&Scope>, (base, revision): (NodeId, NodeId)) {
        let (before, after) = (servers(self.base, base), servers(self.revision, revision));
        // What moved into the paths is told by them.
        let moved = |prefixes: &Before, holder| prefixes.get(&holder).cloned().unwrap_or_default();
        let (cut_base, cut_revision) = (moved(&self.prefixes.base, base), moved(&self.prefixes.revision, revision));
        let (own, other) = (self.base, self.revision);
        let before_move = |url, node| without(own, url, node, &cut_base);
        let after_move = |url, node| without(other, url, node, &cut_revision);
        let had: HashMap<_, NodeId> = before.iter().rev().map(|(url, node)| (before_move(url, *node), *node)).collect();
        let have: HashMap<_, NodeId> = after.iter().rev().map(|(url, node)| (after_move(url, *node), *node)).collect();
        // Without a list there is one server, the one that the document came from.
        let implied = |servers: &[Server<'_>], address: &str| servers.is_empty() && address.is_empty();
        for (url, node) in &before {
            let address = before_move(url, *node);
            match have.get(&address) {
                Some(other) => self.variables(scope, url, *node, *other),
                None if implied(&after, &address) => {}
                None => {
                    let about = about(scope, Some(url), Evidence::none());
                    self.add(rules::SERVER_REMOVED, scope, None, about, (Some(*node), None));
                }
            }
        }
        if before.is_empty() && !after.is_empty() && !have.contains_key("") {
            let about = about(scope, None, Evidence::none());
            self.add(rules::SERVER_REMOVED, scope, None, about, (Some(base), after.first().map(|(_, node)| *node)));
        }
        for (url, node) in &after {
            let address = after_move(url, *node);
            if !had.contains_key(&address) && !implied(&before, &address) {
                let about = about(scope, Some(url), Evidence::none());
                self.add(rules::SERVER_ADDED, scope, None, about, (None, Some(*node)));
            }
        }
    }

    fn variables(&mut self, scope: Option<&Scope>, url: &str, old: NodeId, new: NodeId) {
        let (b, r) = (&self.base.tree, &self.revision.tree);
        let entries = b.get(old, "variables").into_iter().flat_map(|map| b.entries(map));
        for (name, before) in entries {
            // A variable that isn't described any more is no part of the address either, or else of an invalid document.
            let Some(after) = r.get(new, "variables").and_then(|map| r.get(map, name)) else { continue };
            let of = |field: &str, base, revision| {
                about(scope, Some(url), Evidence::of(format!("{}.{field}", quoted(name)), base, revision))
            };
            let (was, is) = (b.text_of(before, "default"), r.text_of(after, "default"));
            if was != is {
                let about = of("default", Fact::text(was), Fact::text(is));
                self.add(rules::SERVER_VARIABLE_CHANGED, scope, None, about, (Some(before), Some(after)));
            }
            let values = |tree: &'_ crate::tree::Tree, node| -> Option<HashSet<String>> {
                let list = tree.get(node, "enum")?;
                Some(tree.items(list).iter().filter_map(|value| tree.as_str(*value)).map(str::to_owned).collect())
            };
            // Without a list, any value does.
            let (had, have) = (values(b, before), values(r, after));
            let within = |list: &Option<HashSet<String>>, other: &Option<HashSet<String>>| match (list, other) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(list), Some(other)) => list.is_subset(other),
            };
            let places = (Some(before), Some(after));
            let list = |tree: &crate::tree::Tree, node| {
                tree.get(node, "enum").map_or(Fact::None, |list| Fact::nodes(tree.items(list).iter().copied()))
            };
            let about = of("enum", list(b, before), list(r, after));
            if !within(&had, &have) {
                self.add(rules::SERVER_VARIABLE_CHANGED, scope, None, about, places);
            } else if !within(&have, &had) {
                self.add_at(Level::Safe, rules::SERVER_VARIABLE_CHANGED, scope, None, about, places);
            }
        }
    }
}
