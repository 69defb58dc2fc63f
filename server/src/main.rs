//! `handshake`: the hub as one program.

use std::process::ExitCode;

/// Pages and comparisons make and drop many small values on many threads (`docs/decisions/0022-mimalloc.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match server::cli::run().await {
        Ok(code) => code,
        Err(error) => {
            error.print();
            error.exit_code()
        }
    }
}
