//! Who may do what: each operation of the hub's own contract, by each kind of caller.

use crate::{
    declared::CONTRACT,
    support::{Browser, PASSWORD, Stream, TestHub, contract, first_admin},
};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fmt::Write as _};

/// What an operation asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// Nothing: it proves by itself who may do it.
    Nothing,
    /// To be somebody.
    Anybody,
    /// To read; lists tell a bound token of its services.
    Reader,
    /// To read this service.
    ReaderOf,
    /// To publish to this service.
    PublisherOf,
    Maintainer,
    /// To change this service itself.
    MaintainerOf,
    /// A person, for what is their own.
    Person,
    /// A person who may have API tokens.
    TokenOwner,
    Admin,
}

use Needs::{Admin, Anybody, Maintainer, MaintainerOf, Nothing, Person, PublisherOf, Reader, ReaderOf, TokenOwner};

/// Each operation and what it needs. The last ones end what the others need: the service, and the session.
const OPERATIONS: &[(&str, &str, Needs)] = &[
    ("get", "/api/v1/api-tokens", TokenOwner),
    ("post", "/api/v1/api-tokens", TokenOwner),
    ("delete", "/api/v1/api-tokens/{token}", TokenOwner),
    ("get", "/api/v1/events", Reader),
    ("get", "/api/v1/jobs", Admin),
    ("post", "/api/v1/jobs/{job}/retries", Admin),
    ("get", "/api/v1/services", Reader),
    ("post", "/api/v1/services", Maintainer),
    ("get", "/api/v1/services/{service}", ReaderOf),
    ("get", "/api/v1/services/{service}/settings", ReaderOf),
    ("put", "/api/v1/services/{service}/settings", MaintainerOf),
    ("get", "/api/v1/services/{service}/comparisons/{base}/{revision}", ReaderOf),
    ("get", "/api/v1/services/{service}/comparisons/{base}/{revision}/findings", ReaderOf),
    ("get", "/api/v1/services/{service}/policy", ReaderOf),
    ("put", "/api/v1/services/{service}/policy", PublisherOf),
    ("get", "/api/v1/services/{service}/versions", ReaderOf),
    ("post", "/api/v1/services/{service}/versions", PublisherOf),
    ("get", "/api/v1/services/{service}/versions/{label}", ReaderOf),
    ("get", "/api/v1/services/{service}/versions/{label}/document", ReaderOf),
    ("get", "/api/v1/services/{service}/versions/{label}/lint", ReaderOf),
    ("get", "/api/v1/services/{service}/versions/{label}/lint/findings", ReaderOf),
    ("get", "/api/v1/services/{service}/versions/{label}/operation", ReaderOf),
    ("get", "/api/v1/services/{service}/versions/{label}/operations", ReaderOf),
    ("get", "/api/v1/services/{service}/versions/{label}/outline", ReaderOf),
    ("get", "/api/v1/services/{service}/versions/{label}/schemas", ReaderOf),
    ("get", "/api/v1/services/{service}/versions/{label}/schemas/{name}", ReaderOf),
    ("get", "/api/v1/sessions", Person),
    ("delete", "/api/v1/sessions/{session}", Person),
    ("post", "/api/v1/set-up", Nothing),
    ("get", "/api/v1/users", Admin),
    ("get", "/api/v1/users/me", Anybody),
    ("patch", "/api/v1/users/{user}", Admin),
    ("get", "/api/v1/users/{user}/api-tokens", Admin),
    ("post", "/api/v1/users/{user}/password-resets", Admin),
    ("delete", "/api/v1/users/{user}/sessions", Admin),
    ("get", "/api/v1/users/{user}/sessions", Admin),
    // It ends what the others are about.
    ("delete", "/api/v1/services/{service}", Admin),
    ("post", "/api/v1/sessions", Nothing),
    ("delete", "/api/v1/sessions/current", Nothing),
];

/// A kind of caller.
#[derive(Debug, Clone, Copy)]
struct Kind {
    name: &'static str,
    /// 0 for nobody, then as the roles go up.
    role: u8,
    /// What an API token may do: read, publish.
    token: Option<(bool, bool)>,
    /// Whether a token is bound to the service of the table or to another one.
    bound: Option<bool>,
}

