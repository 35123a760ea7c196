//! The form every path must have before the system looks at it. Unaware of any file system.

use ipcmm_bytecode::{Fault, FaultKind};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Splits an absolute path into the directory and the name in it; the root is (`/`, `.`).
///
/// Relative paths, `..` and NUL are refused: what they mean depends on something else than the text.
pub fn split(path: &Path) -> Result<(&Path, &OsStr), Fault> {
    let mut bytes = path.as_os_str().as_bytes();
    if bytes.first() != Some(&b'/') {
        return Err(Fault::new(FaultKind::BadArgument, format!("`{}` is not an absolute path", path.display())));
    }
    if bytes.contains(&0) {
        return Err(Fault::new(FaultKind::BadArgument, format!("{path:?} holds a NUL character")));
    }
    // The byte search keeps the usual path free of a walk over its parts.
    if bytes.windows(2).any(|pair| pair == b"..") && bytes.split(|&b| b == b'/').any(|part| part == b"..") {
        return Err(Fault::new(FaultKind::UnsafePath, format!("`{}` leads through `..`", path.display())));
    }
    loop {
        match bytes {
            [rest @ .., b'/'] => bytes = rest,
            [rest @ .., b'/', b'.'] => bytes = rest,
            _ => break,
        }
    }
    let Some(slash) = bytes.iter().rposition(|&b| b == b'/') else {
        return Ok((Path::new("/"), OsStr::new(".")));
    };
    let parent = if slash == 0 { &b"/"[..] } else { &bytes[..slash] };
    Ok((Path::new(OsStr::from_bytes(parent)), OsStr::from_bytes(&bytes[slash + 1..])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_split_or_refused() {
        for (path, dir, name) in [
            ("/etc/motd", "/etc", "motd"),
            ("/motd", "/", "motd"),
            ("/etc/a/", "/etc", "a"),
            ("/etc/a/.", "/etc", "a"),
            ("/a..b/c", "/a..b", "c"),
            ("/", "/", "."),
            ("//", "/", "."),
            ("/.", "/", "."),
        ] {
            assert_eq!(split(Path::new(path)).unwrap(), (Path::new(dir), OsStr::new(name)), "{path}");
        }
        for (path, kind) in [
            ("etc/motd", FaultKind::BadArgument),
            ("", FaultKind::BadArgument),
            ("/a\0b", FaultKind::BadArgument),
            ("/a/../b", FaultKind::UnsafePath),
            ("/a/..", FaultKind::UnsafePath),
        ] {
            assert_eq!(split(Path::new(path)).unwrap_err().kind, kind, "{path:?}");
        }
    }
}
