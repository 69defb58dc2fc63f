//! Contracts in several files: the same contract in one file is the same contract, and every place names its file.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

use contract::{Document, Files, Limits, ReadError, ReadErrorKind, compare, lint};
use shared::{Finding, findings::Place};
use std::collections::BTreeMap;

mod layouts;

use layouts::layouts;

fn set(files: &[(&str, &str)], edit: impl Fn(&str) -> String) -> BTreeMap<String, Vec<u8>> {
    files.iter().map(|(path, text)| ((*path).to_owned(), edit(text).into_bytes())).collect()
}

/// Reads the first of the files, and what it refers to.
fn read_set(mut files: BTreeMap<String, Vec<u8>>, path: &str, limits: &Limits) -> Result<Document, ReadError> {
    let bytes = files[path].clone();
    Document::read_with(&bytes, path, &mut files, limits)
}

fn limits(set: impl Fn(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    set(&mut limits);
    limits
}

fn read(files: &[(&str, &str)]) -> Result<Document, ReadError> {
    read_set(set(files, str::to_owned), files[0].0, &Limits::default())
}

/// A document of 3.1 with one schema, and other files.
fn with_schema(schema: &str) -> String {
    format!(
        "openapi: 3.1.0\ninfo: {{title: Shop, version: '1'}}\npaths:\n  /pets:\n    post:\n      requestBody:\n        \
         content:\n          application/json:\n            schema: {schema}\n      responses: {{'204': {{description: Done}}}}\n"
    )
}

/// All that is said of a finding but where it stands.
fn said(findings: &[Finding]) -> Vec<String> {
    let mut all: Vec<String> = findings
        .iter()
        .map(|f| {
            let witness = f.witness.as_ref().map(|witness| (&witness.start_line, &witness.body));
            format!("{} {} {:?} {} {} {witness:?}", f.level, f.rule, f.operation, f.fingerprint, f.message)
        })
        .collect();
    all.sort();
    all
}

#[test]
fn the_same_contract_in_one_file_is_the_same() {
    for layout in layouts() {
        let split = read(layout.files).unwrap_or_else(|error| panic!("{}: {error:?}", layout.name));
        assert_eq!(split.files().count(), layout.files.len(), "{}: every file is read", layout.name);
        let bundle = Document::read(layout.bundle.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(said(&compare(&split, &bundle)), [""; 0], "{}", layout.name);
        assert_eq!(said(&compare(&bundle, &split)), [""; 0], "{}", layout.name);
        assert_eq!(split.info().operations, bundle.info().operations);
        for other in layout.others {
            let other = Document::read(other.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(said(&compare(&split, &other)), [""; 0], "{}", layout.name);
            assert_eq!(said(&compare(&other, &split)), [""; 0], "{}", layout.name);
        }
        assert!(!layout.edits.is_empty());
        for (from, to) in layout.edits {
            let edit = |text: &str| text.replace(from, to);
            let new = read_set(set(layout.files, edit), layout.files[0].0, &Limits::default()).unwrap();
            let new_bundle = Document::read(edit(layout.bundle).as_bytes(), &Limits::default()).unwrap();
            let expected = said(&compare(&bundle, &new_bundle));
            assert!(!expected.is_empty(), "{}: {from} → {to} changes nothing", layout.name);
            assert_eq!(said(&compare(&split, &new)), expected, "{}: {from} → {to}", layout.name);
            assert_eq!(said(&compare(&bundle, &new)), expected, "{}: {from} → {to}", layout.name);
            assert_eq!(said(&compare(&split, &new_bundle)), expected, "{}: {from} → {to}", layout.name);
        }
    }
}

#[test]
fn a_bundle_is_the_same_contract() {
    for layout in layouts() {
        for (from, to) in [&("", "")].into_iter().chain(layout.edits) {
            let edit = |text: &str| if from.is_empty() { text.to_owned() } else { text.replace(from, to) };
            let mut files = set(layout.files, edit);
            let (root, old) = (layout.files[0].0, read(layout.files).unwrap());
            let bundled =
                contract::bundle(&files[root].clone(), root, &mut files.clone(), &Limits::default()).unwrap().unwrap();
            let bundle = Document::read(bundled.as_bytes(), &Limits::default())
                .unwrap_or_else(|error| panic!("{}: {error}\n{bundled}", layout.name));
            let split = Document::read_with(&files[root].clone(), root, &mut files, &Limits::default()).unwrap();
            assert_eq!(said(&compare(&split, &bundle)), [""; 0], "{}\n{bundled}", layout.name);
            assert_eq!(said(&compare(&bundle, &split)), [""; 0], "{}", layout.name);
            assert_eq!(said(&compare(&old, &bundle)), said(&compare(&old, &split)), "{}: {from} → {to}", layout.name);
            let by_hand = Document::read(edit(layout.bundle).as_bytes(), &Limits::default()).unwrap();
            assert_eq!(said(&compare(&by_hand, &bundle)), [""; 0], "{}", layout.name);
            // A bundle has nothing to bundle.
            let again = contract::bundle(bundled.as_bytes(), root, &mut set(&[], str::to_owned), &Limits::default());
            assert_eq!(again, Ok(None));
        }
    }
}

#[test]
fn a_bundle_has_names_that_are_free_and_ends() {
    let text = with_schema("{allOf: [{$ref: 'a/x y.yaml'}, {$ref: 'b/x y.yaml'}, {$ref: '#/components/schemas/x_y'}]}")
        + "components: {schemas: {x_y: {maxLength: 1}}}\n";
    let mut files = set(&[("a/x y.yaml", "maxLength: 2"), ("b/x y.yaml", "maxLength: 3")], str::to_owned);
    let bundle = contract::bundle(text.as_bytes(), "a.yaml", &mut files, &Limits::default()).unwrap().unwrap();
    let value: serde_json::Value = serde_json::from_str(&bundle).unwrap();
    let lengths = ["x_y", "x_y_2", "x_y_3"].map(|name| value["components"]["schemas"][name]["maxLength"].as_u64());
    assert_eq!(lengths, [Some(1), Some(2), Some(3)], "{bundle}");

    let root = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/a: {$ref: 0.yaml}}\n";
    let item = |callbacks: &str| {
        format!("get: {{responses: {{default: {{description: D}}}}, callbacks: {{c: {{{callbacks}}}}}}}")
    };
    let mut laughs = Made(
        |path: &str| {
            let n: usize = path.trim_end_matches(".yaml").parse().unwrap();
            let next = |i| format!("'{{$url}}{i}': {{$ref: {}.yaml}}", n + 1);
            Some(if n < 30 { item(&(0..10).map(next).collect::<Vec<_>>().join(", ")) } else { item("") })
        },
        0,
    );
    let mut endless = Made(|_: &str| Some(item("'{$url}': {$ref: 0.yaml}")), 0);
    for files in [&mut laughs as &mut dyn Files, &mut endless] {
        let small = limits(|l| l.max_bytes = 1_000_000);
        assert!(Document::read_with(root.as_bytes(), "a.yaml", files, &small).is_ok());
        let error = contract::bundle(root.as_bytes(), "a.yaml", files, &small).unwrap_err();
        assert!(error.to_string().contains("can't be put together"), "{error}");
    }
}

#[test]
fn lint_says_the_same_of_both() {
    for layout in layouts() {
        let split = read(layout.files).unwrap();
        let bundle = Document::read(layout.bundle.as_bytes(), &Limits::default()).unwrap();
        let said = |document: &Document| {
            let lint = lint(document);
            let mut all: Vec<String> =
                lint.findings.iter().map(|f| format!("{} {:?} {}", f.rule, f.operation, f.message)).collect();
            // What isn't under `components` isn't looked for there.
            let counted = lint.score.reasons.iter().filter(|reason| reason.rule != "component-unused");
            all.extend(counted.map(|reason| format!("{}: {} of {}", reason.rule, reason.broken, reason.places)));
            all.sort();
            all.join("\n")
        };
        assert_eq!(said(&split), said(&bundle), "{}", layout.name);
    }
}

/// The texts that places stand at, by the files that they name.
fn text_at<'t>(files: &[(&str, &'t str)], place: &Place) -> &'t str {
    let file = place.file.as_deref().expect("a contract of several files names them");
    let (_, text) = files.iter().find(|(path, _)| *path == file).unwrap();
    let line = text.lines().nth(place.line as usize - 1).unwrap();
    &line[line.char_indices().nth(place.column as usize - 1).unwrap().0..]
}

