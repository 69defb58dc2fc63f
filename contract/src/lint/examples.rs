//! Examples and defaults, each against its own schema.
//!
//! The [validator](crate::json_schema) answers by the letter of JSON Schema, and says where it can't tell: then nothing is
//! claimed, and the example is no place of the rule. What checking costs is counted for the document as a whole; what is
//! beyond the bound isn't checked, and a note says so.

use super::{LintRuleId, Linter, quoted};
use crate::{
    grammar::Kind,
    json_schema::{Transit, Validator, Verdict, value::Value},
    tree::{NodeId, Tree},
};
use shared::findings::Direction;

/// Values that one example may have; real ones have some hundreds.
const MAX_EXAMPLE: usize = 5_000;
/// Values, and steps of the validator, that all examples together may take.
const ROOM: usize = 1_000_000;

/// An example that is to be checked.
pub(super) struct Example {
    schema: NodeId,
    value: NodeId,
    transit: Transit,
    /// `example` or `default`.
    word: &'static str,
}

impl Linter<'_> {
    /// The examples that stand at a node, which is in a node of the kind `within`.
    pub(super) fn collect_examples(&mut self, node: NodeId, kind: Kind, within: Kind) {
        let direction = match within {
            Kind::Response => Some(Direction::Response),
            Kind::RequestBody => Some(Direction::Request),
            _ => None,
        };
        let plain = Transit { direction, textual: false };
        match kind {
            Kind::Schema => self.examples_of_schema(node),
            Kind::MediaType => self.examples_of_value(node, plain),
            Kind::Parameter | Kind::Header => self.examples_of_value(node, Transit { textual: true, ..plain }),
            _ => {}
        }
    }

    fn add_example(&mut self, schema: NodeId, value: NodeId, transit: Transit, word: &'static str) {
        self.examples.push(Example { schema, value, transit, word });
    }

    fn examples_of_schema(&mut self, node: NodeId) {
        let tree = self.tree;
        // Before 3.1 nothing beside a `$ref` counts.
        if !self.document.version.has_json_schema() && self.document.references.step(node).is_some() {
            return;
        }
        let transit = Transit { direction: None, textual: false };
        for (key, word) in [("example", "example"), ("default", "default")] {
            if let Some(value) = tree.get(node, key) {
                self.add_example(node, value, transit, word);
            }
        }
        for value in tree.get(node, "examples").map(|list| tree.items(list)).unwrap_or_default() {
            self.add_example(node, *value, transit, "example");
        }
    }

    fn examples_of_value(&mut self, node: NodeId, transit: Transit) {
        let Some(schema) = self.tree.get(node, "schema") else { return };
        if let Some(value) = self.tree.get(node, "example") {
            self.add_example(schema, value, transit, "example");
        }
        for (_, example) in self.tree.get(node, "examples").into_iter().flat_map(|map| self.tree.entries(map)) {
            if let Some(value) = self.tree.get(self.document.references.resolve(example), "value") {
                self.add_example(schema, value, transit, "example");
            }
        }
    }

    pub(super) fn check_examples(&mut self) {
        let examples = std::mem::take(&mut self.examples);
        let mut validator = Validator::new(self.document);
        let (mut room, mut unchecked) = (ROOM, 0_usize);
        for Example { schema, value, transit, word } in examples {
            let parts = weight(self.tree, value, MAX_EXAMPLE.min(room));
            let read = parts.and_then(|parts| Some((parts, Value::read(self.tree, value, parts)?)));
            let Some((parts, read)) = read else {
                unchecked += 1;
                // Finding out took that long at most.
                room = room.saturating_sub(MAX_EXAMPLE);
                continue;
            };
            let verdict = validator.check(schema, &read, transit);
            room = room.saturating_sub(validator.spent() + parts);
            match verdict {
                Verdict::Fits => self.place(LintRuleId::ExampleInvalid, true, value, String::new),
                Verdict::Fails(failure) => self.place(LintRuleId::ExampleInvalid, false, value, || {
                    let at =
                        if failure.at.is_empty() { String::new() } else { format!("at `{}` ", quoted(&failure.at)) };
                    format!("This {word} doesn't fit its schema: the value {at}{}. Fix one of them.", failure.says)
                }),
                Verdict::Unknown(_) => {}
            }
        }
        if unchecked > 0 {
            let examples = if unchecked == 1 { "example is" } else { "examples are" };
            self.notes.push(format!("{unchecked} {examples} too much to be held against a schema."));
        }
    }
}

/// How many values there are in a value, as [`Tree::weight`] counts; nothing where there are too many, which is found out
/// without counting them all.
pub(super) fn weight(tree: &Tree, node: NodeId, most: usize) -> Option<usize> {
    let (mut stack, mut seen) = (vec![node], 0);
    while let Some(node) = stack.pop() {
        seen += 1 + tree.as_str(node).map_or(0, |text| text.len() / 64);
        let (members, items) = (tree.members(node), tree.items(node));
        if seen + stack.len() + members.len() + items.len() > most {
            return None;
        }
        stack.extend(members.iter().map(|member| member.value).chain(items.iter().copied()));
    }
    Some(seen)
}
