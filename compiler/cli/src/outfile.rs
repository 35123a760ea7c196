//! Writes a file so that at every moment its path holds either the old or the new content.
//!
//! Unaware of: what the content is.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Names that are tried for the file beside the wanted one.
const ATTEMPTS: u32 = 100;

/// Replaces or makes a file. Devices and pipes are written to as they are.
///
/// # Errors
/// What the operating system says; the old content is still there then.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays a link: what it leads to is replaced.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    match fs::metadata(path) {
        Ok(there) if there.is_dir() => return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")),
        Ok(there) if !there.is_file() => return OpenOptions::new().write(true).open(path)?.write_all(bytes),
        Ok(_) | Err(_) => {}
    }
    let (beside, mut file) = create_beside(path)?;
    let kept = fs::metadata(path).map_or(Ok(()), |there| keep(&file, &there));
    let done = kept
        .and_then(|()| file.write_all(bytes))
        .and_then(|()| file.sync_data())
        .and_then(|()| fs::rename(&beside, path));
    if done.is_err() {
        // It is only litter now; the first problem is the one to report.
        let _ = fs::remove_file(&beside);
    }
    done
}

/// Gives a file the owner, as far as that may be given away, and the permissions of the one it replaces.
fn keep(file: &fs::File, there: &fs::Metadata) -> io::Result<()> {
    // Only root gives files away; whoever may not keeps the file as their own.
    let _ = std::os::unix::fs::fchown(file, Some(there.uid()), Some(there.gid()));
    file.set_permissions(there.permissions())
}

/// A new file in the folder of `path`.
fn create_beside(path: &Path) -> io::Result<(PathBuf, fs::File)> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it names no file"))?;
    let mut last = None;
    for attempt in 0..ATTEMPTS {
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}-{attempt}.tmp", std::process::id()));
        let beside = path.with_file_name(hidden);
        match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Ok(file) => return Ok((beside, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| io::Error::other("no free name")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn replaces_files_and_leaves_no_litter() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.ipcb");
        write(&path, b"one").expect("a new file");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("a.ipcb", &link).expect("a link");
        write(&link, b"two").expect("through a link");
        assert_eq!(fs::read(&path).expect("the file"), b"two");
        assert!(fs::symlink_metadata(&link).is_ok_and(|there| there.is_symlink()));
        assert!(write(folder.path(), b"x").is_err());
        assert!(write(&folder.path().join("no/such/folder"), b"x").is_err());
        write(Path::new("/dev/null"), b"x").expect("a device");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("its owner may");
        write(&path, b"three").expect("a file with a mode");
        assert_eq!(fs::metadata(&path).map(|there| there.permissions().mode() & 0o7777).ok(), Some(0o640));
        assert_eq!(fs::read_dir(folder.path()).map(Iterator::count).ok(), Some(2));
    }
}
