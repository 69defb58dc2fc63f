//! Operations: their names, parameters, security and lists.

use super::{LintRuleId, Linter, quoted, words};
use crate::{
    document::Operation,
    tree::{Kind, NodeId},
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::HashSet;

/// What is known of lists that answers hold, by their schemas.
type Lists<'d> = FxHashMap<NodeId, Option<List<'d>>>;

/// A list in an answer: its schema, and the name it goes by where it is a property.
#[derive(Clone, Copy)]
struct List<'d> {
    schema: NodeId,
    name: Option<&'d str>,
}

/// Whether these responses have one with this status or its class.
fn declares(statuses: &[&str], status: &str) -> bool {
    statuses
        .iter()
        .any(|declared| *declared == status || (declared.eq_ignore_ascii_case("4XX") && status.starts_with('4')))
}

impl<'d> Linter<'d> {
    pub(super) fn operations(&mut self) {
        let mut seen = FxHashSet::default();
        let mut schemes = Vec::new();
        let mut tags = Vec::new();
        let mut lists = Lists::default();
        if let Some(security) = self.document.root("security") {
            self.scheme_names(security, &mut schemes);
        }
        for (index, operation) in self.document.operations.iter().enumerate() {
            // A path item that several paths share is looked at once, with the first of them.
            if !seen.insert(operation.node) {
                continue;
            }
            self.scope = Some(index);
            self.naming(operation);
            self.path_parameters(operation);
            self.statuses(operation);
            self.pagination(operation, &mut lists);
            self.write_security(operation);
            if let Some(security) = self.tree.get(operation.node, "security") {
                self.scheme_names(security, &mut schemes);
            }
            let own = self.tree.get(operation.node, "tags").map(|tags| self.tree.items(tags)).unwrap_or_default();
            tags.extend(own.iter().filter_map(|tag| Some((self.tree.as_str(*tag)?, *tag))));
        }
        self.scope = None;
        self.defined_schemes(schemes);
        self.declared_tags(tags);
    }

    fn naming(&mut self, operation: &Operation) {
        let (node, key) = (operation.node, &operation.key);
        let named = self.text(node, "operationId").is_some();
        self.place(LintRuleId::OperationIdMissing, named, node, || {
            format!("`{}` has no `operationId`. Add one, such as `listOrders`.", quoted(&key.to_string()))
        });
        let described = ["summary", "description"].iter().any(|key| self.text(node, key).is_some());
        self.place(LintRuleId::OperationUndescribed, described, node, || {
            format!("`{}` says nowhere what it does. Add a `summary`.", quoted(&key.to_string()))
        });
        if matches!(key.method.as_str(), "get" | "head") {
            let body = self.tree.get(node, "requestBody");
            self.place(LintRuleId::ReadWithBody, body.is_none(), body.unwrap_or(node), || {
                format!("`{}` has a request body. Use query parameters, or another method.", quoted(&key.to_string()))
            });
        }
    }

    fn path_parameters(&mut self, operation: &Operation) {
        let names: HashSet<&str> = template_names(&operation.key.path).collect();
        let parameters = self.document.parameters(operation);
        let located = |node: &NodeId| self.tree.text_of(*node, "in") == Some("path");
        let declared: Vec<(NodeId, &str)> = parameters
            .into_iter()
            .filter(located)
            .filter_map(|node| Some((node, self.tree.text_of(node, "name")?)))
            .collect();
        let known: HashSet<&str> = declared.iter().map(|(_, name)| *name).collect();
        let path = quoted(&operation.key.path);
        // In the path's order: a set has none.
        let mut asked = HashSet::new();
        for name in template_names(&operation.key.path).filter(|name| asked.insert(*name)) {
            self.place(LintRuleId::PathParameterUndeclared, known.contains(name), operation.node, || {
                format!("`{{{}}}` in `{path}` isn't declared. Add a path parameter of that name.", quoted(name))
            });
        }
        for (node, name) in declared {
            self.place(LintRuleId::PathParameterUnused, names.contains(name), node, || {
                format!("The path parameter `{}` isn't in `{path}`. Fix its name, or remove it.", quoted(name))
            });
        }
    }

