//! The program, run as a pipeline runs it.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]
// Each test binary uses its own part of this module.
#![allow(dead_code)]

use std::{
    path::Path,
    process::{Command, Output},
};

pub fn handshake(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handshake"));
    command.current_dir(folder).args(arguments).env("NO_COLOR", "1");
    command
}

/// Exit code and standard output.
pub fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    outcome(&handshake(folder, arguments).output().unwrap())
}

pub fn outcome(output: &Output) -> (i32, String) {
    (output.status.code().unwrap(), String::from_utf8(output.stdout.clone()).unwrap())
}
