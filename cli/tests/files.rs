//! Contracts in several files, on the command line: what is read, what never is, and what reports say of it.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod command;

use command::{handshake, outcome, run};
use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

const DOCUMENT: &str = "openapi: 3.1.0
info: {title: Shop, version: '1'}
paths:
  /orders: {$ref: 'paths/orders of today.yaml'}
";
const PATH: &str = "get:
  responses:
    '200':
      description: Orders
      content: {application/json: {schema: {$ref: ../../shared/order.json#/Order}}}
";
const ORDER: &str = "{
  \"Order\": {
    \"type\": \"object\",
    \"properties\": {\"total\": {\"type\": \"number\"}}
  }
}
";

fn write(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn git(folder: &Path, arguments: &[&str]) {
    let who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
    let done = Command::new("git").current_dir(folder).args(who).args(arguments).output().unwrap();
    assert!(done.status.success(), "{done:?}");
}

/// A repository with a contract in three files, of which one was edited since.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "--quiet"]);
    write(folder.path(), "api/openapi.yaml", DOCUMENT);
    write(folder.path(), "api/paths/orders of today.yaml", PATH);
    write(folder.path(), "shared/order.json", ORDER);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "--quiet", "-m", "One"]);
    write(folder.path(), "shared/order.json", &ORDER.replace("\"number\"", "\"string\""));
    folder
}

/// Exit code, standard output, standard error.
fn all(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = handshake(folder, arguments).output().unwrap();
    let (code, out) = outcome(&output);
    (code, out, String::from_utf8(output.stderr).unwrap())
}

#[test]
fn reports_name_the_file_that_was_edited() {
    let folder = repository();
    let api = folder.path().join("api");
    let real = fs::canonicalize(folder.path()).unwrap();
    for format in ["text", "json", "markdown", "github", "sarif", "junit"] {
        let arguments = ["diff", "git:HEAD:api/openapi.yaml", "openapi.yaml", "--format", format];
        let (code, out) = run(&api, &arguments);
        let out = out.replace(real.to_str().unwrap(), "/REPOSITORY");
        insta::assert_snapshot!(format!("files_{format}"), format!("exit code {code}\n{out}"), &arguments.join(" "));
    }
    let (_, out) = run(&api, &["lint", "openapi.yaml", "--format", "github"]);
    assert!(out.contains("file=shared/order.json,line=4,col=20,"), "{out}");
    assert!(out.contains("file=api/openapi.yaml,line=2,col=1,"), "{out}");
    let (_, out) = run(&api, &["lint", "openapi.yaml"]);
    assert!(out.contains("  ../shared/order.json:4:20\n") && out.contains("  openapi.yaml:2:1\n"), "{out}");
    let (_, out) = run(folder.path(), &["lint", "./api/openapi.yaml"]);
    assert!(out.contains("  ./shared/order.json:4:20\n"), "{out}");
    let absolute = real.join("api/openapi.yaml");
    let (_, out) = run(&api, &["lint", absolute.to_str().unwrap()]);
    assert!(out.contains(&format!("  {}:4:20\n", real.join("shared/order.json").display())), "{out}");
}

