//! Documents that a command is given: a file, standard input, or a file of a Git revision; and the files that they refer
//! to.

use super::{
    files::{self, Folder, Nowhere, Revision, Roots},
    report::{FileName, refused::Problem},
};
use contract::{Document, Files, Limits, ReadError};
use shared::{findings::Place, printable::Printable};
use std::{
    collections::HashMap,
    convert::Infallible,
    env, fmt, fs, io,
    io::Read as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    str::FromStr,
};

/// Where a document comes from, as it is written on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `-`
    Stdin,
    /// `git:REV:PATH`: the file as it is in that revision of the repository at hand.
    Git {
        revision: String,
        path: String,
    },
    File(PathBuf),
}

/// A document, and the names of its files for the report's readers.
#[derive(Debug)]
pub struct Named {
    /// The path without the revision, so that an annotation finds its file.
    pub file: FileName,
    /// What was written on the command line.
    pub given: Printable,
    pub document: Document,
    /// The names of its other files, by their paths below the root folder, as tools and as people read them.
    others: HashMap<String, (FileName, Printable)>,
}

impl Named {
    /// The file that a place is in.
    pub fn file_of(&self, place: &Place) -> &FileName {
        self.other(place).map_or(&self.file, |(file, _)| file)
    }

    /// "new.yaml:14:9".
    pub fn written(&self, place: &Place) -> String {
        let given = self.other(place).map_or(&self.given, |(_, given)| given);
        format!("{given}:{}:{}", place.line, place.column)
    }

    fn other(&self, place: &Place) -> Option<&(FileName, Printable)> {
        self.others.get(place.file.as_ref()?)
    }
}

/// Where a document's files are read.
struct Base {
    files: Box<dyn Files>,
    /// The document's path below the root folder.
    path: String,
    /// The root folder's path below that of a repository.
    repository: Option<String>,
}

/// The document can't be used; the text says why, one problem a line where there are several.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{source} can't be read: {1}", source = Printable::new(.0))]
    Read(Source, io::Error),
    #[error("git can't be started: {0}")]
    NoGit(io::Error),
    #[error("{} can't be read: {}", Printable::new(.0), Printable::new(.1))]
    Git(Source, String),
    #[error("{}", problems(.0, .1, .2))]
    Contract(Source, String, ReadError),
    #[error("{} is a folder; name the contract in it, such as {}", Printable::new(.0.display()), Printable::new(.0.join("openapi.yaml").display()))]
    Folder(PathBuf),
    #[error("the folder {} can't be used: {}", Printable::new(.0.display()), Printable::new(.1))]
    Root(PathBuf, String),
}

