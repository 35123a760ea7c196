//! What the operating system reports, as faults.

use ipcmm_bytecode::{Fault, FaultKind};
use rustix::io::Errno;
use std::path::Path;

/// The words of the operating system for an error.
pub(super) fn text(errno: Errno) -> String {
    let text = std::io::Error::from(errno).to_string();
    match text.rfind(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// The kind of fault an error is.
pub(super) fn kind(errno: Errno) -> FaultKind {
    match errno {
        Errno::NOSPC | Errno::DQUOT => FaultKind::StorageFull,
        Errno::ROFS => FaultKind::ReadOnly,
        Errno::ACCESS | Errno::PERM => FaultKind::PermissionDenied,
        Errno::NOENT => FaultKind::NotFound,
        Errno::NOTDIR | Errno::ISDIR | Errno::NOTEMPTY | Errno::EXIST => FaultKind::WrongKind,
        Errno::LOOP => FaultKind::UnsafePath,
        _ => FaultKind::Io,
    }
}

/// The fault for an error at a path.
pub(super) fn fault(path: &Path, errno: Errno) -> Fault {
    Fault::new(kind(errno), format!("`{}`: {}", path.display(), text(errno)))
}

/// The fault for an error of the standard library at a path.
pub(super) fn from_io(path: &Path, error: &std::io::Error) -> Fault {
    match error.raw_os_error() {
        Some(code) => fault(path, Errno::from_raw_os_error(code)),
        None => Fault::new(FaultKind::Io, format!("`{}`: {error}", path.display())),
    }
}
