//! The worker's side of the engine. All but the first function is in the engine's chunk, which only the worker loads.

use super::{
    judge::Judge,
    protocol::{Ask, Told},
};
use crate::js;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    MessageEvent,
    js_sys::{Array, Date, Uint8Array, global},
};

/// Loads the engine's chunk and begins. Not by Leptos' executor, which only hydration sets up.
pub fn serve_engine() {
    wasm_bindgen_futures::spawn_local(serve());
}

/// Answers the page's questions from now on.
#[cfg_attr(feature = "split", leptos::prelude::lazy)]
#[cfg_attr(not(feature = "split"), allow(clippy::unused_async, reason = "the same as where it has to be loaded first"))]
async fn serve() {
    let mut judge = Judge::default();
    let take = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
        let parts = Array::from(&message.data());
        let source = |index| parts.get(index).dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec());
        let ask = parts.get(0).as_string().and_then(|ask| serde_json::from_slice::<Ask>(ask.as_bytes()).ok());
        if let Some(ask) = ask {
            tell(&judge.answer(&ask, [source(1), source(2)], today()));
        }
    });
    js::set(&global(), "onmessage", take.into_js_value());
    tell(&Told::Ready);
}

/// As the command line has it: the day in UTC.
fn today() -> contract::Date {
    // Seconds since 1970 fit for as long as dates do.
    #[allow(clippy::cast_possible_truncation)]
    contract::Date::from_unix_seconds((Date::now() / 1_000.0) as i64)
}

fn tell(told: &Told) {
    let text = serde_json::to_string(told).unwrap_or_default();
    // Strings can always be sent.
    let _ = js::call(&global(), "postMessage", &[JsValue::from(text)]);
}