    /// Whether a path of this operation names one thing by an id: a parameter of a closed set of values is none.
    fn id_in_path(&self, operation: &'d Operation) -> Option<&'d str> {
        let last = template_names(&operation.key.path).last()?;
        let of = self.document.parameters(operation).into_iter().find(|node| {
            self.tree.text_of(*node, "in") == Some("path") && self.tree.text_of(*node, "name") == Some(last)
        });
        let schema = of.and_then(|node| self.get(node, "schema"));
        let closed =
            schema.is_some_and(|schema| ["enum", "const"].iter().any(|key| self.tree.get(schema, key).is_some()));
        (!closed).then_some(last)
    }

    /// Whether nobody gets in without credentials.
    fn secured(&self, operation: &Operation) -> bool {
        let security = self.tree.get(operation.node, "security").or_else(|| self.document.root("security"));
        let ways = security.map(|security| self.tree.items(security)).unwrap_or_default();
        !ways.is_empty() && ways.iter().all(|way| !self.tree.members(*way).is_empty())
    }

    fn statuses(&mut self, operation: &'d Operation) {
        let (node, key) = (operation.node, &operation.key);
        let responses = self.tree.get(node, "responses");
        let entries = responses.into_iter().flat_map(|responses| self.tree.entries(responses));
        let statuses: Vec<&str> =
            entries.map(|(status, _)| status).filter(|status| !status.starts_with("x-")).collect();
        let at = responses.unwrap_or(node);
        let shown = || quoted(&key.to_string()).into_owned();
        let success = statuses.iter().any(|status| status.starts_with(['1', '2', '3']));
        self.place(LintRuleId::SuccessMissing, success, at, || {
            format!("`{}` has no response for success. Add the 2xx status that it answers with.", shown())
        });
        if self.secured(operation) {
            self.place(LintRuleId::Status401, declares(&statuses, "401"), at, || {
                format!("`{}` needs credentials and doesn't declare 401. Add it to its responses.", shown())
            });
        }
        let id = self.id_in_path(operation);
        // Everybody who is known may read their own profile; who may read or change a thing is another question.
        if self.secured(operation) && (id.is_some() || writes(operation)) {
            self.place(LintRuleId::Status403, declares(&statuses, "403"), at, || {
                format!("`{}` isn't for everybody and doesn't declare 403. Add it to its responses.", shown())
            });
        }
        if let Some(id) = id {
            self.place(LintRuleId::Status404, declares(&statuses, "404"), at, || {
                format!("`{}` doesn't declare 404 for an unknown `{}`. Add it to its responses.", shown(), quoted(id))
            });
        }
        let limited = declares(&statuses, "429") || statuses.contains(&"default");
        self.place(LintRuleId::Status429, limited, at, || {
            format!("`{}` declares neither 429 nor a `default` response. Add one of them.", shown())
        });
    }

    fn write_security(&mut self, operation: &Operation) {
        if !writes(operation) {
            return;
        }
        let said = self.tree.get(operation.node, "security").or_else(|| self.document.root("security")).is_some();
        self.place(LintRuleId::SecurityMissing, said, operation.node, || {
            let key = operation.key.to_string();
            format!("`{}` doesn't say who may call it. Set `security`; `[]` lets everyone in.", quoted(&key))
        });
    }

    fn scheme_names(&self, security: NodeId, names: &mut Vec<(&'d str, NodeId)>) {
        for way in self.tree.items(security) {
            names.extend(self.tree.entries(*way));
        }
    }

    fn defined_schemes(&mut self, names: Vec<(&'d str, NodeId)>) {
        let defined = self.document.components("securitySchemes");
        let mut known = HashSet::new();
        for (name, node) in names {
            // From 3.2 on, a scheme may be named by an address.
            if !known.insert(name) || name.contains(['/', '#']) {
                continue;
            }
            let holds = defined.is_some_and(|schemes| self.tree.get(schemes, name).is_some());
            self.place(LintRuleId::SchemeUndefined, holds, node, || {
                format!(
                    "No security scheme is called `{}`. Define it under `components.securitySchemes`.",
                    quoted(name)
                )
            });
        }
    }

    fn declared_tags(&mut self, used: Vec<(&'d str, NodeId)>) {
        let declared = self.document.root("tags").map(|tags| self.tree.items(tags)).unwrap_or_default();
        let declared: HashSet<&str> = declared.iter().filter_map(|tag| self.tree.text_of(*tag, "name")).collect();
        let mut known = HashSet::new();
        for (name, node) in used {
            if known.insert(name) {
                self.place(LintRuleId::TagUndeclared, declared.contains(name), node, || {
                    format!("The tag `{}` isn't declared. List it in the document's `tags`, described.", quoted(name))
                });
            }
        }
    }

    fn pagination(&mut self, operation: &'d Operation, lists: &mut Lists<'d>) {
        if operation.key.method != "get" {
            return;
        }
        let Some(schema) = self.success_schema(operation.node) else { return };
        let list = match lists.get(&schema) {
            Some(known) => *known,
            None => {
                let found = self.list_in(schema);
                lists.insert(schema, found);
                found
            }
        };
        let Some(list) = list else { return };
        let last = operation.key.path.rsplit('/').next().unwrap_or_default();
        // One thing may have a list among its properties; a list of things goes by a usual name, or by the path's.
        let listed = match list.name {
            None => true,
            Some(name) => {
                let same = words::words(name) == words::words(last);
                !last.contains('{') && (same || words::holds_list(name))
            }
        };
        if !listed {
            return;
        }
        let bounded = self.tree.get(list.schema, "maxItems").is_some();
        let paged = || {
            self.document.parameters(operation).into_iter().any(|node| {
                let located = matches!(self.tree.text_of(node, "in"), Some("query" | "header" | "path"));
                located && self.tree.text_of(node, "name").is_some_and(words::pages)
            })
        };
        let holds = bounded || paged();
        self.place(LintRuleId::Unpaginated, holds, operation.node, || {
            let key = operation.key.to_string();
            format!("`{}` answers with a whole list. Take `limit` and `cursor`, or give it `maxItems`.", quoted(&key))
        });
    }

    /// The schema of the JSON that an operation answers with when all is well.
    fn success_schema(&self, operation: NodeId) -> Option<NodeId> {
        let responses = self.tree.get(operation, "responses")?;
        let (_, response) = self.tree.entries(responses).find(|(status, _)| status.starts_with('2'))?;
        let content = self.get(self.document.references.resolve(response), "content")?;
        let (_, media_type) = self.tree.entries(content).find(|(name, _)| is_json(name))?;
        self.get(media_type, "schema")
    }

    /// The list that a schema is, or the only one that it holds, also behind an envelope's `data`.
    fn list_in(&self, schema: NodeId) -> Option<List<'d>> {
        if self.is_type(schema, "array") {
            return Some(List { schema, name: None });
        }
        let properties = self.tree.get(schema, "properties")?;
        let resolved = || self.tree.entries(properties).map(|(name, node)| (name, self.unwrapped(node)));
        let mut arrays = resolved().filter(|(_, node)| self.is_type(*node, "array"));
        match (arrays.next(), arrays.next()) {
            (Some((name, schema)), None) => Some(List { schema, name: Some(name) }),
            (None, _) => {
                let data = self.unwrapped(self.tree.get(properties, "data")?);
                let inner = self.tree.get(data, "properties")?;
                let inner = || self.tree.entries(inner).map(|(name, node)| (name, self.unwrapped(node)));
                let mut arrays = inner().filter(|(_, node)| self.is_type(*node, "array"));
                match (arrays.next(), arrays.next()) {
                    (Some((name, schema)), None) => Some(List { schema, name: Some(name) }),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// What a schema is besides `null`: `oneOf` of null and something is that something.
    fn unwrapped(&self, node: NodeId) -> NodeId {
        let node = self.document.references.resolve(node);
        let alternatives = ["oneOf", "anyOf", "allOf"].iter().find_map(|key| self.tree.get(node, key));
        let alternatives = alternatives.map(|list| self.tree.items(list)).unwrap_or_default();
        if alternatives.len() > 2 {
            return node;
        }
        let mut real = alternatives.iter().map(|node| self.document.references.resolve(*node));
        real.find(|node| self.tree.text_of(*node, "type") != Some("null")).unwrap_or(node)
    }

    /// Whether `type` is, or has, this one.
    pub(super) fn is_type(&self, schema: NodeId, name: &str) -> bool {
        let Some(types) = self.tree.get(schema, "type") else { return false };
        match self.tree.kind(types) {
            Kind::Array => self.tree.items(types).iter().any(|item| self.tree.as_str(*item) == Some(name)),
            _ => self.tree.as_str(types) == Some(name),
        }
    }
}

fn writes(operation: &Operation) -> bool {
    matches!(operation.key.method.as_str(), "post" | "put" | "patch" | "delete")
}

/// The names of a path's parameters, in its order.
fn template_names(path: &str) -> impl Iterator<Item = &str> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .filter(|name| !name.is_empty())
}

/// Whether a media type is JSON, or written in it.
pub(super) fn is_json(media_type: &str) -> bool {
    let name = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(name.as_str(), "application/json" | "text/json") || name.ends_with("+json")
}
