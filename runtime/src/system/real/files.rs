//! Looking at files. An unchanged file costs four system calls: open, status, read, close.

use super::errno::fault;
use super::place::{NO_FOLLOW, Place, Trust, below};
use super::{Real, identity, network};
use crate::system::path::split;
use crate::system::{Entry, Found, Kind, Reader, Stat, Uname, User};
use ipcmm_bytecode::{Fault, FaultKind};
use rustix::fs::{self as rfs, Dir, FileType, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::Read;
use std::net::IpAddr;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The properties the kernel reports.
pub(super) fn stat_of(stat: &rfs::Stat) -> Stat {
    Stat {
        kind: match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Dir,
            FileType::Symlink => Kind::Link,
            _ => Kind::Special,
        },
        mode: stat.st_mode & 0o7777,
        uid: stat.st_uid,
        gid: stat.st_gid,
        size: stat.st_size.max(0) as u64,
    }
}

/// `Ok(None)` for an error that means that nothing is there.
fn present<T>(result: rustix::io::Result<T>, place: &Place<'_>) -> Result<Option<T>, Fault> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Errno::NOENT) => Ok(None),
        Err(e) => Err(place.fault(e)),
    }
}

/// Reads a file of a known size: the exact room first, so that the usual file takes one call.
fn read_all(fd: &OwnedFd, size: u64, limit: u64) -> rustix::io::Result<Option<Vec<u8>>> {
    if size > limit {
        return Ok(None);
    }
    // One byte more than expected tells a file that grew from one that ended.
    let mut content = Vec::with_capacity(size as usize + 1);
    loop {
        if content.len() as u64 > limit {
            return Ok(None);
        }
        let read = rustix::io::read(fd, rustix::buffer::spare_capacity(&mut content));
        match read {
            Ok(0) => return Ok(Some(content)),
            // Files of the kernel claim to be empty; only for others a short read is the end.
            Ok(_) if size > 0 && content.len() as u64 == size => return Ok(Some(content)),
            Ok(_) => content.reserve(content.len().max(4096)),
            Err(Errno::INTR) => {}
            Err(e) => return Err(e),
        }
    }
}

impl Real {
    /// `None` if the path, or the directory it is in, does not exist.
    fn place_if_present<'p>(&self, path: &'p Path) -> Result<Option<Place<'p>>, Fault> {
        match self.place(path) {
            Ok(place) => Ok(Some(place)),
            Err(fault) if fault.kind == FaultKind::NotFound => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Opens a regular file for reading; a link at the end is refused.
    pub(super) fn open_file(&self, path: &Path) -> Result<(File, Stat), Fault> {
        let place = self.place(path)?;
        let fd = place.open(OFlags::RDONLY).map_err(|e| place.fault(e))?;
        let stat = stat_of(&rfs::fstat(&fd).map_err(|e| place.fault(e))?);
        match stat.kind {
            Kind::File => Ok((File::from(fd), stat)),
            kind => Err(Fault::new(FaultKind::WrongKind, format!("`{}` is a {}", path.display(), kind.name()))),
        }
    }

    /// Opens whatever a program would see at `path`.
    fn open_as_seen(&self, path: &Path) -> Result<OwnedFd, Fault> {
        split(path)?;
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let opened = match &self.root {
            None => rfs::open(path, flags, rfs::Mode::empty()),
            Some(_) => {
                let found = self.walk(path, true, Trust::Anyone)?;
                rfs::open(format!("/proc/self/fd/{}", found.as_raw_fd()), flags, rfs::Mode::empty())
            }
        };
        opened.map_err(|e| fault(path, e))
    }
}

impl Reader for Real {
    fn lstat(&self, path: &Path) -> Result<Option<Stat>, Fault> {
        let Some(place) = self.place_if_present(path)? else { return Ok(None) };
        Ok(present(rfs::statat(&place.dir, place.name, NO_FOLLOW), &place)?.map(|s| stat_of(&s)))
    }

