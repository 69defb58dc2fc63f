//! The live stream.

use crate::support::{Stream, TestHub, contract};
use reqwest::{Method, header};
use serde_json::json;

#[tokio::test]
async fn a_position_before_all_events_is_the_first() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    for position in [-1, i64::MIN] {
        let mut stream = Stream::open(&admin, "", Some(position)).await;
        assert!(stream.next().await.is_some(), "{position}");
    }
}

#[tokio::test]
async fn events_arrive_live_and_resume_where_they_stopped() {
    let (_hub, admin) = TestHub::set_up().await;
    let mut stream = Stream::open(&admin, "", None).await;
    admin.create_service("orders").await;
    admin.publish("orders", &contract("1.0.0", "")).await;
    let (first, _, data) = stream.next().await.unwrap();
    assert_eq!((data["type"].as_str(), data["service"].as_str()), (Some("service-created"), Some("orders")));
    let (second, _, data) = stream.next().await.unwrap();
    assert_eq!(data["type"], "version-published");
    assert_eq!((data["label"].as_str(), data["actor"].as_str()), (Some("1.0.0"), Some("Ada")));
    assert_eq!(second, first.map(|id| id + 1));
    drop(stream);

    admin.publish("orders", &contract("1.1.0", "                  a: {type: string}\n")).await;
    let mut resumed = Stream::open(&admin, "", second).await;
    let (_, _, data) = resumed.next().await.unwrap();
    assert_eq!(data["label"], "1.1.0");
    let mut by_query = Stream::open(&admin, &format!("?lastEventId={}", first.unwrap()), None).await;
    assert_eq!(by_query.next().await.unwrap().2["label"], "1.0.0");
}

#[tokio::test]
async fn events_of_every_kind_have_one_name_also_those_that_are_not_known() {
    let (hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    admin.create_service("catalog").await;
    // As a server of a later release writes it into the database that both share.
    let moved = r#"{"type": "service-moved", "service": "catalog", "to": "elsewhere"}"#;
    let mut tx = hub.app.store.begin().await.unwrap();
    sqlx::query("UPDATE outbox SET payload = $1 WHERE seq = 2").bind(moved).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    // From the database, and not from this server's memory.
    let _hub = hub.restart().await;
    let mut stream = Stream::open(&admin, "?lastEventId=0", None).await;
    for (seq, service) in [(1, "orders"), (2, "catalog")] {
        let (id, name, data) = stream.next().await.unwrap();
        assert_eq!((id, name.as_str(), data["service"].as_str()), (Some(seq), "message", Some(service)));
    }
}

#[tokio::test]
async fn nothing_is_missed_over_a_restart() {
    let (hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    let mut stream = Stream::open(&admin, "?lastEventId=0", None).await;
    let (last, _, _) = stream.next().await.unwrap();
    let hub = hub.restart().await;
    assert!(stream.next().await.is_none(), "the old stream has ended");
    admin.publish("orders", &contract("1.0.0", "")).await;
    let mut resumed = Stream::open(&admin, "", last).await;
    assert_eq!(resumed.next().await.unwrap().2["label"], "1.0.0");
    hub.stop().await;
}

#[tokio::test]
async fn a_stream_says_when_everything_missed_has_been_sent() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("a").await;
    admin.create_service("b").await;
    let frames = async |query: &str| {
        let mut stream = Stream::open(&admin, query, None).await;
        let (mut frames, mut live) = (Vec::new(), false);
        while !live {
            let (id, name, _) = stream.next_frame().await.unwrap();
            live = name == "live";
            frames.push((id.unwrap(), name));
        }
        frames
    };
    let frame = |id: i64, name: &str| (id, name.to_owned());
    assert_eq!(frames("?lastEventId=0").await, [frame(1, "message"), frame(2, "message"), frame(2, "live")]);
    assert_eq!(frames("").await, [frame(2, "live")]);
    assert_eq!(frames("?lastEventId=9").await, [frame(2, "resync"), frame(2, "live")]);
    // Its id is where to go on from, also for a client that is told of few events.
    assert_eq!(frames("?lastEventId=0&topics=service:a").await, [frame(1, "message"), frame(2, "live")]);
}

#[tokio::test]
async fn topics_filter() {
    let (_hub, admin) = TestHub::set_up().await;
    let mut stream = Stream::open(&admin, "?topics=service:b", None).await;
    admin.create_service("a").await;
    admin.create_service("b").await;
    assert_eq!(stream.next().await.unwrap().2["service"], "b");
    assert_eq!(admin.get("/api/v1/events?topics=b").await.refusal(), (400, "bad-request".into()));
}

#[tokio::test]
async fn who_is_too_far_behind_resyncs() {
    let (hub, admin) = TestHub::set_up().await;
    // A position of another database, such as before a restore.
    let mut stream = Stream::open(&admin, "?lastEventId=999999", None).await;
    let (id, name, _) = stream.next().await.unwrap();
    assert_eq!((id, name.as_str()), (Some(hub.app.bus.latest()), "resync"));
    admin.create_service("after").await;
    assert_eq!(stream.next().await.unwrap().2["service"], "after");
}

#[tokio::test]
async fn signing_out_ends_the_stream_before_the_next_event() {
    let (hub, admin) = TestHub::set_up().await;
    let viewer = hub.person("viewer").await;
    let mut stream = Stream::open(&viewer, "", None).await;
    admin.create_service("before").await;
    assert_eq!(stream.next().await.unwrap().2["service"], "before");
    assert_eq!(viewer.delete("/api/v1/sessions/current").await.status, 204);
    admin.create_service("after").await;
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn revoking_the_token_ends_the_stream_before_the_next_event() {
    let (hub, admin) = TestHub::set_up().await;
    let issued = admin.post("/api/v1/api-tokens", json!({"name": "ci", "scopes": ["read"]})).await.data();
    let machine = hub.browser().with_token(issued["secret"].as_str().unwrap());
    let mut stream = Stream::open(&machine, "", None).await;
    admin.create_service("before").await;
    assert_eq!(stream.next().await.unwrap().2["service"], "before");
    let path = format!("/api/v1/api-tokens/{}", issued["token"]["id"].as_str().unwrap());
    assert_eq!(admin.delete(&path).await.status, 204);
    admin.create_service("after").await;
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_stream_ends_with_its_access_token() {
    let hub = TestHub::with(|settings| settings.access_token_seconds = 1).await;
    let admin = hub.browser();
    admin.set_up().await;
    let mut stream = Stream::open(&admin, "", None).await;
    assert!(stream.next().await.is_none(), "a stream ends with its access token; the client comes back");
}

#[tokio::test]
async fn streams_have_a_bound() {
    let hub = TestHub::with(|settings| settings.max_streams = 1).await;
    let admin = hub.browser();
    admin.set_up().await;
    let _open = Stream::open(&admin, "", None).await;
    assert_eq!(admin.get("/api/v1/events").await.refusal(), (503, "unavailable".into()));
}

#[tokio::test]
async fn history_is_a_page() {
    let (_hub, admin) = TestHub::set_up().await;
    for name in ["a", "b", "c"] {
        admin.create_service(name).await;
    }
    let request = admin.request(Method::GET, "/api/v1/events?limit=2").header(header::ACCEPT, "application/json");
    let page = admin.send(request).await.data();
    assert_eq!(page["items"][0]["service"], "c");
    assert!(page["nextCursor"].is_string());
}
