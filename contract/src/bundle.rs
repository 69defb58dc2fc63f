//! One document out of several files, for readers of one.
//!
//! What references lead to in other files becomes a component, by the name that findings have for it. What can't be one,
//! as a path item, is written out in its place. The rest is as it was written, so that the bundle says what the files say;
//! its lines are its own.

use crate::{
    Limits, ReadError,
    check::{self, Structure},
    error::{ReadErrorKind, whole},
    files::Files,
    grammar::Kind,
    read,
    tree::{Kind as ValueKind, NodeId, Tree, push_escaped},
    version::OpenApi,
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, HashSet};

/// The document with what it refers to in other files, as JSON; nothing where it refers to none.
///
/// What is wrong with a document that refers to no other file is for its reader to say.
pub fn bundle(source: &[u8], path: &str, files: &mut dyn Files, limits: &Limits) -> Result<Option<String>, ReadError> {
    let mut files = Counting { files, asked: false };
    let bundled = of_files(source, path, &mut files, limits);
    if files.asked { bundled.map(Some).map_err(|error| error.in_file(path)) } else { Ok(None) }
}

struct Counting<'f> {
    files: &'f mut dyn Files,
    asked: bool,
}

impl Files for Counting<'_> {
    fn read(&mut self, path: &str, most: usize) -> Result<Vec<u8>, String> {
        self.asked = true;
        self.files.read(path, most)
    }
}

fn of_files(source: &[u8], path: &str, files: &mut dyn Files, limits: &Limits) -> Result<String, ReadError> {
    let (mut tree, _) = read::read(source, limits)?;
    tree.sources.iter_mut().for_each(|source| source.path = path.into());
    let structure = check::check(&mut tree, limits, Some(files))?;
    let mut bundle = Bundle {
        tree: &tree,
        structure: &structure,
        kinds: structure.kinds.iter().copied().collect(),
        mappings: structure.mappings.iter().copied().collect(),
        other: tree.sources.get(1).map_or(NodeId(u32::MAX), |source| source.root),
        places: FxHashMap::default(),
        added: BTreeMap::new(),
        instead: FxHashMap::default(),
        writing: FxHashSet::default(),
        out: String::new(),
        limits,
    };
    bundle.find_places();
    if bundle.root() {
        return Ok(bundle.out + "\n");
    }
    let message = "The files can't be put together: path items refer to one another without end, or make it too large. \
                   Put what repeats into components.";
    Err(ReadError { kind: ReadErrorKind::Invalid, problems: vec![whole(message.to_owned())] })
}

struct Bundle<'t> {
    tree: &'t Tree,
    structure: &'t Structure,
    kinds: FxHashMap<NodeId, Kind>,
    /// Values of discriminators' mappings, with what they lead to.
    mappings: FxHashMap<NodeId, NodeId>,
    /// The first node of another file.
    other: NodeId,
    /// Where what is in another file goes, by what it is taken for.
    places: FxHashMap<(NodeId, Kind), String>,
    /// New components by section.
    added: BTreeMap<&'static str, Vec<(String, NodeId)>>,
    /// What is written instead of a component that is only a reference to it.
    instead: FxHashMap<NodeId, NodeId>,
    /// What is being written out in its place.
    writing: FxHashSet<NodeId>,
    out: String,
    limits: &'t Limits,
}