#[test]
fn each_revision_has_its_own_files() {
    let folder = repository();
    let here = folder.path();
    let diff = |old: &str, new: &str| run(here, &["diff", old, new]);
    assert!(diff("git:HEAD:api/openapi.yaml", "api/openapi.yaml").1.contains("type changed from number to string"));
    assert!(diff("git:HEAD:api/openapi.yaml", "git:HEAD:./api/openapi.yaml").1.contains("no changes"));
    git(here, &["add", "."]);
    assert_eq!(diff("git:HEAD:api/openapi.yaml", "git::api/openapi.yaml").0, 1, "the index");
    git(here, &["commit", "--quiet", "-m", "Two"]);
    fs::remove_dir_all(here.join("shared")).unwrap();
    fs::remove_dir_all(here.join("api/paths")).unwrap();
    let (code, out) = run(&here.join("api"), &["diff", "git:HEAD~1:api/openapi.yaml", "git:HEAD:./openapi.yaml"]);
    assert_eq!(code, 1);
    assert!(out.contains("git:HEAD~1:shared/order.json:4:30 → git:HEAD:../shared/order.json:4:30"), "{out}");
    let (code, _, said) = all(here, &["diff", "git:HEAD:api/openapi.yaml", "api/openapi.yaml"]);
    assert_eq!(code, 2);
    let expected = "api/openapi.yaml:4:13: `paths/orders of today.yaml` can't be read: there is no file \
                    `api/paths/orders of today.yaml`. Fix the path, or add the file.";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn a_contract_of_many_files_is_read_from_a_revision() {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "--quiet"]);
    let mut document = "openapi: 3.1.0\ninfo: {title: Shop, version: '1'}\npaths:\n".to_owned();
    for i in 0..500 {
        document.push_str(&format!("  /p{i}: {{$ref: paths/{i}.yaml}}\n"));
        let long = "# A comment\n".repeat(if i == 7 { 20_000 } else { i });
        write(
            folder.path(),
            &format!("paths/{i}.yaml"),
            &format!("{long}get: {{responses: {{'204': {{description: D}}}}}}\n"),
        );
    }
    write(folder.path(), "openapi.yaml", &document);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "--quiet", "-m", "One"]);
    let (code, out) = run(folder.path(), &["diff", "git:HEAD:openapi.yaml", "openapi.yaml"]);
    assert_eq!(code, 0);
    assert!(out.contains("no changes"), "{out}");
}

/// A document that refers to one other file.
fn referring(to: &str) -> String {
    format!(
        "openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\npaths: {{}}\ncomponents:\n  schemas:\n    A: {{$ref: \"{to}\"}}\n"
    )
}

const SECRET: &str = "the-secret";

#[test]
fn nothing_outside_of_the_root_is_read() {
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "secret.yaml", &format!("type: {SECRET}\n"));
    write(outside.path(), "repository/.git/config", &format!("type: {SECRET}\n"));
    let root = outside.path().join("repository");
    let here = root.join("api");
    write(&here, "inside.yaml", "type: string\n");
    fs::create_dir_all(here.join("folder.yaml")).unwrap();
    let secret = outside.path().join("secret.yaml");
    let mut cases = vec![
        ("../../../../../../../../etc/passwd".to_owned(), "leads out of the root folder"),
        (
            "../../secret.yaml".to_owned(),
            "leads out of the root folder, beyond which nothing is read. Move the file into it",
        ),
        ("%2e%2e/%2e%2e/secret.yaml".to_owned(), "leads out of the root folder"),
        ("..%2f..%2fsecret.yaml".to_owned(), "Write `/` between folders"),
        ("..\\\\..\\\\secret.yaml".to_owned(), "Write `/` between folders"),
        (secret.display().to_string(), "is no relative path"),
        (format!("file://{}", secret.display()), "is no relative path"),
        (
            "https://127.0.0.1:1/secret.yaml".to_owned(),
            "is on the network, from which nothing is read. Save it in a file",
        ),
        ("//127.0.0.1:1/secret.yaml".to_owned(), "is no relative path"),
        ("../.git/config".to_owned(), "Git's own folder"),
        ("../.GIT/config".to_owned(), "there is no file"),
        ("folder.yaml".to_owned(), "`api/folder.yaml` is a folder. Refer to a file in it."),
        (".".to_owned(), "`api` is a folder"),
        ("..".to_owned(), "is a folder"),
        ("inside.yaml/x".to_owned(), "`inside.yaml/x` can't be read"),
        ("a%0Ab.yaml".to_owned(), "there is no file"),
    ];
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(&secret, here.join("link.yaml")).unwrap();
        symlink("../../secret.yaml", here.join("relative.yaml")).unwrap();
        symlink(outside.path(), here.join("out")).unwrap();
        symlink("../.git/config", here.join("config.yaml")).unwrap();
        symlink("loop.yaml", here.join("loop.yaml")).unwrap();
        symlink("/dev/zero", here.join("zero.yaml")).unwrap();
        assert!(Command::new("mkfifo").arg(here.join("fifo.yaml")).status().unwrap().success());
        cases.extend([
            ("link.yaml".to_owned(), "is a symbolic link out of the root folder"),
            ("relative.yaml".to_owned(), "is a symbolic link out of the root folder"),
            ("out/secret.yaml".to_owned(), "is a symbolic link out of the root folder"),
            ("config.yaml".to_owned(), "Git's own folder"),
            ("loop.yaml".to_owned(), "`loop.yaml` can't be read"),
            ("zero.yaml".to_owned(), "is a symbolic link out of the root folder"),
            ("fifo.yaml".to_owned(), "is no regular file"),
        ]);
    }
    for (reference, part) in cases {
        write(&here, "a.yaml", &referring(&reference));
        for arguments in [&["lint", "a.yaml"][..], &["diff", "a.yaml", "a.yaml", "--format", "json"]] {
            let (code, out, said) = all(&here, arguments);
            assert_eq!(code, 2, "{reference}: {said}");
            assert!(said.contains(part) && said.contains("a.yaml:6:9: "), "{reference}: {said}");
            assert!(!said.contains(SECRET) && !out.contains(SECRET), "{reference}: {said} {out}");
        }
    }
}

