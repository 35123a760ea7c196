//! The real file system: the only module of the compiler that calls `std::fs`.
//!
//! Unaware of: what the files are for.

#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "this is the door the ban points to")]

use super::{Entry, Kind, Reason, World, WorldError};
use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::Path;

/// The disk, and standard input of the process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl World for Disk {
    fn read_bounded(&self, path: &Path, limit: usize) -> Result<Vec<u8>, WorldError> {
        let fail = |reason| WorldError::new(path, reason);
        // Opening a pipe waits for its other end, so look before. Whoever swaps the file in between blocks only
        // their own build.
        let before = fs::metadata(path).map_err(|e| fail(reason(&e)))?;
        check(before.file_type()).map_err(fail)?;
        let file = File::open(path).map_err(|e| fail(reason(&e)))?;
        let metadata = file.metadata().map_err(|e| fail(reason(&e)))?;
        check(metadata.file_type()).map_err(fail)?;
        if metadata.len() > limit as u64 {
            return Err(fail(Reason::TooLarge(limit)));
        }
        drain(file, metadata.len() as usize, limit).map_err(fail)
    }

    fn list(&self, folder: &Path) -> Result<Vec<Entry>, WorldError> {
        let fail = |e: io::Error| WorldError::new(folder, reason(&e));
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let path = entry.path();
            let file_type = entry.file_type().map_err(fail)?;
            let kind = match kind_of(file_type) {
                Kind::Other if file_type.is_symlink() => match self.kind(&path) {
                    Ok(Kind::Folder) => Kind::LinkedFolder,
                    Ok(kind) => kind,
                    Err(_) => Kind::Other,
                },
                kind => kind,
            };
            entries.push(Entry { name: entry.file_name().to_string_lossy().into_owned(), path, kind });
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(entries)
    }

    fn kind(&self, path: &Path) -> Result<Kind, WorldError> {
        let metadata = fs::metadata(path).map_err(|e| WorldError::new(path, reason(&e)))?;
        Ok(kind_of(metadata.file_type()))
    }

    fn read_stdin(&self, limit: usize) -> Result<Vec<u8>, WorldError> {
        drain(io::stdin().lock(), 0, limit).map_err(|reason| WorldError::new(Path::new("<stdin>"), reason))
    }
}

fn kind_of(file_type: FileType) -> Kind {
    if file_type.is_file() {
        Kind::File
    } else if file_type.is_dir() {
        Kind::Folder
    } else {
        Kind::Other
    }
}

fn check(file_type: FileType) -> Result<(), Reason> {
    match kind_of(file_type) {
        Kind::File => Ok(()),
        Kind::Folder | Kind::LinkedFolder => Err(Reason::IsFolder),
        Kind::Other => Err(Reason::NotRegular),
    }
}

fn reason(error: &io::Error) -> Reason {
    match error.kind() {
        io::ErrorKind::NotFound => Reason::Missing,
        _ => Reason::System(error.to_string()),
    }
}

/// Reads to the end, or fails when there is more than `limit`. A file may grow while it is read and a file of `/proc`
/// has no size, so the buffer grows as needed, but never beyond `limit` + 1.
fn drain(mut input: impl Read, expected: usize, limit: usize) -> Result<Vec<u8>, Reason> {
    let most = limit.saturating_add(1);
    let mut bytes = Vec::new();
    // One more than expected, so that the end is seen without growing.
    let mut room = expected.saturating_add(1).min(most);
    let mut filled = 0;
    loop {
        bytes.reserve_exact(room - filled);
        bytes.resize(room, 0);
        while filled < room {
            match input.read(bytes.get_mut(filled..).unwrap_or(&mut [])) {
                Ok(0) => {
                    bytes.truncate(filled);
                    return if filled > limit { Err(Reason::TooLarge(limit)) } else { Ok(bytes) };
                }
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(reason(&e)),
            }
        }
        if filled > limit {
            return Err(Reason::TooLarge(limit));
        }
        room = filled.saturating_mul(2).max(8192).min(most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_no_more_than_the_limit() {
        let data: Vec<u8> = (0..100_000u32).map(|i| i as u8).collect();
        for expected in [0, 10, 100_000, 200_000] {
            assert_eq!(drain(data.as_slice(), expected, 100_000), Ok(data.clone()));
            assert_eq!(drain(data.as_slice(), expected, 99_999), Err(Reason::TooLarge(99_999)));
        }
        assert_eq!(drain(io::repeat(0), 0, 1 << 20), Err(Reason::TooLarge(1 << 20)));
        assert_eq!(drain(io::empty(), 0, 0), Ok(Vec::new()));
    }

    #[test]
    fn asks_the_disk() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(Disk.is_dir(folder));
        assert_eq!(Disk.read(folder).map_err(|e| e.reason), Err(Reason::IsFolder));
        assert_eq!(Disk.read(&folder.join("no such file")).map_err(|e| e.reason), Err(Reason::Missing));
        let manifest = Disk.read(&folder.join("Cargo.toml")).expect("there is a manifest");
        assert!(manifest.starts_with(b"[package]"));
        let entries = Disk.list(folder).expect("a folder");
        assert!(entries.iter().any(|e| e.name == "Cargo.toml" && e.kind == Kind::File));
        assert!(entries.iter().any(|e| e.name == "src" && e.kind == Kind::Folder));
        #[cfg(unix)]
        assert_eq!(Disk.read(Path::new("/dev/zero")).map_err(|e| e.reason), Err(Reason::NotRegular));
    }
}
