//! What handlers take in: bodies, query parameters and path segments, each with an error that names the place.

use super::{declared, error::HttpError, limits};
use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};
use shared::{ApiError, ErrorCode, error::Envelope};
use utoipa::{IntoParams, ToSchema};

/// The result of a handler.
pub type ApiResult<T = Response> = Result<T, HttpError>;

/// 200 with the envelope.
pub fn ok<T: Serialize>(data: T) -> Response {
    Json(Envelope::ok(data)).into_response()
}

/// The same with the entity tag of this state, for `If-Match`.
pub fn tagged(etag: &str, response: Response) -> Response {
    let mut response = response;
    // Tags are made of digests and numbers.
    if let Ok(value) = HeaderValue::from_str(etag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}

/// 201 with the envelope and where the new thing is.
pub fn created<T: Serialize>(location: &str, data: T) -> Response {
    (StatusCode::CREATED, [(header::LOCATION, location)], Json(Envelope::ok(data))).into_response()
}

/// A JSON body.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + ToSchema, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request, _: &S) -> Result<Self, HttpError> {
        if media_type(request.headers()).as_deref() != Some("application/json") {
            let error = ApiError::new(
                ErrorCode::UnsupportedMediaType,
                "Send JSON, with the header Content-Type: application/json.",
            );
            return Err(error.into());
        }
        let bytes = limits::read_all(request.into_body(), 256 * 1024, false).await?;
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let field = error.path().to_string();
            json_error(&field, error.inner())
        })?;
        json.end().map_err(|error| json_error(".", &error))?;
        let members = serde_json::from_slice(&bytes).map_err(|error| json_error(".", &error))?;
        declared::value(&T::schema(), &members)?;
        Ok(Self(value))
    }
}

fn json_error(field: &str, error: &serde_json::Error) -> ApiError {
    let full = error.to_string();
    // serde_json appends the position, which is told apart below; a checked type's own text starts with its code.
    let message = full.rsplit_once(" at line ").map_or(full.as_str(), |(message, _)| message);
    let message = message.strip_prefix("invalid: ").unwrap_or(message);
    let code = if error.is_data() { ErrorCode::Invalid } else { ErrorCode::BadRequest };
    let what = if error.is_data() { message.to_owned() } else { format!("The body isn't JSON: {message}.") };
    let mut error_out = ApiError::new(code, what);
    error_out.details.push(shared::error::Detail {
        field: if field == "." { String::new() } else { field.to_owned() },
        message: message.to_owned(),
        line: u32::try_from(error.line()).ok(),
        column: u32::try_from(error.column()).ok(),
        file: None,
    });
    error_out
}

/// The body's media type without its parameters, in lower case.
pub fn media_type(headers: &axum::http::HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next()?.trim().to_ascii_lowercase())
}

/// Query parameters.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned + IntoParams, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(value)) => {
                let query = parts.uri.query().unwrap_or_default();
                declared::query(&T::into_params(|| None), query)?;
                Ok(Self(value))
            }
            Err(rejection) => {
                let text = rejection.body_text();
                let message = text.rsplit_once(": ").map_or(text.as_str(), |(_, message)| message);
                Err(ApiError::new(ErrorCode::BadRequest, format!("A query parameter can't be read: {message}.")).into())
            }
        }
    }
}

/// Path segments. A segment that can't be a name names nothing: 404.
pub struct Segments<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Segments<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(_) => Err(ApiError::new(
                ErrorCode::NotFound,
                "There is nothing at this address: a part of it can't be a name.",
            )
            .into()),
        }
    }
}