    fn load(&self, path: &Path, limit: u64) -> Result<Option<Found>, Fault> {
        let opened = |fd: OwnedFd| {
            let here = |e| fault(path, e);
            let stat = stat_of(&rfs::fstat(&fd).map_err(here)?);
            let content = match stat.kind {
                Kind::File => read_all(&fd, stat.size, limit).map_err(here)?,
                _ => None,
            };
            Ok(Some(Found { stat, content, target: None }))
        };
        match self.open_without_links(path)? {
            Ok(fd) => return opened(fd),
            Err(Errno::NOENT) => return Ok(None),
            // A link somewhere, or a kernel without the call: part by part, then.
            Err(_) => {}
        }
        let Some(place) = self.place_if_present(path)? else { return Ok(None) };
        let here = |e| place.fault(e);
        let error = match place.open(OFlags::RDONLY) {
            Ok(fd) => return opened(fd),
            Err(Errno::NOENT) => return Ok(None),
            Err(e) => e,
        };
        // What cannot be opened can still be told apart: links, sockets, and files without permission.
        let Some(stat) = present(rfs::statat(&place.dir, place.name, NO_FOLLOW), &place)? else { return Ok(None) };
        let stat = stat_of(&stat);
        match stat.kind {
            Kind::Link => {
                let target = rfs::readlinkat(&place.dir, place.name, Vec::new()).map_err(here)?;
                let target = PathBuf::from(std::ffi::OsStr::from_bytes(target.as_bytes()));
                Ok(Some(Found { stat, content: None, target: Some(target) }))
            }
            Kind::File => Err(here(error)),
            Kind::Dir | Kind::Special => Ok(Some(Found { stat, content: None, target: None })),
        }
    }

    fn digest(&self, path: &Path) -> Result<blake3::Hash, Fault> {
        let (file, _) = self.open_file(path)?;
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(file).map_err(|e| super::errno::from_io(path, &e))?;
        Ok(hasher.finalize())
    }

    fn same_content(&self, one: &Path, other: &Path) -> Result<bool, Fault> {
        let (mut a, a_stat) = self.open_file(one)?;
        let (mut b, b_stat) = self.open_file(other)?;
        if a_stat.size != b_stat.size {
            return Ok(false);
        }
        let (mut left, mut right) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
        loop {
            let n = a.read(&mut left).map_err(|e| super::errno::from_io(one, &e))?;
            if n == 0 {
                return Ok(b.read(&mut right).map_err(|e| super::errno::from_io(other, &e))? == 0);
            }
            match b.read_exact(&mut right[..n]) {
                Ok(()) if left[..n] == right[..n] => {}
                Ok(()) => return Ok(false),
                Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(false),
                Err(e) => return Err(super::errno::from_io(other, &e)),
            }
        }
    }

