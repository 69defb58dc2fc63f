//! Bounds on what a request may cost before anybody looks at it: its body's size and its time.

use super::{App, error::HttpError};
use app::services::functions::PublishVersion;
use axum::{
    body::{Body, HttpBody as _},
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::StreamExt as _;
use http_body_util::{BodyExt as _, Limited};
use server_fn::ServerFn as _;
use shared::{ApiError, ErrorCode};
use std::time::Duration;

/// For everything but documents.
const SMALL_BODY: usize = 256 * 1024;
/// What multipart boundaries and field headers add to a document.
const MULTIPART_ROOM: usize = 64 * 1024;
/// How much of a refused body is read and thrown away, so that the client reads our answer instead of a reset.
const DRAIN_BYTES: usize = 256 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// Whether this request carries a contract.
fn publishes(path: &str) -> bool {
    path == PublishVersion::PATH || (path.starts_with("/api/v1/services/") && path.ends_with("/versions"))
}

pub async fn limit(State(app): State<App>, request: Request, next: Next) -> Response {
    let publishes = publishes(request.uri().path());
    let most = if publishes { app.settings.max_document_bytes + MULTIPART_ROOM } else { SMALL_BODY };
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok())
        .or_else(|| request.body().size_hint().exact().and_then(|size| size.try_into().ok()));
    if announced.is_some_and(|size| size > most) {
        drain(request.into_body()).await;
        let told = if publishes { app.settings.max_document_bytes } else { SMALL_BODY };
        return HttpError(too_large(told, publishes)).into_response();
    }
    let seconds = if publishes { app.settings.longest_request_seconds() } else { app.settings.request_timeout_seconds };
    let request = request.map(|body| Body::new(Limited::new(body, most)));
    match tokio::time::timeout(Duration::from_secs(seconds), next.run(request)).await {
        Ok(response) => response,
        Err(_) => HttpError(ApiError::new(
            ErrorCode::Timeout,
            format!("This took longer than the {seconds} seconds that the hub allows. Try again."),
        ))
        .into_response(),
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

/// Reads a body that [`limit`] bounded, into one piece of memory.
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
