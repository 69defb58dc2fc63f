//! The form that publishes a version: a server function with a document in it.

use crate::{
    http::{error::HttpError, limits::Limits, pages},
    state::App,
};
use ::app::versions::api::PublishVersion;
use axum::{
    Router,
    extract::{Request, State},
    handler::Handler as _,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
    routing::any,
};
use server_fn::ServerFn as _;
use shared::{
    ApiError, ErrorCode,
    accounts::{Caller, Permission},
    ids::UserId,
};

pub fn routes() -> Router<App> {
    Router::new().route(PublishVersion::PATH, any(publish.layer(Limits::DOCUMENT)))
}

async fn publish(State(app): State<App>, request: Request) -> Response {
    if let Err(error) = has_boundary(request.headers()) {
        return HttpError(error).into_response();
    }
    let room = match publisher(&request) {
        None => None,
        Some(who) => match app.uploads.room(who, request.headers(), app.settings.max_document_bytes).await {
            Ok(room) => Some(room),
            Err(error) => return HttpError(error).into_response(),
        },
    };
    pages::call(app, request, room).await
}

/// Who sends a document and may publish; the function refuses others without reading it.
fn publisher(form: &Request) -> Option<UserId> {
    form.extensions().get::<Caller>()?.require(Permission::Publish).ok().map(|actor| actor.user)
}

/// server_fn takes a form's boundary for granted and panics without one.
fn has_boundary(headers: &HeaderMap) -> Result<(), ApiError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    multer::parse_boundary(content_type).map(drop).map_err(|_| {
        let message = "This form is read as multipart/form-data with a boundary.";
        ApiError::new(ErrorCode::UnsupportedMediaType, message)
    })
}
