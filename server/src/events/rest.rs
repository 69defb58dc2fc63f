//! `GET /api/v1/events`: the live stream (Server-Sent Events), or its history as JSON.
//!
//! The stream's queue is the database: each client is a position in the event table, woken when the table grows. A
//! slow client holds back only its own position; one that is too far behind gets a `resync` event instead of the
//! backlog, and reads what it shows anew. The alternative, a broadcast channel with a buffer per client, loses events
//! on a restart and needs the database for resuming anyway.

use crate::{
    accounts::Credential,
    http::{
        App,
        auth::Asking,
        body::{Answer, Params, ok},
    },
    permissions::{self, Grant, Read, Visible},
};
use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, header},
    response::{
        IntoResponse, Response,
        sse::{Event as Frame, KeepAlive, Sse},
    },
};
use futures::Stream;
use serde::Deserialize;
use shared::{
    ApiError, Cursor, ErrorCode, Events as _, Page, PageQuery,
    error::Envelope,
    events::{Event, LIVE, RESYNC},
};
use std::{convert::Infallible, time::Duration};
use tokio::sync::mpsc;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Frames that wait for a client. The writer stops at that many and goes on when the client has read some.
const QUEUE: usize = 64;
/// Events read at once.
const BATCH: usize = 200;
/// Further behind than this, a client is told to read everything anew.
const BACKLOG: i64 = 1_000;
const HEARTBEAT: Duration = Duration::from_secs(15);

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(events))
}

/// Which events.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
struct EventQuery {
    /// Comma-separated topics: `service:orders,service:catalog`; all when absent.
    #[param(max_length = 8000, pattern = "^ *service:[^,]*(, *service:[^,]*){0,99}$")]
    topics: Option<String>,
    /// Resume after this event; the header `Last-Event-ID` wins over it.
    last_event_id: Option<i64>,
    /// `nextCursor` of the page before; only for the history.
    #[param(max_length = 200)]
    cursor: Option<String>,
    /// 1 to 200, 50 when absent; only for the history.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Follow events
///
/// A stream of Server-Sent Events: `id` is the event's `seq`, `data` the event as JSON. Events of every kind arrive as
/// `message`, the default name, and `type` in the JSON tells them apart; skip a `type` that you don't know. In release
/// 0.1.0 each was named by its `type`: a client that listens by those names hears nothing any more and has to listen to
/// `message`. Two named frames aren't events: `live` says that everything up to its `id` has been sent, `resync` that
/// events were left out, so that you read again what you show. The server ends the stream now and then; reconnect. The
/// stream resumes after `Last-Event-ID`. With `Accept: application/json` the answer is a page of the history, newest
/// first.
#[utoipa::path(get, path = "/api/v1/events", tag = "events",
    params(EventQuery, ("Last-Event-ID" = Option<i64>, Header, description = "Resume after this event")),
    responses((status = 200, description = "The stream, or a page of the history", content(
        (String = "text/event-stream"), (Envelope<Page<Event>> = "application/json")))))]
async fn events(
    State(app): State<App>,
    Asking(caller): Asking,
    Extension(credential): Extension<Credential>,
    Params(query): Params<EventQuery>,
    headers: HeaderMap,
) -> Answer {
    let grant = permissions::on_visible(&caller)?;
    let topics = Topics::parse(query.topics.as_deref())?;
    if wants_history(&headers) {
        let page = PageQuery { cursor: query.cursor.map(Cursor), limit: query.limit };
        return Ok(ok(app.events.events(&caller, page).await?));
    }
    let permit = app.streams.open(grant.actor().user)?;
    let from = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok())
        .and_then(|id| id.parse().ok())
        .or(query.last_event_id);
    let (frames, receiver) = mpsc::channel(QUEUE);
    let follower = Follower { app, credential, topics, frames };
    tokio::spawn(async move {
        let _permit = permit;
        follower.run(from).await;
    });
    Ok(sse(receiver))
}

fn wants_history(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("application/json") && !accept.contains("text/event-stream"))
}

fn sse(receiver: mpsc::Receiver<Frame>) -> Response {
    let stream: std::pin::Pin<Box<dyn Stream<Item = Result<Frame, Infallible>> + Send>> =
        Box::pin(futures::stream::unfold(receiver, |mut receiver| async move {
            receiver.recv().await.map(|frame| (Ok(frame), receiver))
        }));
    let mut response = Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response();
    // Proxies that buffer would hold events back.
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    response
}

