//! `GET /api/v1/events`: the live stream (Server-Sent Events), or its history as JSON.
//!
//! How a stream gets its events is in [`super::follow`]; here they become frames.

use crate::state::App;
use crate::{
    accounts::Credential,
    events::{
        follow::{Follower, StreamMessage, Topics},
        ring::EntryKind,
    },
    http::{
        auth::AuthCaller,
        body::{ApiResult, Params, ok},
        limits::Limits,
    },
    permissions,
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
    Cursor, Events as _, Page, PageQuery,
    error::Envelope,
    events::{Event, LIVE, RESYNC},
};
use std::{convert::Infallible, time::Duration};
use tokio::sync::mpsc;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Frames that wait for a client. The writer stops at that many and goes on when the client has read some.
const QUEUE: usize = 64;
const HEARTBEAT: Duration = Duration::from_secs(15);

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(events)).layer(Limits::READ)
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
    AuthCaller(caller): AuthCaller,
    Extension(credential): Extension<Credential>,
    Params(query): Params<EventQuery>,
    headers: HeaderMap,
) -> ApiResult {
    let grant = permissions::on_visible(&caller)?;
    let topics = Topics::parse(query.topics.as_deref())?;
    if wants_history(&headers) {
        let page = PageQuery { cursor: query.cursor.map(Cursor), limit: query.limit };
        return Ok(ok(app.areas.events.events(&caller, page).await?));
    }
    let permit = app.streams.open(grant.actor().user)?;
    let from = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok())
        .and_then(|id| id.parse().ok())
        .or(query.last_event_id);
    let (client, receiver) = mpsc::channel(QUEUE);
    let longest = Duration::from_secs(app.settings.access_token_seconds);
    let follower = Follower { accounts: app.areas.accounts.clone(), bus: app.bus, credential, topics, client, longest };
    tokio::spawn(async move {
        let _permit = permit;
        tokio::select! {
            () = app.stopping.cancelled() => {}
            () = follower.run(from) => {}
        }
    });
    Ok(sse(receiver))
}

fn wants_history(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("application/json") && !accept.contains("text/event-stream"))
}

fn sse(receiver: mpsc::Receiver<StreamMessage>) -> Response {
    let stream: std::pin::Pin<Box<dyn Stream<Item = Result<Frame, Infallible>> + Send>> =
        Box::pin(futures::stream::unfold(receiver, |mut receiver| async move {
            receiver.recv().await.map(|told| (Ok(frame(&told)), receiver))
        }));
    let mut response = Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response();
    // Proxies that buffer would hold events back.
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    response
}

fn frame(told: &StreamMessage) -> Frame {
    match told {
        // Says how soon to come back, and makes the connection visibly open.
        StreamMessage::Open => Frame::default().retry(Duration::from_secs(1)).comment("handshake"),
        StreamMessage::Live(seq) => Frame::default().id(seq.to_string()).event(LIVE).data("{}"),
        StreamMessage::Resync(seq) => Frame::default().id(seq.to_string()).event(RESYNC).data("{}"),
        StreamMessage::Event(entry) => {
            let frame = Frame::default().id(entry.seq.to_string());
            match &entry.what {
                EntryKind::Event { json, .. } => frame.data(json),
                EntryKind::Access(_) => frame,
            }
        }
    }
}
