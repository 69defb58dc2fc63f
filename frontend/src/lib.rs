//! The WASM entry point: takes over the page that the server rendered.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the hydration script once the module is there. Routes are split into chunks of their own, so hydration
/// waits for the chunk of the page at hand (`hydrate_lazy`) before it walks the markup.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_lazy(app::App);
}
