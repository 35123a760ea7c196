//! Acting as another user on the file system, for one thread.
//!
//! The kernel keeps a file-system user and group for each thread; changing them takes the rights of root
//! over files away and leaves the rest of the process alone. The C library's own calls change every thread
//! of the process, therefore the system calls are made directly.
#![allow(unsafe_code, reason = "setfsuid and setfsgid exist neither in the standard library nor in rustix")]

use crate::system::{Impersonation, User};
use rustix::io::Errno;
use rustix::process::{Gid, Uid};
use rustix::thread::set_thread_groups;
use std::cell::Cell;

thread_local! {
    /// The user this thread acts as on the file system, if it is not that of the process.
    static ACTING: Cell<Option<u32>> = const { Cell::new(None) };
}

/// The user this thread acts as.
pub(super) fn acting_uid() -> u32 {
    ACTING.get().unwrap_or_else(|| rustix::process::geteuid().as_raw())
}

/// Whether file operations of this thread have the rights of root.
pub(super) fn acts_as_root() -> bool {
    acting_uid() == 0
}

/// Acts as `user` until the result is dropped.
pub(super) fn act_as(user: &User, groups: &[u32]) -> Result<Impersonation, Errno> {
    let before = ACTING.get();
    let own_groups = rustix::process::getgroups()?;
    let own_gid = rustix::process::getegid();
    let own_uid = rustix::process::geteuid();
    let groups: Vec<Gid> = groups.iter().map(|&g| Gid::from_raw(g)).collect();
    // From here on every way out, this function's errors included, restores what was.
    let undo = Impersonation::until(move || {
        set_file_ids(own_uid, own_gid);
        let restored = set_thread_groups(&own_groups).is_ok() && file_ids() == (own_uid.as_raw(), own_gid.as_raw());
        if !restored {
            // A thread that goes on as somebody else would do the next task with the wrong rights.
            std::process::abort();
        }
        ACTING.set(before);
    });
    set_thread_groups(&groups)?;
    // The user last: afterwards the thread may no longer choose a group.
    set_file_ids(Uid::from_raw(user.uid), Gid::from_raw(user.gid));
    if file_ids() != (user.uid, user.gid) {
        return Err(Errno::PERM);
    }
    ACTING.set(Some(user.uid));
    Ok(undo)
}

/// Sets the ids of this thread. The calls report no errors; [`file_ids`] tells what came of them.
fn set_file_ids(uid: Uid, gid: Gid) {
    // SAFETY: both take one integer, touch no memory, and affect only the calling thread.
    unsafe {
        libc::syscall(libc::SYS_setfsgid, gid.as_raw());
        libc::syscall(libc::SYS_setfsuid, uid.as_raw());
    }
}

/// The ids of this thread: an id that cannot exist is refused and the present one returned.
fn file_ids() -> (u32, u32) {
    // SAFETY: as above; -1 is no valid id and changes nothing.
    unsafe { (libc::syscall(libc::SYS_setfsuid, -1) as u32, libc::syscall(libc::SYS_setfsgid, -1) as u32) }
}