#[test]
fn places_name_the_file_that_was_edited() {
    let old = [
        ("api/openapi.yaml", &*with_schema("{$ref: '../schemas/pet.yaml'}")),
        (
            "schemas/pet.yaml",
            "# Ä\ntype: object\nproperties:\n  näme: {$ref: 'common.json#/text'}\n  tag:\n    type: string\n",
        ),
        ("schemas/common.json", "{\"text\": {\n  \"type\": \"string\",\n  \"maxLength\": 40}}"),
    ];
    let new = [
        old[0],
        (
            old[1].0,
            "\n\n# Ä\ntype: object\nproperties:\n  näme: {$ref: 'common.json#/text'}\n  tag:\n    type: integer\n",
        ),
        (old[2].0, "{\"text\": {\n  \"type\": \"string\",\n\n  \"maxLength\": 20}}"),
    ];
    let findings = compare(&read(&old).unwrap(), &read(&new).unwrap());
    let places: Vec<_> = findings
        .iter()
        .map(|finding| {
            let (base, revision) = (finding.base.as_ref().unwrap(), finding.revision.as_ref().unwrap());
            (
                &*finding.rule,
                revision.file.as_deref().unwrap(),
                &*revision.pointer,
                text_at(&old, base),
                text_at(&new, revision),
            )
        })
        .collect();
    assert_eq!(
        places,
        [
            (
                "request-bound-tightened",
                "schemas/common.json",
                "/text/maxLength",
                "\"maxLength\": 40}}",
                "\"maxLength\": 20}}"
            ),
            ("request-type-changed", "schemas/pet.yaml", "/properties/tag/type", "type: string", "type: integer"),
        ]
    );
}

