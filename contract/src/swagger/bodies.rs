//! Bodies: parameters `in: body` and `in: formData` become request bodies, a response's schema its content.

use super::convert::Converter;
use crate::tree::{Member, NodeId};
use std::{collections::HashSet, rc::Rc};

/// A list of media types.
pub(super) type MediaTypes = Rc<[NodeId]>;

/// The media types of forms.
const FORMS: [&str; 2] = ["multipart/form-data", "application/x-www-form-urlencoded"];

impl Converter<'_, '_> {
    /// What an operation consumes or produces: by its own word, or else by the document's.
    fn media_types(&mut self, operation: Option<NodeId>, key: &str) -> (Option<NodeId>, MediaTypes) {
        let tree = &self.overlay.tree;
        let own = operation.and_then(|node| tree.get(node, key));
        let Some(list) = own.or_else(|| tree.get(NodeId::ROOT, key)) else { return (None, Rc::new([])) };
        if let Some(known) = self.lists.get(&list) {
            return (Some(list), Rc::clone(known));
        }
        let mut seen = HashSet::new();
        let once = |node: &NodeId| tree.as_str(*node).is_some_and(|text| seen.insert(text));
        let types: MediaTypes = tree.items(list).iter().copied().filter(once).collect();
        self.lists.insert(list, Rc::clone(&types));
        (Some(list), types)
    }

    /// The request body of an operation that has parameters for one.
    pub(super) fn request_body(&mut self, operation: NodeId) -> Option<NodeId> {
        let (mut body, mut form) = (None, Vec::new());
        for (written, parameter) in self.effective(operation) {
            match self.overlay.tree.text_of(parameter, "in") {
                Some("body") if body.is_none() => body = Some((written, parameter)),
                Some("body") => {
                    let message = "An operation has one `body` parameter at most. Join the two into one schema.";
                    self.problems.push((written, message));
                }
                Some("formData") => form.push((written, parameter)),
                _ => {}
            }
        }
        match (body, form.first()) {
            (Some(_), Some((written, _))) => {
                let message = "An operation has either a `body` parameter or `formData` parameters, not both: a request \
                               has one body. Remove one kind.";
                self.problems.push((*written, message));
                None
            }
            (Some((_, body)), None) => Some(self.body(operation, body)),
            (None, Some(_)) => Some(self.form(operation, &form)),
            (None, None) => None,
        }
    }

    /// An operation's parameters as written and as meant: its own, then those of its path that it doesn't override.
    fn effective(&self, operation: NodeId) -> Vec<(NodeId, NodeId)> {
        let tree = &self.overlay.tree;
        let list = |node| tree.get(node, "parameters").map(|list| tree.items(list)).unwrap_or_default();
        let identity = |(_, node): &(NodeId, NodeId)| (tree.text_of(*node, "in"), tree.text_of(*node, "name"));
        let resolved = |node: &NodeId| (*node, self.references.resolve(*node));
        let own: Vec<_> = list(operation).iter().map(resolved).collect();
        let known: HashSet<_> = own.iter().map(identity).collect();
        let shared = list(tree.node(operation).parent).iter().map(resolved);
        let shared: Vec<_> = shared.filter(|parameter| !known.contains(&identity(parameter))).collect();
        own.into_iter().chain(shared).collect()
    }

    fn body(&mut self, operation: NodeId, parameter: NodeId) -> NodeId {
        let (list, types) = self.media_types(Some(operation), "consumes");
        let schema = self.overlay.tree.get(parameter, "schema");
        let content = self.content(schema, None, (list, &types), parameter);
        let mut members = self.kept(parameter, &["description", "required"]);
        members.push(self.member("content", content));
        self.overlay.object(members, parameter)
    }

    fn form(&mut self, operation: NodeId, parameters: &[(NodeId, NodeId)]) -> NodeId {
        let origin = parameters[0].1;
        let (mut properties, mut required, mut encodings) = (Vec::new(), Vec::new(), Vec::new());
        let (mut needed, mut has_file) = (None, false);
        for (_, parameter) in parameters {
            let Some(name) = self.overlay.tree.get(*parameter, "name") else { continue };
            let tree = &self.overlay.tree;
            let key = tree.node(name).data;
            has_file |= tree.text_of(*parameter, "type") == Some("file");
            if tree.flag(*parameter, "required") {
                required.push(name);
                needed = needed.or(tree.get(*parameter, "required"));
            }
            if let Some(schema) = self.value_schema(*parameter, true) {
                properties.push(Member { key, value: schema });
            }
            if let Some(encoding) = self.encoding(*parameter) {
                encodings.push(Member { key, value: encoding });
            }
        }
        let object = self.overlay.text("object", origin);
        let properties = self.overlay.object(properties, origin);
        let mut members = vec![self.member("type", object), self.member("properties", properties)];
        if !required.is_empty() {
            let required = self.overlay.list(required, origin);
            members.push(self.member("required", required));
        }
        let schema = self.overlay.object(members, origin);
        let encoding = (!encodings.is_empty()).then(|| self.overlay.object(encodings, origin));
        let content = self.form_content(operation, schema, encoding, has_file, origin);
        let mut members = vec![self.member("content", content)];
        if let Some(at) = needed {
            let required = self.overlay.flag(true, at);
            members.push(self.member("required", required));
        }
        self.overlay.object(members, origin)
    }

