//! Pages and server functions: Leptos, rendered in a task of its own.
//!
//! A render that is dropped in the middle, because its client hung up, panics in the reactive system. So each page
//! is rendered to its end in a task that nobody cancels, and handed over whole; `renders` bounds how many run at once. Pages are rendered whole rather than streamed out of order, since only then
//! do they work without scripts and have the right status.

use super::{auth, error::HttpError, forms, limits::Limits, redirect, renders::Who, security, visitor};
use crate::fair::Place;
use crate::state::App;
use app::context::{IsSetUp, LastEvent, PublicOrigin, RefusedForm};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, Uri, header, request::Parts},
    response::{Html, IntoResponse, Response},
    routing::{any, get, post},
};
use leptos::{
    config::LeptosOptions,
    prelude::{Owner, provide_context, use_context},
};
use leptos_axum::{LeptosRoutes as _, ResponseOptions};
use shared::{
    ApiError, ErrorCode,
    accounts::{Caller, Visitor},
};
use std::sync::atomic::Ordering;
use tokio::task::JoinError;
use tracing::Instrument as _;

/// Pages that can be read without signing in.
const PUBLIC: &[&str] = &["/login", "/setup"];

/// Pages that tell only what the release itself tells, to anybody, also before the hub is set up.
fn is_open(path: &str) -> bool {
    matches!(path, "/docs/api" | "/playground" | "/practices" | "/rules") || path.starts_with("/rules/")
}

/// The pages, and the server functions that no area declares by itself.
pub fn routes(app: &App) -> Router<App> {
    let paths = leptos_axum::generate_route_list(app::App);
    let pages = Router::new().leptos_routes_with_handler(paths, page).route("/", get(front));
    forms::WITH_FIELDS
        .into_iter()
        .fold(pages, |pages, path| pages.route(path, post(refused_form)))
        .layer(Limits::GUARDED)
        .route("/api/ui/{*function}", any(server_function).layer(Limits::READ))
        // The state is needed to type the router; the handlers take it themselves.
        .with_state::<App>(app.clone())
}

