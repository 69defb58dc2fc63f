//! Whatever can be read can be linted: the score is a score, it is full exactly when nothing is found, and every finding
//! is of a rule that there is.
#![no_main]

use contract::{Document, Limits, lint};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &[u8]| {
    let Ok(document) = Document::read(source, &Limits::default()) else { return };
    let found = lint(&document);
    let broken: u32 = found.score.reasons.iter().map(|reason| reason.broken).sum();
    assert!(found.score.score <= 100);
    assert_eq!(found.score.score == 100, broken == 0);
    assert_eq!(found.findings.len() as u64 + u64::from(found.score.left_out), u64::from(broken));
    for finding in &found.findings {
        assert!(contract::lint::find(&finding.rule).is_some());
        assert!(finding.place.line >= 1 && finding.place.column >= 1);
    }
});