const fn person(name: &'static str, role: u8) -> Kind {
    Kind { name, role, token: None, bound: None }
}

const fn token(name: &'static str, read: bool, publish: bool, bound: Option<bool>) -> Kind {
    Kind { name, role: 4, token: Some((read, publish)), bound }
}

/// The tokens are an admin's, whose role allows everything: what is refused, the token refuses.
const KINDS: &[Kind] = &[
    person("nobody", 0),
    person("viewer", 1),
    person("developer", 2),
    person("maintainer", 3),
    person("admin", 4),
    token("token: read", true, false, None),
    token("token: publish", false, true, None),
    token("token: read, publish", true, true, None),
    token("token: read, publish, bound to the service", true, true, Some(true)),
    token("token: read, bound to the service", true, false, Some(true)),
    token("token: read, publish, bound to another service", true, true, Some(false)),
];

/// The status of a refusal.
fn refusal(needs: Needs, kind: Kind) -> Option<u16> {
    let (read, publish) = kind.token.unwrap_or((true, true));
    let here = kind.bound != Some(false);
    let may = match needs {
        Nothing => return None,
        _ if kind.role == 0 => return Some(401),
        Anybody => true,
        Reader => read,
        ReaderOf => read && here,
        PublisherOf => kind.role >= 2 && publish && here,
        Maintainer | MaintainerOf => kind.role >= 3 && kind.token.is_none(),
        Person => kind.token.is_none(),
        TokenOwner => kind.role >= 2 && kind.token.is_none(),
        Admin => kind.role >= 4 && kind.token.is_none(),
    };
    (!may).then_some(403)
}

/// Sends an operation such that it does nothing lasting where it is allowed.
async fn status(browser: &Browser, method: &str, template: &str) -> StatusCode {
    let mut path = template.to_owned();
    for (parameter, value) in [
        ("{service}", "orders"),
        ("{label}", "1.0.0"),
        ("{base}", "1.0.0"),
        ("{revision}", "1.0.0"),
        ("{name}", "Order"),
        ("{user}", "01890a5d-ac96-774b-bcce-b302099a8057"),
        ("{job}", "01890a5d-ac96-774b-bcce-b302099a8057"),
        ("{token}", "01890a5d-ac96-774b-bcce-b302099a8057"),
        ("{session}", "01890a5d-ac96-774b-bcce-b302099a8057"),
    ] {
        path = path.replace(parameter, value);
    }
    if template.ends_with("/operation") {
        path += "?method=get&path=/orders/%7BorderId%7D";
    }
    let method: Method = method.to_uppercase().parse().unwrap();
    let request = browser.request(method.clone(), &path).header(header::ACCEPT, "application/json");
    let request = match (method.as_str(), template) {
        ("POST", "/api/v1/services/{service}/versions") => {
            request.header(header::CONTENT_TYPE, "application/yaml").body(contract("1.0.0", ""))
        }
        ("PUT", "/api/v1/services/{service}/settings") => {
            request.json(&json!({"name": "orders", "description": "For a test", "archived": false}))
        }
        ("PUT", _) => request.header(header::CONTENT_TYPE, "application/toml").body(""),
        ("POST", "/api/v1/api-tokens") => request.json(&json!({"name": "ci", "scopes": ["read"]})),
        ("POST", "/api/v1/services") => request.json(&json!({"name": "orders", "description": ""})),
        ("POST", "/api/v1/sessions") => request.json(&json!({"email": "viewer@example.org", "password": PASSWORD})),
        ("POST", "/api/v1/set-up") => request.json(&first_admin(&browser.set_up_code)),
        ("POST" | "PATCH", _) => request.json(&json!({})),
        _ => request,
    };
    // Not through the browser, which would take the cookies of signing in.
    request.send().await.unwrap().status()
}

async fn caller(hub: &TestHub, admin: &Browser, kind: Kind) -> Browser {
    match (kind.role, kind.token) {
        (0, _) => hub.browser(),
        (_, None) => hub.person(kind.name).await,
        (_, Some((read, publish))) => {
            let scopes = [("read", read), ("publish", publish)];
            let scopes: Vec<_> = scopes.into_iter().filter(|(_, has)| *has).map(|(scope, _)| scope).collect();
            let mut new = json!({"name": "ci", "scopes": scopes});
            if let Some(here) = kind.bound {
                new["services"] = json!([if here { "orders" } else { "catalog" }]);
            }
            bearer(hub, admin, new).await
        }
    }
}

