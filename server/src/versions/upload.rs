//! Reads what is sent out of a request: a document to publish, as the body itself or a form's field.

use crate::{
    http::{body::media_type, limits},
    policies,
};
use axum::{
    extract::{FromRequest as _, Multipart, Request},
    http::HeaderMap,
};
use shared::{ApiError, ErrorCode, names::VersionLabel, versions::Publish};

/// The form's fields, for the OpenAPI document.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "documentation only: multipart is read field by field")]
pub struct Form {
    /// The OpenAPI document.
    #[schema(value_type = String, format = Binary)]
    document: Vec<u8>,
    /// The version's label.
    #[schema(value_type = VersionLabel, required = false)]
    label: (),
    /// The `handshake.toml` to judge the service's versions by from now on, this one included: at most 64 KiB.
    #[schema(value_type = String, required = false, max_length = 65536)]
    policy: (),
}

/// Media types of a document. Many clients have no better name for YAML than text.
const DOCUMENT: &[&str] = &[
    "application/json",
    "application/yaml",
    "application/x-yaml",
    "text/yaml",
    "text/x-yaml",
    "text/plain",
    "application/octet-stream",
    "application/vnd.oai.openapi",
    "application/vnd.oai.openapi+json",
];

pub async fn read(request: Request, most: usize) -> Result<Publish, ApiError> {
    let idempotency_key = idempotency_key(request.headers());
    let label = query_label(request.uri().query())?;
    match media_type(request.headers()).as_deref() {
        Some("multipart/form-data") => {
            let form = read_form(request).await?;
            Ok(Publish { label: form.label.or(label), idempotency_key, ..form })
        }
        Some(media) if DOCUMENT.contains(&media) => {
            let document = limits::read_all(request.into_body(), most, true).await?;
            Ok(Publish { document, label, idempotency_key, policy: None })
        }
        media => {
            let got = media.map_or("none".to_owned(), |media| format!("{media:?}"));
            Err(ApiError::new(
                ErrorCode::UnsupportedMediaType,
                format!(
                    "Send the document as application/json or application/yaml, or a form as multipart/form-data; \
                     the request's Content-Type is {got}."
                ),
            ))
        }
    }
}

async fn read_form(request: Request) -> Result<Publish, ApiError> {
    let broken = |error: &dyn std::fmt::Display| {
        ApiError::new(ErrorCode::BadRequest, format!("The form can't be read: {error}."))
    };
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| broken(&error.body_text()))?;
    let (mut document, mut label, mut policy) = (None, None, None);
    while let Some(field) = form.next_field().await.map_err(|error| form_error(&error))? {
        let taken = match field.name() {
            Some("document") => document.is_some(),
            Some("label") => label.is_some(),
            Some("policy") => policy.is_some(),
            _ => false,
        };
        if taken {
            let name = field.name().unwrap_or_default().to_owned();
            let message = format!("The form has the field {name} twice: which one counts?");
            return Err(ApiError::invalid(&name, message));
        }
        match field.name() {
            Some("document") => document = Some(field.bytes().await.map_err(|error| form_error(&error))?.into()),
            Some("label") => {
                label = Some(field.text().await.map_err(|error| form_error(&error))?.try_into()?);
            }
            Some("policy") => {
                policy = Some(policies::rest::text_of(&field.bytes().await.map_err(|error| form_error(&error))?)?);
            }
            _ => {}
        }
    }
    let document = document.ok_or_else(|| ApiError::invalid("document", "The form has no field called document."))?;
    Ok(Publish { document, label, policy, idempotency_key: None })
}

fn form_error(error: &axum::extract::multipart::MultipartError) -> ApiError {
    if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        return ApiError::new(ErrorCode::TooLarge, "The document is larger than the hub reads.");
    }
    ApiError::new(ErrorCode::BadRequest, format!("The form can't be read: {}.", error.body_text()))
}

/// The draft standard's header (draft-ietf-httpapi-idempotency-key-header): a quoted string; bare text is taken, too.
/// What a key may be is the operation's business.
fn idempotency_key(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("idempotency-key")?.to_str().unwrap_or_default().trim();
    let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    Some(quoted.unwrap_or(value).to_owned())
}

fn query_label(query: Option<&str>) -> Result<Option<VersionLabel>, ApiError> {
    let mut labels = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).filter(|(name, _)| name == "label");
    let first = labels.next().map(|(_, label)| label.into_owned().try_into()).transpose()?;
    if labels.next().is_some() {
        return Err(ApiError::invalid("label", "The address has two labels: which one counts?"));
    }
    Ok(first)
}
