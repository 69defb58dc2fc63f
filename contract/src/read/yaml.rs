//! Reads YAML 1.2 from `saphyr-parser`'s events, pulled one by one so that limits hold before memory is spent.

use super::{
    Problem,
    builder::Builder,
    scalar::{self, Plain},
};
use crate::{
    Limits,
    text::LineIndex,
    tree::{Kind, NodeId, Str, Tree},
};
use rustc_hash::FxHashMap;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};

pub(super) fn read(text: &str, lines: &LineIndex, limits: &Limits, before: &Tree) -> Result<Tree, Problem> {
    guard_depth(text, limits)?;
    let mut reader = Reader {
        builder: Builder::new(text, lines, limits, before),
        text,
        cursor: Cursor { text, ascii: text.is_ascii(), chars: 0, bytes: 0 },
        anchors: FxHashMap::default(),
        key_anchors: FxHashMap::default(),
        open_anchors: Vec::new(),
        documents: 0,
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let at = reader.cursor.offset(error.marker());
            Problem::new(at, format!("This isn't YAML: {}.", error.info().trim_end_matches('.')))
        })?;
        let start = reader.cursor.offset(&span.start);
        reader.take(event, start)?;
    }
    if reader.documents == 0 {
        return Err(Problem::new(0, "The document is empty. Send an OpenAPI document in JSON or YAML."));
    }
    Ok(reader.builder.finish())
}

/// Refuses depth bombs in flow style before the parser sees them: it looks ahead over every bracket that might
/// begin a key, in time that grows with depth times length. Brackets in prose and quotes count here too, which is
/// why the bound is twice the real one and closing ones count as well; the builder holds the real one exactly.
fn guard_depth(text: &str, limits: &Limits) -> Result<(), Problem> {
    let bound = limits.max_depth as usize * 2;
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth > bound {
            let message =
                format!("The document is nested deeper than {} levels here. Make it flatter.", limits.max_depth);
            return Err(Problem::new(u32::try_from(at).unwrap_or(0), message));
        }
    }
    Ok(())
}

struct Reader<'a> {
    builder: Builder<'a>,
    text: &'a str,
    cursor: Cursor<'a>,
    anchors: FxHashMap<usize, NodeId>,
    /// Anchors of keys, which aren't nodes: what each means as a value.
    key_anchors: FxHashMap<usize, (Kind, Str)>,
    /// For each open container its anchor, 0 for none.
    open_anchors: Vec<usize>,
    documents: u32,
}

impl Reader<'_> {
    fn take(&mut self, event: Event<'_>, start: u32) -> Result<(), Problem> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    let message = "A second YAML document starts here. Send one document, without another `---`.";
                    return Err(Problem::new(start, message));
                }
            }
            Event::MappingStart(anchor, tag) => self.open(Kind::Object, anchor, tag.as_deref(), start)?,
            Event::SequenceStart(anchor, tag) => self.open(Kind::Array, anchor, tag.as_deref(), start)?,
            Event::MappingEnd | Event::SequenceEnd => {
                let node = self.builder.close()?;
                if let (Some(anchor @ 1..), Some(node)) = (self.open_anchors.pop(), node) {
                    self.anchors.insert(anchor, node);
                }
            }
            Event::Scalar(text, style, anchor, tag) => self.scalar(&text, style, anchor, tag.as_deref(), start)?,
            Event::Alias(anchor) => self.alias(anchor, start)?,
            Event::StreamStart | Event::StreamEnd | Event::DocumentEnd | Event::Nothing => {}
        }
        Ok(())
    }

    fn open(&mut self, kind: Kind, anchor: usize, tag: Option<&Tag>, start: u32) -> Result<(), Problem> {
        if self.builder.wants_key() {
            return Err(Problem::new(start, "A key must be a string, not an object or a list."));
        }
        let own = if kind == Kind::Object { "map" } else { "seq" };
        if let Some(tag) = tag.filter(|tag| !(is_non_specific(tag) || core(tag) == Some(own))) {
            return Err(foreign_tag(tag, start));
        }
        self.builder.open(kind, start)?;
        self.open_anchors.push(anchor);
        Ok(())
    }

    fn alias(&mut self, anchor: usize, start: u32) -> Result<(), Problem> {
        if self.builder.wants_key() {
            return Err(Problem::new(start, "A key can't be an alias. Write the key out."));
        }
        if let Some((kind, data)) = self.key_anchors.get(&anchor).copied() {
            return self.builder.scalar(kind, data, start).map(drop);
        }
        let Some(target) = self.anchors.get(&anchor).copied() else {
            let message =
                "This alias stands inside of what it repeats, so it would never end. Use `$ref` for recursion.";
            return Err(Problem::new(start, message));
        };
        self.builder.alias(target, start).map(drop)
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        start: u32,
    ) -> Result<(), Problem> {
        let plain = meaning(text, style, tag, start)?;
        if self.builder.wants_key() {
            if plain == Plain::Null {
                return Err(Problem::new(start, "A key is missing here, or is null. Write one, in quotes if need be."));
            }
            // Keys such as 200 and true are what is written: JSON has only strings there.
            let merge = style == ScalarStyle::Plain && text == "<<";
            let key = self.string(text, start)?;
            self.builder.key(key, start, merge);
            if anchor > 0 {
                let value = self.value(plain, text, start)?;
                self.key_anchors.insert(anchor, value);
            }
            return Ok(());
        }
        let (kind, data) = self.value(plain, text, start)?;
        let node = self.builder.scalar(kind, data, start)?;
        if anchor > 0 {
            self.anchors.insert(anchor, node);
        }
        Ok(())
    }

    /// What a scalar means, and its text in the spelling of JSON.
    fn value(&mut self, plain: Plain, text: &str, start: u32) -> Result<(Kind, Str), Problem> {
        let kind = plain.kind();
        let data = match plain {
            Plain::Null => Str { offset: 0, len: 0 },
            Plain::Bool(yes) => Str { offset: u32::from(yes), len: 0 },
            Plain::Number | Plain::String => self.string(text, start)?,
            Plain::Respelled(json) => self.builder.keep(&json, start)?,
            Plain::NotFinite => {
                let message =
                    format!("{text} isn't a number that JSON has. Write a finite number, or put it in quotes.");
                return Err(Problem::new(start, message));
            }
        };
        Ok((kind, data))
    }

    /// A slice of the source where the parser gave one, a copy otherwise.
    fn string(&mut self, text: &str, start: u32) -> Result<Str, Problem> {
        let at = (text.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize);
        match at {
            Some(at) if self.text.get(at..at + text.len()) == Some(text) => Ok(Builder::slice(at, text.len())),
            _ => {
                // Most owned strings are in the source word by word, right where the event starts.
                let at = start as usize;
                if self.text.get(at..at + text.len()) == Some(text) {
                    return Ok(Builder::slice(at, text.len()));
                }
                self.builder.keep(text, start)
            }
        }
    }
}

