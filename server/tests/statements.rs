//! What an event and a page cost, in statements.
//!
//! A binary of its own, since it counts all statements of its process.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

#[path = "common/mod.rs"]
mod common;

use common::{TestDomain, as_caller};
use server::events::follow::{Follower, StreamMessage, Topics};
use shared::{
    Contracts as _, ErrorCode, Role, Services as _, VersionRef, Versions as _, accounts::Caller,
    contracts::ContractQuery, services::NewService, versions::Publish,
};
use sqlx::Row as _;
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::mpsc;
use tracing::{Event, Metadata, Subscriber, field, span};

/// Counts the statements that sqlx tells of, if they have a text in them.
struct Counter {
    count: Arc<AtomicUsize>,
    text: &'static str,
}

struct Has {
    text: &'static str,
    found: bool,
}

impl field::Visit for Has {
    fn record_debug(&mut self, _: &field::Field, value: &dyn fmt::Debug) {
        self.found |= format!("{value:?}").contains(self.text);
    }
}

impl Subscriber for Counter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut has = Has { text: self.text, found: false };
        event.record(&mut has);
        self.count.fetch_add(usize::from(has.found), Ordering::SeqCst);
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

/// A page of a version asks for its row, its outline, its operations and its score.
async fn reads_the_row_once(hub: TestDomain, count: &AtomicUsize) {
    let ada = as_caller(&hub.user("ada", Role::Maintainer).await);
    let service = NewService { name: "orders".parse().unwrap(), description: String::new() };
    hub.services.create(&ada, service).await.unwrap();
    let document = "{openapi: 3.1.0, info: {title: Orders, version: '1'}, paths: {}}";
    let publish = Publish { document: document.into(), ..Publish::default() };
    let published = hub.versions.publish(&ada, &"orders".parse().unwrap(), publish).await.unwrap();
    let version = VersionRef { service: published.version.service, label: published.version.label };
    let page = async || {
        let before = count.load(Ordering::SeqCst);
        assert_eq!(hub.versions.read(&ada, &version).await.unwrap().label, version.label);
        hub.contracts.outline(&ada, &version).await.unwrap();
        hub.contracts.operations(&ada, &version, ContractQuery::default()).await.unwrap();
        count.load(Ordering::SeqCst) - before
    };
    // The first one parses the document.
    page().await;
    hub.services.create(&ada, NewService { name: "other".parse().unwrap(), description: String::new() }).await.unwrap();
    assert_eq!(page().await, 1, "statements about versions, for a page after an event");
    hub.services.delete(&as_caller(&hub.user("root", Role::Admin).await), &version.service).await.unwrap();
    assert_eq!(hub.versions.read(&ada, &version).await.unwrap_err().code, ErrorCode::NotFound, "it is gone at once");
}

/// Counts on a hub of its own, in a process of its own, as nextest gives each test one.
fn count_on<F: Future<Output = TestDomain>>(
    text: &'static str,
    hub: impl FnOnce() -> F,
    test: impl AsyncFnOnce(TestDomain, &AtomicUsize),
) {
    let count = Arc::new(AtomicUsize::new(0));
    tracing::subscriber::set_global_default(Counter { count: Arc::clone(&count), text }).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async { test(hub().await, &count).await });
}

mod an_event_costs_the_same_for_one_stream_and_for_a_hundred {
    use super::*;

    #[test]
    fn sqlite() {
        count_on("", TestDomain::sqlite, costs_the_same);
    }

    #[test]
    fn postgres() {
        count_on("", TestDomain::postgres, costs_the_same);
    }
}

mod a_page_reads_its_version_once {
    use super::*;

    #[test]
    fn sqlite() {
        count_on("versions", TestDomain::sqlite, reads_the_row_once);
    }

    #[test]
    fn postgres() {
        count_on("versions", TestDomain::postgres, reads_the_row_once);
    }
}

/// A connection prepares a statement when it first meets it. PostgreSQL can be asked; SQLite's driver stores them alike.
mod statements_are_prepared_once {
    use super::*;

    async fn asked_again(hub: TestDomain, _: &AtomicUsize) {
        let mut connection = hub.store.read().await.unwrap();
        for name in ["orders", "payments", "orders"] {
            let found = sqlx::query("SELECT id FROM services WHERE name = $1").bind(name);
            assert!(found.fetch_optional(&mut *connection).await.unwrap().is_none());
        }
        let like = "SELECT COUNT(*), CAST(SUM(generic_plans + custom_plans) AS BIGINT) FROM pg_prepared_statements \
                    WHERE statement LIKE 'SELECT id FROM services WHERE%'";
        let row = sqlx::query(like).fetch_one(&mut *connection).await.unwrap();
        assert_eq!((row.get::<i64, _>(0), row.get::<i64, _>(1)), (1, 3), "prepared, and executed");
    }

    #[test]
    fn postgres() {
        count_on("", TestDomain::postgres, asked_again);
    }
}
