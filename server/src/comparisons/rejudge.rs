//! After an upgrade: the latest version of every service is compared again with the one before it.
//!
//! An engine of another generation finds other things in the same documents, so what an earlier one stored isn't read any
//! more. Readers would have it compared in memory, each for the first time on each server; this has it stored again, one
//! pair at a time, in the background. What is stored says what is done: a server that is killed in the middle, and the
//! one that goes on, skip what is there.

use super::{Comparer, sql};
use crate::{
    error::{Error, Result},
    jobs::{Job, Progress, Queue},
    store::{Store, retrying},
};
use async_trait::async_trait;
use contract::generation;
use serde::{Deserialize, Serialize};
use shared::{ApiError, ErrorCode, Version, ids::UserId};
use uuid::Uuid;

/// Whom the work is counted for.
const NOBODY: UserId = UserId(Uuid::nil());

/// Has the latest versions compared again, when the engine is another one than before.
pub async fn after_upgrade(store: &Store, queue: &Queue) -> Result<()> {
    let upgraded = retrying(async || {
        let mut tx = store.begin().await?;
        if !sql::upgrade(&mut tx).await? {
            return Ok(false);
        }
        if sql::count_compared(&mut tx).await? > 0 {
            queue.enqueue::<Rejudge>(&mut tx, &Upgrade { generation: generation().to_owned() }).await?;
        }
        tx.commit().await?;
        Ok(true)
    });
    if upgraded.await? {
        tracing::info!(generation = generation(), "the engine is another one than before");
        queue.wake();
    }
    Ok(())
}

/// What is told to the job.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Upgrade {
    /// What was upgraded to.
    generation: String,
}

/// See the [module](self).
pub struct Rejudge(pub Comparer);

#[async_trait]
impl Job for Rejudge {
    const NAME: &'static str = "compare-latest-versions-again";
    type Payload = Upgrade;

    async fn run(&self, upgrade: Upgrade, progress: &Progress) -> Result<()> {
        let store = &self.0.0.store;
        if sql::upgraded_to(&mut *store.read().await?).await? != upgrade.generation {
            // There was another upgrade since.
            return Ok(());
        }
        if upgrade.generation != generation() {
            // While servers are upgraded one after the other. It is tried again, perhaps by one of them.
            return Err(ApiError::new(ErrorCode::Conflict, "A server of the new release has to do this.").into());
        }
        let total = sql::count_compared(&mut *store.read().await?).await?;
        let (mut done, mut failed, mut last) = (0, 0, None);
        progress.set(done, total).await?;
        loop {
            let next = sql::next_compared(&mut *store.read().await?, last).await?;
            let Some((service, versions)) = next else { break };
            last = Some(service);
            match self.compare(&versions).await {
                Ok(()) => done += 1,
                Err(error) => {
                    failed += 1;
                    tracing::warn!(%error, service = %versions[1].service, "the latest version can't be compared again");
                }
            }
            progress.set(done, total).await?;
        }
        match failed {
            0 => Ok(()),
            _ => {
                Err(Error::damaged(format_args!("{failed} of {total} latest versions can't be compared; see the log")))
            }
        }
    }
}

impl Rejudge {
    async fn compare(&self, [base, latest]: &[Version; 2]) -> Result<()> {
        let store = &self.0.0.store;
        let question = self.0.question(NOBODY, base, latest).await?;
        if sql::is_stored(&mut *store.read().await?, &question.pair).await? {
            return Ok(());
        }
        let packed = self.0.to_store(&question).await?;
        retrying(async || {
            let mut tx = store.begin().await?;
            sql::store(&mut tx, &question.pair, &packed).await?;
            Ok(tx.commit().await?)
        })
        .await
    }
}

/// Deletes what earlier generations of the engine found.
pub async fn delete_old(store: &Store) -> Result<u64> {
    retrying(async || {
        let mut tx = store.begin().await?;
        let gone = sql::delete_old(&mut tx).await?;
        tx.commit().await?;
        Ok(gone)
    })
    .await
}
