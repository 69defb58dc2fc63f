#!/usr/bin/env bash
# The release: the browser's side, split and precompressed, and the server: target/release/handshake.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
# Releases only: while developing, a stylesheet is exchanged in the open page by its plain name.
export LEPTOS_HASH_FILES=true
cargo leptos build --release --split --lib-features split --precompress --cargo-locked
node scripts/loader.mjs target/site/pkg
note "built $TARGET_DIR/release/handshake"
