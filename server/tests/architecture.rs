//! The rules of `docs/ARCHITECTURE.md`, held against the sources.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All Rust files under a folder of the repository, with their text.
fn sources(folder: &str) -> Vec<(String, String)> {
    let (root, mut found) = (root(), Vec::new());
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "{folder}");
    found.sort();
    found
}

/// What is compiled into the program: without tests at the end of a file.
fn product(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap()
}

fn assert_none(what: &str, bad: &[String]) {
    assert!(bad.is_empty(), "{what}:\n{}", bad.join("\n"));
}

#[test]
fn crates_depend_in_one_direction() {
    for (member, may_use) in [
        ("shared", &[][..]),
        ("contract", &["shared"]),
        ("app", &["shared", "contract"]),
        ("frontend", &["shared", "contract", "app"]),
        ("server", &["shared", "contract", "app"]),
        // The server only with the feature `serve`.
        ("cli", &["shared", "contract", "server"]),
    ] {
        let manifest: toml::Table =
            fs::read_to_string(root().join(member).join("Cargo.toml")).unwrap().parse().unwrap();
        let uses = manifest["dependencies"].as_table().unwrap().keys();
        let uses: BTreeSet<&str> = uses.map(String::as_str).filter(|name| root().join(name).is_dir()).collect();
        let extra: Vec<String> = uses.iter().filter(|name| !may_use.contains(name)).map(ToString::to_string).collect();
        assert_none(&format!("{member} depends on"), &extra);
    }
}

#[test]
fn the_engine_touches_nothing_outside() {
    let outside =
        ["std::fs", "std::env", "TcpStream", "std::thread", "SystemTime::now", "Instant::now", "tokio", "static mut"];
    let mut bad = Vec::new();
    for (name, text) in sources("contract/src") {
        bad.extend(outside.iter().filter(|word| product(&text).contains(*word)).map(|word| format!("{name}: {word}")));
    }
    assert_none("the engine uses", &bad);
}

#[test]
fn sql_is_where_one_looks_for_it() {
    let allowed = |name: &str| name.ends_with("sql.rs") || name.starts_with("server/src/store/");
    let files = sources("server/src");
    let bad = files.iter().filter(|(name, text)| product(text).contains("sqlx::query") && !allowed(name));
    assert_none("statements outside of sql.rs", &bad.map(|(name, _)| name.clone()).collect::<Vec<_>>());
}

#[test]
fn areas_do_not_share_statements() {
    let mut bad = Vec::new();
    for (name, text) in sources("server/src") {
        let area = name.split('/').nth(2).unwrap();
        let lines = product(&text).lines().filter(|line| line.contains("crate::") && line.contains("sql::"));
        bad.extend(
            lines.filter(|line| !line.contains(&format!("crate::{area}"))).map(|line| format!("{name}: {line}")),
        );
    }
    assert_none("statements of another area", &bad);
}

#[test]
fn the_http_layers_know_no_area() {
    let areas = [
        "accounts",
        "services",
        "versions",
        "contracts",
        "comparisons",
        "policies",
        "events",
        "jobs",
        "documents",
        "naming",
    ];
    let mut bad = Vec::new();
    for (name, text) in sources("server/src/http") {
        // Imports as rustfmt writes them: whole, or in a list under `crate`.
        let text = product(&text);
        let listed = text.split("use crate::{").nth(1).and_then(|rest| rest.split("};").next()).unwrap_or_default();
        for area in areas {
            let whole = text.contains(&format!("crate::{area}::")) || text.contains(&format!("app.areas.{area}"));
            let in_list = listed.split(&['\n', ',', ' '][..]).any(|word| word.starts_with(&format!("{area}::")));
            if whole || in_list {
                bad.push(format!("{name}: {area}"));
            }
        }
    }
    assert_none("the HTTP layers use", &bad);
}

#[test]
fn files_stay_short() {
    let mut bad = Vec::new();
    for folder in
        ["shared/src", "contract/src", "app/src", "frontend/src", "server/src", "server/tests", "contract/tests"]
    {
        for (name, text) in sources(folder) {
            let lines = text.lines().count();
            if lines > 520 {
                bad.push(format!("{name}: {lines} lines"));
            }
        }
    }
    assert_none("longer than about 500 lines", &bad);
}