#[test]
fn what_leads_nowhere_is_said_where_the_reference_stands() {
    let pet = "type: object\nproperties:\n  a: {type: string}\n";
    for (reference, others, place, part) in [
        ("missing.yaml", &[][..], "api/a.yaml:9", "`missing.yaml` can't be read: there is no file `api/missing.yaml`."),
        ("../../x.yaml", &[], "api/a.yaml:9", "`../../x.yaml` leads out of the root folder"),
        ("../../etc/passwd", &[], "api/a.yaml:9", "leads out of the root folder"),
        ("%2e%2e/%2E%2e/etc/passwd", &[], "api/a.yaml:9", "leads out of the root folder"),
        ("/etc/passwd", &[], "api/a.yaml:9", "is no relative path"),
        ("//host/etc/passwd", &[], "api/a.yaml:9", "is no relative path"),
        ("file:///etc/passwd", &[], "api/a.yaml:9", "is no relative path"),
        ("C:\\pet.yaml", &[], "api/a.yaml:9", "is no relative path"),
        ("..\\pet.yaml", &[], "api/a.yaml:9", "Write `/` between folders"),
        ("..%5Cpet.yaml", &[], "api/a.yaml:9", "Write `/` between folders"),
        ("a%2Fpet.yaml", &[], "api/a.yaml:9", "Write `/` between folders"),
        ("a%00.yaml", &[], "api/a.yaml:9", "zero"),
        ("a%zz.yaml", &[], "api/a.yaml:9", "percent-encoding"),
        ("pet.yaml?v=1", &[], "api/a.yaml:9", "has a query"),
        ("https://example.org/pet.yaml", &[], "api/a.yaml:9", "is on the network, from which nothing is read. Save it"),
        ("HTTP://example.org/pet.yaml", &[], "api/a.yaml:9", "is on the network"),
        ("pet.yaml#/b", &[("api/pet.yaml", pet)], "api/a.yaml:9", "there is no `b` in `#` of `api/pet.yaml`"),
        ("pet.yaml#/properties/b/c", &[("api/pet.yaml", pet)], "api/a.yaml:9", "there is no `b` in `#/properties` of"),
        ("pet.yaml#b", &[("api/pet.yaml", pet)], "api/a.yaml:9", "no schema has the `$anchor` `b`"),
        ("pet.yaml", &[("api/pet.yaml", "a: [")], "api/pet.yaml:1", "This isn't YAML"),
        ("pet.json", &[("api/pet.json", "{\"a\":\n 1")], "api/pet.json:2", "This isn't JSON"),
        ("pet.yaml", &[("api/pet.yaml", "")], "api/pet.yaml:1", "The document is empty"),
        (
            "pet.yaml",
            &[("api/pet.yaml", "some text")],
            "api/pet.yaml:1",
            "Here must stand a schema, an object, not a string",
        ),
        ("pet.yaml", &[("api/pet.yaml", "\ntype: 1")], "api/pet.yaml:2", "`type` must be"),
        (
            "pet.yaml",
            &[("api/pet.yaml", "\n\nitems: {$ref: no.yaml}")],
            "api/pet.yaml:3",
            "there is no file `api/no.yaml`",
        ),
        (
            "pet.yaml",
            &[("api/pet.yaml", "\nitems: {$ref: '#/paths/~1pets'}")],
            "api/pet.yaml:2",
            "there in the document itself",
        ),
        (
            "pet.yaml",
            &[("api/pet.yaml", "\n$ref: pet2.yaml"), ("api/pet2.yaml", "$ref: pet.yaml")],
            "api/pet.yaml:2",
            "leads back to itself",
        ),
    ] {
        let text = with_schema(&format!("{{$ref: '{reference}'}}"));
        let mut files = vec![("api/a.yaml", &*text)];
        files.extend(others);
        let problems = read(&files).unwrap_err().problems;
        let [problem] = &problems[..] else { panic!("{reference}: {problems:?}") };
        assert!(problem.message.contains(part), "{reference}: {}", problem.message);
        assert!(problem.message.ends_with(['.', '`']), "{}", problem.message);
        let at = format!("{}:{}", problem.file.as_deref().unwrap(), problem.line.unwrap());
        assert_eq!(at, place, "{reference}: {}", problem.message);
    }
}

