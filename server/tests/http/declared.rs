//! Holds each answer that any test here gets against the hub's own contract: status, headers, media type and body.
//!
//! Stricter than a client would be: a member, a status or a media type that isn't declared fails as well.

use crate::support::TestResponse;
use jsonschema::{Draft, Validator};
use reqwest::{Method, StatusCode};
use serde_json::{Map, Value, json};
use shared::ErrorCode;
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

/// Declared by `default` alone, since they say nothing of the operation.
const ANYWHERE: [u16; 4] = [405, 408, 500, 504];

/// The contract, with every object closed against members that aren't declared.
pub static CONTRACT: LazyLock<Value> = LazyLock::new(|| {
    let mut contract = serde_json::from_str(&server::api::document().unwrap()).unwrap();
    close(&mut contract);
    contract
});

fn close(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.get("properties").is_some_and(Value::is_object) {
                members.entry("additionalProperties").or_insert(Value::Bool(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// What a reference stands for.
pub fn resolved(value: &Value) -> &Value {
    match value["$ref"].as_str() {
        Some(reference) => CONTRACT.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

/// Fails when the answer isn't one that the contract declares.
pub fn check(method: &Method, path: &str, answer: &TestResponse) {
    if !path.starts_with("/api/v1/") || path == "/api/v1/openapi.json" {
        return;
    }
    let context = || format!("{method} {path}: {} {:?} {}", answer.status, answer.headers, answer.text);
    let item = operations(path);
    let status = answer.status.as_u16().to_string();
    let called = if method == Method::HEAD { "get" } else { &method.as_str().to_ascii_lowercase() };
    let any_error = &CONTRACT["components"]["responses"]["Error"];
    let response = match item.and_then(|item| item.get(called)) {
        Some(operation) => match &operation["responses"] {
            responses if responses[&status].is_object() => resolved(&responses[&status]),
            responses if ANYWHERE.contains(&answer.status.as_u16()) => resolved(&responses["default"]),
            _ => panic!("an answer with a status that isn't declared: {}", context()),
        },
        None if answer.status.is_client_error() || answer.status.is_server_error() => any_error,
        None => panic!("an operation that isn't declared: {}", context()),
    };
    check_headers(response, answer, &context);
    if answer.status == StatusCode::METHOD_NOT_ALLOWED {
        let allowed = answer.header("allow").split(',').map(|method| method.trim().to_ascii_lowercase());
        let implied = |method: &String| !["head", "options"].contains(&method.as_str());
        let mut allowed: Vec<String> = allowed.filter(implied).collect();
        allowed.sort();
        let declared: Vec<String> = item.map(|item| item.keys().cloned().collect()).unwrap_or_default();
        assert_eq!(allowed, declared, "`Allow` lists what is declared: {}", context());
    }
    check_body(method, response, answer, &context);
}

/// The operations at a path, by method. A template's segment stands for any; a literal one goes first.
fn operations(path: &str) -> Option<&'static Map<String, Value>> {
    let segments: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let parts: Vec<&str> = template.split('/').collect();
        parts.len() == segments.len()
            && parts.iter().zip(&segments).all(|(part, segment)| part == segment || part.starts_with('{'))
    };
    let paths = CONTRACT["paths"].as_object().unwrap();
    let found = paths.iter().filter(|(template, _)| fits(template));
    found.min_by_key(|(template, _)| template.matches('{').count()).map(|(_, item)| item.as_object().unwrap())
}

fn check_headers(response: &Value, answer: &TestResponse, context: &dyn Fn() -> String) {
    for (name, header) in response["headers"].as_object().into_iter().flatten() {
        let there = answer.headers.contains_key(name);
        assert!(there || header["required"] != true, "the header {name} is declared and missing: {}", context());
    }
    if answer.headers.contains_key("retry-after") {
        assert!(answer.header("retry-after").parse::<u32>().is_ok(), "seconds: {}", context());
    }
    for name in ["location", "retry-after"] {
        let declared = response["headers"]
            .as_object()
            .is_some_and(|headers| headers.keys().any(|declared| declared.eq_ignore_ascii_case(name)));
        assert!(declared || !answer.headers.contains_key(name), "the header {name} isn't declared: {}", context());
    }
}

fn check_body(method: &Method, response: &Value, answer: &TestResponse, context: &dyn Fn() -> String) {
    let Some(content) = response["content"].as_object() else {
        assert_eq!(answer.text, "", "a body that isn't declared: {}", context());
        return;
    };
    let media = answer.header("content-type").split(';').next().unwrap_or_default();
    let Some(declared) = content.get(media) else {
        panic!("the media type {media:?} isn't declared: {}", context());
    };
    if method == Method::HEAD || !(media == "application/json" || media.ends_with("+json")) {
        return;
    }
    let body = answer.json();
    let errors: Vec<String> = validator(&declared["schema"])
        .iter_errors(&body)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "the body isn't what is declared: {errors:?}: {}", context());
}

/// The validator of a schema of the contract.
pub fn validator(schema: &Value) -> Arc<Validator> {
    static KNOWN: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let key = schema.to_string();
    let mut known = KNOWN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let made = known.entry(key).or_insert_with(|| {
        let document = json!({"allOf": [schema], "components": CONTRACT["components"]});
        let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
        Arc::new(options.build(&document).unwrap())
    });
    Arc::clone(made)
}

#[test]
fn error_codes_are_declared_as_they_are_sent() {
    let declared = CONTRACT["components"]["schemas"]["ErrorCode"]["enum"].clone();
    assert_eq!(declared, serde_json::to_value(ErrorCode::ALL).unwrap());
    let released = include_str!("../../../docs/openapi/released.json");
    let released: Value = serde_json::from_str(released).unwrap();
    for code in released["components"]["schemas"]["ErrorCode"]["enum"].as_array().unwrap() {
        assert!(declared.as_array().unwrap().contains(code), "{code} of the last release is no code");
    }
}

#[test]
#[should_panic(expected = "a status that isn't declared")]
fn an_answer_that_is_not_declared_is_found() {
    let answer =
        TestResponse { status: StatusCode::GONE, headers: reqwest::header::HeaderMap::new(), text: String::new() };
    check(&Method::GET, "/api/v1/services", &answer);
}

#[test]
#[should_panic(expected = "the body isn't what is declared")]
fn a_member_that_is_not_declared_is_found() {
    let body = json!({"success": true, "data": {"items": [], "nextCursor": null, "more": 1}, "error": null});
    let headers = [("content-type", "application/json"), ("x-trace-id", "1"), ("etag", "W/\"1\"")];
    let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    let answer =
        TestResponse { status: StatusCode::OK, headers: headers.into_iter().collect(), text: body.to_string() };
    check(&Method::GET, "/api/v1/services", &answer);
}
