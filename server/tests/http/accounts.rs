//! Signing in, staying signed in, and machines.

use crate::support::{TestHub, contract, first_admin};
use reqwest::{Method, header};
use serde_json::json;

const ACCESS: &str = "__Host-handshake-access";
const DEVICE: &str = "__Host-handshake-device";
const REFRESH: &str = "__Host-handshake-refresh";

#[tokio::test]
async fn the_first_admin_exists_once() {
    let (hub, admin) = TestHub::set_up().await;
    assert_eq!(admin.get("/api/v1/users/me").await.data()["role"], "admin");
    let second = hub.browser();
    let answer = second.post("/api/v1/set-up", first_admin(&second.set_up_code)).await;
    assert_eq!(answer.refusal(), (409, "already-set-up".into()));
}

#[tokio::test]
async fn only_who_reads_the_console_makes_the_first_admin() {
    let hub = TestHub::empty().await;
    let stranger = hub.browser_at([127, 0, 0, 66]);
    let mut without = first_admin("");
    without.as_object_mut().unwrap().remove("code");
    assert_eq!(stranger.post("/api/v1/set-up", without).await.refusal(), (422, "invalid".into()));
    let mut refusals = Vec::new();
    for code in ["", "00000-00000-00000-00000", &hub.app.areas.accounts.set_up_code()[1..], "x", "y", "z", "again"] {
        let answer = stranger.post("/api/v1/set-up", first_admin(code)).await;
        if answer.status == 403 {
            assert_eq!(answer.json()["error"]["details"][0]["field"], "code", "{answer:?}");
        }
        refusals.push(answer.status.as_u16());
    }
    assert_eq!(refusals, [403, 403, 403, 403, 403, 403, 429], "and guessing is slowed down");
    let owner = hub.browser();
    owner.set_up().await;
    assert_eq!(owner.get("/api/v1/users/me").await.data()["role"], "admin");
}

#[tokio::test]
async fn the_code_is_new_with_each_start_unless_it_is_set() {
    let hub = TestHub::empty().await;
    let first = hub.app.areas.accounts.set_up_code().to_owned();
    let hub = hub.restart().await;
    assert_ne!(hub.app.areas.accounts.set_up_code(), first);
    let stale = hub.browser().post("/api/v1/set-up", first_admin(&first)).await;
    assert_eq!(stale.refusal(), (403, "forbidden".into()));
    let given = TestHub::with(|settings| settings.set_up_code = "for an automation".into()).await;
    let answer = given.browser().post("/api/v1/set-up", first_admin("for an automation")).await;
    assert_eq!(answer.status, 201, "{answer:?}");
}

#[tokio::test]
async fn a_hub_on_loopback_answers_to_loopback_names_only() {
    let hub = TestHub::empty().await;
    let ask = async |hub: &TestHub, host: &str, path: &str| {
        let browser = hub.browser();
        browser.send(browser.request(Method::GET, path).header(header::HOST, host)).await
    };
    for path in ["/api/v1/services", "/login", "/setup", "/healthz", "/api/v1/openapi.json", "/pkg/none.js"] {
        let answer = ask(&hub, "evil.example:3000", path).await;
        assert_eq!(answer.refusal(), (400, "bad-request".into()), "{path}");
        assert!(answer.text.contains("public-origin"), "{answer:?}");
    }
    for host in ["localhost:3000", "127.0.0.1", "[::1]:3000"] {
        assert_eq!(ask(&hub, host, "/healthz").await.status, 200, "{host}");
    }
    let proxied = TestHub::with(|settings| settings.public_origin = "https://hub.example.org".into()).await;
    assert_eq!(ask(&proxied, "hub.example.org", "/healthz").await.status, 200);
}

#[tokio::test]
async fn cookies_are_out_of_reach_of_scripts() {
    let hub = TestHub::empty().await;
    let visitor = hub.browser();
    let answer = visitor.post("/api/v1/set-up", first_admin(&visitor.set_up_code)).await;
    let lines: Vec<&str> = answer.headers.get_all(header::SET_COOKIE).iter().map(|v| v.to_str().unwrap()).collect();
    assert_eq!(lines.len(), 3);
    for line in lines {
        assert!(line.starts_with("__Host-"), "{line}");
        for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
            assert!(line.contains(attribute), "{attribute} in {line}");
        }
        let value = line.split(['=', ';']).nth(1).unwrap();
        assert!(!answer.text.contains(value), "a token is in the body");
    }
}

#[tokio::test]
async fn wrong_credentials_say_nothing_more() {
    let (hub, _admin) = TestHub::set_up().await;
    let visitor = hub.browser();
    let try_with = async |email: &str, password: &str| {
        visitor.post("/api/v1/sessions", json!({"email": email, "password": password})).await
    };
    let wrong_password = try_with("ada@example.org", "not the password").await;
    let nobody = try_with("nobody@example.org", "not the password").await;
    assert_eq!(wrong_password.refusal(), (401, "wrong-credentials".into()));
    assert_eq!(nobody.refusal(), (401, "wrong-credentials".into()));
    assert_eq!(wrong_password.json()["error"]["message"], nobody.json()["error"]["message"]);
    assert!(visitor.cookies().is_empty());
}