/// What no route answers: the not-found page for people, the standard error for programs.
pub async fn fallback(State(app): State<App>, request: Request) -> Response {
    let wants_html = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if wants_html && auth::reads(request.method()) && !request.uri().path().starts_with("/api/") {
        page(State(app), request).await
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

/// The page of a form that was sent without a script and refused, with what was in it.
async fn refused_form(state: State<App>, request: Request) -> Response {
    match forms::refused(request).await {
        Ok(request) => page(state, request).await,
        Err(elsewhere) => *elsewhere,
    }
}

/// The front page, for somebody who isn't signed in. It waits for nothing, so it needs no task of its own.
async fn front(State(app): State<App>, request: Request) -> Response {
    let signed_in = matches!(request.extensions().get::<Caller>(), Some(Caller::Known(_)));
    if let Some(elsewhere) = gate(&app, request.uri().clone(), signed_in).await {
        return elsewhere;
    }
    let (parts, _) = request.into_parts();
    let page = Owner::new_root(None).with(|| {
        provide_context(parts);
        provide(&app, app.bus.latest());
        app::front(app.leptos.clone())
    });
    ([(header::CONTENT_SECURITY_POLICY, security::FRONT)], Html(page)).into_response()
}

async fn page(State(app): State<App>, request: Request) -> Response {
    let signed_in = matches!(request.extensions().get::<Caller>(), Some(Caller::Known(_)));
    if let Some(clean) = forms::without_foreign_error(&request) {
        return clean;
    }
    if let Some(elsewhere) = gate(&app, request.uri().clone(), signed_in).await {
        return elsewhere;
    }
    let renders = app.renders.clone();
    let who = Who::of(&request);
    let render = async move {
        let last_event = app.bus.latest();
        let context = {
            let app = app.clone();
            move || {
                provide(&app, last_event);
                set_page_policy(&app.leptos);
            }
        };
        let options = app.leptos.clone();
        let handler = leptos_axum::render_app_async_with_context(context, move || app::shell(options.clone()));
        let response = handler(request).await;
        // The page is whole here; reading it to its end also disposes of its reactive owner.
        let (parts, body) = response.into_parts();
        axum::body::to_bytes(body, usize::MAX).await.map(|bytes| Response::from_parts(parts, Body::from(bytes)))
    };
    finished(renders.run(who, render.in_current_span()).await)
}

/// Calls a server function.
pub async fn server_function(State(app): State<App>, request: Request) -> Response {
    call(app, request, None).await
}

/// Calls a server function, which holds its room in memory to its end.
pub async fn call(app: App, mut request: Request, room: Option<Place>) -> Response {
    let known = server_fn::axum::server_fn_paths()
        .any(|(path, method)| path == request.uri().path() && (method == *request.method()));
    if !known {
        let error = if server_fn::axum::server_fn_paths().any(|(path, _)| path == request.uri().path()) {
            ApiError::new(ErrorCode::MethodNotAllowed, "This function is called with another method.")
        } else {
            // A page of another release is still open in somebody's browser.
            ApiError::new(ErrorCode::NotFound, "The hub has been updated: reload the page.")
        };
        return HttpError(error).into_response();
    }
    // A form without script is sent back to where it stood, which a foreign page may claim to be. Without a page to go
    // back to, the address is lost, and the error with it.
    if !auth::comes_from_us(request.headers(), &app.settings.public_origin) {
        request.headers_mut().remove(header::REFERER);
    }
    forms::forget_shown_error(request.headers_mut());
    let call = async move {
        let _room = room;
        let last_event = app.bus.latest();
        let response = leptos_axum::handle_server_fns_with_context(move || provide(&app, last_event), request)
            .await
            .into_response();
        let (parts, body) = response.into_parts();
        axum::body::to_bytes(body, usize::MAX).await.map(|bytes| Response::from_parts(parts, Body::from(bytes)))
    };
    forms::answered(finished(tokio::spawn(call.in_current_span()).await))
}

/// What became of work that runs to its end whatever the client does.
fn finished(outcome: Result<Result<Response, axum::Error>, JoinError>) -> Response {
    match outcome {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => {
            tracing::error!(%error, "a page broke off");
            HttpError(ApiError::internal()).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a page's task failed");
            metrics::counter!("handshake_panics_total").increment(1);
            HttpError(ApiError::internal()).into_response()
        }
    }
}

/// What `app` may use while it renders or runs a server function.
fn provide(app: &App, last_event: i64) {
    let caller = use_context::<Parts>().map_or(Caller::Anonymous, |parts| auth::caller_of(&parts));
    provide_context(caller);
    provide_context(use_context::<Parts>().map_or_else(Visitor::default, |parts| visitor::of_parts(&parts)));
    if let Some(form) = use_context::<Parts>().and_then(|parts| parts.extensions.get::<RefusedForm>().cloned()) {
        provide_context(form);
    }
    provide_context(LastEvent(last_event));
    provide_context(app.leptos.clone());
    provide_context(PublicOrigin(app.settings.public_origin.clone()));
    provide_context(IsSetUp(app.set_up.load(Ordering::Relaxed)));
    provide_context(app.hub.clone());
}

fn set_page_policy(options: &LeptosOptions) {
    let nonce = leptos::nonce::use_nonce();
    if let (Some(nonce), Some(response)) = (nonce, use_context::<ResponseOptions>())
        && let Ok(policy) = HeaderValue::from_str(&security::page_policy(&nonce, options))
    {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Sends people where they have to go first: to set up the hub, or to sign in.
async fn gate(app: &App, uri: Uri, signed_in: bool) -> Option<Response> {
    let path = uri.path();
    let set_up = match is_set_up(app).await {
        Ok(set_up) => set_up,
        Err(error) => return Some(HttpError(error).into_response()),
    };
    let to = match path {
        "/setup" if set_up => "/login".to_owned(),
        "/setup" => return None,
        _ if is_open(path) => return None,
        // The front page leads on to what they have to do first.
        "/" if !signed_in => return None,
        _ if !set_up => "/setup".to_owned(),
        "/login" | "/" if signed_in => "/dashboard".to_owned(),
        _ if signed_in || PUBLIC.contains(&path) => return None,
        _ => {
            let next = uri.path_and_query().map_or(path, axum::http::uri::PathAndQuery::as_str);
            format!("/login?next={}", encode(next))
        }
    };
    Some(redirect::see_other(&to))
}

/// Percent-encodes a path for a query parameter (RFC 3986, section 2.1): everything but unreserved characters and `/`.
fn encode(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a String can't fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// Once somebody exists, somebody always does: the database is asked only before that.
async fn is_set_up(app: &App) -> shared::Result<bool> {
    if app.set_up.load(Ordering::Relaxed) {
        return Ok(true);
    }
    let set_up = !app.hub.accounts.needs_set_up().await?;
    app.set_up.store(set_up, Ordering::Relaxed);
    Ok(set_up)
}
