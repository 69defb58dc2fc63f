//! The bytes of one connection, between the socket and hyper.
//!
//! It does what hyper has no option for. A client that doesn't read its answer is given up. And the answers that hyper
//! writes by itself, to what it can't read as a request, get the shape of all others: a bare status line would be the
//! one error of the hub without code, message and trace id. hyper has no hook for them, so they are recognised by when
//! they are written: while nothing is being answered and nothing of an answer is left to write.

use super::error;
use shared::{ApiError, ErrorCode};
use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

/// How long what a client still sends is thrown away after an answer to half a request: closing at once would reset the
/// connection, and the answer be lost.
const LINGER: Duration = Duration::from_secs(1);

/// Whose turn it is on a connection.
#[derive(Clone)]
pub struct Turn(Arc<State>);

struct State {
    answering: AtomicUsize,
    /// No request has begun since the last answer was written to its end.
    waiting: AtomicBool,
}

/// Held while a request is being answered, up to the last byte of its body.
pub struct InFlight(Turn);

impl Turn {
    pub fn new() -> Self {
        Self(Arc::new(State { answering: AtomicUsize::new(0), waiting: AtomicBool::new(true) }))
    }

    pub fn begin(&self) -> InFlight {
        self.0.waiting.store(false, Ordering::Relaxed);
        self.0.answering.fetch_add(1, Ordering::Relaxed);
        InFlight(self.clone())
    }

    /// Everything that was to be written is.
    fn written(&self) {
        if self.0.answering.load(Ordering::Relaxed) == 0 {
            self.0.waiting.store(true, Ordering::Relaxed);
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.0.answering.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection's bytes, with bounds.
pub struct Wire {
    stream: TcpStream,
    turn: Turn,
    /// How long the client may leave what is written unread.
    unread: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
    own: Option<OwnAnswer>,
}

/// An answer in the place of hyper's own.
struct OwnAnswer {
    bytes: Vec<u8>,
    written: usize,
    linger: Option<Pin<Box<Sleep>>>,
}

impl Wire {
    pub fn new(stream: TcpStream, turn: Turn, unread: Duration) -> Self {
        Self { stream, turn, unread, stalled: None, own: None }
    }

    /// Passes on what the socket says; an error once it has said "not yet" for too long.
    fn in_time<T>(&mut self, cx: &mut Context<'_>, said: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if said.is_ready() {
            self.stalled = None;
            return said;
        }
        let unread = self.unread;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(unread)));
        ready!(stalled.as_mut().poll(cx));
        tracing::debug!("a client doesn't read its answer");
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Takes hyper's own answer, if that is what is about to be written, and puts ours in its place.
    fn takes_over(&mut self, bytes: &[u8]) -> bool {
        if !self.turn.0.waiting.swap(false, Ordering::Relaxed) {
            return false;
        }
        self.own = Some(OwnAnswer { bytes: instead_of(bytes), written: 0, linger: None });
        true
    }

    fn poll_own(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(own) = self.own.as_mut().filter(|own| own.written < own.bytes.len()) {
            let said = Pin::new(&mut self.stream).poll_write(cx, &own.bytes[own.written..]);
            let written = ready!(self.in_time(cx, said))?;
            if let Some(own) = &mut self.own {
                own.written += written;
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Throws away what comes, until the client has closed, too.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(own) = &mut self.own else { return Poll::Ready(()) };
        let linger = own.linger.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        let mut bytes = [0; 8 * 1024];
        loop {
            if linger.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            let mut buffer = ReadBuf::new(&mut bytes);
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(());
            }
        }
    }
}

/// The answer in the envelope, where hyper wrote this one.
fn instead_of(bytes: &[u8]) -> Vec<u8> {
    let span = tracing::info_span!("request", otel.name = "unreadable request", otel.kind = "server");
    let _entered = span.enter();
    // "HTTP/1.1 400 Bad Request"
    let status = bytes.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok()).unwrap_or(400_u16);
    let message = match status {
        414 => "The request's target is longer than the hub reads.",
        431 => "The request's headers are larger, or more, than the hub reads.",
        _ => "This isn't a request of HTTP/1.1.",
    };
    let labels = [("method", "_OTHER".to_owned()), ("route", "-".to_owned()), ("status", status.to_string())];
    metrics::counter!("handshake_http_requests_total", &labels).increment(1);
    let error =
        ApiError { trace_id: crate::observability::trace_id(), ..ApiError::new(ErrorCode::BadRequest, message) };
    tracing::info!(status, trace_id = error.trace_id, "answered what can't be read");
    error::raw(status, error)
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.takes_over(buf) {
            return Poll::Ready(Ok(buf.len()));
        }
        let said = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.in_time(cx, said)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let first = bufs.iter().find(|buf| !buf.is_empty()).map_or(&[][..], |buf| buf);
        if this.takes_over(first) {
            return Poll::Ready(Ok(bufs.iter().map(|buf| buf.len()).sum()));
        }
        let said = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        this.in_time(cx, said)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_own(cx))?;
        ready!(Pin::new(&mut this.stream).poll_flush(cx))?;
        if this.own.is_none() {
            this.turn.written();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_own(cx))?;
        ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
        this.poll_linger(cx).map(Ok)
    }
}
