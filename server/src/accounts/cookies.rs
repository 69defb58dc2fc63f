//! The cookies. `__Host-` makes browsers insist on `Secure`, `Path=/` and no `Domain`, so no neighbour can set them;
//! `HttpOnly` keeps them from scripts, `SameSite=Lax` from other sites' writes.

use cookie::{Cookie, SameSite};
use shared::accounts::SetCookies;
use std::time::Duration;

/// The JWT.
pub const ACCESS_COOKIE: &str = "__Host-handshake-access";
/// The refresh token.
pub const REFRESH_COOKIE: &str = "__Host-handshake-refresh";
/// Shows that this browser signed in to an account before; see [`super::guard`]. It opens nothing.
pub const DEVICE_COOKIE: &str = "__Host-handshake-device";

/// As long as browsers allow (RFC 6265bis, section 5.5).
const DEVICE_LIFE: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// Our values in a `Cookie` header.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Found {
    pub access: Option<String>,
    pub refresh: Option<String>,
    pub device: Option<String>,
}

impl Found {
    pub fn read(header: Option<&str>) -> Self {
        let mut found = Self::default();
        // Cookies that other software of the same host set may be malformed; they aren't ours to complain about.
        for cookie in Cookie::split_parse(header.unwrap_or_default()).flatten() {
            match cookie.name() {
                ACCESS_COOKIE => found.access = Some(cookie.value().to_owned()),
                REFRESH_COOKIE => found.refresh = Some(cookie.value().to_owned()),
                DEVICE_COOKIE => found.device = Some(cookie.value().to_owned()),
                _ => {}
            }
        }
        found
    }

    /// Whether there is anything of a session.
    pub const fn any(&self) -> bool {
        self.access.is_some() || self.refresh.is_some()
    }
}

/// Sets a session's two.
pub fn set(access: String, access_life: Duration, refresh: String, refresh_life: Duration) -> SetCookies {
    SetCookies(vec![one(ACCESS_COOKIE, access, access_life), one(REFRESH_COOKIE, refresh, refresh_life)])
}

/// Marks the browser as one that signed in.
pub fn mark(cookies: &mut SetCookies, device: String) {
    cookies.0.push(one(DEVICE_COOKIE, device, DEVICE_LIFE));
}

/// Makes the browser forget its session. The mark stays: the next sign-in is likely the same person's.
pub fn clear() -> SetCookies {
    let gone = |name| one(name, String::new(), Duration::ZERO);
    SetCookies(vec![gone(ACCESS_COOKIE), gone(REFRESH_COOKIE)])
}

fn one(name: &'static str, value: String, life: Duration) -> String {
    Cookie::build((name, value))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(life.try_into().unwrap_or(cookie::time::Duration::MAX))
        .build()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_as_closed_as_can_be() {
        let cookies = set("a".into(), Duration::from_secs(600), "b".into(), Duration::from_secs(60)).0;
        assert_eq!(cookies[0], "__Host-handshake-access=a; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=600");
        assert_eq!(clear().0[1], "__Host-handshake-refresh=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0");
    }

    #[test]
    fn ours_are_found_among_others() {
        let header = "theme=dark; __Host-handshake-refresh=r; broken; __Host-handshake-access=a";
        assert_eq!(
            Found::read(Some(header)),
            Found { access: Some("a".into()), refresh: Some("r".into()), device: None }
        );
        assert!(!Found::read(None).any());
    }
}