/// What a stream carries.
#[derive(Debug, PartialEq)]
struct Topics(Option<Vec<String>>);

impl Topics {
    const MOST: usize = 100;

    fn parse(text: Option<&str>) -> Result<Self, ApiError> {
        let Some(text) = text else { return Ok(Self(None)) };
        let names: Option<Vec<String>> =
            text.split(',').map(|topic| topic.trim_matches(' ').strip_prefix("service:").map(str::to_owned)).collect();
        match names {
            Some(names) if names.len() <= Self::MOST => Ok(Self(Some(names))),
            _ => Err(ApiError::new(
                ErrorCode::BadRequest,
                format!("topics are at most {} comma-separated names such as service:orders.", Self::MOST),
            )),
        }
    }

    fn carry(&self, event: &Event) -> bool {
        self.0.as_ref().is_none_or(|names| names.iter().any(|name| name == event.kind.service().as_str()))
    }
}

/// One client's place in the stream.
struct Follower {
    app: App,
    credential: Credential,
    topics: Topics,
    frames: mpsc::Sender<Frame>,
}

/// The client is gone, may not listen any longer, or the events can't be read.
struct Ended;

impl Follower {
    async fn run(self, from: Option<i64>) {
        // A session's rights are proven by its cookies; the stream ends before they expire and the client comes back
        // with fresh ones.
        let lifetime = Duration::from_secs(self.app.settings.access_token_seconds);
        let stopping = self.app.stopping.clone();
        tokio::select! {
            () = stopping.cancelled() => {}
            () = tokio::time::sleep(lifetime) => {}
            _ = self.follow(from) => {}
        }
    }

    async fn follow(&self, from: Option<i64>) -> Result<(), Ended> {
        let mut wake = self.app.bus.subscribe();
        let latest = self.app.bus.latest();
        // Nothing is before the first event, whatever a client says.
        let mut position = from.unwrap_or(latest).max(0);
        // Says how soon to come back, and makes the connection visibly open.
        self.send(Frame::default().retry(Duration::from_secs(1)).comment("handshake")).await?;
        // A position in the future belongs to another database, such as before a restore.
        if position > latest {
            position = self.resync(latest).await?;
        }
        position = self.catch_up(position).await?;
        self.send(Frame::default().id(position.to_string()).event(LIVE).data("{}")).await?;
        loop {
            tokio::select! {
                changed = wake.changed() => changed.map_err(|_| Ended)?,
                () = self.frames.closed() => return Err(Ended),
            }
            position = self.catch_up(position).await?;
        }
    }

    async fn catch_up(&self, mut position: i64) -> Result<i64, Ended> {
        loop {
            let latest = self.app.bus.latest();
            let failed = |error| {
                tracing::error!(%error, "a live stream can't read events");
                Ended
            };
            if latest - position > BACKLOG || !self.app.bus.can_resume(position).await.map_err(failed)? {
                return self.resync(latest).await;
            }
            let events = self.app.bus.read_after(position, BATCH).await.map_err(failed)?;
            let Some(last) = events.last() else { return Ok(position) };
            position = last.seq;
            let grant = self.authorise().await?;
            let sees = |event: &&Event| self.topics.carry(event) && grant.on().sees(event.kind.service());
            for event in events.iter().filter(sees) {
                self.send(frame(event)?).await?;
            }
        }
    }

    /// Whether the caller may still read: a role, session or token that was taken away ends the stream before the next
    /// event.
    async fn authorise(&self) -> Result<Grant<Read, Visible>, Ended> {
        match self.app.accounts.renew(&self.credential).await {
            Ok(caller) => permissions::on_visible(&caller).map_err(|_| Ended),
            Err(error) => {
                tracing::warn!(%error, "a live stream's caller can't be checked");
                Err(Ended)
            }
        }
    }

    async fn resync(&self, latest: i64) -> Result<i64, Ended> {
        metrics::counter!("handshake_live_resyncs_total").increment(1);
        self.send(Frame::default().id(latest.to_string()).event(RESYNC).data("{}")).await?;
        Ok(latest)
    }

    async fn send(&self, frame: Frame) -> Result<(), Ended> {
        self.frames.send(frame).await.map_err(|_| Ended)
    }
}

fn frame(event: &Event) -> Result<Frame, Ended> {
    Frame::default().id(event.seq.to_string()).json_data(event).map_err(|error| {
        tracing::error!(%error, "an event can't be written");
        Ended
    })
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
}