#[cfg(unix)]
#[test]
fn symbolic_links_within_the_root_are_followed() {
    use std::os::unix::fs::symlink;
    let folder = repository();
    let here = folder.path();
    fs::rename(here.join("api/paths"), here.join("real")).unwrap();
    symlink("../real", here.join("api/paths")).unwrap();
    symlink("/etc/hosts", here.join("api/out.yaml")).unwrap();
    symlink("nothing", here.join("api/nothing.yaml")).unwrap();
    assert_eq!(run(here, &["diff", "git:HEAD:api/openapi.yaml", "api/openapi.yaml"]).0, 1);
    git(here, &["add", "."]);
    git(here, &["commit", "--quiet", "-m", "Links"]);
    let (code, out) = run(here, &["diff", "git:HEAD~1:api/openapi.yaml", "git:HEAD:api/openapi.yaml"]);
    assert!(code == 1 && out.contains("1 breaking change"), "{out}");
    for (reference, part) in [
        ("out.yaml", "`api/out.yaml` is a symbolic link out of the repository"),
        ("nothing.yaml", "there is no file `api/nothing.yaml`"),
        ("paths", "`api/paths` is a folder"),
        ("a%0Ab.yaml", "a name with a line break"),
        ("../../x.yaml", "leads out of the root folder"),
    ] {
        write(here, "api/a.yaml", &referring(reference));
        git(here, &["add", "."]);
        git(here, &["commit", "--quiet", "-m", "A"]);
        let (code, _, said) = all(here, &["lint", "git:HEAD:api/a.yaml"]);
        assert!(code == 2 && said.contains(part) && said.contains("git:HEAD:api/a.yaml:6:9: "), "{said}");
    }
}

#[test]
fn a_root_can_be_named() {
    let folder = repository();
    let here = folder.path();
    let lint = |arguments: &[&str]| all(here, &[&["lint"], arguments].concat());
    assert_eq!(lint(&["api/openapi.yaml", "--root", "."]).0, 0);
    let (code, _, said) = lint(&["api/openapi.yaml", "--root", "api"]);
    assert!(
        code == 2 && said.contains("api/paths/orders of today.yaml:5:45: `../../shared/order.json#/Order` leads out"),
        "{said}"
    );
    let (code, _, said) = lint(&["git:HEAD:api/openapi.yaml", "--root", "api"]);
    assert!(code == 2 && said.contains("git:HEAD:api/paths/orders of today.yaml:5:45: "), "{said}");
    for document in ["api/openapi.yaml", "git:HEAD:api/openapi.yaml"] {
        let (code, _, said) = lint(&[document, "--root", "shared"]);
        assert!(code == 2 && said.contains("openapi.yaml:4:13: "), "{said}");
        assert!(said.contains("the document is not in the folder that `--root` names"), "{said}");
    }
    // A document that is whole may be anywhere.
    write(here, "whole.yaml", "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {}\n");
    assert_eq!(lint(&["whole.yaml", "--root", "shared"]).0, 0);
    assert!(
        lint(&["api/openapi.yaml", "--root", "nothing"]).2.contains("the folder nothing can't be used: No such file")
    );
    // Without a repository the document's folder is the root.
    fs::remove_dir_all(here.join(".git")).unwrap();
    let (code, _, said) = lint(&["api/openapi.yaml"]);
    assert!(code == 2 && said.contains("leads out of the root folder"), "{said}");
    assert!(said.contains("as the root (`--root`)"), "{said}");
    let (code, out, _) = lint(&["api/openapi.yaml", "--root", ".", "--format", "github"]);
    assert!(code == 0 && out.contains("file=shared/order.json,") && out.contains("file=api/openapi.yaml,"), "{out}");
}

