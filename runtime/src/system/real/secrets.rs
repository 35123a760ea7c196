//! Fetches secrets: variables of this process and files of the node. What is read is judged on the open file, so that
//! nobody can exchange it in between, and goes nowhere but into memory that is wiped.
//!
//! Unaware of: what a secret must be like (`secrets/rules.rs`), and what it is for.

use super::Real;
use super::errno::fault;
use super::files::stat_of;
use super::place::Trust;
use crate::secrets::{Secret, rules};
use crate::system::Reader;
use ipcmm_bytecode::limits::SECRET_BYTES;
use ipcmm_bytecode::secret::Address;
use ipcmm_bytecode::{Fault, FaultKind};
use rustix::fs::{Mode, OFlags, fstat, open};
use rustix::io::{Errno, read};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use zeroize::Zeroizing;

impl Real {
    /// The secret at an address; `None` if there is none.
    pub(super) fn fetch(&self, address: &Address<'_>) -> Result<Option<Secret>, Fault> {
        let bytes = match address {
            Address::Env(name) => match std::env::var_os(name) {
                Some(value) => Zeroizing::new(value.into_vec()),
                None => return Ok(None),
            },
            Address::File(path) => match self.secret_file(path)? {
                Some(bytes) => bytes,
                None => return Ok(None),
            },
        };
        rules::read(address, bytes).map(Some)
    }

    /// The content of a file that is kept safe. Links are followed if root made them, as on every way.
    fn secret_file(&self, path: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        let here = |e| fault(Path::new(path), e);
        let found = match self.walk(Path::new(path), true, Trust::Root) {
            Ok(found) => found,
            Err(fault) if fault.kind == FaultKind::NotFound => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let judge = |stat: &rustix::fs::Stat| rules::guard(path, &stat_of(stat), self.acting_uid());
        // Before it is opened: opening a pipe or a device may wait or do anything.
        judge(&fstat(&found).map_err(here)?)?;
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = open(format!("/proc/self/fd/{}", found.as_raw_fd()), flags, Mode::empty()).map_err(here)?;
        judge(&fstat(&file).map_err(here)?)?;
        // All the room there can be at once, so that no copy is left behind where a buffer grew.
        let mut bytes = Zeroizing::new(vec![0; SECRET_BYTES as usize + 1]);
        let mut length = 0;
        while length < bytes.len() {
            match read(&file, &mut bytes[length..]) {
                Ok(0) => break,
                Ok(more) => length += more,
                Err(Errno::INTR) => {}
                Err(e) => return Err(here(e)),
            }
        }
        bytes.truncate(length);
        Ok(Some(bytes))
    }
}
