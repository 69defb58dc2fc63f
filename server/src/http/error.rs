//! One shape for every error that leaves the server, made by a handler, a layer, the router or a panic.
//!
//! Handlers answer with [`HttpError`], which only carries the [`ApiError`] along; [`shape`] writes the body, since
//! only it knows what the client accepts: the envelope, a problem, or a page for a person. What other layers answer (an unknown route, a wrong method, a body that is
//! too large) has no body of ours and gets one from its status.

use super::error_page;
use crate::observability::trace_id;
use axum::{
    Json,
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use shared::{
    ApiError, ErrorCode,
    error::{Envelope, Problem},
};

/// An [`ApiError`] on its way out.
#[derive(Debug)]
pub struct HttpError(pub ApiError);

impl From<ApiError> for HttpError {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let mut response = status_of(self.0.code).into_response();
        response.extensions_mut().insert(self.0);
        response
    }
}

fn status_of(code: ErrorCode) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The answer for a request whose handler panicked. The panic hook has logged where and why.
#[allow(clippy::needless_pass_by_value, reason = "the layer's signature")]
pub fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    metrics::counter!("handshake_panics_total").increment(1);
    HttpError(ApiError::internal()).into_response()
}

/// Gives every error its body, trace id and media type, and says when to try again where that helps.
pub async fn shape(request: Request, next: Next) -> Response {
    let mut response = shape_error(request, next).await;
    if says_when(response.status()) {
        response.headers_mut().entry(header::RETRY_AFTER).or_insert(HeaderValue::from(RETRY_AFTER));
    }
    if response.status() == StatusCode::UNAUTHORIZED {
        // RFC 9110, section 15.5.2, asks for a challenge. Browsers show nothing for this one.
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

async fn shape_error(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let server_function = path.starts_with("/api/ui/");
    let for_people = error_page::wanted(&request);
    let accept = request.headers().get(header::ACCEPT).cloned();
    let mut response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let error = match response.extensions_mut().remove::<ApiError>() {
        Some(error) => error,
        None if server_function => return shape_server_function(response).await,
        // A page: its status is an error's, its body is for people.
        None if is_html(response.headers()) => return response,
        None => of_status(status),
    };
    let retry_after = error.retry_after;
    let mut shaped = match error {
        error if server_function => plain(error),
        error if for_people => page(error),
        error => write(error, accept.as_ref()),
    };
    carry_headers(response.headers(), shaped.headers_mut());
    if let Some(seconds) = retry_after {
        shaped.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    shaped
}

/// Server functions answer with the bare error; it gets its trace id and the status of its code here.
async fn shape_server_function(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 64 * 1024).await.unwrap_or_default();
    let error = serde_json::from_slice(&bytes).unwrap_or_else(|_| of_status(parts.status));
    let mut shaped = plain(error);
    for (name, value) in &parts.headers {
        if name != header::CONTENT_LENGTH && name != header::CONTENT_TYPE {
            shaped.headers_mut().append(name, value.clone());
        }
    }
    shaped
}

fn plain(mut error: ApiError) -> Response {
    error.trace_id = error.trace_id.or_else(trace_id);
    // server_fn takes an answer without an error's status for a value.
    let status = Some(status_of(error.code)).filter(|status| !status.is_redirection()).unwrap_or(StatusCode::NOT_FOUND);
    let mut response = (status, Json(&error)).into_response();
    // server_fn's client tells errors from values by this header.
    response.headers_mut().insert("serverfnerror", HeaderValue::from_static("true"));
    response
}

fn page(mut error: ApiError) -> Response {
    error.trace_id = error.trace_id.or_else(trace_id);
    error_page::render(status_of(error.code), &error)
}

/// An error as the client takes it: the envelope, or a problem (RFC 9457).
pub fn write(mut error: ApiError, accept: Option<&HeaderValue>) -> Response {
    error.trace_id = error.trace_id.or_else(trace_id);
    let status = status_of(error.code);
    if accepts_problem(accept) {
        let mut response = (status, Json(Problem::from(error))).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    } else {
        (status, Json(Envelope::<()>::err(error))).into_response()
    }
}

/// Keeps what a layer said beside the status (`Allow`, `Retry-After`, `Set-Cookie`).
fn carry_headers(from: &HeaderMap, to: &mut HeaderMap) {
    let shaped: Vec<HeaderName> = to.keys().cloned().collect();
    for (name, value) in from {
        if ![header::CONTENT_LENGTH, header::TRANSFER_ENCODING].contains(name) && !shaped.contains(name) {
            to.append(name, value.clone());
        }
    }
    to.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

fn is_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("text/html"))
}

/// RFC 9457 is opt-in: it must be named; `*/*` gets the envelope.
fn accepts_problem(accept: Option<&HeaderValue>) -> bool {
    accept.and_then(|value| value.to_str().ok()).is_some_and(|value| {
        value.split(',').any(|range| {
            let mut parts = range.split(';').map(str::trim);
            parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/problem+json"))
                && !parts.any(|parameter| parameter == "q=0")
        })
    })
}

/// The error for a bare status of a layer or the router.
fn of_status(status: StatusCode) -> ApiError {
    let (code, message) = match status {
        StatusCode::BAD_REQUEST => (ErrorCode::BadRequest, "The request can't be read."),
        StatusCode::UNAUTHORIZED => return ApiError::unauthenticated(),
        StatusCode::FORBIDDEN => (ErrorCode::Forbidden, "You may not do this."),
        StatusCode::NOT_FOUND => {
            (ErrorCode::NotFound, "There is nothing at this address. /docs/api lists what there is.")
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            (ErrorCode::MethodNotAllowed, "This address doesn't have that method. The Allow header lists those it has.")
        }
        StatusCode::NOT_ACCEPTABLE => {
            (ErrorCode::NotAcceptable, "The answer can't be written in a media type that you accept.")
        }
        StatusCode::REQUEST_TIMEOUT => {
            (ErrorCode::RequestTimeout, "The request took too long to arrive. Send it again.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => (ErrorCode::TooLarge, "The request's body is too large."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            (ErrorCode::UnsupportedMediaType, "The body's media type isn't one that is read here.")
        }
        StatusCode::UNPROCESSABLE_ENTITY => (ErrorCode::Invalid, "A value in the request doesn't hold."),
        StatusCode::SERVICE_UNAVAILABLE => {
            (ErrorCode::Unavailable, "The hub is busy or stopping. Try again in a moment.")
        }
        StatusCode::GATEWAY_TIMEOUT => (ErrorCode::Timeout, "This took longer than the hub allows. Try again."),
        status if status.is_client_error() => (ErrorCode::BadRequest, "The request can't be handled."),
        _ => return ApiError::internal(),
    };
    ApiError::new(code, message)
}

/// Seconds after which a client may try again where nobody knows better.
const RETRY_AFTER: u32 = 5;

/// A whole response as bytes, for a connection that no request can be read from. It closes the connection.
pub fn raw(status: u16, error: ApiError) -> Vec<u8> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let retry = if says_when(status) { format!("retry-after: {RETRY_AFTER}\r\n") } else { String::new() };
    let trace = error.trace_id.as_ref().map(|id| format!("x-trace-id: {id}\r\n")).unwrap_or_default();
    // Two strings and two constants can't fail to become JSON.
    let body = serde_json::to_string(&Envelope::<()>::err(error)).unwrap_or_default();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{retry}{trace}cache-control: no-store\r\n\
         x-content-type-options: nosniff\r\nconnection: close\r\n\r\n{body}",
        body.len(),
    )
    .into_bytes()
}

/// Whether an answer with this status tells when to try again.
fn says_when(status: StatusCode) -> bool {
    matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS)
}

/// A response of JSON text with a given type, for what isn't in the envelope.
pub fn json_text(content_type: &'static str, text: impl Into<Body>) -> Response {
    ([(header::CONTENT_TYPE, content_type)], text.into()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problem_json_is_asked_for_by_name() {
        for (accept, expected) in [
            ("application/problem+json", true),
            ("application/json, application/problem+json;q=0.5", true),
            ("application/problem+json;q=0", false),
            ("*/*", false),
            ("application/json", false),
        ] {
            assert_eq!(accepts_problem(Some(&HeaderValue::from_static(accept))), expected, "{accept}");
        }
    }
}
