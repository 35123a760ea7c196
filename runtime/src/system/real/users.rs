//! The users and groups of the node.
//!
//! The files `/etc/passwd` and `/etc/group` are read once and again when they change, so that owners of ten
//! thousand files cost no more than one; names they do not know are asked of the C library, which knows
//! directories as well. With a root prefix only its files count, unless it has none.
#![allow(unsafe_code, reason = "the user database of the C library is reached by raw pointers only")]

use super::errno;
use crate::system::User;
use ipcmm_bytecode::{Fault, FaultKind};
use rustix::io::Errno;
use std::ffi::{CStr, CString};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What tells one version of a file from the next.
type Stamp = (u64, u64, i64, i64);

/// The rows of one file, and the version they were read from.
#[derive(Debug)]
struct Table<T> {
    path: PathBuf,
    rows: Mutex<Option<(Stamp, Arc<[T]>)>>,
    parse: fn(&str) -> Option<T>,
}

impl<T> Table<T> {
    fn new(path: PathBuf, parse: fn(&str) -> Option<T>) -> Table<T> {
        Table { path, rows: Mutex::new(None), parse }
    }

    /// The rows as they are now; `None` if there is no file.
    fn rows(&self) -> Option<Arc<[T]>> {
        let meta = std::fs::metadata(&self.path).ok()?;
        let stamp = (meta.ino(), meta.size(), meta.mtime(), meta.mtime_nsec());
        let mut cache = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, rows)) = cache.as_ref()
            && *known == stamp
        {
            return Some(rows.clone());
        }
        let bytes = std::fs::read(&self.path).ok()?;
        let rows: Arc<[T]> = String::from_utf8_lossy(&bytes).lines().filter_map(self.parse).collect();
        *cache = Some((stamp, rows.clone()));
        Some(rows)
    }
}

/// Users and groups, by name and by number.
#[derive(Debug)]
pub(super) struct Database {
    users: Table<User>,
    groups: Table<(String, u32)>,
    whole_machine: bool,
}

impl Database {
    pub(super) fn new(prefix: &Path) -> Database {
        Database {
            users: Table::new(prefix.join("etc/passwd"), parse_user),
            groups: Table::new(prefix.join("etc/group"), parse_group),
            whole_machine: prefix == Path::new("/"),
        }
    }

    pub(super) fn user(&self, name: &str) -> Result<Option<User>, Fault> {
        let rows = self.users.rows();
        match rows.as_ref().and_then(|r| r.iter().find(|u| u.name == name)) {
            Some(user) => Ok(Some(user.clone())),
            None if rows.is_some() && !self.whole_machine => Ok(None),
            None => user_by(Key::Name(name)),
        }
    }

    pub(super) fn user_by_id(&self, uid: u32) -> Result<Option<User>, Fault> {
        let rows = self.users.rows();
        match rows.as_ref().and_then(|r| r.iter().find(|u| u.uid == uid)) {
            Some(user) => Ok(Some(user.clone())),
            None if rows.is_some() && !self.whole_machine => Ok(None),
            None => user_by(Key::Id(uid)),
        }
    }

    pub(super) fn group(&self, name: &str) -> Result<Option<u32>, Fault> {
        let rows = self.groups.rows();
        match rows.as_ref().and_then(|r| r.iter().find(|g| g.0 == name)) {
            Some(group) => Ok(Some(group.1)),
            None if rows.is_some() && !self.whole_machine => Ok(None),
            None => Ok(group_by(Key::Name(name))?.map(|g| g.1)),
        }
    }

    pub(super) fn group_by_id(&self, gid: u32) -> Result<Option<String>, Fault> {
        let rows = self.groups.rows();
        match rows.as_ref().and_then(|r| r.iter().find(|g| g.1 == gid)) {
            Some(group) => Ok(Some(group.0.clone())),
            None if rows.is_some() && !self.whole_machine => Ok(None),
            None => Ok(group_by(Key::Id(gid))?.map(|g| g.0)),
        }
    }
}

/// `name:password:uid:gid:comment:home:shell`
fn parse_user(line: &str) -> Option<User> {
    let mut parts = line.split(':');
    let name = parts.next().filter(|n| !n.is_empty() && !n.starts_with(['#', '+', '-']))?;
    let (uid, gid) = (parts.nth(1)?.parse().ok()?, parts.next()?.parse().ok()?);
    Some(User { name: name.to_owned(), uid, gid, home: parts.nth(1)?.to_owned() })
}

/// `name:password:gid:members`
fn parse_group(line: &str) -> Option<(String, u32)> {
    let mut parts = line.split(':');
    let name = parts.next().filter(|n| !n.is_empty() && !n.starts_with(['#', '+', '-']))?;
    Some((name.to_owned(), parts.nth(1)?.parse().ok()?))
}

