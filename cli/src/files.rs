//! Where the other files of a contract are read: below one folder, or in one revision, and nowhere else.
//!
//! A contract is a stranger's text as often as not: a pull request's. So a reference reaches what lies below the root
//! folder, symbolic links followed, and neither Git's own folder (where checkouts store tokens) nor the network.

use clap::Args;
use contract::{Files, missing};
use std::{
    fs,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    path::{Component, Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// Which folder a contract's files are read from.
#[derive(Debug, Clone, Default, Args)]
pub struct Roots {
    /// The folder below which `$ref`s may lead to other files: the Git work tree if absent, or else the document's folder.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// The folder that `$ref`s in standard input are relative to.
    #[arg(long, value_name = "DIR")]
    pub base_dir: Option<PathBuf>,
}

/// The work tree that a folder is in, without asking Git: its top has an entry `.git`.
pub fn work_tree(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| folder.join(".git").exists())
}

/// A path below a folder with `/` between its segments.
pub fn below(folder: &Path, path: &Path) -> Option<String> {
    let rest = path.strip_prefix(folder).ok()?;
    let segments = rest.components().map(|segment| segment.as_os_str().to_str());
    Some(segments.collect::<Option<Vec<_>>>()?.join("/"))
}

/// The path of another file, written like that of the document: `api/openapi.yaml` and `schemas/pet.yaml` beside it make
/// `api/schemas/pet.yaml`.
pub fn beside(given: &Path, document: &str, other: &str) -> PathBuf {
    let mut path = given.parent().unwrap_or(Path::new("")).to_owned();
    let folders: Vec<&str> = document.split('/').collect();
    let segments: Vec<&str> = other.split('/').collect();
    let folders = &folders[..folders.len() - 1];
    let shared = folders.iter().zip(&segments).take_while(|(a, b)| a == b).count();
    for _ in shared..folders.len() {
        match path.components().next_back() {
            Some(Component::Normal(_)) => drop(path.pop()),
            Some(Component::CurDir) => path = "..".into(),
            _ => path.push(".."),
        }
    }
    path.extend(&segments[shared..]);
    path
}

/// Files below a folder.
#[derive(Debug)]
pub struct Folder {
    /// Without symbolic links.
    pub root: PathBuf,
}

impl Files for Folder {
    fn read(&mut self, path: &str, most: usize) -> Result<Vec<u8>, String> {
        let real = fs::canonicalize(self.root.join(path)).map_err(|error| unreadable(path, &error))?;
        let Ok(inside) = real.strip_prefix(&self.root) else {
            return Err(format!("`{path}` is a symbolic link out of the root folder. Put the file below it."));
        };
        if inside.components().any(|segment| is_git(&segment)) {
            return Err("it is in Git's own folder. Refer to a file of the contract.".to_owned());
        }
        let kind = fs::metadata(&real).map_err(|error| unreadable(path, &error))?;
        if kind.is_dir() {
            return Err(folder(path));
        }
        if !kind.is_file() {
            return Err(format!("`{path}` is no regular file. Put a file in its place."));
        }
        let mut bytes = Vec::new();
        let file = fs::File::open(&real).map_err(|error| unreadable(path, &error))?;
        let most = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
        file.take(most).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
        Ok(bytes)
    }
}

fn is_git(segment: &Component<'_>) -> bool {
    segment.as_os_str().eq_ignore_ascii_case(".git")
}

fn folder(path: &str) -> String {
    format!("`{path}` is a folder. Refer to a file in it.")
}

fn unreadable(path: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => missing(path),
        _ => format!("{error}. Make `{path}` a file that may be read."),
    }
}

