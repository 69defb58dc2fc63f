//! The commands of an operator (`handshake user`, `token`, `backup`), without a hub that runs.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod command;

use command::handshake;
use std::{
    io::Write as _,
    path::Path,
    process::{Output, Stdio},
};

fn run(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = handshake(folder, arguments);
    command.env_remove("DATABASE_URL").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// Standard output of a command that must succeed.
fn said(folder: &Path, arguments: &[&str], input: &str) -> String {
    let output = run(folder, arguments, input);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_lost_password_and_a_lost_laptop_are_seen_to_from_the_console() {
    let folder = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str], input: &str| said(folder.path(), arguments, input);
    let refused = |arguments: &[&str]| {
        let output = run(folder.path(), arguments, "");
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let ada = ["--email", "ada@example.org"];
    let of_ada = |words: &[&'static str]| [words, &ada[..]].concat();
    said(&[&of_ada(&["user", "create", "--role", "admin"])[..], &["--name", "Ada"]].concat(), "a few words are good\n");
    assert_eq!(said(&["user", "list"], ""), "ada@example.org\tadmin\tactive\tAda\n");

    let made = said(&of_ada(&["user", "reset-password"]), "");
    assert_eq!(made.trim().len(), 23, "{made}");
    said(&of_ada(&["user", "reset-password", "--password-stdin"]), "another few words\n");
    assert!(
        refused(&["user", "reset-password", "--email", "eve@example.org"]).contains("no account for eve@example.org")
    );
    assert!(refused(&of_ada(&["user", "disable"])).contains("last admin"));
    assert!(refused(&of_ada(&["user", "set-role", "--role", "viewer"])).contains("last admin"));

    let token = said(&[&of_ada(&["token", "create"])[..], &["--name", "CI", "--expires-in-days", "30"]].concat(), "");
    assert!(token.starts_with("hs_"), "{token}");
    let listed = said(&of_ada(&["token", "list"]), "");
    let fields: Vec<&str> = listed.trim().split('\t').collect();
    assert!(fields[1] == "-" && fields[2].ends_with('Z'), "{listed}");
    assert_eq!(fields[3..], ["all services", "CI"], "{listed}");
    assert_eq!(said(&["token", "revoke", fields[0]], ""), "Revoked.\n");
    assert_eq!(said(&of_ada(&["token", "list"]), ""), "");
    let bound = of_ada(&["token", "create", "--name", "CI", "--services", "nosuch"]);
    assert!(refused(&bound).contains("no service called nosuch"));
    assert!(refused(&["token", "revoke", "nonsense"]).contains("is no id"));

    said(&["user", "create", "--email", "bob@example.org", "--name", "Bob"], "a few words are good");
    let of_bob = |words: &[&'static str]| [words, &["--email", "bob@example.org"]].concat();
    assert!(said(&of_bob(&["user", "disable"]), "").contains("developer\tdisabled"));
    assert!(said(&of_bob(&["user", "enable"]), "").contains("developer\tactive"));
    assert!(said(&of_bob(&["user", "set-role", "--role", "viewer"]), "").contains("viewer\tactive"));
    assert_eq!(said(&of_bob(&["user", "sessions"]), ""), "");
    assert_eq!(said(&of_bob(&["user", "end-sessions"]), ""), "Ended.\n");
}

#[test]
fn public_demo_passwords_are_for_this_machine_only() {
    let folder = tempfile::tempdir().unwrap();
    for reachable in
        [&["--listen", "0.0.0.0:0", "--allow-plain-http"][..], &["--public-origin", "https://hub.example.org"]]
    {
        let output = run(folder.path(), &[&["serve", "--demo"][..], reachable].concat(), "");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains("--demo-passwords random"), "{said}");
    }
}

#[test]
fn a_backup_is_a_database_and_replaces_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str]| {
        let output = run(folder.path(), arguments, "");
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    for command in
        [&["backup", "copy.db"][..], &["user", "list"], &["token", "list", "--email", "a@b.org"], &["secret", "adopt"]]
    {
        assert!(refused(command).contains("there is no database"), "{command:?}");
    }
    assert!(!folder.path().join("data").exists() && !folder.path().join("copy.db").exists());
    let ada = ["user", "create", "--role", "admin", "--email", "ada@example.org", "--name", "Ada"];
    said(folder.path(), &ada, "a few words are good\n");

    assert_eq!(said(folder.path(), &["backup", "copy.db"], ""), "Wrote copy.db.\n");
    let mode = folder.path().join("copy.db").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let restored = ["user", "list", "--data-dir", "new", "--database-url", "sqlite:copy.db"];
    assert_eq!(said(folder.path(), &restored, ""), "ada@example.org\tadmin\tactive\tAda\n");

    let before = std::fs::read(folder.path().join("copy.db")).unwrap();
    assert!(refused(&["backup", "copy.db"]).contains("can't be written"));
    assert_eq!(std::fs::read(folder.path().join("copy.db")).unwrap(), before);
    assert!(refused(&["backup", "none/copy.db"]).contains("can't be written"));
    assert!(refused(&["backup", "other.db", "--database-url", "postgres://localhost/hub"]).contains("pg_dump"));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["licenses"][..], &["openapi"], &["settings"], &["rules"], &["rules", "--format", "json"]] {
        let mut command = handshake(folder.path(), arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {output:?}");
    }
}
