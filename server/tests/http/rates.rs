//! How often somebody may ask.

use crate::support::{Browser, PASSWORD, TestHub, TestResponse};
use reqwest::{Method, header};
use serde_json::json;

const PATH: &str = "/api/v1/users/me";

/// Asks until there is nothing left.
async fn exhaust(browser: &Browser) -> (usize, TestResponse) {
    for asked in 0..200 {
        let answer = browser.get(PATH).await;
        if answer.status == 429 {
            return (asked, answer);
        }
    }
    panic!("nobody is refused");
}

#[tokio::test]
async fn each_account_token_and_address_has_an_allowance() {
    let hub = TestHub::with(|settings| settings.requests_per_minute = 60).await;
    let admin = hub.browser();
    admin.set_up().await;
    let issued = admin.post("/api/v1/api-tokens", json!({"name": "ci", "scopes": ["read"]})).await.data();
    let machine = || hub.browser().with_token(issued["secret"].as_str().unwrap());

    let first = machine().get(PATH).await;
    assert_eq!(
        (first.header("ratelimit-policy"), first.header("ratelimit")),
        ("\"requests\";q=60;w=60", "\"requests\";r=59;t=1")
    );
    let (asked, refused) = exhaust(&machine()).await;
    assert!(asked >= 59, "{asked}");
    assert_eq!(refused.refusal(), (429, "rate-limited".into()));
    assert!(refused.header("retry-after").parse::<u32>().unwrap() >= 1);
    assert!(refused.header("ratelimit").starts_with("\"requests\";r=0;t="), "{refused:?}");
    assert_eq!(refused.header("ratelimit-policy"), "\"requests\";q=60;w=60");

    // The token's owner is another, and so is a stranger, and a stranger at another address.
    assert_eq!(admin.get(PATH).await.status, 200);
    let stranger = hub.browser_at([127, 0, 0, 2]);
    assert_eq!(exhaust(&stranger).await.1.refusal().0, 429);
    assert_eq!(hub.browser_at([127, 0, 0, 3]).get(PATH).await.status, 401);
    assert_eq!(admin.get(PATH).await.status, 200);
}

#[tokio::test]
async fn a_change_takes_more_than_a_look() {
    let hub = TestHub::with(|settings| settings.requests_per_minute = 60).await;
    let admin = hub.browser();
    admin.set_up().await;
    let left = |answer: &TestResponse| {
        let field = answer.header("ratelimit").to_owned();
        field.split(['=', ';']).nth(2).unwrap().parse::<i64>().unwrap()
    };
    let before = left(&admin.get(PATH).await);
    let created = admin.post("/api/v1/services", json!({"name": "orders", "description": ""})).await;
    let after = left(&created);
    assert!((4..=5).contains(&(before - after)), "{before} {after}");
    assert!(admin.publish("orders", &crate::support::contract("1.0.0", "")).await.status == 201);
}

#[tokio::test]
async fn wrong_tokens_count_for_their_address() {
    let hub = TestHub::with(|settings| settings.requests_per_minute = 60).await;
    let guesser = hub.browser_at([127, 0, 0, 4]).with_token("hs_wrong");
    let (asked, refused) = exhaust(&guesser).await;
    assert!((6..=8).contains(&asked) && !refused.header("retry-after").is_empty(), "{asked} {refused:?}");
}

#[tokio::test]
async fn no_limit_is_none() {
    let hub = TestHub::with(|settings| settings.requests_per_minute = 0).await;
    let answer = hub.browser().get(PATH).await;
    assert!(answer.status == 401 && answer.header("ratelimit").is_empty(), "{answer:?}");
}

#[tokio::test]
async fn who_used_up_an_address_keeps_nobody_there_from_signing_in() {
    let hub = TestHub::with(|settings| settings.requests_per_minute = 60).await;
    hub.browser().set_up().await;
    hub.account("viewer", "viewer").await;
    let address = [127, 0, 0, 5];
    exhaust(&hub.browser_at(address)).await;
    let neighbour = hub.browser_at(address);
    let page = neighbour.send(neighbour.request(Method::GET, "/login").header(header::ACCEPT, "text/html")).await;
    assert_eq!(page.status, 200, "{page:?}");
    let form = [("email", "viewer@example.org"), ("password", PASSWORD)];
    let form = neighbour.send(neighbour.request(Method::POST, "/api/ui/sign-in").form(&form)).await;
    assert_eq!(form.status, 200, "{form:?}");
    assert_eq!(neighbour.get(PATH).await.status, 200);
    assert_eq!(hub.browser_at(address).sign_in("viewer", PASSWORD).await.status, 201);
    assert_eq!(exhaust(&hub.browser_at(address)).await.0, 0, "strangers there have nothing left still");
}
