//! The worker's side of the engine. All but the first function is in the engine's chunk, which only the worker loads, and
//! in that of the policy's reader, which isn't waited for.

use super::{
    judge::{Judge, ReadPolicy, read_policy},
    protocol::{WorkerMessage, WorkerRequest},
};
use crate::js;
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{
    MessageEvent,
    js_sys::{Array, Date, Uint8Array, global},
};

/// Loads the engine's chunk and begins. Not by Leptos' executor, which only hydration sets up.
pub fn serve_engine() {
    spawn_local(serve());
}

/// Answers the page's questions from now on.
#[cfg_attr(feature = "split", leptos::prelude::lazy)]
#[cfg_attr(not(feature = "split"), allow(clippy::unused_async, reason = "the same as where it has to be loaded first"))]
async fn serve() {
    let judge = Rc::new(RefCell::new(Judge::default()));
    let take = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
        let parts = Array::from(&message.data());
        let source = |index| parts.get(index).dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec());
        let request = parts
            .get(0)
            .as_string()
            .and_then(|request| serde_json::from_slice::<WorkerRequest>(request.as_bytes()).ok());
        let Some(request) = request else { return };
        let (documents, policy, judge) = ([source(1), source(2)], source(3), Rc::clone(&judge));
        // The page asks for one verdict at a time.
        spawn_local(async move {
            let policy = match policy {
                Some(policy) => Some(policy_of(policy, today()).await),
                None => None,
            };
            let message = judge.borrow_mut().answer(&request, documents, policy, today());
            tell(&message);
        });
    });
    js::set(&global(), "onmessage", take.into_js_value());
    tell(&WorkerMessage::Ready);
    // So that it is there when there is no network any more.
    policy_of(Vec::new(), today()).await;
}

/// Reads a policy.
#[cfg_attr(feature = "split", leptos::prelude::lazy)]
#[cfg_attr(not(feature = "split"), allow(clippy::unused_async, reason = "the same as where it has to be loaded first"))]
async fn policy_of(source: Vec<u8>, today: contract::Date) -> ReadPolicy {
    read_policy(&source, today)
}

/// As the command line has it: the day in UTC.
fn today() -> contract::Date {
    // Seconds since 1970 fit for as long as dates do.
    #[allow(clippy::cast_possible_truncation)]
    contract::Date::from_unix_seconds((Date::now() / 1_000.0) as i64)
}

fn tell(message: &WorkerMessage) {
    let text = serde_json::to_string(message).unwrap_or_default();
    // Strings can always be sent.
    let _ = js::call(&global(), "postMessage", &[JsValue::from(text)]);
}