async fn bearer(hub: &TestHub, owner: &Browser, new: Value) -> Browser {
    let issued = owner.post("/api/v1/api-tokens", new).await.data();
    hub.browser().with_token(issued["secret"].as_str().unwrap())
}

#[tokio::test]
async fn each_operation_is_for_those_it_is_for() {
    let (hub, first) = TestHub::set_up().await;
    for service in ["orders", "catalog"] {
        first.create_service(service).await;
    }
    assert_eq!(first.publish("orders", &contract("1.0.0", "")).await.status, StatusCode::CREATED);
    let mut callers = Vec::new();
    for kind in KINDS {
        callers.push((*kind, caller(&hub, &first, *kind).await));
    }
    let mut wrong = String::new();
    for (method, path, needs) in OPERATIONS {
        for (kind, browser) in &callers {
            let status = status(browser, method, path).await.as_u16();
            let refused = [401, 403].contains(&status).then_some(status);
            if refused != refusal(*needs, *kind) || status >= 500 {
                writeln!(wrong, "{method} {path} by {}: {status}, and it needs {needs:?}", kind.name).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn no_operation_is_left_out() {
    let mut declared = BTreeSet::new();
    for (path, item) in CONTRACT["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().filter(|key| key.parse::<Method>().is_ok()) {
            if !["parameters", "summary", "description", "servers"].contains(&method.as_str()) {
                declared.insert((method.as_str(), path.as_str()));
            }
        }
    }
    let known: BTreeSet<_> = OPERATIONS.iter().map(|(method, path, _)| (*method, *path)).collect();
    let (new, gone) = (declared.difference(&known), known.difference(&declared));
    assert_eq!(
        (new.collect::<Vec<_>>(), gone.collect::<Vec<_>>()),
        (vec![], vec![]),
        "operations that the table of who may do what lacks, and those that are gone"
    );
}

#[tokio::test]
async fn a_bound_token_sees_and_touches_its_services_only() {
    let (hub, admin) = TestHub::set_up().await;
    for service in ["orders", "order", "catalog"] {
        admin.create_service(service).await;
    }
    let new = json!({"name": "ci", "scopes": ["read", "publish"], "services": ["orders", "orders"]});
    let machine = bearer(&hub, &admin, new).await;
    let listed = admin.get("/api/v1/api-tokens").await.data();
    assert_eq!(listed["items"][0]["services"], json!(["orders"]));

    let services = machine.get("/api/v1/services").await.data();
    assert_eq!(services["items"].as_array().unwrap().len(), 1, "{services}");
    let events = machine.request(Method::GET, "/api/v1/events?limit=1").header(header::ACCEPT, "application/json");
    let events = machine.send(events).await.data();
    assert_eq!(events["items"][0]["service"], "orders");
    assert_eq!(events["nextCursor"], Value::Null, "{events}");

    let mut stream = Stream::open(&machine, "", Some(0)).await;
    assert_eq!(stream.next().await.unwrap().2["service"], "orders");
    admin.publish("catalog", &contract("1.0.0", "")).await;
    assert_eq!(machine.publish("orders", &contract("1.0.0", "")).await.status, StatusCode::CREATED);
    assert_eq!(stream.next().await.unwrap().2["service"], "orders", "what happened to the catalog isn't told");

    let elsewhere = machine.publish("catalog", &contract("2.0.0", "")).await;
    assert_eq!(elsewhere.refusal(), (403, "forbidden".into()));
    // Whether there is such a service isn't told either.
    assert_eq!(machine.get("/api/v1/services/nosuch").await.refusal(), (403, "forbidden".into()));
}

#[tokio::test]
async fn a_token_is_bound_to_services_that_exist() {
    let (_hub, admin) = TestHub::set_up().await;
    for services in [json!([]), json!(["nosuch"])] {
        let new = json!({"name": "ci", "scopes": ["read"], "services": services});
        let refused = admin.post("/api/v1/api-tokens", new).await;
        assert_eq!(refused.json()["error"]["details"][0]["field"], "services", "{refused:?}");
    }
    assert_eq!(admin.get("/api/v1/api-tokens").await.data()["items"], json!([]));
}
