//! What a form that was sent without script is answered with.
//!
//! Leptos sends the browser back to the form's page, with the error in the address (`__path`, `__err`), from where both
//! the server's render and the browser's show it. Anybody can write such an address and put words into the hub's mouth.
//! So the answer also leaves a cookie with the error's digest, which no other site can set, and an address without its
//! cookie leads to the page without the error. A signature in the address would hold for everybody that it is sent to.

use super::{auth, redirect};
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use cookie::{Cookie, SameSite, time::Duration};
use sha2::{Digest as _, Sha256};

/// Says which error this browser was given.
const COOKIE: &str = "__Host-handshake-form-error";
/// The function that failed, and its error: as server_fn writes them.
const PATH: &str = "__path";
const ERROR: &str = "__err";

/// Keeps where a server function leads within the hub, and vouches for the error that it sends along.
pub fn answered(mut response: Response) -> Response {
    let Some(target) = redirect::keep_local(&mut response) else { return response };
    let query = target.split_once('?').map_or("", |(_, query)| query);
    if let Carried::One(digest) = carried(query.split('#').next().unwrap_or_default())
        && let Ok(mut value) = HeaderValue::from_str(&cookie(digest))
    {
        value.set_sensitive(true);
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// Where to go instead if the address has an error that this browser wasn't given.
pub fn without_foreign_error(request: &Request) -> Option<Response> {
    let query = request.uri().query()?;
    match carried(query) {
        Carried::Nothing => None,
        Carried::One(digest) if vouched(request.headers(), &digest) => None,
        _ => {
            let pairs = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != PATH && name != ERROR);
            let rest = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            let path = request.uri().path();
            Some(redirect::see_other(&if rest.is_empty() { path.to_owned() } else { format!("{path}?{rest}") }))
        }
    }
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
