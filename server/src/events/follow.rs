//! One client's place in the live stream.
//!
//! What happens is read from the database once for all streams, into a bounded ring in memory; a stream is a position
//! in it. One that is further behind than the ring reaches catches up from the database, and one that is too far behind
//! for that gets a resync instead of the backlog. A slow client holds back only its own position.
//!
//! What an account may do is asked when the stream begins, and again each time that the ring says that it changed. That
//! comes in the order of the commits: nothing that happened after somebody lost their access reaches them.

use super::{
    Bus,
    ring::{Entry, EntryKind},
};
use crate::{
    accounts::{AccountsService, Credential},
    permissions::{self, Grant, Read, Visible},
};
use shared::{ApiError, ErrorCode, names::ServiceName};
use std::{sync::Arc, time::Duration};
use tokio::sync::{mpsc, watch};

/// Events read from the database at once.
const BATCH: usize = 200;
/// Further behind than this, a client is told to read everything again.
const BACKLOG: i64 = 1_000;

/// What a stream tells its client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamMessage {
    /// It is there.
    Open,
    /// An event, as JSON.
    Event(Arc<Entry>),
    /// Everything up to this number has been told.
    Live(i64),
    /// Events before this number were left out.
    Resync(i64),
}

/// What a stream carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topics(Option<Vec<String>>);

impl Topics {
    const MAX: usize = 100;

    pub fn parse(text: Option<&str>) -> Result<Self, ApiError> {
        let Some(text) = text else { return Ok(Self(None)) };
        let names: Option<Vec<String>> =
            text.split(',').map(|topic| topic.trim_matches(' ').strip_prefix("service:").map(str::to_owned)).collect();
        match names {
            Some(names) if names.len() <= Self::MAX => Ok(Self(Some(names))),
            _ => Err(ApiError::new(
                ErrorCode::BadRequest,
                format!("topics are at most {} comma-separated names such as service:orders.", Self::MAX),
            )),
        }
    }

    fn carry(&self, service: Option<&ServiceName>) -> bool {
        let Some(names) = &self.0 else { return true };
        service.is_some_and(|service| names.iter().any(|name| name == service.as_str()))
    }
}

/// The client is gone, may not listen any longer, or the events can't be read.
struct Ended;

/// Follows events for one client.
pub struct Follower {
    pub accounts: AccountsService,
    pub bus: Bus,
    pub credential: Credential,
    pub topics: Topics,
    pub client: mpsc::Sender<StreamMessage>,
    /// A stream lasts no longer: a session's rights are proven by its cookies, and the client comes back with fresh ones.
    pub longest: Duration,
}

impl Follower {
    /// Runs until the client is gone or may not listen any longer.
    pub async fn run(self, from: Option<i64>) {
        // First the position and then the rights: whatever is taken away from here on has a later number.
        let (head, latest) = (self.bus.heads(), self.bus.latest());
        let Ok((grant, lifetime)) = self.authorise().await else { return };
        tokio::select! {
            () = tokio::time::sleep(lifetime) => {}
            _ = self.follow(from, latest, head, grant) => {}
        }
    }

    async fn follow(
        &self,
        from: Option<i64>,
        latest: i64,
        mut head: watch::Receiver<i64>,
        mut grant: Grant<Read, Visible>,
    ) -> Result<(), Ended> {
        // Nothing is before the first event, whatever a client says.
        let mut position = from.unwrap_or(latest).max(0);
        self.tell(StreamMessage::Open).await?;
        // What was committed before the client came may be on its way into memory.
        tokio::select! {
            reached = head.wait_for(|read| *read >= latest) => drop(reached.map_err(|_| Ended)?),
            () = self.client.closed() => return Err(Ended),
        }
        // A position in the future belongs to another database, such as before a restore.
        if position > latest {
            position = self.resync(latest).await?;
        }
        position = self.catch_up(position, &mut grant).await?;
        self.tell(StreamMessage::Live(position)).await?;
        loop {
            tokio::select! {
                changed = head.changed() => changed.map_err(|_| Ended)?,
                () = self.client.closed() => return Err(Ended),
            }
            position = self.catch_up(position, &mut grant).await?;
        }
    }

