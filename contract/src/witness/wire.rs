//! Messages as they are on the wire, for people to read.

use super::{
    Unproven,
    message::{Argument, Endpoint, Request, Response},
};
use crate::{
    compare::{
        parameters::Serialization,
        quoted,
        schema::Medium,
        security::{Alternative, Credential},
    },
    document::Document,
    exchange::essence,
    json_schema::value::Value,
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const NOT_WRITTEN: Unproven = Unproven::Beyond("an example of this media type can't be written");

/// A message in its parts.
pub(crate) struct Http {
    pub(crate) start_line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<String>,
}

/// A number for a response's key: the first of a range, and for the default one that no other response takes.
pub(super) fn status(key: &str, taken: &[u16]) -> Option<u16> {
    let free = |statuses: &[u16]| statuses.iter().copied().find(|status| !taken.contains(status));
    match key.to_ascii_uppercase().as_str() {
        "DEFAULT" => free(&[500, 503, 502, 400, 418]),
        "1XX" => free(&[102, 103]),
        "2XX" => free(&[200, 201, 202, 203]),
        "3XX" => free(&[302, 303, 307]),
        "4XX" => free(&[400, 422, 409, 418]),
        "5XX" => free(&[500, 503, 502]),
        number => number.parse().ok(),
    }
}

pub(super) fn request(document: &Document, end: &Endpoint, request: &Request) -> Result<Http, Unproven> {
    let mut headers: Vec<(String, String)> = Vec::new();
    let (host, prefix) = server(document);
    let mut target = end.address.clone();
    let mut query: Vec<(String, String)> = Vec::new();
    let mut cookies: Vec<String> = Vec::new();
    for argument in &request.arguments {
        match argument.location.as_str() {
            "path" => target = target.replace(&format!("{{{}}}", argument.name), &placed(argument)),
            "query" => query.extend(pairs(argument)),
            "header" => headers.push((argument.name.clone(), joined(argument))),
            "cookie" => cookies.push(format!("{}={}", argument.name, joined(argument))),
            _ => {}
        }
    }
    let mut sent: Vec<&Credential> = Vec::new();
    for wanted in request.credentials.iter().flat_map(Alternative::credentials) {
        // Two schemes may want the same header, which a message has once.
        if !sent.contains(&wanted) {
            sent.push(wanted);
            credential(wanted, &mut headers, &mut query, &mut cookies);
        }
    }
    if !cookies.is_empty() {
        headers.push(("Cookie".to_owned(), cookies.join("; ")));
    }
    // A callback's or webhook's address isn't this server's.
    let target = if target.starts_with('/') { format!("{prefix}{target}") } else { target };
    let query: Vec<String> =
        query.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let start_line = format!("{} {target}{query} HTTP/1.1", shared::findings::sent(&end.method));
    headers.insert(0, ("Host".to_owned(), host));
    let body = body(request.body.as_ref(), &request.parts, &mut headers)?;
    Ok(Http { start_line, headers, body })
}

pub(super) fn response(response: &Response) -> Result<Http, Unproven> {
    let reason = http::StatusCode::from_u16(response.status).ok().and_then(|status| status.canonical_reason());
    let start_line = format!("HTTP/1.1 {} {}", response.status, reason.unwrap_or_default()).trim_end().to_owned();
    let mut headers: Vec<(String, String)> =
        response.headers.iter().map(|(name, value)| (name.clone(), comma(value))).collect();
    let body = body(response.body.as_ref(), &[], &mut headers)?;
    Ok(Http { start_line, headers, body })
}

/// A body as text, with its `Content-Type`. `parts` are the media types of a multipart body's parts, by name.
fn body(
    body: Option<&(String, Value)>,
    parts: &[(String, String)],
    headers: &mut Vec<(String, String)>,
) -> Result<Option<String>, Unproven> {
    let Some((media_type, value)) = body else { return Ok(None) };
    let essence = essence(media_type);
    let written = match (essence.as_str(), value) {
        (json, value) if json.ends_with("json") => value.to_json(),
        ("*/*" | "application/*", value) => {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
            return Ok(Some(value.to_json()));
        }
        ("application/x-www-form-urlencoded", Value::Object(members)) => {
            let pair = |(name, value): (&String, &Value)| format!("{}={}", encoded(name), encoded(&comma(value)));
            members.iter().flat_map(each).map(pair).collect::<Vec<_>>().join("&")
        }
        ("multipart/form-data", Value::Object(members)) => {
            headers.push(("Content-Type".to_owned(), "multipart/form-data; boundary=part".to_owned()));
            let mut text = String::new();
            for (name, value) in members.iter().flat_map(each) {
                let media_type = parts.iter().find(|(part, _)| part == name).map(|(_, media_type)| media_type.as_str());
                text.push_str(&part(name, value, media_type)?);
            }
            return Ok(Some(format!("{text}--part--")));
        }
        (_, Value::Text(text)) => text.clone(),
        // What has an inside and is sent as text is JSON all the same, as far as anybody knows.
        (kind, value) if Medium::of_body(kind) == Medium::Text => value.to_json(),
        _ => return Err(NOT_WRITTEN),
    };
    headers.push(("Content-Type".to_owned(), media_type.clone()));
    Ok(Some(written))
}

/// A member of a form, once for each item where it is a list.
fn each((name, value): &(String, Value)) -> Vec<(&String, &Value)> {
    match value {
        Value::List(items) => items.iter().map(|item| (name, item)).collect(),
        value => vec![(name, value)],
    }
}

/// A part of a form (RFC 7578). Objects are JSON there, unless an encoding says otherwise.
fn part(name: &str, value: &Value, media_type: Option<&str>) -> Result<String, Unproven> {
    let (media_type, text) = match (value, media_type) {
        (Value::Object(_), None) => (Some("application/json"), value.to_json()),
        (value, Some(json)) if json.ends_with("json") => (Some(json), value.to_json()),
        (Value::Object(_), Some(_)) => return Err(NOT_WRITTEN),
        (value, media_type) => (media_type, comma(value)),
    };
    let media_type = media_type.map(|name| format!("Content-Type: {name}\r\n")).unwrap_or_default();
    Ok(format!("--part\r\nContent-Disposition: form-data; name=\"{name}\"\r\n{media_type}\r\n{text}\r\n"))
}

/// Host and path of the document's first server.
fn server(document: &Document) -> (String, String) {
    let tree = &document.tree;
    let server = document.root("servers").and_then(|list| tree.items(list).first().copied());
    let mut url = server.and_then(|server| tree.text_of(server, "url")).unwrap_or_default().to_owned();
    let variables = server.and_then(|server| tree.get(server, "variables"));
    for (name, variable) in variables.into_iter().flat_map(|map| tree.entries(map)).take(20) {
        url = url.replace(&format!("{{{name}}}"), tree.text_of(variable, "default").unwrap_or_default());
    }
    let (host, path) = match url.split_once("://") {
        Some((_, rest)) => {
            rest.split_once('/').map_or((rest, String::new()), |(host, path)| (host, format!("/{path}")))
        }
        None => ("", url.clone()),
    };
    let host = if host.is_empty() { "api.example.com" } else { host };
    (crate::text::cut(host, 200).into_owned(), crate::text::cut(path.trim_end_matches('/'), 200).into_owned())
}

fn credential(
    wanted: &Credential,
    headers: &mut Vec<(String, String)>,
    query: &mut Vec<(String, String)>,
    cookies: &mut Vec<String>,
) {
    let authorization = |value: &str| ("Authorization".to_owned(), value.to_owned());
    match wanted {
        Credential::Key { location, name } => match location.as_str() {
            "query" => query.push((name.clone(), "<key>".to_owned())),
            "cookie" => cookies.push(format!("{name}=<key>")),
            _ => headers.push((name.clone(), "<key>".to_owned())),
        },
        Credential::Authorization(scheme) => headers.push(match scheme.as_str() {
            "basic" => authorization("Basic <credentials>"),
            "bearer" | "" => authorization("Bearer <token>"),
            other => authorization(&format!("{} <credentials>", crate::compare::upper_first(&quoted(other)))),
        }),
        Credential::Certificate => {}
        Credential::Unknown => headers.push(authorization("<credentials>")),
    }
}

/// A query parameter's pairs, by its style.
fn pairs(argument: &Argument) -> Vec<(String, String)> {
    let Argument { name, value, serialization, .. } = argument;
    let Serialization { style, explode, media_type } = serialization;
    match value {
        value if media_type.is_some() => vec![(name.clone(), value.to_json())],
        Value::List(items) if *explode && style == "form" => {
            items.iter().map(|item| (name.clone(), comma(item))).collect()
        }
        Value::Object(members) if style == "deepObject" => {
            members.iter().map(|(key, value)| (format!("{name}[{key}]"), comma(value))).collect()
        }
        Value::Object(members) if *explode && style == "form" => {
            members.iter().map(|(key, value)| (key.clone(), comma(value))).collect()
        }
        _ => vec![(name.clone(), joined(argument))],
    }
}

/// A path parameter's value in its place, by its style (RFC 6570, 3.2.5 and 3.2.7 for those with a mark).
fn placed(argument: &Argument) -> String {
    let Argument { name, value, serialization, .. } = argument;
    let (mark, first) = match serialization.style.as_str() {
        "label" => (".", String::new()),
        "matrix" => (";", format!("{}=", encoded(name))),
        _ => return encoded(&joined(argument)),
    };
    let parts: Vec<String> = match value {
        Value::List(items) if serialization.explode => {
            items.iter().map(|item| format!("{first}{}", encoded(&comma(item)))).collect()
        }
        Value::Object(members) if serialization.explode => {
            members.iter().map(|(key, value)| format!("{}={}", encoded(key), encoded(&comma(value)))).collect()
        }
        value => vec![format!("{first}{}", encoded(&comma(value)))],
    };
    format!("{mark}{}", parts.join(mark))
}

/// A parameter's value in one piece.
fn joined(argument: &Argument) -> String {
    let Argument { value, serialization, .. } = argument;
    if serialization.media_type.is_some() {
        return value.to_json();
    }
    match (value, serialization.style.as_str()) {
        (Value::List(items), "spaceDelimited") => items.iter().map(comma).collect::<Vec<_>>().join(" "),
        (Value::List(items), "pipeDelimited") => items.iter().map(comma).collect::<Vec<_>>().join("|"),
        (Value::Object(members), _) if serialization.explode => {
            members.iter().map(|(key, value)| format!("{key}={}", comma(value))).collect::<Vec<_>>().join(",")
        }
        (value, _) => comma(value),
    }
}

/// A value as `simple` style has it.
fn comma(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::List(items) => items.iter().map(comma).collect::<Vec<_>>().join(","),
        Value::Object(members) => {
            members.iter().map(|(key, value)| format!("{key},{}", comma(value))).collect::<Vec<_>>().join(",")
        }
        value => value.to_json(),
    }
}

/// What is read without percent-encoding in a path or query, and what marks a place to fill in.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b',').remove(b'<').remove(b'>');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}