#[test]
fn every_way_to_write_a_path_leads_to_the_same_file() {
    let pet = "type: object\nproperties: {a: {type: string}}\n";
    for (reference, path) in [
        ("pet.yaml", "api/pet.yaml"),
        ("./pet.yaml", "api/pet.yaml"),
        ("././/pet.yaml", "api/pet.yaml"),
        ("../api/pet.yaml#", "api/pet.yaml"),
        ("x/../pet.yaml", "api/pet.yaml"),
        ("%70et.yaml", "api/pet.yaml"),
        ("My%20Pet%C3%A4%25%23.yaml", "api/My Petä%#.yaml"),
        ("My Pet.yaml", "api/My Pet.yaml"),
        ("%2E/pet.yaml", "api/pet.yaml"),
        ("a:b.yaml/../pet.yaml", "api/pet.yaml"),
        ("../pet", "pet"),
    ] {
        let text = with_schema(&format!("{{$ref: '{reference}'}}"));
        if reference.starts_with("a:") {
            assert!(read(&[("api/a.yaml", &text), (path, pet)]).is_err(), "it has a scheme");
            continue;
        }
        let document = read(&[("api/a.yaml", &text), (path, pet)]).unwrap_or_else(|e| panic!("{reference}: {e}"));
        assert_eq!(document.files().collect::<Vec<_>>(), ["api/a.yaml", path]);
    }
    // The document itself is one of the files that others refer to.
    let text = with_schema("{$ref: 'b.yaml#/a/0'}") + "components: {schemas: {X: {type: string}}}\n";
    let back = "a: [{type: object, properties: {x: {$ref: '../api/a.yaml#/components/schemas/X'}}}]";
    assert_eq!(read(&[("api/a.yaml", &text), ("api/b.yaml", back)]).unwrap().files().count(), 2);
}

