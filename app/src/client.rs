//! How the browser calls server functions: as server_fn's own client does, with the start of a trace.

use futures::{Sink, Stream};
use leptos::server_fn::{
    Bytes,
    client::{Client, browser::BrowserClient},
    error::FromServerFnError,
    request::browser::BrowserRequest,
    response::browser::BrowserResponse,
};
use std::future::Future;

/// Sends W3C Trace Context's `traceparent` with each call, so that the trace which the server's log and spans belong to
/// begins in the browser.
pub struct Traced;

impl<E: FromServerFnError, I: FromServerFnError, O: FromServerFnError> Client<E, I, O> for Traced {
    type Request = BrowserRequest;
    type Response = BrowserResponse;

    fn send(request: Self::Request) -> impl Future<Output = Result<Self::Response, E>> + Send {
        #[cfg(feature = "hydrate")]
        request.headers().set("traceparent", &traceparent());
        <BrowserClient as Client<E, I, O>>::send(request)
    }

    #[allow(clippy::type_complexity, reason = "the trait's own signature")]
    fn open_websocket(
        path: &str,
    ) -> impl Future<
        Output = Result<
            (impl Stream<Item = Result<Bytes, Bytes>> + Send + 'static, impl Sink<Bytes> + Send + 'static),
            E,
        >,
    > + Send {
        <BrowserClient as Client<E, I, O>>::open_websocket(path)
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        <BrowserClient as Client<E, I, O>>::spawn(future);
    }
}

/// A new trace (W3C Trace Context, section 3.2): version, trace id, id of the browser's span, and the flag "sampled".
#[cfg(feature = "hydrate")]
fn traceparent() -> String {
    // 53 random bits are enough: ids must not be all zero and need not be secret.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let part = || ((js_sys::Math::random() * 2_f64.powi(53)) as u64) | 1;
    format!("00-{:016x}{:016x}-{:016x}-01", part(), part(), part())
}
