//! Who may call: security requirements and the schemes behind them.

use super::{
    Comparison, Places, Scope,
    evidence::{Evidence, Fact, Note},
    findings::quoted,
    lifecycle::{self, Life, Names},
};
use crate::{
    document::Document,
    rules::{self, RuleId},
    sort,
    tree::NodeId,
};
use serde_json::{Value, json};
use shared::{Level, Subject, subject::Part};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
};

/// What a message names of each list. Real ones are shorter.
const MAX: usize = 50;

/// What a scheme wants, as it is sent. Schemes that want the same look alike in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Credential {
    Key {
        location: String,
        name: String,
    },
    /// The `Authorization` header with a scheme of HTTP, in lower case; OAuth's tokens are of the scheme `bearer`,
    /// and so is a key in that header.
    Authorization(String),
    Certificate,
    Unknown,
}

impl Credential {
    /// Goes into fingerprints, so it stays as it is.
    fn key(&self) -> Value {
        match self {
            Self::Key { location, name } => json!(["key", location, name]),
            Self::Authorization(scheme) => json!(["authorization", scheme]),
            Self::Certificate => json!(["certificate"]),
            Self::Unknown => json!(["unknown"]),
        }
    }
}

#[derive(Debug)]
struct Needed {
    name: String,
    scopes: BTreeSet<String>,
    credential: Credential,
}

/// One way to be let in: schemes that are needed together, each with its scopes.
#[derive(Debug)]
pub(crate) struct Alternative {
    /// By [identity].
    schemes: BTreeMap<String, Needed>,
    pub(crate) node: NodeId,
}

impl Alternative {
    /// What is sent for each scheme.
    pub(crate) fn credentials(&self) -> impl Iterator<Item = &Credential> {
        self.schemes.values().map(|needed| &needed.credential)
    }

    /// Whether credentials that `self` accepts are accepted by `other`.
    pub(crate) fn suffices_for(&self, other: &Self) -> bool {
        let has = |(identity, needed): (&String, &Needed)| {
            self.schemes.get(identity).is_some_and(|have| needed.scopes.is_subset(&have.scopes))
        };
        other.schemes.iter().all(has)
    }

    /// Whether a message with what `self` asks for looks like one with what `other` asks for.
    pub(crate) fn looks_like(&self, other: &Self) -> bool {
        other.credentials().all(|needed| self.credentials().any(|sent| sent == needed))
    }

    /// What tells it from other ways in, whatever the order of schemes and scopes, and what the schemes are called.
    fn identity(&self) -> String {
        let scheme = |Needed { name, scopes, credential }: &Needed| {
            let what = match credential {
                Credential::Key { location, name } => format!("key {location} {name}"),
                Credential::Authorization(scheme) => format!("authorization {scheme}"),
                Credential::Certificate => "certificate".to_owned(),
                Credential::Unknown => format!("named {name}"),
            };
            format!("{what} {}", scopes.iter().map(String::as_str).collect::<Vec<_>>().join(","))
        };
        let mut all: Vec<String> = self.schemes.values().map(scheme).collect();
        sort::plain(&mut all);
        all.join("\n")
    }

    fn shown(&self) -> String {
        let scheme = |Needed { name, scopes, .. }: &Needed| {
            let (name, scopes) = (quoted(name), scopes.iter().take(MAX).map(|scope| quoted(scope)).collect::<Vec<_>>());
            if scopes.is_empty() { format!("`{name}`") } else { format!("`{name}` ({})", scopes.join(", ")) }
        };
        let schemes: Vec<String> = self.schemes.values().take(MAX).map(scheme).collect();
        if schemes.is_empty() { "nothing".to_owned() } else { schemes.join(" and ") }
    }
}

fn find(document: &Document, name: &str) -> Option<NodeId> {
    // 3.2 lets a requirement name its scheme by its address as well.
    let key = name.strip_prefix("#/components/securitySchemes/").unwrap_or(name);
    document.components("securitySchemes").and_then(|schemes| document.get(schemes, key))
}

/// What is sent for a scheme.
fn credential(document: &Document, scheme: NodeId) -> Credential {
    let text = |key| document.tree.text_of(scheme, key).unwrap_or_default();
    match text("type").to_lowercase().as_str() {
        "apikey" => {
            let location = text("in").to_lowercase();
            let name = key_name(&location, text("name")).into_owned();
            // How those say "bearer" whose version of OpenAPI, or whose generator, has no word for it.
            if location == "header" && name == "authorization" {
                return Credential::Authorization("bearer".to_owned());
            }
            Credential::Key { location, name }
        }
        "http" => Credential::Authorization(text("scheme").to_lowercase()),
        "oauth2" | "openidconnect" => Credential::Authorization("bearer".to_owned()),
        "mutualtls" => Credential::Certificate,
        _ => Credential::Unknown,
    }
}

