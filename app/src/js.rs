//! JavaScript by name.
//!
//! Each typed binding of web-sys that is used anywhere has its glue in everybody's first load, also if only a lazy page
//! uses it. The playground needs thirty things of the browser that no other page does, each rarely, and the live stream
//! locks, which web-sys has as unstable only; they go through these few functions, whose glue is there anyway. None of
//! this runs on the server.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::js_sys::{Array, Function, Promise, Reflect, global};

/// A property; `undefined` when there is none.
pub fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

pub fn number(of: &JsValue, name: &str) -> usize {
    // Positions and sizes: whole, and none is negative; what isn't a number is 0.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let number = get(of, name).as_f64().unwrap_or_default() as usize;
    number
}

pub fn set(of: &JsValue, name: &str, value: impl Into<JsValue>) {
    // Fails on frozen objects only.
    let _ = Reflect::set(of, &name.into(), &value.into());
}

/// Calls a method.
pub fn call(of: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let method: Function = get(of, name).dyn_into()?;
    method.apply(of, &arguments.iter().collect::<Array>())
}

/// Makes an object of a class.
pub fn new(class: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let class: Function = get(&global(), class).dyn_into()?;
    Reflect::construct(&class, &arguments.iter().collect::<Array>())
}

/// Waits for a promise.
pub async fn wait(promise: JsValue) -> Result<JsValue, JsValue> {
    wasm_bindgen_futures::JsFuture::from(Promise::resolve(&promise)).await
}
