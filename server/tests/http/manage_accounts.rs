//! Looking after accounts over REST; who may do it is tested in `domain/manage_accounts.rs`.

use crate::support::{PASSWORD, TestHub};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn an_admin_looks_after_accounts() {
    let (hub, admin) = TestHub::set_up().await;
    let developer = hub.person("developer").await;
    let users = admin.get("/api/v1/users").await.data()["items"].as_array().unwrap().clone();
    assert_eq!(users.iter().map(|user| user["role"].as_str().unwrap()).collect::<Vec<_>>(), ["admin", "developer"]);
    let (own, theirs) = (users[0]["id"].as_str().unwrap(), users[1]["id"].as_str().unwrap());
    assert_eq!(developer.get("/api/v1/users").await.refusal(), (403, "forbidden".into()));

    let patch = async |user: &str, change| {
        admin.send(admin.request(Method::PATCH, &format!("/api/v1/users/{user}")).json(&change)).await
    };
    assert_eq!(patch(theirs, json!({"role": "viewer"})).await.data()["role"], "viewer");
    assert_eq!(developer.get("/api/v1/users/me").await.data()["role"], "viewer");
    assert_eq!(patch(own, json!({"role": "viewer"})).await.refusal(), (409, "conflict".into()));
    assert_eq!(patch(own, json!({"disabled": true})).await.refusal(), (409, "conflict".into()));
    assert_eq!(patch(theirs, json!({"name": "x"})).await.refusal(), (422, "invalid".into()));

    let sessions = developer.get("/api/v1/sessions").await.data();
    assert_eq!(sessions["items"][0]["address"], "127.0.0.1", "{sessions}");
    let same = admin.get(&format!("/api/v1/users/{theirs}/sessions")).await.data();
    assert_eq!(same, sessions);
    let session = sessions["items"][0]["id"].as_str().unwrap();
    assert_eq!(admin.delete(&format!("/api/v1/sessions/{session}")).await.status, 204);
    assert_eq!(developer.get("/api/v1/users/me").await.refusal(), (401, "unauthenticated".into()));
    assert_eq!(admin.delete(&format!("/api/v1/sessions/{session}")).await.refusal(), (404, "not-found".into()));

    let reset = admin.post(&format!("/api/v1/users/{theirs}/password-resets"), json!({})).await.data();
    let password = reset["password"].as_str().unwrap();
    assert_eq!(developer.sign_in("developer", PASSWORD).await.status, 401);
    assert_eq!(developer.sign_in("developer", password).await.status, 201);
    assert_eq!(admin.delete(&format!("/api/v1/users/{theirs}/sessions")).await.status, 204);
    assert_eq!(developer.get("/api/v1/users/me").await.status, 401);
    assert_eq!(patch(theirs, json!({"disabled": true})).await.data()["disabledAt"].as_str().map(str::len), Some(24));
    assert_eq!(developer.sign_in("developer", password).await.refusal(), (403, "forbidden".into()));
}

#[tokio::test]
async fn an_admin_revokes_anybodys_tokens_and_tokens_may_end_by_themselves() {
    let (hub, admin) = TestHub::set_up().await;
    let developer = hub.person("developer").await;
    let new = json!({"name": "CI", "scopes": ["read"], "expiresAt": "2999-01-01T00:00:00.000Z"});
    let issued = developer.post("/api/v1/api-tokens", new).await.data();
    assert_eq!(issued["token"]["expiresAt"], "2999-01-01T00:00:00.000Z");
    let past = json!({"name": "CI", "scopes": ["read"], "expiresAt": "2001-01-01T00:00:00.000Z"});
    assert_eq!(developer.post("/api/v1/api-tokens", past).await.refusal(), (422, "invalid".into()));
    let machine = hub.browser().with_token(issued["secret"].as_str().unwrap());
    assert_eq!(machine.get("/api/v1/services").await.status, 200);
    let owner = developer.get("/api/v1/users/me").await.data()["id"].as_str().unwrap().to_owned();
    let listed = admin.get(&format!("/api/v1/users/{owner}/api-tokens")).await.data();
    let id = listed["items"][0]["id"].as_str().unwrap();
    assert_eq!(admin.delete(&format!("/api/v1/api-tokens/{id}")).await.status, 204);
    assert_eq!(machine.get("/api/v1/services").await.refusal(), (401, "unauthenticated".into()));
}
