//! Documents that a command is given: a file, standard input, or a file of a Git revision.

use super::report::FileName;
use contract::{Document, Limits, ReadError};
use shared::printable::Printable;
use std::{
    convert::Infallible,
    fmt, fs, io,
    io::Read as _,
    path::PathBuf,
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

/// A document, and the name of its file for the report's readers.
#[derive(Debug)]
pub struct Named {
    /// The path without the revision, so that an annotation finds its file.
    pub file: FileName,
    /// What was written on the command line.
    pub given: Printable,
    pub document: Document,
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
    #[error("{}", problems(.0, .1))]
    Contract(Source, ReadError),
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
    /// Reads the document whole.
    pub fn read(&self, limits: &Limits) -> Result<Named, Error> {
        let bytes = self.bytes(limits)?;
        let document = Document::read(&bytes, limits).map_err(|error| Error::Contract(self.clone(), error))?;
        let file = match self {
            Self::Stdin => FileName::new("stdin"),
            Self::Git { path, .. } => FileName::new(path),
            Self::File(path) => FileName::new(&path.display().to_string()),
        };
        Ok(Named { file, given: Printable::new(self), document })
    }

    /// Reads one byte more than the limit allows, so that the engine can say what is wrong.
    pub fn bytes(&self, limits: &Limits) -> Result<Vec<u8>, Error> {
        let most = limits.max_bytes as u64 + 1;
        let take = |from: &mut dyn io::Read| {
            let mut bytes = Vec::new();
            from.take(most).read_to_end(&mut bytes).map(|_| bytes)
        };
        let failed = |error| Error::Read(self.clone(), error);
        match self {
            Self::Stdin => take(&mut io::stdin().lock()).map_err(failed),
            Self::File(path) => take(&mut fs::File::open(path).map_err(failed)?).map_err(failed),
            Self::Git { revision, path } => {
                let shown = Command::new("git")
                    // What begins with a dash is a revision that doesn't exist, not an option.
                    .args(["show", "--end-of-options", &format!("{revision}:{path}")])
                    .stdin(Stdio::null())
                    .output()
                    .map_err(Error::NoGit)?;
                if shown.status.success() {
                    Ok(shown.stdout)
                } else {
                    let said = String::from_utf8_lossy(&shown.stderr).trim().to_owned();
                    Err(Error::Git(self.clone(), said))
                }
            }
        }
    }
}

fn problems(source: &Source, error: &ReadError) -> String {
    let line = |problem: &shared::error::Detail| {
        Printable::new(match (problem.line, problem.column) {
            (Some(line), Some(column)) => format!("{source}:{line}:{column}: {}", problem.message),
            _ => format!("{source}: {}", problem.message),
        })
    };
    error.problems.iter().map(|problem| line(problem).to_string()).collect::<Vec<_>>().join("\n")
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
