//! A contract in several files: from the path in a `$ref` to a file, within one root folder.
//!
//! The engine doesn't know file systems. It asks for files by their paths below a root folder, with `/` and without `.`
//! and `..`, one by one, as references lead to them; where they come from is its caller's matter: a folder, a Git
//! revision, an archive. Each file is read once, whatever refers to it, and never one beyond the root.

use crate::references::percent_decode;
use std::collections::BTreeMap;

/// Where the files of a contract come from.
pub trait Files {
    /// The bytes of the file at a path, or a sentence on why there are none and what to do.
    ///
    /// The path is relative to the root folder, with `/` between its segments, of which none is empty, `.` or `..` or has
    /// a backslash. Of a longer file than `most` bytes any part that is longer will do, so that it is refused unread.
    fn read(&mut self, path: &str, most: usize) -> Result<Vec<u8>, String>;
}

/// Files in memory, by their paths.
impl Files for BTreeMap<String, Vec<u8>> {
    fn read(&mut self, path: &str, _most: usize) -> Result<Vec<u8>, String> {
        self.get(path).cloned().ok_or_else(|| missing(path))
    }
}

/// What is said of a file that isn't there.
#[must_use]
pub fn missing(path: &str) -> String {
    format!("there is no file `{path}`. Fix the path, or add the file.")
}

/// Bytes of a path: what systems take.
const MAX_PATH: usize = 4_096;

/// The path that a reference's address means in a file: RFC 3986 (section 5.2), with no way out of the root folder.
pub(crate) fn resolve(from: &str, address: &str) -> Result<String, &'static str> {
    let network = |scheme: &str| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    if scheme(address).is_some_and(network) {
        return Err("is on the network, from which nothing is read. Save it in a file, and refer to that by its path.");
    }
    if scheme(address).is_some() || address.starts_with('/') {
        return Err("is no relative path. Refer to a file by its path from this one, such as `./schemas/pet.yaml`.");
    }
    if address.contains('?') {
        return Err("has a query, which files don't have. Remove what begins with `?`, or write `%3F` in a name.");
    }
    let mut path: Vec<&str> = from.split('/').collect();
    path.pop();
    let decoded = percent_decode(address).ok_or("has a broken percent-encoding. Write `%25` for a percent sign.")?;
    if decoded.matches('/').count() > address.matches('/').count() || decoded.contains(['\\', '\0']) {
        return Err("has `\\`, an encoded `/` or a zero in its path. Write `/` between folders.");
    }
    for segment in decoded.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                let out = "leads out of the root folder, beyond which nothing is read. Move the file into it, or name a \
                           folder above both as the root (`--root`).";
                path.pop().ok_or(out)?;
            }
            name => path.push(name),
        }
    }
    let path = path.join("/");
    if path.len() > MAX_PATH { Err("makes a path of more than 4,096 bytes. Use shorter names.") } else { Ok(path) }
}

/// The path from one absolute address to another in the same folder, or below it.
pub(crate) fn neighbour<'a>(base: &str, address: &'a str) -> Option<&'a str> {
    let (folder, _) =
        base.rsplit_once('/').filter(|(folder, _)| scheme(folder).is_some() && !folder.ends_with(":/"))?;
    address.strip_prefix(folder)?.strip_prefix('/')
}

/// The scheme of a URI; none of a relative reference.
fn scheme(address: &str) -> Option<&str> {
    let (scheme, _) = address.split_once(':')?;
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    (scheme.bytes().all(letter) && scheme.starts_with(|c: char| c.is_ascii_alphabetic())).then_some(scheme)
}