/// What a scalar means by its style and tag.
fn meaning(text: &str, style: ScalarStyle, tag: Option<&Tag>, start: u32) -> Result<Plain, Problem> {
    let Some(tag) = tag else {
        return Ok(if style == ScalarStyle::Plain { scalar::resolve(text) } else { Plain::String });
    };
    if is_non_specific(tag) {
        return Ok(Plain::String);
    }
    let name = core(tag);
    let wanted = match name {
        Some("str" | "binary" | "timestamp") => return Ok(Plain::String),
        Some("null") => Kind::Null,
        Some("bool") => Kind::Bool,
        Some("int" | "float") => Kind::Number,
        _ => return Err(foreign_tag(tag, start)),
    };
    let plain = scalar::resolve(text);
    if plain.kind() == wanted {
        return Ok(plain);
    }
    Err(Problem::new(
        start,
        format!("{text:?} isn't what its tag `!!{}` says. Fix the value or the tag.", name.unwrap_or_default()),
    ))
}

/// The name of a tag of YAML's own, however it is spelled: `!!str`, or `!<tag:yaml.org,2002:str>`.
fn core(tag: &Tag) -> Option<&str> {
    if tag.is_yaml_core_schema() {
        return Some(&tag.suffix);
    }
    if tag.handle.is_empty() { tag.suffix.strip_prefix("tag:yaml.org,2002:") } else { None }
}

/// `!` alone: "take it as it is".
fn is_non_specific(tag: &Tag) -> bool {
    matches!((tag.handle.as_str(), tag.suffix.as_str()), ("!", "") | ("", "!"))
}

fn foreign_tag(tag: &Tag, start: u32) -> Problem {
    let message = format!("The tag `{}{}` has no meaning in an OpenAPI document. Remove it.", tag.handle, tag.suffix);
    Problem::new(start, message)
}

/// Turns the parser's character counts into byte offsets. It moves with the events, which are nearly in order, so
/// that a document costs one walk over its text.
struct Cursor<'a> {
    text: &'a str,
    ascii: bool,
    chars: usize,
    bytes: usize,
}

impl Cursor<'_> {
    fn offset(&mut self, marker: &Marker) -> u32 {
        let target = marker.index();
        if self.ascii {
            return u32::try_from(target.min(self.text.len())).unwrap_or(u32::MAX);
        }
        let bytes = self.text.as_bytes();
        let continues = |at: usize| bytes.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
        while self.chars < target && self.bytes < bytes.len() {
            self.bytes += 1;
            while continues(self.bytes) {
                self.bytes += 1;
            }
            self.chars += 1;
        }
        while self.chars > target && self.bytes > 0 {
            self.bytes -= 1;
            while continues(self.bytes) {
                self.bytes -= 1;
            }
            self.chars -= 1;
        }
        u32::try_from(self.bytes).unwrap_or(u32::MAX)
    }
}