/// Nothing can be read, for a reason.
#[derive(Debug)]
pub struct Nowhere(pub &'static str);

impl Files for Nowhere {
    fn read(&mut self, _: &str, _: usize) -> Result<Vec<u8>, String> {
        Err(self.0.to_owned())
    }
}

/// Files of a Git revision, through one process that is asked for each.
#[derive(Debug)]
pub struct Revision {
    pub revision: String,
    /// The root folder's path in the repository; empty for all of it.
    pub root: String,
    process: Option<Process>,
}

#[derive(Debug)]
struct Process {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Drop for Process {
    fn drop(&mut self) {
        // It ends by itself when nobody asks any more; one that is still writing is in nobody's interest.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    fn start() -> io::Result<Self> {
        let mut child = Command::new("git")
            // Links within the revision are followed, those out of it aren't.
            .args(["cat-file", "--batch", "--follow-symlinks"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (Some(asks), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        Ok(Self { child, asks, answers: BufReader::new(answers) })
    }

    /// The answer's head, and what follows it, as far as that is to be read.
    fn ask(&mut self, object: &str, most: u64) -> io::Result<(String, Vec<u8>)> {
        writeln!(self.asks, "{object}")?;
        self.asks.flush()?;
        let mut head = String::new();
        if self.answers.read_line(&mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = Vec::new();
        let size = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok());
        if let Some(size) = size.filter(|_| !head.trim_end().ends_with(" missing")) {
            // A line break ends what follows.
            let wanted = most.min(size.saturating_add(1));
            if u64::try_from((&mut self.answers).take(wanted).read_to_end(&mut bytes)?).is_ok_and(|read| read < wanted)
            {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            bytes.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        }
        Ok((head, bytes))
    }
}

impl Revision {
    pub fn new(revision: &str, root: String) -> Self {
        Self { revision: revision.to_owned(), root, process: None }
    }
}

impl Files for Revision {
    fn read(&mut self, path: &str, most: usize) -> Result<Vec<u8>, String> {
        let whole = if self.root.is_empty() { path.to_owned() } else { format!("{}/{path}", self.root) };
        let object = format!("{}:{whole}", self.revision);
        if object.contains(['\n', '\0']) {
            return Err("Git can't be asked for a name with a line break. Give the file another name.".to_owned());
        }
        let failed = |error: io::Error| format!("Git doesn't answer: {error}.");
        let mut process = match self.process.take() {
            Some(process) => process,
            None => Process::start().map_err(failed)?,
        };
        let most = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
        let (head, bytes) = process.ask(&object, most).map_err(failed)?;
        // What is too long was read in part: the rest would be taken for the next answer.
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) < most {
            self.process = Some(process);
        }
        let words: Vec<&str> = head.split_whitespace().collect();
        match words[..] {
            [.., "missing"] | ["dangling" | "notdir", _] => Err(missing(path)),
            ["symlink", _] => Err(format!("`{path}` is a symbolic link out of the repository. Put the file into it.")),
            ["loop", _] => Err(format!("`{path}` is a symbolic link to itself. Put a file in its place.")),
            [_, "tree", _] => Err(folder(path)),
            [_, "blob", _] => Ok(bytes),
            _ => Err(format!("`{path}` is no file in that revision. Put a file in its place.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{below, beside};
    use std::path::Path;

    #[test]
    fn other_files_are_written_like_the_document() {
        for (given, document, other, expected) in [
            ("openapi.yaml", "openapi.yaml", "a/b.yaml", "a/b.yaml"),
            ("openapi.yaml", "api/openapi.yaml", "api/a.yaml", "a.yaml"),
            ("openapi.yaml", "x/api/openapi.yaml", "shared/a.yaml", "../../shared/a.yaml"),
            ("./openapi.yaml", "api/openapi.yaml", "shared/a.yaml", "../shared/a.yaml"),
            ("api/openapi.yaml", "api/openapi.yaml", "shared/a.yaml", "shared/a.yaml"),
            ("../api/openapi.yaml", "x/api/openapi.yaml", "a.yaml", "../../a.yaml"),
            ("/work/api/openapi.yaml", "api/openapi.yaml", "a.yaml", "/work/a.yaml"),
        ] {
            assert_eq!(beside(Path::new(given), document, other), Path::new(expected), "{given} {document} {other}");
        }
        assert_eq!(below(Path::new("/a"), Path::new("/a/b/c")).as_deref(), Some("b/c"));
        assert_eq!(below(Path::new("/a"), Path::new("/ab/c")), None);
    }
}
