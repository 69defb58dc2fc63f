//! Accepts connections within bounds and, when asked to stop, lets the requests in flight finish.
//!
//! By hand over hyper rather than `axum::serve`, which bounds neither how many connections there are nor how long a
//! client may take. HTTP/1.1 only: `docs/decisions/0011-http-1-only.md`.

use super::{
    error,
    slots::{self, Full, Slots},
    wire::{InFlight, Turn, Wire},
};
use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::ConnectInfo,
    http::Request,
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use shared::{ApiError, ErrorCode};
use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{Sleep, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tower::Service as _;

/// The largest head of a request, in bytes; also how much of a body and of an answer is buffered.
const HEAD_BYTES: usize = 80 * 1024;
/// How long requests in flight may take once the server stops.
const GRACE: Duration = Duration::from_secs(20);
/// Pause after an error of the listener, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a refused client may take to read why.
const TELLING: Duration = Duration::from_secs(1);
/// How often the log tells of refused connections.
const TELL: Duration = Duration::from_secs(60);

/// How long a connection may hold its place without getting anywhere.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// From the moment that the hub waits for a request, on a new connection as on a used one, until its head is whole.
    pub head: Duration,
    /// How long a request's body may take. Handlers are bounded by themselves; this is for what outlives its request, such
    /// as a server function that still reads.
    pub body: Duration,
    /// How long a client may leave an answer unread.
    pub unread: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { head: Duration::from_secs(20), body: Duration::from_secs(120), unread: Duration::from_secs(30) }
    }
}

/// Serves until `stopping` is cancelled and everything in flight has ended.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stopping: CancellationToken,
    slots: Slots,
    bounds: Bounds,
) -> io::Result<()> {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(bounds.head).max_buf_size(HEAD_BYTES);
    let graceful = GracefulShutdown::new();
    let mut refusals = Refusals { told: None, telling: Arc::new(Semaphore::new(slots::TOLD_AT_ONCE)) };
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection can't be accepted");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            },
            () = stopping.cancelled() => break,
        };
        let slot = match slots.take(peer.ip()) {
            Ok(slot) => slot,
            Err(full) => {
                refusals.refuse(stream, peer, full);
                continue;
            }
        };
        tune(&stream, bounds.unread);
        let turn = Turn::new();
        let wire = Wire::new(stream, turn.clone(), bounds.unread);
        let router = router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            let answering = turn.begin();
            request.extensions_mut().insert(ConnectInfo(peer));
            let request = request.map(|body| InTime { body, end: Box::pin(sleep(bounds.body)) });
            let answer = router.clone().call(request);
            async move { answer.await.map(|response| response.map(|body| TrackedBody { body, _answering: answering })) }
        });
        let connection = graceful.watch(builder.serve_connection(TokioIo::new(wire), service));
        tokio::spawn(async move {
            let _slot = slot;
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    if timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!(seconds = GRACE.as_secs(), "stopped with requests still in flight");
    }
    Ok(())
}

/// Options of the socket; a failure only costs what they are for.
fn tune(stream: &TcpStream, unread: Duration) {
    // Small answers shouldn't wait for more.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY can't be set");
    }
    // A peer that is gone acknowledges nothing; without this the kernel tries for a quarter of an hour.
    #[cfg(target_os = "linux")]
    if let Err(error) =
        rustix::net::sockopt::set_tcp_user_timeout(stream, u32::try_from(unread.as_millis()).unwrap_or(u32::MAX))
    {
        tracing::debug!(%error, "TCP_USER_TIMEOUT can't be set");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = unread;
}

/// Connections that found no place.
struct Refusals {
    told: Option<Instant>,
    /// A few clients at a time are told why; beyond that they are only closed.
    telling: Arc<Semaphore>,
}

impl Refusals {
    fn refuse(&mut self, stream: TcpStream, peer: SocketAddr, full: Full) {
        let (bound, setting) = match full {
            Full::Hub => ("hub", "max-connections"),
            Full::Address => ("address", "max-connections-per-address"),
        };
        metrics::counter!("handshake_connections_refused_total", "bound" => bound).increment(1);
        if self.told.is_none_or(|told| told.elapsed() >= TELL) {
            self.told = Some(Instant::now());
            tracing::warn!(peer = %peer.ip(), setting, "connections are refused: there are too many");
        }
        let error = ApiError::new(ErrorCode::Unavailable, "The hub has too many connections. Try again in a moment.");
        let answer = error::raw(error.code.status(), error);
        if let Ok(permit) = self.telling.clone().try_acquire_owned() {
            tokio::spawn(async move {
                let _permit = permit;
                if !matches!(timeout(TELLING, tell(stream, &answer)).await, Ok(Ok(()))) {
                    tracing::debug!("a refused client didn't wait for why");
                }
            });
        }
    }
}

async fn tell(mut stream: TcpStream, answer: &[u8]) -> io::Result<()> {
    stream.write_all(answer).await?;
    stream.shutdown().await?;
    // Closing before its request is read would reset the connection, and the answer be lost.
    while stream.read(&mut [0; 4096]).await? > 0 {}
    Ok(())
}

/// A request's body, which breaks off when it takes too long.
struct InTime {
    body: Incoming,
    end: Pin<Box<Sleep>>,
}

impl HttpBody for InTime {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if frame.is_pending() && self.end.as_mut().poll(cx).is_ready() {
            let late = io::Error::new(io::ErrorKind::TimedOut, "the request's body took too long");
            return Poll::Ready(Some(Err(axum::Error::new(late))));
        }
        frame.map_err(axum::Error::new)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}

/// An answer's body, which says when it has ended.
struct TrackedBody {
    body: Body,
    _answering: InFlight,
}

impl HttpBody for TrackedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}
