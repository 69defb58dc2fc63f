//! Whatever bytes come, reading ends with a document or with problems; and what was read can be shown.
#![no_main]

use contract::{Document, Limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &[u8]| {
    match Document::read(source, &Limits::default()) {
        Ok(document) => {
            for operation in document.operations() {
                assert!(document.operation(&operation.key).is_some());
            }
            for schema in document.schemas() {
                assert!(document.schema(&schema.name).is_some());
            }
        }
        Err(error) => assert!(!error.problems.is_empty()),
    }
});
