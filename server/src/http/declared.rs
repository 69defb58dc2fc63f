//! Holds what comes in against what the contract says of it: lengths, bounds and numbers of items.
//!
//! A type's annotation is where such a bound is written, once; this enforces what is written there. Members whose types
//! check themselves (names, ids, enums) are references in the contract, and were held against it when they were read.

use serde_json::Value;
use shared::ApiError;
use utoipa::openapi::{
    RefOr, Schema,
    path::Parameter,
    schema::{Array, ArrayItems, Object},
};

/// Checks a JSON value.
pub fn value(schema: &RefOr<Schema>, value: &Value) -> Result<(), ApiError> {
    check(schema, value, "")
}

/// Checks query parameters, as they are in the query.
pub fn query(parameters: &[Parameter], query: &str) -> Result<(), ApiError> {
    for (name, text) in form_urlencoded::parse(query.as_bytes()) {
        let declared = parameters.iter().find(|parameter| parameter.name == name);
        if let Some(schema) = declared.and_then(|parameter| parameter.schema.as_ref()) {
            let number = text.parse().map(Value::Number).ok();
            // Which of the two it is was settled when it was read.
            check(schema, &Value::String(text.into_owned()), &name)?;
            number.map_or(Ok(()), |number| check(schema, &number, &name))?;
        }
    }
    Ok(())
}

fn check(schema: &RefOr<Schema>, value: &Value, at: &str) -> Result<(), ApiError> {
    match (schema, value) {
        (RefOr::T(Schema::Object(schema)), Value::String(text)) => length(schema, text.chars().count(), at),
        (RefOr::T(Schema::Object(schema)), Value::Number(number)) => bounds(schema, number.as_f64(), at),
        (RefOr::T(Schema::Object(schema)), Value::Object(members)) => {
            let declared = |name: &String| schema.properties.get(name);
            let mut known = members.iter().filter_map(|(name, value)| Some((name, declared(name)?, value)));
            known.try_for_each(|(name, schema, value)| check(schema, value, &inside(at, name)))
        }
        // serde reads a list of a structure's members as the structure.
        (RefOr::T(Schema::Object(schema)), Value::Array(_)) if !schema.properties.is_empty() => {
            Err(ApiError::invalid(at, "This must be an object with named members, not a list."))
        }
        (RefOr::T(Schema::Array(schema)), Value::Array(items)) => {
            number_of_items(schema, items.len(), at)?;
            let ArrayItems::RefOrSchema(schema) = &schema.items else { return Ok(()) };
            let mut items = items.iter().enumerate();
            items.try_for_each(|(index, item)| check(schema, item, &inside(at, &index.to_string())))
        }
        _ => Ok(()),
    }
}

fn inside(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

fn length(schema: &Object, length: usize, at: &str) -> Result<(), ApiError> {
    within(length, schema.min_length, schema.max_length, "characters", at)
}

fn number_of_items(schema: &Array, items: usize, at: &str) -> Result<(), ApiError> {
    within(items, schema.min_items, schema.max_items, "items", at)
}

fn within(number: usize, least: Option<usize>, most: Option<usize>, of: &str, at: &str) -> Result<(), ApiError> {
    match (least, most) {
        (_, Some(most)) if number > most => {
            Err(ApiError::invalid(at, format!("{at} can have at most {most} {of}, not {number}.")))
        }
        (Some(least), _) if number < least => {
            Err(ApiError::invalid(at, format!("{at} must have at least {least} {of}, not {number}.")))
        }
        _ => Ok(()),
    }
}

fn bounds(schema: &Object, number: Option<f64>, at: &str) -> Result<(), ApiError> {
    let bound = |bound: &Option<utoipa::Number>| bound.as_ref().map(as_f64);
    let (least, most) = (bound(&schema.minimum), bound(&schema.maximum));
    match (number, least, most) {
        (Some(number), _, Some(most)) if number > most => {
            Err(ApiError::invalid(at, format!("{at} can be at most {most}, not {number}.")))
        }
        (Some(number), Some(least), _) if number < least => {
            Err(ApiError::invalid(at, format!("{at} must be at least {least}, not {number}.")))
        }
        _ => Ok(()),
    }
}

#[allow(clippy::cast_precision_loss, reason = "bounds are small numbers")]
fn as_f64(number: &utoipa::Number) -> f64 {
    match number {
        utoipa::Number::Int(number) => *number as f64,
        utoipa::Number::UInt(number) => *number as f64,
        utoipa::Number::Float(number) => *number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use shared::comparisons::FindingQuery;
    use utoipa::{IntoParams as _, PartialSchema as _};

    #[derive(utoipa::ToSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    struct Sample {
        #[schema(min_length = 2, max_length = 3)]
        text: String,
        #[schema(minimum = 1, maximum = 5)]
        number: Option<u32>,
        #[schema(min_items = 1, max_items = 2)]
        items: Vec<String>,
    }

    #[test]
    fn a_bound_is_held_where_it_is_declared() {
        for (sent, field) in [
            (json!({"text": "ab", "number": 1, "items": ["x"]}), None),
            (json!({"text": "öäü", "number": 5, "items": ["x", "y"]}), None),
            (json!({"text": "a"}), Some("text")),
            (json!({"text": "abcd"}), Some("text")),
            (json!({"number": 0}), Some("number")),
            (json!({"number": 6}), Some("number")),
            (json!({"items": []}), Some("items")),
            (json!({"items": ["x", "y", "z"]}), Some("items")),
            (json!({"other": "abcd", "number": null}), None),
            (json!(["ab", 1, ["x"]]), Some("")),
        ] {
            let refused = value(&Sample::schema(), &sent).err();
            assert_eq!(refused.as_ref().map(|error| error.details[0].field.as_str()), field, "{sent}");
        }
    }

    #[test]
    fn query_parameters_are_read_before_they_are_measured() {
        let parameters = FindingQuery::into_params(|| None);
        for (text, field) in [
            ("limit=200&search=a&other=1".to_owned(), None),
            ("limit=201".to_owned(), Some("limit")),
            ("limit=0".to_owned(), Some("limit")),
            // 200 characters, in 600 bytes and 1,800 of the query.
            (format!("search={}", "%E2%82%AC".repeat(200)), None),
            (format!("search={}", "%E2%82%AC".repeat(201)), Some("search")),
        ] {
            let refused = query(&parameters, &text).err();
            assert_eq!(refused.as_ref().map(|error| error.details[0].field.as_str()), field, "{text}");
        }
    }
}
