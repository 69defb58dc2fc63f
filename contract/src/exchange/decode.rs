//! Parameters as they are on the wire: which values they can mean.

use crate::{compare::parameters::Serialization, json_schema::value::Value};
use percent_encoding::percent_decode_str;

/// A request's parts that have parameters in them.
#[derive(Debug, Default)]
pub(crate) struct Arrived {
    /// The path's values by name, as they are written.
    pub(crate) path: Vec<(String, String)>,
    /// Names and values as they are written.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) cookies: Vec<(String, String)>,
}

impl Arrived {
    /// What is in a request's address and headers, besides the path's values.
    pub(crate) fn new(query: &str, headers: &[(String, String)]) -> Self {
        let pair = |text: &str| {
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            (decoded(name), value.to_owned())
        };
        let query = query.split('&').filter(|text| !text.is_empty()).map(pair).collect();
        let cookies = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
        let cookies = cookies.flat_map(|(_, value)| value.split("; ")).map(pair).collect();
        Self { path: Vec::new(), query, headers: headers.to_vec(), cookies }
    }
}

/// A parameter to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'p> {
    pub(crate) location: &'p str,
    pub(crate) name: &'p str,
    pub(crate) serialization: &'p Serialization,
    /// Whether it may be an object, so that an exploded one takes its members from the whole query.
    pub(crate) object: bool,
    /// Names of the operation's other parameters in the same place.
    pub(crate) others: &'p [&'p str],
}

/// Each value that a parameter may have, as its text can be read; none where it isn't there.
///
/// A text is a list, an object or a plain value by the schema alone, which may leave it open. A reader that takes one of
/// the readings takes the message.
pub(crate) fn readings(arrived: &Arrived, wanted: Wanted<'_>) -> Vec<Value> {
    let Wanted { location, name, serialization, object, .. } = wanted;
    let Serialization { style, explode, media_type } = serialization;
    let by_name = |pairs: &[(String, String)], same: fn(&str, &str) -> bool| -> Vec<String> {
        pairs.iter().filter(|(given, _)| same(given, name)).map(|(_, value)| value.clone()).collect()
    };
    let texts = match location {
        "path" => by_name(&arrived.path, str::eq),
        "header" => by_name(&arrived.headers, str::eq_ignore_ascii_case),
        "cookie" => by_name(&arrived.cookies, str::eq),
        "query" => by_name(&arrived.query, str::eq),
        _ => return Vec::new(),
    };
    if let Some(media_type) = media_type {
        let texts = texts.iter().map(|text| decoded(text));
        let is_json = media_type.contains("json");
        return if is_json { texts.filter_map(|text| json(&text)).collect() } else { texts.map(Value::Text).collect() };
    }
    let mut found = Vec::new();
    let members = if object { exploded(arrived, wanted) } else { Vec::new() };
    if !members.is_empty() {
        found.push(Value::Object(members));
    }
    match &texts[..] {
        [] => {}
        // One item of a list that has a pair for each.
        [text] if *explode && matches!(style.as_str(), "form" | "cookie") => {
            found.extend([Value::Text(decoded(text)), Value::List(vec![Value::Text(decoded(text))])]);
        }
        [text] => one(text, location, style, *explode, &mut found, name),
        several if *explode => {
            found.push(Value::List(several.iter().map(|text| Value::Text(decoded(text))).collect()));
        }
        // No style without `explode` has a name twice.
        [last, ..] => found.push(Value::Text(decoded(last))),
    }
    found
}

/// The members of an object that are parameters by themselves on the wire.
fn exploded(arrived: &Arrived, wanted: Wanted<'_>) -> Vec<(String, Value)> {
    let Wanted { location, name, serialization: Serialization { style, explode, .. }, others, .. } = wanted;
    let pairs = match location {
        "query" => &arrived.query,
        "cookie" => &arrived.cookies,
        _ => return Vec::new(),
    };
    let mut members: Vec<(String, Value)> = Vec::new();
    for (given, value) in pairs {
        let member = match style.as_str() {
            "deepObject" => given.strip_prefix(name).and_then(|rest| rest.strip_prefix('[')?.strip_suffix(']')),
            "form" | "cookie" if *explode => (!others.contains(&given.as_str())).then_some(given.as_str()),
            _ => None,
        };
        let Some(member) = member else { continue };
        let value = Value::Text(decoded(value));
        match members.iter_mut().find(|(known, _)| known == member) {
            Some((_, Value::List(items))) => items.push(value),
            Some((_, known)) => *known = Value::List(vec![known.clone(), value]),
            None => members.push((member.to_owned(), value)),
        }
    }
    members
}