/// What tells a scheme apart. One that got another name is the same, so by what is sent and who gives it out; but two
/// that both documents know are two, however alike: what one gives out, the other doesn't take.
fn identity(document: &Document, other: &Document, name: &str) -> (String, Credential) {
    let Some(scheme) = find(document, name) else { return (json!([name]).to_string(), Credential::Unknown) };
    let credential = credential(document, scheme);
    if find(other, name).is_some() {
        return (json!([name, credential.key()]).to_string(), credential);
    }
    // There are five flows, and what stands beside them is no address.
    const FLOWS: usize = 8;
    let tree = &document.tree;
    let flows = tree.get(scheme, "flows").into_iter().flat_map(|flows| tree.entries(flows)).take(FLOWS);
    let urls = |(kind, flow): (&str, NodeId)| {
        let keys = ["authorizationUrl", "deviceAuthorizationUrl", "tokenUrl"];
        keys.map(|key| tree.text_of(flow, key).map(|url| format!("{kind} {key} {url}")))
    };
    let discovery = tree.text_of(scheme, "openIdConnectUrl").map(str::to_owned);
    let giver = sort::set(flows.flat_map(urls).flatten().chain(discovery));
    // With another name and of another kind it is another scheme, even where it is sent in the same way.
    let kind = tree.text_of(scheme, "type").unwrap_or_default().to_lowercase();
    (json!([kind, credential.key(), giver]).to_string(), credential)
}

/// The name of a key as it is told apart: that of a header whatever its case (RFC 9110, section 5.1).
fn key_name<'n>(location: &str, name: &'n str) -> Cow<'n, str> {
    if location == "header" { name.to_lowercase().into() } else { name.into() }
}

fn requirements(document: &Document, operation: NodeId) -> &[NodeId] {
    let written = document.tree.get(operation, "security").or_else(|| document.root("security"));
    written.map(|node| document.tree.items(node)).unwrap_or_default()
}

/// Schemes and scopes of all alternatives together, alternatives included.
fn count(document: &Document, nodes: &[NodeId]) -> usize {
    let scopes = |node: &NodeId| document.tree.entries(*node).map(|(_, scopes)| 1 + document.tree.items(scopes).len());
    nodes.iter().map(|node| 1 + scopes(node).sum::<usize>()).sum()
}

/// The ways into an operation; `{}` alone when everyone may. Schemes are told apart from those of the other document.
pub(crate) fn alternatives(document: &Document, other: &Document, operation: NodeId) -> Vec<Alternative> {
    let written = document.tree.get(operation, "security").or_else(|| document.root("security"));
    let nodes = requirements(document, operation);
    if nodes.is_empty() {
        return vec![Alternative { schemes: BTreeMap::new(), node: written.unwrap_or(operation) }];
    }
    let alternative = |node: &NodeId| {
        let scheme = |(name, scopes): (&str, NodeId)| {
            let scopes = document.tree.items(scopes).iter().filter_map(|scope| document.tree.as_str(*scope));
            let (identity, credential) = identity(document, other, name);
            (identity, Needed { name: name.to_owned(), scopes: sort::set(scopes.map(str::to_owned)), credential })
        };
        Alternative { schemes: sort::map(document.tree.entries(*node).map(scheme)), node: *node }
    };
    nodes.iter().map(alternative).collect()
}

/// A scheme by its name, with whether an operation asks for it.
#[derive(Clone, Copy)]
struct Scheme<'n> {
    name: &'n str,
    used: bool,
}

impl Scheme<'_> {
    fn subject(self) -> Subject {
        Subject { name: Some(quoted(self.name).into_owned()), ..Subject::of(Part::SecurityScheme) }
    }
}

/// The schemes that a document asks for, for all of it or for an operation.
fn used(document: &Document) -> impl Iterator<Item = &str> {
    let own = document.operations.iter().filter_map(|operation| document.tree.get(operation.node, "security"));
    let lists = document.root("security").into_iter().chain(own);
    let names = lists.flat_map(|list| document.tree.items(list)).flat_map(|node| document.tree.entries(*node));
    names.map(|(name, _)| name.strip_prefix("#/components/securitySchemes/").unwrap_or(name))
}