impl FromStr for Source {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let git = text.strip_prefix("git:").and_then(|rest| rest.split_once(':'));
        Ok(match (text, git) {
            ("-", _) => Self::Stdin,
            (_, Some((revision, path))) => Self::Git { revision: revision.to_owned(), path: path.to_owned() },
            (path, None) => Self::File(path.into()),
        })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("standard input"),
            Self::Git { revision, path } => write!(f, "git:{revision}:{path}"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

impl Source {
    /// Reads the document whole, and the files that it refers to.
    pub fn read(&self, limits: &Limits, roots: &Roots) -> Result<Named, Error> {
        let bytes = self.bytes(limits)?;
        let mut base = self.base(roots)?;
        let document = Document::read_with(&bytes, &base.path, &mut *base.files, limits)
            .map_err(|error| Error::Contract(self.clone(), base.path.clone(), error))?;
        let others = document.files().skip(1).map(|path| {
            let (file, given) = (self.beside(&base.path, path, false), self.beside(&base.path, path, true));
            (path.to_owned(), (base.name(&file, path), Printable::new(given)))
        });
        let file = match self {
            Self::Stdin => FileName::in_repository("stdin", "stdin"),
            Self::Git { path, .. } => base.name(path, &base.path),
            Self::File(path) => base.name(&path.display().to_string(), &base.path),
        };
        Ok(Named { file, given: Printable::new(self), others: others.collect(), document })
    }

    /// Whether there is no such file, in a folder or revision that there is.
    pub fn is_absent(&self) -> Result<bool, Error> {
        match self {
            Self::Stdin => Ok(false),
            Self::File(path) => Ok(!path.exists()),
            Self::Git { revision, path } => {
                let git = |words: &[&str]| {
                    let silent = Command::new("git").args(words).stdin(Stdio::null()).output();
                    silent.map(|output| output.status.success()).map_err(Error::NoGit)
                };
                let commit = format!("{revision}^{{commit}}");
                let known = !revision.starts_with('-') && git(&["rev-parse", "--verify", "--quiet", &commit])?;
                Ok(known && !git(&["cat-file", "-e", &format!("{revision}:{path}")])?)
            }
        }
    }

    /// The document as one: with what it refers to in other files, where it does.
    pub fn bundle(&self, limits: &Limits, roots: &Roots) -> Result<Vec<u8>, Error> {
        // How large is too large is the reader's to say.
        let mut whole = *limits;
        whole.max_bytes = 1 << 30;
        let bytes = self.bytes(&whole)?;
        let mut base = self.base(roots)?;
        match contract::bundle(&bytes, &base.path, &mut *base.files, limits) {
            Ok(bundle) => Ok(bundle.map_or(bytes, String::into_bytes)),
            Err(error) => Err(Error::Contract(self.clone(), base.path, error)),
        }
    }

    /// The path of a file of the document as its own was written.
    fn beside(&self, document: &str, other: &str, revision: bool) -> String {
        match self {
            _ if document == other => self.to_string(),
            Self::Stdin => other.to_owned(),
            Self::File(path) => files::beside(path, document, other).display().to_string(),
            Self::Git { revision: name, path } => {
                let path = files::beside(Path::new(path), document, other).display().to_string();
                if revision { format!("git:{name}:{path}") } else { path }
            }
        }
    }

    /// The path of one of its files, without a revision, so that tools find it.
    fn file(&self, document: &str, file: Option<&str>) -> String {
        match (self, file.filter(|file| *file != document)) {
            (source, Some(other)) => source.beside(document, other, false),
            (Self::Stdin, None) => "stdin".to_owned(),
            (Self::Git { path, .. }, None) => path.clone(),
            (Self::File(path), None) => path.display().to_string(),
        }
    }

    fn base(&self, roots: &Roots) -> Result<Base, Error> {
        let here = || env::current_dir().and_then(fs::canonicalize).unwrap_or_default();
        match self {
            Self::Stdin => match &roots.base_dir {
                Some(folder) => Base::of(folder, "stdin", roots.root.as_deref()),
                None => {
                    let why = "standard input is in no folder. Name the one that it belongs to with `--base-dir`.";
                    let path = "standard input".to_owned();
                    Ok(Base { files: Box::new(Nowhere(why)), path, repository: None })
                }
            },
            Self::File(path) => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                Base::of(folder, &name, roots.root.as_deref())
            }
            Self::Git { revision, path } => {
                let here = here();
                let top = files::work_tree(&here).unwrap_or(&here);
                // As Git has it: from the top, unless it begins with a dot.
                let path = match path.starts_with("./") || path.starts_with("../") {
                    true => files::below(top, &here).and_then(|here| normal(&format!("{here}/{path}"))),
                    false => normal(path),
                };
                let path = path.unwrap_or_default();
                let Some(root) = &roots.root else {
                    let files = Box::new(Revision::new(revision, String::new()));
                    return Ok(Base { files, path, repository: Some(String::new()) });
                };
                let wrong = |why: &str| Error::Root(root.clone(), why.to_owned());
                let real = fs::canonicalize(root).map_err(|error| wrong(&error.to_string()))?;
                let root = files::below(top, &real).ok_or_else(|| wrong("it is not in the repository"))?;
                let rest = Path::new(&path).strip_prefix(&root).ok().and_then(|rest| files::below(Path::new(""), rest));
                let Some(rest) = rest else {
                    return Ok(Base { files: Box::new(Nowhere(OUTSIDE)), path, repository: Some(String::new()) });
                };
                let files = Box::new(Revision::new(revision, root.clone()));
                Ok(Base { files, path: rest, repository: Some(root) })
            }
        }
    }

    /// Reads one byte more than the limit allows, so that the engine can say what is wrong.
    fn bytes(&self, limits: &Limits) -> Result<Vec<u8>, Error> {
        let most = limits.max_bytes as u64 + 1;
        let take = |from: &mut dyn io::Read| {
            let mut bytes = Vec::new();
            from.take(most).read_to_end(&mut bytes).map(|_| bytes)
        };
        let failed = |error| Error::Read(self.clone(), error);
        match self {
            Self::Stdin => take(&mut io::stdin().lock()).map_err(failed),
            Self::File(path) if path.is_dir() => Err(Error::Folder(path.clone())),
            Self::File(path) => take(&mut fs::File::open(path).map_err(failed)?).map_err(failed),
            Self::Git { revision, path } => {
                let git = |words: &[&str]| Command::new("git").args(words).stdin(Stdio::null()).output();
                let failed = |said: &str| Error::Git(self.clone(), said.trim().to_owned());
                if revision.starts_with('-') {
                    return Err(failed("no revision begins with a dash"));
                }
                let object = format!("{revision}:{path}");
                let file = git(&["cat-file", "blob", &object]).map_err(Error::NoGit)?;
                if file.status.success() {
                    return Ok(file.stdout);
                }
                let kind = git(&["cat-file", "-t", &object]).map_err(Error::NoGit)?;
                Err(match &*kind.stdout {
                    b"tree\n" => failed("it is a folder; name the contract in it"),
                    _ => failed(&String::from_utf8_lossy(&kind.stderr)),
                })
            }
        }
    }
}

/// What is said of a document that has other files, and is elsewhere than they may be.
const OUTSIDE: &str = "the document is not in the folder that `--root` names. Name one that has all of its files.";

/// A path without `.` and `..`; none where it leads out.
fn normal(path: &str) -> Option<String> {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()?),
            name => segments.push(name),
        }
    }
    Some(segments.join("/"))
}

