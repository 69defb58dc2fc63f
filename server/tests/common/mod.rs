//! A whole hub on a database of its own, for tests of any kind.
//!
//! Every test runs on SQLite, and on PostgreSQL too when `HANDSHAKE_TEST_DATABASE_URL` names a server on which databases
//! can be created: `postgres://postgres@127.0.0.1:5432/postgres`.

#![allow(dead_code, reason = "each test binary uses a part")]

use server::{
    accounts::{self, AccountsService, Credential},
    areas::{self, Areas},
    clock::Clock,
    comparisons::ComparisonsService,
    contracts::ContractsService,
    documents,
    events::{Bus, EntryKind, EventsService},
    policies::PoliciesService,
    services::ServicesService,
    store::{self, Store},
    versions::VersionsService,
};
use shared::{
    Accounts as _, Actor, ComparisonRef, Role, VersionRef,
    accounts::{Caller, SignIn, User, Visitor},
    events::Event,
    names::{ServiceName, VersionLabel},
};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};
use std::{
    env, io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use uuid::Uuid;

/// A password that is good enough for everybody here.
pub const PASSWORD: &str = "correct horse battery";

/// What makes the first admin.
pub const SET_UP_CODE: &str = "a code for tests";

/// Defines a test that runs on both databases.
#[macro_export]
macro_rules! on_both {
    ($(async fn $name:ident($hub:ident: TestDomain) $body:block)+) => { $(
        mod $name {
            use super::*;

            async fn test($hub: TestDomain) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                test(TestDomain::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                test(TestDomain::postgres().await).await;
            }
        }
    )+ };
}

/// A clock that moves when a test says so.
#[derive(Clone, Default)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub fn clock(&self) -> Clock {
        let moved = Arc::clone(&self.0);
        let system = Clock::default();
        Clock::new(move || shared::Timestamp(system.now().0 + moved.load(Ordering::SeqCst)))
    }

    pub fn back(&self, by: Duration) {
        self.0.fetch_sub(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub fn forward(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

/// The domain, whole. Its database is gone with it (SQLite) or with the cluster (PostgreSQL).
pub struct TestDomain {
    pub store: Store,
    pub bus: Bus,
    pub accounts: AccountsService,
    pub services: ServicesService,
    pub versions: VersionsService,
    pub contracts: ContractsService,
    pub comparisons: ComparisonsService,
    pub policies: PoliciesService,
    pub events: EventsService,
    pub areas: Areas,
    pub clock: TestClock,
    pub settings: store::Settings,
    folder: Option<tempfile::TempDir>,
}

impl TestDomain {
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("hub.db").display());
        Self::open(url, Some(folder)).await
    }

    /// On the PostgreSQL that `scripts/postgres.sh` starts. `.config/nextest.toml` leaves such tests out elsewhere.
    pub async fn postgres() -> Self {
        let server = env::var("HANDSHAKE_TEST_DATABASE_URL");
        let server = server.expect("scripts/postgres.sh cargo nextest run --profile postgres -p server");
        sqlx::any::install_default_drivers();
        let name = format!("handshake_{}", Uuid::now_v7().simple());
        let mut admin = AnyConnection::connect(&server).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await.unwrap();
        admin.close().await.unwrap();
        let (address, _) = server.rsplit_once('/').unwrap();
        Self::open(format!("{address}/{name}"), None).await
    }

    async fn open(url: String, folder: Option<tempfile::TempDir>) -> Self {
        let settings = store::Settings { url, max_connections: 8 };
        let store = Store::open(&settings).await.unwrap();
        store.migrate().await.unwrap();
        Self::on(store, settings, TestClock::default(), folder).await
    }

    /// Another server on the same database.
    pub async fn another(&self) -> Self {
        let store = Store::open(&self.settings).await.unwrap();
        Self::on(store, self.settings.clone(), self.clock.clone(), None).await
    }

    async fn on(store: Store, settings: store::Settings, clock: TestClock, folder: Option<tempfile::TempDir>) -> Self {
        let bus = Bus::open(store.clone()).await.unwrap();
        let accounts = accounts::Settings { set_up_code: SET_UP_CODE.to_owned(), ..accounts::Settings::new([7; 32]) };
        let documents = documents::Settings { limits: contract::Limits::default(), cache_bytes: 64 << 20 };
        let areas = Areas::new(&store, &bus, &clock.clock(), areas::Settings { accounts, documents });
        let Areas { accounts, services, versions, contracts, comparisons, policies, events, .. } = areas.clone();
        Self {
            store,
            bus,
            accounts,
            services,
            versions,
            contracts,
            comparisons,
            policies,
            events,
            areas,
            clock,
            settings,
            folder,
        }
    }

    pub async fn user(&self, name: &str, role: Role) -> User {
        let email = format!("{name}@example.org").parse().unwrap();
        self.accounts.create_user(email, name.parse().unwrap(), PASSWORD.parse().unwrap(), role).await.unwrap()
    }

    /// Somebody with this role, already known.
    pub async fn caller(&self, name: &str, role: Role) -> Caller {
        as_caller(&self.user(name, role).await)
    }

    /// What proves that somebody is who they are, as a browser would after signing in.
    pub async fn session(&self, user: &User) -> Credential {
        let sign_in = SignIn { email: user.email.to_string(), password: PASSWORD.to_owned() };
        let (_, cookies) = self.accounts.sign_in(&Visitor::default(), sign_in).await.unwrap();
        let pairs: Vec<&str> = cookies.0.iter().filter_map(|cookie| cookie.split(';').next()).collect();
        self.accounts.authenticate(Some(&pairs.join("; ")), None).await.unwrap().credential
    }

    /// Events after a number, oldest first, as streams tell of them.
    pub async fn happened(&self, after: i64) -> Vec<Event> {
        let entries = self.bus.read_after(after, 1_000).await.unwrap();
        let events = entries.iter().filter_map(|entry| match &entry.what {
            EntryKind::Event { json, .. } => Some(serde_json::from_str(json).unwrap()),
            EntryKind::Access(_) => None,
        });
        events.collect()
    }

    /// A statement that no operation of the hub would run.
    pub async fn sql(&self, statement: &str) {
        let mut tx = self.store.begin().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// Names a version.
pub fn version_ref(service: &ServiceName, label: &VersionLabel) -> VersionRef {
    VersionRef { service: service.clone(), label: label.clone() }
}

/// Names two versions.
pub fn comparison_ref(service: &ServiceName, base: &VersionLabel, revision: &VersionLabel) -> ComparisonRef {
    ComparisonRef { service: service.clone(), base: base.clone(), revision: revision.clone() }
}

pub fn as_caller(user: &User) -> Caller {
    Caller::Known(Actor::person(user.id, user.display_name.clone(), user.role))
}

/// A small contract: `GET` on each of the paths.
pub fn contract(version: &str, paths: &[&str]) -> Vec<u8> {
    let mut text = format!("openapi: 3.1.0\ninfo:\n  title: Orders\n  version: \"{version}\"\npaths:\n");
    for path in paths {
        text.push_str(&format!(
            "  {path}:\n    get:\n      summary: Reads {path}\n      responses:\n        \"200\":\n          description: Fine\n"
        ));
    }
    text.into_bytes()
}

/// What this thread logs while the guard lives.
pub fn captured_log() -> (Log, tracing::subscriber::DefaultGuard) {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    (log, tracing::subscriber::set_default(subscriber))
}

#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
