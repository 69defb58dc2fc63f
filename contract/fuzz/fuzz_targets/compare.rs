//! Two documents, separated by a zero byte: comparing them ends, and a document never differs from itself.
#![no_main]

use contract::{Document, Limits, compare};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|sources: &[u8]| {
    let mut parts = sources.splitn(2, |byte| *byte == 0);
    let read = |part: Option<&[u8]>| Document::read(part?, &Limits::default()).ok();
    let (Some(base), Some(revision)) = (read(parts.next()), read(parts.next())) else { return };
    assert!(compare(&base, &base).is_empty());
    for finding in compare(&base, &revision) {
        assert!(contract::rules::find(&finding.rule).is_some());
    }
});
