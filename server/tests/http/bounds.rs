//! What the contract says of values that are sent is what the hub holds them to, no more and no less.

use crate::{
    declared::{CONTRACT, resolved, validator},
    support::{Browser, PASSWORD, TestHub, contract},
};
use proptest::prelude::*;
use reqwest::{Method, header};
use serde_json::{Value, json};
use shared::names::{DisplayName, Email, ServiceName, VersionLabel};

/// Bodies that hold, by the name of their schema.
fn sample(schema: &str) -> Value {
    match schema {
        "SignIn" => json!({"email": "ada@example.org", "password": PASSWORD}),
        "SetUp" => json!({"email": "eve@example.org", "displayName": "Eve", "password": PASSWORD, "code": "x"}),
        "NewService" => json!({"name": "catalog", "description": "For a test"}),
        "ChangeService" => json!({"name": "orders", "description": "For a test", "archived": false}),
        "NewApiToken" => json!({"name": "ci", "scopes": ["read"]}),
        "ChangeUser" => json!({"role": "developer", "disabled": false}),
        "ResetPassword" => json!({"password": PASSWORD}),
        schema => panic!("no sample of {schema}: add one, so that its bounds are tested"),
    }
}

/// Values that break one bound each.
fn broken(schema: &Value) -> Vec<Value> {
    let schema = resolved(schema);
    let number = |name: &str| schema[name].as_i64();
    let text = |length: u64| json!("x".repeat(usize::try_from(length).unwrap()));
    let mut values = Vec::new();
    values.extend(schema["maxLength"].as_u64().map(|most| text(most + 1)));
    values.extend(schema["minLength"].as_u64().filter(|least| *least > 0).map(|least| text(least - 1)));
    values.extend(number("maximum").map(|most| json!(most + 1)));
    values.extend(number("minimum").map(|least| json!(least - 1)));
    values.extend(schema["maxItems"].as_u64().map(|most| {
        let item = resolved(&schema["items"])["enum"][0].clone();
        Value::Array(vec![item; usize::try_from(most + 1).unwrap()])
    }));
    values.extend(schema["minItems"].as_u64().filter(|least| *least > 0).map(|_| json!([])));
    values.extend(schema["enum"].is_array().then(|| json!("no such value")));
    values.extend(schema["pattern"].is_string().then(|| json!("\u{1}")));
    values
}

async fn refuses(browser: &Browser, request: reqwest::RequestBuilder, what: &str) {
    let (status, code) = browser.send(request).await.refusal();
    assert!([(400, "bad-request"), (422, "invalid")].contains(&(status, code.as_str())), "{what}: {status} {code}");
}

/// Operations, each with its path, whose parameters are those of what is there, or could be.
fn operations() -> impl Iterator<Item = (String, Method, &'static Value)> {
    let paths = CONTRACT["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| {
        const ANY: &str = "00000000-0000-0000-0000-000000000000";
        let there =
            [("service", "orders"), ("label", "1.0.0"), ("base", "1.0.0"), ("revision", "1.0.0"), ("user", ANY)];
        let path = there.iter().fold(path.clone(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
        let operations = item.as_object().unwrap().iter();
        operations
            .map(move |(method, operation)| (path.clone(), method.to_ascii_uppercase().parse().unwrap(), operation))
    })
}

#[tokio::test]
async fn bounds_of_query_parameters_are_held() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    admin.publish("orders", &contract("1.0.0", "")).await;
    let mut tried = 0;
    for (path, method, operation) in operations() {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] != "query" {
                continue;
            }
            let name = parameter["name"].as_str().unwrap();
            for value in broken(&parameter["schema"]) {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let mut query = vec![(name, value.as_str())];
                // One that is needed can't be left out for another.
                query.extend([("method", "get"), ("path", "/x")].into_iter().filter(|(other, _)| *other != name));
                let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
                let request = admin
                    .request(method.clone(), &format!("{path}?{query}"))
                    .header(header::ACCEPT, "application/json")
                    .header(header::CONTENT_TYPE, "application/yaml");
                refuses(&admin, request, &format!("{method} {path}?{name}={value}")).await;
                tried += 1;
            }
        }
    }
    assert!(tried > 30, "{tried}");
}

#[tokio::test]
async fn bounds_of_bodies_are_held() {
    let (_hub, admin) = TestHub::set_up().await;
    let mut tried = 0;
    for (path, method, operation) in operations() {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let Some((_, name)) = schema["$ref"].as_str().and_then(|reference| reference.rsplit_once('/')) else {
            continue;
        };
        let good = sample(name);
        assert!(validator(schema).is_valid(&good), "{good}");
        // serde would read the members without their names as well, in the order of the source.
        let nameless = json!([null, null]);
        assert!(!validator(schema).is_valid(&nameless));
        refuses(&admin, admin.request(method.clone(), &path).json(&nameless), &format!("{method} {path} {nameless}"))
            .await;
        for (member, declared) in resolved(schema)["properties"].as_object().unwrap() {
            for value in broken(declared) {
                let mut body = good.clone();
                body[member] = value;
                let request = admin.request(method.clone(), &path).json(&body);
                refuses(&admin, request, &format!("{method} {path} {body}")).await;
                tried += 1;
            }
        }
    }
    assert!(tried > 10, "{tried}");
}

/// Texts around what names may be: their special characters, white space and control characters of all kinds.
fn text() -> impl Strategy<Value = String> {
    let special: Vec<char> =
        "aZ9-._+/?#%\\\"<>@ \u{0}\t\n\u{1f}\u{7f}\u{85}\u{9f}\u{a0}é\u{ad}\u{2028}\u{3000}\u{feff}😀".chars().collect();
    let letter =
        prop_oneof![4 => proptest::sample::select(special), 3 => proptest::char::range('a', 'c'), 1 => any::<char>()];
    let length = prop_oneof![0..6_usize, 60..84_usize];
    length.prop_flat_map(move |length| proptest::collection::vec(letter.clone(), length)).prop_map(String::from_iter)
}

fn is_declared(name: &str, text: &str) -> bool {
    validator(&json!({"$ref": format!("#/components/schemas/{name}")})).is_valid(&json!(text))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_name_is_taken_exactly_where_the_contract_says_so(text in text()) {
        let typed = || text.clone();
        prop_assert_eq!(ServiceName::try_from(typed()).is_ok(), is_declared("ServiceName", &text));
        prop_assert_eq!(VersionLabel::try_from(typed()).is_ok(), is_declared("VersionLabel", &text));
        prop_assert_eq!(DisplayName::try_from(typed()).is_ok(), is_declared("DisplayName", &text));
        prop_assert_eq!(Email::try_from(typed()).is_ok(), is_declared("Email", &text));
    }

    #[test]
    fn an_address_is_taken_exactly_where_the_contract_says_so(local in text(), domain in "(localhost|[ab.@ \u{a0}\t-]{0,6})") {
        let text = format!("{local}@{domain}");
        prop_assert_eq!(Email::try_from(text.clone()).is_ok(), is_declared("Email", &text));
    }
}

#[test]
fn labels_of_dots() {
    for text in [".", "..", "...", "....", ".a", "..a", "a..", "1.0.0"] {
        assert_eq!(VersionLabel::try_from(text.to_owned()).is_ok(), is_declared("VersionLabel", text), "{text}");
    }
}
