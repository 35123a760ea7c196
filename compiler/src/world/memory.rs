//! A world of files in memory, for tests.
//!
//! Unaware of: the disk. Folders exist as far as files are in them.

use super::{Entry, Kind, Reason, World, WorldError};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// Paths with their bytes.
#[derive(Clone, Debug, Default)]
pub struct MemoryWorld {
    files: BTreeMap<PathBuf, Vec<u8>>,
    stdin: Vec<u8>,
}

impl MemoryWorld {
    /// Adds a file.
    pub fn add(&mut self, path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(plain(path.as_ref()), bytes.into());
    }

    /// Sets what standard input gives.
    pub fn set_stdin(&mut self, bytes: impl Into<Vec<u8>>) {
        self.stdin = bytes.into();
    }
}

impl FromIterator<(PathBuf, Vec<u8>)> for MemoryWorld {
    fn from_iter<I: IntoIterator<Item = (PathBuf, Vec<u8>)>>(files: I) -> MemoryWorld {
        let mut world = MemoryWorld::default();
        for (path, bytes) in files {
            world.add(path, bytes);
        }
        world
    }
}

/// A path without `.` parts.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|c| *c != Component::CurDir).collect()
}

fn bounded(bytes: &[u8], path: &Path, limit: usize) -> Result<Vec<u8>, WorldError> {
    if bytes.len() > limit {
        return Err(WorldError::new(path, Reason::TooLarge(limit)));
    }
    Ok(bytes.to_vec())
}

impl World for MemoryWorld {
    fn read_bounded(&self, path: &Path, limit: usize) -> Result<Vec<u8>, WorldError> {
        match self.files.get(&plain(path)) {
            Some(bytes) => bounded(bytes, path, limit),
            None if self.is_dir(path) => Err(WorldError::new(path, Reason::IsFolder)),
            None => Err(WorldError::new(path, Reason::Missing)),
        }
    }

    fn list(&self, folder: &Path) -> Result<Vec<Entry>, WorldError> {
        let base = plain(folder);
        let mut found: BTreeMap<String, Kind> = BTreeMap::new();
        for path in self.files.keys() {
            let Ok(rest) = path.strip_prefix(&base) else { continue };
            let mut parts = rest.components();
            let Some(Component::Normal(name)) = parts.next() else { continue };
            let kind = if parts.next().is_some() { Kind::Folder } else { Kind::File };
            found.insert(name.to_string_lossy().into_owned(), kind);
        }
        if found.is_empty() {
            return Err(WorldError::new(folder, Reason::Missing));
        }
        Ok(found.into_iter().map(|(name, kind)| Entry { path: folder.join(&name), name, kind }).collect())
    }

    fn kind(&self, path: &Path) -> Result<Kind, WorldError> {
        let at = plain(path);
        if self.files.contains_key(&at) {
            Ok(Kind::File)
        } else if self.files.keys().any(|file| file.starts_with(&at)) {
            Ok(Kind::Folder)
        } else {
            Err(WorldError::new(path, Reason::Missing))
        }
    }

    fn read_stdin(&self, limit: usize) -> Result<Vec<u8>, WorldError> {
        bounded(&self.stdin, Path::new("<stdin>"), limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_like_a_disk() {
        let mut world: MemoryWorld = [(PathBuf::from("./a/b.yaml"), b"xy".to_vec())].into_iter().collect();
        world.set_stdin("in");
        assert_eq!(world.read(Path::new("a/./b.yaml")), Ok(b"xy".to_vec()));
        assert_eq!(world.read_bounded(Path::new("a/b.yaml"), 1).map_err(|e| e.reason), Err(Reason::TooLarge(1)));
        assert_eq!(world.read(Path::new("a")).map_err(|e| e.reason), Err(Reason::IsFolder));
        assert_eq!(world.read(Path::new("c")).map_err(|e| e.reason), Err(Reason::Missing));
        assert_eq!(world.read_stdin(2), Ok(b"in".to_vec()));
        assert!(world.read_stdin(1).is_err());
        assert!(world.is_dir(Path::new(".")) && world.is_dir(Path::new("a")) && !world.is_dir(Path::new("a/b.yaml")));
    }
}