impl Comparison<'_> {
    pub(super) fn security(&mut self, scope: &Scope, base: NodeId, revision: NodeId) {
        let (had, have) = (requirements(self.base, base), requirements(self.revision, revision));
        // Each alternative is held against each: all of one side's members once for each alternative of the other.
        let fits = self.spend(had.len() + have.len()) && {
            let members = (count(self.base, had), count(self.revision, have));
            self.spend(members.0.saturating_mul(1 + have.len()) + members.1.saturating_mul(1 + had.len()))
        };
        if !fits {
            return;
        }
        let before = alternatives(self.base, self.revision, base);
        let after = alternatives(self.revision, self.base, revision);
        let shown = |list: &[Alternative]| list.iter().map(Alternative::shown).collect::<HashSet<_>>();
        let (had, have) = (shown(&before), shown(&after));
        let subject = scope.subject(Part::Security);
        for old in before.iter().filter(|old| !after.iter().any(|new| old.suffices_for(new))) {
            let needed: Vec<String> = after.iter().take(MAX).map(Alternative::shown).collect();
            let needed = needed.join(" or ");
            let was = old.shown();
            let (rule, evidence) = if old.schemes.is_empty() {
                let mut ways: Vec<String> = after.iter().map(Alternative::identity).collect();
                sort::plain(&mut ways);
                let evidence = Evidence::of("security", Fact::None, Fact::json(needed));
                (rules::SECURITY_ADDED, evidence.identity(ways.join("\n\n")))
            } else {
                let same = have.contains(&was);
                let note = if same { Note::SameName } else { Note::Instead(needed.into()) };
                let evidence = Evidence::of("security", Fact::json(was), Fact::None).identity(old.identity());
                (rules::SECURITY_ALTERNATIVE_REMOVED, evidence.note(note))
            };
            let at = after.first().map(|new| new.node);
            let about = (subject.clone(), evidence);
            self.add(rule, Some(scope), Some(scope.direction(true)), about, (Some(old.node), at));
        }
        for new in after.iter().filter(|new| !before.iter().any(|old| new.suffices_for(old) && old.suffices_for(new))) {
            // Only what lets more people in: the rest was told above.
            if had.contains(&new.shown()) || before.iter().any(|old| new.suffices_for(old)) {
                continue;
            }
            let open = new.schemes.is_empty();
            let rule = if open { rules::SECURITY_REMOVED } else { rules::SECURITY_ALTERNATIVE_ADDED };
            let is = if open { Fact::None } else { Fact::json(new.shown()) };
            let evidence = Evidence::of("security", Fact::None, is).identity(new.identity());
            let at = before.first().map(|old| old.node);
            let about = (subject.clone(), evidence);
            self.add(rule, Some(scope), Some(scope.direction(true)), about, (at, Some(new.node)));
        }
    }

    /// The schemes themselves, by name; those that nobody names any more are told where they were asked for.
    pub(super) fn security_schemes(&mut self) {
        let schemes = |document: &Document| -> Vec<(String, NodeId)> {
            let map = document.components("securitySchemes").into_iter().flat_map(|map| document.tree.entries(map));
            map.map(|(name, node)| (name.to_owned(), document.references.resolve(node))).collect()
        };
        let (before, after) = (schemes(self.base), schemes(self.revision));
        let after: HashMap<String, NodeId> = after.into_iter().collect();
        let used: HashSet<&str> = used(self.base).chain(used(self.revision)).collect();
        for (name, old) in &before {
            let Some(new) = after.get(name) else { continue };
            self.scheme(Scheme { name, used: used.contains(name.as_str()) }, *old, *new);
        }
    }

    /// A finding about a scheme. One that nothing asks for lets nobody in or out.
    fn scheme_finding(&mut self, rule: RuleId, scheme: Scheme<'_>, evidence: Evidence, places: Places) {
        let level = if scheme.used { rule.level } else { Level::Safe };
        self.add_at(level, rule, None, None, (scheme.subject(), evidence), places);
    }

    fn scheme(&mut self, scheme: Scheme<'_>, old: NodeId, new: NodeId) {
        let text = |document: &'_ Document, node, key| document.tree.text_of(node, key).map(str::to_owned);
        // Of another type, a scheme has other members as well.
        let other_type = text(self.base, old, "type") != text(self.revision, new, "type");
        let keys: &[&'static str] = if other_type { &["type"] } else { &["in", "name", "scheme"] };
        for key in keys {
            let (was, is) = (text(self.base, old, key), text(self.revision, new, key));
            let location = text(self.revision, new, "in").unwrap_or_default();
            let meant = |written: &Option<String>| match *key {
                // RFC 9110, section 11.1
                "scheme" => written.as_ref().map(|written| written.to_lowercase()),
                "name" => written.as_ref().map(|written| key_name(&location, written).into_owned()),
                _ => written.clone(),
            };
            if meant(&was) != meant(&is) {
                let evidence = Evidence::of(*key, Fact::text(was.as_deref()), Fact::text(is.as_deref()));
                let places =
                    (self.base.tree.get(old, key).or(Some(old)), self.revision.tree.get(new, key).or(Some(new)));
                // Another kind with the same header: who gives out what is sent there may be the same or not.
                let alike = credential(self.base, old) == credential(self.revision, new);
                let rule = rules::SECURITY_SCHEME_CHANGED;
                let level = rule.level.min(if alike { Level::Risky } else { Level::Breaking });
                let level = if scheme.used { level } else { Level::Safe };
                self.add_at(level, rule, None, None, (scheme.subject(), evidence), places);
            }
        }
        self.metadata(scheme, old, new);
        let names =
            Names { deprecated: rules::SECURITY_SCHEME_DEPRECATED, undeprecated: rules::SECURITY_SCHEME_UNDEPRECATED };
        let (b, r) = (Life::of(self.base, old), Life::of(self.revision, new));
        for told in lifecycle::changes(&self.options, &names, &b, &r) {
            self.scheme_finding(told.rule, scheme, told.evidence, (told.base, told.revision));
        }
        let flows = (self.base.tree.get(old, "flows"), self.revision.tree.get(new, "flows"));
        if let (Some(old), Some(new)) = flows {
            self.flows(scheme, old, new);
        }
    }

    /// Where an authorization server describes itself. A document that says so for the first time changes nothing.
    fn metadata(&mut self, scheme: Scheme<'_>, old: NodeId, new: NodeId) {
        for key in ["openIdConnectUrl", "oauth2MetadataUrl"] {
            let (was, is) = (self.base.tree.text_of(old, key), self.revision.tree.text_of(new, key));
            if let Some(was) = was
                && is != Some(was)
            {
                let evidence = Evidence::of(key, Fact::text(Some(was)), Fact::text(is));
                let places = (self.base.tree.get(old, key), self.revision.tree.get(new, key).or(Some(new)));
                self.scheme_finding(rules::SECURITY_FLOW_CHANGED, scheme, evidence, places);
            }
        }
    }

    fn flows(&mut self, scheme: Scheme<'_>, old: NodeId, new: NodeId) {
        for (kind, before) in self.base.tree.entries(old).filter(|(kind, _)| !kind.starts_with("x-")) {
            let after = self.revision.tree.get(new, kind);
            let kind = quoted(kind);
            let Some(after) = after else {
                let evidence = Evidence::of("flows", Fact::text(Some(&kind)), Fact::None);
                self.scheme_finding(rules::SECURITY_FLOW_CHANGED, scheme, evidence, (Some(before), Some(new)));
                continue;
            };
            for key in ["authorizationUrl", "deviceAuthorizationUrl", "tokenUrl", "refreshUrl"] {
                let (was, is) = (self.base.tree.text_of(before, key), self.revision.tree.text_of(after, key));
                if was != is {
                    let evidence = Evidence::of(format!("{kind}.{key}"), Fact::text(was), Fact::text(is));
                    self.scheme_finding(rules::SECURITY_FLOW_CHANGED, scheme, evidence, (Some(before), Some(after)));
                }
            }
            let scopes = |document: &Document, node| -> BTreeMap<String, NodeId> {
                let map = document.tree.get(node, "scopes").into_iter().flat_map(|map| document.tree.entries(map));
                sort::map(map.map(|(scope, node)| (scope.to_owned(), node)))
            };
            let (had, have) = (scopes(self.base, before), scopes(self.revision, after));
            for (scope, node) in had.iter().filter(|(scope, _)| !have.contains_key(*scope)) {
                let evidence = Evidence::of(kind.to_string(), Fact::text(Some(scope)), Fact::None);
                self.scheme_finding(rules::SECURITY_SCOPE_REMOVED, scheme, evidence, (Some(*node), Some(after)));
            }
            for (scope, node) in have.iter().filter(|(scope, _)| !had.contains_key(*scope)) {
                let evidence = Evidence::of(kind.to_string(), Fact::None, Fact::text(Some(scope)));
                self.scheme_finding(rules::SECURITY_SCOPE_ADDED, scheme, evidence, (Some(before), Some(*node)));
            }
        }
    }
}
