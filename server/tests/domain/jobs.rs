//! Work in the background.

use crate::{common::TestDomain, on_both};
use async_trait::async_trait;
use server::{
    accounts::Credential,
    error::{Error, Result},
    events::Retention,
    jobs::{Job, Kinds, Progress, Queue, Runner, upkeep},
    store::once::{Begun, Once},
};
use shared::{ErrorCode, Jobs as _, PageQuery, Role, accounts::Caller, jobs::JobState};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// A job that does as it is told, and tells of it.
struct Scripted {
    began: mpsc::UnboundedSender<u32>,
    script: Arc<Mutex<VecDeque<Act>>>,
}

#[derive(Debug, Clone, Copy)]
enum Act {
    Fail,
    Panic,
    Hang,
}

#[async_trait]
impl Job for Scripted {
    const NAME: &'static str = "scripted";
    type Payload = u32;

    async fn run(&self, payload: u32, _: &Progress) -> Result<()> {
        // Not every test listens.
        self.began.send(payload).ok();
        let act = self.script.lock().unwrap().pop_front();
        match act {
            None => Ok(()),
            Some(Act::Fail) => Err(Error::damaged("on purpose")),
            Some(Act::Panic) => panic!("on purpose"),
            Some(Act::Hang) => std::future::pending().await,
        }
    }
}

struct Stage {
    queue: Queue,
    runner: Runner,
    began: mpsc::UnboundedReceiver<u32>,
    stopping: CancellationToken,
}

/// A server that does what the script says, then succeeds.
fn stage(hub: &TestDomain, script: &[Act]) -> Stage {
    let (began, receiver) = mpsc::unbounded_channel();
    let script = Arc::new(Mutex::new(script.iter().copied().collect()));
    let queue = Queue::new(hub.store.clone(), hub.clock.clock());
    let stopping = CancellationToken::new();
    let kinds = Kinds::default().with(Scripted { began, script });
    let runner = Runner::new(queue.clone(), kinds, stopping.clone()).with_grace(Duration::ZERO);
    Stage { queue, runner, began: receiver, stopping }
}

async fn enqueue(hub: &TestDomain, queue: &Queue, payload: u32) {
    let mut tx = hub.store.begin().await.unwrap();
    queue.enqueue::<Scripted>(&mut tx, &payload).await.unwrap();
    tx.commit().await.unwrap();
}

async fn only(hub: &TestDomain, queue: &Queue) -> shared::jobs::Job {
    let admin = hub.accounts.user_by_email(&"admin@example.org".parse().unwrap()).await.unwrap().unwrap();
    let jobs = queue.jobs(&crate::common::as_caller(&admin), PageQuery::default()).await.unwrap().items;
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    jobs.into_iter().next().unwrap()
}

const LEASE: Duration = Duration::from_secs(61);
const HOURS: Duration = Duration::from_secs(2 * 60 * 60);