#[test]
fn standard_input_is_relative_to_a_folder_that_is_named() {
    let folder = repository();
    let lint = |arguments: &[&str]| {
        let mut command = handshake(folder.path(), &[&["lint", "-"], arguments].concat());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(DOCUMENT.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code().unwrap(), [output.stdout, output.stderr].concat())
    };
    let (code, said) = lint(&[]);
    let said = String::from_utf8(said).unwrap();
    assert!(code == 2 && said.contains("standard input:4:13: ") && said.contains("`--base-dir`"), "{said}");
    let (code, said) = lint(&["--base-dir", "api"]);
    let said = String::from_utf8(said).unwrap();
    assert!(code == 0 && said.contains("standard input:2:1") && said.contains("  shared/order.json:4:20"), "{said}");
    let (code, said) = lint(&["--base-dir", "shared"]);
    assert!(
        code == 2 && String::from_utf8(said).unwrap().contains("there is no file `shared/paths/orders of today.yaml`")
    );
}

#[test]
fn a_folder_is_no_document() {
    let folder = repository();
    let (code, _, said) = all(folder.path(), &["lint", "api"]);
    assert!(code == 2 && said.contains("api is a folder; name the contract in it, such as api/openapi.yaml"), "{said}");
    let (code, _, said) = all(folder.path(), &["lint", "git:HEAD:api"]);
    assert!(
        code == 2 && said.contains("git:HEAD:api can't be read: it is a folder; name the contract in it"),
        "{said}"
    );
}

/// A document whose one response is in another file, `ORDER`.
fn with_path(document: &str) -> String {
    let path = PATH.replace("../../shared/order.json#/Order", "'./ORDER'").replace('\n', "\n    ");
    document.replace("{$ref: 'paths/orders of today.yaml'}", &format!("\n    {}", path.trim_end()))
}

#[cfg(unix)]
#[test]
fn the_name_of_a_file_is_never_a_command() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let evil = "evil\u{1b}[31m\n::error::pwned ##[error]\u{202e}.yaml";
    let reference = "evil%1B%5B31m%0A::error::pwned%20%23%23%5Berror%5D%E2%80%AE.yaml";
    let document = with_path(DOCUMENT).replace("ORDER", reference);
    write(here, "a.yaml", &document);
    write(here, "new/a.yaml", &document);
    for (file, most) in [(evil.to_owned(), 9), (format!("new/{evil}"), 10)] {
        write(here, &file, &format!("type: object\nproperties: {{total: {{type: string, maxLength: {most}}}}}\n"));
    }
    for format in ["text", "json", "markdown", "github", "sarif", "junit"] {
        for arguments in [&["diff", "a.yaml", "new/a.yaml"][..], &["lint", "a.yaml"]] {
            let (code, out) = run(here, &[arguments, &["--format", format]].concat());
            // A test that passes has no place.
            assert!(code < 2 && (out.contains("evil") || format == "junit"), "{arguments:?} {format}: {out}");
            let lines: Vec<&str> = out.lines().map(str::trim_start).collect();
            assert!(!out.contains(['\u{1b}', '\u{202e}']), "{arguments:?} {format}: {out:?}");
            assert!(!lines.iter().any(|line| line.starts_with("::error::pwned")), "{arguments:?} {format}: {out}");
            assert!(!out.contains("##[error]"), "{arguments:?} {format}: {out}");
        }
    }
    write(here, evil, "type: [\n");
    let (code, _, said) = all(here, &["lint", "a.yaml"]);
    assert!(code == 2 && said.contains("evil\\u{1b}[31m\\n::error::pwned"), "{said:?}");
}
