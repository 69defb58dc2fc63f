//! One error structure for the whole seam, and the envelope that carries every answer.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $status:literal;)+) => {
        /// Why an operation failed: a closed set that both sides match on. Each code has exactly one HTTP status.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ #[serde(rename = $text)] $name,)+
        }

        impl ErrorCode {
            /// Every code, in the order of the reference page.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The code as it is written on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The HTTP status (RFC 9110) that goes with the code.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ }
            }

            /// What the code means, for the reference page: the words of its documentation.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

error_codes! {
    /// The request isn't one: malformed JSON, a bad query parameter, a bad cursor.
    BadRequest = "bad-request", 400;
    /// Nobody is signed in, or the token is unknown, expired or revoked.
    Unauthenticated = "unauthenticated", 401;
    /// The address or the password is wrong; which one is not said.
    WrongCredentials = "wrong-credentials", 401;
    /// Signed in, but the role or the token's scope does not allow it.
    Forbidden = "forbidden", 403;
    /// A cookie-carried write that did not come from one of the hub's own pages.
    CrossOrigin = "cross-origin", 403;
    /// No such thing, or none that the caller may see.
    NotFound = "not-found", 404;
    /// The service has another name now: the detail `service` says which, `Location` has the address.
    Moved = "moved", 308;
    /// The path exists, the method doesn't. `Allow` says which do.
    MethodNotAllowed = "method-not-allowed", 405;
    /// The answer can't be written in any media type of `Accept`.
    NotAcceptable = "not-acceptable", 406;
    /// The client took too long to send its request.
    RequestTimeout = "request-timeout", 408;
    /// The name is taken already.
    NameTaken = "name-taken", 409;
    /// The version label is taken by another document.
    LabelTaken = "label-taken", 409;
    /// Somebody else changed the thing at the same time; reading it again and retrying is safe.
    Conflict = "conflict", 409;
    /// The service is archived: restore it first.
    Archived = "archived", 409;
    /// The first admin exists already.
    AlreadySetUp = "already-set-up", 409;
    /// The same Idempotency-Key came with another request.
    IdempotencyMismatch = "idempotency-mismatch", 409;
    /// `If-Match` names another state than the current one.
    PreconditionFailed = "precondition-failed", 412;
    /// The body is larger than the limit.
    TooLarge = "too-large", 413;
    /// The body's media type isn't one that the operation reads.
    UnsupportedMediaType = "unsupported-media-type", 415;
    /// Well-formed, but a value in it doesn't hold; `details` names the fields.
    Invalid = "invalid", 422;
    /// The document isn't a contract that can be read; `details` carry lines and columns.
    InvalidContract = "invalid-contract", 422;
    /// Too many requests; `Retry-After` says when to try again.
    RateLimited = "rate-limited", 429;
    /// A defect on our side. The cause is in the log under the trace id.
    Internal = "internal", 500;
    /// The hub is starting, stopping or has lost its database.
    Unavailable = "unavailable", 503;
    /// The operation took longer than the hub allows.
    Timeout = "timeout", 504;
    /// Only in the browser: the hub could not be reached at all.
    Offline = "offline", 503;
}

/// By hand, since utoipa's derive doesn't see a `rename` that a macro puts in: it would declare the variants' names.
#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for ErrorCode {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .description(Some("Why an operation failed: a closed set. Each code has exactly one HTTP status."))
            .enum_values(Some(Self::ALL.iter().map(|code| code.as_str())))
            .build()
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for ErrorCode {}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One place where something is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Detail {
    /// The request's field, in the wire's spelling, or a JSON pointer (RFC 6901) into the document.
    pub field: String,
    /// What is wrong with it and what to do, in a sentence.
    pub message: String,
    /// Line in the document, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Column in the document, in characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The file, where the contract has several: its path below their root folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// What went wrong, in the one structure that REST, server functions and the UI share.
///
/// `message` is for people and never carries an internal cause: that goes to the log under `trace_id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
#[error("{code}: {message}")]
pub struct ApiError {
    pub code: ErrorCode,
    /// What went wrong and what to do, in a sentence for people.
    pub message: String,
    /// Where it went wrong, if there are places; empty otherwise.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub details: Vec<Detail>,
    /// The W3C trace id of the request, by which the log finds it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub trace_id: Option<String>,
    /// Seconds after which trying again makes sense: the answer's `Retry-After`, for those who don't see its headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

impl ApiError {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Vec::new(), trace_id: None, retry_after: None }
    }

    /// One field doesn't hold.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::new(ErrorCode::Invalid, message.clone()).with_detail(field, message)
    }

    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::new(ErrorCode::NotFound, format!("There is no {what}."))
    }

    pub fn unauthenticated() -> Self {
        Self::new(ErrorCode::Unauthenticated, "Sign in, or send a valid API token, to do this.")
    }

    /// A defect on our side; the code that makes it logs the cause.
    pub fn internal() -> Self {
        Self::new(ErrorCode::Internal, "Something went wrong on our side. The log has the cause under this trace id.")
    }

    #[must_use]
    pub fn with_detail(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.details.push(Detail {
            field: field.into(),
            message: message.into(),
            line: None,
            column: None,
            file: None,
        });
        self
    }

    #[must_use]
    pub fn with_details(mut self, details: Vec<Detail>) -> Self {
        self.details = details;
        self
    }

    #[must_use]
    pub fn with_retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The first message about `field`, for the place beside its input.
    #[must_use]
    pub fn field(&self, field: &str) -> Option<&str> {
        self.details.iter().find(|detail| detail.field == field).map(|detail| detail.message.as_str())
    }

    /// Whether trying the very same thing again may succeed.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.code, ErrorCode::Offline | ErrorCode::Unavailable | ErrorCode::Timeout | ErrorCode::RateLimited)
    }
}

