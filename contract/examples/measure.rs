//! Times reading, linting and comparing of real documents: `cargo run --release -p contract --example measure A B`.

use contract::{Document, Limits, compare, lint};
use shared::findings::Counts;
use std::{collections::BTreeMap, time::Instant};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let mut documents = Vec::new();
    for path in &paths {
        let source = std::fs::read(path)?;
        let start = Instant::now();
        let document = Document::read(&source, &Limits::default())?;
        let info = document.info();
        println!(
            "read {path}: {:?}, {} bytes, {} in memory, {} operations",
            start.elapsed(),
            source.len(),
            document.memory_size(),
            info.operations
        );
        let start = Instant::now();
        let found = lint(&document);
        println!(
            "linted: {:?}, {} of 100, {} listed {:?}",
            start.elapsed(),
            found.score.score,
            found.findings.len(),
            found.score.notes
        );
        for reason in found.score.reasons.iter().filter(|reason| reason.broken > 0) {
            println!("{:6} of {:6} {} {}", reason.broken, reason.places, reason.severity, reason.rule);
            if std::env::var_os("EXAMPLES").is_some() {
                for finding in found.findings.iter().filter(|finding| finding.rule == reason.rule).take(4) {
                    println!("                 {}:{} {}", finding.place.line, finding.place.column, finding.message);
                }
            }
        }
        documents.push(document);
    }
    if let [base, revision] = &documents[..] {
        let start = Instant::now();
        let findings = compare(base, revision);
        println!("compared: {:?}, {} findings, {:?}", start.elapsed(), findings.len(), Counts::of(&findings));
        let proved = findings.iter().filter(|finding| finding.witness.is_some()).count();
        let mut unproven: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for finding in &findings {
            if let Some(why) = &finding.unproven {
                *unproven.entry((finding.rule.as_ref(), why)).or_default() += 1;
            }
        }
        println!("proved: {proved}; unproven: {unproven:#?}");
        let mut rules = BTreeMap::new();
        for finding in &findings {
            *rules.entry((finding.level, finding.rule.clone())).or_insert(0_u32) += 1;
        }
        for ((level, rule), count) in rules.iter().rev() {
            println!("{count:6} {level} {rule}");
        }
    }
    let start = Instant::now();
    let views: usize =
        documents.iter().flat_map(|d| d.operations().into_iter().filter_map(|o| d.operation(&o.key))).count();
    println!("{views} operation views: {:?}", start.elapsed());
    #[cfg(target_os = "linux")]
    for line in std::fs::read_to_string("/proc/self/status")?.lines().filter(|line| line.starts_with("VmHWM")) {
        println!("{line}");
    }
    Ok(())
}
