//! Deprecations, sunsets and stability levels.

use super::super::{path, request, response};

/// What a life's change is told as, by the life before and after; `-` where the thing is gone. `D` stands for the rule
/// that tells a deprecation, `U` for the one that tells its end.
pub const LIVES: &[(&str, &str, &str)] = &[
    ("", "deprecated: true", "D"),
    ("deprecated: true", "", "U"),
    ("", "deprecated: true, x-sunset: '2027-06-30'", "D sunset-added"),
    ("", "deprecated: true, x-sunset: '2027-06-30T12:00:00Z'", "D sunset-added"),
    ("", "deprecated: true, x-sunset: '2027-01-31'", "D sunset-added"),
    ("", "deprecated: true, x-sunset: '2027-01-30'", "D sunset-too-soon"),
    ("", "deprecated: true, x-sunset: soon", "D sunset-invalid"),
    ("", "deprecated: true, x-sunset: 2027", "D sunset-invalid"),
    ("deprecated: true", "deprecated: true, x-sunset: '2027-06-30'", "sunset-added"),
    ("deprecated: true, x-sunset: '2027-06-30'", "deprecated: true", "sunset-removed"),
    ("deprecated: true, x-sunset: '2027-06-30'", "", "U"),
    ("deprecated: true, x-sunset: '2027-06-30'", "deprecated: true, x-sunset: '2027-07-30'", "sunset-moved-later"),
    (
        "deprecated: true, x-sunset: '2027-06-30'",
        "deprecated: true, x-sunset: '2027-05-30'",
        "sunset-moved-earlier@risky",
    ),
    ("deprecated: true, x-sunset: '2027-06-30'", "deprecated: true, x-sunset: '2027-01-30'", "sunset-moved-earlier"),
    ("deprecated: true, x-sunset: '2027-06-30'", "deprecated: true, x-sunset: never", "sunset-invalid"),
    ("deprecated: true, x-sunset: never", "deprecated: true, x-sunset: '2027-06-30'", "sunset-added"),
    ("deprecated: true, x-sunset: never", "deprecated: true, x-sunset: never", ""),
    ("x-stability-level: stable", "x-stability-level: beta", "stability-decreased"),
    ("x-stability-level: draft", "x-stability-level: alpha", "stability-increased"),
    ("x-stability-level: alpha", "x-stability-level: draft", "stability-decreased"),
    ("x-stability-level: stable", "", ""),
    ("", "x-stability-level: beta", "stability-decreased@risky"),
    ("x-stability-level: beta", "", "stability-increased"),
    ("", "x-stability-level: ready", "stability-invalid"),
    ("x-stability-level: ready", "x-stability-level: ready", ""),
    ("x-stability-level: ready", "x-stability-level: stable", ""),
];

/// Things that live: how a document is made around one, and the rules that tell of its deprecation and the end of it.
pub type Thing = (fn(&str) -> String, &'static str, &'static str);

pub const THINGS: &[Thing] = &[
    (|life| path(&format!("get: {{{life}}}, post: {{}}")), "operation-deprecated", "operation-undeprecated"),
    (
        |life| path(&format!("get: {{parameters: [{{name: q, in: query, schema: {{}}, {life}}}]}}")),
        "parameter-deprecated",
        "parameter-undeprecated",
    ),
    (
        |life| request("3.1.0", &format!("{{properties: {{a: {{type: string, {life}}}}}}}")),
        "property-deprecated",
        "property-undeprecated",
    ),
    (
        |life| response("3.1.0", &format!("{{properties: {{a: {{type: string, {life}}}}}}}")),
        "property-deprecated",
        "property-undeprecated",
    ),
];
