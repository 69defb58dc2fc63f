//! The way through a document's objects, each of which gets what 3.0 would say of it.

use super::{bodies::MediaTypes, overlay::Overlay};
use crate::{
    Limits,
    check::{Problems, Structure},
    grammar::Kind,
    references::References,
    tree::{Kind as ValueKind, Member, NodeId, Tree},
};
use rustc_hash::FxHashMap;
use shared::error::Detail;

pub(super) struct Converter<'t, 'r> {
    pub(super) overlay: Overlay<'t>,
    pub(super) references: &'r References,
    pub(super) problems: Vec<(NodeId, &'static str)>,
    /// What was made of parameters, headers and files.
    pub(super) schemas: FxHashMap<NodeId, NodeId>,
    /// Lists of media types, each once.
    pub(super) lists: FxHashMap<NodeId, MediaTypes>,
    /// Content by its schema and its list of media types.
    pub(super) contents: FxHashMap<(NodeId, Option<NodeId>), NodeId>,
    /// The list of media types that a response has its content by.
    pub(super) produced: FxHashMap<NodeId, Option<NodeId>>,
}

/// Enriches a 2.0 document, which its check found right, with what a 3.0 one would say.
pub(crate) fn convert(tree: &mut Tree, limits: &Limits, structure: &Structure) -> Result<(), Vec<Detail>> {
    // Real documents become larger by a half. Lists of media types multiply with responses, and strangers choose both.
    let room = 4 * tree.nodes.len() + limits.max_expanded_nodes as usize;
    let mut converter = Converter {
        overlay: Overlay::new(tree, room),
        references: &structure.references,
        problems: Vec::new(),
        schemas: FxHashMap::default(),
        lists: FxHashMap::default(),
        contents: FxHashMap::default(),
        produced: FxHashMap::default(),
    };
    converter.document(&structure.kinds);
    let Converter { overlay, problems, .. } = converter;
    let full = overlay.full;
    let mut told = Problems::new(tree);
    for (node, message) in problems {
        if !told.are_full() {
            told.add(node, message);
        }
    }
    if full {
        let message = "The document has too many media types for too many bodies. Shorten `consumes` and `produces`.";
        told.add(NodeId::ROOT, message);
    }
    told.finish()
}

impl Converter<'_, '_> {
    fn document(&mut self, kinds: &[(NodeId, Kind)]) {
        let references = self.references;
        let of = |wanted: Kind| {
            let nodes = kinds.iter().filter(|(node, kind)| *kind == wanted && references.step(*node).is_none());
            nodes.map(|(node, _)| *node).collect::<Vec<_>>()
        };
        let (operations, items, responses) = (of(Kind::Operation), of(Kind::PathItem), of(Kind::Response));
        let [schemas, schemes, mut parameters, headers] =
            [Kind::Schema, Kind::SecurityScheme, Kind::Parameter, Kind::Header].map(&of);
        schemas.into_iter().for_each(|node| self.schema(node));
        schemes.into_iter().for_each(|node| self.security_scheme(node));
        parameters.retain(|node| !self.is_body(*node));
        parameters.into_iter().for_each(|node| self.parameter(node, false));
        headers.into_iter().for_each(|node| self.parameter(node, true));
        for operation in &operations {
            if self.overlay.full {
                return;
            }
            if let Some(body) = self.request_body(*operation) {
                let body = self.member("requestBody", body);
                self.overlay.set(*operation, vec![body]);
            }
        }
        self.responses(&operations, &responses);
        operations.into_iter().chain(items).for_each(|node| self.parameters(node));
        self.root();
    }

    pub(super) fn member(&mut self, key: &'static str, value: NodeId) -> Member {
        Member { key: self.overlay.word(key), value }
    }

    /// Whether a parameter is a part of the body.
    fn is_body(&self, node: NodeId) -> bool {
        let node = self.references.resolve(node);
        matches!(self.overlay.tree.text_of(node, "in"), Some("body" | "formData"))
    }

    fn schema(&mut self, node: NodeId) {
        let tree = &self.overlay.tree;
        let nullable = tree.get(node, "x-nullable").filter(|value| tree.as_bool(*value).is_some());
        let nullable = nullable.filter(|_| tree.get(node, "nullable").is_none());
        let discriminator = tree.get(node, "discriminator").filter(|value| tree.as_str(*value).is_some());
        let mut new = Vec::new();
        new.extend(nullable.map(|value| self.member("nullable", value)));
        if let Some(name) = discriminator {
            let property = self.member("propertyName", name);
            let object = self.overlay.object(vec![property], name);
            new.push(self.member("discriminator", object));
        }
        if !new.is_empty() {
            self.overlay.set(node, new);
        }
    }

