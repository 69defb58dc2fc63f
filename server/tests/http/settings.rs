//! A service's settings over HTTP: `If-Match`, old addresses, and what is deleted.

use crate::support::{TestHub, contract};
use reqwest::{Method, StatusCode, header};
use serde_json::json;

#[tokio::test]
async fn settings_are_changed_for_the_state_that_was_read() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    let path = "/api/v1/services/orders/settings";
    let read = admin.get(path).await;
    let etag = read.header("etag").to_owned();
    assert_eq!(read.data(), json!({"name": "orders", "description": "For a test", "archived": false, "revision": 1}));
    let put = |description: &str, etag: &str| {
        let body = json!({"name": "orders", "description": description, "archived": false});
        admin.send(admin.request(Method::PUT, path).header(header::IF_MATCH, etag).json(&body))
    };
    let first = put("Ours", &etag).await;
    assert_eq!((first.status, first.data()["revision"].clone()), (StatusCode::OK, json!(2)));
    assert_eq!(put("Mine", &etag).await.refusal(), (412, "precondition-failed".into()));
    assert_eq!(put("Mine", first.header("etag")).await.status, 200);
    assert_eq!(put("Anybody's", "*").await.status, 200);
    let unchanged = admin.request(Method::GET, path).header(header::IF_NONE_MATCH, "\"4\"");
    assert_eq!(admin.send(unchanged).await.status, 304);

    let policy = "/api/v1/services/orders/policy";
    let put = |text: &'static str, etag: &str| {
        let request = admin.request(Method::PUT, policy).header(header::CONTENT_TYPE, "application/toml");
        admin.send(request.header(header::IF_MATCH, etag).body(text))
    };
    assert_eq!(put("# none yet", "\"x\"").await.refusal(), (412, "precondition-failed".into()));
    let first = put("# one", "*").await;
    assert_eq!(admin.get(policy).await.header("etag"), first.header("etag"));
    assert_eq!(put("# two", first.header("etag")).await.status, 200);
    assert_eq!(put("# three", first.header("etag")).await.refusal(), (412, "precondition-failed".into()));
}

#[tokio::test]
async fn an_old_address_leads_to_the_service() {
    let (hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    assert_eq!(admin.publish("orders", &contract("1.0.0", "")).await.status, 201);
    let new = json!({"name": "ci", "scopes": ["read", "publish"], "services": ["orders"]});
    let secret = admin.post("/api/v1/api-tokens", new).await.data()["secret"].as_str().unwrap().to_owned();
    let machine = hub.browser().with_token(&secret);
    let settings = json!({"name": "sales", "description": "", "archived": false});
    let renamed = admin.request(Method::PUT, "/api/v1/services/orders/settings").json(&settings);
    assert_eq!(admin.send(renamed).await.status, 200);

    for (old, new) in [
        ("/api/v1/services/orders", "/api/v1/services/sales"),
        ("/api/v1/services/orders/versions/1.0.0/document", "/api/v1/services/sales/versions/1.0.0/document"),
        ("/api/v1/services/orders/versions?limit=1", "/api/v1/services/sales/versions?limit=1"),
    ] {
        for who in [&admin, &machine] {
            let answer = who.get(old).await;
            assert_eq!((answer.status, answer.header("location")), (StatusCode::PERMANENT_REDIRECT, new));
            assert_eq!(who.get(new).await.status, 200, "{new}");
        }
    }
    let published = machine.publish("orders", &contract("2.0.0", "")).await;
    assert_eq!((published.status.as_u16(), published.header("location")), (308, "/api/v1/services/sales/versions"));
    assert_eq!(machine.publish("sales", &contract("2.0.0", "")).await.status, 201);
    // Listed by the name of today.
    assert_eq!(admin.get("/api/v1/api-tokens").await.data()["items"][0]["services"], json!(["sales"]));

    for (old, new) in [
        ("/services/orders", "/services/sales"),
        ("/services/orders/versions/1.0.0/lint?rule=x", "/services/sales/versions/1.0.0/lint?rule=x"),
        ("/services/orders/compare?base=1.0.0&revision=2.0.0", "/services/sales/compare?base=1.0.0&revision=2.0.0"),
    ] {
        let page = admin.send(admin.request(Method::GET, old).header(header::ACCEPT, "text/html")).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (308, new), "{page:?}");
    }
    // Nobody learns the new name who may not read it.
    let elsewhere = json!({"name": "other", "scopes": ["read"], "services": ["handshake"]});
    admin.create_service("handshake").await;
    let secret = admin.post("/api/v1/api-tokens", elsewhere).await.data()["secret"].as_str().unwrap().to_owned();
    let stranger = hub.browser().with_token(&secret).get("/api/v1/services/orders").await;
    assert_eq!(stranger.refusal(), (403, "forbidden".into()));
    assert!(!stranger.text.contains("sales"), "{stranger:?}");
}

#[tokio::test]
async fn what_is_deleted_is_gone() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    assert_eq!(admin.publish("orders", &contract("1.0.0", "")).await.status, 201);
    assert_eq!(admin.delete("/api/v1/services/orders").await.status, 204);
    assert_eq!(admin.delete("/api/v1/services/orders").await.refusal(), (404, "not-found".into()));
    assert_eq!(admin.get("/api/v1/services/orders/versions/1.0.0").await.refusal(), (404, "not-found".into()));
}