    /// Tells all that there is after a position.
    async fn catch_up(&self, mut position: i64, grant: &mut Grant<Read, Visible>) -> Result<i64, Ended> {
        loop {
            let entries = match self.bus.recent(position) {
                Some(entries) => entries,
                None => match self.backlog(position).await? {
                    Some(entries) => entries,
                    None => {
                        // What is left out may have changed what the caller may see.
                        let latest = self.bus.latest();
                        *grant = self.authorise().await?.0;
                        return self.resync(latest).await;
                    }
                },
            };
            let Some(last) = entries.last() else { return Ok(position) };
            position = last.seq;
            for entry in entries {
                self.entry(&entry, grant).await?;
            }
        }
    }

    /// What the database has after a position; `None` when the client missed too much to be told.
    async fn backlog(&self, position: i64) -> Result<Option<Vec<Arc<Entry>>>, Ended> {
        let failed = |error| {
            tracing::error!(%error, "a live stream can't read events");
            Ended
        };
        if self.bus.latest() - position > BACKLOG || !self.bus.can_resume(position).await.map_err(failed)? {
            return Ok(None);
        }
        self.bus.read_after(position, BATCH).await.map(Some).map_err(failed)
    }

    async fn entry(&self, entry: &Arc<Entry>, grant: &mut Grant<Read, Visible>) -> Result<(), Ended> {
        match &entry.what {
            EntryKind::Access(user) if *user == grant.actor().user => {
                *grant = self.authorise().await?.0;
            }
            EntryKind::Event { service, .. }
                if self.topics.carry(service.as_ref()) && sees(grant, service.as_ref()) =>
            {
                self.tell(StreamMessage::Event(Arc::clone(entry))).await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// What the caller may see now, and for how long the stream may last.
    async fn authorise(&self) -> Result<(Grant<Read, Visible>, Duration), Ended> {
        match self.accounts.standing(&self.credential).await {
            Ok((caller, left)) => {
                let grant = permissions::on_visible(&caller).map_err(|_| Ended)?;
                Ok((grant, left.map_or(self.longest, |left| left.min(self.longest))))
            }
            Err(error) => {
                tracing::warn!(%error, "a live stream's caller can't be checked");
                Err(Ended)
            }
        }
    }

    async fn resync(&self, latest: i64) -> Result<i64, Ended> {
        metrics::counter!("handshake_live_resyncs_total").increment(1);
        self.tell(StreamMessage::Resync(latest)).await?;
        Ok(latest)
    }

    async fn tell(&self, told: StreamMessage) -> Result<(), Ended> {
        self.client.send(told).await.map_err(|_| Ended)
    }
}

/// What is about no service is for those who see all of them.
fn sees(grant: &Grant<Read, Visible>, service: Option<&ServiceName>) -> bool {
    match service {
        Some(service) => grant.on().sees(service),
        None => grant.on().sees_all(),
    }
}

#[cfg(test)]
mod tests {
    use super::Topics;

    #[test]
    fn topics() {
        assert_eq!(Topics::parse(None).unwrap(), Topics(None));
        assert_eq!(Topics::parse(Some("service:a, service:b")).unwrap(), Topics(Some(vec!["a".into(), "b".into()])));
        assert!(Topics::parse(Some("a")).is_err());
        assert!(Topics::parse(Some(&vec!["service:a"; 101].join(","))).is_err());
    }

    #[test]
    fn a_stream_of_some_services_has_nothing_that_is_about_none() {
        let some = Topics::parse(Some("service:a")).unwrap();
        let (a, b) = ("a".parse().unwrap(), "b".parse().unwrap());
        assert_eq!([Some(&a), Some(&b), None].map(|service| some.carry(service)), [true, false, false]);
        assert!(Topics::parse(None).unwrap().carry(None));
    }
}
