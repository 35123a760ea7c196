//! Files of another world with some of them changed: what would be found if the changes were written.
//!
//! Unaware of: who changes them.

use super::{Entry, Kind, Reason, World, WorldError};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A world over another one.
pub struct Overlay<'w> {
    below: &'w dyn World,
    changed: BTreeMap<PathBuf, Vec<u8>>,
}

impl<'w> Overlay<'w> {
    /// Nothing is changed yet.
    pub fn new(below: &'w dyn World) -> Overlay<'w> {
        Overlay { below, changed: BTreeMap::new() }
    }

    /// Changes the content of a file.
    pub fn set(&mut self, path: &Path, bytes: Vec<u8>) {
        self.changed.insert(path.to_owned(), bytes);
    }

    /// All files that were changed, with their new content.
    pub fn changed(&self) -> impl Iterator<Item = (&Path, &[u8])> {
        self.changed.iter().map(|(path, bytes)| (path.as_path(), bytes.as_slice()))
    }
}

impl World for Overlay<'_> {
    fn read_bounded(&self, path: &Path, limit: usize) -> Result<Vec<u8>, WorldError> {
        match self.changed.get(path) {
            Some(bytes) if bytes.len() > limit => Err(WorldError::new(path, Reason::TooLarge(limit))),
            Some(bytes) => Ok(bytes.clone()),
            None => self.below.read_bounded(path, limit),
        }
    }

    fn list(&self, folder: &Path) -> Result<Vec<Entry>, WorldError> {
        self.below.list(folder)
    }

    fn kind(&self, path: &Path) -> Result<Kind, WorldError> {
        self.below.kind(path)
    }

    fn read_stdin(&self, limit: usize) -> Result<Vec<u8>, WorldError> {
        self.below.read_stdin(limit)
    }
}
