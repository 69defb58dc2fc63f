//! Writes that a client may send again.

use crate::{common::TestDomain, on_both};
use server::{
    error::Error,
    store::once::{Begun, LIFETIME, Once, Work},
};
use shared::{ErrorCode, Role, ids::UserId};
use std::time::Duration;

fn asked(user: UserId, key: Option<&str>, what: &str) -> Once {
    Once::new(user, key.map(str::to_owned), &[what]).unwrap()
}

async fn begin(hub: &TestDomain, once: &Once) -> Result<Begun<u32>, Error> {
    once.begin(&hub.store, hub.clock.clock().now()).await
}

async fn new(hub: &TestDomain, once: &Once) -> Work {
    match begin(hub, once).await.unwrap() {
        Begun::New(work) => work,
        Begun::Repeated(answer) => panic!("it was done before: {answer}"),
    }
}

async fn finish(work: Work, answer: u32) {
    work.answered(&answer).await.unwrap().commit().await.unwrap();
}

async fn repeated(hub: &TestDomain, once: &Once) -> u32 {
    match begin(hub, once).await.unwrap() {
        Begun::Repeated(answer) => answer,
        Begun::New(_) => panic!("it was done before"),
    }
}

on_both! {
    async fn a_request_is_done_once_and_answered_the_same(hub: TestDomain) {
        let (ada, bob) = (hub.user("ada", Role::Developer).await.id, hub.user("bob", Role::Developer).await.id);
        let once = asked(ada, Some("k"), "a");
        assert_eq!(once.answer::<u32>(&hub.store, hub.clock.clock().now()).await.unwrap(), None);
        // What is dropped never happened, and its key is free.
        drop(new(&hub, &once).await);
        finish(new(&hub, &once).await, 7).await;
        assert_eq!(repeated(&hub, &once).await, 7);
        assert_eq!(once.answer(&hub.store, hub.clock.clock().now()).await.unwrap(), Some(7_u32));

        let other = begin(&hub, &asked(ada, Some("k"), "b")).await.err().unwrap();
        assert!(matches!(other, Error::Domain(error) if error.code == ErrorCode::IdempotencyMismatch));
        // A key is one person's, and no key is none.
        finish(new(&hub, &asked(bob, Some("k"), "b")).await, 8).await;
        for _ in 0..2 {
            finish(new(&hub, &asked(ada, None, "a")).await, 9).await;
        }

        hub.clock.forward(LIFETIME + Duration::from_secs(1));
        finish(new(&hub, &asked(ada, Some("k"), "b")).await, 10).await;
        assert_eq!(repeated(&hub, &asked(ada, Some("k"), "b")).await, 10);
    }

    async fn of_many_at_once_one_is_done(hub: TestDomain) {
        let ada = hub.user("ada", Role::Developer).await.id;
        let tries = (0..8).map(|number| {
            let hub = &hub;
            async move {
                let once = asked(ada, Some("k"), "a");
                match begin(hub, &once).await.unwrap() {
                    Begun::Repeated(answer) => (false, answer),
                    Begun::New(work) => {
                        finish(work, number).await;
                        (true, number)
                    }
                }
            }
        });
        let outcomes = futures::future::join_all(tries).await;
        let done: Vec<u32> = outcomes.iter().filter(|(new, _)| *new).map(|(_, answer)| *answer).collect();
        assert_eq!(done.len(), 1, "{outcomes:?}");
        assert!(outcomes.iter().all(|(_, answer)| *answer == done[0]), "{outcomes:?}");
    }

    async fn answers_of_an_earlier_release_are_still_good(hub: TestDomain) {
        let ada = hub.user("ada", Role::Developer).await.id;
        hub.sql("DROP TABLE idempotency_keys; CREATE TABLE idempotency_keys (user_id TEXT NOT NULL, key TEXT NOT NULL, \
            fingerprint TEXT NOT NULL, version_id TEXT NOT NULL, created BIGINT NOT NULL, at BIGINT NOT NULL, \
            PRIMARY KEY (user_id, key))").await;
        let now = hub.clock.clock().now().0;
        // SHA-256 of "a".
        let digest = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";
        hub.sql(&format!("INSERT INTO idempotency_keys VALUES ('{ada}', 'k', '{digest}', 'v1', 1, {now})")).await;
        hub.sql(include_str!("../../migrations/0008_idempotency.sql")).await;
        let answer: Option<serde_json::Value> =
            asked(ada, Some("k"), "a").answer(&hub.store, hub.clock.clock().now()).await.unwrap();
        assert_eq!(answer.unwrap(), serde_json::json!({"version": "v1", "created": true}));
    }
}
