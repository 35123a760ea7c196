//! Reads a bundle into memory, within the limit every reader of bundles keeps.
//!
//! Unaware of: what is in it.

use ipcmm_bytecode::limits::BUNDLE_BYTES;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The bytes of a bundle; `-` is standard input. What goes wrong is said in a sentence.
///
/// # Errors
/// If the path is no regular file, cannot be read, or is larger than any bundle.
pub fn bundle(path: &Path) -> Result<Vec<u8>, String> {
    if path == Path::new("-") {
        return drain(io::stdin().lock(), 0).map_err(|reason| format!("cannot read standard input: {reason}"));
    }
    open(path)
        .and_then(|(file, size)| drain(file, size))
        .map_err(|reason| format!("cannot read {}: {reason}", path.display()))
}

/// Opening a pipe waits for its other end and a device may do anything, so look before.
fn open(path: &Path) -> Result<(File, u64), String> {
    let refuse = |there: fs::Metadata| match (there.is_file(), there.is_dir()) {
        (true, _) => Ok(there.len()),
        (false, true) => Err("it is a folder".to_owned()),
        (false, false) => Err("it is no regular file".to_owned()),
    };
    let said = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => error.to_string(),
    };
    refuse(fs::metadata(path).map_err(said)?)?;
    let file = File::open(path).map_err(said)?;
    let size = refuse(file.metadata().map_err(said)?)?;
    Ok((file, size))
}

fn drain(input: impl Read, size: u64) -> Result<Vec<u8>, String> {
    let too_large = || format!("it is larger than {BUNDLE_BYTES} bytes");
    if size > BUNDLE_BYTES {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(usize::try_from(size).unwrap_or(0)).map_err(|error| error.to_string())?;
    // A file may grow while it is read.
    input.take(BUNDLE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > BUNDLE_BYTES { Err(too_large()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_are_read() {
        assert_eq!(bundle(Path::new("/")), Err("cannot read /: it is a folder".to_owned()));
        assert_eq!(bundle(Path::new("/dev/zero")), Err("cannot read /dev/zero: it is no regular file".to_owned()));
        assert_eq!(bundle(Path::new("/no/such")), Err("cannot read /no/such: there is no such file".to_owned()));
        assert!(bundle(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml").as_path()).is_ok());
    }
}