#[test]
fn schemas_have_names_of_their_own_in_every_file() {
    let base = "https://example.org/api/";
    for (root, other) in [
        // By an anchor, which is the file's own.
        ("{$ref: 'b.yaml#pet'}".to_owned(), "$defs: {Pet: {$anchor: pet, type: string}}".to_owned()),
        (
            "{$anchor: pet, type: array, items: {$ref: 'b.yaml#pet'}}".to_owned(),
            "$defs: {P: {$anchor: pet}}".to_owned(),
        ),
        // By the address of the file, or of its neighbour.
        (
            "{$ref: 'b.yaml'}".to_owned(),
            format!("$id: {base}b\nproperties: {{x: {{$ref: '{base}b#/properties/y'}}, y: true}}"),
        ),
        (
            "{$ref: 'b.yaml'}".to_owned(),
            format!(
                "$id: {base}b.yaml\nproperties: {{x: {{$ref: '{base}a.yaml#/paths/~1pets/post/requestBody/content/application~1json/schema'}}}}"
            ),
        ),
        // By the address of a file that is read later.
        (format!("{{allOf: [{{$ref: '{base}pet'}}, {{$ref: b.yaml}}]}}"), format!("$id: {base}pet\ntype: object")),
    ] {
        let text = with_schema(&root);
        let read = read(&[("a.yaml", &text), ("b.yaml", &other)]);
        assert!(read.is_ok(), "{root} {other}: {read:?}");
    }
    let text = with_schema("{allOf: [{$ref: 'https://example.org/none'}, {$ref: b.yaml}]}");
    let error = read(&[("a.yaml", &text), ("b.yaml", "type: object")]).unwrap_err();
    assert!(error.to_string().contains("is on the network"), "{error}");
    // 3.2's own address.
    let text = with_schema(&format!("{{$ref: '{base}b.yaml'}}"))
        .replace("openapi: 3.1.0", "openapi: 3.2.0\n$self: https://example.org/api/a.yaml");
    assert_eq!(read(&[("a.yaml", &text), ("b.yaml", "type: object")]).unwrap().files().count(), 2);
}

#[test]
fn a_dynamic_reference_may_mean_a_schema_of_another_file() {
    let root = with_schema("{$ref: tree.yaml, $defs: {x: {$dynamicAnchor: node, maxLength: 3}}}");
    let tree =
        "$dynamicAnchor: node\ntype: object\nproperties: {children: {type: array, items: {$dynamicRef: '#node'}}}";
    let old = [("a.yaml", &*root), ("tree.yaml", tree)];
    let changed = root.replace("maxLength: 3", "maxLength: 2");
    let new = [("a.yaml", &*changed), ("tree.yaml", tree)];
    let findings = compare(&read(&old).unwrap(), &read(&new).unwrap());
    assert!(findings.iter().any(|finding| finding.message.contains("$dynamicRef")), "{findings:?}");
}

/// Files that are made as they are asked for.
struct Made<F>(F, usize);

impl<F: FnMut(&str) -> Option<String>> Files for Made<F> {
    fn read(&mut self, path: &str, _: usize) -> Result<Vec<u8>, String> {
        self.1 += 1;
        (self.0)(path).map(String::into_bytes).ok_or_else(|| contract::missing(path))
    }
}

