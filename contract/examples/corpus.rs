//! Reads every document below a folder, lints it, and compares it with itself written in another order; with a second
//! folder, compares what has the same name: `cargo run --release -p contract --example corpus OLD [NEW]`.
//!
//! Prints what can't be read and why, what was told about a document that didn't change, the slowest, and sums.

use contract::{Document, Limits, compare, lint};
use shared::{Level, findings::Counts};
use std::{
    collections::BTreeMap,
    error::Error,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

fn main() -> Result<(), Box<dyn Error>> {
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [old, rest @ ..] = &folders[..] else { return Err("name a folder of documents".into()) };
    let new = rest.first().unwrap_or(old);
    let mut corpus = Corpus::default();
    for path in files(new)? {
        let name = path.strip_prefix(new)?.to_owned();
        let Some((document, source)) = corpus.read(&path)? else { continue };
        let start = Instant::now();
        let _ = lint(&document);
        corpus.took("lint", start, &name);
        corpus.against_itself(&name, &document, &source);
        let before = old.join(&name);
        if new != old
            && before.is_file()
            && let Some((base, _)) = corpus.read(&before)?
        {
            corpus.changes(&name, &base, &document);
        }
    }
    corpus.print();
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "json" || kind == "yaml" || kind == "yml") {
                all.push(path);
            }
        }
    }
    all.sort();
    Ok(all)
}

/// A document and what it was read from.
type Source = (Document, Vec<u8>);

#[derive(Default)]
struct Corpus {
    read: usize,
    bytes: usize,
    refused: BTreeMap<String, Vec<String>>,
    times: BTreeMap<&'static str, Vec<(Duration, String)>>,
    compared: usize,
    counts: Counts,
    proved: usize,
    /// How often, and the first few.
    unproven: BTreeMap<(String, String), (usize, Vec<String>)>,
}

impl Corpus {
    fn took(&mut self, stage: &'static str, start: Instant, name: &Path) {
        self.times.entry(stage).or_default().push((start.elapsed(), name.display().to_string()));
    }

    fn read(&mut self, path: &Path) -> Result<Option<Source>, Box<dyn Error>> {
        let source = std::fs::read(path)?;
        let start = Instant::now();
        let document = Document::read(&source, &Limits::default());
        self.took("read", start, path);
        match document {
            Ok(document) => {
                self.read += 1;
                self.bytes += source.len();
                Ok(Some((document, source)))
            }
            Err(error) => {
                // Alike but for what they name
                let kind: String = error.problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
                let kind = kind.split('`').step_by(2).collect::<Vec<_>>().join("…");
                self.refused.entry(kind).or_default().push(format!("{}: {error}", path.display()));
                Ok(None)
            }
        }
    }

    /// JSON alone: its keys sorted, and written over many lines.
    fn against_itself(&mut self, name: &Path, document: &Document, source: &[u8]) {
        let Ok(value) = serde_json::from_slice::<serde_json::Value>(source) else { return };
        let Ok(sorted) = serde_json::to_vec_pretty(&value) else { return };
        let Ok(again) = Document::read(&sorted, &Limits::default()) else { return };
        let start = Instant::now();
        let findings = compare(document, &again);
        self.took("compare alike", start, name);
        for finding in findings.iter().filter(|finding| finding.rule != "comparison-incomplete") {
            println!("no change, and yet: {}: {} {}", name.display(), finding.rule, finding.message);
        }
    }

    fn changes(&mut self, name: &Path, base: &Document, revision: &Document) {
        let start = Instant::now();
        let findings = compare(base, revision);
        self.took("compare", start, name);
        self.compared += 1;
        let counts = Counts::of(&findings);
        self.counts.breaking += counts.breaking;
        self.counts.risky += counts.risky;
        self.counts.safe += counts.safe;
        for finding in findings.iter().filter(|finding| finding.level == Level::Breaking) {
            match &finding.unproven {
                None if finding.witness.is_some() => self.proved += 1,
                why => {
                    let why = why.clone().unwrap_or_default();
                    let entry = self.unproven.entry((finding.rule.to_string(), why.to_string())).or_default();
                    entry.0 += 1;
                    if entry.1.len() < 5 && !entry.1.iter().any(|known| known.starts_with(&*name.to_string_lossy())) {
                        let operation = finding.operation.as_ref().map(ToString::to_string).unwrap_or_default();
                        entry.1.push(format!("{}: {operation}: {}", name.display(), finding.message));
                    }
                }
            }
        }
    }

    fn print(mut self) {
        println!("{} documents read, {} bytes", self.read, self.bytes);
        for (kind, files) in &self.refused {
            println!("refused {}: {kind}", files.len());
            files.iter().take(3).for_each(|file| println!("    {file}"));
        }
        for (stage, times) in &mut self.times {
            times.sort_unstable_by(|a, b| b.cmp(a));
            let sum: Duration = times.iter().map(|(time, _)| *time).sum();
            println!("{stage}: {} in {sum:?}", times.len());
            times.iter().take(5).for_each(|(time, name)| println!("    {time:?} {name}"));
        }
        println!("{} pairs compared: {:?}, {} proved", self.compared, self.counts, self.proved);
        let mut unproven: Vec<_> = self.unproven.into_iter().collect();
        unproven.sort_unstable_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        for ((rule, why), (count, examples)) in unproven.iter().take(25) {
            println!("{count:6} {rule}: {why}");
            examples.iter().for_each(|example| println!("       {example}"));
        }
    }
}
