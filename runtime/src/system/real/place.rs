//! From a path to a directory that is held open and a name in it.
//!
//! A path is checked while it is walked, not before: whoever can rename directories in it cannot make
//! a later step go elsewhere. The usual path holds no link and costs one `openat2`; only one that does
//! is walked part by part, where a link in the place of a directory is followed if root made it, or if
//! this thread has no more rights than its owner could use anyway.

use super::Real;
use super::errno::fault;
use super::identity;
use crate::system::path::split;
use ipcmm_bytecode::{Fault, FaultKind};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags, fstat, openat, openat2, readlinkat};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

/// As many links as the kernel follows in one path.
const LINK_LIMIT: usize = 40;
const DIRECTORY: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Never through a link, never waiting for the other end of a pipe, never taking a terminal over.
pub(super) const OPEN_ITSELF: OFlags =
    OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);
const NO_LINKS: ResolveFlags = ResolveFlags::NO_SYMLINKS.union(ResolveFlags::NO_MAGICLINKS);

/// A name in a directory that is held open.
#[derive(Debug)]
pub(super) struct Place<'p> {
    /// The directory.
    pub dir: OwnedFd,
    /// The name.
    pub name: &'p OsStr,
    /// The whole path, for messages.
    pub path: &'p Path,
}

impl Place<'_> {
    /// The fault for an error at this place.
    pub fn fault(&self, errno: Errno) -> Fault {
        fault(self.path, errno)
    }

    /// Opens what is here itself.
    pub fn open(&self, flags: OFlags) -> rustix::io::Result<OwnedFd> {
        openat(&self.dir, self.name, flags | OPEN_ITSELF, Mode::empty())
    }
}

/// Who may have made the links a walk follows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Only root, if the thread acts as root.
    Root,
    /// Anyone: the answer is only looked at.
    Anyone,
}

impl Real {
    /// The place of `path`.
    pub(super) fn place<'p>(&self, path: &'p Path) -> Result<Place<'p>, Fault> {
        let (parent, name) = split(path)?;
        let dir = match self.open_linkless(parent, DIRECTORY) {
            Ok(dir) => dir,
            // A link on the way, or a kernel or sandbox without openat2.
            Err(Errno::LOOP | Errno::NOSYS | Errno::PERM | Errno::AGAIN) => {
                let dir = self.walk(parent, true, Trust::Root)?;
                match fstat(&dir) {
                    Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => dir,
                    Ok(_) => return Err(fault(path, Errno::NOTDIR)),
                    Err(e) => return Err(fault(path, e)),
                }
            }
            Err(e) => return Err(fault(path, e)),
        };
        Ok(Place { dir, name, path })
    }

    /// Opens a path for reading in one call if no part of it, the last included, is a link.
    pub(super) fn open_without_links(&self, path: &Path) -> Result<rustix::io::Result<OwnedFd>, Fault> {
        split(path)?;
        Ok(self.open_linkless(path, OFlags::RDONLY | OPEN_ITSELF))
    }

    fn open_linkless(&self, path: &Path, flags: OFlags) -> rustix::io::Result<OwnedFd> {
        match &self.root {
            None => openat2(self.base(), path, flags, Mode::empty(), NO_LINKS),
            Some(root) => openat2(root, below(path), flags, Mode::empty(), NO_LINKS | ResolveFlags::IN_ROOT),
        }
    }

    /// Walks `path` part by part and returns what is there, opened as a mere path. `..` in a link
    /// cannot climb over the root, and an absolute link starts at the root again.
    pub(super) fn walk(&self, path: &Path, follow_last: bool, trust: Trust) -> Result<OwnedFd, Fault> {
        let guarded = trust == Trust::Root && identity::acts_as_root();
        let here = |e| fault(path, e);
        let mut todo: Vec<OsString> = Vec::new();
        push_parts(&mut todo, path.as_os_str());
        let start = match &self.root {
            Some(root) => root.as_fd().try_clone_to_owned().map_err(|e| super::errno::from_io(path, &e))?,
            None => openat(self.base(), "/", DIRECTORY, Mode::empty()).map_err(here)?,
        };
        let mut open = vec![start];
        let mut links = 0;
        while let Some(part) = todo.pop() {
            if part == ".." {
                if open.len() > 1 {
                    open.pop();
                }
                continue;
            }
            let top = open.last().ok_or_else(|| here(Errno::NOENT))?;
            let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let fd = openat(top, &part, flags, Mode::empty()).map_err(here)?;
            let stat = fstat(&fd).map_err(here)?;
            if FileType::from_raw_mode(stat.st_mode) != FileType::Symlink || (todo.is_empty() && !follow_last) {
                open.push(fd);
                continue;
            }
            links += 1;
            if links > LINK_LIMIT {
                return Err(here(Errno::LOOP));
            }
            let target = readlinkat(&fd, "", Vec::new()).map_err(here)?;
            if guarded && stat.st_uid != 0 {
                let detail = format!(
                    "`{}`: `{}` on the way is a symbolic link to `{}` made by user {}, not by root",
                    path.display(),
                    part.display(),
                    target.to_string_lossy(),
                    stat.st_uid
                );
                return Err(Fault::new(FaultKind::UnsafePath, detail));
            }
            let target = OsString::from_vec(target.into_bytes());
            if target.as_bytes().first() == Some(&b'/') {
                open.truncate(1);
            }
            push_parts(&mut todo, &target);
        }
        open.pop().ok_or_else(|| here(Errno::NOENT))
    }
}

/// The way below the root of an absolute path.
pub(super) fn below(path: &Path) -> &Path {
    match path.strip_prefix("/") {
        Ok(rest) if !rest.as_os_str().is_empty() => rest,
        _ => Path::new("."),
    }
}

/// Puts the parts of `path` on the stack, the first one on top.
fn push_parts(todo: &mut Vec<OsString>, path: &OsStr) {
    let parts = path.as_bytes().split(|&b| b == b'/').filter(|p| !p.is_empty() && *p != b".");
    todo.extend(parts.rev().map(|p| OsStr::from_bytes(p).to_owned()));
}

/// The flags of a look that does not follow the last link.
pub(super) const NO_FOLLOW: AtFlags = AtFlags::SYMLINK_NOFOLLOW;
