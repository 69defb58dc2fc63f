//! Bounds on what a request may cost before its handler runs: its body's size, its time, and how often it may come.
//!
//! They are declared with the routes: an area wraps its routes in a [`Limits`], which is a layer, and this module knows no
//! path. What the settings and the counts of this server are comes with the request ([`Bounds`]).

use super::{
    error::HttpError,
    rate::{Key, Rates},
};
use crate::config::Settings;
use axum::{
    body::{Body, HttpBody as _},
    extract::Request,
    http::header,
    response::{IntoResponse, Response},
};
use futures::StreamExt as _;
use http_body_util::{BodyExt as _, Limited};
use shared::{ApiError, ErrorCode};
use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tower::{Layer, Service};

/// For everything but documents.
const SMALL_BODY: usize = 256 * 1024;
/// What multipart boundaries and field headers add to a document.
const MULTIPART_ROOM: usize = 64 * 1024;
/// How much of a refused body is read and thrown away, so that the client reads our answer instead of a reset.
const DRAIN_BYTES: usize = 256 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// What a route's requests may cost. As a layer it holds them to it.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Whether the body is a contract, which is large and takes long to judge.
    document: bool,
    /// What a request takes from its sender's allowance; see [`Rates`].
    cost: u32,
}

impl Limits {
    /// What has a guard of its own: signing in, which an allowance would let others lock, and pages, whose renders are
    /// shared fairly.
    pub const GUARDED: Self = Self { document: false, cost: 0 };
    /// A look at something.
    pub const READ: Self = Self { document: false, cost: 1 };
    /// A change.
    pub const WRITE: Self = Self { document: false, cost: 5 };
    /// A contract that is published.
    pub const DOCUMENT: Self = Self { document: true, cost: 20 };
}

/// What the limits are made of on this server. Comes with each request.
#[derive(Clone)]
pub struct Bounds {
    pub settings: Arc<Settings>,
    pub rates: Arc<Rates>,
}

impl<S> Layer<S> for Limits {
    type Service = Held<S>;

    fn layer(&self, inner: S) -> Held<S> {
        Held { limits: *self, inner }
    }
}

/// A route that is held to its limits.
#[derive(Debug, Clone)]
pub struct Held<S> {
    limits: Limits,
    inner: S,
}

impl<S> Service<Request> for Held<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The one that is ready goes with the request.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let limits = self.limits;
        Box::pin(async move { Ok(limits.hold(request, |request| inner.call(request)).await) })
    }
}

impl Limits {
    async fn hold<F: Future<Output = Result<Response, Infallible>>>(
        self,
        request: Request,
        next: impl FnOnce(Request) -> F,
    ) -> Response {
        let Some(Bounds { settings, rates }) = request.extensions().get::<Bounds>().cloned() else {
            tracing::error!("the limits are not in the extensions of this request");
            return HttpError(ApiError::internal()).into_response();
        };
        let standing = match rates.charge(&Key::of(request.extensions()), self.cost) {
            Ok(standing) => standing,
            Err(exhausted) => {
                metrics::counter!("handshake_rate_limited_total").increment(1);
                drain(request.into_body()).await;
                let mut refused = HttpError(exhausted.refusal()).into_response();
                exhausted.tell(refused.headers_mut());
                return refused;
            }
        };
        let mut response = self.bounded(&settings, request, next).await;
        // Another limit that refused it says when to come again.
        if let Some(standing) = standing
            && response.status() != axum::http::StatusCode::TOO_MANY_REQUESTS
        {
            standing.tell(response.headers_mut());
        }
        response
    }

    async fn bounded<F: Future<Output = Result<Response, Infallible>>>(
        self,
        settings: &Settings,
        request: Request,
        next: impl FnOnce(Request) -> F,
    ) -> Response {
        let (told, most) = if self.document {
            (settings.max_document_bytes, settings.max_document_bytes + MULTIPART_ROOM)
        } else {
            (SMALL_BODY, SMALL_BODY)
        };
        let announced = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.parse::<usize>().ok())
            .or_else(|| request.body().size_hint().exact().and_then(|size| size.try_into().ok()));
        if announced.is_some_and(|size| size > most) {
            drain(request.into_body()).await;
            return HttpError(too_large(told, self.document)).into_response();
        }
        let seconds = if self.document { settings.longest_request_seconds() } else { settings.request_timeout_seconds };
        let request = request.map(|body| Body::new(Limited::new(body, most)));
        match tokio::time::timeout(Duration::from_secs(seconds), next(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(_) => HttpError(ApiError::new(
                ErrorCode::Timeout,
                format!("This took longer than the {seconds} seconds that the hub allows. Try again."),
            ))
            .into_response(),
        }
    }
}

/// The error where `most` bytes are allowed.
pub fn too_large(most: usize, document: bool) -> ApiError {
    let what = if document { "A document" } else { "A request's body" };
    let size =
        if most >= 1024 * 1024 { format!("{} MiB", most / (1024 * 1024)) } else { format!("{} KiB", most / 1024) };
    let message = format!("{what} can have at most {size}.");
    if document {
        ApiError::new(ErrorCode::TooLarge, message.clone()).with_detail("document", message)
    } else {
        ApiError::new(ErrorCode::TooLarge, message)
    }
}

/// Reads what nobody wants, within bounds, so that the client gets to read our answer.
pub async fn drain(body: Body) {
    let read = async {
        let mut seen = 0;
        let mut chunks = body.into_data_stream();
        while let Some(Ok(chunk)) = chunks.next().await {
            seen += chunk.len();
            if seen > DRAIN_BYTES {
                break;
            }
        }
    };
    // Whether all of it came doesn't matter: the answer is the same.
    if tokio::time::timeout(DRAIN_TIME, read).await.is_err() {
        tracing::debug!("gave up reading a body that is too large");
    }
}

/// Reads a body that [`Limits`] bounded, into one piece of memory.
pub async fn read_all(mut body: Body, most: usize, document: bool) -> Result<Vec<u8>, ApiError> {
    let announced = body.size_hint().lower().try_into().unwrap_or(usize::MAX);
    let mut bytes = Vec::with_capacity(announced.min(most));
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data)),
            Err(error) if is_too_long(&error) => return Err(too_large(most, document)),
            Err(_) => return Err(ApiError::new(ErrorCode::BadRequest, "The request's body broke off.")),
        }
    }
    Ok(bytes)
}

fn is_too_long(error: &axum::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}