    fn list(&self, path: &Path) -> Result<Vec<Entry>, Fault> {
        let place = self.place(path)?;
        let here = |e| place.fault(e);
        let fd = place.open(OFlags::RDONLY | OFlags::DIRECTORY).map_err(here)?;
        let mut entries = Vec::new();
        for entry in Dir::read_from(&fd).map_err(here)? {
            let entry = entry.map_err(here)?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            // An entry that vanished since is no entry.
            if let Some(stat) = present(rfs::statat(&fd, name, NO_FOLLOW), &place)? {
                let name = std::ffi::OsStr::from_bytes(name.to_bytes()).to_owned();
                entries.push(Entry { name, stat: stat_of(&stat) });
            }
        }
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn mounts_below(&self, path: &Path) -> Result<Vec<PathBuf>, Fault> {
        split(path)?;
        let whole = self.prefix.join(below(path));
        let Some(table) = self.kernel_file("/proc/self/mountinfo") else { return Ok(Vec::new()) };
        let points = table.lines().filter_map(|line| line.split(' ').nth(4)).map(unescape);
        Ok(points.filter(|point| point.starts_with(&whole)).collect())
    }

    fn peek(&self, path: &Path, follow: bool) -> Result<Option<Stat>, Fault> {
        split(path)?;
        let looked = match (&self.root, follow) {
            (None, true) => rfs::stat(path),
            (None, false) => rfs::lstat(path),
            (Some(_), _) => match self.walk(path, follow, Trust::Anyone) {
                Ok(fd) => rfs::fstat(&fd),
                Err(f) if matches!(f.kind, FaultKind::NotFound | FaultKind::WrongKind | FaultKind::UnsafePath) => {
                    return Ok(None);
                }
                Err(f) => return Err(f),
            },
        };
        match looked {
            Ok(stat) => Ok(Some(stat_of(&stat))),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
            Err(e) => Err(fault(path, e)),
        }
    }

    fn read(&self, path: &Path, limit: u64) -> Result<Option<Vec<u8>>, Fault> {
        let fd = match self.open_as_seen(path) {
            Ok(fd) => fd,
            Err(f) if matches!(f.kind, FaultKind::NotFound | FaultKind::WrongKind | FaultKind::UnsafePath) => {
                return Ok(None);
            }
            Err(f) => return Err(f),
        };
        let stat = stat_of(&rfs::fstat(&fd).map_err(|e| fault(path, e))?);
        if stat.kind != Kind::File {
            return Ok(None);
        }
        match read_all(&fd, stat.size, limit).map_err(|e| fault(path, e))? {
            Some(content) => Ok(Some(content)),
            None => Err(Fault::new(FaultKind::TooLarge, format!("`{}` is larger than {limit} bytes", path.display()))),
        }
    }

    fn kernel_file(&self, path: &str) -> Option<String> {
        std::fs::read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    fn is_program(&self, path: &Path) -> bool {
        rfs::stat(path).is_ok_and(|stat| {
            rfs::FileType::from_raw_mode(stat.st_mode) == rfs::FileType::RegularFile && stat.st_mode & 0o111 != 0
        })
    }

    fn user(&self, name: &str) -> Result<Option<User>, Fault> {
        self.users.user(name)
    }

    fn user_by_id(&self, uid: u32) -> Result<Option<User>, Fault> {
        self.users.user_by_id(uid)
    }

    fn group(&self, name: &str) -> Result<Option<u32>, Fault> {
        self.users.group(name)
    }

    fn group_by_id(&self, gid: u32) -> Result<Option<String>, Fault> {
        self.users.group_by_id(gid)
    }

    fn acting_uid(&self) -> u32 {
        identity::acting_uid()
    }

    fn root(&self) -> Option<&Path> {
        self.root.as_ref().map(|_| self.named.as_path())
    }

    fn uname(&self) -> Uname {
        let uname = rustix::system::uname();
        let text = |s: &std::ffi::CStr| s.to_string_lossy().into_owned();
        Uname {
            sysname: text(uname.sysname()),
            nodename: text(uname.nodename()),
            release: text(uname.release()),
            machine: text(uname.machine()),
        }
    }

    fn processors(&self) -> usize {
        match rustix::thread::sched_getaffinity(None) {
            Ok(set) => set.count().max(1) as usize,
            Err(_) => 1,
        }
    }

    fn source_address(&self) -> Option<IpAddr> {
        network::source_address()
    }

    fn connects(&self, host: &str, port: u16, within: Duration) -> bool {
        network::connects(host, port, within)
    }
}

/// A path of the mount table, where blanks are octal.
fn unescape(text: &str) -> PathBuf {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let octal = text.get(i + 1..i + 4).filter(|_| bytes[i] == b'\\').and_then(|d| u8::from_str_radix(d, 8).ok());
        out.push(octal.unwrap_or(bytes[i]));
        i += if octal.is_some() { 4 } else { 1 };
    }
    PathBuf::from(std::ffi::OsStr::from_bytes(&out))
}

/// The path under which this process reaches an open directory.
pub(super) fn path_of(fd: &impl AsFd, path: &Path) -> Result<PathBuf, Fault> {
    let link = format!("/proc/self/fd/{}", fd.as_fd().as_raw_fd());
    let target = rfs::readlink(link, Vec::new()).map_err(|e| fault(path, e))?;
    Ok(PathBuf::from(std::ffi::OsStr::from_bytes(target.as_bytes())))
}