impl Base {
    /// A document in a folder.
    fn of(folder: &Path, name: &str, root: Option<&Path>) -> Result<Self, Error> {
        let real =
            |folder: &Path| fs::canonicalize(folder).map_err(|error| Error::Root(folder.to_owned(), error.to_string()));
        let folder = real(folder)?;
        let tree = files::work_tree(&folder);
        let root = match root {
            Some(named) => {
                let root = real(named)?;
                if !folder.starts_with(&root) {
                    return Ok(Self { files: Box::new(Nowhere(OUTSIDE)), path: name.to_owned(), repository: None });
                }
                root
            }
            None => tree.unwrap_or(&folder).to_owned(),
        };
        let path = files::below(&root, &folder.join(name)).unwrap_or_else(|| name.to_owned());
        let repository = tree.and_then(|tree| files::below(tree, &root));
        Ok(Self { files: Box::new(Folder { root }), path, repository })
    }

    /// The name of a file of the document.
    fn name(&self, shown: &str, path: &str) -> FileName {
        match self.repository.as_deref() {
            Some("") => FileName::in_repository(shown, path),
            Some(above) => FileName::in_repository(shown, &format!("{above}/{path}")),
            None => FileName::new(shown),
        }
    }
}

fn problems(source: &Source, document: &str, error: &ReadError) -> String {
    let line = |problem: &shared::error::Detail| {
        let file = source.beside(document, problem.file.as_deref().unwrap_or(document), true);
        Printable::new(match (problem.line, problem.column) {
            (Some(line), Some(column)) => format!("{file}:{line}:{column}: {}", problem.message),
            _ => format!("{file}: {}", problem.message),
        })
    };
    error.problems.iter().map(|problem| line(problem).to_string()).collect::<Vec<_>>().join("\n")
}

impl Error {
    /// What is wrong, for tools.
    pub fn problems(&self) -> Vec<Problem> {
        let whole = |source: &str| Problem {
            file: FileName::new(source),
            place: None,
            pointer: Printable::default(),
            message: Printable::new(self),
        };
        match self {
            Self::Contract(source, document, error) => error
                .problems
                .iter()
                .map(|problem| Problem {
                    file: FileName::new(&source.file(document, problem.file.as_deref())),
                    place: problem.line.zip(problem.column),
                    pointer: Printable::new(&problem.field),
                    message: Printable::new(&problem.message),
                })
                .collect(),
            Self::Read(source, _) | Self::Git(source, _) => vec![whole(&source.to_string())],
            Self::Folder(folder) | Self::Root(folder, _) => vec![whole(&folder.display().to_string())],
            Self::NoGit(_) => vec![whole("git")],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_written_in_three_ways() {
        let source = |text: &str| text.parse::<Source>().unwrap();
        assert_eq!(source("-"), Source::Stdin);
        assert_eq!(source("api/openapi.yaml"), Source::File("api/openapi.yaml".into()));
        assert_eq!(source("git:file"), Source::File("git:file".into()));
        for text in ["git:HEAD~1:api/openapi.yaml", "git:HEAD:a:b.yaml"] {
            assert!(matches!(source(text), Source::Git { .. }));
            assert_eq!(source(text).to_string(), text);
        }
    }
}
