//! Changing files. Everything happens relative to a directory that is held open, on names that are never
//! followed; content appears by a rename, so that there is no moment with half a file.

use super::Real;
use super::errno::from_io;
use super::files::{path_of, stat_of};
use super::place::{NO_FOLLOW, Place};
use crate::system::{Attributes, Content, Kind, NewFile, Staged, Stat, Writer};
use ipcmm_bytecode::{Fault, FaultKind};
use rustix::fs::{self as rfs, AtFlags, Gid, Mode, OFlags, Uid, XattrFlags};
use rustix::io::Errno;
use std::collections::hash_map::RandomState;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher, Hasher};
use std::io::Write;
use std::os::fd::{AsFd, AsRawFd};
use std::path::{Path, PathBuf};

/// How temporary names begin. What a killed run leaves behind is hidden and is never read again.
pub(super) const TEMPORARY: &str = ".ipcmm-";

/// A name nobody can guess, so that nobody can be there first. `O_EXCL` makes a collision an error.
pub(super) fn temporary_name(suffix: &OsStr) -> OsString {
    let mut name = OsString::from(format!("{TEMPORARY}{:016x}", RandomState::new().build_hasher().finish()));
    // A name may have 255 bytes; a suffix longer than any that programs look for is not worth an error.
    if suffix.len() <= 64 {
        name.push(suffix);
    }
    name
}

/// A complete file under its temporary name.
struct RealStaged<'p> {
    place: Place<'p>,
    name: OsString,
    committed: bool,
}

impl Staged for RealStaged<'_> {
    fn path(&self) -> Result<PathBuf, Fault> {
        Ok(path_of(&self.place.dir, self.place.path)?.join(&self.name))
    }

    fn commit(mut self: Box<Self>) -> Result<(), Fault> {
        let dir = &self.place.dir;
        rfs::renameat(dir, &self.name, dir, self.place.name).map_err(|e| self.place.fault(e))?;
        self.committed = true;
        sync_dir(&self.place)
    }
}

impl Drop for RealStaged<'_> {
    fn drop(&mut self) {
        if !self.committed {
            // Nothing is left to do about a failure here; the name alone keeps the rest harmless.
            let _ = rfs::unlinkat(&self.place.dir, &self.name, AtFlags::empty());
        }
    }
}

/// Makes a rename durable. File systems that cannot, and directories one may write but not read, are left
/// to the kernel's own pace.
fn sync_dir(place: &Place<'_>) -> Result<(), Fault> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    match rfs::openat(&place.dir, ".", flags, Mode::empty()).and_then(rfs::fsync) {
        Ok(()) | Err(Errno::ACCESS | Errno::INVAL | Errno::NOTSUP | Errno::NOSYS) => Ok(()),
        Err(e) => Err(place.fault(e)),
    }
}

/// The extended attributes of one file on another, as far as they can be read and written: some belong to
/// the kernel or to root only.
fn copy_xattrs(from: impl AsFd, to: impl AsFd) {
    let mut names = Vec::new();
    match rfs::flistxattr_query(&from) {
        Ok(0) | Err(_) => return,
        Ok(size) => names.reserve(size),
    }
    if rfs::flistxattr(&from, rustix::buffer::spare_capacity(&mut names)).is_err() {
        return;
    }
    for name in names.split(|&b| b == 0).filter(|name| !name.is_empty()) {
        let Ok(size) = rfs::fgetxattr_query(&from, name) else { continue };
        let mut value = Vec::with_capacity(size);
        if size == 0 || rfs::fgetxattr(&from, name, rustix::buffer::spare_capacity(&mut value)).is_ok() {
            let _ = rfs::fsetxattr(&to, name, &value, XattrFlags::empty());
        }
    }
}

/// Properties and extended attributes of what is in the way, and the properties asked for.
fn settle(temporary: &File, place: &Place<'_>, file: &NewFile<'_>) -> Result<(), Fault> {
    let here = |e| place.fault(e);
    let mut wanted = file.attributes;
    let mut mode = file.fresh_mode;
    if let Some(old) = old_file(place)? {
        copy_xattrs(&old.0, temporary);
        wanted.uid.get_or_insert(old.1.uid);
        wanted.gid.get_or_insert(old.1.gid);
        mode = old.1.mode;
    }
    if wanted.uid.is_some() || wanted.gid.is_some() {
        let now = stat_of(&rfs::fstat(temporary).map_err(here)?);
        let uid = wanted.uid.filter(|&u| u != now.uid);
        let gid = wanted.gid.filter(|&g| g != now.gid);
        if uid.is_some() || gid.is_some() {
            rfs::fchown(temporary, uid.map(Uid::from_raw), gid.map(Gid::from_raw)).map_err(|e| {
                let fault = here(e);
                Fault::new(fault.kind, format!("{} (giving it its owner and group)", fault.detail))
            })?;
        }
    }
    // Last: a change of owner clears the set-id bits.
    rfs::fchmod(temporary, Mode::from_raw_mode(wanted.mode.unwrap_or(mode))).map_err(here)
}

