//! How far the engine agrees with another checker, where that checker's cases are at hand: the environment variable
//! `HANDSHAKE_PEER_CASES` names a folder of `<case>/base.json`, `revision.json` and `expected.json`. Without it the
//! test says that it was skipped. Agreement is measured by class (is anything breaking?) and by operations.

use contract::{Date, Document, Judging, Limits, Options, judge};
use serde_json::Value;
use shared::{Finding, Level, findings::Counts};
use std::{collections::BTreeSet, fs, path::Path};

/// The class must agree in this share of the cases. It was 0.95 until a bound that is set where there was none became
/// breaking, in which we differ on purpose (`docs/peer-agreement.md`).
const LEAST: f64 = 0.93;

struct Outcome {
    same_class: bool,
    same_operations: bool,
    report: String,
}

fn read(path: &Path) -> Result<Document, String> {
    let source = fs::read(path).map_err(|error| error.to_string())?;
    Document::read(&source, &Limits::default()).map_err(|error| error.to_string())
}

/// Some of the cases depend on the day on which they are run.
fn today() -> Judging<'static> {
    let since = std::time::UNIX_EPOCH.elapsed().expect("it is later than 1970");
    let today = Date::from_unix_seconds(since.as_secs().cast_signed());
    Judging { options: Options::default().on(today), ..Judging::default() }
}

fn run(case: &Path) -> Outcome {
    let expected = fs::read_to_string(case.join("expected.json")).expect("a case has expectations");
    let expected: Vec<Value> = serde_json::from_str(&expected).expect("expectations are JSON");
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let theirs_breaking = expected.iter().any(|finding| text(finding, "level") == "error");
    let ids: Vec<String> = expected.iter().map(|f| format!("{} {}", text(f, "level"), text(f, "id"))).collect();
    let documents = read(&case.join("base.json")).and_then(|base| Ok((base, read(&case.join("revision.json"))?)));
    let findings = match documents {
        Ok((base, revision)) => judge(&base, &revision, &today()).findings,
        Err(error) => {
            let report = format!("not read: {error}; theirs: {ids:?}");
            return Outcome { same_class: false, same_operations: false, report };
        }
    };
    let ours_breaking = Counts::of(&findings).verdict() == Level::Breaking;
    let theirs: BTreeSet<String> = expected
        .iter()
        .map(|f| format!("{} {}", text(f, "operation").to_uppercase(), text(f, "path")))
        .filter(|operation| operation != " ")
        .collect();
    let ours: BTreeSet<String> =
        findings.iter().filter_map(|f| f.operation.as_ref()).map(ToString::to_string).collect();
    let line = |f: &Finding| format!("{} {} ({})", f.level, f.rule, f.message);
    let lines: Vec<String> = findings.iter().map(line).collect();
    Outcome {
        same_class: theirs_breaking == ours_breaking,
        same_operations: theirs.is_subset(&ours),
        report: format!("theirs: {ids:?}\n    ours: {lines:#?}"),
    }
}

#[test]
fn agreement_with_a_peer() {
    let Ok(folder) = std::env::var("HANDSHAKE_PEER_CASES") else {
        println!("skipped: HANDSHAKE_PEER_CASES names no folder of cases");
        return;
    };
    let mut cases: Vec<_> = fs::read_dir(&folder)
        .expect("HANDSHAKE_PEER_CASES names a folder")
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.join("expected.json").exists())
        .collect();
    cases.sort();
    let (mut class, mut operations) = (0, 0);
    for case in &cases {
        let outcome = run(case);
        class += u32::from(outcome.same_class);
        operations += u32::from(outcome.same_operations);
        let name = case.file_name().unwrap_or_default().to_string_lossy();
        if !outcome.same_class {
            println!("CLASS {name}: {}", outcome.report);
        } else if !outcome.same_operations {
            println!("OPERATIONS {name}: {}", outcome.report);
        }
    }
    let total = u32::try_from(cases.len()).expect("few cases");
    println!("{total} cases: the class agrees in {class}, operations are covered in {operations}");
    assert!(total > 0, "the folder has no cases");
    assert!(f64::from(class) / f64::from(total) >= LEAST, "the class agrees in {class} of {total} cases only");
}
