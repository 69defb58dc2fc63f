#!/usr/bin/env bash
# The release: the browser's side, split and compressed, and the server: target/release/handshake.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
# Releases only: while developing, a stylesheet is exchanged in the open page by its plain name.
export LEPTOS_HASH_FILES=true
# pack.mjs optimises: cargo-leptos is given a wasm-opt that leaves the modules as they are.
PATH="$ROOT/scripts/instead:$PATH" cargo leptos build --release --split --lib-features split --cargo-locked
node scripts/pack.mjs target/site "$TARGET_DIR/release/hash.txt"
note "built $TARGET_DIR/release/handshake"
