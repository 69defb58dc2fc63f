#!/usr/bin/env bash
# Runs a fuzz target of the engine: scripts/fuzz.sh read|compare|lint [SECONDS] [FOLDER WITH SEEDS]
#
# It needs neither cargo-fuzz nor a nightly compiler: libFuzzer comes as source with its crate, and what it needs to see
# of the program is had by flags that every compiler takes. An input of up to 1 MB may take a second, which those flags
# make four of.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"

target=${1:?scripts/fuzz.sh read|compare|lint [SECONDS] [FOLDER WITH SEEDS]}
seconds=${2:-300}
corpus="$ROOT/contract/fuzz/corpus/$target"
found="$ROOT/contract/fuzz/artifacts"
mkdir -p "$corpus" "$found"

coverage="-Cpasses=sancov-module"
for option in level=4 inline-8bit-counters pc-table trace-compares; do
    coverage+=" -Cllvm-args=-sanitizer-coverage-$option"
done
host=$(rustc -vV | sed -n 's/^host: //p')
say "Building the fuzz target $target"
RUSTFLAGS="$coverage --cfg fuzzing -Ccodegen-units=1 -Cdebug-assertions" \
    cargo build --release --target "$host" --target-dir "$TARGET_DIR" --manifest-path "$ROOT/contract/fuzz/Cargo.toml" \
    --bin "$target"
say "Running it for $seconds seconds"
exec "$TARGET_DIR/$host/release/$target" "$corpus" ${3:+"$3"} \
    -max_len=1000000 -timeout=4 -rss_limit_mb=2500 -max_total_time="$seconds" -artifact_prefix="$found/$target-"