#[test]
fn limits_count_over_all_files() {
    let number = |path: &str| path.trim_end_matches(".yaml").parse::<usize>().unwrap();
    let read = |first: &str, next: &dyn Fn(usize) -> String, limits: &Limits| {
        let text = with_schema(first);
        let mut made = Made(|path: &str| Some(next(number(path))), 0);
        let read = Document::read_with(text.as_bytes(), "a.yaml", &mut made, limits);
        (read.map(|document| document.files().count()), made.1)
    };
    // A chain of files, each of which refers to the next.
    let chain = |n: usize| format!("type: object\nproperties: {{next: {{$ref: {}.yaml}}}}", n + 1);
    let (result, asked) = read("{$ref: 1.yaml}", &chain, &Limits::default());
    let error = result.unwrap_err();
    assert!(error.to_string().contains("more than 10000 files"), "{error}");
    assert_eq!((error.problems[0].file.as_deref(), asked), (Some("10000.yaml"), 10_000));
    let end = |n: usize| if n < 2_000 { chain(n) } else { "type: string".to_owned() };
    assert_eq!(read("{$ref: 1.yaml}", &end, &Limits::default()).0.unwrap(), 2_001);
    // Each refers to two that nobody else does: every file is read once, and no more than there may be.
    let fan = |n: usize| format!("properties: {{a: {{$ref: {}.yaml}}, b: {{$ref: {}.yaml}}}}", 2 * n, 2 * n + 1);
    let (result, asked) = read("{$ref: 1.yaml}", &fan, &Limits::default());
    assert!(result.is_err() && asked == 10_000);
    // Ten levels, each of which refers to the next ten times: ten files, and not ten to the tenth.
    let laughs = |n: usize| {
        let next = if n < 10 { format!("{{$ref: {}.yaml}}", n + 1) } else { "{type: string}".to_owned() };
        format!("properties: {{{}}}", (0..10).map(|i| format!("p{i}: {next}")).collect::<Vec<_>>().join(", "))
    };
    assert_eq!(read("{$ref: 1.yaml}", &laughs, &Limits::default()), (Ok(11), 10));
    // All of them to one another.
    let all = |_: usize| {
        format!(
            "properties: {{{}}}",
            (0..50).map(|i| format!("p{i}: {{$ref: {i}.yaml}}")).collect::<Vec<_>>().join(", ")
        )
    };
    assert_eq!(read("{$ref: 1.yaml}", &all, &Limits::default()), (Ok(51), 50));

    let large = |n: usize| {
        format!("type: object\ndescription: {}\nproperties: {{next: {{$ref: {}.yaml}}}}", "x".repeat(1_000), n + 1)
    };
    let aliases =
        |n: usize| format!("x-a: &a [1, 2, 3]\nx-b: [*a, *a]\nproperties: {{next: {{$ref: {}.yaml}}}}", n + 1);
    for (next, limits, part) in [
        (&large as &dyn Fn(usize) -> String, limits(|l| l.max_bytes = 10_000), "more than 10000 bytes"),
        (&chain, limits(|l| l.max_nodes = 200), "more than 200 values"),
        (&chain, limits(|l| l.max_references = 20), "more than 20 references"),
        (&aliases, limits(|l| l.max_expanded_nodes = 50), "repeat more than 50 values"),
        (&chain, limits(|l| l.max_files = 3), "more than 3 files"),
    ] {
        let (result, asked) = read("{$ref: 1.yaml}", next, &limits);
        let error = result.unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        assert!(error.problems[0].file.is_some() && asked < 50, "{error:?} {asked}");
        assert_eq!(error.kind == ReadErrorKind::TooLarge, part.ends_with("bytes"));
    }
}

#[test]
fn hostile_references_cost_no_more_than_they_take() {
    // Many references into a file that is still to be read, and one with a long path: paths aren't stored for each.
    let folder = "f".repeat(200);
    let deep = vec![folder.as_str(); 19].join("/");
    let many = (0..20_000).map(|i| format!("p{i}: {{$ref: n{}.yaml}}", i % 10)).collect::<Vec<_>>().join(", ");
    let first = with_schema(&format!("{{$ref: {deep}/m.yaml}}"));
    let mut made = Made(
        |path: &str| {
            Some(if path.ends_with("m.yaml") { format!("properties: {{{many}}}") } else { "type: string".into() })
        },
        0,
    );
    let document = Document::read_with(first.as_bytes(), "a.yaml", &mut made, &Limits::default()).unwrap();
    assert_eq!((document.files().count(), made.1), (12, 11));
    // A folder that refers into itself by ever longer paths ends where paths do.
    let mut made = Made(|_: &str| Some("properties: {a: {$ref: self-with-a-long-name/x.yaml}}".to_owned()), 0);
    let error = Document::read_with(with_schema("{$ref: x.yaml}").as_bytes(), "a.yaml", &mut made, &Limits::default());
    assert!(error.unwrap_err().to_string().contains("more than 4,096 bytes"));
    assert!(made.1 < 200);
    // Files that are all missing are told up to a bound, and not asked for beyond it.
    let all = (0..5_000).map(|i| format!("p{i}: {{$ref: {i}.yaml}}")).collect::<Vec<_>>().join(", ");
    let mut made = Made(|_: &str| None, 0);
    let text = with_schema(&format!("{{properties: {{{all}}}}}"));
    let error = Document::read_with(text.as_bytes(), "a.yaml", &mut made, &Limits::default()).unwrap_err();
    assert_eq!(error.problems.len(), 20);
}
