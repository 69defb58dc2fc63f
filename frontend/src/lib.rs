//! The WASM entry point: takes over the page that the server rendered.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the hydration script once the module is there. Routes are split into chunks of their own, so hydration
/// waits for the chunk of the page at hand (`hydrate_lazy`) before it walks the markup.
#[wasm_bindgen]
pub fn hydrate() {
    std::panic::set_hook(Box::new(|panic| leptos::logging::error!("{panic}")));
    leptos::mount::hydrate_lazy(app::App);
}

/// Called by the playground's worker, in a second instance of this module: the engine's chunk is loaded, and answers the
/// page's questions from then on. Nothing is hydrated there.
#[wasm_bindgen]
pub fn serve_engine() {
    std::panic::set_hook(Box::new(|panic| leptos::logging::error!("{panic}")));
    app::playground::serve_engine();
}

/// Room in the module's read-only data, for the splitter. When it deals out constants to the lazy routes' modules, their
/// alignment costs some padding; where the outcome would be longer than the input, it gives up and leaves every constant
/// in the first load (tens of kilobytes). Nothing refers to this one, so it is dealt out to nobody and gives its place.
#[used]
static ROOM: [u8; 4096] = [1; 4096];
