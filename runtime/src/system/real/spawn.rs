//! Starting a program as another user, or with one more open file.
//!
//! The standard library does both by a fork, which copies the page tables of the whole agent: 160 ms where
//! the agent is large, instead of 0.6 ms. Here the child borrows the parent's memory until it executes, and
//! only the calling thread waits for that. Price: between taking the user's identity and executing, that
//! user can stop the child and with it this one thread; the memory is out of reach, see [`start`].
#![allow(unsafe_code, reason = "a child that shares memory with its parent has no safe interface")]

use rustix::io::Errno;
use rustix::process::{DumpableBehavior, Pid, set_dumpable_behavior};
use std::ffi::{CStr, CString, c_char, c_int, c_long, c_void};
use std::os::fd::RawFd;
use std::ptr;

/// Room for the child: its deepest call is `execve`.
const STACK: usize = 64 * 1024;

/// Whom a child becomes.
pub(super) struct Identity {
    pub uid: u32,
    pub gid: u32,
    pub groups: Vec<u32>,
}

/// Everything a child needs, made before it exists: it must not allocate.
pub(super) struct Birth<'a> {
    pub program: &'a CStr,
    pub argv: &'a [CString],
    pub env: &'a [CString],
    pub cwd: &'a CStr,
    /// Standard input, output and error; none of them below 3.
    pub streams: [RawFd; 3],
    /// A further file that stays open.
    pub inherit: Option<RawFd>,
    pub identity: Option<Identity>,
}

/// What a child was doing when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Prepare,
    Identity,
    Directory,
    Execute,
}

/// What parent and child share.
struct Shared<'a> {
    birth: &'a Birth<'a>,
    argv: Vec<*const c_char>,
    env: Vec<*const c_char>,
    failed: Option<(Step, Errno)>,
}

/// Starts a program in a process group of its own.
pub(super) fn start(birth: &Birth<'_>) -> Result<Pid, (Step, Errno)> {
    let prepare = |e| (Step::Prepare, e);
    if birth.streams.iter().any(|&fd| fd < 3) {
        return Err(prepare(Errno::BADF));
    }
    if birth.identity.is_some() {
        // The child is soon a process of that user, in our memory. The kernel lets nobody attach to a
        // process that is not dumpable, and an agent that holds root's work has no use for core files.
        set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(prepare)?;
    }
    let pointers = |texts: &[CString]| texts.iter().map(|t| t.as_ptr()).chain([ptr::null()]).collect();
    let mut shared = Shared { birth, argv: pointers(birth.argv), env: pointers(birth.env), failed: None };
    let mut stack: Vec<u128> = Vec::with_capacity(STACK / 16);
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
    // SAFETY: the signal sets are plain data the calls fill. `top` is the aligned end of memory that lives,
    // like `shared`, until CLONE_VFORK lets this thread go on, which is when the child no longer uses them;
    // no reference to `shared` is held meanwhile. All signals are blocked so that no handler of ours runs
    // in the child. `child` never returns into Rust code that belongs to the parent.
    let pid = unsafe {
        let (mut all, mut before): (libc::sigset_t, libc::sigset_t) = (std::mem::zeroed(), std::mem::zeroed());
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
        let top = stack.as_mut_ptr().add(STACK / 16).cast::<c_void>();
        let pid = libc::clone(child, top, flags, (&raw mut shared).cast());
        let error = Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO);
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, ptr::null_mut());
        if pid < 0 { Err(prepare(error)) } else { Ok(pid) }
    }?;
    // SAFETY: the child wrote it, if at all, before this thread went on; a volatile read sees memory as it is.
    let failed = unsafe { ptr::read_volatile(&raw const shared.failed) };
    let pid = Pid::from_raw(pid).ok_or(prepare(Errno::CHILD))?;
    match failed {
        None => Ok(pid),
        Some(failed) => {
            let _ = rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::empty());
            Err(failed)
        }
    }
}

/// The child. System calls only: it lives in the parent's memory, where locks may be held by other threads.
extern "C" fn child(shared: *mut c_void) -> c_int {
    // SAFETY: `start` passes its own `Shared` and does not touch it before this process executes or ends.
    // The calls take integers and pointers into it. The C library's wrappers for ids would change every
    // thread of the parent, hence the bare calls. No path allocates, unwinds, or returns to the caller's code.
    unsafe {
        let shared = shared.cast::<Shared<'_>>();
        let failed = attempt(&*shared);
        (*shared).failed = Some(failed);
        libc::_exit(127)
    }
}

/// Becomes the program, or tells what failed.
///
/// # Safety
/// Only for [`child`]: it gives the calling process away.
unsafe fn attempt(shared: &Shared<'_>) -> (Step, Errno) {
    let failed = |step, result: c_long| (result < 0).then(|| (step, last_error()));
    let birth = shared.birth;
    // SAFETY: see `child`. The kernel's signal action is at most 32 bytes, and all zeroes is the default;
    // its signal set is 8 bytes.
    unsafe {
        let mut first = failed(Step::Prepare, libc::setpgid(0, 0).into());
        for (target, &fd) in birth.streams.iter().enumerate() {
            first = first.or_else(|| failed(Step::Prepare, libc::dup2(fd, target as c_int).into()));
        }
        if let Some(fd) = birth.inherit {
            first = first.or_else(|| failed(Step::Prepare, libc::fcntl(fd, libc::F_SETFD, 0).into()));
        }
        if let Some(id) = &birth.identity {
            let groups = || libc::syscall(libc::SYS_setgroups, id.groups.len(), id.groups.as_ptr());
            first = first.or_else(|| failed(Step::Identity, groups()));
            first =
                first.or_else(|| failed(Step::Identity, libc::syscall(libc::SYS_setresgid, id.gid, id.gid, id.gid)));
            first =
                first.or_else(|| failed(Step::Identity, libc::syscall(libc::SYS_setresuid, id.uid, id.uid, id.uid)));
        }
        // After the identity: whether the directory may be entered is for that user to say.
        first = first.or_else(|| failed(Step::Directory, libc::chdir(birth.cwd.as_ptr()).into()));
        if let Some(failed) = first {
            return failed;
        }
        let (default, none) = ([0_u64; 4], 0_u64);
        for signal in 1..=64 {
            libc::syscall(libc::SYS_rt_sigaction, signal, default.as_ptr(), ptr::null::<u64>(), 8_usize);
        }
        libc::syscall(libc::SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const none, ptr::null::<u64>(), 8_usize);
        libc::execve(birth.program.as_ptr(), shared.argv.as_ptr(), shared.env.as_ptr());
        (Step::Execute, last_error())
    }
}

/// The error of the last call.
fn last_error() -> Errno {
    Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO)
}
