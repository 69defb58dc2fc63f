//! Where a request comes from.
//!
//! The peer of the connection is a fact; what a header says is somebody's word. It is believed only of a proxy that the
//! operator runs: one on this machine, where most of them are, or one of the setting `trusted-proxies`. Of what such a
//! proxy sends only the last part is its own, everything before it came with the request. So the parts are read from the
//! end, past further trusted proxies, and the first other address is the client's.

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request},
    http::{HeaderMap, header::USER_AGENT, request::Parts},
};
use ipnet::IpNet;
use shared::accounts::Visitor;
use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

/// Proxies that are believed, besides those on loopback.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    fn trusts(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromStr for Proxies {
    type Err = String;
    /// The part that can't be read is the error.
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let networks = parts.map(|part| {
            let network = part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
            network.map_err(|_| part.to_owned())
        });
        networks.collect::<Result<_, _>>().map(Self)
    }
}

/// The sender of a request with these cookies.
pub fn of(request: &Request, cookies: Option<String>, proxies: &Proxies) -> Visitor {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_canonical());
    let user_agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Visitor { address: peer.map(|peer| client(peer, request.headers(), proxies)), cookies, user_agent }
}

/// The sender, as `auth` found it.
pub fn of_parts(parts: &Parts) -> Visitor {
    parts.extensions.get::<Visitor>().cloned().unwrap_or_default()
}

/// The sender, for a handler.
pub struct Sender(pub Visitor);

impl<S: Sync> FromRequestParts<S> for Sender {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(of_parts(parts)))
    }
}

/// Who speaks through this peer. Where that can't be told, it is the peer itself: then all who come through it count as
/// one, which slows down guesses rather than letting more of them in.
fn client(peer: IpAddr, headers: &HeaderMap, proxies: &Proxies) -> IpAddr {
    if !proxies.trusts(peer) {
        return peer;
    }
    let (x_forwarded_for, forwarded) = (last(x_forwarded_for(headers), proxies), last(forwarded(headers), proxies));
    match (x_forwarded_for, forwarded) {
        (Said::Nothing, Said::Client(client)) | (Said::Client(client), Said::Nothing) => client,
        // A proxy writes one of the two headers. The other one is the client's, who would choose its own address.
        (Said::Client(one), Said::Client(other)) if one == other => one,
        _ => peer,
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Said {
    Nothing,
    Nonsense,
    Client(IpAddr),
}

/// The last address that isn't a trusted proxy's, or the first one when all are.
fn last(hops: Vec<Option<IpAddr>>, proxies: &Proxies) -> Said {
    let mut said = Said::Nothing;
    for hop in hops.into_iter().rev() {
        let Some(hop) = hop else { return Said::Nonsense };
        said = Said::Client(hop);
        if !proxies.trusts(hop) {
            break;
        }
    }
    said
}

/// `X-Forwarded-For: client, proxy`; some proxies add the port.
fn x_forwarded_for(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    parts(headers, "x-forwarded-for").map(|part| part.and_then(address)).collect()
}

/// `Forwarded: for=client;proto=https, for="[2001:db8::1]:4711"` (RFC 7239).
fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let hop = |part: &str| {
        let pairs = part.split(';').filter_map(|pair| pair.trim().split_once('='));
        let node = pairs.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("for")).map(|(_, node)| node)?;
        address(node.trim_matches('"'))
    };
    parts(headers, "forwarded").map(|part| part.and_then(hop)).collect()
}

/// The comma-separated parts of all lines; what isn't text is one that can't be read.
fn parts<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = Option<&'a str>> {
    headers.get_all(name).into_iter().flat_map(|line| match line.to_str() {
        Ok(line) => line.split(',').map(|part| Some(part.trim())).collect(),
        Err(_) => vec![None],
    })
}

fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let parsed = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()));
    parsed.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_its_own_word() {
        let proxies: Proxies = "10.0.0.5, 10.1.0.0/16,".parse().unwrap();
        for (peer, headers, expected) in [
            ("192.0.2.1", &[("x-forwarded-for", "198.51.100.1")][..], "192.0.2.1"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &[("x-forwarded-for", "198.51.100.1")], "198.51.100.1"),
            ("::1", &[("x-forwarded-for", "198.51.100.1")], "198.51.100.1"),
            // The client's own invention stands before what the proxy added.
            ("127.0.0.1", &[("x-forwarded-for", "203.0.113.9, 198.51.100.1")], "198.51.100.1"),
            ("127.0.0.1", &[("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "198.51.100.1")], "198.51.100.1"),
            ("127.0.0.1", &[("x-forwarded-for", "203.0.113.9, 198.51.100.1, 10.1.2.3")], "198.51.100.1"),
            ("10.0.0.5", &[("x-forwarded-for", "2001:db8::1")], "2001:db8::1"),
            ("10.0.0.6", &[("x-forwarded-for", "2001:db8::1")], "10.0.0.6"),
            ("10.0.0.5", &[("x-forwarded-for", "198.51.100.1:4711")], "198.51.100.1"),
            ("10.0.0.5", &[("x-forwarded-for", "::ffff:198.51.100.1")], "198.51.100.1"),
            ("10.0.0.5", &[("x-forwarded-for", "unknown")], "10.0.0.5"),
            ("10.0.0.5", &[("x-forwarded-for", "")], "10.0.0.5"),
            ("10.0.0.5", &[("forwarded", "for=203.0.113.9, for=\"[2001:db8::1]:4711\";proto=https")], "2001:db8::1"),
            ("10.0.0.5", &[("forwarded", "proto=https;For=198.51.100.1")], "198.51.100.1"),
            ("10.0.0.5", &[("forwarded", "for=_hidden")], "10.0.0.5"),
            // Whichever the proxy writes, the other one is the client's.
            ("10.0.0.5", &[("forwarded", "for=203.0.113.9"), ("x-forwarded-for", "198.51.100.1")], "10.0.0.5"),
            ("10.0.0.5", &[("forwarded", "for=198.51.100.1"), ("x-forwarded-for", "198.51.100.1")], "198.51.100.1"),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            let found = client(peer.parse().unwrap(), &map, &proxies);
            assert_eq!(found, expected.parse::<IpAddr>().unwrap(), "{peer} {headers:?}");
        }
        assert_eq!("10.0.0.5, proxy.example.org".parse::<Proxies>(), Err("proxy.example.org".to_owned()));
    }
}
