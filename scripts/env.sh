# shellcheck shell=bash
# What the other scripts share: where things are, which tools count, how to speak. Sourced, never run.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# Build output may live elsewhere (CI keeps it between runs); cargo and cargo-leptos read the same variable.
# A relative one is relative to the checkout, wherever the caller stands.
TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT/target}"
[[ $TARGET_DIR == /* ]] || TARGET_DIR="$ROOT/$TARGET_DIR"
[[ -z ${CARGO_TARGET_DIR:-} ]] || export CARGO_TARGET_DIR="$TARGET_DIR"
CARGO_BIN="${CARGO_HOME:-$HOME/.cargo}/bin"
HANDSHAKE_CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/handshake"
SCHEMATHESIS=$(sed -n 's/^schemathesis==//p' "$ROOT/end2end/schemathesis/requirements.txt")
SCHEMATHESIS_HOME="$HANDSHAKE_CACHE/schemathesis-$SCHEMATHESIS"
# npm's tools first: an older wasm-opt of the system's would refuse what today's compiler emits.
PATH="$ROOT/end2end/node_modules/.bin:$CARGO_BIN:$PATH"
export ROOT TARGET_DIR CARGO_BIN HANDSHAKE_CACHE SCHEMATHESIS SCHEMATHESIS_HOME PATH

say() { printf '==> %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# The newest of Debian's PostgreSQL programs, or whatever is on PATH. Empty when there is none.
postgres_bin() {
    local dir newest=""
    for dir in /usr/lib/postgresql/*/bin; do
        [[ -x $dir/initdb ]] && newest=$(printf '%s\n' ${newest:+"$newest"} "$dir" | sort -V | tail -1)
    done
    if [[ -z $newest ]] && command -v initdb >/dev/null; then
        newest=$(dirname "$(command -v initdb)")
    fi
    printf '%s' "$newest"
}

# The browser to test with: the one that CHROMIUM names, or the one on PATH. end2end/support/browser.mjs reads the
# variable; where it is empty, or names what doesn't run, it looks further.
[[ -n ${CHROMIUM:-} ]] || CHROMIUM=$(command -v chromium || true)
export CHROMIUM