    fn security_scheme(&mut self, node: NodeId) {
        let tree = &self.overlay.tree;
        let Some(kind) = tree.get(node, "type") else { return };
        match tree.as_str(kind) {
            Some("basic") => {
                let (http, basic) = (self.overlay.text("http", kind), self.overlay.text("basic", kind));
                let new = vec![self.member("type", http), self.member("scheme", basic)];
                self.overlay.set(node, new);
            }
            Some("oauth2") => {
                let Some(flow) = tree.get(node, "flow") else { return };
                let name = match tree.as_str(flow) {
                    Some("implicit") => "implicit",
                    Some("password") => "password",
                    Some("application") => "clientCredentials",
                    _ => "authorizationCode",
                };
                let kept =
                    |member: &&Member| matches!(tree.str(member.key), "authorizationUrl" | "tokenUrl" | "scopes");
                let members = tree.members(node).iter().filter(kept).copied().collect();
                let object = self.overlay.object(members, flow);
                let object = self.member(name, object);
                let flows = self.overlay.object(vec![object], flow);
                let flows = self.member("flows", flows);
                self.overlay.set(node, vec![flows]);
            }
            _ => {}
        }
    }

    /// Takes out of a list of parameters what is a part of the body.
    fn parameters(&mut self, node: NodeId) {
        let tree = &self.overlay.tree;
        let Some(list) = tree.get(node, "parameters") else { return };
        let items = tree.items(list);
        let others: Vec<NodeId> = items.iter().copied().filter(|parameter| !self.is_body(*parameter)).collect();
        if others.len() < items.len() {
            let others = self.overlay.list(others, list);
            let member = self.member("parameters", others);
            self.overlay.set(node, vec![member]);
        }
    }

    fn root(&mut self) {
        let mut components = Vec::new();
        for (key, name) in
            [("definitions", "schemas"), ("responses", "responses"), ("securityDefinitions", "securitySchemes")]
        {
            let map = self.overlay.tree.get(NodeId::ROOT, key);
            components.extend(map.map(|map| self.member(name, map)));
        }
        let tree = &self.overlay.tree;
        if let Some(map) = tree.get(NodeId::ROOT, "parameters") {
            let others = tree.members(map).iter().filter(|member| !self.is_body(member.value));
            let others: Vec<Member> = others.copied().collect();
            let others = self.overlay.object(others, map);
            components.push(self.member("parameters", others));
        }
        let components = self.overlay.object(components, NodeId::ROOT);
        let mut new = vec![self.member("components", components)];
        new.extend(self.servers().map(|servers| self.member("servers", servers)));
        self.overlay.set(NodeId::ROOT, new);
    }

    /// The addresses that host, base path and schemes make together.
    fn servers(&mut self) -> Option<NodeId> {
        let tree = &self.overlay.tree;
        let text = |key| {
            let node = tree.get(NodeId::ROOT, key)?;
            tree.as_str(node).filter(|text| !text.is_empty()).map(|text| (text.to_owned(), node))
        };
        let (host, path) = (text("host"), text("basePath"));
        let path_text = path.as_ref().map(|(path, _)| path.as_str()).unwrap_or_default();
        let mut urls = Vec::new();
        match &host {
            Some((host, node)) => {
                let schemes = tree.get(NodeId::ROOT, "schemes").map(|list| tree.items(list)).unwrap_or_default();
                // There are four schemes; what repeats them is none of a person.
                let schemes: Vec<_> = schemes.iter().take(16).collect();
                if schemes.is_empty() {
                    // As the document was come by.
                    urls.push((format!("//{host}{path_text}"), *node));
                }
                for scheme in schemes {
                    let name = tree.as_str(*scheme).unwrap_or_default();
                    urls.push((format!("{name}://{host}{path_text}"), *scheme));
                }
            }
            None => urls.extend(path.clone()),
        }
        let origin = host.or(path)?.1;
        let mut servers = Vec::new();
        for (url, at) in urls {
            let url = self.overlay.text(&url, at);
            let url = self.member("url", url);
            servers.push(self.overlay.object(vec![url], at));
        }
        debug_assert_eq!(self.overlay.tree.kind(NodeId::ROOT), ValueKind::Object);
        Some(self.overlay.list(servers, origin))
    }
}
