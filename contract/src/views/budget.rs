//! What one view may hold.
//!
//! Documents share by reference, so that a small one can describe an operation of any size. A view is what a person
//! looks at: it has room for far more than anybody reads, and counts what it leaves out.

use super::json;
use crate::{
    document::{Document, count},
    text::cut,
    tree::NodeId,
};

/// Schemas in one view, folded ones included.
const MAX_VIEWS: u32 = 4_000;
/// Parameters, responses, headers, media types and examples in one view.
const MAX_PARTS: usize = 2_000;
/// Entries of one list of these.
const MAX_LISTED: usize = 500;
/// Bytes of all texts in one view.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Examples, descriptions and other texts longer than this are cut, in characters.
const MAX_TEXT: usize = 20_000;
/// Names, titles and what else stands on one line, in characters.
const MAX_LINE: usize = 1_000;

pub(super) struct Budget {
    views: u32,
    parts: usize,
    bytes: usize,
    /// Parts that were left out.
    pub(super) more: u32,
}

impl Budget {
    pub(super) const fn new() -> Self {
        Self { views: MAX_VIEWS, parts: MAX_PARTS, bytes: MAX_BYTES, more: 0 }
    }

    /// Whether there is room for one more schema, which is then taken.
    pub(super) const fn view(&mut self) -> bool {
        let fits = self.views > 0;
        self.views = self.views.saturating_sub(1);
        fits
    }

    pub(super) const fn is_spent(&self) -> bool {
        self.views == 0
    }

    /// How many of a list of parts there is room for; the others are counted.
    pub(super) fn listed(&mut self, length: usize) -> usize {
        let fit = length.min(MAX_LISTED).min(self.parts);
        self.parts -= fit;
        self.more = self.more.saturating_add(count(length - fit));
        fit
    }

    pub(super) fn line(&mut self, text: &str) -> String {
        self.cut(text, MAX_LINE)
    }

    pub(super) fn text(&mut self, text: &str) -> String {
        self.cut(text, MAX_TEXT)
    }

    pub(super) fn text_of(&mut self, document: &Document, node: NodeId, key: &str) -> Option<String> {
        document.tree.text_of(node, key).map(|text| self.text(text))
    }

    pub(super) fn line_of(&mut self, document: &Document, node: NodeId, key: &str) -> Option<String> {
        document.tree.text_of(node, key).map(|text| self.line(text))
    }

    pub(super) fn compact(&mut self, document: &Document, node: NodeId) -> String {
        self.taken(json::compact(&document.tree, node, MAX_TEXT.min(self.bytes)))
    }

    pub(super) fn pretty(&mut self, document: &Document, node: NodeId) -> String {
        self.taken(json::pretty(&document.tree, node, MAX_TEXT.min(self.bytes)))
    }

    fn cut(&mut self, text: &str, most: usize) -> String {
        self.taken(cut(text, most.min(self.bytes)).into_owned())
    }

    fn taken(&mut self, text: String) -> String {
        self.bytes = self.bytes.saturating_sub(text.len());
        text
    }
}
