//! What an event costs, in statements: the same whatever the number of streams.
//!
//! A binary of its own, since it counts all statements of its process.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

#[path = "common/mod.rs"]
mod common;

use common::{TestDomain, as_caller};
use server::events::follow::{Follower, StreamMessage, Topics};
use shared::{Role, Services as _, accounts::Caller, services::NewService};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::mpsc;
use tracing::{Event, Metadata, Subscriber, span};

/// Counts the statements that sqlx tells of.
struct Counter(Arc<AtomicUsize>);

impl Subscriber for Counter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

async fn stream(hub: &TestDomain, credential: server::accounts::Credential) -> mpsc::Receiver<StreamMessage> {
    let (client, mut told) = mpsc::channel(64);
    let follower = Follower {
        accounts: hub.accounts.clone(),
        bus: hub.bus.clone(),
        credential,
        topics: Topics::parse(None).unwrap(),
        client,
        longest: Duration::from_secs(600),
    };
    tokio::spawn(follower.run(None));
    assert_eq!(told.recv().await, Some(StreamMessage::Open));
    assert!(matches!(told.recv().await, Some(StreamMessage::Live(_))));
    told
}

/// Statements from something that happens until all streams have told of it.
async fn cost(
    hub: &TestDomain,
    by: &Caller,
    name: &str,
    streams: &mut [mpsc::Receiver<StreamMessage>],
    count: &AtomicUsize,
) -> usize {
    let before = count.load(Ordering::SeqCst);
    let service = NewService { name: name.parse().unwrap(), description: String::new() };
    hub.services.create(by, service).await.unwrap();
    for stream in streams {
        let told = tokio::time::timeout(Duration::from_secs(30), stream.recv()).await.unwrap();
        assert!(matches!(told, Some(StreamMessage::Event(_))), "{told:?}");
    }
    count.load(Ordering::SeqCst) - before
}

async fn costs_the_same(hub: TestDomain, count: &AtomicUsize) {
    let ada = hub.user("ada", Role::Maintainer).await;
    let credential = hub.session(&ada).await;
    let ada = as_caller(&ada);
    let mut streams = vec![stream(&hub, credential.clone()).await];
    // The first one may find a connection that isn't there yet.
    cost(&hub, &ada, "warm", &mut streams, count).await;
    let one = cost(&hub, &ada, "one", &mut streams, count).await;
    while streams.len() < 100 {
        streams.push(stream(&hub, credential.clone()).await);
    }
    let hundred = cost(&hub, &ada, "hundred", &mut streams, count).await;
    assert_eq!(one, hundred, "statements with 1 and with 100 streams");
    // The service, the number, outbox and audit trail, the notification, and one read for all streams; some drivers
    // tell of the transaction's ends, too.
    assert!((5..=10).contains(&one), "{one} statements");
}

/// Counts on a hub of its own, in a process of its own, as nextest gives each test one.
fn count_on<F: Future<Output = TestDomain>>(hub: impl FnOnce() -> F) {
    let count = Arc::new(AtomicUsize::new(0));
    tracing::subscriber::set_global_default(Counter(Arc::clone(&count))).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async { costs_the_same(hub().await, &count).await });
}

mod an_event_costs_the_same_for_one_stream_and_for_a_hundred {
    use super::*;

    #[test]
    fn sqlite() {
        count_on(TestDomain::sqlite);
    }

    #[test]
    fn postgres() {
        count_on(TestDomain::postgres);
    }
}
