//! Where operations are called: servers, their variables, and what a path or an operation has instead of the document's.

use super::{Comparison, Scope, findings::quoted};
use crate::{
    document::{Document, Operation},
    tree::NodeId,
};
use std::collections::HashMap;

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

/// Whose servers hold for an operation: its own, its path's or the document's.
fn holder(document: &Document, operation: &Operation) -> NodeId {
    let has =
        |node: &NodeId| document.tree.get(*node, "servers").is_some_and(|list| !document.tree.items(list).is_empty());
    [operation.node, operation.item].into_iter().find(has).unwrap_or(NodeId::ROOT)
}

impl Comparison<'_> {
    /// The servers of an operation that has some of its own, on either side.
    pub(super) fn own_servers(&mut self, scope: &Scope, base: &Operation, revision: &Operation) {
        let holders = (holder(self.base, base), holder(self.revision, revision));
        if holders == (NodeId::ROOT, NodeId::ROOT) {
            // Told once, for the document.
            return;
        }
        let size = servers(self.base, holders.0).len() + servers(self.revision, holders.1).len();
        if self.spend(size) {
            self.servers(Some(scope), holders);
        }
    }

    pub(super) fn servers(&mut self, scope: Option<&Scope>, (base, revision): (NodeId, NodeId)) {
        let (before, after) = (servers(self.base, base), servers(self.revision, revision));
        let by_address = |servers: &[Server<'_>]| -> HashMap<String, NodeId> {
            servers.iter().rev().map(|(url, node)| (address(url).to_owned(), *node)).collect()
        };
        let (had, have) = (by_address(&before), by_address(&after));
        // Without a list there is one server, the one that the document came from.
        let implied = |servers: &[Server<'_>], url: &str| servers.is_empty() && address(url).is_empty();
        for (url, node) in &before {
            match have.get(address(url)) {
                Some(other) => self.variables(scope, url, *node, *other),
                None if implied(&after, url) => {}
                None => {
                    let message = format!("The server {} is no longer listed.", quoted(url));
                    self.add("server-removed", scope, None, message, (Some(*node), None));
                }
            }
        }
        for (url, node) in after.iter().filter(|(url, _)| !had.contains_key(address(url)) && !implied(&before, url)) {
            self.add("server-added", scope, None, format!("The server {} is new.", quoted(url)), (None, Some(*node)));
        }
    }

    fn variables(&mut self, scope: Option<&Scope>, url: &str, old: NodeId, new: NodeId) {
        let (b, r) = (&self.base.tree, &self.revision.tree);
        let entries = b.get(old, "variables").into_iter().flat_map(|map| b.entries(map));
        for (name, before) in entries {
            // A variable that isn't described any more is no part of the address either, or else of an invalid document.
            let Some(after) = r.get(new, "variables").and_then(|map| r.get(map, name)) else { continue };
            let subject = format!("The variable `{}` of the server {}", quoted(name), quoted(url));
            let (was, is) = (b.text_of(before, "default"), r.text_of(after, "default"));
            if was != is {
                let word = |text: Option<&str>| text.map_or_else(|| "none".to_owned(), |t| format!("`{}`", quoted(t)));
                let message = format!("{subject} had the default {} and has now {}.", word(was), word(is));
                self.add("server-variable-changed", scope, None, message, (Some(before), Some(after)));
            }
            let values = |tree: &'_ crate::tree::Tree, node| -> Option<Vec<String>> {
                let list = tree.get(node, "enum")?;
                Some(tree.items(list).iter().filter_map(|value| tree.as_str(*value)).map(str::to_owned).collect())
            };
            let Some(allowed) = values(r, after) else { continue };
            let had = values(b, before);
            let gone = had.as_ref().map(|had| had.iter().filter(|value| !allowed.contains(value)).count());
            if gone != Some(0) {
                let message = format!("{subject} takes fewer values than it did.");
                self.add("server-variable-changed", scope, None, message, (Some(before), Some(after)));
            }
        }
    }
}
