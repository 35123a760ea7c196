//! The one door outside: everything the compiler knows of files comes through a [`World`].
//!
//! Unaware of: what is in the files.

pub mod disk;
pub mod memory;
pub mod overlay;

mod discover;

use crate::diag::{Code, Diagnostic};
use crate::doc::MAX_SOURCE_BYTES;
pub(crate) use discover::is_source;
pub use discover::{discover, discover_written};
use std::fmt;
use std::path::{Path, PathBuf};

/// Where files come from: the disk, or a table in a test.
pub trait World {
    /// Reads a file of at most `limit` bytes. Never holds more than `limit` + 1 of them, and never waits for a pipe or
    /// a device.
    fn read_bounded(&self, path: &Path, limit: usize) -> Result<Vec<u8>, WorldError>;

    /// What a folder holds, sorted by name.
    fn list(&self, folder: &Path) -> Result<Vec<Entry>, WorldError>;

    /// What is at a path, links followed.
    fn kind(&self, path: &Path) -> Result<Kind, WorldError>;

    /// Reads standard input to its end, at most `limit` bytes.
    fn read_stdin(&self, limit: usize) -> Result<Vec<u8>, WorldError>;

    /// Reads a source file.
    fn read(&self, path: &Path) -> Result<Vec<u8>, WorldError> {
        self.read_bounded(path, MAX_SOURCE_BYTES)
    }

    /// Whether there is a folder at a path.
    fn is_dir(&self, path: &Path) -> bool {
        matches!(self.kind(path), Ok(Kind::Folder))
    }
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link to a folder, in a listing: it is not entered, so that no search runs in circles.
    LinkedFolder,
    /// A device, a pipe, a socket, or a link to nothing.
    Other,
}

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, without the folder.
    pub name: String,
    /// Its path: the folder's with the name.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
}

/// Why the world did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is nothing at the path.
    Missing,
    /// It is a folder, and a file was wanted.
    IsFolder,
    /// It is neither a file nor a folder.
    NotRegular,
    /// It is larger than the limit.
    TooLarge(usize),
    /// What the operating system says.
    System(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Missing => f.write_str("there is no such file"),
            Reason::IsFolder => f.write_str("it is a folder"),
            Reason::NotRegular => f.write_str("it is neither a file nor a folder"),
            Reason::TooLarge(limit) => write!(f, "it is larger than {limit} bytes"),
            Reason::System(text) => f.write_str(text),
        }
    }
}

/// A question the world could not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorldError {
    /// About what.
    pub path: PathBuf,
    /// Why.
    pub reason: Reason,
}

impl WorldError {
    /// A failure at a path.
    pub fn new(path: &Path, reason: Reason) -> WorldError {
        WorldError { path: path.to_owned(), reason }
    }

    /// As a diagnostic without a place.
    pub fn diagnostic(&self) -> Diagnostic {
        let name = self.path.display();
        match &self.reason {
            Reason::TooLarge(limit) => {
                let message = format!("{name} is larger than {limit} bytes");
                Diagnostic::unplaced(Code::TooLarge, message).help("split the file")
            }
            reason => Diagnostic::unplaced(Code::Unreadable, format!("cannot read {name}: {reason}")),
        }
    }
}

impl fmt::Display for WorldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.reason)
    }
}

impl std::error::Error for WorldError {}