on_both! {
    async fn several_servers_do_each_job_once(hub: TestDomain) {
        let (mut first, other) = (stage(&hub, &[]), hub.another().await);
        let mut second = stage(&other, &[]);
        for payload in 0..20 {
            enqueue(&hub, &first.queue, payload).await;
        }
        let work = async |runner: &Runner| while runner.next().await.unwrap() {};
        tokio::join!(work(&first.runner), work(&second.runner), work(&first.runner), work(&second.runner));
        let mut done = Vec::new();
        for stage in [&mut first, &mut second] {
            while let Ok(payload) = stage.began.try_recv() {
                done.push(payload);
            }
        }
        done.sort_unstable();
        assert_eq!(done, (0..20).collect::<Vec<_>>());
    }

    async fn what_is_not_committed_is_not_done(hub: TestDomain) {
        let stage = stage(&hub, &[]);
        let mut tx = hub.store.begin().await.unwrap();
        stage.queue.enqueue::<Scripted>(&mut tx, &1).await.unwrap();
        drop(tx);
        assert!(!stage.runner.next().await.unwrap());
    }

    async fn what_fails_comes_again_later_and_is_put_aside_at_last(hub: TestDomain) {
        let admin = hub.caller("admin", Role::Admin).await;
        let script = [Act::Fail, Act::Panic, Act::Fail, Act::Fail, Act::Fail, Act::Fail, Act::Fail, Act::Fail];
        let Stage { queue, runner, .. } = stage(&hub, &script);
        enqueue(&hub, &queue, 1).await;
        let mut pauses = Vec::new();
        for attempt in 1..=script.len() {
            let before = hub.clock.clock().now();
            assert!(runner.next().await.unwrap(), "attempt {attempt}");
            assert!(!runner.next().await.unwrap(), "it isn't due at once");
            let job = only(&hub, &queue).await;
            assert_eq!(job.attempts as usize, attempt);
            assert!(job.error.as_ref().unwrap().contains(if attempt == 2 { "broke off" } else { "on purpose" }), "{job:?}");
            pauses.push(job.run_at.millis_since(before));
            hub.clock.forward(HOURS);
        }
        assert!(pauses[1] > pauses[0] && pauses[3] > pauses[1], "{pauses:?}");
        assert_eq!(only(&hub, &queue).await.state, JobState::Dead);
        assert!(!runner.next().await.unwrap(), "it was put aside");

        let job = only(&hub, &queue).await.id;
        let viewer = hub.caller("viewer", Role::Maintainer).await;
        assert_eq!(queue.try_job_again(&viewer, job).await.unwrap_err().code, ErrorCode::Forbidden);
        assert_eq!(queue.jobs(&viewer, PageQuery::default()).await.unwrap_err().code, ErrorCode::Forbidden);
        queue.try_job_again(&admin, job).await.unwrap();
        assert!(runner.next().await.unwrap());
        assert_eq!(queue.jobs(&admin, PageQuery::default()).await.unwrap().items, []);
    }

    async fn the_job_of_a_killed_server_is_free_when_its_lease_ends(hub: TestDomain) {
        hub.caller("admin", Role::Admin).await;
        let mut killed = stage(&hub, &[Act::Hang]);
        let Stage { queue, runner, mut began, .. } = stage(&hub, &[]);
        enqueue(&hub, &queue, 7).await;
        let server = tokio::spawn({
            let runner = killed.runner.clone();
            async move { runner.next().await.map(drop) }
        });
        assert_eq!(killed.began.recv().await, Some(7));
        server.abort();
        assert!(!runner.next().await.unwrap());
        assert_eq!(only(&hub, &queue).await.state, JobState::Running);
        hub.clock.forward(LEASE);
        assert!(runner.next().await.unwrap());
        assert_eq!(began.recv().await, Some(7));
    }

    async fn a_job_that_kills_its_server_each_time_is_put_aside(hub: TestDomain) {
        hub.caller("admin", Role::Admin).await;
        let Stage { queue, runner, mut began, .. } = stage(&hub, &[]);
        enqueue(&hub, &queue, 7).await;
        hub.sql("UPDATE jobs SET attempts = 8, lease = 'gone', leased_until = 1").await;
        assert!(runner.next().await.unwrap());
        assert!(began.try_recv().is_err());
        assert_eq!(only(&hub, &queue).await.state, JobState::Dead);
    }

    async fn a_server_that_stops_gives_its_job_back(hub: TestDomain) {
        hub.caller("admin", Role::Admin).await;
        let mut stopping = stage(&hub, &[Act::Hang]);
        enqueue(&hub, &stopping.queue, 7).await;
        let server = tokio::spawn(stopping.runner.clone().run());
        assert_eq!(stopping.began.recv().await, Some(7));
        stopping.stopping.cancel();
        server.await.unwrap();
        let job = only(&hub, &stopping.queue).await;
        assert_eq!((job.state, job.attempts), (JobState::Waiting, 0));
        let mut next = stage(&hub, &[]);
        assert!(next.runner.next().await.unwrap());
        assert_eq!(next.began.recv().await, Some(7));
    }

    async fn jobs_of_other_releases_are_left_to_them(hub: TestDomain) {
        let Stage { queue, runner, .. } = stage(&hub, &[]);
        enqueue(&hub, &queue, 7).await;
        hub.sql("UPDATE jobs SET name = 'of-a-later-release'").await;
        assert!(!runner.next().await.unwrap());
    }

    async fn what_is_over_is_deleted_hour_by_hour(hub: TestDomain) {
        let admin = hub.user("admin", Role::Admin).await;
        let Credential::Session(_) = hub.session(&admin).await else { panic!() };
        let once = Once::new(admin.id, Some("key".to_owned()), &["a"]).unwrap();
        let Begun::New(work) = once.begin::<u32>(&hub.store, hub.clock.clock().now()).await.unwrap() else { panic!() };
        work.answered(&1).await.unwrap().commit().await.unwrap();
        let caller = crate::common::as_caller(&admin);
        let service = shared::services::NewService { name: "orders".parse().unwrap(), description: String::new() };
        shared::Services::create(&hub.services, &caller, service).await.unwrap();

        let queue = Queue::new(hub.store.clone(), hub.clock.clock());
        let kinds = upkeep::jobs(
            &hub.store,
            &hub.areas,
            Retention { outbox_days: 7, audit_days: 400 },
            &hub.clock.clock(),
        );
        let runner = Runner::new(queue.clone(), kinds, CancellationToken::new());
        runner.schedule().await;
        runner.schedule().await;
        let rows = async || {
            let mut connection = hub.store.read().await.unwrap();
            let mut rows = Vec::new();
            for statement in [
                "SELECT COUNT(*) FROM sessions", "SELECT COUNT(*) FROM refresh_tokens",
                "SELECT COUNT(*) FROM idempotency_keys", "SELECT COUNT(*) FROM outbox", "SELECT COUNT(*) FROM audit",
            ] {
                rows.push(sqlx::query_scalar::<_, i64>(statement).fetch_one(&mut *connection).await.unwrap());
            }
            rows
        };
        while runner.next().await.unwrap() {}
        assert_eq!(rows().await, [1, 1, 1, 1, 1]);
        hub.clock.forward(Duration::from_secs(31 * 24 * 60 * 60));
        while runner.next().await.unwrap() {}
        assert_eq!(rows().await, [0, 0, 0, 0, 1]);
        hub.clock.forward(Duration::from_secs(400 * 24 * 60 * 60));
        while runner.next().await.unwrap() {}
        assert_eq!(rows().await, [0, 0, 0, 0, 0]);
        let jobs = queue.jobs(&caller, PageQuery::default()).await.unwrap().items;
        assert_eq!(jobs.len(), 5, "each is there once: {jobs:?}");
        assert!(jobs.iter().all(|job| job.periodic && job.finished_at.is_some() && job.error.is_none()), "{jobs:?}");
        assert!(queue.jobs(&Caller::Anonymous, PageQuery::default()).await.is_err());
    }
}