/// Every JSON answer of the REST API: `{"success": true, "data": …, "error": null}`, or the reverse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Envelope<T> {
    /// `true` with `data`, `false` with `error`.
    pub success: bool,
    /// What was asked for; `null` when it failed.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub data: Option<T>,
    /// Why it failed; `null` when it did not.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub error: Option<ApiError>,
}

impl<T> Envelope<T> {
    pub fn ok(data: T) -> Self {
        Self { success: true, data: Some(data), error: None }
    }

    #[must_use]
    pub fn err(error: ApiError) -> Self {
        Self { success: false, data: None, error: Some(error) }
    }
}

/// RFC 9457 problem details, sent when `Accept` asks for `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Relative reference to the reference page's paragraph on the code.
    #[serde(rename = "type")]
    pub type_: String,
    /// The code, in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong and what to do, in a sentence for people.
    pub detail: String,
    /// Why it failed.
    pub code: ErrorCode,
    /// Where it went wrong, if there are places; empty otherwise.
    pub details: Vec<Detail>,
    /// The W3C trace id of the request, by which the log finds it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub trace_id: Option<String>,
}

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        Self {
            type_: format!("/docs/api#error-{}", error.code),
            title: error.code.as_str().replace('-', " "),
            status: error.code.status(),
            detail: error.message,
            code: error.code,
            details: error.details,
            trace_id: error.trace_id,
        }
    }
}

#[cfg(feature = "server-fn")]
mod server_fn_error {
    use super::{ApiError, ErrorCode};
    use server_fn::{
        codec::JsonEncoding,
        error::{FromServerFnError, ServerFnErrorErr},
    };

    impl FromServerFnError for ApiError {
        type Encoder = JsonEncoding;

        fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
            match error {
                ServerFnErrorErr::Request(_) => Self::new(
                    ErrorCode::Offline,
                    "The hub can't be reached. Check your connection; this is tried again by itself.",
                ),
                ServerFnErrorErr::Args(cause) | ServerFnErrorErr::MissingArg(cause) => {
                    Self::new(ErrorCode::BadRequest, format!("The form could not be read: {cause}."))
                }
                // A page of an older release may meet a newer hub: reloading brings the two together.
                ServerFnErrorErr::Deserialization(_) => Self::new(
                    ErrorCode::Unavailable,
                    "The hub's answer could not be read. It may have been updated: reload the page.",
                ),
                _ => Self::internal(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_spelled_alike_on_the_wire_and_in_code() {
        for code in ErrorCode::ALL {
            assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{code}\""));
            // One is a redirect for clients of the REST API, and an error for everybody else.
            let status = if *code == ErrorCode::Moved { 308..=308 } else { 400..=599 };
            assert!(status.contains(&code.status()), "{code}");
        }
    }

    #[test]
    fn the_envelope_always_has_its_three_members() {
        let ok = serde_json::to_value(Envelope::ok(1)).unwrap();
        assert_eq!(ok, serde_json::json!({"success": true, "data": 1, "error": null}));
        let err = serde_json::to_value(Envelope::<()>::err(ApiError::not_found("service called x"))).unwrap();
        assert_eq!(err["data"], serde_json::Value::Null);
        assert_eq!(err["error"]["code"], "not-found");
        assert_eq!(err["error"]["details"], serde_json::json!([]));
    }
}
