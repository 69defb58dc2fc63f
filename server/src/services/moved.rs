//! Old addresses of services that have another name now.

use crate::http::error::write;
use axum::{
    extract::Request,
    http::{HeaderValue, Uri, header},
    middleware::Next,
    response::Response,
};
use shared::{ApiError, ErrorCode};

/// Answers 308 (RFC 9110, section 15.4.9) where a request names a service by a name that it had. Clients that follow
/// redirects repeat the request as it is, a document that is published included.
pub async fn redirect(request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let accept = request.headers().get(header::ACCEPT).cloned();
    let response = next.run(request).await;
    let moved = response.extensions().get::<ApiError>().filter(|error| error.code == ErrorCode::Moved).cloned();
    let Some(error) = moved else { return response };
    let Some(to) = error.field("service").and_then(|name| location(&uri, name)) else { return response };
    let mut response = write(error, accept.as_ref());
    response.headers_mut().insert(header::LOCATION, to);
    response
}

/// The same address with another name for the service.
fn location(uri: &Uri, name: &str) -> Option<HeaderValue> {
    let rest = uri.path().strip_prefix("/api/v1/services/")?;
    let rest = rest.find('/').map_or("", |end| &rest[end..]);
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    // A service's name has no letter that an address writes in another way.
    HeaderValue::from_str(&format!("/api/v1/services/{name}{rest}{query}")).ok()
}

#[cfg(test)]
mod tests {
    use super::location;

    #[test]
    fn the_rest_of_the_address_stays() {
        for (old, new) in [
            ("/api/v1/services/a", Some("/api/v1/services/b")),
            ("/api/v1/services/a/versions/1%2F2?x=a", Some("/api/v1/services/b/versions/1%2F2?x=a")),
            ("/api/v1/events", None),
        ] {
            let to = location(&old.parse().unwrap(), "b");
            assert_eq!(to.as_ref().map(|to| to.to_str().unwrap()), new, "{old}");
        }
    }
}
