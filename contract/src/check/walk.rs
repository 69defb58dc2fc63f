//! What the check knows from round to round, and the reading of files between them.

use super::{Detail, detail};
use crate::{
    Limits,
    error::{MAX_PROBLEMS, ReadError, ReadErrorKind},
    files::Files,
    grammar::Kind,
    read,
    references::{File, References, Resolver},
    tree::{NodeId, Tree},
};
use rustc_hash::FxHashSet;

/// How far the check has come: what stays when the tree grows.
#[derive(Default)]
pub(super) struct Walk {
    pub(super) references: References,
    pub(super) resolver: Resolver,
    /// What was queued: a node can be reached as its own place and by references.
    pub(super) seen: FxHashSet<(NodeId, Kind)>,
    pub(super) queue: Vec<(NodeId, Kind)>,
    /// References into files that aren't read yet, and those files, each with the `$ref` that asked for it first.
    pub(super) waiting: Vec<(NodeId, Kind)>,
    pub(super) wanted: Vec<(String, NodeId)>,
    /// How many files were asked for.
    pub(super) asked: u32,
    /// References that may lead to an `$id` of a file that isn't read yet.
    pub(super) lost: Vec<(NodeId, Kind, String)>,
    /// References by `$dynamicRef`, to which a file that isn't read yet may give another meaning.
    pub(super) dynamic: Vec<NodeId>,
}

impl Walk {
    /// Reads the files that are wanted. One that can't be read is a problem of the reference to it; what is wrong in it is
    /// its own.
    pub(super) fn load(
        &mut self,
        tree: &mut Tree,
        limits: &Limits,
        files: &mut dyn Files,
        problems: &mut Vec<Detail>,
    ) -> Result<(), ReadError> {
        for (path, reference) in std::mem::take(&mut self.wanted) {
            if problems.len() >= 2 * MAX_PROBLEMS {
                break;
            }
            let at = |tree: &Tree, message| vec![detail(tree, reference, message)];
            self.asked += 1;
            if self.asked > limits.max_files {
                let message = format!("The contract has more than {} files. Put some together.", limits.max_files);
                return Err(ReadError::invalid(at(tree, message)));
            }
            let most = limits.max_bytes.min(read::MAX_BYTES);
            let left = most.saturating_sub(tree.text.len());
            let too_large = |tree: &Tree| {
                let message = format!(
                    "With this file, the contract has more than {most} bytes. Split the contract into services, or remove \
                     generated examples."
                );
                ReadError { kind: ReadErrorKind::TooLarge, problems: at(tree, message) }
            };
            let file = match files.read(&path, left) {
                Ok(bytes) if bytes.len() > left => return Err(too_large(tree)),
                Ok(bytes) => match read::read_after(tree, &bytes, limits) {
                    Ok((file, _)) => File::Read(tree.append(&path, file).ok_or_else(|| too_large(tree))?),
                    Err(error) => {
                        let own = |problem| Detail { file: Some(path.clone()), ..problem };
                        problems.extend(error.problems.into_iter().map(own));
                        File::Refused(String::new())
                    }
                },
                Err(why) => File::Refused(why),
            };
            if let Some(known) = &mut self.resolver.files {
                known.insert(path.into(), file);
            }
        }
        Ok(())
    }
}