/// What an entry is looked up by.
#[derive(Clone, Copy)]
enum Key<'a> {
    Name(&'a str),
    Id(u32),
}

/// Calls `ask` with a buffer that grows until the answer fits; `ask` returns the error number of the C library.
fn with_buffer<T>(mut ask: impl FnMut(&mut [libc::c_char]) -> Result<Option<T>, i32>) -> Result<Option<T>, Fault> {
    let mut buffer = vec![0; 1024];
    loop {
        match ask(&mut buffer) {
            Ok(found) => return Ok(found),
            Err(libc::ERANGE) if buffer.len() < 1 << 22 => buffer.resize(buffer.len() * 4, 0),
            Err(libc::EINTR) => {}
            // Directories report a name they do not know in several ways.
            Err(libc::ENOENT | libc::ESRCH | libc::EBADF | libc::EPERM) => return Ok(None),
            Err(code) => {
                let text = errno::text(Errno::from_raw_os_error(code));
                return Err(Fault::new(FaultKind::Io, format!("the user database: {text}")));
            }
        }
    }
}

fn user_by(key: Key<'_>) -> Result<Option<User>, Fault> {
    let Some(name) = c_name(key) else { return Ok(None) };
    with_buffer(|buffer| {
        // SAFETY: passwd is a plain C structure of integers and pointers, for which all zeroes is a value.
        let mut row: libc::passwd = unsafe { std::mem::zeroed() };
        let mut found = std::ptr::null_mut();
        let (at, len) = (buffer.as_mut_ptr(), buffer.len());
        // SAFETY: row, buffer and found outlive the call, the length is that of the buffer, the name ends in NUL.
        let code = unsafe {
            match key {
                Key::Name(_) => libc::getpwnam_r(name.as_ptr(), &mut row, at, len, &mut found),
                Key::Id(uid) => libc::getpwuid_r(uid, &mut row, at, len, &mut found),
            }
        };
        match (code, found.is_null()) {
            (0, true) => Ok(None),
            // SAFETY: on success the fields point to texts in the buffer, which is still alive.
            (0, false) => Ok(Some(unsafe {
                User { name: text(row.pw_name), uid: row.pw_uid, gid: row.pw_gid, home: text(row.pw_dir) }
            })),
            (code, _) => Err(code),
        }
    })
}

fn group_by(key: Key<'_>) -> Result<Option<(String, u32)>, Fault> {
    let Some(name) = c_name(key) else { return Ok(None) };
    with_buffer(|buffer| {
        // SAFETY: as for passwd.
        let mut row: libc::group = unsafe { std::mem::zeroed() };
        let mut found = std::ptr::null_mut();
        let (at, len) = (buffer.as_mut_ptr(), buffer.len());
        // SAFETY: as for users.
        let code = unsafe {
            match key {
                Key::Name(_) => libc::getgrnam_r(name.as_ptr(), &mut row, at, len, &mut found),
                Key::Id(gid) => libc::getgrgid_r(gid, &mut row, at, len, &mut found),
            }
        };
        match (code, found.is_null()) {
            (0, true) => Ok(None),
            // SAFETY: as for users.
            (0, false) => Ok(Some((unsafe { text(row.gr_name) }, row.gr_gid))),
            (code, _) => Err(code),
        }
    })
}

/// The groups a session of `user` would have, the primary one included.
pub(super) fn groups_of(user: &User) -> Vec<u32> {
    let Ok(name) = CString::new(user.name.as_str()) else { return vec![user.gid] };
    let mut groups: Vec<libc::gid_t> = vec![0; 64];
    loop {
        let mut count = groups.len() as libc::c_int;
        // SAFETY: the list has `count` places, the call writes at most as many and then the number it has.
        let fits = unsafe { libc::getgrouplist(name.as_ptr(), user.gid, groups.as_mut_ptr(), &mut count) } >= 0;
        if fits {
            groups.truncate(count.max(0) as usize);
            return groups;
        }
        if groups.len() >= 1 << 16 {
            return vec![user.gid];
        }
        groups.resize((count.max(0) as usize).max(groups.len() * 2), 0);
    }
}

/// The name as C text; an empty one for a number. A name that holds NUL names nobody.
fn c_name(key: Key<'_>) -> Option<CString> {
    match key {
        Key::Name(name) => CString::new(name).ok(),
        Key::Id(_) => Some(CString::default()),
    }
}

/// # Safety
/// `text` is null or points to text that ends in NUL and lives as long as this call.
unsafe fn text(text: *const libc::c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: promised by the caller.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}
