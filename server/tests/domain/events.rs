use crate::{common::Hub, on_both};
use shared::{Events, PageQuery, Role, Services, accounts::Caller, events::EventKind, services::NewService};
use std::time::Duration;

async fn create(hub: &Hub, caller: &Caller, name: String) {
    let service = NewService { name: name.parse().unwrap(), description: String::new() };
    hub.services.create_service(caller, service).await.unwrap();
}

on_both! {
    async fn numbers_have_no_holes_and_follow_the_commits(hub: Hub) {
        let ada = hub.caller("ada", Role::Maintainer).await;
        let reader = tokio::spawn({
            let (bus, mut latest) = (hub.bus.clone(), hub.bus.subscribe());
            async move {
                let mut seen = Vec::new();
                while seen.len() < 24 {
                    let after = seen.last().copied().unwrap_or(0);
                    seen.extend(bus.read_after(after, 100).await.unwrap().into_iter().map(|event| event.seq));
                    if seen.len() < 24 {
                        tokio::time::timeout(Duration::from_secs(30), latest.changed()).await.unwrap().unwrap();
                    }
                }
                seen
            }
        });
        let writers = (0..24).map(|n| create(&hub, &ada, format!("service-{n}")));
        futures::future::join_all(writers).await;
        // Whoever follows sees each once, in order, while they are written: none turns up behind one already read.
        assert_eq!(reader.await.unwrap(), (1..=24).collect::<Vec<i64>>());
        assert_eq!(hub.bus.latest(), 24);
    }

    async fn an_operation_that_fails_leaves_no_event(hub: Hub) {
        let ada = hub.caller("ada", Role::Maintainer).await;
        create(&hub, &ada, "orders".into()).await;
        let again = NewService { name: "orders".parse().unwrap(), description: String::new() };
        assert_eq!(hub.services.create_service(&ada, again).await.unwrap_err().code, shared::ErrorCode::NameTaken);
        create(&hub, &ada, "catalog".into()).await;
        let events = hub.bus.read_after(0, 10).await.unwrap();
        assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(events[1].kind, EventKind::ServiceCreated { service: "catalog".parse().unwrap() });
        assert_eq!(events[1].actor.as_str(), "ada");
    }

    async fn history_is_newest_first_page_by_page(hub: Hub) {
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

    async fn a_gap_is_told(hub: Hub) {
        assert_eq!(hub.bus.oldest().await.unwrap(), None);
        assert!(hub.bus.can_resume(0).await.unwrap());
        let ada = hub.caller("ada", Role::Maintainer).await;
        for n in 0..4 {
            create(&hub, &ada, format!("service-{n}")).await;
        }
        assert!(hub.bus.can_resume(0).await.unwrap());
        hub.sql("DELETE FROM events WHERE seq <= 2").await;
        assert_eq!(hub.bus.oldest().await.unwrap(), Some(3));
        for (seen, can) in [(0, false), (1, false), (2, true), (4, true), (5, false)] {
            assert_eq!(hub.bus.can_resume(seen).await.unwrap(), can, "{seen}");
        }
    }

    async fn old_events_are_dropped_in_time(hub: Hub) {
        let ada = hub.caller("ada", Role::Maintainer).await;
        create(&hub, &ada, "first".into()).await;
        hub.sql(&format!("UPDATE hub SET event_seq = {}", server::events::KEPT + 499)).await;
        create(&hub, &ada, "later".into()).await;
        assert_eq!(hub.bus.oldest().await.unwrap(), Some(server::events::KEPT + 500));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_of_one_hub_wake_each_other_after_a_lost_connection_on_postgres() {
    let hub = Hub::postgres().await;
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