/// The regular file that is at a place now. One that cannot be read keeps owner and mode, not attributes.
fn old_file(place: &Place<'_>) -> Result<Option<(File, Stat)>, Fault> {
    let opened = place.open(OFlags::RDONLY).or_else(|e| match e {
        Errno::ACCESS => place.open(OFlags::PATH),
        e => Err(e),
    });
    match opened {
        Ok(fd) => {
            let stat = stat_of(&rfs::fstat(&fd).map_err(|e| place.fault(e))?);
            match stat.kind {
                Kind::File => Ok(Some((File::from(fd), stat))),
                Kind::Dir => Err(place.fault(Errno::ISDIR)),
                Kind::Link | Kind::Special => Ok(None),
            }
        }
        Err(Errno::NOENT | Errno::LOOP | Errno::NXIO) => Ok(None),
        Err(e) => Err(place.fault(e)),
    }
}

impl Writer for Real {
    fn stage<'a>(&'a self, path: &'a Path, file: &NewFile<'_>) -> Result<Box<dyn Staged + 'a>, Fault> {
        let place = self.place(path)?;
        let name = temporary_name(file.suffix);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rfs::openat(&place.dir, &name, flags, Mode::RUSR | Mode::WUSR).map_err(|e| place.fault(e))?;
        // From here on every way out removes the temporary file.
        let staged = Box::new(RealStaged { place, name, committed: false });
        let mut temporary = File::from(fd);
        match file.content {
            Content::Bytes(bytes) => temporary.write_all(bytes).map_err(|e| from_io(path, &e))?,
            Content::File(source) => {
                let (mut source, _) = self.open_file(source)?;
                std::io::copy(&mut source, &mut temporary).map_err(|e| from_io(path, &e))?;
            }
        }
        settle(&temporary, &staged.place, file)?;
        rfs::fsync(&temporary).map_err(|e| staged.place.fault(e))?;
        Ok(staged)
    }

    fn make_dir(&self, path: &Path, attributes: Attributes) -> Result<(), Fault> {
        let place = self.place(path)?;
        let here = |e| place.fault(e);
        // Closed to others until it belongs to whom it shall.
        rfs::mkdirat(&place.dir, place.name, Mode::RWXU).map_err(here)?;
        let settled = place.open(OFlags::RDONLY | OFlags::DIRECTORY).and_then(|fd| {
            if attributes.uid.is_some() || attributes.gid.is_some() {
                rfs::fchown(&fd, attributes.uid.map(Uid::from_raw), attributes.gid.map(Gid::from_raw))?;
            }
            rfs::fchmod(&fd, Mode::from_raw_mode(attributes.mode.unwrap_or(0o755)))
        });
        settled.map_err(|e| {
            let _ = rfs::unlinkat(&place.dir, place.name, AtFlags::REMOVEDIR);
            here(e)
        })
    }

    fn make_link(&self, path: &Path, target: &Path) -> Result<(), Fault> {
        let place = self.place(path)?;
        let here = |e| place.fault(e);
        match rfs::symlinkat(target, &place.dir, place.name) {
            Ok(()) => return Ok(()),
            Err(Errno::EXIST) => {}
            Err(e) => return Err(here(e)),
        }
        let name = temporary_name(OsStr::new(""));
        rfs::symlinkat(target, &place.dir, &name).map_err(here)?;
        RealStaged { place, name, committed: false }.replace()
    }

    fn set(&self, path: &Path, attributes: Attributes) -> Result<(), Fault> {
        let place = self.place(path)?;
        let here = |e| place.fault(e);
        let fd = place.open(OFlags::PATH).map_err(here)?;
        if attributes.uid.is_some() || attributes.gid.is_some() {
            let (uid, gid) = (attributes.uid.map(Uid::from_raw), attributes.gid.map(Gid::from_raw));
            rfs::chownat(&fd, "", uid, gid, AtFlags::EMPTY_PATH).map_err(here)?;
        }
        let Some(mode) = attributes.mode else { return Ok(()) };
        if stat_of(&rfs::fstat(&fd).map_err(here)?).kind == Kind::Link {
            return Err(here(Errno::LOOP));
        }
        // The descriptor is a mere path, which fchmod refuses; its entry in /proc is no link in the
        // file system and leads to exactly what is open.
        let exact = format!("/proc/self/fd/{}", fd.as_raw_fd());
        rfs::chmod(exact, Mode::from_raw_mode(mode)).map_err(here)
    }

    fn remove_file(&self, path: &Path) -> Result<(), Fault> {
        let place = self.place(path)?;
        rfs::unlinkat(&place.dir, place.name, AtFlags::empty()).map_err(|e| place.fault(e))
    }

    fn remove_dir(&self, path: &Path) -> Result<(), Fault> {
        let place = self.place(path)?;
        rfs::unlinkat(&place.dir, place.name, AtFlags::REMOVEDIR).map_err(|e| place.fault(e))
    }
}

impl RealStaged<'_> {
    /// Takes the place of a link or file. A directory there is an error of the rename.
    fn replace(mut self) -> Result<(), Fault> {
        let dir = &self.place.dir;
        if let Ok(stat) = rfs::statat(dir, self.place.name, NO_FOLLOW)
            && stat_of(&stat).kind == Kind::Special
        {
            let detail = format!("`{}` is a {}", self.place.path.display(), Kind::Special.name());
            return Err(Fault::new(FaultKind::WrongKind, detail));
        }
        rfs::renameat(dir, &self.name, dir, self.place.name).map_err(|e| self.place.fault(e))?;
        self.committed = true;
        Ok(())
    }
}