/// What one text can mean.
fn one(text: &str, location: &str, style: &str, explode: bool, found: &mut Vec<Value>, name: &str) {
    let text = match (location, style) {
        ("path", "label") => text.strip_prefix('.').unwrap_or(text).to_owned(),
        ("path", "matrix") => text.strip_prefix(';').unwrap_or(text).to_owned(),
        _ => text.to_owned(),
    };
    let split: fn(&str) -> Vec<String> = match (style, explode) {
        ("label", true) => |text| text.split('.').map(decoded).collect(),
        ("matrix", true) => |text| text.split(';').map(decoded).collect(),
        ("spaceDelimited", _) => |text| decoded(text).split(' ').map(str::to_owned).collect(),
        ("pipeDelimited", _) => |text| decoded(text).split('|').map(str::to_owned).collect(),
        _ => |text| text.split(',').map(decoded).collect(),
    };
    let value = if style == "matrix" {
        text.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')).unwrap_or(&text).to_owned()
    } else {
        text.clone()
    };
    found.push(Value::Text(decoded(&value)));
    let parts = split(&value);
    let bare = |part: &String| match part.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
        Some(rest) if style == "matrix" && explode => Value::Text(rest.to_owned()),
        _ => Value::Text(part.clone()),
    };
    found.push(Value::List(parts.iter().map(bare).collect()));
    if explode {
        let pairs = parts.iter().map(|part| part.split_once('='));
        let pairs = pairs.map(|pair| pair.map(|(name, value)| (name.to_owned(), Value::text(value))));
        found.extend(pairs.collect::<Option<Vec<_>>>().map(Value::Object));
    } else if parts.len().is_multiple_of(2) {
        let pairs = parts.chunks(2).map(|pair| (pair[0].clone(), Value::Text(pair[1].clone())));
        found.push(Value::Object(pairs.collect()));
    }
}

/// A JSON text; anything else is a plain text, as far as its reader knows.
fn json(text: &str) -> Option<Value> {
    /// The most parts of one value.
    const MAX: usize = 10_000;
    let (tree, ..) = crate::read::read(text.as_bytes(), &crate::Limits::default()).ok()?;
    Value::read(&tree, crate::tree::NodeId::ROOT, MAX)
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let serialization = |style: &str, explode| Serialization { style: style.to_owned(), explode, media_type: None };
        let mut wrong = Vec::new();
        for (location, style, explode, on_the_wire, expected) in [
            ("query", "form", true, "p=a", r#""a""#),
            ("query", "form", true, "p=a&p=b", r#"["a", "b"]"#),
            ("query", "form", false, "p=a,b%2Cc", r#"["a", "b,c"]"#),
            ("query", "form", true, "x=1&y=2&other=3", r#"{"x": "1", "y": "2"}"#),
            ("query", "form", false, "p=x,1,y,2", r#"{"x": "1", "y": "2"}"#),
            ("query", "deepObject", true, "p%5Bx%5D=1&q=2", r#"{"x": "1"}"#),
            ("query", "spaceDelimited", false, "p=a%20b", r#"["a", "b"]"#),
            ("query", "pipeDelimited", false, "p=a%7Cb", r#"["a", "b"]"#),
            ("path", "simple", false, "a,b", r#"["a", "b"]"#),
            ("path", "simple", true, "x=1,y=2", r#"{"x": "1", "y": "2"}"#),
            ("path", "label", true, ".a.b", r#"["a", "b"]"#),
            ("path", "label", false, ".a", r#""a""#),
            ("path", "matrix", true, ";p=a;p=b", r#"["a", "b"]"#),
            ("path", "matrix", false, ";p=a,b", r#"["a", "b"]"#),
            ("path", "matrix", true, ";x=1;y=2", r#"{"x": "1", "y": "2"}"#),
            ("header", "simple", false, "a,b", r#"["a", "b"]"#),
            ("cookie", "form", true, "a b", r#""a b""#),
        ] {
            let text = on_the_wire.to_owned();
            let arrived = match location {
                "query" => Arrived::new(&text, &[]),
                "path" => Arrived { path: vec![("p".to_owned(), text)], ..Arrived::default() },
                "header" => Arrived::new("", &[("P".to_owned(), text)]),
                _ => Arrived::new("", &[("Cookie".to_owned(), format!("p={text}"))]),
            };
            let serialization = serialization(style, explode);
            let wanted =
                Wanted { location, name: "p", serialization: &serialization, object: true, others: &["other"] };
            let read: Vec<String> = readings(&arrived, wanted).iter().map(Value::to_json).collect();
            if !read.iter().any(|read| read == expected) {
                wrong.push(format!("{location} {style} {explode} {on_the_wire}: {read:?} lacks {expected}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
