//! Bodies come as they are: the hub decodes no `Content-Encoding`, and says so instead of reading what is encoded.

use super::error::HttpError;
use axum::{
    body::HttpBody as _,
    extract::Request,
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use shared::{ApiError, ErrorCode};

/// Refuses a request whose body is encoded (RFC 9110, section 15.5.16).
pub async fn only_identity(request: Request, next: Next) -> Response {
    let encodings = request.headers().get_all(header::CONTENT_ENCODING);
    let encoded = encodings.iter().any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"));
    if !encoded || request.body().is_end_stream() {
        return next.run(request).await;
    }
    let message = "The hub reads bodies without a Content-Encoding. Send the body as it is.";
    let mut response = HttpError(ApiError::new(ErrorCode::UnsupportedMediaType, message)).into_response();
    response.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    response
}
