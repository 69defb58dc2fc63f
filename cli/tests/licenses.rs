//! `cli/licenses.txt`, which `handshake licenses` prints, has the licence of every crate that the program and its pages
//! are built from. After a change of dependencies:
//!
//!     HANDSHAKE_WRITE_LICENSES=1 cargo nextest run -p cli --test licenses

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod command;

use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What is shipped: the program, and what runs in the browser. Windows and macOS have crates of their own.
const SHIPPED: [(&str, &str); 2] = [("cli", "x86_64-unknown-linux-gnu"), ("frontend", "wasm32-unknown-unknown")];

const HEAD: &str = "Handshake is licensed under the Apache License, Version 2.0. It contains the software below, each under the
licence that follows its name. Where a crate may be used under one of several, and the Apache License is among them, that
one was chosen.
";

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Crate {
    name: String,
    version: String,
    licence: String,
    repository: String,
    authors: Vec<String>,
    folder: PathBuf,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The crates that are linked into what is shipped: over normal dependencies, so without tools that only build it.
fn linked() -> BTreeSet<Crate> {
    let mut crates = BTreeSet::new();
    for (package, target) in SHIPPED {
        let output = Command::new(env!("CARGO"))
            .current_dir(root())
            .args(["metadata", "--locked", "--format-version", "1", "--all-features", "--filter-platform", target])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        let list = |value: &Value| value.as_array().unwrap().clone();
        let by_id = |of: &Value| -> BTreeMap<String, Value> {
            list(of).into_iter().map(|item| (item["id"].as_str().unwrap().to_owned(), item)).collect()
        };
        let (packages, nodes) = (by_id(&metadata["packages"]), by_id(&metadata["resolve"]["nodes"]));
        let start = packages.iter().find(|(_, it)| it["name"] == package && it["source"].is_null()).unwrap().0;
        let (mut seen, mut next) = (BTreeSet::new(), vec![start.clone()]);
        while let Some(id) = next.pop() {
            if !seen.insert(id.clone()) {
                continue;
            }
            let normal = |dependency: &Value| list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
            for dependency in list(&nodes[&id]["deps"]).iter().filter(|it| normal(it)) {
                next.push(dependency["pkg"].as_str().unwrap().to_owned());
            }
            let package = &packages[&id];
            let text = |name: &str| package[name].as_str().unwrap_or_default().to_owned();
            if !package["source"].is_null() {
                crates.insert(Crate {
                    name: text("name"),
                    version: text("version"),
                    licence: text("license"),
                    repository: text("repository"),
                    authors: list(&package["authors"]).iter().map(|it| it.as_str().unwrap().to_owned()).collect(),
                    folder: Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned(),
                });
            }
        }
    }
    crates
}

/// The texts that come with a crate: its licence's, and notices.
fn texts(of: &Crate) -> Vec<String> {
    let mut files: Vec<_> = fs::read_dir(&of.folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| {
        let name = path.file_name().unwrap().to_string_lossy().to_lowercase();
        let starts = ["license", "licence", "copying", "notice", "unlicense"].iter().any(|word| name.starts_with(word));
        path.is_file() && starts
    });
    files.sort();
    let named = |path: &PathBuf, word: &str| path.file_name().unwrap().to_string_lossy().to_lowercase().contains(word);
    if files.iter().any(|path| named(path, "apache")) && !of.licence.contains(" AND ") {
        files.retain(|path| named(path, "apache") || named(path, "notice"));
    }
    files.iter().filter_map(|path| fs::read_to_string(path).ok()).map(|text| tidy(&text)).collect()
}

/// Without trailing space, so that the same text is told once.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

fn document() -> String {
    let mut by_text: BTreeMap<Vec<String>, Vec<Crate>> = BTreeMap::new();
    for of in linked() {
        by_text.entry(texts(&of)).or_default().push(of);
    }
    let mut groups: Vec<_> = by_text.into_iter().collect();
    groups.sort_by(|(_, one), (_, other)| one[0].cmp(&other[0]));
    let mut document = HEAD.to_owned();
    for (texts, crates) in groups {
        let _ = writeln!(document, "\n{}\n", "=".repeat(100));
        for of in &crates {
            let _ = writeln!(document, "{} {} ({}) {}", of.name, of.version, of.licence, of.repository);
            if texts.is_empty() {
                // Its authors left the text out of the crate; its name and who holds the rights are what they give.
                let _ = writeln!(document, "    Copyright: {}", of.authors.join(", "));
            }
        }
        for text in texts {
            let _ = write!(document, "\n{text}\n");
        }
    }
    let _ = write!(document, "\n{}\n\n{}\n", "=".repeat(100), STANDARD);
    document
}

/// For the few crates that name a licence and come without its text.
const STANDARD: &str = "Texts of licences that crates above name without including them. MIT:

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the \"Software\"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.

BSD-3-Clause:

Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following
disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following
disclaimer in the documentation and/or other materials provided with the distribution.

3. Neither the name of the copyright holder nor the names of its contributors may be used to endorse or promote products
derived from this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS \"AS IS\" AND ANY EXPRESS OR IMPLIED WARRANTIES,
INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL,
SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES;
LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN
CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS
SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.

The Apache License, Version 2.0, stands above in full.";

#[test]
fn licenses_are_current_and_complete() {
    let path = root().join("cli/licenses.txt");
    let expected = document();
    if env::var_os("HANDSHAKE_WRITE_LICENSES").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap();
    for of in linked() {
        let line = format!("{} {} ({})", of.name, of.version, of.licence);
        assert!(written.lines().any(|it| it.starts_with(&line)), "{line} is missing; see the head of this test");
        let standard = ["MIT", "Apache-2.0", "BSD-3-Clause"].iter().any(|licence| of.licence.contains(licence));
        assert!(standard || !texts(&of).is_empty(), "{line} comes without a text, and there is no standard one for it");
    }
    assert!(written == expected, "cli/licenses.txt isn't current; see the head of this test");
}

#[test]
fn the_program_prints_them() {
    let folder = tempfile::tempdir().unwrap();
    let (code, text) = command::run(folder.path(), &["licenses"]);
    assert_eq!(code, 0);
    assert!(text.contains("tokio ") && text.contains("wasm-bindgen "), "the server's and the browser's");
}
