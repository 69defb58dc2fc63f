use crate::{
    common::{TestDomain, as_caller},
    on_both,
};
use server::{
    accounts::Credential,
    events::{
        EntryKind, Retention,
        follow::{Follower, StreamMessage, Topics},
    },
};
use shared::{
    Accounts as _, Events, IfMatch, ManageAccounts as _, PageQuery, Policies as _, Role, Services as _, Timestamp,
    accounts::{Caller, ChangeUser, NewApiToken, Scope},
    events::{EventKind, EventSubject},
    services::NewService,
};
use std::time::Duration;
use tokio::sync::mpsc;

async fn create(hub: &TestDomain, caller: &Caller, name: String) {
    let service = NewService { name: name.parse().unwrap(), description: String::new() };
    hub.services.create(caller, service).await.unwrap();
}

on_both! {
    async fn numbers_have_no_holes_and_follow_the_commits(hub: TestDomain) {
        let ada = hub.caller("ada", Role::Maintainer).await;
        let reader = tokio::spawn({
            let (bus, mut latest) = (hub.bus.clone(), hub.bus.subscribe());
            async move {
                let mut seen = Vec::new();
                while seen.len() < 24 {
                    let after = seen.last().copied().unwrap_or(0);
                    seen.extend(bus.read_after(after, 100).await.unwrap().iter().map(|entry| entry.seq));
                    if seen.len() < 24 {
                        tokio::time::timeout(Duration::from_secs(30), latest.changed()).await.unwrap().unwrap();
                    }
                }
                seen
            }
        });
        let writers = (0..24).map(|n| create(&hub, &ada, format!("service-{n}")));
        futures::future::join_all(writers).await;
        // Each follower sees each event once, in order, while they are written: none turns up behind one already read.
        assert_eq!(reader.await.unwrap(), (1..=24).collect::<Vec<i64>>());
        assert_eq!(hub.bus.latest(), 24);
    }

    async fn an_operation_that_fails_leaves_no_event(hub: TestDomain) {
        let ada = hub.caller("ada", Role::Maintainer).await;
        create(&hub, &ada, "orders".into()).await;
        let again = NewService { name: "orders".parse().unwrap(), description: String::new() };
        assert_eq!(hub.services.create(&ada, again).await.unwrap_err().code, shared::ErrorCode::NameTaken);
        create(&hub, &ada, "catalog".into()).await;
        let events = hub.happened(0).await;
        assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(events[1].kind, EventKind::ServiceCreated { service: "catalog".parse().unwrap() });
        assert_eq!(events[1].actor.as_str(), "ada");
    }

    async fn history_is_newest_first_page_by_page(hub: TestDomain) {
        let ada = hub.caller("ada", Role::Maintainer).await;
        for n in 0..5 {
            create(&hub, &ada, format!("service-{n}")).await;
        }
        let first = hub.events.events(&ada, PageQuery { limit: Some(3), cursor: None }).await.unwrap();
        assert_eq!(first.items.iter().map(|event| event.seq).collect::<Vec<_>>(), [5, 4, 3]);
        let rest = hub.events.events(&ada, PageQuery { limit: Some(3), cursor: first.next_cursor }).await.unwrap();
        assert_eq!(rest.items.iter().map(|event| event.seq).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(rest.next_cursor, None);
        let stranger = hub.events.events(&Caller::Anonymous, PageQuery::default()).await.unwrap_err();
        assert_eq!(stranger.code, shared::ErrorCode::Unauthenticated);
    }

    async fn a_gap_is_told(hub: TestDomain) {
        assert_eq!(hub.bus.oldest().await.unwrap(), None);
        assert!(hub.bus.can_resume(0).await.unwrap());
        let ada = hub.caller("ada", Role::Maintainer).await;
        for n in 0..4 {
            create(&hub, &ada, format!("service-{n}")).await;
        }
        assert!(hub.bus.can_resume(0).await.unwrap());
        hub.sql("DELETE FROM outbox WHERE seq <= 2").await;
        assert_eq!(hub.bus.oldest().await.unwrap(), Some(3));
        for (seen, can) in [(0, false), (1, false), (2, true), (4, true), (5, false)] {
            assert_eq!(hub.bus.can_resume(seen).await.unwrap(), can, "{seen}");
        }
    }

    async fn the_outbox_and_the_audit_trail_last_for_as_long_as_each_is_set_to(hub: TestDomain) {
        let ada = hub.caller("ada", Role::Maintainer).await;
        let day = Duration::from_secs(24 * 60 * 60);
        create(&hub, &ada, "oldest".into()).await;
        hub.clock.forward(day * 10);
        create(&hub, &ada, "old".into()).await;
        hub.clock.forward(day * 10);
        create(&hub, &ada, "new".into()).await;
        let (events, now) = (&hub.events, hub.clock.clock().now());
        assert_eq!(events.delete_old(now, Retention { outbox_days: 5, audit_days: 15 }).await.unwrap(), 3);
        assert_eq!(hub.bus.oldest().await.unwrap(), Some(3));
        let history = events.events(&ada, PageQuery::default()).await.unwrap().items;
        assert_eq!(history.iter().map(|event| event.seq).collect::<Vec<_>>(), [3, 2]);
        // 0 is for ever.
        assert_eq!(events.delete_old(now, Retention { outbox_days: 5, audit_days: 0 }).await.unwrap(), 0);
        hub.clock.forward(day * 100);
        let now = hub.clock.clock().now();
        assert_eq!(events.delete_old(now, Retention { outbox_days: 0, audit_days: 0 }).await.unwrap(), 0);
    }

    async fn what_happened_before_the_audit_trail_is_in_it(hub: TestDomain) {
        let ada = hub.caller("ada", Role::Maintainer).await;
        create(&hub, &ada, "orders".into()).await;
        create(&hub, &ada, "order".into()).await;
        hub.sql("DROP TABLE outbox; DROP TABLE audit; CREATE TABLE events (seq BIGINT PRIMARY KEY NOT NULL, \
            at BIGINT NOT NULL, actor TEXT NOT NULL, kind TEXT NOT NULL)").await;
        for (seq, kind) in [
            (1, r#"{"type":"service-created","service":"orders"}"#),
            (2, r#"{"type":"version-published","service":"orders","label":"service:order","verdict":null}"#),
            (3, r#"{"type":"policy-changed","service":"order"}"#),
        ] {
            hub.sql(&format!("INSERT INTO events VALUES ({seq}, {seq}, 'ada', '{kind}')")).await;
        }
        hub.sql(include_str!("../../migrations/0007_events.sql")).await;
        let told = hub.happened(0).await;
        let told: Vec<_> = told.iter().map(|event| (event.kind.name(), event.kind.service().unwrap().as_str())).collect();
        assert_eq!(told, [("service-created", "orders"), ("version-published", "orders"), ("policy-changed", "order")]);
        let history = hub.events.events(&ada, PageQuery::default()).await.unwrap().items;
        assert_eq!(history.iter().map(|event| event.seq).collect::<Vec<_>>(), [3, 2, 1]);
        assert_eq!((history[0].actor.as_str(), history[0].actor_id), ("ada", None));
    }

    async fn a_stream_that_fell_out_of_memory_goes_on_from_the_database(hub: TestDomain) {
        let ada = hub.user("ada", Role::Maintainer).await;
        let credential = hub.session(&ada).await;
        let ada = as_caller(&ada);
        create(&hub, &ada, "first".into()).await;
        // A server that has just started has nothing in memory.
        let other = hub.another().await;
        assert_eq!(other.bus.recent(0), None);
        let mut told = follow(&other, credential.clone(), Some(0)).await;
        assert_eq!(service_of(&told.recv().await.unwrap()), "first");
        assert_eq!(told.recv().await, Some(StreamMessage::Live(1)));
        hub.sql("DELETE FROM outbox").await;
        let mut late = follow(&other, credential, Some(0)).await;
        assert_eq!(late.recv().await, Some(StreamMessage::Resync(1)));
    }

    async fn what_is_about_no_service_is_for_those_who_see_all(hub: TestDomain) {
        let ada = hub.user("ada", Role::Maintainer).await;
        let caller = as_caller(&ada);
        create(&hub, &caller, "orders".into()).await;
        let new = |services| NewApiToken { name: "ci".parse().unwrap(), scopes: vec![Scope::Read], services, expires_at: None };
        let bound = hub.accounts.create_api_token(&caller, new(Some(vec!["orders".parse().unwrap()]))).await.unwrap();
        let bound = hub.accounts.authenticate(None, Some(&format!("Bearer {}", bound.secret))).await.unwrap();
        let mut all = follow(&hub, hub.session(&ada).await, None).await;
        let mut some = follow(&hub, bound.credential, None).await;
        for stream in [&mut all, &mut some] {
            assert_eq!(stream.recv().await, Some(StreamMessage::Live(1)));
        }
        let Caller::Known(actor) = &caller else { panic!() };
        let mut tx = hub.store.begin().await.unwrap();
        let subject = EventSubject { kind: "hub".into(), id: "1".into() };
        let kind = EventKind::Other { service: None };
        let told = server::events::append(&mut tx, &hub.store, Timestamp(0), actor, subject, &kind).await.unwrap();
        hub.bus.commit(tx, told).await.unwrap();
        create(&hub, &caller, "other".into()).await;
        hub.policies.set(&caller, &"orders".parse().unwrap(), IfMatch::Any, String::new()).await.unwrap();
        let of_hub = all.recv().await.unwrap();
        assert_eq!(json(&of_hub)["type"], "other");
        assert_eq!(json(&of_hub).get("service"), None);
        assert_eq!(service_of(&some.recv().await.unwrap()), "orders");
        let history = hub.events.events(&bound.caller, PageQuery::default()).await.unwrap().items;
        assert_eq!(history.iter().map(|event| event.seq).collect::<Vec<_>>(), [4, 1]);
    }

    async fn nothing_reaches_who_lost_their_access_before(hub: TestDomain) {
        let (admin, ada) = (hub.caller("admin", Role::Admin).await, hub.user("ada", Role::Viewer).await);
        let mut told = follow(&hub, hub.session(&ada).await, None).await;
        let mut other = follow(&hub, hub.session(&ada).await, None).await;
        for stream in [&mut told, &mut other] {
            assert_eq!(stream.recv().await, Some(StreamMessage::Live(0)));
        }
        // From a server, or a command, that this one hears of with the next event only.
        let change = ChangeUser { disabled: Some(true), ..ChangeUser::default() };
        hub.another().await.accounts.change_user(&admin, ada.id, change).await.unwrap();
        create(&hub, &admin, "after".into()).await;
        assert_eq!((told.recv().await, other.recv().await), (None, None));
        let trail = sqlx::query_scalar::<_, String>("SELECT kind FROM audit ORDER BY seq");
        let trail = trail.fetch_all(&mut *hub.store.read().await.unwrap()).await.unwrap();
        assert_eq!(trail, ["access-changed", "service-created"]);
        assert_eq!(hub.events.events(&admin, PageQuery::default()).await.unwrap().items.len(), 1);
    }

    async fn who_lost_their_access_in_what_a_slow_stream_leaves_out_hears_nothing_after_it(hub: TestDomain) {
        let (admin, ada) = (hub.caller("admin", Role::Admin).await, hub.user("ada", Role::Viewer).await);
        let mut told = follow_with_room(&hub, hub.session(&ada).await, None, 1).await;
        assert_eq!(told.recv().await, Some(StreamMessage::Live(0)));
        // The client reads nothing more: its stream stands at the second one.
        for name in ["a", "b"] {
            create(&hub, &admin, name.into()).await;
        }
        let change = ChangeUser { disabled: Some(true), ..ChangeUser::default() };
        hub.accounts.change_user(&admin, ada.id, change).await.unwrap();
        hub.sql(
            "INSERT INTO outbox (seq, at, kind, actor, subject_type, subject_id, payload)
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
             SELECT 100 + i, 0, 'other', 'ada', 'hub', '1', '{\"type\":\"other\"}' FROM n;
             UPDATE hub SET event_seq = 1600",
        )
        .await;
        create(&hub, &admin, "after".into()).await;
        hub.bus.heads().wait_for(|read| *read == 1601).await.unwrap();
        let mut heard = Vec::new();
        while let Some(told) = told.recv().await {
            heard.push(service_of(&told));
        }
        assert_eq!(heard, ["a", "b"]);
    }
}

/// A stream that has just begun.
async fn follow(hub: &TestDomain, credential: Credential, from: Option<i64>) -> mpsc::Receiver<StreamMessage> {
    follow_with_room(hub, credential, from, 64).await
}

/// The same, with room for so many frames that the client hasn't read.
async fn follow_with_room(
    hub: &TestDomain,
    credential: Credential,
    from: Option<i64>,
    room: usize,
) -> mpsc::Receiver<StreamMessage> {
    let (client, mut told) = mpsc::channel(room);
    let follower = Follower {
        accounts: hub.accounts.clone(),
        bus: hub.bus.clone(),
        credential,
        topics: Topics::parse(None).unwrap(),
        client,
        longest: Duration::from_secs(600),
    };
    tokio::spawn(follower.run(from));
    assert_eq!(told.recv().await, Some(StreamMessage::Open));
    told
}

fn json(told: &StreamMessage) -> serde_json::Value {
    match told {
        StreamMessage::Event(entry) => match &entry.what {
            EntryKind::Event { json, .. } => serde_json::from_str(json).unwrap(),
            EntryKind::Access(_) => panic!("{told:?}"),
        },
        _ => panic!("{told:?}"),
    }
}

fn service_of(told: &StreamMessage) -> String {
    json(told)["service"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_of_one_hub_wake_each_other_after_a_lost_connection_on_postgres() {
    let hub = TestDomain::postgres().await;
    let ada = hub.caller("ada", Role::Maintainer).await;
    let other = hub.another().await;
    let mut latest = other.bus.subscribe();
    create(&hub, &ada, "orders".into()).await;
    tokio::time::timeout(Duration::from_secs(5), latest.wait_for(|seq| *seq == 1)).await.unwrap().unwrap();

    // The listener's connection dies, and something happens before it is back.
    hub.sql(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE 'LISTEN%'",
    )
    .await;
    create(&hub, &ada, "catalog".into()).await;
    tokio::time::timeout(Duration::from_secs(10), latest.wait_for(|seq| *seq == 2)).await.unwrap().unwrap();
    create(&hub, &ada, "payments".into()).await;
    tokio::time::timeout(Duration::from_secs(5), latest.wait_for(|seq| *seq == 3)).await.unwrap().unwrap();
}
