//! The machine itself.
//!
//! With a root prefix the files of a whole run lie below a scratch directory: `/etc/passwd` is
//! `<root>/etc/passwd`, and no link inside leads out. Commands, kernel files, facts of the kernel and the
//! network are not re-rooted; users come from the prefix if it has an `/etc/passwd`.
//! Unsafe code is confined to `spawn`, `users` and `identity`.

mod changes;
mod errno;
mod files;
mod identity;
mod network;
mod place;
mod process;
mod scratch;
mod secrets;
mod spawn;
mod users;

use super::{Impersonation, System, User};
use crate::secrets::Secret;
use errno::fault;
use ipcmm_bytecode::secret::Address;
use ipcmm_bytecode::{Fault, FaultKind};
use rustix::fs::{CWD, Mode, OFlags, open};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

/// The operating system this process runs on.
#[derive(Debug)]
pub struct Real {
    root: Option<OwnedFd>,
    prefix: PathBuf,
    /// What the node is told its root is.
    named: PathBuf,
    users: users::Database,
    scratch: PathBuf,
    time_zone: Option<String>,
}

impl Real {
    /// The whole machine, or the files below `root` only, which must be a directory.
    pub fn new(root: Option<PathBuf>) -> Result<Real, Fault> {
        let (fd, prefix) = match root {
            None => (None, PathBuf::from("/")),
            Some(path) => {
                let path = path.canonicalize().map_err(|e| errno::from_io(&path, &e))?;
                let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
                (Some(open(&path, flags, Mode::empty()).map_err(|e| fault(&path, e))?), path)
            }
        };
        Ok(Real {
            users: users::Database::new(&prefix),
            root: fd,
            named: prefix.clone(),
            prefix,
            scratch: std::env::temp_dir(),
            time_zone: std::env::var("TZ").ok(),
        })
    }

    /// The same files, said to be below `root`: an empty directory can stand for one that an apply would make.
    pub fn standing_for(self, root: PathBuf) -> Real {
        Real { named: root, ..self }
    }

    /// Where relative names of the root directory start.
    fn base(&self) -> BorrowedFd<'_> {
        self.root.as_ref().map_or(CWD, AsFd::as_fd)
    }
}

impl System for Real {
    fn impersonate(&self, user: &User) -> Result<Impersonation, Fault> {
        let groups = users::groups_of(user);
        identity::act_as(user, &groups).map_err(|e| {
            Fault::new(FaultKind::PermissionDenied, format!("cannot act as user `{}`: {}", user.name, errno::text(e)))
        })
    }

    fn secret(&self, address: &Address<'_>) -> Result<Option<Secret>, Fault> {
        self.fetch(address)
    }
}
