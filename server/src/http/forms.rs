//! What a form that was sent without script is answered with.
//!
//! Leptos sends the browser back to the form's page, with the error in the address (`__path`, `__err`), from where both
//! the server's render and the browser's show it. Anybody can write such an address and put words into the hub's mouth.
//! So the answer also leaves a cookie with the error's digest, which no other site can set, and an address without its
//! cookie leads to the page without the error. A signature in the address would hold for everybody that it is sent to.
//!
//! Where people edit what the hub has, the page shows again what they typed, beside what the hub has now. The redirect to
//! such a page repeats the form (307), so the browser itself brings the fields along: nothing is stored, and no address or
//! cookie has to hold a whole policy.

use super::{auth, error::HttpError, limits, redirect};
use app::context::RefusedForm;
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use cookie::{Cookie, SameSite, time::Duration};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// Says which error this browser was given.
const COOKIE: &str = "__Host-handshake-form-error";
/// The function that failed, and its error: as server_fn writes them.
const PATH: &str = "__path";
const ERROR: &str = "__err";

/// The largest form, in bytes, that a page shows again.
const LARGEST: usize = 256 * 1024;

/// Pages that show a refused form again with its fields.
pub const WITH_FIELDS: [&str; 2] = ["/services/{service}/settings", "/services/{service}/policy"];

/// Whether this is the path of one of them.
fn has_fields(path: &str) -> bool {
    let fits = |(part, known): (&str, &str)| part == known || (known.starts_with('{') && !part.is_empty());
    let parts = |page: &str| page.split('/').count() == path.split('/').count();
    WITH_FIELDS.iter().any(|page| parts(page) && path.split('/').zip(page.split('/')).all(fits))
}

/// A form that was refused and sent on to its page: its fields go along with the request. Otherwise, where to go.
pub async fn refused(request: Request) -> Result<Request, Box<Response>> {
    let query = request.uri().query().unwrap_or_default();
    if let Carried::Nothing = carried(query) {
        // Nothing of ours sends a form here that wasn't refused.
        return Err(Box::new(redirect::see_other(request.uri().path())));
    }
    let (mut parts, body) = request.into_parts();
    let fields =
        limits::read_all(body, LARGEST, false).await.map_err(|error| Box::new(HttpError(error).into_response()))?;
    let fields = form_urlencoded::parse(&fields).into_owned().collect();
    parts.extensions.insert(RefusedForm(Arc::new(fields)));
    Ok(Request::from_parts(parts, Body::empty()))
}

/// Keeps where a server function leads within the hub, and vouches for the error that it sends along.
pub fn answered(mut response: Response) -> Response {
    let Some(target) = redirect::keep_local(&mut response) else { return response };
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    if let Carried::One(digest) = carried(query.split('#').next().unwrap_or_default())
        && let Ok(mut value) = HeaderValue::from_str(&cookie(digest))
    {
        value.set_sensitive(true);
        response.headers_mut().append(header::SET_COOKIE, value);
        if has_fields(path) {
            *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
        }
    }
    response
}

/// Where to go instead if the address has an error that this browser wasn't given.
pub fn without_foreign_error(request: &Request) -> Option<Response> {
    let query = request.uri().query()?;
    match carried(query) {
        Carried::Nothing => None,
        Carried::One(digest) if vouched(request.headers(), &digest) => None,
        _ => Some(redirect::see_other(&without_error(request.uri().path(), query))),
    }
}

/// A page on which a form was refused may send it again: what is refused then is the only error in the next address.
pub fn forget_shown_error(headers: &mut HeaderMap) {
    let page = headers.get(header::REFERER).and_then(|page| page.to_str().ok()).and_then(|page| page.split_once('?'));
    let Some((path, query)) = page else { return };
    if let Ok(page) = HeaderValue::from_str(&without_error(path, query)) {
        headers.insert(header::REFERER, page);
    }
}

fn without_error(path: &str, query: &str) -> String {
    let pairs = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != PATH && name != ERROR);
    let rest = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    if rest.is_empty() { path.to_owned() } else { format!("{path}?{rest}") }
}

/// What a query has of an error.
enum Carried {
    Nothing,
    /// One error of one function: its digest.
    One(String),
    /// Some of it, or several, as nothing of ours writes it.
    Odd,
}

fn carried(query: &str) -> Carried {
    let (mut paths, mut errors) = (Vec::new(), Vec::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            PATH => paths.push(value),
            ERROR => errors.push(value),
            _ => {}
        }
    }
    match (paths.as_slice(), errors.as_slice()) {
        ([], []) => Carried::Nothing,
        ([path], [error]) => {
            let mut digest = Sha256::new();
            digest.update(path.as_bytes());
            digest.update([0]);
            digest.update(error.as_bytes());
            Carried::One(BASE64_URL_SAFE_NO_PAD.encode(digest.finalize()))
        }
        _ => Carried::Odd,
    }
}

fn vouched(headers: &HeaderMap, digest: &str) -> bool {
    let cookies = auth::all_cookies(headers).unwrap_or_default();
    Cookie::split_parse(cookies).flatten().any(|cookie| cookie.name() == COOKIE && cookie.value() == digest)
}

fn cookie(digest: String) -> String {
    Cookie::build((COOKIE, digest))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::minutes(10))
        .build()
        .to_string()
}