#[tokio::test]
async fn an_expired_access_token_is_refreshed_in_line() {
    let (_hub, admin) = TestHub::set_up().await;
    let before = admin.cookies();
    admin.set_cookie(ACCESS, None);
    assert_eq!(admin.get("/api/v1/users/me").await.data()["displayName"], "Ada");
    let after = admin.cookies();
    assert!(after.contains_key(ACCESS));
    assert_ne!(before[REFRESH], after[REFRESH], "a refresh token is used once");
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let (_hub, admin) = TestHub::set_up().await;
    let stolen = admin.cookies();
    assert_eq!(admin.delete("/api/v1/sessions/current").await.status, 204);
    assert_eq!(admin.cookies().into_keys().collect::<Vec<_>>(), [DEVICE], "what opens nothing stays");
    assert_eq!(admin.get("/api/v1/users/me").await.refusal(), (401, "unauthenticated".into()));
    for (name, value) in stolen {
        admin.set_cookie(&name, Some(&value));
    }
    assert_eq!(admin.get("/api/v1/users/me").await.refusal(), (401, "unauthenticated".into()));
}

#[tokio::test]
async fn writes_with_cookies_come_from_our_own_pages() {
    let (hub, admin) = TestHub::set_up().await;
    let cookies: Vec<String> = admin.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let response = reqwest::Client::new()
            .post(hub.url("/api/v1/services"))
            .header(header::COOKIE, cookies.join("; "))
            .header(name, value)
            .json(&json!({"name": "stolen"}))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 403, "{name}");
        let json: serde_json::Value = response.json().await.unwrap();
        assert_eq!(json["error"]["code"], "cross-origin");
    }
    assert_eq!(admin.get("/api/v1/services").await.data()["items"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn tokens_do_what_their_scopes_say() {
    let (hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    let token = async |scopes: serde_json::Value| {
        let answer = admin.post("/api/v1/api-tokens", json!({"name": "CI", "scopes": scopes})).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        (
            answer.data()["token"]["id"].as_str().unwrap().to_owned(),
            answer.data()["secret"].as_str().unwrap().to_owned(),
        )
    };
    let (id, publish) = token(json!(["publish"])).await;
    let (_, read) = token(json!(["read"])).await;
    let (publisher, reader) = (hub.browser().with_token(&publish), hub.browser().with_token(&read));

    assert_eq!(publisher.publish("orders", &contract("1.0.0", "")).await.status, 201);
    assert_eq!(publisher.get("/api/v1/services").await.refusal(), (403, "forbidden".into()));
    assert_eq!(reader.publish("orders", &contract("1.1.0", "")).await.refusal(), (403, "forbidden".into()));
    assert_eq!(reader.get("/api/v1/services/orders").await.data()["latest"]["label"], "1.0.0");
    let make = reader.post("/api/v1/api-tokens", json!({"name": "more", "scopes": ["publish"]})).await;
    assert_eq!(make.refusal(), (403, "forbidden".into()), "a token makes no tokens");

    let list = admin.get("/api/v1/api-tokens").await;
    assert!(!list.text.contains(&publish) && list.data()["items"].as_array().unwrap().len() == 2);
    assert_eq!(admin.delete(&format!("/api/v1/api-tokens/{id}")).await.status, 204);
    assert_eq!(publisher.publish("orders", &contract("1.2.0", "")).await.refusal(), (401, "unauthenticated".into()));
    assert_eq!(hub.browser().with_token("hs_nonsense").get("/api/v1/services").await.refusal().0, 401);
}

#[tokio::test]
async fn roles_bound_what_people_do() {
    let (hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    let (viewer, developer) = (hub.person("viewer").await, hub.person("developer").await);
    assert_eq!(viewer.get("/api/v1/services").await.status, 200);
    assert_eq!(viewer.publish("orders", &contract("1.0.0", "")).await.refusal(), (403, "forbidden".into()));
    assert_eq!(developer.publish("orders", &contract("1.0.0", "")).await.status, 201);
    let create = developer.post("/api/v1/services", json!({"name": "mine"})).await;
    assert_eq!(create.refusal(), (403, "forbidden".into()));
    for (method, path) in
        [(Method::GET, "/api/v1/services"), (Method::GET, "/api/v1/events"), (Method::GET, "/api/v1/users/me")]
    {
        let visitor = hub.browser();
        let answer = visitor.send(visitor.request(method, path)).await;
        assert_eq!(answer.refusal(), (401, "unauthenticated".into()), "{path}");
    }
}

#[tokio::test]
async fn a_server_with_another_secret_does_not_start() {
    let hub = TestHub::empty().await;
    let error = hub.restart_with(|settings| settings.secret = "another secret of at least 32 characters".into()).await;
    let error = error.err().unwrap().to_string();
    assert!(error.contains("handshake secret adopt") && error.contains("HANDSHAKE_SECRET"), "{error}");
}
