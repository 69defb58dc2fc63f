//! `handshake`: the hub as one program.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match server::cli::run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("handshake: {error}");
            ExitCode::FAILURE
        }
    }
}