impl<'t> Bundle<'t> {
    /// The map of components of a kind; none for what is written out in its place.
    fn section(&self, kind: Kind) -> Option<&'static str> {
        let version = self.structure.version;
        Some(match kind {
            Kind::Schema if version == OpenApi::V20 => "definitions",
            Kind::Schema => "schemas",
            Kind::Parameter => "parameters",
            Kind::Response => "responses",
            Kind::SecurityScheme if version == OpenApi::V20 => "securityDefinitions",
            Kind::SecurityScheme => "securitySchemes",
            _ if version == OpenApi::V20 => return None,
            Kind::Header => "headers",
            Kind::RequestBody => "requestBodies",
            Kind::Example => "examples",
            Kind::Link => "links",
            Kind::Callback => "callbacks",
            Kind::MediaType => "mediaTypes",
            _ => return None,
        })
    }

    /// The object that has the sections as members.
    fn sections(&self) -> Option<NodeId> {
        match self.structure.version {
            OpenApi::V20 => Some(NodeId::ROOT),
            _ => self.tree.get(NodeId::ROOT, "components"),
        }
    }

    fn find_places(&mut self) {
        let (tree, structure) = (self.tree, self.structure);
        let mut steps: Vec<(NodeId, NodeId)> = structure.references.all().filter(|(_, to)| *to >= self.other).collect();
        steps.sort_unstable();
        let kind = |node: &NodeId| self.kinds.get(node).copied();
        let mut wanted: Vec<(NodeId, Kind)> = steps.iter().filter_map(|(from, to)| Some((*to, kind(from)?))).collect();
        wanted.extend(structure.mappings.iter().filter(|(_, to)| *to >= self.other).map(|(_, to)| (*to, Kind::Schema)));
        let mut taken: HashSet<(&str, String)> = HashSet::new();
        let sections = self.sections();
        for (section, map) in sections.into_iter().flat_map(|sections| tree.entries(sections)) {
            taken.extend(tree.entries(map).map(|(name, _)| (section, name.to_owned())));
        }
        for (target, kind) in wanted {
            let Some(section) = self.section(kind).filter(|_| !self.places.contains_key(&(target, kind))) else {
                continue;
            };
            let named = structure.references.named(target);
            let alias = named.filter(|named| *named < self.other && tree.members(*named).len() == 1);
            let map = sections.and_then(|sections| tree.get(sections, section));
            let name = match alias.filter(|alias| Some(tree.node(*alias).parent) == map) {
                Some(alias) => {
                    self.instead.insert(alias, target);
                    tree.key_of(alias).unwrap_or_default().to_owned()
                }
                None => {
                    let name = component_name(tree.key_of(target).unwrap_or_default());
                    let mut names = std::iter::once(name.clone()).chain((2..).map(|n| format!("{name}_{n}")));
                    let free = names.find(|name| taken.insert((section, name.clone()))).unwrap_or(name);
                    self.added.entry(section).or_default().push((free.clone(), target));
                    free
                }
            };
            let mut place =
                if structure.version == OpenApi::V20 { "#/".to_owned() } else { "#/components/".to_owned() };
            place.push_str(section);
            place.push('/');
            push_escaped(&mut place, &name);
            self.places.insert((target, kind), place);
        }
    }

    /// Writes it all; whether it could be.
    fn root(&mut self) -> bool {
        let mut members: Vec<(&str, Part<'t>)> = Vec::new();
        let added = std::mem::take(&mut self.added);
        let is_2_0 = self.structure.version == OpenApi::V20;
        let sections = self.sections();
        let mut all: Vec<(&str, Part<'t>)> = Vec::new();
        for (section, value) in sections.into_iter().flat_map(|sections| self.tree.entries(sections)) {
            let new = added.get(section).cloned().unwrap_or_default();
            all.push((section, if new.is_empty() { Part::Node(value) } else { Part::Section(Some(value), new) }));
        }
        let has = |section: &&str| sections.is_some_and(|sections| self.tree.get(sections, section).is_some());
        all.extend(
            added.iter().filter(|(section, _)| !has(section)).map(|(s, new)| (*s, Part::Section(None, new.clone()))),
        );
        if is_2_0 {
            members = all;
        } else {
            let mut all = Some(all);
            for (key, value) in self.tree.entries(NodeId::ROOT) {
                let components = all.take_if(|_| key == "components").map(Part::Members);
                members.push((key, components.unwrap_or(Part::Node(value))));
            }
            members.extend(all.filter(|all| !all.is_empty()).map(|all| ("components", Part::Members(all))));
        }
        self.part(&Part::Members(members), 0)
    }

    fn part(&mut self, part: &Part<'t>, depth: usize) -> bool {
        match part {
            Part::Node(node) => self.value(*node, depth),
            Part::Members(members) => {
                let members: Vec<_> = members.iter().map(|(key, part)| (*key, part)).collect();
                self.object(depth, members, |bundle, part| bundle.part(part, depth + 1))
            }
            Part::Section(map, new) => {
                let old = map.iter().flat_map(|map| self.tree.entries(*map));
                let all: Vec<_> = old.chain(new.iter().map(|(name, node)| (name.as_str(), *node))).collect();
                self.object(depth, all, |bundle, node| bundle.value(node, depth + 1))
            }
        }
    }

    fn value(&mut self, node: NodeId, depth: usize) -> bool {
        if depth > self.limits.max_depth as usize || self.out.len() > self.limits.max_bytes {
            return false;
        }
        let tree = self.tree;
        if let Some(target) = self.instead.get(&node).copied() {
            return self.value(target, depth);
        }
        let reference = self.structure.references.step(node).filter(|_| tree.get(node, "$ref").is_some());
        if let Some(target) = reference
            && target >= self.other
            && self.kinds.get(&node).is_some_and(|kind| self.section(*kind).is_none())
        {
            // Written out once within itself it would never end.
            let written = self.writing.insert(target) && self.value(target, depth);
            self.writing.remove(&target);
            return written;
        }
        match tree.kind(node) {
            ValueKind::Object => {
                // What stood for the file's address would change what references in it mean.
                let foreign = node >= self.other && tree.root_of(node) == node;
                let members = tree.entries(node).filter(|(key, _)| !(foreign && *key == "$id")).collect();
                self.object(depth, members, |bundle, value| {
                    let target = reference.filter(|_| tree.key_of(value) == Some("$ref"));
                    match target.and_then(|target| bundle.place(node, value, target)) {
                        Some(place) => bundle.text(&place),
                        None => return bundle.value(value, depth + 1),
                    }
                    true
                })
            }
            ValueKind::Array => {
                let items = tree.items(node);
                self.out.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.line(index > 0, depth + 1);
                    if !self.value(*item, depth + 1) {
                        return false;
                    }
                }
                if !items.is_empty() {
                    self.line(false, depth);
                }
                self.out.push(']');
                true
            }
            _ => {
                self.scalar(node);
                true
            }
        }
    }

    fn scalar(&mut self, node: NodeId) {
        let tree = self.tree;
        let mapped = self.mappings.get(&node);
        if let Some(place) = mapped.and_then(|target| self.places.get(&(*target, Kind::Schema)).cloned()) {
            return self.text(&place);
        }
        match (tree.as_str(node), tree.as_number(node), tree.as_bool(node)) {
            (Some(text), ..) => self.text(text),
            (_, Some(number), _) => self.out.push_str(number),
            (.., Some(truth)) => self.out.push_str(if truth { "true" } else { "false" }),
            _ => self.out.push_str("null"),
        }
    }

    /// Where a reference leads now; nothing where it stays as it is written.
    fn place(&self, node: NodeId, value: NodeId, target: NodeId) -> Option<String> {
        if target >= self.other {
            let kind = self.kinds.get(&node)?;
            return self.places.get(&(target, *kind)).map(|place| encoded(place));
        }
        let stays = node < self.other && self.tree.as_str(value).is_some_and(|text| text.starts_with('#'));
        (!stays).then(|| encoded(&format!("#{}", self.tree.pointer(target))))
    }

    fn object<T>(
        &mut self,
        depth: usize,
        members: Vec<(&str, T)>,
        mut value: impl FnMut(&mut Self, T) -> bool,
    ) -> bool {
        let is_empty = members.is_empty();
        self.out.push('{');
        for (index, (key, member)) in members.into_iter().enumerate() {
            self.line(index > 0, depth + 1);
            self.text(key);
            self.out.push_str(": ");
            if !value(self, member) {
                return false;
            }
        }
        if !is_empty {
            self.line(false, depth);
        }
        self.out.push('}');
        true
    }

    fn line(&mut self, comma: bool, depth: usize) {
        self.out.push_str(if comma { ",\n" } else { "\n" });
        (0..depth).for_each(|_| self.out.push_str("  "));
    }

    fn text(&mut self, text: &str) {
        // A string is always JSON.
        self.out.push_str(&serde_json::to_string(text).unwrap_or_default());
    }
}

/// A part of the bundle.
enum Part<'t> {
    Node(NodeId),
    Members(Vec<(&'t str, Part<'t>)>),
    /// A map of components, with those that are new.
    Section(Option<NodeId>, Vec<(String, NodeId)>),
}

/// A name that a component may have.
fn component_name(name: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '_' };
    let name: String = name.chars().map(keep).collect();
    if name.is_empty() { "_".to_owned() } else { name }
}

/// A pointer as the fragment of a URI (RFC 6901, section 6).
fn encoded(place: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"#/~-_.{}".contains(&byte);
    place.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