    fn form_content(
        &mut self,
        operation: NodeId,
        schema: NodeId,
        encoding: Option<NodeId>,
        has_file: bool,
        origin: NodeId,
    ) -> NodeId {
        let (_, types) = self.media_types(Some(operation), "consumes");
        let tree = &self.overlay.tree;
        let is_form = |text: &str| FORMS.iter().any(|form| text.split(';').next().unwrap_or_default().trim() == *form);
        let consumed = types.iter().filter(|node| tree.as_str(**node).is_some_and(is_form));
        let mut places: Vec<(_, NodeId)> = consumed.map(|node| (tree.node(*node).data, *node)).collect();
        if places.is_empty() {
            places.push((self.overlay.word(if has_file { FORMS[0] } else { FORMS[1] }), origin));
        }
        let mut content = Vec::new();
        for (key, at) in places {
            let mut members = vec![self.member("schema", schema)];
            members.extend(encoding.map(|encoding| self.member("encoding", encoding)));
            content.push(Member { key, value: self.overlay.object(members, at) });
        }
        self.overlay.object(content, origin)
    }

    /// Gives every response what it has as its content, by what its operation produces.
    pub(super) fn responses(&mut self, operations: &[NodeId], all: &[NodeId]) {
        for operation in operations {
            let produced = self.media_types(Some(*operation), "produces");
            for (_, response) in self.statuses(*operation) {
                if self.references.step(response).is_none() {
                    self.response(response, &produced);
                }
            }
        }
        let produced = self.media_types(None, "produces");
        for response in all {
            if !self.produced.contains_key(response) {
                self.response(*response, &produced);
            }
        }
        // Shared responses are what the document produces; an operation with a word of its own has its own of them.
        for operation in operations {
            let produced = self.media_types(Some(*operation), "produces");
            for (slot, written) in self.statuses(*operation) {
                let response = self.references.resolve(written);
                if self.overlay.full || response == written || self.produced.get(&response) == Some(&produced.0) {
                    continue;
                }
                let variant = self.variant(response, &produced);
                if let Some(map) = self.overlay.tree.get(*operation, "responses") {
                    self.overlay.replace(map, slot, variant);
                }
            }
        }
    }

    fn statuses(&self, operation: NodeId) -> Vec<(usize, NodeId)> {
        let tree = &self.overlay.tree;
        let members = tree.get(operation, "responses").map(|map| tree.members(map)).unwrap_or_default();
        let named = |(_, member): &(usize, &Member)| !tree.str(member.key).starts_with("x-");
        members.iter().enumerate().filter(named).map(|(slot, member)| (slot, member.value)).collect()
    }

    fn response(&mut self, response: NodeId, produced: &(Option<NodeId>, MediaTypes)) {
        if self.produced.insert(response, produced.0).is_none()
            && let Some(content) = self.response_content(response, produced)
        {
            let content = self.member("content", content);
            self.overlay.set(response, vec![content]);
        }
    }

    fn variant(&mut self, response: NodeId, produced: &(Option<NodeId>, MediaTypes)) -> NodeId {
        let content = self.response_content(response, produced);
        let mut members = self.kept(response, &["description", "headers"]);
        members.extend(content.map(|content| self.member("content", content)));
        self.overlay.object(members, response)
    }

    fn response_content(&mut self, response: NodeId, produced: &(Option<NodeId>, MediaTypes)) -> Option<NodeId> {
        let tree = &self.overlay.tree;
        let schema = tree.get(response, "schema");
        let examples = tree.get(response, "examples").filter(|examples| !tree.members(*examples).is_empty());
        let schema = schema.map(|schema| self.body_schema(schema));
        (schema.is_some() || examples.is_some())
            .then(|| self.content(schema, examples, (produced.0, &produced.1), response))
    }

    /// A response's schema; what 3.0 says of a file where it is one.
    fn body_schema(&mut self, schema: NodeId) -> NodeId {
        let tree = &self.overlay.tree;
        let Some(written) = tree.get(schema, "type").filter(|node| tree.as_str(*node) == Some("file")) else {
            return schema;
        };
        if let Some(known) = self.schemas.get(&schema) {
            return *known;
        }
        let mut members = self.kept(schema, &["title", "description"]);
        members.extend(self.file(written));
        let file = self.overlay.object(members, schema);
        self.schemas.insert(schema, file);
        file
    }

    /// One schema as every media type of a list. Where none is named, examples name them, or nothing is known.
    fn content(
        &mut self,
        schema: Option<NodeId>,
        examples: Option<NodeId>,
        (list, types): (Option<NodeId>, &MediaTypes),
        origin: NodeId,
    ) -> NodeId {
        let cached = schema.filter(|_| examples.is_none()).map(|schema| (schema, list));
        if let Some(known) = cached.and_then(|key| self.contents.get(&key)) {
            return *known;
        }
        let tree = &self.overlay.tree;
        let mut places: Vec<(_, NodeId)> = types.iter().map(|node| (tree.node(*node).data, *node)).collect();
        if places.is_empty() {
            let named = examples.map(|examples| tree.members(examples)).unwrap_or_default();
            places.extend(named.iter().map(|member| (member.key, member.value)));
        }
        if places.is_empty() {
            places.push((self.overlay.word("*/*"), origin));
        }
        let mut content = Vec::new();
        for (key, at) in places {
            if self.overlay.full {
                break;
            }
            let tree = &self.overlay.tree;
            let example = examples.and_then(|examples| tree.get(examples, tree.str(key)));
            let mut members = Vec::new();
            members.extend(schema.map(|schema| self.member("schema", schema)));
            members.extend(example.map(|example| self.member("example", example)));
            content.push(Member { key, value: self.overlay.object(members, at) });
        }
        let content = self.overlay.object(content, origin);
        if let Some(key) = cached {
            self.contents.insert(key, content);
        }
        content
    }

    /// The members of a node by these names, as they are.
    fn kept(&self, node: NodeId, keys: &[&str]) -> Vec<Member> {
        let tree = &self.overlay.tree;
        let members = tree.members(node).iter().filter(|member| keys.contains(&tree.str(member.key)));
        members.copied().collect()
    }
}
