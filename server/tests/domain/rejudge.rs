//! After an upgrade of the engine.

use crate::{
    common::{TestDomain, as_caller, comparison_ref, contract},
    on_both,
};
use server::{
    comparisons::rejudge::{Rejudge, after_upgrade, delete_old},
    jobs::{Kinds, Queue, Runner},
};
use shared::{
    Comparisons as _, Jobs as _, PageQuery, Role, Services as _, Versions as _,
    accounts::Caller,
    jobs::{Job, JobState, Progress},
    names::ServiceName,
    services::NewService,
    versions::Publish,
};
use tokio_util::sync::CancellationToken;

struct Stage {
    hub: TestDomain,
    admin: Caller,
    queue: Queue,
    runner: Runner,
}

impl Stage {
    /// Services with two versions each, stored by an engine of another generation, and one with a single version.
    async fn new(hub: TestDomain, services: &[&str]) -> Self {
        let admin = as_caller(&hub.user("admin", Role::Admin).await);
        for (name, versions) in services.iter().map(|name| (name, 2)).chain([(&"single", 1)]) {
            let name: ServiceName = name.parse().unwrap();
            hub.services.create(&admin, NewService { name: name.clone(), description: String::new() }).await.unwrap();
            for version in 1..=versions {
                let path = format!("/{name}-{version}");
                let publish = Publish { document: contract(&version.to_string(), &[&path]), ..Publish::default() };
                hub.versions.publish(&admin, &name, publish).await.unwrap();
            }
        }
        let queue = Queue::new(hub.store.clone(), hub.clock.clock());
        after_upgrade(&hub.store, &queue).await.unwrap();
        let stage = Self { runner: runner(&hub, &queue), hub, admin, queue };
        // Nothing is known of the first start's generation, so all are compared again. That isn't what is tested here.
        while stage.runner.next().await.unwrap() {}
        stage.hub.sql("UPDATE comparisons SET engine = 'older'; UPDATE hub SET engine = 'older'").await;
        stage
    }

    async fn job(&self) -> Option<Job> {
        let jobs = self.queue.jobs(&self.admin, PageQuery::default()).await.unwrap().items;
        assert!(jobs.len() <= 1, "{jobs:?}");
        jobs.into_iter().next()
    }

    /// Comparisons of this engine, and of others.
    async fn stored(&self) -> (i64, i64) {
        let mut connection = self.hub.store.read().await.unwrap();
        let mut count = Vec::new();
        for statement in [
            "SELECT COUNT(*) FROM comparisons WHERE engine = $1",
            "SELECT COUNT(*) FROM comparisons WHERE engine <> $1",
        ] {
            let of = sqlx::query_scalar(statement).bind(contract::generation());
            count.push(of.fetch_one(&mut *connection).await.unwrap());
        }
        (count[0], count[1])
    }
}

fn runner(hub: &TestDomain, queue: &Queue) -> Runner {
    let kinds = Kinds::default().with(Rejudge(hub.comparisons.comparer()));
    Runner::new(queue.clone(), kinds, CancellationToken::new())
}

on_both! {
    async fn latest_versions_are_compared_again_after_an_upgrade(hub: TestDomain) {
        let stage = Stage::new(hub, &["accounts", "billing", "catalog"]).await;
        after_upgrade(&stage.hub.store, &stage.queue).await.unwrap();
        // Another server that starts finds that it is noted.
        after_upgrade(&stage.hub.another().await.store, &stage.queue).await.unwrap();
        assert_eq!(stage.job().await.map(|job| (job.state, job.periodic)), Some((JobState::Waiting, false)));
        assert_eq!(stage.stored().await, (0, 3));
        assert!(stage.runner.next().await.unwrap());
        assert_eq!((stage.job().await, stage.stored().await), (None, (3, 3)));
        assert_eq!(delete_old(&stage.hub.store).await.unwrap(), 3);
        assert_eq!(stage.stored().await, (3, 0));
        // What is stored is read: no document is.
        stage.hub.sql("UPDATE documents SET coding = 'lost'").await;
        let pair = comparison_ref(&"billing".parse().unwrap(), &"1".parse().unwrap(), &"2".parse().unwrap());
        let other = stage.hub.another().await;
        assert_eq!(other.comparisons.read(&stage.admin, &pair).await.unwrap().counts.breaking, 1);
    }

    async fn it_goes_on_where_it_was_and_says_how_far_it_is(hub: TestDomain) {
        let stage = Stage::new(hub, &["accounts", "billing", "catalog"]).await;
        after_upgrade(&stage.hub.store, &stage.queue).await.unwrap();
        // One is done by a server that was killed; the documents of another can't be read.
        let of = |service: &str| {
            format!("(SELECT v.digest FROM versions v JOIN services s ON s.id = v.service_id WHERE s.name = '{service}')")
        };
        let done = format!("UPDATE comparisons SET engine = '{}' WHERE base_digest IN {}", contract::generation(), of("accounts"));
        stage.hub.sql(&done).await;
        for service in ["accounts", "billing"] {
            stage.hub.sql(&format!("UPDATE documents SET coding = 'lost' WHERE digest IN {}", of(service))).await;
        }
        let other = stage.hub.another().await;
        let runner = runner(&other, &stage.queue);
        assert!(runner.next().await.unwrap());
        let job = stage.job().await.unwrap();
        assert_eq!(job.progress, Some(Progress { done: 2, total: 3 }));
        assert!(job.error.unwrap().contains("1 of 3 latest versions"));
        assert_eq!(stage.stored().await, (2, 2));
    }

    async fn a_server_of_another_release_leaves_it(hub: TestDomain) {
        let stage = Stage::new(hub, &["accounts"]).await;
        after_upgrade(&stage.hub.store, &stage.queue).await.unwrap();
        stage.hub.sql("UPDATE jobs SET payload = '{\"generation\":\"newer\"}'; UPDATE hub SET engine = 'newer'").await;
        assert!(stage.runner.next().await.unwrap());
        assert!(stage.job().await.unwrap().error.unwrap().contains("new release"));
        assert_eq!(stage.stored().await, (0, 1));
        // What was upgraded once more is none of its business any more.
        stage.hub.sql("UPDATE hub SET engine = 'newest'; UPDATE jobs SET run_at = 0").await;
        assert!(stage.runner.next().await.unwrap());
        assert_eq!(stage.job().await, None);
    }
}
