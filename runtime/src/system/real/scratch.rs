//! Private files lent to programs, below the directory for temporary files and never re-rooted.

use super::Real;
use super::changes::temporary_name;
use super::errno::{fault, from_io};
use crate::system::Candidate;
use ipcmm_bytecode::Fault;
use rustix::fs::{self as rfs, Mode, OFlags};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A directory nobody else may enter, and one file in it.
struct Lent {
    dir: PathBuf,
    file: PathBuf,
}

impl Candidate for Lent {
    fn path(&self) -> &Path {
        &self.file
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let _ = rfs::unlink(&self.file);
        let _ = rfs::rmdir(&self.dir);
    }
}

impl Real {
    /// See [`crate::system::Runner::candidate`].
    pub(super) fn lend(&self, content: &[u8], suffix: &OsStr) -> Result<Box<dyn Candidate>, Fault> {
        let dir = self.scratch.join(temporary_name(OsStr::new("")));
        // It fails if the name exists, whatever it is, so the directory is ours and new.
        rfs::mkdir(&dir, Mode::RWXU).map_err(|e| fault(&dir, e))?;
        let mut name = std::ffi::OsString::from("candidate");
        name.push(suffix);
        let lent = Box::new(Lent { file: dir.join(name), dir });
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let fd = rfs::open(&lent.file, flags, Mode::RUSR | Mode::WUSR).map_err(|e| fault(&lent.file, e))?;
        File::from(fd).write_all(content).map_err(|e| from_io(&lent.file, &e))?;
        Ok(lent)
    }
}
